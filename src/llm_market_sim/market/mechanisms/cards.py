"""Cards are bought by those who train and can, while an hour owned costs less than one rented."""

from __future__ import annotations

from llm_market_sim.market.arithmetic import exp
from llm_market_sim.market.codes import BIGTECH, FOUNDATION, LISTED, WEEKS
from llm_market_sim.market.columns import Columns, column, event
from llm_market_sim.market.firm import Book, Day, F, Firms, P, W, here, tell
from llm_market_sim.market.parameters import Section, parameter
from llm_market_sim.market.rule import phase, word

__all__ = ["Params", "buy_cards", "card_price", "owning_pays"]

_HOURS_A_YEAR = 8760.0
_COST_PER_YEAR = 0.4  # wear and interest over the price: a life of three years
_NEWS = 1000.0  # cards delivered that are told as an event
CARDS = event("cards", "has got another thousand cards", goes_with="cards")


class Params(Section):
    """What a card costs, and how long one waits for it."""

    # fmt: off
    price_usd: float = parameter(
        30000.0, plausible=(25000, 65000), unit="USD", gt=0, le=1e7, symbol="c_card",
        meaning="price of a card (an H100 equivalent) in April 2023; it falls as rents do",
        source="an A800, about a third of one, cost 10,000 USD by the thousand (FT, August 2023) "
        "and twice that in the market of Shenzhen (Reuters, June 2023)",
    )
    delivery_weeks: float = parameter(
        16.0, plausible=(8, 26), unit="weeks", gt=0, le=520,
        meaning="mean time from order to delivery",
        source="assumption: orders of summer 2023 were for the end of the year (FT)",
    )
    deliveries: float = parameter(
        1.0, unit="1", ge=0, le=1,
        meaning="pace of deliveries, to lessors too (an export rule lowers it; at 0 nobody orders)",
        source="assumption: 1 is the pace before the rule of October 2023 was tightened",
    )
    spend_per_year: float = parameter(
        0.6, plausible=(0.3, 1.2), unit="1/year", ge=0, le=10,
        meaning="share of its free cash that a big tech or listed firm puts into cards in a year",
        source="fitted to the facts of 2023 (four firms bought cards for 1 bn USD, FT)",
    )
    # fmt: on


class Firm(Columns):
    """A firm's cards."""

    cards = column("GPUs", "own cards, H100 equivalents")
    cards_ordered = column("GPUs", "own cards on order")
    card_spending = column("million USD/year", "paid for cards this tick")


@word
def card_price(w: W, p: P) -> float:
    """USD that a card costs now: an hour gets cheaper at the same rate, let or owned."""
    return p.cards.price_usd * exp(-p.compute.price_decline_per_year * w.week / WEEKS)


@word
def owning_pays(w: W, p: P) -> bool:
    """Whether an hour owned, wear and interest included, costs less than the rent."""
    hours = _HOURS_A_YEAR * p.compute.usable_share
    return _COST_PER_YEAR * card_price(w, p) / hours + p.compute.own_cost_usd < w.gpu_price


@word
def card_budget(w: W, f: F, p: P, free: float) -> float:
    """What a firm that usually buys would spend on cards in a year (million USD)."""
    owner = (f.kind == BIGTECH or f.kind == LISTED) and f.route == FOUNDATION
    return p.cards.spend_per_year * free if owner and owning_pays(w, p) else 0.0


@phase("Cards that were ordered come; others are ordered.", "订购的加速卡到货；又订购新卡。")
def buy_cards(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Delivery is an exponential lag; an export rule slows it, and nobody pays for nothing."""
    pace = p.cards.deliveries
    come = 1.0 - exp(-pace * w.dt / p.cards.delivery_weeks)
    price = card_price(w, p) * 1e-6
    for f in firms:
        f.card_spending = 0.0
        if not here(f):
            continue
        came = f.cards_ordered * come
        before = f.cards
        f.cards += came
        f.cards_ordered -= came
        if int(f.cards / _NEWS) > int(before / _NEWS):
            tell(w, book, CARDS, f, w.end, f.cards, -1)
        if pace > 0.0:
            f.card_spending = f.wish_cards_musd
            f.cards_ordered += f.card_spending * w.dt / WEEKS / price
