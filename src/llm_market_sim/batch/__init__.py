"""Many scenarios, many worlds: planned in blocks, run on all cores, merged in order, kept."""

from __future__ import annotations

from llm_market_sim.batch.guests import load_guests
from llm_market_sim.batch.result import BatchResult, ScenarioResult
from llm_market_sim.batch.run import all_cores, check_policies, run_batch, warm_up
from llm_market_sim.batch.stored import Order, Outcome, Shard, run_stored
from llm_market_sim.batch.work import Measure
from llm_market_sim.results.written_at_once import ResultFolder, Table

__all__ = [
    "BatchResult", "Measure", "Order", "Outcome", "ResultFolder", "ScenarioResult", "Shard",
    "Table", "all_cores", "check_policies", "load_guests", "run_batch", "run_stored", "warm_up",
]  # fmt: skip
