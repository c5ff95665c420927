"""The rules of thumb that most firms follow."""

from __future__ import annotations

from llm_market_sim.market.codes import BIGTECH, BY_PAYOFF, BY_RULE, SEGMENT_COUNT
from llm_market_sim.market.firm import F, P, W
from llm_market_sim.market.mechanisms.accounts import free_money
from llm_market_sim.market.mechanisms.cards import card_budget
from llm_market_sim.market.rule import word

USUAL = -1.0  # discount: by the rule of prices
_WELL_BEHIND = 0.3  # OOM below the best domestic model from which on a firm opens one
_MINOR = 0.1  # share in every segment below which a big tech opens models, too


@word
def standard(w: W, f: F, p: P) -> None:
    """Shares of the free money go into runs, cards and reach; prices follow growth and rivals, the
    route its payoff; money and backers are taken as they come, a licence as soon as one can; who
    is well behind opens."""
    free = free_money(f, p)
    f.wish_training_musd = p.training.spend_share[f.kind] * free
    f.wish_cards_musd = card_budget(w, f, p, free)
    f.wish_marketing_musd = p.users.marketing_share * free if f.launched_at <= w.week else 0.0
    for g in range(SEGMENT_COUNT):
        f.wish_price[g] = BY_RULE
    f.wish_discount = USUAL
    f.wish_route = BY_PAYOFF
    behind = f.capability < w.best_at_home - _WELL_BEHIND
    f.wish_open = 1.0 if behind and (f.kind != BIGTECH or f.best_share < _MINOR) else 0.0
    f.wish_funding = 1.0
    f.wish_backer = 1.0
    f.wish_filing = 1.0
