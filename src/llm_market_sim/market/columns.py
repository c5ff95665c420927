"""What there is of a firm and of a world, declared in the file of the mechanism that needs it.

A column belongs to one firm or to one world, and holds a number, or one for each of the four user
segments. Times are weeks since Monday 17 April 2023; money is million USD; compute is
H100-equivalent hours; capability is log10 of training FLOP at the algorithms of week 0 ("OOM").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from llm_market_sim.support.registry import Registry

__all__ = [
    "COLUMNS", "EVENTS", "FACTS", "SERIES", "Column", "Columns", "EventKind", "Series", "clock",
    "column", "event", "fact", "series",
]  # fmt: skip

Shape = Literal["world", "firm", "segment", "use"]
_RECORDS = ("Firm", "World", "Series")
_TAKEN = frozenset(dir(np.record))  # names that a record answers itself: data, size, round, ...


@dataclass(frozen=True)
class Column:
    """A state variable.

    shape: ``firm``, or ``use`` for one number a segment; ``world``, or ``segment``. public: every
    firm sees it of all firms. hidden: not even the firm sees it of itself. start: its value before
    anything has happened. clock: the stream of the unit exponential that it starts at instead.
    owner: the mechanism that declares it.
    """

    name: str
    shape: Shape
    unit: str
    meaning: str
    public: bool
    hidden: bool
    start: float
    dtype: type
    clock: str
    owner: str

    @property
    def seen_by(self) -> Literal["everybody", "the firm", "nobody"]:
        """Who may build a decision on it."""
        if self.public:
            return "everybody"
        return "the firm" if self.shape in ("firm", "use") and not self.hidden else "nobody"


@dataclass(frozen=True)
class EventKind:
    """Something that happens to a firm: its place in `EVENTS`, and a verb phrase.

    stamp: the column with its exact week, empty for the end of the tick. goes_with: the column
    whose value is told with it, an amount or the other side.
    """

    code: int
    sentence: str
    stamp: str
    goes_with: str


@dataclass(frozen=True)
class Series:
    """A weekly quantity of a world: its unit, its meaning, and what figures call it."""

    unit: str
    meaning: str
    label: Mapping[str, str]
    owner: str


SERIES: Registry[Series] = Registry("series")
"""What is written down of every world each week, by name."""

COLUMNS: dict[str, Column] = {}
"""State variables, by name."""

FACTS: dict[str, Column] = {}
"""What is given and no rule changes: who a firm is, which world this is, what time it is."""

EVENTS: dict[str, EventKind] = {}


@dataclass(frozen=True)
class _Declared:
    unit: str
    meaning: str
    by_segment: bool = False
    public: bool = False
    hidden: bool = False
    start: float = 0.0
    dtype: type = float
    clock: str = ""
    fact: bool = False


def column(
    unit: str,
    meaning: str,
    *,
    by_segment: bool = False,
    public: bool = False,
    hidden: bool = False,
    start: float = 0.0,
    dtype: type = float,
) -> Any:
    """A state variable of every firm or of every world, in the class body of `Columns`."""
    return _Declared(unit, meaning, by_segment, public, hidden, start, dtype)


def clock(stream: str, meaning: str) -> Any:
    """Exponential time left until the next event of a kind; it starts at a draw of the stream."""
    return _Declared("1", meaning, hidden=True, clock=stream)


def fact(unit: str, meaning: str, *, by_segment: bool = False, dtype: type = float) -> Any:
    """Something that is given and that no rule changes."""
    return _Declared(unit, meaning, by_segment, dtype=dtype, fact=True)


def series(unit: str, meaning: str, *, en: str, zh: str) -> Any:
    """A weekly quantity of a world, filled by an `observer`.

    meaning: in words, for tables. en, zh: what figures call it, in English and in Chinese.
    """
    return Series(unit, meaning, {"en": en, "zh": zh}, "")


def event(name: str, sentence: str, *, stamp: str = "", goes_with: str = "") -> int:
    """A kind of event; returns the code by which rules `tell` of it. More in `EventKind`."""
    if name in EVENTS:
        raise ValueError(f"an event named {name!r} is declared already")
    EVENTS[name] = EventKind(len(EVENTS), sentence, stamp, goes_with)
    return EVENTS[name].code


class Columns:
    """Declarations: a subclass called Firm, World or Series adds its columns to such records."""

    def __init_subclass__(cls) -> None:
        if cls.__name__ not in _RECORDS:
            allowed = ", ".join(_RECORDS)
            raise ValueError(
                f"{cls.__module__}: {cls.__name__} declares columns of no record; "
                f"the class must be called one of {allowed}"
            )
        owner = cls.__module__.rpartition(".")[2]
        for name, declared in vars(cls).items():
            if isinstance(declared, _Declared | Series) and name in _TAKEN:
                text = f"{owner}: nothing can be called {name!r}, a word of NumPy's records"
                raise ValueError(text)
            if isinstance(declared, _Declared):
                _add(name, declared, cls.__name__, owner)
            elif isinstance(declared, Series):
                SERIES.register(name, replace(declared, owner=owner))


def _add(name: str, declared: _Declared, record: str, owner: str) -> None:
    for known in (COLUMNS, FACTS):
        if name in known:
            raise ValueError(f"{owner}: {known[name].owner} has a column {name!r} already")
    shapes: tuple[Shape, Shape] = ("firm", "use") if record == "Firm" else ("world", "segment")
    home = FACTS if declared.fact else COLUMNS
    home[name] = Column(
        name,
        shapes[declared.by_segment],
        declared.unit,
        declared.meaning,
        declared.public,
        declared.hidden,
        declared.start,
        declared.dtype,
        declared.clock,
        owner,
    )
