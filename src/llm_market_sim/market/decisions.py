"""What firms ask for: the wishes that there are, and who wishes what.

Every firm wishes as the standard policy does; a firm with another shipped policy then changes some
of these wishes, and one with a policy of a person's own is asked after that, in Python. Wishes are
kept within a firm's means; the mechanisms settle what comes of them.
"""

from __future__ import annotations

import numpy as np

from llm_market_sim.market.arithmetic import between
from llm_market_sim.market.codes import BY_PAYOFF, BY_RULE, NOBODY
from llm_market_sim.market.columns import Columns, column
from llm_market_sim.market.firm import Book, Day, F, Firms, P, W, gone
from llm_market_sim.market.policies.bold import bold
from llm_market_sim.market.policies.cautious import cautious
from llm_market_sim.market.policies.discounter import discounter
from llm_market_sim.market.policies.explorer import explorer
from llm_market_sim.market.policies.matcher import matcher
from llm_market_sim.market.policies.premium import premium
from llm_market_sim.market.policies.registry import SHIPPED
from llm_market_sim.market.policies.specialist import specialist
from llm_market_sim.market.policies.standard import USUAL, standard
from llm_market_sim.market.policies.theme_only import theme_only
from llm_market_sim.market.policies.tuner import tuner
from llm_market_sim.market.rule import phase, word

__all__ = ["decide", "keep_within_means"]

_FASTEST = 5.2  # tills a year
_, _CAUTIOUS, _BOLD, _TUNER, _SPECIALIST, *_MORE = range(len(SHIPPED))
_THEME_ONLY, _MATCHER, _DISCOUNTER, _PREMIUM, _EXPLORER = _MORE


class Firm(Columns):
    """What a firm asks for this week."""

    wish_training_musd = column("million USD", "to spend on a run begun now; 0 to begin none")
    wish_cards_musd = column("million USD/year", "to spend on cards")
    wish_marketing_musd = column("million USD/year", "to spend on reach")
    wish_price = column(
        "code",
        "price: by_rule, as the leader's (match), premium, at_cost or free",
        by_segment=True,
        start=BY_RULE,
        dtype=np.int8,
    )
    wish_discount = column(
        "1",
        "share of the margin given away by_rule; below 0: what growth and lost users are worth",
        start=USUAL,
    )
    wish_route = column(
        "code",
        "route to turn to, once a year and at a cost (foundation, fine_tune, vertical); or "
        "by_payoff",
        start=BY_PAYOFF,
        dtype=np.int8,
    )
    wish_open = column("0/1", "opens a model below its own")
    wish_funding = column("0 to 2", "takes investors' money; above 1 a bridge: sooner, and less")
    wish_backer = column("0/1", "takes a big tech as a backer, or is one", start=1.0)
    wish_filing = column("0/1", "wants a licence")


@word
def keep_within_means(f: F) -> None:
    """Nobody can spend what it has not: on a run all that there is, on cards and on reach a tenth
    of the till a week each."""
    till = max(f.cash, 0.0)
    f.wish_training_musd = between(f.wish_training_musd, 0.0, till + f.credits)
    f.wish_cards_musd = between(f.wish_cards_musd, 0.0, _FASTEST * till)
    f.wish_marketing_musd = between(f.wish_marketing_musd, 0.0, _FASTEST * till)
    f.wish_discount = between(f.wish_discount, USUAL, 1.5)
    f.wish_open = between(f.wish_open, 0.0, 1.0)
    f.wish_funding = between(f.wish_funding, 0.0, 2.0)
    f.wish_backer = between(f.wish_backer, 0.0, 1.0)
    f.wish_filing = between(f.wish_filing, 0.0, 1.0)


@phase("Every firm says what it wants; nothing happens yet.", "每家企业说出所求；尚无事发生。")
def decide(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Wishes by the shipped policies; firms with another one are asked afterwards, in Python."""
    for f in firms:
        if gone(f):
            continue
        standard(w, f, p)
        policy = f.follows if f.follows != NOBODY else f.policy
        if policy == _CAUTIOUS:
            cautious(w, f, p)
        elif policy == _BOLD:
            bold(w, f, p)
        elif policy == _TUNER:
            tuner(w, f, p)
        elif policy == _SPECIALIST:
            specialist(w, f, p)
        elif policy == _THEME_ONLY:
            theme_only(w, f, p)
        elif policy == _MATCHER:
            matcher(w, f, p)
        elif policy == _DISCOUNTER:
            discounter(w, f, p)
        elif policy == _PREMIUM:
            premium(w, f, p)
        elif policy == _EXPLORER:
            explorer(w, f, p)
        keep_within_means(f)
