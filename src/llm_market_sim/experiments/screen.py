"""A screen of all parameters: what each moves over its plausible range, one at a time.

The same worlds run with the low and with the high end of the range, on the same luck; a parameter's
effect on an outcome is the mean difference in standard deviations between worlds. What moves
nothing by a fifth of one deserves no place in the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from llm_market_sim.experiments.levers import OUTCOMES, WEEKS
from llm_market_sim.market.state import Array
from llm_market_sim.scenario import SECTIONS, Scenario, current, plausible, variable, wrong_with
from llm_market_sim.scenario.timeline import split
from llm_market_sim.simulation import simulate

MORE = (  # outcomes beside those of levers
    "firms_alive entered licensed services users_developer users_enterprise users_public raised "
    "gpu_price cards_owned price_over_cost_consumer price_over_cost_enterprise open_weights "
    "frontier hype acquired closed"
).split()


@dataclass(frozen=True)
class Screened:
    """What a parameter moves most: the outcome, its week, and the size in standard deviations.

    low, high: the values compared; of a mapping, factors on its values.
    """

    path: str
    low: float
    high: float
    outcome: str
    week: int
    size: float


def range_of(scenario: Scenario, path: str) -> tuple[float, float]:
    """The plausible range, or a half and twice the value where none is declared, within bounds."""
    given = plausible(scenario, path)
    if given is not None:
        return given
    section, name, _ = split(path)
    extra: Any = SECTIONS[section].model_fields[name].json_schema_extra
    value = current(scenario, path)
    low, high = (0.5 * value, 2.0 * value) if value else (0.0, float(extra.get("try", 1.0)))
    if wrong_with(scenario, path, [high]) is not None:
        high = value
    return low, high


def screen(
    scenario: Scenario, worlds: int = 64, seed: int = 1, paths: Iterable[str] | None = None
) -> Iterator[Screened]:
    """Each parameter's largest effect, in the order of the tables."""
    usual = _outcomes(scenario, worlds, seed, {})
    spread = {key: float(np.std(values, ddof=1)) for key, values in usual.items()}
    for path in variable() if paths is None else paths:
        low, high = range_of(scenario, path)
        ends = [
            _outcomes(scenario, worlds, seed, {path: np.full(worlds, value)})
            for value in (low, high)
        ]
        sizes = {
            key: float(np.mean(ends[1][key] - ends[0][key])) / spread[key]
            for key in usual
            if spread[key] > 0.0
        }
        week, outcome = max(sizes, key=lambda key: abs(sizes[key]))
        yield Screened(path, low, high, outcome, week, sizes[week, outcome])


def _outcomes(
    scenario: Scenario, worlds: int, seed: int, varied: Mapping[str, Array]
) -> dict[tuple[int, str], Array]:
    run = simulate(scenario, worlds, seed, events=False, varied=varied or None)
    return {
        (week, name): run.series[name][:, week] for week in WEEKS for name in (*OUTCOMES, *MORE)
    }
