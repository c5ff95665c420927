"""Names of policies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llm_market_sim.registry import Registry

__all__ = ["get_policy", "policy", "policy_names"]

_POLICIES: Registry[Any] = Registry("policy", " (a policy of your own: --with my_module.py)")


def policy(name: str) -> Callable[[Any], Any]:
    """Register a function or a class under a name.

    ValueError if the name is taken, TypeError for what cannot be asked.
    """
    return _POLICIES.registering(name, _askable)


def _askable(rule: Any) -> Any:
    if not callable(rule):
        raise TypeError(f"a policy is a function or a class, not {rule!r}")
    if isinstance(rule, type) and not callable(getattr(rule, "decide", None)):
        raise TypeError(f"a policy that is a class needs a method decide(self): {rule.__name__}")
    return rule


def policy_names() -> tuple[str, ...]:
    """Names that a scenario can give, sorted."""
    return tuple(sorted(_POLICIES))


def get_policy(name: str) -> Any:
    """The rule of a name. InputError if there is none."""
    return _POLICIES.find(name)
