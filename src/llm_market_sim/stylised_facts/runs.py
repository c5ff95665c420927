"""The runs that the facts are read from: five years, and the same with a head start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from llm_market_sim.market.state import Array
from llm_market_sim.scenario import Scenario, interventions
from llm_market_sim.simulation import Run, simulate_block
from llm_market_sim.stylised_facts.fact import FirstMovers

WEEKS = 260  # five years
QUARTER = 13  # weeks; a state is kept at the end of each
QUARTERS = tuple(float(week) for week in range(0, WEEKS, QUARTER))
_AHEAD_WEEKS = (26.0, 52.0, 78.0, 156.0)  # what is looked at of a favoured firm


@dataclass(frozen=True)
class Runs:
    """Worlds as they are, over `WEEKS` weeks with a state every `QUARTER`; rows are worlds.

    ahead: by firm, the same worlds, in the same rows, with this firm ready earlier; to week 156.
    """

    base: Run
    ahead: Mapping[str, Run] = field(default_factory=dict)


def with_head_starts(
    run: Run, head_start: FirstMovers | None, varied: Mapping[str, Array] | None = None
) -> Runs:
    """A run over `WEEKS` weeks that kept its `QUARTERS`, and its worlds with each head start."""
    if head_start is None:
        return Runs(run)
    return Runs(
        run,
        {
            firm: simulate_block(
                _ahead(run.scenario, firm, head_start.weeks),
                run.worlds.tolist(),
                run.seed,
                snapshots=_AHEAD_WEEKS,
                events=False,
                varied=varied,
            )
            for firm in head_start.firms
            if firm in run.scenario.players
        },
    )


def _ahead(scenario: Scenario, firm: str, weeks: float) -> Scenario:
    changed = interventions.HeadStart(kind="head_start", firm=firm, weeks=weeks).apply(scenario)
    return changed.model_copy(update={"horizon_weeks": int(_AHEAD_WEEKS[-1])})
