"""Prices: the best reply to cost and rivals, less what growth and lost users are worth."""

from __future__ import annotations

import numpy as np

from llm_market_sim.market.arithmetic import LOG_TEN, between, exp, segment_sums
from llm_market_sim.market.codes import (
    API_MARGIN,
    AT_COST,
    BY_RULE,
    FREE,
    MATCH,
    PREMIUM,
    REFERENCE_OOM,
    SEGMENT_COUNT,
    WEEKS,
    WRAPPER,
)
from llm_market_sim.market.columns import Columns, column, event
from llm_market_sim.market.firm import Book, Day, F, Firms, P, W, gone, live, tell
from llm_market_sim.market.parameters import ByKind, BySegment, Section, parameter
from llm_market_sim.market.rule import phase, word

__all__ = ["Params", "given_away", "set_prices"]

_UNIT_HOURS = 0.0125  # to serve a unit for a week at reference size: 0.05 USD at 4 USD an hour
_PRICE_WEEKS = 4.0  # in which a price moves to what is wanted (by a factor e)
_LEAST_SHARE = 0.005  # trend of the share below which nobody is said to have lost users
_MOST_MARKUP = 0.8  # of the price, however large a firm is
_PREMIUM = 1.5  # times the mark-up, of who wishes a premium
_FLOOR = 0.6  # lowest price, over the cost of an account
_MOST_GIVEN = 1.2  # of the margin: a price below cost
_ANSWERS = 0.5  # of the margin given away for lost users: told as an answer
ANSWERED = event("answered", "answers its rivals with lower prices")


class Params(Section):
    """What an answer costs to serve, and what firms charge for it."""

    # fmt: off
    size_exponent: float = parameter(
        0.5, unit="1", ge=0, le=2,
        meaning="growth of serving cost with training compute (model size goes with its root)",
        source="Hoffmann et al. 2022: parameters grow with about the root of compute",
    )
    decline_per_year: float = parameter(
        2.0, plausible=(1, 3), unit="1/year", ge=0, le=10,
        meaning="rate at which accelerator time per unit falls at fixed quality",
        source="prices at fixed quality fell 10 times a year (a16z 2024), 9 to 900 times (Epoch AI "
        "2025); exp(2) is 7 times",
    )
    units_per_account: BySegment = parameter(
        {"consumer": 1.0, "developer": 40.0, "enterprise": 8000.0, "public": 10000.0},
        plausible=(0.3, 3), unit="units", ge=0, le=1e7, meaning="use of one account",
        source="assumption",
    )
    service_usd: BySegment = parameter(
        {"consumer": 0.3, "developer": 10.0, "enterprise": 30000.0, "public": 40000.0},
        plausible=(0.4, 2), unit="USD/year", ge=0, le=1e8, symbol="S_g",
        meaning="cost of an account besides compute: fitting, advice, support",
        source="assumption: projects for firms are mostly work by people",
    )
    growth_motive: ByKind = parameter(
        {"bigtech": 1.0, "listed": 0.7, "startup": 1.1, "foreign": 0.0},
        plausible=(0, 1.6), unit="1", ge=0, le=10, symbol="gamma_k",
        meaning="share of the margin given away for users who stay, in an empty segment",
        source="assumption; penetration prices while users are locked in later (Farrell & "
        "Klemperer 2007)",
    )
    answer: float = parameter(
        4.0, plausible=(0, 8), unit="1", ge=0, le=100, symbol="a",
        meaning="share of the margin given away per share of its users that a firm has lost",
        source="assumption",
    )
    # fmt: on


class Firm(Columns):
    """A firm's cost of serving, and its prices."""

    unit_hours = column("GPU hours", "to serve one unit of use for a week")
    price = column("USD/year", "price of an account", by_segment=True, public=True)
    cost_per_account = column("USD/year", "cost of an account", by_segment=True)
    answers = column("yes/no", "gives margin away because it has lost users", dtype=np.bool_)


@word
def given_away(f: F, p: P, to_win: float, answer: float, patience: float) -> float:
    """Share of the margin that a firm gives up for growth, and in answer to lost users.

    to_win: share of the segment that has tried nothing yet, times the chance that a user stays.
    answer: what lost users call for. patience: as in `_patience`.
    """
    if f.wish_discount >= 0.0:
        return f.wish_discount
    wish = p.pricing.growth_motive[f.kind] * to_win + answer
    return between(wish, 0.0, _MOST_GIVEN) * patience


@word
def _patience(f: F) -> float:
    """Share of what it wishes to give away that a firm can afford: all with a runway of a year."""
    means, loss = max(f.cash + f.credits, 0.0), -f.trailing_profit
    return means / loss if loss > means else 1.0


@word
def _wanted(f: F, p: P, g: int, cost: float, markup: float, keeps: float, leader: float) -> float:
    """The price (USD a year) that a firm wants in segment g, by its wish for it.

    cost: of an account. markup: of the best reply, over its price. keeps: of the margin. leader:
    what the firm with most users there charges. Only who gives its product away goes
    below the floor.
    """
    way = f.wish_price[g]
    if way == FREE:
        return 0.0
    if way == AT_COST:
        return cost
    if way == PREMIUM:
        markup = min(_PREMIUM * markup, _MOST_MARKUP)
    best = (cost + markup * p.users.price_scale[g]) / (1.0 - markup)
    if way == BY_RULE:
        best = cost + keeps * (best - cost)
    elif way == MATCH:
        best = min(best, leader)
    return max(best, _FLOOR * cost)


@word
def _lost(f: F) -> float:
    """Share of its users that a firm has lost against a quarter ago."""
    if f.share_trend <= _LEAST_SHARE:
        return 0.0
    return max(1.0 - f.best_share / f.share_trend, 0.0)


@phase(
    "Prices follow cost and rivals, less what growth and lost users are worth.",
    "价格随成本与对手而定，并为增长与流失让利。",
)
def set_prices(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """A step towards the price that each firm wants, and the accelerator time of serving one unit.

    With utility -alpha ln(1 + p/w) and nested logit the best reply of a single-product firm is
    p = (c + m w)/(1 - m), where m = lambda/(alpha [1 - (1 - lambda) s_in - lambda s]), s_in is its
    share in the nest and s its share in the segment (Anderson & de Palma 1992). Of the margin that
    this leaves a firm gives a part away, unless it wishes another price.
    """
    c, u = p.pricing, p.users
    hours = _UNIT_HOURS * exp(-c.decline_per_year * w.end / WEEKS)
    slots = np.empty(len(firms), np.int16)
    size = np.empty(len(firms))  # of a firm's model, against the reference
    n = 0
    for f in firms:
        if not gone(f):
            slots[n] = f.slot
            size[n] = LOG_TEN * c.size_exponent * (f.served - REFERENCE_OOM)
            n += 1
    for j in range(n):
        size[j] = exp(size[j])

    nest = segment_sums()  # users of any product
    most, leader = segment_sums(), segment_sums()
    leader[:] = np.inf
    for j in range(n):
        f = firms[slots[j]]
        for g in range(SEGMENT_COUNT):
            nest[g] += f.users[g]
            if f.users[g] > most[g]:
                most[g], leader[g] = f.users[g], f.price[g]
    step = 1.0 - exp(-w.dt / _PRICE_WEEKS)
    steep, to_win = segment_sums(), segment_sums()
    for g in range(SEGMENT_COUNT):
        scale = u.nest_scale[g]
        steep[g] = (1.0 - scale) / max(nest[g], 1e-300) + scale / u.population[g]
        to_win[g] = (1.0 - exp(-u.inertia[g])) * w.unaware[g] / u.population[g]
    for j in range(n):
        f = firms[slots[j]]
        f.unit_hours = hours * size[j]
        fee = 1.0 + API_MARGIN if f.route == WRAPPER else 1.0
        unit_cost = WEEKS * f.unit_hours * w.gpu_price * fee
        fresh = not live(f) or f.launched_at > w.week or w.tick < 0
        answer, patience = c.answer * _lost(f), _patience(f)
        for g in range(SEGMENT_COUNT):
            m = u.nest_scale[g] / (u.price_weight[g] * max(1.0 - f.users[g] * steep[g], 1e-6))
            m = min(m, _MOST_MARKUP)
            cost = c.units_per_account[g] * unit_cost + c.service_usd[g]
            keeps = 1.0 - given_away(f, p, to_win[g], answer, patience)
            wanted = _wanted(f, p, g, cost, m, keeps, leader[g])
            f.cost_per_account[g] = cost
            f.price[g] = wanted if fresh else f.price[g] + step * (wanted - f.price[g])
        if _begins_to_answer(f, answer):
            tell(w, book, ANSWERED, f, w.end, np.nan, -1)


@word
def _begins_to_answer(f: F, answer: float) -> bool:
    """Whether this is the first week in which lost users cost a firm half its margin, until it has
    them back."""
    if f.wish_discount >= 0.0 or answer < 0.5 * _ANSWERS:
        f.answers = False
    elif answer >= _ANSWERS and not f.answers and live(f):
        f.answers = True
        return True
    return False
