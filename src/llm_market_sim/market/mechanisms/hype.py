"""Hype: a mood that fades, wanders, and is stirred by launches, rounds and incidents."""

from __future__ import annotations

from typing import Any

import numpy as np

from llm_market_sim.market.parameters import Section, parameter
from llm_market_sim.market.phase import Changes, Phase
from llm_market_sim.market.state import Kind, Setting, State

__all__ = ["PHASES", "Params", "stir"]

_STOCK_GRID = 4.0  # weeks between draws of share prices, on the calendar whatever the tick


class Params(Section):
    """The mood, and what it does to shares."""

    # fmt: off
    level_log: float = parameter(
        -1.2, plausible=(-2, -0.4), unit="log", ge=-10, le=10, symbol="h_bar",
        meaning="level to which log hype returns (April 2023 is 0)",
        source="assumption: concept shares fell from mid-2023 but not back to their start",
    )
    memory_weeks: float = parameter(
        30.0, plausible=(15, 60), unit="weeks", gt=0, le=1000, symbol="tau_h",
        meaning="time in which hype returns to its level (by a factor e)", source="assumption",
    )
    spread: float = parameter(
        0.3, plausible=(0.1, 0.5),
        unit="1", ge=0, le=3, meaning="stationary standard deviation of log hype",
        source="assumption",
    )
    launch_jump: float = parameter(
        0.03, plausible=(0, 0.08),
        unit="log", ge=0, le=2, symbol="j_L", meaning="rise from the first launch",
        source="assumption",
    )
    launch_fatigue: float = parameter(
        20.0, unit="launches", gt=0, le=1e6,
        meaning="launches after which one more is half the news",
        source="assumption: the hundredth model is no news",
    )
    round_jump_per_musd: float = parameter(
        0.00015, unit="log/million USD", ge=0, le=1, meaning="rise from money raised",
        source="assumption",
    )
    incident_jump: float = parameter(
        -0.1, unit="log", ge=-2, le=2, meaning="change from an incident", source="assumption",
    )
    stock_hype_beta: float = parameter(
        0.7, unit="1", ge=0, le=10, symbol="b_h",
        meaning="change of listed firms' shares with hype, in logs",
        source="assumption: concept shares doubled or tripled in two months (the article)",
    )
    stock_news_beta: float = parameter(
        0.0, unit="log", ge=-5, le=5, symbol="b_x",
        meaning="rise of a firm's share when it shows a product",
        source="assumption: 0 is the article's claim that shares rise on the theme alone",
    )
    stock_noise: float = parameter(
        0.06, unit="1/week^0.5", ge=0, le=2, meaning="noise of log share prices",
        source="assumption",
    )
    # fmt: on


def stir(state: State, p: Any, setting: Setting) -> Changes:
    """Exact Ornstein-Uhlenbeck decay each tick, noise on the calendar's grid, jumps from news."""
    m, dt = p.hype, setting.dt
    domestic = setting.firms.domestic
    end = setting.after(state.week)
    fresh = (state.launched_at > state.week) & (state.launched_at <= end) & domestic
    before = np.sum((state.launched_at <= state.week) & domestic, axis=-1, keepdims=True)
    news = m.launch_jump * np.sum(fresh, axis=-1, keepdims=True) / (1.0 + before / m.launch_fatigue)
    money = m.round_jump_per_musd * np.sum(state.round_musd, axis=-1, keepdims=True)
    hit = (state.incident_at > state.week) & (state.incident_at <= end)
    scare = m.incident_jump * np.sum(hit, axis=-1, keepdims=True)

    log_hype = m.level_log + (state.log_hype - m.level_log) * np.exp(-dt / m.memory_weeks)
    listed = setting.firms.kind == Kind.LISTED
    stock = state.log_stock
    week, month = int(end), int(end / _STOCK_GRID)
    if week > int(state.week):  # the end of a calendar week: its noise is drawn once
        step = m.spread * np.sqrt(1.0 - np.exp(-2.0 / m.memory_weeks))
        log_hype = log_hype + step * setting.luck.normal("hype", week, world=True)
    if month > int(state.week / _STOCK_GRID):
        mask = np.broadcast_to(listed, stock.shape)
        noise = setting.luck.normal("stock", month, where=mask)
        stock = stock + m.stock_noise * np.sqrt(_STOCK_GRID) * noise
    log_hype = log_hype + news + money + scare
    rise = m.stock_hype_beta * (log_hype - state.log_hype) + m.stock_news_beta * fresh
    return {"log_hype": log_hype, "log_stock": np.where(listed, stock + rise, state.log_stock)}


PHASES = (
    Phase(
        "stir hype", "Hype fades, wanders, and is stirred by launches, money and incidents.", stir,
        ("log_hype", "log_stock"),
    ),
)  # fmt: skip
