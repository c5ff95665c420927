"""Firms that only announce, for the share."""

from __future__ import annotations

from llm_market_sim.market.codes import FINE_TUNE
from llm_market_sim.market.firm import F, P, W
from llm_market_sim.market.rule import word


@word
def theme_only(w: W, f: F, p: P) -> None:
    """A tuned model is shown and left alone: no run, no cards, no marketing."""
    f.wish_route = FINE_TUNE
    f.wish_training_musd = 0.0
    f.wish_cards_musd = 0.0
    f.wish_marketing_musd = 0.0
