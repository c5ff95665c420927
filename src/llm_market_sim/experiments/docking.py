"""Docking: does the market reproduce what others measured in other markets?

Three cases: China's group-buying sites, the shakeouts of four American industries, and the payoff
of getting big fast. A scenario takes from the data when firms, money or people come, and nothing
else; bands were fixed before it was run. What fails is told as failing.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from llm_market_sim.market.codes import CONSUMER
from llm_market_sim.market.state import Array
from llm_market_sim.scenario import data_folder, load
from llm_market_sim.simulation import Run, simulate

AS_IT_IS = "as it is"
PEAK_WEEK = 130  # of the shakeout, to which the data give the end of the build-up
YEARS = 7.0  # of those industries for which a year of the shakeout stands
_START = dt.date(2010, 3, 1)  # the day that week 0 of the group-buying war stands for
_COUNTS = ("G04", "G06", "G08", "G10", "G11")  # of one counter, from the peak on, by their ids
_INDUSTRIES = {  # by their ids
    "S01": {"en": "cars", "zh": "汽车"},
    "S02": {"en": "tyres", "zh": "轮胎"},
    "S03": {"en": "televisions", "zh": "电视机"},
    "S04": {"en": "penicillin", "zh": "青霉素"},
}
SPEEDS = {  # of people who come in, a year: of their own accord, and because others did
    "slow": (0.03, 0.38),  # the mean of consumer durables (B02)
    "fast": (0.03, 1.0),  # the fastest imitation among new products (B03)
    "as_here": (0.43, 0.6),  # as consumers of language models, in the baseline
}
_AGGRESSION = "players.challenger.policy="  # what a variant may call aggression


@dataclass(frozen=True)
class Band:
    """What is asked of a number of every world: its name, a word for it, the week at which it is
    read where that is fixed, and its ends; it is to lie above the low one."""

    name: str
    about: str
    low: float
    high: float
    week: int | None = None

    @property
    def words(self) -> str:
        """Its ends."""
        if self.high == np.inf:
            return f"above {self.low:g}"
        if self.low == -np.inf:
            return f"below {self.high:g}"
        return f"{self.low:.2f} to {self.high:.2f}"


@dataclass(frozen=True)
class Docked:
    """Some worlds of a case: the numbers that bands ask for, by their names (W,); and firms alive
    over their peak each week (W, T + 1), with that peak (W,), where firms come and go."""

    numbers: Mapping[str, Array]
    survivors: Array | None = None
    peak: Array | None = None


@dataclass(frozen=True)
class Case:
    """A market that others measured: the name of its scenario and data, what is asked, and what
    else is tried, as settings beside the scenario as it is."""

    name: str
    title: str
    worlds: int
    bands: tuple[Band, ...]
    variants: Mapping[str, tuple[str, ...]]
    measure: Callable[[Path, int, int, Sequence[str]], Docked]
    of_mean: bool = False  # judged by the mean of the worlds, and not by the median one

    @property
    def file(self) -> Path:
        """Its scenario."""
        return data_folder() / "history" / f"{self.name}.yaml"

    def data(self) -> dict[str, dict[str, str]]:
        """What was measured, with source and grade, by id."""
        with self.file.with_suffix(".csv").open(encoding="utf-8", newline="") as stream:
            return {row["id"]: row for row in csv.DictReader(stream)}

    def dock(self, worlds: int, seed: int, settings: Sequence[str] = ()) -> Docked:
        """Run the scenario and take the numbers that bands ask for. InputError as `load`."""
        return self.measure(self.file, worlds, seed, settings)

    def spread(self, x: Array) -> tuple[float, float, float]:
        """Low, middle and high: the median world between 5 and 95 %, or the mean in its 95 %
        interval."""
        if not self.of_mean:
            low, middle, high = np.quantile(x, (0.05, 0.5, 0.95))
            return float(low), float(middle), float(high)
        mean, half = float(np.mean(x)), 1.96 * float(np.std(x, ddof=1)) / len(x) ** 0.5
        return mean - half, mean, mean + half

    def verdict(self, band: Band, low: float, middle: float, high: float) -> str:
        """``holds`` where the median lies in the band, or all of the mean's interval does, else
        ``fails``; ``undecided`` where only a part of that interval does."""
        inside = [band.low < one <= band.high for one in (low, middle, high)]
        if self.of_mean and any(inside) and not all(inside):
            return "undecided"
        return "holds" if inside[1] else "fails"


def week_of(day: dt.date) -> int:
    """The week of the group-buying scenario in which a day of those years lies."""
    return (day - _START).days // 7


@dataclass(frozen=True)
class Observation:
    """Firms of a market that were counted: the week of the scenario, their number and share of the
    peak, and how good the source is."""

    week: float
    firms: float
    of_peak: float
    grade: str


def observed() -> list[Observation]:
    """The one counter's series of sites, from the peak on; days are the last of their month."""
    rows = [GROUP_BUYING.data()[name] for name in _COUNTS]
    sites = [float(row["value"].split(";")[0]) for row in rows]
    found = []
    for row, count in zip(rows, sites, strict=True):
        year, month = map(int, row["as_of"].split("-")[:2])
        end = dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)
        found.append(Observation(week_of(end), count, count / sites[0], row["grade"]))
    return found


def industries(language: str = "en") -> dict[str, Observation]:
    """The low of each of the four industries, by their names in a language."""
    found = {}
    for name, words in _INDUSTRIES.items():
        row = SHAKEOUT.data()[name]
        peak, low = map(float, row["value"].split(";"))
        first, last = map(int, row["as_of"].split(";"))
        week = PEAK_WEEK + (last - first) * 52 / YEARS
        found[words[language]] = Observation(week, low, low / peak, row["grade"])
    return found


def _lives(run: Run) -> tuple[Array, Array]:
    """Firms alive over their peak, and the peak."""
    alive = run.series["firms_alive"].astype(float)
    peak = np.max(alive, axis=1)
    return alive / peak[:, None], peak


def _group_buying(file: Path, worlds: int, seed: int, settings: Sequence[str]) -> Docked:
    run = simulate(load(file, settings), worlds, seed, events=False)
    survivors, peak = _lives(run)
    turnover = run.final.users[:, CONSUMER] * run.final.price[:, CONSUMER]
    largest = -np.sort(-turnover, axis=1) / np.sum(turnover, axis=1, keepdims=True)
    numbers = {b.name: survivors[:, b.week] for b in GROUP_BUYING.bands if b.week is not None}
    numbers |= {"leader": largest[:, 0], "first_five": np.sum(largest[:, :5], axis=1)}
    return Docked(numbers, survivors, peak)


def _shakeout(file: Path, worlds: int, seed: int, settings: Sequence[str]) -> Docked:
    run = simulate(load(file, settings), worlds, seed, events=False)
    survivors, peak = _lives(run)
    at = np.argmax(survivors, axis=1)  # the week of the peak
    rows = np.arange(worlds)
    users = run.series["users_consumer"] + run.series["users_enterprise"]
    paid = run.series["revenue"] / np.maximum(users, 1e-9)
    state = run.final
    turnover = np.sum(state.users * state.price, axis=1)  # (W, F)
    half, end, first = np.empty(worlds), np.empty(worlds), np.empty(worlds)
    for k in range(worlds):
        came = np.argsort(state.entered_at[k])[: int(run.series["entered"][k, -1])]
        there = came[(state.entered_at[k, came] <= at[k]) & (state.closed_at[k, came] > at[k])]
        third, closed = len(there) // 3, state.closed_at[k, there]
        for found, week in ((half, np.median(closed)), (end, run.weeks[-1])):
            gone = closed <= min(week, run.weeks[-1])
            found[k] = np.mean(gone[-third:]) - np.mean(gone[:third])
        early = came[: len(came) // 3]
        first[k] = np.sum(turnover[k, early]) / max(np.sum(turnover[k]), 1e-9)
    return Docked(
        {
            "low": np.array([np.min(survivors[k, at[k] :]) for k in rows]),
            "late_die_first": half,
            "late_die_more": end,
            "early_lead": first,
            "price": paid[:, -1] / paid[rows, at],
            "output": users[:, -1] / users[rows, at],
        },
        survivors,
        peak,
    )


def _big_too_fast(file: Path, worlds: int, seed: int, settings: Sequence[str]) -> Docked:
    """The policies of experiments/get_big_fast.py must be loaded."""
    chosen = [one for one in settings if one.startswith(_AGGRESSION)]
    others = [one for one in settings if one not in chosen]
    aggressive = chosen or [f"{_AGGRESSION}get_big_fast"]
    numbers = {}
    for speed, (alone, imitating) in SPEEDS.items():
        pace = [
            f"users.innovation_per_year.consumer={alone}",
            f"users.imitation_per_year.consumer={imitating}",
        ]
        usual, bold = (
            _till(file, worlds, seed, (*pace, *others, *more)) for more in ([], aggressive)
        )
        numbers[speed] = bold - usual
    return Docked(numbers)


@cache
def _till(file: Path, worlds: int, seed: int, settings: tuple[str, ...]) -> Array:
    """What the challenger has in its till at the end, million USD (W,)."""
    run = simulate(load(file, settings), worlds, seed, events=False)
    return np.asarray(run.final.cash[:, run.firms.slot("challenger")])


GROUP_BUYING = Case(
    "group_buying",
    "China's group-buying sites, 2010 to 2014",
    200,
    (
        Band("survivors_2012_02", "survivors of the peak, February 2012", 0.60, 0.84, 104),
        Band("survivors_2012_05", "survivors of the peak, May 2012", 0.28, 0.58, 117),
        Band("survivors_2013_12", "survivors of the peak, December 2013", 0.02, 0.10, 200),
        Band("survivors_2014_06", "survivors of the peak, June 2014", 0.02, 0.08, 226),
        Band("leader", "share of turnover of the first, June 2014", 0.35, 0.65),
        Band("first_five", "share of turnover of the first five, June 2014", 0.90, 1.0),
    ),
    {
        AS_IT_IS: (),
        "no drought": ("timeline.drought=null",),
        "products alike to the limit": (
            "users.nest_scale.consumer=0.05",
            "users.inertia.consumer=0",
        ),
        "products that differ and learn, as in the baseline": (
            "users.taste_spread=0.75",
            "users.flywheel=0.2",
        ),
        "a tenth of the money to begin with": ("population.seed_cash_musd.startup=0.8",),
    },
    _group_buying,
)

_AS_HERE = (
    "users.nest_scale.enterprise=0.6",
    "users.inertia.enterprise=2.5",
    "users.taste_spread=0.75",
    "users.flywheel=0.2",
)
SHAKEOUT = Case(
    "shakeout",
    "Shakeouts of four American industries",
    200,
    (
        Band("low", "fewest firms after the peak, of the peak", 0.02, 0.18),
        Band("late_die_first", "gone when half are: last third less first third", 0.0, np.inf),
        Band("late_die_more", "gone by the end: last third less first third", 0.0, np.inf),
        Band("early_lead", "share of turnover of the first third to enter", 0.5, 1.0),
        Band("price", "price paid, end over peak", 0.0, 1.0),
        Band("output", "users, end over peak", 1.0, np.inf),
    ),
    {
        AS_IT_IS: (),
        "products, users and learning as in the baseline": _AS_HERE,
        "the same, and four times the money": (*_AS_HERE, "population.seed_cash_musd.startup=200"),
        "owners who shut what is small": (
            "population.listed_share=1",
            "population.seed_cash_musd.listed=50",
            "funding.issue_per_year=0",
        ),
        "entry that ends by crowding only": (
            "timeline.after_the_peak=null",
            "timeline.closed=null",
            "entry.crowding_firms=220",
        ),
        "consumers, who pay little": (
            "users.outside_utility.enterprise=1000",
            "users.outside_utility.consumer=3",
            "users.nest_scale.consumer=0.05",
            "users.inertia.consumer=0",
        ),
    },
    _shakeout,
)

_ALIKE = ("users.taste_spread=0", "users.inertia.consumer=0")
BIG_TOO_FAST = Case(
    "big_too_fast",
    "Getting big too fast",
    40,
    (
        Band("slow", "gain in a slow market", 0.0, np.inf),
        Band("fast", "gain in a fast market", -np.inf, 0.0),
        Band("as_here", "gain where people come as to language models", -np.inf, 0.0),
    ),
    {
        AS_IT_IS: (),
        "the price alone": (f"{_AGGRESSION}cut_prices",),
        "the capacity alone": (f"{_AGGRESSION}build_ahead",),
        "learning as in the baseline": ("users.flywheel=0.2",),
        "nobody prefers either, nobody stays": _ALIKE,
        "the same, and chips for hire": (
            *_ALIKE,
            "compute.rental_start=1e6",
            "compute.rental_end=1e6",
        ),
    },
    _big_too_fast,
    of_mean=True,
)

CASES = (GROUP_BUYING, SHAKEOUT, BIG_TOO_FAST)
