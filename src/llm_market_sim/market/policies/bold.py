"""Firms that bet on the largest model."""

from __future__ import annotations

from llm_market_sim.market.codes import BRIDGE
from llm_market_sim.market.firm import F, P, W, runway_below
from llm_market_sim.market.rule import word

_SHORT = 26.0  # weeks of runway


@word
def bold(w: W, f: F, p: P) -> None:
    """Runs two and a half times as dear; a bridge when the money ends within half a year."""
    f.wish_training_musd *= 2.5
    if runway_below(f, _SHORT):
        f.wish_funding = BRIDGE
