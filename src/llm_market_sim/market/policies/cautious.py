"""Firms that keep their money together."""

from __future__ import annotations

from llm_market_sim.market.firm import F, P, W
from llm_market_sim.market.rule import word


@word
def cautious(w: W, f: F, p: P) -> None:
    """Half the run, half the cards, half the marketing."""
    f.wish_training_musd *= 0.5
    f.wish_cards_musd *= 0.5
    f.wish_marketing_musd *= 0.5
