"""Names of policies, and what a person's own policy sees and may answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from llm_market_sim.errors import InputError, MarketSimError, Problem, nearest
from llm_market_sim.market.columns import COLUMNS

__all__ = [
    "SHIPPED", "asked", "check_wishes", "firm_view", "get_policy", "policy", "policy_names",
    "wishes",
]  # fmt: skip

SHIPPED = ("standard", "cautious", "bold")  # compiled, by their codes
_POLICIES: dict[str, Any] = dict.fromkeys(SHIPPED)


def policy(name: str) -> Callable[[Any], Any]:
    """Register a function of a firm, or a class, under a name. ValueError if the name is taken."""

    def register(rule: Any) -> Any:
        if name in _POLICIES:
            raise ValueError(f"a policy named {name!r} is already registered")
        _POLICIES[name] = rule
        return rule

    return register


def policy_names() -> tuple[str, ...]:
    """Names that a scenario can give, sorted."""
    return tuple(sorted(_POLICIES))


def get_policy(name: str) -> Any:
    """The rule of a name, None for a shipped one. InputError if there is no such name."""
    if name not in _POLICIES:
        hint = nearest(name, _POLICIES)
        text = f'no policy "{name}"; {hint} (a policy of your own: --with my_module.py)'
        raise InputError([Problem("", "policy", text)])
    return _POLICIES[name]


def wishes() -> tuple[str, ...]:
    """The columns in which a firm says what it wants."""
    return tuple(name for name in COLUMNS if name.startswith("wish_"))


def asked(name: str, firm: Any) -> dict[str, float]:
    """What a person's own policy answers for one firm."""
    rule = get_policy(name)
    answer = rule.decide(firm) if hasattr(rule, "decide") else rule(firm)
    return check_wishes(answer or {}, name)


def firm_view(w: Any, f: Any, id: str) -> SimpleNamespace:
    """What one firm sees: its own columns and the world's public ones, as plain numbers."""
    loss = -f.trailing_profit / 52.0
    seen: dict[str, Any] = {
        "id": id,
        "week": float(w.week),
        "runway": float((f.cash + f.credits) / loss) if loss > 0.0 else math.inf,
    }
    for column in COLUMNS.values():
        if column.shape == "firm":
            seen[column.name] = f[column.name].item()
        elif column.shape == "world" and column.public:
            seen[column.name] = w[column.name].item()
    seen["users"] = float(f.users.sum())
    return SimpleNamespace(**seen)


def check_wishes(answer: Mapping[str, float], who: str) -> dict[str, float]:
    """Wishes by their full names, each a finite number; MarketSimError otherwise."""
    checked = {}
    for key, value in answer.items():
        wish = key if key.startswith("wish_") else f"wish_{key}"
        if wish not in wishes():
            raise MarketSimError(f'{who} wishes for "{key}"; {nearest(wish, wishes())}')
        if not math.isfinite(value):
            raise MarketSimError(f"{who} wishes for {key} = {value}; a finite number is needed")
        checked[wish] = float(value)
    return checked
