"""What firms want. A policy only wishes; the mechanisms settle.

The shipped ones are rules that are compiled with the market. One of your own is a function of a
firm, or a class with a method ``decide(self)``, in plain Python, that answers with wishes. It is
known by the name that it was registered under, which a scenario gives as ``policy:`` of a firm.
"""

from llm_market_sim.market.policies import standard as _standard  # noqa: F401  its columns
from llm_market_sim.market.policies.registry import (
    SHIPPED,
    asked,
    check_wishes,
    firm_view,
    get_policy,
    policy,
    policy_names,
    wishes,
)

__all__ = [
    "SHIPPED", "asked", "check_wishes", "firm_view", "get_policy", "policy", "policy_names",
    "wishes",
]  # fmt: skip
