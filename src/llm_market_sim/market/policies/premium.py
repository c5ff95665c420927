"""Firms that ask more of fewer."""

from __future__ import annotations

from llm_market_sim.market.codes import ENTERPRISE, PREMIUM, PUBLIC
from llm_market_sim.market.firm import F, P, W
from llm_market_sim.market.rule import word


@word
def premium(w: W, f: F, p: P) -> None:
    """A dear product for enterprises and public bodies, and half of everything else."""
    f.wish_price[ENTERPRISE] = PREMIUM
    f.wish_price[PUBLIC] = PREMIUM
    f.wish_training_musd *= 0.5
    f.wish_cards_musd *= 0.5
    f.wish_marketing_musd *= 0.5
