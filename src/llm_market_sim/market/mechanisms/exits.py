"""The ways out: a change of route, a sale, a parent that gives up, an empty till."""

from __future__ import annotations

from typing import Any

import numpy as np

from llm_market_sim.market.parameters import BySegment, Section, parameter
from llm_market_sim.market.phase import Changes, Phase, draw_segment, in_turn, tick_clock
from llm_market_sim.market.state import NO_MODEL, Kind, Route, Setting, State, Status

__all__ = ["PHASES", "Params", "depart", "pivot"]

_WEEKS = 52.0


class Params(Section):
    """When firms turn, sell, stop or fail."""

    # fmt: off
    pivot_rate_per_year: float = parameter(
        1.5, plausible=(0.5, 3), unit="1/year", ge=0, le=50,
        meaning="rate at which a firm that trains and falls behind changes route",
        source="assumption",
    )
    pivot_gap_oom: float = parameter(
        0.05, unit="OOM", ge=-5, le=5, meaning="distance behind open weights that counts",
        source="assumption",
    )
    pivot_runway_weeks: float = parameter(
        26.0, unit="weeks", ge=0, le=520, meaning="runway below which a firm that trains may turn",
        source="assumption",
    )
    pivot_to_fine_tune: float = parameter(
        0.4, unit="1", ge=0, le=1, meaning="share of turns to fine-tuning; the rest go vertical",
        source="assumption",
    )
    niche_mix: BySegment = parameter(
        {"consumer": 0.0, "developer": 0.1, "enterprise": 0.6, "public": 0.3},
        unit="1", ge=0, le=1, meaning="relative frequency of the segments of vertical firms",
        source="assumption",
    )
    acquisition_rate_per_year: float = parameter(
        0.6, plausible=(0.2, 1.5),
        unit="1/year", ge=0, le=50, meaning="rate of a sale when the runway is short",
        source="assumption",
    )
    acquisition_runway_weeks: float = parameter(
        30.0, unit="weeks", ge=0, le=520, meaning="runway below which a startup is for sale",
        source="assumption",
    )
    keyperson_rate_per_year: float = parameter(
        0.03, plausible=(0.01, 0.1),
        unit="1/year", ge=0, le=10, meaning="rate at which a startup loses its founder",
        source="one startup was sold at about its cash in June 2023 when its founder fell ill "
        "(TMTPost)",
    )
    acquirer_skill_oom: float = parameter(
        0.02, unit="OOM", ge=0, le=1, meaning="gain of the buyer's skill from the team",
        source="assumption",
    )
    shutdown_rate_per_year: float = parameter(
        1.5, plausible=(0.5, 3), unit="1/year", ge=0, le=50,
        meaning="rate at which a big tech or listed firm shuts a unit past its patience",
        source="assumption",
    )
    # fmt: on


def pivot(state: State, p: Any, setting: Setting) -> Changes:
    """Firms that train and fall behind open weights, or run short, turn to an easier route.

    A run under way counts with what it is expected to give. Big techs do not turn: their parents'
    patience decides.
    """
    e, luck = p.exits, setting.luck
    own = state.capability > NO_MODEL
    training = state.run_hours > 0.0
    hopes = np.where(training, np.maximum(state.capability, state.run_target), state.capability)
    behind = own & (hopes < state.open_weights - e.pivot_gap_oom)
    short = state.runway_below(e.pivot_runway_weeks)
    firms = setting.firms
    free = firms.domestic & (firms.kind != Kind.BIGTECH)
    trains = state.alive & free & (state.route == Route.FOUNDATION)
    rate = (trains & (behind | short)) * (e.pivot_rate_per_year / _WEEKS)
    turns, _, clock = tick_clock(
        state.clock_pivot, rate, "pivot", state.pivots, setting, state.week
    )
    k = state.pivots
    way, place = luck.two_uniforms("pivot to", k, where=turns)
    tunes = way < e.pivot_to_fine_tune
    niche = draw_segment(place, e.niche_mix)
    route = np.where(tunes, np.int8(Route.FINE_TUNE), np.int8(Route.VERTICAL))
    return {
        "clock_pivot": clock,
        "pivots": state.pivots + turns,
        "route": np.where(turns, route, state.route),
        "niche": np.where(turns & ~tunes, niche, state.niche).astype(np.int8),
        "run_hours": np.where(turns, 0.0, state.run_hours),
    }


def depart(state: State, p: Any, setting: Setting) -> Changes:
    """Sales, shutdowns and bankruptcies of the tick, all at once; the books are closed.

    A startup is for sale when its runway is short or its founder is lost. Its price is its net
    cash, which its owners receive; the team adds to the buyer's skill. What a dead firm leaves, or
    owes, goes to its owners and creditors, and its users return to the market.
    """
    e, firms, dt = p.exits, setting.firms, setting.dt
    week, end = state.week, setting.after(state.week)
    alive = state.alive & firms.domestic
    startup = alive & (firms.kind == Kind.STARTUP)
    corporate = alive & ~startup

    short = state.runway_below(e.acquisition_runway_weeks)
    rate = e.keyperson_rate_per_year + e.acquisition_rate_per_year * short
    for_sale, sale_at, clock_sale = tick_clock(
        state.clock_sale, startup * rate / _WEEKS, "sale", state.offers, setting, week
    )
    relevant = state.best_share >= p.funding.relevance_share
    shown = corporate & (state.launched_at <= end)
    irrelevant = np.where(shown & ~relevant, state.irrelevant + dt, 0.0)
    given_up = shown & (irrelevant > p.funding.patience_weeks)
    shut, shut_at, clock_shut = tick_clock(
        state.clock_shutdown, given_up * (e.shutdown_rate_per_year / _WEEKS), "shutdown",
        state.pivots, setting, week,
    )  # fmt: skip

    broke = alive & (state.cash <= 0.0)
    shut = shut | (broke & corporate)
    buyers = list(firms.buyers)
    wealth = np.where(alive & ~shut, state.cash, -np.inf)[:, buyers]
    buyer = setting.luck.choose("buyer", state.offers, for_sale, buyers, wealth, state.cash)
    sold = for_sale & (buyer >= 0)
    fails = broke & startup & ~sold
    gone = sold | shut | fails

    status = np.where(sold, np.int8(Status.ACQUIRED), state.status)
    status = np.where(fails, np.int8(Status.BANKRUPT), status)
    status = np.where(shut, np.int8(Status.CLOSED), status)
    when = np.where(sold, sale_at, np.where(shut & ~broke, shut_at, end))
    skill = state.skill
    for _, partner in in_turn(sold, when, buyer):
        skill = skill + e.acquirer_skill_oom * partner
    left = state.users * gone[:, None, :]
    return {
        "clock_sale": clock_sale,
        "clock_shutdown": clock_shut,
        "irrelevant": irrelevant,
        "status": status,
        "offers": state.offers + for_sale,
        "closed_at": np.where(gone, when, state.closed_at),
        "acquirer": np.where(sold, buyer, state.acquirer).astype(np.int16),
        "users": state.users - left,
        "idle": state.idle + np.sum(left, axis=-1, keepdims=True),
        "use": np.where(gone, 0.0, state.use),
        "skill": skill,
        "run_hours": np.where(gone, 0.0, state.run_hours),
        "cash": np.where(gone, 0.0, state.cash),
        "credits": np.where(gone, 0.0, state.credits),
        "account_owners": state.account_owners
        + np.sum(np.where(gone, state.cash + state.credits, 0.0), axis=-1, keepdims=True),
    }


PHASES = (
    Phase(
        "pivot", "Firms that train and fall behind, or run short, turn to an easier route.", pivot,
        ("clock_pivot", "pivots", "route", "niche", "run_hours"),
    ),
    Phase(
        "depart", "Startups are sold, units shut, empty tills closed; the books are closed.",
        depart,
        ("clock_sale", "clock_shutdown", "irrelevant", "status", "offers", "closed_at", "acquirer",
         "users", "idle", "use", "skill", "run_hours", "cash", "credits", "account_owners"),
    ),
)  # fmt: skip
