"""The rules of thumb that most firms follow, and two variations for class."""

from __future__ import annotations

from llm_market_sim.market.arithmetic import between
from llm_market_sim.market.codes import BIGTECH
from llm_market_sim.market.columns import Columns, column
from llm_market_sim.market.firm import Book, Day, F, Firms, P, W, gone
from llm_market_sim.market.mechanisms.accounts import free_money
from llm_market_sim.market.mechanisms.cards import card_budget
from llm_market_sim.market.policies.registry import SHIPPED
from llm_market_sim.market.rule import phase, word

__all__ = ["bold", "cautious", "decide", "keep_within_means", "standard"]

_USUAL = -1.0  # discount: by the rule of prices
_WELL_BEHIND = 0.3  # OOM below the best domestic model from which on a firm opens one
_MINOR = 0.1  # share in every segment below which a big tech opens models, too
_FASTEST = 5.2  # tills a year
_CAUTIOUS, _BOLD = SHIPPED.index("cautious"), SHIPPED.index("bold")


class Firm(Columns):
    """What a firm asks for this week."""

    wish_training_musd = column("million USD", "to spend on a run begun now")
    wish_cards_musd = column("million USD/year", "to spend on cards")
    wish_marketing_musd = column("million USD/year", "to spend on reach")
    wish_discount = column(
        "1", "share of the margin given away; below 0: what growth and lost users are worth",
        start=_USUAL,
    )  # fmt: skip
    wish_open = column("0/1", "opens a model below its own")
    wish_funding = column("0/1", "takes investors' money")
    wish_filing = column("0/1", "wants a licence")


@word
def standard(w: W, f: F, p: P) -> None:
    """Shares of the free money go into runs, cards and reach; prices follow growth and rivals;
    money is taken when it is offered, a licence as soon as one can; who is well behind opens."""
    free = free_money(f, p)
    f.wish_training_musd = p.training.spend_share[f.kind] * free
    f.wish_cards_musd = card_budget(w, f, p, free)
    f.wish_marketing_musd = p.users.marketing_share * free if f.launched_at <= w.week else 0.0
    f.wish_discount = _USUAL
    behind = f.capability < w.best_at_home - _WELL_BEHIND
    f.wish_open = 1.0 if behind and (f.kind != BIGTECH or f.best_share < _MINOR) else 0.0
    f.wish_funding = 1.0
    f.wish_filing = 1.0


@word
def cautious(w: W, f: F, p: P) -> None:
    """Half the run and half the marketing, and nothing given away."""
    standard(w, f, p)
    f.wish_training_musd *= 0.5
    f.wish_marketing_musd *= 0.5
    f.wish_discount = 0.0


@word
def bold(w: W, f: F, p: P) -> None:
    """Nearly twice the run, three times the marketing, and nearly all of the margin given away."""
    standard(w, f, p)
    f.wish_training_musd *= 1.7
    f.wish_marketing_musd *= 3.0
    f.wish_discount = 0.9


@word
def keep_within_means(f: F) -> None:
    """Nobody can spend what it has not: on a run all that there is, on cards and on reach a tenth
    of the till a week each."""
    till = max(f.cash, 0.0)
    f.wish_training_musd = between(f.wish_training_musd, 0.0, till + f.credits)
    f.wish_cards_musd = between(f.wish_cards_musd, 0.0, _FASTEST * till)
    f.wish_marketing_musd = between(f.wish_marketing_musd, 0.0, _FASTEST * till)
    f.wish_discount = between(f.wish_discount, _USUAL, 1.5)
    f.wish_open = between(f.wish_open, 0.0, 1.0)
    f.wish_funding = between(f.wish_funding, 0.0, 1.0)
    f.wish_filing = between(f.wish_filing, 0.0, 1.0)


@phase("Every firm says what it wants; nothing happens yet.", "每家公司说出所求；尚无事发生。")
def decide(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Wishes by the shipped policies; firms with another one are asked afterwards, in Python."""
    for f in firms:
        if gone(f):
            continue
        if f.policy == _CAUTIOUS:
            cautious(w, f, p)
        elif f.policy == _BOLD:
            bold(w, f, p)
        else:
            standard(w, f, p)
        keep_within_means(f)
