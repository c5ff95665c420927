"""What firms want. A policy only wishes; the mechanisms settle.

The shipped ones are rules that are compiled with the market. One of your own is a function of a
firm, or a class with a method ``decide(self)``, in plain Python, that answers with a dict of
wishes; what is left out, the standard policy wishes, and those wishes are there to be read. It is
known by the name that it was registered under, which a scenario gives as ``policy:`` of a firm. It
sees what its firm sees (`market.sight`), and its wishes are checked (`market.wishes`). Every file
of this folder is imported, so that a new policy is a new file.
"""

from llm_market_sim.market.policies.registry import SHIPPED, get_policy, policy, policy_names
from llm_market_sim.support.registry import discover

__all__ = ["SHIPPED", "get_policy", "policy", "policy_names"]

discover(__name__)
