"""A scenario, a number of worlds and a seed in; a run out."""

from __future__ import annotations

from llm_market_sim.simulation import card
from llm_market_sim.simulation.by_hand import ByHand, by_hand
from llm_market_sim.simulation.run import EventRow, Events, Run, join
from llm_market_sim.simulation.simulate import BLOCK, blocks_of, simulate, simulate_block
from llm_market_sim.simulation.worlds import Worlds

__all__ = [
    "BLOCK", "ByHand", "EventRow", "Events", "Run", "Worlds", "blocks_of", "by_hand", "card",
    "join", "simulate", "simulate_block",
]  # fmt: skip
