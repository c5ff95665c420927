"""Hype: a mood that fades, wanders, and is stirred by launches, rounds and incidents."""

from __future__ import annotations

import math

from llm_market_sim.market.arithmetic import exp
from llm_market_sim.market.codes import LISTED
from llm_market_sim.market.columns import Columns, column
from llm_market_sim.market.firm import Book, Day, F, Firms, P, W
from llm_market_sim.market.luck import THE_WORLD, normal, stream
from llm_market_sim.market.parameters import Section, parameter
from llm_market_sim.market.rule import phase, word

__all__ = ["Params", "stir_hype"]

_STOCK_GRID = 4.0  # weeks between draws of share prices, on the calendar whatever the tick
_FATIGUE = 20.0  # launches after which one more is half the news
_INSIDERS = 13.0  # weeks in which what an announcement gained is sold off (by a factor e)
_STOCK_NOISE = 0.06  # of log share prices, per root of a week
HYPE, STOCK = stream("hype"), stream("stock")


class Params(Section):
    """The mood, and what it does to shares."""

    # fmt: off
    level_log: float = parameter(
        -1.0, plausible=(-2, -0.4), unit="log", ge=-10, le=10, symbol="h_bar",
        meaning="level to which log hype returns (April 2023 is 0)",
        source="assumption: concept shares fell from mid-2023 but not back to their start",
    )
    memory_weeks: float = parameter(
        30.0, plausible=(15, 60), unit="weeks", gt=0, le=1000, symbol="tau_h",
        meaning="time in which hype returns to its level (by a factor e)", source="assumption",
    )
    spread: float = parameter(
        0.65, plausible=(0.3, 0.9),
        unit="1", ge=0, le=3, meaning="stationary standard deviation of log hype",
        source="assumption: shares of the theme doubled in two months (the article), a move of 2.1 "
        "standard deviations at 0.65, of 3.5 at 0.4 and of 1.5 at 0.9",
    )
    launch_jump: float = parameter(
        0.03, plausible=(0, 0.08),
        unit="log", ge=0, le=2, symbol="j_L", meaning="rise from the first launch",
        source="assumption",
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
        meaning="rise of a firm's share when it announces a model, and when it shows one, at the "
        "hype of April 2023",
        source="assumption: 0 is the article's claim that shares rise on the theme alone",
    )
    # fmt: on


class World(Columns):
    """The mood."""

    log_hype = column("log", "log of hype, 0 in April 2023", public=True)


class Firm(Columns):
    """A listed firm's share."""

    log_stock = column("log", "share price against week 0", public=True)
    stock_news = column("log", "of that, what its own news gained and is not sold off", public=True)


@word
def _shown_this_tick(w: W, f: F) -> bool:
    return w.week < f.launched_at <= w.end and f.domestic


@word
def _news(w: W, firms: Firms, p: P) -> float:
    """What launches, money raised and incidents of the tick add to the mood."""
    m = p.hype
    fresh, known, incidents, money = 0, 0, 0, 0.0
    for f in firms:
        money += f.round_musd
        if w.week < f.incident_at <= w.end:
            incidents += 1
        if _shown_this_tick(w, f):
            fresh += 1
        elif f.domestic and f.launched_at <= w.week:
            known += 1
    news = m.launch_jump * fresh / (1.0 + known / _FATIGUE)
    return news + m.round_jump_per_musd * money + m.incident_jump * incidents


@phase(
    "Hype fades, wanders, and is stirred by launches, money and incidents.",
    "热度消退、游走，并受发布、融资与事故扰动。",
)
def stir_hype(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Exact Ornstein-Uhlenbeck decay each tick, noise on the calendar's grid, jumps from news.

    A listed firm's share goes with the mood. Its own news lifts it the more the higher the mood is
    (names alone did: Cooper, Dimitrov & Rau 2001), and insiders sell the gain off.
    """
    m = p.hype
    before = w.log_hype
    mood = m.level_log + (before - m.level_log) * exp(-w.dt / m.memory_weeks)
    if int(w.end) > int(w.week):  # the end of a calendar week: its noise is drawn once
        step = m.spread * math.sqrt(1.0 - exp(-2.0 / m.memory_weeks))
        mood += step * normal(w, THE_WORLD, HYPE, int(w.end))
    w.log_hype = mood + _news(w, firms, p)
    month = int(w.end / _STOCK_GRID)
    noisy = month > int(w.week / _STOCK_GRID)
    kept, gain = exp(-w.dt / _INSIDERS), m.stock_news_beta * exp(w.log_hype)
    for f in firms:
        if f.kind != LISTED:
            continue
        if noisy:
            f.log_stock += _STOCK_NOISE * math.sqrt(_STOCK_GRID) * normal(w, f.key, STOCK, month)
        f.log_stock += m.stock_hype_beta * (w.log_hype - before)
        news = f.stock_news * kept
        if _shown_this_tick(w, f):
            news += gain
        if f.entered_at > 0.0 and w.week <= f.entered_at <= w.end:
            news += gain
        f.log_stock += news - f.stock_news
        f.stock_news = news
