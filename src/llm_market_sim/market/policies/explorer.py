"""Firms that explore without an eye on returns."""

from __future__ import annotations

from llm_market_sim.market.codes import BRIDGE, FREE, SEGMENT_COUNT
from llm_market_sim.market.firm import F, P, W, runway_below
from llm_market_sim.market.mechanisms.accounts import free_money
from llm_market_sim.market.rule import word

_SHORT = 26.0  # weeks of runway


@word
def explorer(w: W, f: F, p: P) -> None:
    """All free money goes into one run, and the product is free; a bridge when money ends."""
    f.wish_training_musd = free_money(f, p)
    f.wish_cards_musd = 0.0
    f.wish_marketing_musd = 0.0
    for g in range(SEGMENT_COUNT):
        f.wish_price[g] = FREE
    if runway_below(f, _SHORT):
        f.wish_funding = BRIDGE
