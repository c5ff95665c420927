"""Users: who hears of a product, who tries, who chooses what, who stays.

Nested logit with one nest of products against an outside option (McFadden; Berry 1994), reach as
availability (Goeree 2008), inertia as a bonus for the product in use (Dubé, Hitsch & Rossi 2010),
and entry of non-users after Bass (1969). All flows are expected flows, whose cost grows with the
number of firms and not with the number of users.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from llm_market_sim.market.arithmetic import LOG_TEN, exp, log, total, whole_rows
from llm_market_sim.market.codes import (
    BETA,
    DEVELOPER,
    NO_MODEL,
    NO_NICHE,
    REFERENCE_OOM,
    SEGMENT_COUNT,
    WEEKS,
)
from llm_market_sim.market.columns import Columns, column
from llm_market_sim.market.firm import Book, Day, F, Firms, P, W, alive, gone, live
from llm_market_sim.market.luck import four_normals, normals_by_segment, stream
from llm_market_sim.market.parameters import ByKind, BySegment, Section, parameter
from llm_market_sim.market.rule import phase, start, word

__all__ = ["Params", "adopt", "gather"]

_MOST = 300.0  # a utility whose exponential a number can still hold many times over
_LEAST = 1e-300  # the weight of no product at all, where there is nothing to choose
_FLYWHEEL_START = 1e7  # unit weeks of use at which learning from it sets in
THIN = 0.001  # share of a segment that must use some product before shares count for more
_TASTE_MEMORY = 52.0  # weeks in which appeal is forgotten (by a factor e)
_TASTE_GRID = 4.0  # weeks between draws of taste, on the calendar whatever the tick
_TOLD = (2.0, 2.0, 1.5, 1.5)  # reach a year through users, by segment, if all who tried use it
REACH_START = (0.30, 0.05, 0.01, 1.0)  # of an unnamed firm on its first day, by kind
_OPEN_REACH = 0.6  # a year, among developers, of a firm that has opened a model
_TREND_WEEKS = 13.0  # memory of `share_trend` (by a factor e): investors and prices look at it
TASTE = stream("taste")


class Params(Section):
    """Four segments: how many, what they want, how fast they move."""

    # fmt: off
    population: BySegment = parameter(
        {"consumer": 4e8, "developer": 6e6, "enterprise": 4e4, "public": 4e3},
        unit="accounts", gt=0, le=1e12, symbol="N_g", meaning="possible users",
        source="assumption",
    )
    quality_weight: BySegment = parameter(
        {"consumer": 1.3, "developer": 2.6, "enterprise": 2.2, "public": 1.8},
        plausible=(0.4, 1.5),
        unit="utility/OOM", ge=0, le=20, symbol="beta_q", meaning="utility of capability",
        source="100 Elo points are 0.58 of utility in one comparison, and use repeats; assumption",
    )
    nest_scale: BySegment = parameter(
        {"consumer": 0.5, "developer": 0.5, "enterprise": 0.6, "public": 0.6},
        plausible=(0.65, 1.6), unit="1", ge=0.05, le=1, symbol="lambda_g",
        meaning="how different products are to a user; 1 is plain logit, near 0 winner takes all",
        source="assumption",
    )
    inertia: BySegment = parameter(
        {"consumer": 2.5, "developer": 1.5, "enterprise": 2.5, "public": 3.0},
        plausible=(0.5, 1.5),
        unit="utility", ge=0, le=15, symbol="kappa_g", meaning="bonus of the product in use",
        source="assumption; inertia of this kind is measured in other markets",
    )
    reconsider_per_year: BySegment = parameter(
        {"consumer": 6.0, "developer": 3.0, "enterprise": 1.0, "public": 0.7},
        plausible=(0.4, 2.5), unit="1/year", ge=0, le=365, symbol="rho_g",
        meaning="how often a user chooses again", source="assumption",
    )
    innovation_per_year: BySegment = parameter(
        {"consumer": 0.43, "developer": 0.35, "enterprise": 0.45, "public": 0.20},
        plausible=(0.2, 2),
        unit="1/year", ge=0, le=50, symbol="p_g",
        meaning="non-users who try unprompted, at the hype of April 2023",
        source="fitted to the facts of 2023 (accounts, revenue); developers: assumption",
    )
    imitation_per_year: BySegment = parameter(
        {"consumer": 0.6, "developer": 0.8, "enterprise": 0.9, "public": 0.6},
        plausible=(0.5, 1.6),
        unit="1/year", ge=0, le=50, symbol="q_g", meaning="non-users who try because others do",
        source="fitted to the facts of 2023 (accounts, revenue), developers: assumption; range: "
        "0.3 to 1 for new products elsewhere (Van den Bulte's collection, for consumers)",
    )
    price_weight: BySegment = parameter(
        {"consumer": 1.5, "developer": 2.0, "enterprise": 2.2, "public": 2.2},
        plausible=(0.75, 1.35), unit="utility", gt=0, le=100, symbol="alpha_g",
        meaning="disutility of a price: alpha ln(1 + p/w)",
        source="assumption; range: a small firm whose consumers pay 2 w loses 1.5 to 2.7 % with a "
        "price 1 % higher; means elsewhere are 1.76 (Tellis 1988) and 2.62 (Bijmolt et al. 2005)",
    )
    price_scale: BySegment = parameter(
        {"consumer": 1.0, "developer": 20.0, "enterprise": 15000.0, "public": 20000.0},
        plausible=(0.5, 2), unit="USD/year", gt=0, le=1e8, symbol="w_g",
        meaning="price of an account above which it hurts in proportion",
        source="fitted to the facts of 2023 (revenue)",
    )
    outside_utility: BySegment = parameter(
        {"consumer": 3.0, "developer": -1.3, "enterprise": -4.0, "public": -2.8},
        unit="utility", ge=-1000, le=1000, symbol="V_0",
        meaning="utility of using nothing, over that of a product of reference capability",
        source="assumption; enterprises and public bodies fitted to the revenue of 2023, "
        "consumers to the pattern of adoption",
    )
    affinity_weight: float = parameter(
        1.3, plausible=(0.2, 2), unit="utility", ge=0, le=20, symbol="w_a",
        meaning="utility of a firm that fits the segment perfectly",
        source="fitted to the facts of 2023 (shares of revenue)",
    )
    vertical_bonus: float = parameter(
        0.6, plausible=(0, 1.5),
        unit="utility", ge=0, le=20, meaning="utility of a vertical product in its segment",
        source="assumption",
    )
    flywheel: float = parameter(
        0.2, plausible=(0, 0.3), unit="OOM/decade", ge=0, le=2, symbol="phi",
        meaning="capability gained by ten times the use (learning from data)",
        source="assumption",
    )
    taste_spread: float = parameter(
        0.75, plausible=(0.3, 1.2), unit="utility", ge=0, le=10, symbol="sigma_xi",
        meaning="standard deviation of a product's unobserved appeal",
        source="assumption, first-order and weakly identified",
    )
    channel_per_year: ByKind = parameter(
        {"bigtech": 0.15, "listed": 0.05, "startup": 0.05, "foreign": 0.0},
        plausible=(0.3, 3), unit="1/year", ge=0, le=50, symbol="c_k",
        meaning="reach gained through channels that a firm has in any case", source="assumption",
    )
    marketing_share: float = parameter(
        0.2, plausible=(0.1, 0.4), unit="1/year", ge=0, le=10, symbol="b_M",
        meaning="share of its free cash that a firm with a product spends on reach in a year",
        source="assumption",
    )
    marketing_musd: float = parameter(
        30.0, plausible=(15, 60), unit="million USD/year", gt=0, le=1e5, symbol="M_1",
        meaning="spending that gains reach at a rate of one a year", source="assumption",
    )
    marketing_exponent: float = parameter(
        0.6, plausible=(0.4, 0.8), unit="1", gt=0, le=1,
        meaning="growth of that rate with spending", source="assumption: returns fall",
    )
    foreign_access: float = parameter(
        0.0, unit="1", ge=0, le=1, meaning="share of users who can get the foreign frontier",
        source="not open to users at home (the article)",
    )
    # fmt: on


class World(Columns):
    """Those who use nothing."""

    unaware = column("accounts", "have never tried any product", by_segment=True)
    idle = column("accounts", "in the market, using none", by_segment=True)


class Firm(Columns):
    """A firm's users, and what they see of it."""

    users = column("accounts", "use the firm's product", by_segment=True, public=True)
    reach = column("1", "share that knows it and can get it", by_segment=True, public=True)
    taste = column("utility", "unobserved appeal", by_segment=True, hidden=True)
    spending = column("USD/year", "what its users pay")
    use = column("units", "of use, all segments together")
    marketing = column("million USD/year", "spent on reach this tick")
    use_so_far = column("unit weeks", "use of the product so far")
    best_share = column("1", "largest share of use in any segment", public=True)
    share_trend = column("1", "best share, mean of about a quarter")


@start(
    "Nobody has tried a product; firms have a reach and an appeal.",
    "尚无人使用产品；企业有其触达与吸引力。",
)
def gather(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Everybody is unaware; the appeal of products is normal."""
    u = p.users
    for g in range(SEGMENT_COUNT):
        w.unaware[g] = u.population[g]
    for f in firms:
        draws = four_normals(w, f.key, TASTE, 0)
        for g in range(SEGMENT_COUNT):
            f.taste[g] = u.taste_spread * draws[g]
            if not f.named:
                f.reach[g] = REACH_START[f.kind]


@phase(
    "Users hear of products, try, choose, stay or leave.", "用户听说产品、试用、选择、留下或离开。"
)
def adopt(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """One tick of adoption, reconsideration and choice, segment by segment.

    The products that have been shown are laid side by side, one row of numbers for each thing that
    matters in each segment, so that every step of the choice is one pass over neighbours.
    """
    u = p.users
    shown = np.empty(len(firms), np.int16)  # slots
    n = 0
    for f in firms:
        if alive(f) and f.launched_at <= w.end:
            shown[n] = f.slot
            n += 1
        elif gone(f):
            f.spending = 0.0
            f.best_share = 0.0
            f.marketing = 0.0
    room = whole_rows(n)  # who is beyond n is nobody: a product without users or reach
    rows, by_segment = np.zeros((9, room)), np.zeros((5, SEGMENT_COUNT, room))
    learned, spent, access, opened = rows[0], rows[1], rows[2], rows[3]
    use, spending, best, weight, scratch = rows[4], rows[5], rows[6], rows[7], rows[8]
    users, reach, price = by_segment[0], by_segment[1], by_segment[2]
    value, serves = by_segment[3], by_segment[4]
    _learn(firms, shown, n, p, learned)
    _advertise(firms, shown, n, p, spent, scratch)
    for j in range(n):
        f = firms[shown[j]]
        access[j] = 1.0 if f.domestic else u.foreign_access
        opened[j] = _OPEN_REACH if f.opened > NO_MODEL else 0.0
        for g in range(SEGMENT_COUNT):
            users[g, j], reach[g, j], price[g, j] = f.users[g], f.reach[g], f.price[g]
            value[g, j] = _utility(f, p, g, learned[j])
            serves[g, j] = 1.0 if live(f) and (f.niche == NO_NICHE or f.niche == g) else 0.0

    for g in range(SEGMENT_COUNT):
        held, heard, paid, worth = users[g], reach[g], price[g], value[g]
        _weigh(p, g, paid, heard, access, serves[g], worth, weight)
        _move(w, n, p, g, held, worth, weight, scratch)
        _keep_betas_closed(w, firms, shown, n, p, g, held)
        _hear(w, p, g, held, spent, opened, heard, scratch)
        size = max(total(held[:n]), THIN * u.population[g])
        units = p.pricing.units_per_account[g]
        for j in range(n):
            share = held[j] / size
            best[j] = share if share > best[j] else best[j]
            use[j] += held[j] * units
            spending[j] += held[j] * paid[j]

    kept = exp(-w.dt / _TREND_WEEKS)
    for j in range(n):
        f = firms[shown[j]]
        for g in range(SEGMENT_COUNT):
            f.users[g], f.reach[g] = users[g, j], reach[g, j]
        f.use = use[j]
        f.spending = spending[j]
        f.use_so_far += use[j] * w.dt
        f.best_share = best[j]
        f.share_trend = best[j] + (f.share_trend - best[j]) * kept
    _wander(w, firms, p)


@word
def _learn(firms: Firms, shown: Any, n: int, p: P, learned: Any) -> None:
    """Capability of each product plus phi log10(1 + D/D_0) from its use, over the reference."""
    u = p.users
    for j in range(n):
        learned[j] = firms[shown[j]].use_so_far / _FLYWHEEL_START
    for j in range(len(learned)):
        learned[j] = u.flywheel / LOG_TEN * log(1.0 + learned[j])
    for j in range(n):
        learned[j] += firms[shown[j]].served - REFERENCE_OOM


@word
def _utility(f: F, p: P, g: int, learned: float) -> float:
    """Utility of a product in segment g over the outside option."""
    u = p.users
    bonus = u.vertical_bonus if f.niche == g else 0.0
    bound = f.domestic and p.regulation.review_required and p.regulation.licence_needed[g] > 0.0
    quality = learned - p.regulation.alignment_oom if bound else learned
    return (
        u.quality_weight[g] * quality
        + f.taste[g]
        + u.affinity_weight * f.affinity[g]
        + bonus
        - u.outside_utility[g]
    )


@word
def _weigh(
    p: P, g: int, price: Any, reach: Any, access: Any, serves: Any, value: Any, weight: Any
) -> None:
    """From utility before a price to its exponential over the nest's scale, and the weight in
    choice.

    A product that is down or serves another segment has no value; the weight counts the share of
    users who know the product and can get it.
    """
    scale, dear = p.users.nest_scale[g], p.users.price_weight[g]
    for j in range(len(weight)):
        weight[j] = log(1.0 + price[j] / p.users.price_scale[g])
    for j in range(len(weight)):
        x = (value[j] - dear * weight[j]) / scale
        value[j] = exp(x if x < _MOST else _MOST) * serves[j]
    for j in range(len(weight)):
        weight[j] = reach[j] * value[j] * access[j]


@word
def _inside(sum_of_weights: float, scale: float) -> float:
    """Chance of choosing a product at all, given the sum of weights that a user sees."""
    odds = exp(scale * log(sum_of_weights))
    return odds / (1.0 + odds)


@word
def _first_try(w: W, tried: float, p: P, g: int, years: float) -> float:
    """Share of those who have never tried that do so in a time: Bass (1969) in closed form.

    tried: share of segment g that has tried a product before. Those who try of their own accord
    have heard of it, so their rate goes with the mood.
    """
    alone, others = p.users.innovation_per_year[g] * exp(w.log_hype), p.users.imitation_per_year[g]
    rate, rest = alone + others * tried, 1.0 - tried
    if rate <= 0.0 or rest <= 0.0:
        return 0.0
    decay = exp(-(alone + others) * years)
    after = (rate - alone * rest * decay) / max(rate + others * rest * decay, _LEAST)
    return (after - tried) / max(rest, _LEAST)


@word
def _move(w: W, n: int, p: P, g: int, users: Any, value: Any, weight: Any, scratch: Any) -> None:
    """Expected flows: nothing is lost, nobody is drawn.

    Of those who choose again, a user of product i takes product j with weight r_j v_j, and its own
    with (e^(kappa/lambda) - 1) v_i more. All the flows together cost two passes over the products.
    """
    u, years = p.users, w.dt / WEEKS
    scale = u.nest_scale[g]
    habit = exp(u.inertia[g] / scale) - 1.0
    again = 1.0 - exp(-u.reconsider_per_year[g] * years)
    fresh = w.unaware[g] * _first_try(w, 1.0 - w.unaware[g] / u.population[g], p, g, years)
    returning = w.idle[g] * again
    choice = total(weight[:n]) + _LEAST
    newcomers = (fresh + returning) * _inside(choice, scale)
    for j in range(len(weight)):
        moving = users[j] * again
        seen = choice + habit * value[j]
        odds = exp(scale * log(seen))
        scratch[j] = moving * odds / ((1.0 + odds) * seen)  # who takes a product, per weight
        users[j] += habit * value[j] * scratch[j] - moving
        value[j] = moving - scratch[j] * seen  # who leaves the market
    lost = total(value[:n])
    pulled = newcomers / choice + total(scratch[:n])
    for j in range(len(weight)):
        users[j] += weight[j] * pulled
    w.unaware[g] -= fresh
    w.idle[g] += lost + fresh - newcomers


@word
def _keep_betas_closed(w: W, firms: Firms, shown: Any, n: int, p: P, g: int, users: Any) -> None:
    """Where a licence is needed, a closed beta turns away whom it has no room for."""
    if p.regulation.licence_needed[g] <= 0.0:
        return
    cap = p.regulation.beta_cap[g]
    for j in range(n):
        if users[j] > cap:
            f = firms[shown[j]]
            if f.status == BETA and f.domestic:
                w.idle[g] += users[j] - cap
                users[j] = cap


@word
def _advertise(firms: Firms, shown: Any, n: int, p: P, rate: Any, channels: Any) -> None:
    """Rate at which channels and paid marketing bring each product to those not yet reached."""
    u = p.users
    for j in range(n):
        f = firms[shown[j]]
        f.marketing = f.wish_marketing_musd if f.domestic else 0.0
        rate[j] = f.marketing / u.marketing_musd
        channels[j] = u.channel_per_year[f.kind]
    for j in range(len(rate)):
        rate[j] = exp(u.marketing_exponent * log(max(rate[j], _LEAST))) + channels[j]


@word
def _hear(w: W, p: P, g: int, users: Any, paid: Any, opened: Any, reach: Any, rate: Any) -> None:
    """Reach grows through the share of users among those who have tried anything, through channels
    and marketing, and among developers through opened models."""
    u, years = p.users, w.dt / WEEKS
    tried = max(u.population[g] - w.unaware[g], THIN * u.population[g])
    told = _TOLD[g] / tried
    among = 1.0 if g == DEVELOPER else 0.0
    for j in range(len(rate)):
        rate[j] = told * users[j] + paid[j] + among * opened[j]
    for j in range(len(rate)):
        reach[j] = 1.0 - (1.0 - reach[j]) * exp(-rate[j] * years)


@word
def _wander(w: W, firms: Firms, p: P) -> None:
    """Appeal wanders (Ornstein-Uhlenbeck) on a fixed four-week grid."""
    k = int(w.end / _TASTE_GRID)
    if k == int(w.week / _TASTE_GRID):
        return
    kept = exp(-_TASTE_GRID / _TASTE_MEMORY)
    spread = p.users.taste_spread * math.sqrt(1.0 - kept * kept)
    slots, n = np.empty(len(firms), np.int16), 0
    for f in firms:
        if not gone(f):
            slots[n] = f.slot
            n += 1
    draws = normals_by_segment(w, firms, slots, n, TASTE, k)
    for j in range(n):
        f = firms[slots[j]]
        for g in range(SEGMENT_COUNT):
            f.taste[g] = kept * f.taste[g] + spread * draws[g, j]
