"""The ways out: a change of route, a sale, a parent that gives up, an empty till."""

from __future__ import annotations

import numpy as np

from llm_market_sim.market.codes import (
    ACQUIRED,
    BANKRUPT,
    BETA,
    BIGTECH,
    BY_PAYOFF,
    CLOSED,
    FINE_TUNE,
    FOUNDATION,
    NEVER,
    NO_MODEL,
    NO_NICHE,
    NOBODY,
    OPEN,
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
from llm_market_sim.market.parameters import Section, parameter
from llm_market_sim.market.prospects import (
    affordable_hours,
    expected_capability,
    largest_run,
    tuned,
)
from llm_market_sim.market.rule import phase, word

__all__ = ["Params", "depart", "pivot"]

_SWITCH_WEEKS = 13.0  # of running cost, that a wished change of route costs
PIVOTED = event("pivoted", "changes route", goes_with="route")
RETURNED = event("returned", "returns to training", goes_with="route")
INTERNAL = event("internal", "turns to serving its own house")
SOLD = event("acquired", "is sold", stamp="closed_at", goes_with="acquirer")
BROKE = event("bankrupt", "runs out of money", stamp="closed_at")
SHUT = event("closed", "is shut down", stamp="closed_at")
_TO_FINE_TUNE = 0.7  # share of turns to fine-tuning; the rest go vertical
RELEVANT = 0.01  # share in some segment that counts as relevance to an owner
_SHUTDOWNS = 1.5  # a year, of a unit past its owner's patience
PIVOT, PIVOT_TO = stream("pivot"), stream("pivot to")
SALE, SHUTDOWN, BUYER = stream("sale"), stream("shutdown"), stream("buyer")


class Params(Section):
    """When firms turn, sell, stop or fail."""

    # fmt: off
    pivot_rate_per_year: float = parameter(
        1.5, plausible=(0.5, 3), unit="1/year", ge=0, le=50,
        meaning="rate at which a firm that trains and falls behind changes its route",
        source="assumption",
    )
    pivot_gap_oom: float = parameter(
        0.25, plausible=(0, 0.5), unit="OOM", ge=-5, le=5,
        meaning="how much better tuning must be before a firm that trains turns to it, or training "
        "before it turns back",
        source="assumption: a change of route costs a quarter or so",
    )
    short_runway_weeks: float = parameter(
        26.0, plausible=(13, 52), unit="weeks", ge=0, le=520,
        meaning="runway below which a firm that trains may turn, and a startup is for sale",
        source="assumption",
    )
    return_rate_per_year: float = parameter(
        0.7, plausible=(0.1, 2), unit="1/year", ge=0, le=50,
        meaning="rate at which a firm that tunes and could train a better model does so",
        source="assumption",
    )
    acquisition_rate_per_year: float = parameter(
        0.6, plausible=(0.2, 1.5),
        unit="1/year", ge=0, le=50, meaning="rate of a sale when the runway is short",
        source="assumption",
    )
    keyperson_rate_per_year: float = parameter(
        0.03, plausible=(0.01, 0.1),
        unit="1/year", ge=0, le=10, meaning="rate at which a startup loses its founder",
        source="one startup was sold at about its cash in June 2023 when its founder fell ill "
        "(TMTPost)",
    )
    # fmt: on


class World(Columns):
    """What is left when a firm is gone."""

    account_owners = column("million USD", "owners and creditors of dead firms")


class Firm(Columns):
    """How a firm turns and ends."""

    pivots = column("count", "changes of route so far", public=True)
    turned_at = column("week", "last changed its route by its own wish", start=-WEEKS)
    closed_at = column("week", "died or was sold", public=True, start=NEVER)
    offers = column("count", "times it was for sale")
    acquirer = column(
        "slot", "who bought it, -1 for nobody", public=True, start=NOBODY, dtype=np.int16
    )
    irrelevant = column("weeks", "on end below the relevance threshold")
    internal = column("yes/no", "serves its own house, for want of users outside", dtype=np.bool_)
    clock_pivot = clock("pivot", "until a change of route")
    clock_sale = clock("sale", "until it is for sale")
    clock_shutdown = clock("shutdown", "until the owner gives up")


@word
def _turns(w: W, f: F, p: P) -> float:
    """Rate a year at which a firm changes its route, given what either would give it.

    A firm that trains looks at the best it has, expects, or could afford now, against what it
    would get out of open weights.
    """
    e = p.exits
    short = runway_below(f, e.short_runway_weeks)
    other = tuned(w, f, p)
    if f.route == FINE_TUNE:
        if short:
            return 0.0
        return e.return_rate_per_year if _could_reach(w, f, p, other + e.pivot_gap_oom) else 0.0
    if short:
        return e.pivot_rate_per_year
    if f.runs == 0.0 and f.capability <= NO_MODEL:
        return 0.0  # it has not shown yet what it can do
    least = other - e.pivot_gap_oom
    hopes = max(f.capability, f.run_target) if f.run_hours > 0.0 else f.capability
    if hopes >= least or (f.run_hours <= 0.0 and _could_reach(w, f, p, least)):
        return 0.0
    return e.pivot_rate_per_year


@word
def _could_reach(w: W, f: F, p: P, level: float) -> bool:
    """Whether a run that the firm can pay for now would give so much."""
    if f.wish_training_musd <= 0.0:
        return False
    if expected_capability(largest_run(f, p), w.week, f.lag, f.skill, p) < level:
        return False
    hours = affordable_hours(w, f, p, f.wish_training_musd)
    return expected_capability(max(hours, 1.0), w.week, f.lag, f.skill, p) >= level


@phase(
    "Firms switch between training and open weights, by what each gives or when money is short.",
    "企业按各自所得在自研与开源模型之间转换；资金将尽者转向。",
)
def pivot(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Firms that train and fall behind open weights, or run short, turn to an easier route; those
    that tune and could do better turn back.

    Who returns counts a first run as done. Big techs do not turn: their parents' patience decides.
    Who wishes a route, of any kind, turns to it, at a quarter's running cost and not twice within a
    year.
    """
    for f in firms:
        if not here(f):
            continue
        if f.wish_route != BY_PAYOFF:
            if f.wish_route != f.route and w.end >= f.turned_at + WEEKS:
                cost = f.burn * _SWITCH_WEEKS / WEEKS
                f.cash -= cost
                w.account_outside += cost
                f.turned_at = w.end
                if p.regulation.review_required and f.status == OPEN and f.licensed_at == NEVER:
                    f.status = BETA  # what a niche did not need the whole market may
                _turn(w, book, f, p, f.wish_route)
            continue
        if f.kind == BIGTECH or (f.route != FOUNDATION and f.route != FINE_TUNE):
            continue
        spent = _turns(w, f, p) / WEEKS * w.dt
        if spent <= 0.0:
            continue
        left = f.clock_pivot
        f.clock_pivot -= spent
        if not clock_fires(left, spent):
            continue
        way, _ = two_uniforms(w, f.key, PIVOT_TO, f.pivots)
        if f.route == FINE_TUNE:
            _turn(w, book, f, p, FOUNDATION)
        else:
            _turn(w, book, f, p, FINE_TUNE if way < _TO_FINE_TUNE else VERTICAL)
        f.clock_pivot += exponential(w, f.key, PIVOT, f.pivots)


@word
def _turn(w: W, book: Book, f: F, p: P, route: int) -> None:
    """Another route, and no run under way any more; a vertical firm's segment is drawn."""
    _, place = two_uniforms(w, f.key, PIVOT_TO, f.pivots)
    if f.route == FINE_TUNE and route == FOUNDATION:
        f.best_run = max(f.best_run, p.training.first_run_hours)
    f.route = route
    f.niche = draw_segment(place) if route == VERTICAL else NO_NICHE
    f.run_hours = 0.0
    f.pivots += 1.0
    kind = RETURNED if route == FOUNDATION else PIVOTED
    tell(w, book, kind, f, w.end, np.nan, f.route)


@word
def _sale_at(w: W, f: F, p: P) -> float:
    """The week in which a startup comes up for sale, if it does in this tick."""
    rate = p.exits.keyperson_rate_per_year
    if runway_below(f, p.exits.short_runway_weeks):
        rate += p.exits.acquisition_rate_per_year
    spent, left = rate / WEEKS * w.dt, f.clock_sale
    f.clock_sale -= spent
    if not clock_fires(left, spent):
        return NEVER
    f.clock_sale += exponential(w, f.key, SALE, f.offers + 1.0)
    return fired_at(w, left, spent)


@word
def _shut_at(w: W, f: F, p: P) -> float:
    """The week in which an owner shuts its unit, if it does in this tick.

    A big tech whose own model is as good as open weights has a use for it inside the house, and
    keeps a unit that nobody outside uses.
    """
    outside = f.launched_at > w.end or f.best_share >= RELEVANT
    f.irrelevant = 0.0 if outside else f.irrelevant + w.dt
    shut_at = NEVER
    if f.irrelevant > p.funding.patience_weeks:
        useful = f.kind == BIGTECH and f.capability >= w.open_weights
        f.internal = useful
        spent, left = _SHUTDOWNS / WEEKS * w.dt, f.clock_shutdown
        if not useful:
            f.clock_shutdown -= spent
            if clock_fires(left, spent):
                f.clock_shutdown += exponential(w, f.key, SHUTDOWN, f.pivots + 1.0)
                shut_at = fired_at(w, left, spent)
    else:
        f.internal = False
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
    "Startups are sold, units shut, firms without cash closed; then the books are closed.",
    "创业公司被收购，业务被关停，资金耗尽者破产；账目结清。",
)
def depart(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Sales, shutdowns and bankruptcies of the tick, all at once.

    A startup is for sale when its runway is short or its founder is lost. Its price is its net
    cash, which its owners receive; its cards, and those on order, go with the team.
    """
    sale_at, shut_at = np.empty(len(firms)), np.empty(len(firms))
    leaving = 0
    for f in firms:
        sale_at[f.slot], shut_at[f.slot] = NEVER, NEVER
        if not here(f):
            continue
        if f.kind == STARTUP:
            f.irrelevant = 0.0
            sale_at[f.slot] = _sale_at(w, f, p)
        else:
            before = f.internal
            shut_at[f.slot] = _shut_at(w, f, p)
            if f.internal and not before:
                tell(w, book, INTERNAL, f, w.end, np.nan, -1)
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
            firms[buyer[f.slot]].cards += f.cards
            firms[buyer[f.slot]].cards_ordered += f.cards_ordered
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
