"""The calendar: what the timeline of a scenario does to the state on its day."""

from __future__ import annotations

from typing import Any

from llm_market_sim.market.phase import Changes, Phase
from llm_market_sim.market.state import Kind, Setting, State

__all__ = ["PHASES", "shock"]


def shock(state: State, p: Any, setting: Setting) -> Changes:
    """Add this week's shocks; money for the pool comes from its partners, shares follow hype."""
    added = p.shocks
    mood = added.get("log_hype", 0.0)
    listed = setting.firms.kind == Kind.LISTED
    money = added.get("vc_pool_musd", 0.0)
    pool = state.vc_pool_musd + money
    left = pool * (pool > 0.0)  # a shock cannot take more than there is
    return {
        "log_hype": state.log_hype + mood,
        "vc_pool_musd": left,
        "account_partners": state.account_partners - (left - state.vc_pool_musd),
        "log_stock": state.log_stock + mood * p.hype.stock_hype_beta * listed,
        "open_weights": state.open_weights + added.get("open_weights", 0.0),
    }


PHASES = (
    Phase(
        "shock", "What the scenario's timeline has for this week happens.", shock,
        ("log_hype", "vc_pool_musd", "account_partners", "log_stock", "open_weights"),
    ),
)  # fmt: skip
