"""Questions to many worlds under many assumptions: designs, what drives an answer, calibration."""

from llm_market_sim.experiments.runner import numbers_at, plan_design, run_design
from llm_market_sim.experiments.space import Range, Space
from llm_market_sim.experiments.spec import Loaded, Spec, command_of, load_assumptions, load_spec

__all__ = [
    "Loaded", "Range", "Space", "Spec", "command_of", "load_assumptions", "load_spec",
    "numbers_at", "plan_design", "run_design",
]  # fmt: skip
