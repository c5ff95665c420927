"""The rules of thumb that most firms follow, and two variations for class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from llm_market_sim.market.policies.registry import policy
from llm_market_sim.market.state import Array, Setting, State

__all__ = ["bold", "cautious", "standard"]


@policy("standard")
def standard(state: State, p: Any, setting: Setting) -> Mapping[str, Array]:
    """Put a fixed share of cash into a run, give a fixed discount, seek money when runway is
    short, file as soon as one can."""
    shape = state.cash.shape
    return {
        "wish_training_musd": p.training.spend_share
        * np.clip(state.cash + state.credits, 0.0, None),
        "wish_discount": np.broadcast_to(p.pricing.discount, shape),
        "wish_funding": 1.0 * state.runway_below(p.funding.seek_runway_weeks),
        "wish_filing": np.ones(shape),
    }


@policy("cautious")
def cautious(state: State, p: Any, setting: Setting) -> Mapping[str, Array]:
    """Half the run, no discount, and a search for money that starts twice as early."""
    wishes = standard(state, p, setting)
    return {
        **wishes,
        "wish_training_musd": 0.5 * wishes["wish_training_musd"],
        "wish_discount": np.zeros(state.cash.shape),
        "wish_funding": 1.0 * state.runway_below(2.0 * p.funding.seek_runway_weeks),
    }


@policy("bold")
def bold(state: State, p: Any, setting: Setting) -> Mapping[str, Array]:
    """Twice the run, nearly free for users, and always looking for money."""
    wishes = standard(state, p, setting)
    return {
        **wishes,
        "wish_training_musd": np.minimum(
            2.0 * wishes["wish_training_musd"], 0.8 * np.clip(state.cash + state.credits, 0.0, None)
        ),
        "wish_discount": np.full(state.cash.shape, 0.9),
        "wish_funding": np.ones(state.cash.shape),
    }
