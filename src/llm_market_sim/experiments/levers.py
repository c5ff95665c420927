"""Levers: what each change of the baseline moves, world by world on the same luck.

The levers are data (``scenarios/levers.yaml``). An effect is the mean difference between the same
worlds with and without the lever, in the outcome's unit and in standard deviations of the outcome
between the worlds of the baseline.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from llm_market_sim.errors import InputError, Problem, nearest
from llm_market_sim.market.state import Array
from llm_market_sim.scenario import Scenario, data_folder, load
from llm_market_sim.scenario.explain import validate_tree
from llm_market_sim.scenario.reading import Entry, Id, Text, load_each
from llm_market_sim.simulation import simulate
from llm_market_sim.summary.statistics import PairedDifference, paired

WEEKS = (37, 78)
COLUMNS = ("lever", "week", "outcome", "before", "difference", "low", "high", "spread", "size")
OUTCOMES: dict[str, str] = {  # series: a few words for it
    "platforms": "platforms",
    "g67": "G67",
    "startup_share": "startups' share",
    "bigtech_share": "big techs' share",
    "top_three_share": "CR3",
    "trainers": "trainers",
    "best_startup": "best startup",
    "best_capability": "best domestic model",
    "users_consumer": "consumers in use",
    "revenue": "revenue",
    "bankrupt": "bankruptcies",
}
_CASH = "cash."  # of the named firms of a kind


class Lever(Entry):
    """One change of the baseline."""

    id: Id = Field(description="its name in the file")
    about: Text = Field(description="what it is, as a clause")
    scenario: str = Field("baseline", description="the shipped scenario that it begins with")
    set: dict[str, Any] = Field({}, description="values by path, as after --set")
    times: dict[str, float] = Field({}, description="factors on the baseline's values by path")
    strong: bool = Field(False, description="it has to move two outcomes by half a deviation")

    def apply(self) -> Scenario:
        """The changed scenario. InputError where it speaks of what there is not."""
        values = dict(self.set)
        for path, factor in self.times.items():
            values |= _scaled(load(self.scenario), path, factor)
        return load(self.scenario, [f"{path}={value}" for path, value in values.items()])


def _scaled(scenario: Scenario, path: str, factor: float) -> dict[str, Any]:
    """Values of a path times a factor, by the paths of single values."""
    if path.startswith(_CASH):
        kind = path.removeprefix(_CASH)
        return {
            f"players.{id}.cash_musd": float(player.cash_musd.value * factor)
            for id, player in scenario.players.items()
            if player.kind == kind
        }
    value: Any = scenario
    for key in path.split("."):
        value = value[key] if isinstance(value, Mapping) else getattr(value, key)
    return {path: value * factor}


def load_levers(chosen: Sequence[str] = (), path: Path | None = None) -> dict[str, Lever]:
    """The levers of a file (the shipped one by default), or those chosen, by id.

    Raises InputError with every mistake and its place.
    """
    file = path or data_folder() / "levers.yaml"
    found = load_each(file, "levers", partial(validate_tree, Lever))
    for name in chosen:
        if name not in found:
            raise InputError([Problem("", "lever", f'no lever "{name}"; {nearest(name, found)}')])
    return {name: found[name] for name in chosen or found}


@dataclass(frozen=True)
class Effect:
    """What a lever does to an outcome at a week.

    spread: standard deviation of the outcome between the worlds of the baseline.
    """

    lever: str
    week: int
    outcome: str
    spread: float
    pairs: PairedDifference

    @property
    def size(self) -> float:
        """The mean difference in standard deviations; 0 where the outcome never differs at all."""
        if self.pairs.mean == 0.0:
            return 0.0
        return self.pairs.mean / self.spread if self.spread > 0.0 else float("inf")


def effects(
    levers: Iterable[Lever], worlds: int = 256, seed: int = 1, weeks: Sequence[int] = WEEKS
) -> list[Effect]:
    """Effects of levers on all outcomes, lever by lever, week by week.

    Memory is that of one scenario's series.
    """
    before = _outcomes(load("baseline"), worlds, seed, weeks)
    found = []
    for lever in levers:
        after = _outcomes(lever.apply(), worlds, seed, weeks)
        for (week, outcome), without in before.items():
            spread = float(np.std(without, ddof=1))
            pairs = paired(without, after[week, outcome])
            found.append(Effect(lever.id, week, outcome, spread, pairs))
    return found


def _outcomes(
    scenario: Scenario, worlds: int, seed: int, weeks: Sequence[int]
) -> dict[tuple[int, str], Array]:
    """Outcomes (W,) by week and name."""
    horizon = {"horizon_weeks": max(weeks)}
    run = simulate(scenario.model_copy(update=horizon), worlds, seed, events=False)
    return {(week, name): run.series[name][:, week] for week in weeks for name in OUTCOMES}


def moved(found: Iterable[Effect], least: float = 0.5) -> dict[str, list[str]]:
    """Of each lever, the outcomes that it moves by so many standard deviations in some week."""
    by_lever: dict[str, list[str]] = {}
    for one in found:
        names = by_lever.setdefault(one.lever, [])
        if abs(one.size) >= least and one.outcome not in names:
            names.append(one.outcome)
    return by_lever


def write(file: Path, found: Iterable[Effect]) -> None:
    """A row for each effect: lever, week, outcome, mean without and difference with its interval in
    the outcome's unit, spread between worlds, and size in such spreads."""
    with file.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(COLUMNS)
        for one in found:
            p = one.pairs
            numbers = (p.before, p.mean, p.low, p.high, one.spread, one.size)
            rows.writerow((one.lever, one.week, one.outcome, *(f"{x:.4g}" for x in numbers)))
