"""Firms that never train: they tune what others open."""

from __future__ import annotations

from llm_market_sim.market.codes import FINE_TUNE
from llm_market_sim.market.firm import F, P, W
from llm_market_sim.market.rule import word


@word
def tuner(w: W, f: F, p: P) -> None:
    """Open weights, fine-tuned, are the product; no run, and no cards."""
    f.wish_route = FINE_TUNE
    f.wish_training_musd = 0.0
    f.wish_cards_musd = 0.0
