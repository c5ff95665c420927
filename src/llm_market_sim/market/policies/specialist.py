"""Firms that serve one segment, on open weights."""

from __future__ import annotations

from llm_market_sim.market.codes import VERTICAL
from llm_market_sim.market.firm import F, P, W
from llm_market_sim.market.rule import word


@word
def specialist(w: W, f: F, p: P) -> None:
    """Turns vertical; no run, and no cards."""
    f.wish_route = VERTICAL
    f.wish_training_musd = 0.0
    f.wish_cards_musd = 0.0
