"""Levers: what each change of the baseline moves, world by world on the same luck.

The levers are data (``scenarios/levers.yaml``). An effect is the mean difference between the same
worlds with and without the lever, in the outcome's unit and in standard deviations of the outcome
between the worlds of the baseline.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from llm_market_sim.errors import mistake, nearest
from llm_market_sim.market.state import Array
from llm_market_sim.scenario import Scenario, current, data_folder, load, scenarios
from llm_market_sim.scenario.explain import validate_tree
from llm_market_sim.scenario.model import Label
from llm_market_sim.scenario.reading import Entry, Id, load_each
from llm_market_sim.simulation import simulate
from llm_market_sim.summary.statistics import PairedDifference, paired
from llm_market_sim.support.files import read_csv, write_csv

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
MAPPED = ("platforms", "users_consumer", "startup_share", "best_startup", "revenue")
RENTS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0)  # times the baseline's
REVIEWS = (4.0, 6.0, 12.0, 20.0, 34.0, 52.0)  # weeks; the baseline's among them
_RENT, _REVIEW = "compute.price_usd_per_gpu_hour", "regulation.review_delay_weeks"
_CASH = "cash."  # of the named firms of a kind


class Lever(Entry):
    """One change of the baseline."""

    id: Id = Field(description="its name in the file")
    about: Label = Field(description="what it is, as a clause, in English and Chinese")
    label: Label | None = Field(None, description="its name on figures; else its scenario's")
    scenario: str = Field("baseline", description="the shipped scenario that it begins with")
    set: dict[str, Any] = Field({}, description="values by path, as after --set")
    times: dict[str, float] = Field({}, description="factors on the baseline's values by path")
    strong: bool = Field(False, description="it has to move two outcomes by half a deviation")
    why: str = Field("", description="why it moves fewer than two outcomes so, in a sentence")

    @property
    def name(self) -> Label:
        """What figures call it, in both languages."""
        return self.label or load(self.scenario).label

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
    """The levers of a file, or those chosen, by id.

    By default the shipped ones: those of the file, and each shipped scenario that none of them
    begins with. Raises InputError with every mistake and its place.
    """
    file = path or data_folder() / "levers.yaml"
    found = load_each(file, "levers", partial(validate_tree, Lever))
    if path is None:
        there = {"baseline", *(one.scenario for one in found.values())}
        for name in scenarios():
            if name not in there:
                label = load(name).label
                about = {"en": f"the scenario “{label['en']}”", "zh": f"情景“{label['zh']}”"}
                found[name] = Lever.model_validate({"id": name, "about": about, "scenario": name})
    for name in chosen:
        if name not in found:
            raise mistake("", f'no lever "{name}"; {nearest(name, found, "levers")}', "lever")
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
    rows = []
    for one in found:
        p = one.pairs
        numbers = (p.before, p.mean, p.low, p.high, one.spread, one.size)
        rows.append((one.lever, one.week, one.outcome, *(f"{x:.4g}" for x in numbers)))
    write_csv(file, COLUMNS, rows)


def sizes_of(file: Path) -> dict[str, dict[tuple[str, int], float]]:
    """Sizes as written, by lever, and by outcome and week."""
    found: dict[str, dict[tuple[str, int], float]] = {}
    for row in read_csv(file):
        found.setdefault(row["lever"], {})[row["outcome"], int(row["week"])] = float(row["size"])
    return found


@dataclass(frozen=True)
class Grid:
    """What two parameters do together: sizes in standard deviations against the baseline.

    rents: factors on the rent; reviews: weeks; sizes: (R, V) by outcome and week.
    """

    rents: tuple[float, ...]
    reviews: tuple[float, ...]
    sizes: dict[tuple[str, int], Array]

    @property
    def usual(self) -> tuple[int, int]:
        """The cell of the baseline."""
        return self.rents.index(1.0), self.reviews.index(current(load("baseline"), _REVIEW))


def map_rent_and_review(worlds: int = 256, seed: int = 1) -> Grid:
    """The same worlds at every pair of a rent and a mean time of review, on the same luck."""
    baseline = load("baseline")
    before = _outcomes(baseline, worlds, seed, WEEKS)
    shape = (len(RENTS), len(REVIEWS))
    sizes = {(outcome, week): np.zeros(shape) for week, outcome in before}
    for i, rent in enumerate(RENTS):
        for j, weeks in enumerate(REVIEWS):
            paths = {_RENT: rent * current(baseline, _RENT), _REVIEW: weeks}
            changed = load("baseline", [f"{path}={value}" for path, value in paths.items()])
            for (week, outcome), after in _outcomes(changed, worlds, seed, WEEKS).items():
                without = before[week, outcome]
                apart = float(np.mean(after - without))
                sizes[outcome, week][i, j] = apart / float(np.std(without, ddof=1))
    return Grid(RENTS, REVIEWS, sizes)


def write_grid(file: Path, grid: Grid) -> None:
    """A row for each cell, outcome and week."""
    rows = (
        (f"{rent:g}", f"{weeks:g}", week, outcome, f"{sizes[i, j]:.3f}")
        for (outcome, week), sizes in grid.sizes.items()
        for i, rent in enumerate(grid.rents)
        for j, weeks in enumerate(grid.reviews)
    )
    write_csv(file, ("rent", "review_weeks", "week", "outcome", "size"), rows)


def read_grid(file: Path) -> Grid:
    """A grid as written."""
    rows = read_csv(file)
    rents = tuple(sorted({float(row["rent"]) for row in rows}))
    reviews = tuple(sorted({float(row["review_weeks"]) for row in rows}))
    sizes: dict[tuple[str, int], Array] = {}
    for row in rows:
        key = row["outcome"], int(row["week"])
        cells = sizes.setdefault(key, np.zeros((len(rents), len(reviews))))
        at = rents.index(float(row["rent"])), reviews.index(float(row["review_weeks"]))
        cells[at] = float(row["size"])
    return Grid(rents, reviews, sizes)
