"""The market for accelerators: customers first, and one rent that clears what is left for training.

Serving is booked before training, on own cards first; the rest is rented. What remains is bid for
by the runs under way, each of which offers the same sum every week until it has the hours that it
needs. The rent is the lowest at which no more is asked than there is, and never below what an hour
costs those who let.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from llm_market_sim.market.arithmetic import exp, total
from llm_market_sim.market.codes import HOURS, MORE_GPUS, NOBODY, WEEKS, WRAPPER
from llm_market_sim.market.columns import Columns, column, fact
from llm_market_sim.market.firm import Book, Day, F, Firms, P, W, alive, gone, held_up
from llm_market_sim.market.parameters import ByFirm, Section, parameter
from llm_market_sim.market.rule import phase, start, word

__all__ = ["Params", "build", "clear_compute", "clearing_rent", "rent_floor"]  # fmt: skip

_HALF_A_WEEK = math.log(2.0)  # rate at which a till may be spent on a run: half of it a week


class Params(Section):
    """Cards to let, their rent, and the speed of clusters (H100 equivalents)."""

    # fmt: off
    price_usd_per_gpu_hour: float = parameter(
        4.0, plausible=(2, 12), unit="USD/hour", gt=0, le=1000, symbol="p_0",
        meaning="what an hour costs a lessor in April 2023: the rent without scarcity",
        source="rents abroad were about 5 USD in 2023, 5 to 8 at main clouds (Jiemian 2024)",
    )
    price_decline_per_year: float = parameter(
        0.55, plausible=(0.2, 0.9), unit="1/year", ge=0, le=5, symbol="delta",
        meaning="rate at which an hour gets cheaper, let or owned",
        source="5 USD in 2023 to 2 USD in October 2024 abroad (Jiemian 2024)",
    )
    rental_start: float = parameter(
        12000.0, plausible=(4000, 24000), unit="GPUs", ge=0, le=1e7, symbol="R_0",
        meaning="lessors' cards in week 0", source="assumption",
    )
    rental_end: float = parameter(
        70000.0, plausible=(24000, 120000), unit="GPUs", ge=0, le=1e8, symbol="R_1",
        meaning="lessors' cards in the long run",
        source="fitted to the facts of 2023 (rent, best model)",
    )
    supply_weeks: float = parameter(
        30.0, plausible=(15, 60), unit="weeks", gt=0, le=1000, symbol="tau_R",
        meaning="time in which the gap to that number shrinks by a factor e", source="assumption",
    )
    dearest_rent: float = parameter(
        20.0, plausible=(1, 20), unit="1", ge=1, le=1000, symbol="m_p",
        meaning="highest rent, as a multiple of what an hour costs a lessor; at that rent "
        "scarce hours are shared in proportion to need (1: hours are rationed, no bid helps)",
        source="assumption",
    )
    usable_share: float = parameter(
        0.6, plausible=(0.4, 0.8), unit="1", gt=0, le=1, symbol="u",
        meaning="share of a card's hours that language models can use", source="assumption",
    )
    own_cost_usd: float = parameter(
        0.7, plausible=(0.4, 1.2), unit="USD/hour", ge=0, le=100, symbol="c_own",
        meaning="running cost of an hour on a firm's own card; the rent if that is lower",
        source="assumption: energy and upkeep; a cluster of one's own cost 0.51 M USD where the "
        "cloud cost 1.7 (Sinolink, March 2023), cards included",
    )
    cluster_speed: ByFirm = parameter(
        {"all": 1.0}, unit="1", gt=0, le=100, symbol="m",
        meaning="speed of a run on a firm's cluster, by firm id or all",
        source="assumption; 11 days became 4 (factor 2.75) in one firm's notice of April 2023",
    )
    cluster_speed_means: Literal["throughput", "more_gpus"] = parameter(
        "throughput", unit="name",
        meaning="a faster run pays for fewer hours (throughput) or the same hours on more GPUs",
        source="assumption",
    )
    # fmt: on


class World(Columns):
    """The market for accelerators."""

    rental_cards = column("GPUs", "cards of those who only let", public=True)
    gpu_supply = column("GPUs", "accelerators in the country", public=True)
    gpu_price = column("USD/hour", "rent of an accelerator", public=True)
    gpu_ration = column("1", "share of rented serving that is met", public=True, start=1.0)
    gpu_utilisation = column("1", "use over usable supply", public=True)


class Firm(Columns):
    """What a firm asks of accelerators, and what it got."""

    cloud = fact("yes/no", "rents idle accelerators out", dtype=np.bool_)
    cluster_speed = fact("1", "speed of a run on its cluster")

    hours_own = column("GPU hours", "used of its own")
    hours_rented = column("GPU hours", "rented from others")
    hours_let = column("GPU hours", "own, rented out to others")
    hours_training = column("GPU hours", "of these, for the run under way")
    compute_share = column("1", "share of its customers' demand that it served", start=1.0)
    run_weeks = column("weeks", "time on the cluster this tick")


@word
def rent_floor(week: float, p: P) -> float:
    """What an hour costs a lessor in a week."""
    c = p.compute
    return c.price_usd_per_gpu_hour * exp(-c.price_decline_per_year * week / WEEKS)


@start("Cards are there, at their rent.", "加速卡及其租价就位。")
def build(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Cards to let and rent of week 0."""
    w.rental_cards = p.compute.rental_start
    w.gpu_supply = w.rental_cards
    for f in firms:
        w.gpu_supply += f.cards
    w.gpu_price = rent_floor(0.0, p)


@word
def _hours_of_run(f: F, p: P, dt: float) -> float:
    """Hours that a run under way needs in the tick, trials included, to be complete in its time."""
    t = p.training
    f.run_weeks = 0.0
    if f.run_hours <= 0.0 or f.run_compute_left <= 0.0 or held_up(f.run_target, p):
        return 0.0
    f.run_weeks = min(f.run_compute_left, dt)
    faster = 1.0 if p.compute.cluster_speed_means == MORE_GPUS else f.cluster_speed
    left = t.cost_multiple * max(f.run_hours - f.run_got, 0.0) / faster
    return left * f.run_weeks / f.run_compute_left


@word
def clearing_rent(wanted: Any, money: Any, free: float, floor: float, dearest: float) -> float:
    """The lowest rent at which no more hours are asked for than are free, found exactly; at most
    the dearest.

    A run takes min(wanted, money/rent) hours. At the rent at which all money together buys the
    free hours, some runs have all that they want; those are taken out with their hours, and the
    rest is tried again, until nobody is left who wants less than the money buys.
    """
    asked, hours, sums = 0.0, free, 0.0
    for j in range(len(wanted)):
        asked += min(wanted[j], money[j] / floor)
        sums += money[j]
    if asked <= free:
        return floor
    served = np.zeros(len(wanted), np.bool_)
    rent, found = dearest, True
    while found and hours > 0.0:
        rent, found = sums / hours, False
        for j in range(len(wanted)):
            if not served[j] and money[j] > rent * wanted[j]:
                served[j], found = True, True
                hours -= wanted[j]
                sums -= money[j]
    return min(max(rent, floor), dearest)


@word
def _rest(f: F) -> None:
    """Who is not at work uses nothing; who is gone has no cards."""
    f.hours_own, f.hours_rented, f.hours_let, f.hours_training = 0.0, 0.0, 0.0, 0.0
    if gone(f):
        f.cards, f.cards_ordered = 0.0, 0.0


@word
def _stand_by(w: W, firms: Firms) -> float:
    """All cards in the country; use of what wrappers sell, which their supplier serves."""
    resold, w.gpu_supply = 0.0, w.rental_cards
    for f in firms:
        if alive(f):
            w.gpu_supply += f.cards
            if f.route == WRAPPER:
                resold += f.use
    return resold


@word
def _hours_of_customers(w: W, f: F, resold: float) -> float:
    """Hours of the tick that a firm's customers need, and those of the wrappers it supplies."""
    if not f.domestic:
        return 0.0
    use = 0.0 if f.route == WRAPPER else f.use
    if f.slot == w.supplier:
        use += resold
    return use * f.unit_hours * w.dt


@word
def _share_out(w: W, firms: Firms, got: float, bought: Any, let: float) -> None:
    """Everybody has what it rented: a run the part `got` of the hours that it can
    pay for, a cloud the part `let` of what it offers; wrappers serve as their supplier does."""
    for f in firms:
        if not alive(f):
            continue
        serving = f.hours_own + f.hours_rented
        rented = f.hours_rented * w.gpu_ration
        f.compute_share = (f.hours_own + rented) / serving if serving > 0.0 else 1.0
        f.hours_own += f.hours_training
        f.hours_rented = rented + bought[f.slot] * got
        f.hours_training += bought[f.slot] * got
        f.hours_let *= let
    if w.supplier != NOBODY:
        for f in firms:
            if alive(f) and f.route == WRAPPER:
                f.compute_share = firms[w.supplier].compute_share


@phase(
    "Customers are served first; one rent clears what is left for training.",
    "先服务客户；余下算力由训练竞价，以单一租价出清。",
)
def clear_compute(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Hours of the tick: serving on own cards, serving on rented ones, then runs.

    A run asks for no more than it still needs, own hours first at their running cost, and bids at
    most half its till a week. Clouds let what they do not use.
    """
    c = p.compute
    closing = 1.0 - exp(-p.cards.deliveries * w.dt / c.supply_weeks)
    w.rental_cards += (c.rental_end - w.rental_cards) * closing
    per_card = c.usable_share * HOURS * w.dt
    most_of_till = 1.0 - exp(-_HALF_A_WEEK * w.dt)
    resold = _stand_by(w, firms)
    bidders, n = np.empty(len(firms), np.int16), 0  # slots
    wanted, money = np.empty(len(firms)), np.empty(len(firms))
    offered, asked, used = w.rental_cards * per_card, 0.0, 0.0
    for f in firms:
        if not alive(f):
            _rest(f)
            continue
        serving, own = _hours_of_customers(w, f, resold), f.cards * per_card
        f.hours_own = min(serving, own)
        f.hours_rented = serving - f.hours_own  # what it would rent for its customers
        need = _hours_of_run(f, p, w.dt)
        f.hours_training = min(need, own - f.hours_own)
        if need > f.hours_training:
            till = max(f.cash + f.credits, 0.0)
            money[n] = 1e6 * min(f.run_bid * f.run_weeks, till * most_of_till)
            wanted[n], bidders[n] = need - f.hours_training, f.slot
            n += 1
        f.hours_let = own - f.hours_own - f.hours_training if f.cloud else 0.0
        offered += f.hours_let
        asked += f.hours_rented
        used += f.hours_own + f.hours_training
    w.gpu_ration = min(1.0, offered / max(asked, 1e-12))
    free = max(offered - asked, 0.0)
    floor = rent_floor(w.end, p)
    w.gpu_price = clearing_rent(wanted[:n], money[:n], free, floor, c.dearest_rent * floor)
    bought = np.zeros(len(firms))
    for j in range(n):
        bought[bidders[j]] = min(wanted[j], money[j] / w.gpu_price)
    all_bought = total(bought)
    got = min(1.0, free / max(all_bought, 1e-12))
    sold = asked * w.gpu_ration + all_bought * got
    _share_out(w, firms, got, bought, sold / max(offered, 1e-12))
    w.gpu_utilisation = (used + sold) / max(w.gpu_supply * per_card, 1e-12)
