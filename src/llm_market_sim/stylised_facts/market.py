"""Statistics of the market as a whole: shakeout, sizes, adoption, prices, approvals, leaders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from llm_market_sim.market.observation import composite_shares
from llm_market_sim.market.state import Array, Segment, State
from llm_market_sim.stylised_facts.runs import QUARTER, Runs
from llm_market_sim.stylised_facts.statistic import statistic

__all__: list[str] = []

_HALF_YEAR = 26
_SURVIVORS = 156.0  # the week whose survivors are measured
_LEAST_BEND = 0.05  # of the largest number of users; what bends less is taken for straight
_NORMAL = 2.0 * 0.3989423 / 0.6744898  # of the upper half of a normal: mean over quartile


@statistic("rise_to_peak", "most general developers at any time, over those of week 0")
def rise_to_peak(runs: Runs) -> Array:
    """(W,)."""
    firms = runs.base.series["general_developers"]
    return np.max(firms, axis=1) / firms[:, 0]


@statistic("fall_from_peak", "share of the peak's general developers that is gone after five years")
def fall_from_peak(runs: Runs) -> Array:
    """(W,), 0 to 1."""
    firms = runs.base.series["general_developers"]
    return 1.0 - firms[:, -1] / np.max(firms, axis=1)


@statistic(
    "entry_before_exit", "weeks from entry at half of its peak to the peak of exits, by quarters"
)
def entry_before_exit(runs: Runs) -> Array:
    """(W,); entry that never falls by half is taken to do so at the end."""
    series = runs.base.series
    entry = _a_quarter(series["entered"])
    exits = _a_quarter(series["acquired"] + series["bankrupt"] + series["closed"])
    week = np.arange(entry.shape[1])
    later = week > np.argmax(entry, axis=1)[:, None]
    fallen = later & (entry <= np.max(entry, axis=1, keepdims=True) / 2.0)
    half = np.where(np.any(fallen, axis=1), np.argmax(fallen, axis=1), week[-1])
    return np.argmax(exits, axis=1) - half


def _a_quarter(so_far: Array) -> Array:
    """What was added in the quarter that ends in each week: (W, T + 1) to (W, T + 1 - QUARTER)."""
    return so_far[:, QUARTER:] - so_far[:, :-QUARTER]


@statistic("log_share_spread", "standard deviation of survivors' log shares in week 156")
def log_share_spread(runs: Runs) -> Array:
    """(W,)."""
    return _of_survivors(runs, lambda shares: float(np.std(np.log(shares))))


@statistic(
    "top_tenth_share",
    "share of the market that the largest tenth of survivors holds",
    weeks=(_SURVIVORS,),
)
def top_tenth_share(runs: Runs) -> Array:
    """(W,), 0 to 1, in week 156."""
    return _of_survivors(runs, _top_tenth)


@statistic("upper_tail", "weight of survivors' upper tail; 0 is a lognormal's, 0.18 a Pareto law's")
def upper_tail(runs: Runs) -> Array:
    """(W,), in week 156; -0.18 is the tail of log shares that are spread evenly.

    From the larger half only: the smaller one holds those who have only just come.
    """
    return _of_survivors(runs, _tail)


def _of_survivors(runs: Runs, measure: Callable[[Array], float]) -> Array:
    """A number from the composite shares of survivors with users; NaN where there are few."""
    state = runs.base.at(_SURVIVORS)
    every = composite_shares(state) * (state.alive & runs.base.firms.domestic)
    left = [shares[shares > 0.0] for shares in every]
    return np.array([measure(one) if len(one) >= 5 else np.nan for one in left])


def _top_tenth(shares: Array) -> float:
    largest = np.sort(shares)[::-1][: max(1, round(len(shares) / 10))]
    return float(np.sum(largest) / np.sum(shares))


def _tail(shares: Array) -> float:
    """One less the upper quartile over the mean of the upper half, both from the median of logs.

    Scaled to be 0 for a normal.
    """
    logs = np.log(shares)
    middle, quartile = np.quantile(logs, [0.5, 0.75])
    mean = 2.0 * np.mean(np.maximum(logs - middle, 0.0))
    return float(1.0 - _NORMAL * (quartile - middle) / mean)


@statistic("adoption_inflections", "inflections of the number of consumers who use a product")
def adoption_inflections(runs: Runs) -> Array:
    """(W,), by half-years: 1 for an S, 0 for a curve that is not convex at first."""
    users = runs.base.series["users_consumer"][:, ::_HALF_YEAR]
    bends = np.diff(users, n=2, axis=1)
    bends = np.where(np.abs(bends) < _LEAST_BEND * np.max(users, axis=1, keepdims=True), 0.0, bends)
    return np.array([_changes(np.sign(one[one != 0.0])) for one in bends])


def _changes(signs: Array) -> float:
    convex_first = len(signs) > 0 and signs[0] > 0.0
    return float(np.count_nonzero(np.diff(signs))) if convex_first else 0.0


@statistic("adopters_78", "share of all consumers who use a product in week 78", weeks=(78.0,))
def adopters_78(runs: Runs) -> Array:
    """(W,), 0 to 1."""
    state, g = runs.base.at(78.0), Segment.CONSUMER
    using = np.sum(state.users[:, g], axis=-1)
    return using / (using + state.idle[:, g, 0] + state.unaware[:, g, 0])


@statistic(
    "price_fall",
    "times by which the price at fixed capability falls in the year from week 26",
    weeks=(26.0, 78.0),
)
def price_fall(runs: Runs) -> Array:
    """(W,): what a developer pays at least for what is the best domestic product in week 26.

    Its own price then, over the lowest price of a product as good a year later.
    """
    then, later = runs.base.at(26.0), runs.base.at(78.0)
    domestic = runs.base.firms.domestic
    best = np.max(np.where(then.live & domestic, then.served, -np.inf), axis=-1, keepdims=True)

    def lowest(state: State) -> Array:
        good = state.live & domestic & (state.served >= best)
        return np.min(np.where(good, state.price[:, Segment.DEVELOPER], np.inf), axis=-1)

    fall = lowest(then) / lowest(later)
    return np.where(np.isfinite(best[:, 0]) & ~np.isnan(fall), fall, np.nan)


@statistic(
    "effective_firms", "number of firms of equal size that would be as concentrated, week 156"
)
def effective_firms(runs: Runs) -> Array:
    """(W,): one over the Herfindahl index."""
    return 1.0 / runs.base.series["hhi"][:, 156]


@statistic(
    "approvals_bend", "services approved in the second quarter from the first on, over the first's"
)
def approvals_bend(runs: Runs) -> Array:
    """(W,); NaN where nothing was ever approved."""
    first, second = _approvals(runs, (0, QUARTER, 2 * QUARTER))
    return second / first


@statistic(
    "approvals_straight", "services approved in the third half-year over those of the second"
)
def approvals_straight(runs: Runs) -> Array:
    """(W,); NaN where nothing was ever approved."""
    second, third = _approvals(runs, (_HALF_YEAR, 2 * _HALF_YEAR, 3 * _HALF_YEAR))
    return third / np.maximum(second, 1.0)


def _approvals(runs: Runs, weeks: Sequence[int]) -> list[Array]:
    """Services approved between weeks counted from just before the first; (W,), NaN without any."""
    so_far = runs.base.series["services"]
    start = np.maximum(np.argmax(so_far > 0.0, axis=1) - 1, 0)
    last = so_far.shape[1] - 1
    rows = np.arange(len(so_far))
    ends = [so_far[rows, np.minimum(start + week, last)] for week in weeks]
    some = np.where((so_far[:, -1] > 0.0) & (start + weeks[-1] <= last), 1.0, np.nan)
    return [some * (b - a) for a, b in pairwise(ends)]


@statistic("leader_stays", "the leader of week 26 leads in week 78 (1) or does not (0)")
def leader_stays(runs: Runs) -> Array:
    """(W,), 0 or 1."""
    first, second = (_leader(runs, week) for week in (26.0, 78.0))
    return first == second


def _leader(runs: Runs, week: float) -> Array:
    """Slot of the domestic firm with the largest composite share; (W,)."""
    return np.argmax(composite_shares(runs.base.at(week)) * runs.base.firms.domestic, axis=-1)
