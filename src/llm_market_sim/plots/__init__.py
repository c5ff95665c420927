"""Figures: data in, a matplotlib Figure out. They compute no numbers of their own."""

from __future__ import annotations

from llm_market_sim.plots.style import save
from llm_market_sim.plots.survivors import SurvivorRow, survivors

__all__ = ["SurvivorRow", "save", "survivors"]
