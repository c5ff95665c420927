"""The frontier abroad, open weights behind it, and models that firms at home open."""

from __future__ import annotations

from llm_market_sim.market.arithmetic import between, exp
from llm_market_sim.market.codes import FOUNDATION, NO_MODEL, WEEKS
from llm_market_sim.market.columns import Columns, column, event
from llm_market_sim.market.firm import Book, Day, Firms, P, W, live, tell
from llm_market_sim.market.parameters import Section, parameter
from llm_market_sim.market.rule import phase, start, word

__all__ = ["Params", "appear", "curves", "frontier_at", "open_models"]

OPENED = event("opened", "opens the weights of a model", goes_with="opened")
_LAG_MOVES = 26.0  # weeks in which the lag of open weights moves (by a factor e)
_GPT_3 = 22.2  # OOM, in June 2020
_TO_GPT_35 = 1.7 / 90  # OOM a week, in the 90 weeks until March 2022
_TO_GPT_4 = 1.1 / 52  # in the 52 weeks until March 2023


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
        meaning="how far open weights trail the frontier in week 0",
        source="assumption: the open models of spring 2023 were near GPT-3.5 of spring 2022",
    )
    open_language_penalty_oom: float = parameter(
        0.7, plausible=(0.3, 0.9), unit="OOM", ge=0, le=2, symbol="z",
        meaning="loss of open weights in Chinese against English",
        source="open models scored 58 and 62 in Chinese in May 2023, domestic leaders 67 and 73 "
        "(SuperCLUE)",
    )
    opening_gap_oom: float = parameter(
        0.7, plausible=(0.4, 1), unit="OOM", ge=0, le=10,
        meaning="distance between a firm's own model and the one that it opens",
        source="assumption: a size or a generation smaller",
    )
    # fmt: on


class World(Columns):
    """Two curves."""

    frontier = column("OOM", "best capability abroad", public=True)
    open_weights = column("OOM", "best capability free to download", public=True)
    best_at_home = column("OOM", "best domestic model that is shown", public=True, start=NO_MODEL)


class Firm(Columns):
    """What a firm has opened."""

    opened = column("OOM", "best model that it has opened", public=True, start=NO_MODEL)


@word
def frontier_at(week: float, p: P) -> float:
    """Capability of the frontier in a week (OOM); flat while it is paused."""
    level = _GPT_3
    level += _TO_GPT_35 * between(week + 147.0, 0.0, 90.0)
    level += _TO_GPT_4 * between(week + 57.0, 0.0, 52.0)
    moving = max(week + 5.0, 0.0)
    for i in range(p.pauses.count):
        moving -= between(week - p.pauses.first[i], 0.0, p.pauses.last[i] - p.pauses.first[i])
    return level + p.frontier.growth_oom_per_year / WEEKS * moving


@start("The frontier and the open weights are where they were.", "前沿与开源模型处于当时的水平。")
def appear(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """The frontier of week 0, and open weights that trail it."""
    w.frontier = frontier_at(0.0, p)
    past = frontier_at(-p.frontier.open_lag_start_weeks, p)
    w.open_weights = past - p.frontier.open_language_penalty_oom


@phase(
    "The frontier abroad and the open weights behind it move on.",
    "国外前沿和其后的开源模型继续前进。",
)
def curves(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Both curves at the end of the tick; open weights, once released, stay released."""
    c = p.frontier
    moved = exp(-w.end / _LAG_MOVES)
    lag = c.open_lag_weeks + (c.open_lag_start_weeks - c.open_lag_weeks) * moved
    if c.open_releases:
        trend = frontier_at(w.end - lag, p) - c.open_language_penalty_oom
        w.open_weights = max(w.open_weights, trend)
    w.frontier = frontier_at(w.end, p)
    w.best_at_home = NO_MODEL
    for f in firms:
        if live(f) and f.domestic:
            w.best_at_home = max(w.best_at_home, f.capability)


@phase("Firms that fell behind open a model.", "落后者开放模型权重。")
def open_models(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Who wishes opens a model some way below its own; what is open stays open."""
    for f in firms:
        trained = f.route == FOUNDATION and f.capability > NO_MODEL
        if f.wish_open <= 0.0 or not trained or not live(f) or not f.domestic:
            continue
        level = f.capability - p.frontier.opening_gap_oom
        if level > f.opened:
            f.opened = level
            w.open_weights = max(w.open_weights, level)
            tell(w, book, OPENED, f, w.end, level, -1)
