"""The rules of thumb that most firms follow, and two variations for class."""

from __future__ import annotations

from llm_market_sim.market.arithmetic import between
from llm_market_sim.market.columns import Columns, column
from llm_market_sim.market.firm import Book, Day, F, Firms, P, W, gone, runway_below
from llm_market_sim.market.policies.registry import SHIPPED
from llm_market_sim.market.rule import phase, start, word

__all__ = ["bold", "cautious", "decide", "keep_within_means", "standard", "wish"]

_CAUTIOUS, _BOLD = SHIPPED.index("cautious"), SHIPPED.index("bold")


class Firm(Columns):
    """What a firm asks for this week."""

    wish_training_musd = column("million USD", "to spend on a run begun now")
    wish_discount = column("1", "share of the list price given away")
    wish_funding = column("0/1", "wants to raise money")
    wish_filing = column("0/1", "wants a licence")


@word
def standard(f: F, p: P) -> None:
    """Put a fixed share of cash into a run, give a fixed discount, seek money when runway is
    short, file as soon as one can."""
    f.wish_training_musd = p.training.spend_share * max(f.cash + f.credits, 0.0)
    f.wish_discount = p.pricing.discount[f.kind]
    f.wish_funding = 1.0 if runway_below(f, p.funding.seek_runway_weeks) else 0.0
    f.wish_filing = 1.0


@word
def cautious(f: F, p: P) -> None:
    """Half the run, no discount, and a search for money that starts twice as early."""
    standard(f, p)
    f.wish_training_musd *= 0.5
    f.wish_discount = 0.0
    f.wish_funding = 1.0 if runway_below(f, 2.0 * p.funding.seek_runway_weeks) else 0.0


@word
def bold(f: F, p: P) -> None:
    """Twice the run, nearly free for users, and always looking for money."""
    standard(f, p)
    means = max(f.cash + f.credits, 0.0)
    f.wish_training_musd = min(2.0 * f.wish_training_musd, 0.8 * means)
    f.wish_discount = 0.9
    f.wish_funding = 1.0


@word
def keep_within_means(f: F) -> None:
    """Nobody can spend what it has not; the other wishes are from 0 to 1."""
    f.wish_training_musd = between(f.wish_training_musd, 0.0, max(f.cash + f.credits, 0.0))
    f.wish_discount = between(f.wish_discount, 0.0, 1.0)
    f.wish_funding = between(f.wish_funding, 0.0, 1.0)
    f.wish_filing = between(f.wish_filing, 0.0, 1.0)


@start("Firms give the usual discount.", "各公司给予惯常折扣。")
def wish(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """What is charged when the first users choose."""
    for f in firms:
        f.wish_discount = p.pricing.discount[f.kind]


@phase("Every firm says what it wants; nothing happens yet.", "每家公司说出所求；尚无事发生。")
def decide(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Wishes by the shipped policies; firms with another one are asked afterwards, in Python."""
    for f in firms:
        if gone(f):
            continue
        if f.policy == _CAUTIOUS:
            cautious(f, p)
        elif f.policy == _BOLD:
            bold(f, p)
        else:
            standard(f, p)
        keep_within_means(f)
