"""Pages that carry the lesson by themselves: a report of a batch, and a handout for a class."""

from __future__ import annotations

from llm_market_sim.pages.handout import Handout, handout
from llm_market_sim.pages.page import report
from llm_market_sim.pages.writing import Pages

__all__ = ["Handout", "Pages", "handout", "report"]
