"""What firms want. A policy only wishes; the mechanisms settle.

The shipped ones are rules that are compiled with the market. One of your own is a function of a
firm, or a class with a method ``decide(self)``, in plain Python, that answers with a dict of
wishes; what is left out, the standard policy wishes. It is known by the name that it was
registered under, which a scenario gives as ``policy:`` of a firm. It sees what its firm sees
(`market.sight`), and its wishes are checked (`market.wishes`).
"""

from llm_market_sim.market.policies import standard as _standard  # noqa: F401  its columns
from llm_market_sim.market.policies.registry import SHIPPED, get_policy, policy, policy_names

__all__ = ["SHIPPED", "get_policy", "policy", "policy_names"]
