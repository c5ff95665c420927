"""What may differ from world to world: numbers of the mechanisms, each known by its path.

A path leads to a number (``compute.rental_end``), to one entry of a mapping
(``users.inertia.consumer``), or to a whole mapping (``users.inertia``), which is then varied by a
factor on all its entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from llm_market_sim.errors import nearest
from llm_market_sim.market.parameters import Section
from llm_market_sim.scenario.model import SECTIONS, Sections
from llm_market_sim.scenario.timeline import Event, split

__all__ = ["Entries", "current", "entries", "plausible", "under", "variable", "wrong_with"]

Entries = dict[tuple[str, str, str], NDArray[np.float64]]
"""Values (W,) by section, parameter and key of a mapping (empty where there is none)."""


def variable() -> list[str]:
    """All paths that may be varied, but for single entries of a mapping."""
    return [
        f"{section}.{name}"
        for section, model in SECTIONS.items()
        for name, field in model.model_fields.items()
        if _numbers(field)
    ]


def _numbers(field: FieldInfo) -> bool:
    """A float, or a mapping of floats: flags, names and whole numbers change what is simulated."""
    extra: Any = field.json_schema_extra
    return isinstance(field.default, (float, dict)) and extra["unit"] != "0/1"


def current(sections: Sections, path: str) -> float:
    """What a path stands for in a scenario: its value, or the factor 1 of a whole mapping."""
    section, name, key = split(path)
    value = getattr(getattr(sections, section), name)
    if not isinstance(value, dict):
        return float(value)
    return float(value[key] if key in value else value["all"]) if key else 1.0


def plausible(sections: Sections, path: str) -> tuple[float, float] | None:
    """The range that a parameter is declared with, None where it has none."""
    section, name, key = split(path)
    extra: Any = SECTIONS[section].model_fields[name].json_schema_extra
    if "plausible" not in extra:
        return None
    low, high = extra["plausible"]
    value = current(sections, path) if key else 1.0
    return (low * value, high * value)


def wrong_with(sections: Sections, path: str, values: Iterable[float] = ()) -> str | None:
    """Why a path cannot be varied over some values; None if it can."""
    section, name, key = split(path)
    known = variable()
    if f"{section}.{name}" not in known:
        if section in SECTIONS and name in SECTIONS[section].model_fields:
            return "is not a number, so it cannot vary from world to world"
        return f"no such parameter; {nearest(path, known)}"
    base: Section = getattr(sections, section)
    old = getattr(base, name)
    if key and (not isinstance(old, dict) or (key not in old and "all" not in old)):
        if isinstance(old, dict):
            return f'no entry "{key}"; {nearest(key, old)}'
        return "is one number and has no entries"
    for value in values:
        new: Any = value
        if isinstance(old, dict):
            new = {**old, key: value} if key else {k: v * value for k, v in old.items()}
        try:
            type(base).model_validate({**base.model_dump(), name: new})
        except ValidationError as error:
            return f"{value:g} is not allowed: {error.errors()[0]['msg']}"
    return None


def entries(sections: Sections, varied: Mapping[str, NDArray[Any]]) -> Entries:
    """Varied values with whole mappings taken apart. ValueError where two paths overlap."""
    found: Entries = {}
    for path, values in varied.items():
        section, name, key = split(path)
        old = getattr(getattr(sections, section), name)
        many = {k: v * values for k, v in old.items()} if isinstance(old, dict) and not key else {}
        for one, numbers in many.items() or [(key, np.asarray(values, dtype=float))]:
            if (section, name, one) in found:
                raise ValueError(f"{path} is varied twice")
            found[section, name, one] = numbers
    return found


def under(varied: Entries, events: Iterable[Event]) -> Entries:
    """What is left to vary while events are active: what one sets is the same in all worlds."""
    now = dict(varied)
    for event in events:
        for path, value in event.set.items():
            section, name, key = split(path)
            keys = [key] if key else value if isinstance(value, Mapping) else None
            now = {
                one: numbers
                for one, numbers in now.items()
                if one[:2] != (section, name) or (keys is not None and one[2] not in keys)
            }
        for path, factor in event.scale.items():
            section, name, key = split(path)
            for one in now:
                if one[:2] == (section, name) and key in ("", one[2]):
                    now[one] = now[one] * factor
    return now
