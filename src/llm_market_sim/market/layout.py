"""How a world lies in memory: a record, and an array of records, one for each of its firms.

A record has a field for every column and fact that the mechanisms declare (`columns`), and nothing
in it depends on how many firms there are. The parameters are a record too, one section in it for
each mechanism; a tick of the calendar and a line in the book of events are records as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from llm_market_sim.market.codes import SEGMENT_COUNT
from llm_market_sim.market.columns import COLUMNS, FACTS, SERIES, Column
from llm_market_sim.market.parameters import ByFirm, Section

__all__ = [
    "DAY", "EVENT", "FIRM", "PAUSES", "WORLD", "blank", "by_firm", "dtype_of", "dtype_of_params",
    "dtype_of_series", "keys_of", "record", "room_for", "value_of",
]  # fmt: skip

FIRM, WORLD = ("firm", "use"), ("world", "segment")
PAUSES = "pauses"  # of the frontier: a part of the parameters that is worked out
_ROOM = 8  # lists grow in steps of so many places, each of which is another layout


def record(fields: Iterable[tuple[Any, ...]]) -> np.dtype[Any]:
    """A layout whose fields are read as attributes, compiled or not."""
    return np.dtype((np.record, np.dtype(list(fields), align=True)))


def dtype_of(kind: tuple[str, str]) -> np.dtype[Any]:
    """The layout of a `FIRM` or a `WORLD`, with all columns that are declared by now."""
    return _dtype_of(kind, len(COLUMNS) + len(FACTS))


@lru_cache
def _dtype_of(kind: tuple[str, str], declared: int) -> np.dtype[Any]:
    every = (*FACTS.values(), *COLUMNS.values())
    return record(
        (one.name, np.dtype(one.dtype), (SEGMENT_COUNT,) if one.shape == kind[1] else ())
        for one in every
        if one.shape in kind
    )


def dtype_of_series() -> np.dtype[Any]:
    """The layout of what is written down of a world in a week."""
    return record((name, np.dtype(float)) for name in SERIES)


DAY = record(
    [
        ("week", float),
        ("end", float),
        ("dt", float),
        ("tick", np.int64),
        ("row", np.int64),  # of the parameters in force
        ("close", np.int64),  # the calendar week that it ends, or -1
        ("shocked", np.bool_),
        ("log_hype", float),
        ("vc_pool_musd", float),
        ("open_weights", float),
    ]
)

EVENT = record(
    [
        ("week", float),
        ("amount", float),
        ("tick", np.int32),
        ("firm", np.int16),
        ("other", np.int16),
        ("kind", np.int16),
    ]
)


def blank(dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Records with every column at the value from which it starts."""
    records = np.zeros(shape, dtype)
    columns: dict[str, Column] = {**FACTS, **COLUMNS}
    for name in dtype.names or ():
        if columns[name].start:
            records[name] = columns[name].start
    return records


def by_firm(section: type[Section]) -> list[str]:
    """Parameters that are given firm by firm: each is a fact of the firm, under the same name."""
    return [n for n, field in section.model_fields.items() if field.annotation == ByFirm]


def room_for(places: int) -> int:
    """How many places a list of parameters has."""
    return _ROOM * -(-max(places, 1) // _ROOM)


def dtype_of_params(sections: Mapping[str, Section], room: int) -> np.dtype[Any]:
    """The layout of the parameters in force; lists have so much room."""
    fields: list[tuple[str, Any]] = []
    for name, section in sections.items():
        values = {
            key: np.asarray(value_of(section, key, room))
            for key in type(section).model_fields
            if key not in by_firm(type(section))
        }
        fields.append((name, record((k, v.dtype, v.shape) for k, v in values.items())))
    ends = [("count", np.int64), ("first", float, (room,)), ("last", float, (room,))]
    return record([*fields, (PAUSES, record(ends))])


def value_of(section: Section, name: str, room: int) -> Any:
    """A parameter as rules see it: a number, a flag, the place of a word among the allowed ones, an
    array (4,) for a mapping, or a list that goes on with its last value."""
    value = getattr(section, name)
    annotation = type(section).model_fields[name].annotation
    if isinstance(value, bool):
        return np.bool_(value)
    if isinstance(value, str):
        return np.int8(get_args(annotation).index(value))
    if isinstance(value, list):
        return np.array(value + value[-1:] * (room - len(value)), dtype=float)
    if isinstance(value, dict):
        return np.array([value[key] for key in keys_of(section, name)], dtype=float)
    return np.float64(value)


def keys_of(section: Section, name: str) -> tuple[str, ...]:
    """The keys of a mapping, in the order of its array."""
    return get_args(get_args(type(section).model_fields[name].annotation)[0])
