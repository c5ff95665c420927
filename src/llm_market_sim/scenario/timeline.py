"""Dated events: what they may say, when they act, and what they make of the parameters."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from llm_market_sim.market.parameters import Section
from llm_market_sim.scenario.reading import Day, Entry, Text
from llm_market_sim.words import WEEK_0

__all__ = ["EARLIEST", "Event", "apply", "split", "too_late"]

EARLIEST = dt.date(2023, 1, 1)
_SAME_MOMENT = 1e-9  # weeks; ticks of a seventh of a week are not exact in binary


def _in_time(date: dt.date) -> dt.date:
    if date < EARLIEST:
        raise PydanticCustomError("date", f"must be {EARLIEST} or later")
    return date


When = Annotated[Day, AfterValidator(_in_time)]


class Event(Entry):
    """Something that happens on a date, and what it changes."""

    date: When = Field(description="the day it begins (week 0 is Monday 2023-04-17)")
    until: When | None = Field(None, description="the day it ends; without it, it lasts")
    about: Text = Field(description="what happens, in a sentence")
    source: Text = Field(description='where this is known from, or "assumption"')
    set: dict[str, Any] = Field({}, description="parameters that hold this value while it lasts")
    scale: dict[str, float] = Field(
        {}, description="parameters that are multiplied by this factor while it lasts"
    )
    shock: dict[str, float] = Field(
        {}, description="added once, on the date, to a state of the world"
    )
    enter: tuple[str, ...] = Field(
        (), strict=False, description="firms of the pool (by id) that enter on the date, not before"
    )

    @model_validator(mode="after")
    def _changes_something(self) -> Event:
        if self.until is not None and self.until <= self.date:
            message = f"must be later than the date {self.date}"
            raise PydanticCustomError("until", message, {"key": "until"})
        if self.until is not None and self.until <= WEEK_0:
            message = f"lies before week 0 ({WEEK_0}), so it would never apply"
            raise PydanticCustomError("until", message, {"key": "until"})
        if not (self.set or self.scale or self.shock or self.enter):
            message = "changes nothing: give it set, scale, shock or enter"
            raise PydanticCustomError("no_change", message)
        if (self.shock or self.enter) and self.date < WEEK_0:
            message = f"lies before week 0 ({WEEK_0}), so its shock or enter would never happen"
            raise PydanticCustomError("too_early", message, {"key": "date"})
        return self

    @property
    def week(self) -> float:
        """When it begins, in weeks since week 0; a fraction within a week, negative before."""
        return (self.date - WEEK_0).days / 7

    @property
    def end_week(self) -> float:
        """When it ends, in weeks since week 0; infinity where it lasts."""
        return float("inf") if self.until is None else (self.until - WEEK_0).days / 7

    def active(self, week: float) -> bool:
        """Whether it holds at a moment (weeks): from its date up to, not including, its end."""
        return self.week - _SAME_MOMENT <= week < self.end_week - _SAME_MOMENT


def too_late(date: dt.date, weeks: int) -> str:
    """Why a run of so many weeks never comes to a date; empty where it does."""
    week = (date - WEEK_0).days / 7
    if math.ceil(week) < weeks:
        return ""
    return (
        f"{date} is in week {math.floor(week)} and the run ends with week {weeks}, so it would "
        "never happen: give an earlier date or a later end"
    )


def split(path: str) -> tuple[str, str, str]:
    """``users.churn.consumer`` -> section, parameter and key (empty where there is none)."""
    section, _, rest = path.partition(".")
    name, _, key = rest.partition(".")
    return section, name, key


def apply(base: Mapping[str, Section], events: Iterable[Event]) -> dict[str, dict[str, Any]]:
    """The sections that events change, as plain values that are yet to be validated.

    Events act in the given order, so the last word is the latest event's; within an event `set`
    comes before `scale`. A whole parameter that is a mapping may be set in part or scaled at once;
    a scaled parameter that counts things is rounded to a whole number.
    Paths must exist (KeyError).
    """
    changed: dict[str, dict[str, Any]] = {}
    for event in events:
        for path, value in event.set.items():
            section, name, key = split(path)
            values = changed.setdefault(section, base[section].model_dump())
            if key:
                value = {key: value}
            old = values[name]
            if isinstance(value, Mapping) and isinstance(old, dict):
                value = {**old, **value}
            values[name] = value
        for path, factor in event.scale.items():
            section, name, key = split(path)
            values = changed.setdefault(section, base[section].model_dump())
            old = values[name]
            if key:
                values[name] = {**old, key: _times(old[key] if key in old else old["all"], factor)}
            elif isinstance(old, dict):
                values[name] = {k: _times(v, factor) for k, v in old.items()}
            else:
                product = _times(old, factor)
                whole = type(base[section]).model_fields[name].annotation is int
                values[name] = round(product) if whole and isinstance(product, float) else product
    return changed


def _times(value: Any, factor: float) -> Any:
    """What is no number stays as it is, for validation to refuse."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    return float(value) * factor
