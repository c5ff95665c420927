"""Alliances: a big tech leads a startup's round, and lends it its channels."""

from __future__ import annotations

import numpy as np

from llm_market_sim.market.arithmetic import exp
from llm_market_sim.market.codes import NOBODY, SEGMENT_COUNT, WEEKS
from llm_market_sim.market.columns import Columns, column, event
from llm_market_sim.market.firm import Book, Day, F, Firms, P, W, choose_buyer, here, tell
from llm_market_sim.market.luck import stream, uniform
from llm_market_sim.market.parameters import Section, parameter
from llm_market_sim.market.rule import phase, word

__all__ = ["Params", "ally"]

BACKED = event("backed", "is backed", stamp="round_at", goes_with="backer")
_CASH_MULTIPLE = 3.0  # cash that a backer must have, in rounds asked
STRATEGIC, BACKER = stream("strategic round"), stream("backer")


class Params(Section):
    """One kind of tie only: the strategic round."""

    # fmt: off
    strategic_share: float = parameter(
        0.4, plausible=(0.1, 0.8),
        unit="1", ge=0, le=1, meaning="share of rounds that a big tech would lead",
        source="assumption: big techs led rounds of Zhipu and Baichuan in 2023 (SCMP, Reuters)",
    )
    credits_share: float = parameter(
        0.5, unit="1", ge=0, le=1,
        meaning="share of the money that a backer with a cloud sets aside for compute",
        source="assumption",
    )
    channel_per_year: float = parameter(
        1.0, plausible=(0.2, 3), unit="1/year", ge=0, le=50, symbol="c_B",
        meaning="rate at which a startup's reach closes the gap to that of its backer",
        source="assumption: a strong partner lends customers and standing (Stuart, Hoang & Hybels "
        "1999)",
    )
    # fmt: on


class Firm(Columns):
    """A firm's backer."""

    backer = column(
        "slot", "firm behind it, -1 for nobody", public=True, start=NOBODY, dtype=np.int16
    )


@word
def _back(f: F, b: F, p: P) -> None:
    """A big tech b leads the round of f: money, partly set aside for rent.

    What it gives in compute may be spent on anybody's accelerators.
    """
    a = p.alliances
    granted = min(f.round_ask, b.cash / _CASH_MULTIPLE)
    in_kind = granted * a.credits_share if b.cloud else 0.0
    f.credits += in_kind
    f.cash += granted - in_kind
    b.cash -= granted
    f.backer = b.slot
    f.raised += granted
    f.stage += 1.0 if f.wish_funding <= 1.0 else 0.0
    f.round_ask = 0.0
    f.round_musd += granted


@word
def _share_channels(w: W, firms: Firms, p: P) -> None:
    """Who uses a backer's products hears of its ally, too."""
    closing = 1.0 - exp(-p.alliances.channel_per_year * w.dt / WEEKS)
    for f in firms:
        if not here(f) or f.backer == NOBODY or f.launched_at > w.end:
            continue
        b = firms[f.backer]
        if here(b):
            for g in range(SEGMENT_COUNT):
                f.reach[g] += closing * max(b.reach[g] - f.reach[g], 0.0)


@phase(
    "Big techs share their channels with those they back, and lead some of these rounds.",
    "大厂向其所投企业开放渠道，并领投其中一些轮次。",
)
def ally(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Some of the rounds asked for this tick are led by a big tech; the rest stay with the pool.

    The backer is drawn among the big techs that wish to be one and have cash enough. Deals are made
    in the order of their time.
    """
    _share_channels(w, firms, p)
    asking = 0
    for f in firms:
        if f.round_ask > 0.0:
            asking += 1
    if asking == 0:
        return
    a = p.alliances
    backer = np.full(len(firms), NOBODY)
    unwilling = np.zeros(len(firms), np.bool_)
    for f in firms:
        unwilling[f.slot] = f.wish_backer <= 0.0
    deal_at = np.full(len(firms), np.inf)
    for f in firms:
        if f.round_ask <= 0.0 or f.backer != NOBODY or unwilling[f.slot]:
            continue
        if uniform(w, f.key, STRATEGIC, f.meetings) < a.strategic_share:
            need = _CASH_MULTIPLE * f.round_ask
            backer[f.slot] = choose_buyer(w, firms, f, BACKER, f.meetings, need, unwilling)
            if backer[f.slot] != NOBODY:
                deal_at[f.slot] = f.round_at
    for _ in range(asking):
        slot = np.argmin(deal_at)
        if deal_at[slot] == np.inf:
            break
        f = firms[slot]
        _back(f, firms[backer[slot]], p)
        tell(w, book, BACKED, f, f.round_at, np.nan, f.backer)
        deal_at[slot] = np.inf
