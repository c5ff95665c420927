"""What a batch gives: outcomes of every world, and the spread of its weekly series."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from llm_market_sim.batch.work import Kept
from llm_market_sim.market.state import Array
from llm_market_sim.scenario import Scenario
from llm_market_sim.summary.statistics import spread

__all__ = ["BatchResult", "ScenarioResult", "merge"]


@dataclass(frozen=True, eq=False)
class ScenarioResult:
    """Worlds 0 to W - 1 of one scenario."""

    scenario: Scenario
    weeks: Array  # (T + 1,)
    outcomes: dict[str, Array]  # name -> (W,): every series at the horizon
    measures: dict[str, Array]  # name -> (W,): what was asked and could be answered
    summary: dict[str, Array]  # name -> (6, T + 1): mean and 5, 25, 50, 75, 95 % of worlds
    series: Mapping[str, Array]  # name -> float32 (W, T + 1), where asked


@dataclass(frozen=True, eq=False)
class BatchResult:
    """All scenarios of a batch, in the order given; world k has the same luck in each."""

    seed: int
    worlds: int
    scenarios: tuple[ScenarioResult, ...]

    def __getitem__(self, name: str) -> ScenarioResult:
        """The results of a scenario by its name; KeyError if there is none."""
        for one in self.scenarios:
            if one.scenario.name == name:
                return one
        raise KeyError(name)


def merge(scenario: Scenario, parts: Sequence[Kept], keep: Collection[str] = ()) -> ScenarioResult:
    """The blocks of one scenario as one result, whatever the order in which they came.

    keep: names of the series whose every world is kept.
    """
    ordered = sorted(parts, key=lambda part: part.block.start)
    first = ordered[0]
    series = {
        name: np.concatenate([part.series[name] for part in ordered]) for name in first.series
    }
    return ScenarioResult(
        scenario=scenario,
        weeks=first.weeks,
        outcomes={n: np.concatenate([part.finals[n] for part in ordered]) for n in first.finals},
        measures={
            n: np.concatenate([part.measures[n] for part in ordered]) for n in first.measures
        },
        summary={name: spread(values) for name, values in series.items()},
        series={name: series[name] for name in series if name in keep},
    )
