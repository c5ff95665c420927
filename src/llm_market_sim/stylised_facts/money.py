"""Statistics of money: who invests when and in whom, and whose losses deepen first."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from llm_market_sim.market.state import Array, Kind
from llm_market_sim.stylised_facts.runs import QUARTER, WEEKS, Runs
from llm_market_sim.stylised_facts.statistic import statistic

__all__: list[str] = []

_LIFE = 104.0  # weeks that a firm must last to have survived
_QUARTERS = [float(week) for week in range(0, WEEKS + 1, QUARTER)]


@statistic("money_follows_mood", "correlation of a quarter's venture money with its mean hype")
def money_follows_mood(runs: Runs) -> Array:
    """(W,), -1 to 1."""
    series = runs.base.series
    money = np.diff(series["raised"][:, ::QUARTER], axis=1)
    hype = series["hype"][:, :-1]
    mood = np.mean(hype.reshape(len(hype), -1, QUARTER), axis=-1)
    money = money - np.mean(money, axis=1, keepdims=True)
    mood = mood - np.mean(mood, axis=1, keepdims=True)
    size = np.sqrt(np.sum(money**2, axis=1) * np.sum(mood**2, axis=1))
    return np.sum(money * mood, axis=1) / size


@statistic("top_five_money", "share of the venture money of 78 weeks that five firms raise")
def top_five_money(runs: Runs) -> Array:
    """(W,), 0 to 1."""
    raised = (runs.base.at(78.0).raised - runs.base.at(0.0).raised) * runs.base.firms.domestic
    return np.sum(np.sort(raised, axis=-1)[:, -5:], axis=-1) / np.sum(raised, axis=-1)


@statistic("later_rounds", "mean size of third and later venture rounds over that of first ones")
def later_rounds(runs: Runs) -> Array:
    """(W,); rounds that were a firm's only one in a quarter."""
    first, later = [], []
    for a, b in pairwise(_QUARTERS):
        before, after = runs.base.at(a), runs.base.at(b)
        one = after.stage == before.stage + 1
        size = after.raised - before.raised
        first.append(np.where(one & (after.stage == 1), size, np.nan))
        later.append(np.where(one & (after.stage >= 3), size, np.nan))
    return _mean(np.concatenate(later, axis=1)) / _mean(np.concatenate(first, axis=1))


def _mean(values: Array) -> Array:
    """Mean of what is there; NaN where nothing is; (W, n) to (W,)."""
    there = ~np.isnan(values)
    return np.sum(np.where(there, values, 0.0), axis=-1) / np.sum(there, axis=-1)


@statistic(
    "hot_cohorts_die", "chance to be gone two years after first money, hot quarters less the others"
)
def hot_cohorts_die(runs: Runs) -> Array:
    """(W,): startups by the quarter of their first round; hot is above the median that they met."""
    state, run = runs.base.final, runs.base
    startup = run.firms.domestic & (run.firms.kind == Kind.STARTUP)
    funded = np.full(startup.shape, np.nan)  # end of the quarter of the first round
    mood = np.full(startup.shape, np.nan)
    for a, b in pairwise(_QUARTERS):
        fresh = startup & (run.at(a).stage == 0) & (run.at(b).stage > 0) & (b + _LIFE <= WEEKS)
        hype = np.mean(run.series["hype"][:, int(a) : int(b)], axis=1, keepdims=True)
        funded, mood = np.where(fresh, b, funded), np.where(fresh, hype, mood)
    known = ~np.isnan(funded)
    middle = np.array(
        [np.median(m[k]) if np.any(k) else np.nan for m, k in zip(mood, known, strict=True)]
    )
    gone = state.closed_at <= funded + _LIFE
    hot, cool = known & (mood > middle[:, None]), known & (mood <= middle[:, None])
    return _mean(np.where(hot, gone, np.nan)) - _mean(np.where(cool, gone, np.nan))


@statistic(
    "others_lose_first", "weeks from the deepest loss a firm of all others to that of big techs"
)
def others_lose_first(runs: Runs) -> Array:
    """(W,): by quarters, operating losses of a group over its firms alive at the quarter's end."""
    kind = runs.base.firms.kind
    big = kind == Kind.BIGTECH
    others = (kind == Kind.LISTED) | (kind == Kind.STARTUP)
    profits: dict[str, list[Array]] = {"big": [], "others": []}
    for a, b in pairwise(_QUARTERS):
        before, after = runs.base.at(a), runs.base.at(b)
        made = after.profit_total - before.profit_total
        for name, group in (("big", big), ("others", others)):
            firms = np.sum(after.alive & group, axis=-1)
            profits[name].append(np.sum(made * group, axis=-1) / np.maximum(firms, 1))
    worst = {name: np.argmin(np.stack(rows), axis=0) for name, rows in profits.items()}
    return QUARTER * (worst["big"] - worst["others"])
