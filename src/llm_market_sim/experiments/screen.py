"""A screen of all parameters: what each moves over its plausible range, one at a time.

The same worlds run with the usual value and with either end of the range, on the same luck. Of all
outcomes, weeks and pairs of values the one that moves most is picked in one half of the worlds and
measured in the other, so that the size is not that of the luckiest of many. What moves nothing by a
fifth of a standard deviation between worlds, in the baseline or in a scenario that is made for it
(``scenarios/screen.yaml``), deserves no place in the model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, get_args

import numpy as np
import yaml

from llm_market_sim.errors import mistake, nearest
from llm_market_sim.experiments.levers import OUTCOMES, WEEKS
from llm_market_sim.market.state import Array
from llm_market_sim.scenario import (
    SECTIONS,
    Scenario,
    current,
    data_folder,
    load,
    plausible,
    variable,
    wrong_with,
)
from llm_market_sim.scenario.timeline import split
from llm_market_sim.simulation import simulate
from llm_market_sim.support.files import write_csv

COLUMNS = ("parameter", "scenario", "low", "high", "outcome", "week", "of", "size")
LEAST = 0.2  # standard deviations below which a parameter moves nothing
MORE = (  # outcomes beside those of levers
    "firms_alive entered launched licensed in_beta services acquired closed users_developer "
    "users_enterprise users_public tried_consumer raised raised_top_three gpu_price cards_owned "
    "price_over_cost_consumer price_over_cost_developer price_over_cost_enterprise "
    "price_over_cost_public best_bigtech best_listed listed_share open_weights frontier hype "
    "profit_total"
).split()
_NO_SPREAD = 1e-9  # rounding
_Numbers = Mapping[tuple[int, str], Array]


@dataclass(frozen=True)
class Screened:
    """What a parameter moves most: the outcome, its week, and the size in standard deviations.

    low, high: the values compared, as words; of a mapping, factors on its values. of: whether the
    mean moves, or the spread between worlds.
    """

    path: str
    scenario: str
    low: str
    high: str
    outcome: str
    week: int
    of: str
    size: float


_STATISTICS: dict[str, Callable[[Array], float]] = {
    "mean": lambda x: float(np.mean(x)),
    "spread": lambda x: float(np.std(x, ddof=1)),
}


def parameters() -> list[str]:
    """All parameters of all mechanisms, by path, in the order of the tables."""
    return [f"{section}.{name}" for section, one in SECTIONS.items() for name in one.model_fields]


def known(paths: Iterable[str]) -> list[str]:
    """Parameters by their paths, all of them where none is given. InputError for an unknown one."""
    every = parameters()
    for path in paths:
        if path not in every:
            raise mistake("", f"no such parameter; {nearest(path, every)}", path)
    return list(paths) or every


def made_for() -> dict[str, list[str]]:
    """The shipped scenarios in which a parameter matters that matters little in the baseline."""
    text = (data_folder() / "screen.yaml").read_text(encoding="utf-8")
    found: dict[str, list[str]] = yaml.safe_load(text)["made_for"]
    return found


def values_of(scenario: Scenario, path: str) -> list[Any]:
    """The values that are compared with the usual one: the ends of the plausible range, or a half
    and twice the value where none is declared; of what is no number, all other values."""
    section, name, _ = split(path)
    field = SECTIONS[section].model_fields[name]
    usual = getattr(getattr(scenario, section), name)
    if isinstance(usual, bool):
        return [not usual, *([usual] if _dated(scenario, path) else [])]
    if isinstance(usual, str):
        return [one for one in get_args(field.annotation) if one != usual]
    if isinstance(usual, list):
        return [[0.5 * one for one in usual], [2.0 * one for one in usual]]
    if path not in variable() and isinstance(usual, dict) and path.count(".") == 1:
        return [dict.fromkeys(usual, 0.0), dict.fromkeys(usual, 1.0)]  # 0 or 1 by segment
    value = current(scenario, path)
    ends = plausible(scenario, path) or ((0.5 * value, 2.0 * value) if value else (0.0, 1.0))
    return [one for one in ends if wrong_with(scenario, path, [one]) is None]


def _dated(scenario: Scenario, path: str) -> list[str]:
    """The events of the scenario's timeline that set a parameter, and nothing else."""
    return [name for name, event in scenario.timeline.items() if list(event.set) == [path]]


def screen(
    scenario: Scenario,
    worlds: int = 256,
    seed: int = 1,
    paths: Iterable[str] | None = None,
    least: float = LEAST,
) -> Iterator[Screened]:
    """What each parameter moves: the outcome of levers that it moves most, or, where that is less
    than `least`, the most of all outcomes; then entry by entry of a mapping; then in the scenarios
    that are made for it."""
    others = made_for()
    usual: dict[str, tuple[Scenario, _Numbers]] = {}
    for path in parameters() if paths is None else paths:
        best: Screened | None = None
        for name in (scenario.name, *others.get(path, ())):
            if name not in usual:
                one = scenario if name == scenario.name else load(name)
                usual[name] = (one, _outcomes(one, worlds, seed))
            for found in _tries(path, *usual[name], worlds, seed):
                if best is None or abs(found.size) > abs(best.size):
                    best = found
                if abs(best.size) >= least:
                    break
            else:
                continue
            break
        if best is not None:
            yield best


def _tries(
    path: str, scenario: Scenario, usual: _Numbers, worlds: int, seed: int
) -> Iterator[Screened]:
    """The parameter as a whole, by few outcomes and by all; then the entries of a mapping."""
    section, name, _ = split(path)
    value = getattr(getattr(scenario, section), name)
    entries = (
        [f"{path}.{key}" for key, one in value.items() if one] if isinstance(value, dict) else ()
    )
    for one in (path, *(entries if path in variable() else ())):
        ends = _ends(one, scenario, usual, worlds, seed)
        for names in (OUTCOMES, (*OUTCOMES, *MORE)):
            if (found := _largest(one, scenario.name, ends, usual, names)) is not None:
                yield found


def _ends(
    path: str, scenario: Scenario, usual: _Numbers, worlds: int, seed: int
) -> list[tuple[str, _Numbers]]:
    """Outcomes by value, the usual one first."""
    section, name, _ = split(path)
    if split(path)[0] + "." + split(path)[1] in variable():
        found = [(_word(current(scenario, path)), usual)]
        for value in values_of(scenario, path):
            varied = {path: np.full(worlds, value)}
            found.append((_word(value), _outcomes(scenario, worlds, seed, varied)))
        return found
    found = [(_word(getattr(getattr(scenario, section), name)), usual)]
    for value in values_of(scenario, path):
        changed = getattr(scenario, section).model_copy(update={name: value})
        kept = {k: v for k, v in scenario.timeline.items() if k not in _dated(scenario, path)}
        other = scenario.model_copy(update={section: changed, "timeline": kept})
        found.append((_word(value), _outcomes(other, worlds, seed)))
    return found


def _largest(
    path: str,
    scenario: str,
    ends: Sequence[tuple[str, _Numbers]],
    usual: _Numbers,
    names: Iterable[str],
) -> Screened | None:
    best, most = None, -1.0
    for (a, before), (b, after) in combinations(ends, 2):
        for week, name in ((week, name) for week in WEEKS for name in names):
            spread = float(np.std(usual[week, name], ddof=1))
            if spread < _NO_SPREAD:
                continue
            x, y = before[week, name], after[week, name]
            for of, rule in _STATISTICS.items():
                pick, size = ((rule(y[k::2]) - rule(x[k::2])) / spread for k in (0, 1))
                if abs(pick) > most:
                    most = abs(pick)
                    best = Screened(path, scenario, a, b, name, week, of, size)
    return best


def _word(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _outcomes(
    scenario: Scenario, worlds: int, seed: int, varied: Mapping[str, Array] | None = None
) -> _Numbers:
    run = simulate(scenario, worlds, seed, events=False, varied=varied)
    return {
        (week, name): run.series[name][:, week] for week in WEEKS for name in (*OUTCOMES, *MORE)
    }


def write(file: Path, found: Sequence[Screened]) -> None:
    """A row for each parameter."""
    write_csv(file, COLUMNS, ((*astuple(one)[:-1], f"{one.size:.2f}") for one in found))
