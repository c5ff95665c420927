"""Results on disk: a folder that survives its writer, grows, and is read by every tool."""

from __future__ import annotations

from llm_market_sim.store.manifest import Manifest
from llm_market_sim.store.results import Results, Status, open_results
from llm_market_sim.store.tables import TABLES

__all__ = ["TABLES", "Manifest", "Results", "Status", "open_results"]
