"""What firms want: one rule a file. A policy only wishes; the mechanisms settle.

A policy is a function ``(state, p, setting) -> wishes`` over all worlds and firms at once, or a
class with a method ``decide(self)`` for one firm in one world. It is known by the name that it
was registered under, which a scenario gives as ``policy:`` of a firm. Every file of this folder
is imported, so that a new policy is a new file.
"""

from llm_market_sim.market.policies.registry import (
    WISHES,
    check_wishes,
    firm_view,
    get_policy,
    policy,
    policy_names,
    wishes_of,
)
from llm_market_sim.registry import discover

__all__ = [
    "WISHES", "check_wishes", "firm_view", "get_policy", "policy", "policy_names", "wishes_of",
]  # fmt: skip

discover(__name__)
