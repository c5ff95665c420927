"""Statistics of firms: who exits when, and what a head start is worth."""

from __future__ import annotations

import numpy as np

from llm_market_sim.market.observation import composite_shares
from llm_market_sim.market.state import Array, Kind
from llm_market_sim.stylised_facts.runs import Runs
from llm_market_sim.stylised_facts.statistic import rate_ratio, statistic

_YEAR = 52.0
_LIFE = 104.0  # weeks that a firm must last to have survived
_AGES = (0.0, 26.0, 104.0, 208.0)  # young, middle-aged and old firms, weeks since entry


def newcomers(runs: Runs) -> Array:
    """Domestic firms that entered after week 0, whose age is known; bool (W, F)."""
    entered = runs.base.final.entered_at
    return runs.base.firms.domestic & (entered > 0.0) & np.isfinite(entered)


def exits_by_age(runs: Runs, low: float, high: float) -> Array:
    """Exits at ages from low to high weeks, and firm-years lived at them; newcomers, (W, 2)."""
    state, among = runs.base.final, newcomers(runs)
    entered = np.where(among, state.entered_at, 0.0)
    end = np.minimum(state.closed_at, state.week) - entered
    lived = np.clip(np.minimum(end, high) - low, 0.0, None) / _YEAR
    gone = np.isfinite(state.closed_at) & (end >= low) & (end < high)
    return np.stack([np.sum(among & gone, axis=-1), np.sum(among * lived, axis=-1)], axis=-1)


@statistic(
    "exits_middle_to_young",
    "rate of exit at age 26 to 104 weeks over that before",
    combine=rate_ratio,
)
def exits_middle_to_young(runs: Runs) -> Array:
    """(W, 4)."""
    young, middle, old, _ = _AGES
    return np.concatenate(
        [exits_by_age(runs, middle, old), exits_by_age(runs, young, middle)], axis=1
    )


@statistic(
    "exits_old_to_middle",
    "rate of exit at age 104 to 208 weeks over that at 26 to 104",
    combine=rate_ratio,
)
def exits_old_to_middle(runs: Runs) -> Array:
    """(W, 4)."""
    _, middle, old, end = _AGES
    return np.concatenate([exits_by_age(runs, old, end), exits_by_age(runs, middle, old)], axis=1)


@statistic(
    "exits_small_to_large",
    "rate of exit in the year from week 52, smaller over larger half",
    combine=rate_ratio,
)
def exits_small_to_large(runs: Runs) -> Array:
    """(W, 4); halves of each world's shown products by their largest share of any segment."""
    return _exits_by_half(runs, runs.base.at(_YEAR).best_share)


@statistic(
    "exits_weak_to_strong",
    "rate of exit in the year from week 52, weaker over more capable half",
    combine=rate_ratio,
)
def exits_weak_to_strong(runs: Runs) -> Array:
    """(W, 4); halves of each world's shown products by what they serve."""
    return _exits_by_half(runs, runs.base.at(_YEAR).served)


def _exits_by_half(runs: Runs, value: Array) -> Array:
    """Exits and firm-years of the half below a world's median, then of the half above; (W, 4)."""
    then, final = runs.base.at(_YEAR), runs.base.final
    among = then.alive & runs.base.firms.domestic & (then.launched_at <= then.week)
    middle = _median(value, among)
    gone = final.closed_at < 2.0 * _YEAR
    lived = np.clip(final.closed_at - _YEAR, 0.0, _YEAR) / _YEAR
    columns = []
    for half in (among & (value < middle), among & (value > middle)):
        columns += [np.sum(half & gone, axis=-1), np.sum(half * lived, axis=-1)]
    return np.stack(columns, axis=-1)


def _median(value: Array, among: Array) -> Array:
    """Median of each world's firms among which something is true; (W, 1), NaN without any."""
    rows = [np.median(v[m]) if np.any(m) else np.nan for v, m in zip(value, among, strict=True)]
    return np.array(rows)[:, None]


def _gain(runs: Runs, week: float) -> Array:
    """Change of a firm's composite share by its head start; (firms, W), none without runs."""
    base = composite_shares(runs.base.at(week))
    slots = {firm: runs.base.firms.slot(firm) for firm in runs.ahead}
    gains = [
        composite_shares(run.at(week))[:, slots[firm]] - base[:, slots[firm]]
        for firm, run in runs.ahead.items()
    ]
    return np.array(gains) if gains else np.full((1, len(base)), np.nan)


@statistic(
    "head_start_helps", "favoured firms whose share gains by week 78, less those whose share loses"
)
def head_start_helps(runs: Runs) -> Array:
    """(W,), -1 to 1: the mean sign of the change."""
    return np.mean(np.sign(_gain(runs, 78.0)), axis=0)


@statistic("head_start_fades", "gain of the favoured firm's share in week 52 less that in week 156")
def head_start_fades(runs: Runs) -> Array:
    """(W,), mean over the favoured firms."""
    return np.mean(_gain(runs, 52.0) - _gain(runs, 156.0), axis=0)


@statistic(
    "early_survival", "chance to last two years, startups of week 0 less later ones of like skill"
)
def early_survival(runs: Runs) -> Array:
    """(W,): Mantel-Haenszel difference over halves of skill; unnamed firms, which are alike."""
    run, state = runs.base, runs.base.final
    unnamed = np.arange(len(run.firms.ids)) >= len(run.scenario.players)
    alike = unnamed & (run.firms.kind == Kind.STARTUP) & (state.entered_at + _LIFE <= state.week)
    lasted = state.closed_at > np.where(alike, state.entered_at, 0.0) + _LIFE
    early = state.entered_at == 0.0
    # a team that was bought adds to its buyer's skill, but startups buy nobody
    middle = _median(state.skill, alike)
    total, weights = np.zeros(len(middle)), np.zeros(len(middle))
    for half in (alike & (state.skill < middle), alike & (state.skill >= middle)):
        a, b = np.sum(half & early, axis=-1), np.sum(half & ~early, axis=-1)
        weight = a * b / np.maximum(a + b, 1)
        share_a = np.sum(half & early & lasted, axis=-1) / np.maximum(a, 1)
        share_b = np.sum(half & ~early & lasted, axis=-1) / np.maximum(b, 1)
        total, weights = total + weight * (share_a - share_b), weights + weight
    return total / weights
