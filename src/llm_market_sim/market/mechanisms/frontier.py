"""The frontier abroad and the open weights behind it: curves that nothing here moves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from llm_market_sim.market.parameters import Section, parameter
from llm_market_sim.market.phase import Changes, Phase
from llm_market_sim.market.state import Array, Setting, State

__all__ = ["PHASES", "Params", "curves", "frontier_at"]

# (week from, week to, OOM a year): GPT-3 of June 2020, GPT-3.5 of March 2022, GPT-4 of March 2023
_HISTORY = ((-147.0, -57.0, 52 * 1.7 / 90), (-57.0, -5.0, 52 * 1.1 / 52))
_HISTORY_START = 22.2


class Params(Section):
    """Capability abroad and in the open, as seen from this market."""

    # fmt: off
    growth_oom_per_year: float = parameter(
        0.8,
        plausible=(0.5, 1.2),
        unit="OOM/year",
        ge=0,
        le=3,
        symbol="g_F",
        meaning="growth of the frontier's effective training compute after GPT-4",
        source="assumption: notable models grew 4.6 times (0.66 OOM) a year in compute alone "
        "(Epoch AI, 2024)",
    )
    paused: bool = parameter(
        False,
        unit="yes/no",
        meaning="the frontier stands still (a pause abroad)",
        source="assumption: no pause happened by the end of 2023",
    )
    open_releases: bool = parameter(
        True,
        unit="yes/no",
        meaning="better open weights keep appearing",
        source="assumption: they did in 2023",
    )
    open_lag_weeks: float = parameter(
        52.0,
        plausible=(13, 78),
        unit="weeks",
        ge=0,
        le=520,
        symbol="L_O",
        meaning="how far open weights trail the frontier in the long run",
        source="assumption: about a year in 2023",
    )
    open_lag_start_weeks: float = parameter(
        52.0,
        unit="weeks",
        ge=0,
        le=520,
        meaning="how far open weights trail the frontier on week 0",
        source="assumption: the open models of spring 2023 were near GPT-3.5 of spring 2022",
    )
    open_lag_transition_weeks: float = parameter(
        26.0,
        unit="weeks",
        gt=0,
        le=520,
        meaning="time in which the lag moves (by a factor e) to its long-run value",
        source="assumption",
    )
    open_language_penalty_oom: float = parameter(
        0.25, plausible=(0, 0.5), unit="OOM", ge=0, le=2, symbol="z",
        meaning="loss of open weights in Chinese against English",
        source="assumption: open models of 2023 were trained mostly on English",
    )
    # fmt: on


def frontier_at(week: Array | float, growth: Array | float, pauses: Sequence[tuple[float, float]]
                ) -> Array:  # fmt: skip
    """Capability of the frontier in a week (OOM), any shape; flat while paused."""
    level: Any = _HISTORY_START
    for start, end, rate in _HISTORY:
        level = level + rate / 52 * np.clip(week - start, 0.0, end - start)
    moving: Any = np.clip(week - _HISTORY[-1][1], 0.0, None)
    for start, end in pauses:
        moving = moving - np.clip(week - start, 0.0, end - start)
    return np.asarray(level + growth / 52 * moving)


def curves(state: State, p: Any, setting: Setting) -> Changes:
    """Both curves at the end of the tick; open weights, once released, stay released."""
    now = setting.after(state.week)
    f = p.frontier
    lag = f.open_lag_weeks + (f.open_lag_start_weeks - f.open_lag_weeks) * np.exp(
        -np.asarray(now) / f.open_lag_transition_weeks
    )
    trend = frontier_at(now - lag, f.growth_oom_per_year, p.pauses) - f.open_language_penalty_oom
    released = np.where(f.open_releases, trend, state.open_weights)
    return {
        "frontier": frontier_at(now, f.growth_oom_per_year, p.pauses) + 0.0 * state.frontier,
        "open_weights": np.maximum(state.open_weights, released),
    }


PHASES = (
    Phase(
        "curves", "The frontier abroad and the open weights behind it move on.", curves,
        ("frontier", "open_weights"),
    ),
)  # fmt: skip
