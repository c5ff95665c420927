"""Names of policies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llm_market_sim.support.registry import Registry

__all__ = ["SHIPPED", "get_policy", "policy", "policy_names"]

SHIPPED = (  # compiled with the market, by their codes
    "standard",
    "cautious",
    "bold",
    "tuner",
    "specialist",
    "theme_only",
    "matcher",
    "discounter",
    "premium",
    "explorer",
)
_POLICIES: Registry[Any] = Registry("policy", " (a policy of your own: --with my_module.py)")
for _name in SHIPPED:
    _POLICIES.register(_name, None)


def policy(name: str) -> Callable[[Any], Any]:
    """Register a function of a firm, or a class with a method `decide`, under a name.

    ValueError if the name is taken, TypeError for what cannot be asked.
    """
    return _POLICIES.registering(name, _askable)


def _askable(rule: Any) -> Any:
    if not callable(rule):
        raise TypeError(f"a policy is a function or a class, not {rule!r}")
    if isinstance(rule, type) and not callable(getattr(rule, "decide", None)):
        raise TypeError(f"a policy that is a class needs a method decide(self): {rule.__name__}")
    if isinstance(rule, type) and "__init__" in vars(rule):
        raise TypeError(
            f"{rule.__name__} has an __init__, but a policy keeps nothing of its own between "
            "weeks: put constants into the class, and read the rest from the firm"
        )
    return rule


def policy_names() -> tuple[str, ...]:
    """Names that a scenario can give, sorted."""
    return tuple(sorted(_POLICIES))


def get_policy(name: str) -> Any:
    """The rule of a name, None for a shipped one. InputError if there is no such name."""
    return _POLICIES.find(name)
