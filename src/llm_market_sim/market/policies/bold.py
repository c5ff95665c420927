"""Firms that want it all now."""

from __future__ import annotations

from llm_market_sim.market.firm import F, P, W
from llm_market_sim.market.rule import word

__all__ = ["bold"]


@word
def bold(w: W, f: F, p: P) -> None:
    """Nearly twice the run, three times the marketing, and nearly all of the margin given away."""
    f.wish_training_musd *= 1.7
    f.wish_marketing_musd *= 3.0
    f.wish_discount = 0.9
