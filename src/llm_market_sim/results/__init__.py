"""Results on disk: a folder that survives its writer, grows, and is read by every tool."""

from llm_market_sim.results.manifest import Manifest
from llm_market_sim.results.results import Coverage, Results, open_results
from llm_market_sim.results.tables import TABLES

__all__ = ["TABLES", "Coverage", "Manifest", "Results", "open_results"]
