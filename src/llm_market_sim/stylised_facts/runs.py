"""The runs that the facts are read from: five years, and the same with a head start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from llm_market_sim.market.state import Array
from llm_market_sim.scenario import Scenario, interventions
from llm_market_sim.simulation import Run, simulate_block
from llm_market_sim.stylised_facts.fact import HeadStart

__all__ = ["QUARTER", "WEEKS", "Runs", "run_for_facts"]

WEEKS = 260  # five years
QUARTER = 13  # weeks; a state is kept at the end of each
_AHEAD_WEEKS = (26.0, 52.0, 78.0, 156.0)  # what is looked at of a favoured firm


@dataclass(frozen=True)
class Runs:
    """Worlds as they are, over `WEEKS` weeks with a state every `QUARTER`; rows are worlds.

    ahead: by firm, the same worlds, in the same rows, with this firm ready earlier; to week 156.
    """

    base: Run
    ahead: Mapping[str, Run] = field(default_factory=dict)


def run_for_facts(
    scenario: Scenario,
    worlds: Sequence[int] | int,
    seed: int,
    head_start: HeadStart | None = None,
    varied: Mapping[str, Array] | None = None,
) -> Runs:
    """Simulate what the facts need, all worlds at once.

    worlds: how many, or their ids. head_start: who is favoured, of the firms that the scenario
    has; nobody without it. varied: values (W,) by path of parameters that differ by world.
    """
    ids = range(worlds) if isinstance(worlds, int) else worlds

    def run(one: Scenario, weeks: int, kept: Sequence[float]) -> Run:
        longer = one.model_copy(update={"horizon_weeks": weeks})
        return simulate_block(longer, ids, seed, snapshots=kept, events=False, varied=varied)

    quarters = [float(week) for week in range(0, WEEKS, QUARTER)]
    favoured = [firm for firm in head_start.firms if firm in scenario.players] if head_start else []
    return Runs(
        base=run(scenario, WEEKS, quarters),
        ahead={
            firm: run(_ahead(firm, head_start).apply(scenario), int(_AHEAD_WEEKS[-1]), _AHEAD_WEEKS)
            for firm in favoured
            if head_start
        },
    )


def _ahead(firm: str, head_start: HeadStart) -> interventions.HeadStart:
    return interventions.HeadStart(kind="head_start", firm=firm, weeks=head_start.weeks)
