"""Firms that buy users with their margin."""

from __future__ import annotations

from llm_market_sim.market.codes import AT_COST, CONSUMER, DEVELOPER
from llm_market_sim.market.firm import F, P, W
from llm_market_sim.market.rule import word


@word
def discounter(w: W, f: F, p: P) -> None:
    """Consumers and developers pay what they cost; smaller runs and less marketing pay for that."""
    f.wish_price[CONSUMER] = AT_COST
    f.wish_price[DEVELOPER] = AT_COST
    f.wish_training_musd *= 0.5
    f.wish_cards_musd *= 0.5
    f.wish_marketing_musd *= 0.5
