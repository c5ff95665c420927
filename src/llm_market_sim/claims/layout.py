"""How the definitions of a claim are laid out: which choices across, down, and in panels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from llm_market_sim.claims.multiverse import Answer, Multiverse

WEEK = "week"
_CELLS = 300  # of a figure


def word(value: Any) -> str:
    """A value of a choice, as a person would say it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = f"{value:.10g}" if isinstance(value, (int, float)) else str(value)
    return text.replace("_", " ")


@dataclass(frozen=True)
class Layout:
    """Which choices go where, and which are left at the default."""

    panels: list[Any]  # weeks, or None for a single panel
    across: list[str]  # outer first
    down: list[str]
    values: dict[str, list[Any]]
    fixed: dict[str, Any]


def lay_out(found: Multiverse) -> Layout:
    """The choice with the longest words down, the next two across, and any others further out."""
    values = dict(found.axes)
    weeks = sorted({one.week for one in found.reached})
    default = found.answers[0]
    fixed: dict[str, Any] = {}
    while prod(len(one) for one in values.values()) * len(weeks) > _CELLS and len(values) > 1:
        name = list(values)[-1]
        del values[name]
        fixed[name] = default.choices[name]
    panels: list[Any] = [*weeks]
    if len(values) < 2:
        values[WEEK], panels = weeks, [None]
    names = list(values)
    if len(names) == 1:
        return Layout(panels, names, [], values, fixed)
    long = max(names, key=lambda name: _longest(values[name]))  # the first of equals
    names.remove(long)
    return Layout(panels, names[1::-1], [*names[2:][::-1], long], values, fixed)


def _longest(values: Sequence[Any]) -> int:
    return max(len(word(value)) for value in values)


def find(found: Multiverse, chosen: dict[str, Any]) -> Answer | None:
    """The answer by these choices, if the week is reached."""
    for one in found.reached:
        if all({**one.choices, WEEK: one.week}.get(n) == v for n, v in chosen.items()):
            return one
    return None
