"""Docking: does the market reproduce what others measured in another one?

China's group-buying sites, 2010 to 2014. The scenario takes the dates of entry and of the drought
from the data and nothing else; bands were fixed before it was run. What fails is told as failing.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from llm_market_sim.market.codes import CONSUMER
from llm_market_sim.market.state import Array
from llm_market_sim.scenario import Scenario, data_folder, load
from llm_market_sim.simulation import simulate

FILE = Path("history") / "group_buying.yaml"
_DATA = Path("history") / "group_buying.csv"
_START = dt.date(2010, 3, 1)  # the day that week 0 stands for
_SITES = 30  # that one firm stands for
_SERIES = ("G04", "G06", "G08", "G10", "G11")  # of one counter, by their ids in the data
PEAK = "G04"


@dataclass(frozen=True)
class Band:
    """What is asked of a number of every world: its name, a word for it, the week, low and high."""

    name: str
    about: str
    week: int
    low: float
    high: float


def week_of(day: dt.date) -> int:
    """The week of the scenario in which a day of those years lies."""
    return (day - _START).days // 7


BANDS = (
    Band("survivors_2012_02", "survivors of the peak, February 2012", 104, 0.60, 0.84),
    Band("survivors_2012_05", "survivors of the peak, May 2012", 117, 0.28, 0.58),
    Band("survivors_2013_12", "survivors of the peak, December 2013", 200, 0.02, 0.10),
    Band("survivors_2014_06", "survivors of the peak, June 2014", 226, 0.02, 0.08),
    Band("leader", "share of turnover of the first, June 2014", 226, 0.35, 0.65),
    Band("first_five", "share of turnover of the first five, June 2014", 226, 0.90, 1.0),
)

VARIANTS: Mapping[str, tuple[str, ...]] = {  # settings beside the scenario as it is
    "as it is": (),
    "no drought": ("timeline.drought=null",),
    "products alike to the limit": ("users.nest_scale.consumer=0.05", "users.inertia.consumer=0"),
    "products that differ and learn, as in the baseline": (
        "users.taste_spread=0.75",
        "users.flywheel=0.2",
    ),
    "a tenth of the money to begin with": ("population.seed_cash_musd.startup=0.8",),
}


@dataclass(frozen=True)
class Observation:
    """Sites that were counted on a day."""

    day: dt.date
    sites: float
    grade: str

    @property
    def week(self) -> int:
        """Its week in the scenario."""
        return week_of(self.day)


def observed() -> list[Observation]:
    """The one counter's series of sites, from the peak on; days are the last of their month."""
    with (data_folder() / _DATA).open(encoding="utf-8", newline="") as stream:
        rows = {row["id"]: row for row in csv.DictReader(stream)}
    found = []
    for name in _SERIES:
        row = rows[name]
        year, month = map(int, row["as_of"].split("-")[:2])
        end = dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)
        found.append(Observation(end, float(row["value"].split(";")[0]), row["grade"]))
    return found


@dataclass(frozen=True)
class Docked:
    """W worlds of the scenario: firms alive over their peak each week (W, T + 1), the peak in
    sites (W,), and the numbers that bands ask for, by their names (W,)."""

    survivors: Array
    peak: Array
    numbers: Mapping[str, Array]


def dock(worlds: int, seed: int, settings: Sequence[str] = ()) -> Docked:
    """Run the scenario and take the numbers that bands ask for. InputError as `load`."""
    scenario: Scenario = load(data_folder() / FILE, settings)
    weeks = sorted({float(band.week) for band in BANDS})
    run = simulate(scenario, worlds, seed, events=False, snapshots=weeks)
    alive = run.series["firms_alive"].astype(float)
    peak = np.max(alive, axis=1)
    survivors = alive / peak[:, None]
    state = run.at(weeks[-1])
    turnover = state.users[:, CONSUMER] * state.price[:, CONSUMER]
    largest = -np.sort(-turnover, axis=1) / np.sum(turnover, axis=1, keepdims=True)
    shares = {"leader": largest[:, 0], "first_five": np.sum(largest[:, :5], axis=1)}
    numbers = {band.name: shares.get(band.name, survivors[:, band.week]) for band in BANDS}
    return Docked(survivors, _SITES * peak, numbers)


def verdict(band: Band, x: Array) -> str:
    """``holds`` where the median world lies in the band, else ``fails``."""
    return "holds" if band.low <= float(np.median(x)) <= band.high else "fails"
