"""A scenario, a number of worlds and a seed in; a run out."""

from __future__ import annotations

from llm_market_sim.simulation.run import EventRow, Events, Run, join
from llm_market_sim.simulation.simulate import BLOCK, blocks_of, simulate, simulate_block
from llm_market_sim.simulation.worlds import Worlds

__all__ = [
    "BLOCK", "EventRow", "Events", "Run", "Worlds", "blocks_of", "join", "simulate",
    "simulate_block",
]  # fmt: skip
