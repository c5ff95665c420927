"""The ways out: a change of route, a sale, a parent that gives up, an empty till."""

from __future__ import annotations

import numpy as np

from llm_market_sim.market.codes import (
    ACQUIRED,
    BANKRUPT,
    BIGTECH,
    CLOSED,
    FINE_TUNE,
    FOUNDATION,
    NEVER,
    NO_MODEL,
    NOBODY,
    SEGMENT_COUNT,
    STARTUP,
    VERTICAL,
    WEEKS,
)
from llm_market_sim.market.columns import Columns, clock, column, event
from llm_market_sim.market.firm import (
    Book,
    Day,
    F,
    Firms,
    P,
    W,
    choose_buyer,
    clock_fires,
    draw_segment,
    fired_at,
    here,
    runway_below,
    tell,
)
from llm_market_sim.market.luck import exponential, stream, two_uniforms
from llm_market_sim.market.parameters import BySegment, Section, parameter
from llm_market_sim.market.rule import phase, word

__all__ = ["Params", "depart", "pivot"]

PIVOTED = event("pivoted", "changes route", goes_with="route")
SOLD = event("acquired", "is sold", stamp="closed_at", goes_with="acquirer")
BROKE = event("bankrupt", "runs out of money", stamp="closed_at")
SHUT = event("closed", "is shut down", stamp="closed_at")
PIVOT, PIVOT_TO = stream("pivot"), stream("pivot to")
SALE, SHUTDOWN, BUYER = stream("sale"), stream("shutdown"), stream("buyer")


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


class World(Columns):
    """What is left when a firm is gone."""

    account_owners = column("million USD", "owners and creditors of dead firms")


class Firm(Columns):
    """How a firm turns and ends."""

    pivots = column("count", "changes of route so far", public=True)
    closed_at = column("week", "died or was sold", public=True, start=NEVER)
    offers = column("count", "times it was for sale")
    acquirer = column(
        "slot", "who bought it, -1 for nobody", public=True, start=NOBODY, dtype=np.int16
    )
    irrelevant = column("weeks", "on end below the relevance threshold")
    clock_pivot = clock("pivot", "until a change of route")
    clock_sale = clock("sale", "until it is for sale")
    clock_shutdown = clock("shutdown", "until the owner gives up")


@phase(
    "Firms that train and fall behind, or run short, turn to an easier route.",
    "自研而落后或资金将尽的公司改走较易的路线。",
)
def pivot(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Firms that train and fall behind open weights, or run short, turn to an easier route.

    A run under way counts with what it is expected to give. Big techs do not turn: their parents'
    patience decides.
    """
    e = p.exits
    spent = e.pivot_rate_per_year / WEEKS * w.dt
    for f in firms:
        if f.route != FOUNDATION or not here(f) or f.kind == BIGTECH:
            continue
        hopes = f.capability
        if f.run_hours > 0.0:
            hopes = max(hopes, f.run_target)
        behind = f.capability > NO_MODEL and hopes < w.open_weights - e.pivot_gap_oom
        if not behind and not runway_below(f, e.pivot_runway_weeks):
            continue
        left = f.clock_pivot
        f.clock_pivot -= spent
        if not clock_fires(left, spent):
            continue
        way, place = two_uniforms(w, f.key, PIVOT_TO, f.pivots)
        if way < e.pivot_to_fine_tune:
            f.route = FINE_TUNE
        else:
            f.route = VERTICAL
            f.niche = draw_segment(place, e.niche_mix)
        f.run_hours = 0.0
        f.pivots += 1.0
        f.clock_pivot += exponential(w, f.key, PIVOT, f.pivots)
        tell(w, book, PIVOTED, f, w.end, np.nan, f.route)


@word
def _sale_at(w: W, f: F, p: P) -> float:
    """The week in which a startup comes up for sale, if it does in this tick."""
    rate = p.exits.keyperson_rate_per_year
    if runway_below(f, p.exits.acquisition_runway_weeks):
        rate += p.exits.acquisition_rate_per_year
    spent, left = rate / WEEKS * w.dt, f.clock_sale
    f.clock_sale -= spent
    if not clock_fires(left, spent):
        return NEVER
    f.clock_sale += exponential(w, f.key, SALE, f.offers + 1.0)
    return fired_at(w, left, spent)


@word
def _shut_at(w: W, f: F, p: P) -> float:
    """The week in which an owner shuts its unit, if it does in this tick."""
    irrelevant = f.launched_at <= w.end and f.best_share < p.funding.relevance_share
    f.irrelevant = f.irrelevant + w.dt if irrelevant else 0.0
    shut_at = NEVER
    if f.irrelevant > p.funding.patience_weeks:
        spent, left = p.exits.shutdown_rate_per_year / WEEKS * w.dt, f.clock_shutdown
        f.clock_shutdown -= spent
        if clock_fires(left, spent):
            f.clock_shutdown += exponential(w, f.key, SHUTDOWN, f.pivots + 1.0)
            shut_at = fired_at(w, left, spent)
    return w.end if f.cash <= 0.0 else shut_at


@word
def _close_books(w: W, f: F) -> None:
    """What a firm leaves, or owes, goes to owners and creditors; its users are free again."""
    for g in range(SEGMENT_COUNT):
        w.idle[g] += f.users[g]
        f.users[g] = 0.0
    w.account_owners += f.cash + f.credits
    f.cash = 0.0
    f.credits = 0.0
    f.use = 0.0
    f.run_hours = 0.0
    f.wish_training_musd = 0.0


@phase(
    "Startups are sold, units shut, empty tills closed; the books are closed.",
    "创业公司被收购，业务被关停，资金耗尽者破产；账目结清。",
)
def depart(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Sales, shutdowns and bankruptcies of the tick, all at once.

    A startup is for sale when its runway is short or its founder is lost. Its price is its net
    cash, which its owners receive; the team adds to the buyer's skill.
    """
    sale_at, shut_at = np.full(len(firms), NEVER), np.full(len(firms), NEVER)
    leaving = 0
    for f in firms:
        if not here(f):
            continue
        if f.kind == STARTUP:
            f.irrelevant = 0.0
            sale_at[f.slot] = _sale_at(w, f, p)
        else:
            shut_at[f.slot] = _shut_at(w, f, p)
        if sale_at[f.slot] < NEVER or shut_at[f.slot] < NEVER or f.cash <= 0.0:
            leaving += 1
    if leaving == 0:
        return
    shut = shut_at < NEVER
    buyer = np.full(len(firms), NOBODY)
    for f in firms:
        if sale_at[f.slot] < NEVER:
            buyer[f.slot] = choose_buyer(w, firms, f, BUYER, f.offers, f.cash, shut)
            f.offers += 1.0
    for f in firms:
        if buyer[f.slot] != NOBODY:
            status, week, kind = ACQUIRED, sale_at[f.slot], SOLD
            firms[buyer[f.slot]].skill += p.exits.acquirer_skill_oom
            f.acquirer = buyer[f.slot]
        elif shut[f.slot]:
            status, week, kind = CLOSED, shut_at[f.slot], SHUT
        elif here(f) and f.cash <= 0.0:
            status, week, kind = BANKRUPT, w.end, BROKE
        else:
            continue
        tell(w, book, kind, f, week, np.nan, buyer[f.slot])
        f.status = status
        f.closed_at = week
        _close_books(w, f)
