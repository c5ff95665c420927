"""Names of policies, and the bridge from a one-firm rule to all worlds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from llm_market_sim.errors import MarketSimError, nearest
from llm_market_sim.market.state import COLUMNS, Array, Setting, State
from llm_market_sim.registry import Registry

__all__ = [
    "WISHES", "check_wishes", "firm_view", "get_policy", "policy", "policy_names", "wishes_of",
]  # fmt: skip

Policy = Callable[[State, Any, Setting], Mapping[str, Array]]

WISHES = tuple(name for name in COLUMNS if name.startswith("wish_"))
_USUAL = "standard"
_POLICIES: Registry[Any] = Registry("policy", " (a policy of your own: --with my_module.py)")


def policy(name: str) -> Callable[[Any], Any]:
    """Register a function or a class under a name. ValueError if the name is taken."""
    return _POLICIES.registering(name, lambda rule: rule)


def policy_names() -> tuple[str, ...]:
    """Names that a scenario can give, sorted."""
    return tuple(sorted(_POLICIES))


def get_policy(name: str) -> Any:
    """The rule of a name. InputError if there is none."""
    return _POLICIES.find(name)


def wishes_of(
    name: str, state: State, p: Any, setting: Setting, mine: Array
) -> Mapping[str, Array]:
    """Wishes of a policy for its firms `mine` (bool, (1, F)); other firms' values are ignored."""
    rule: Any = get_policy(name)
    if not hasattr(rule, "decide"):
        return dict(rule(state, p, setting))
    usual = get_policy(_USUAL)(state, p, setting)  # for what an answer leaves out
    wishes = {wish: np.array(usual[wish]) for wish in WISHES}
    runway = state.runway
    for slot in np.flatnonzero(mine[0]):
        for world in range(state.worlds):
            answer = rule.decide(firm_view(state, world, int(slot), setting, runway))
            for wish, value in check_wishes(answer or {}, name).items():
                wishes[wish][world, slot] = value
    return wishes


def firm_view(
    state: State, world: int, slot: int, setting: Setting, runway: Array
) -> SimpleNamespace:
    """What one firm sees: its own columns and the world's public ones, as plain numbers."""
    seen: dict[str, Any] = {
        "id": setting.firms.ids[slot],
        "week": state.week,
        "runway": float(runway[world, slot]),
        "users": float(np.sum(state.users[world, :, slot])),
    }
    for column in COLUMNS.values():
        if column.shape == "firm":
            seen[column.name] = getattr(state, column.name)[world, slot].item()
        elif column.shape == "world" and column.public:
            seen[column.name] = getattr(state, column.name)[world, 0].item()
    return SimpleNamespace(**seen)


def check_wishes(answer: Mapping[str, float], who: str) -> dict[str, float]:
    """Wishes by their full names, each a finite number; MarketSimError otherwise."""
    checked = {}
    for key, value in answer.items():
        wish = key if key.startswith("wish_") else f"wish_{key}"
        if wish not in WISHES:
            raise MarketSimError(f'{who} wishes for "{key}"; {nearest(wish, WISHES)}')
        if not np.isfinite(value):
            raise MarketSimError(f"{who} wishes for {key} = {value}; a finite number is needed")
        checked[wish] = float(value)
    return checked
