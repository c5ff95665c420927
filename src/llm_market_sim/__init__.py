"""A market of large language models under licensing, simulated firm by firm in many worlds.

>>> import llm_market_sim as sim
>>> run = sim.simulate(sim.load("baseline"), worlds=10, seed=1)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llm_market_sim.batch import run_batch
    from llm_market_sim.claims import Claim
    from llm_market_sim.market.policies import policy
    from llm_market_sim.mesa.model import MarketModel
    from llm_market_sim.results import open_results
    from llm_market_sim.scenario import Scenario, load, load_all, scenarios
    from llm_market_sim.simulation import Run, simulate

__all__ = [
    "Claim", "MarketModel", "Run", "Scenario", "load", "load_all", "open_results", "policy",
    "run_batch", "scenarios", "simulate",
]  # fmt: skip
__version__ = "1.0.0"
__rules__ = 1  # goes up when any number changes: see CHANGELOG.md and tests/numbers_kept.py

_HOMES = {
    "Claim": "claims",
    "MarketModel": "mesa.model",
    "Run": "simulation",
    "Scenario": "scenario",
    "load": "scenario",
    "load_all": "scenario",
    "open_results": "results",
    "policy": "market.policies",
    "run_batch": "batch",
    "scenarios": "scenario",
    "simulate": "simulation",
}


def __getattr__(name: str) -> Any:
    """Import a name when it is first asked for, so that importing the package costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, "__rules__", "__version__"})
