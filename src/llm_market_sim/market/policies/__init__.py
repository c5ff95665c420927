"""What firms want: one rule a file. A policy only wishes; the mechanisms settle.

A policy is a function ``(state, p, setting) -> wishes`` over all worlds and firms at once, or a
class with a method ``decide(self)`` for one firm in one world. It is known by the name that it
was registered under, which a scenario gives as ``policy:`` of a firm. Wishes are a dict of arrays
that broadcast to (W, F), or of numbers; what is left out, the standard policy wishes. A policy
sees what its firms see (`market.sight`), and its wishes are checked (`market.wishes`). Every file
of this folder is imported, so that a new policy is a new file.
"""

from llm_market_sim.market.policies.registry import get_policy, policy, policy_names
from llm_market_sim.registry import discover

__all__ = ["get_policy", "policy", "policy_names"]

discover(__name__)
