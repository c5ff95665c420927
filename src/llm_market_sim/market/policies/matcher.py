"""Firms that never ask more than the leader, and would have the better model."""

from __future__ import annotations

from llm_market_sim.market.codes import MATCH, SEGMENT_COUNT
from llm_market_sim.market.firm import F, P, W
from llm_market_sim.market.rule import word


@word
def matcher(w: W, f: F, p: P) -> None:
    """In every segment the price of the firm that has most users there, where that is lower; runs
    half as dear again."""
    f.wish_training_musd *= 1.5
    for g in range(SEGMENT_COUNT):
        f.wish_price[g] = MATCH
