"""Plans of many scenarios and worlds, worked off in blocks on all cores or machines, and kept."""

from llm_market_sim.batch.executor import all_cores, warm_up
from llm_market_sim.batch.plan import Case, Plan, check_policies, plan_batch
from llm_market_sim.batch.plugins import load_plugins
from llm_market_sim.batch.result import BatchResult, ScenarioResult, run_batch
from llm_market_sim.batch.run import Account, Order, Shard, results_of, run_plan, run_stored

__all__ = [
    "Account", "BatchResult", "Case", "Order", "Plan", "ScenarioResult", "Shard", "all_cores",
    "check_policies", "load_plugins", "plan_batch", "results_of", "run_batch", "run_plan",
    "run_stored", "warm_up",
]  # fmt: skip
