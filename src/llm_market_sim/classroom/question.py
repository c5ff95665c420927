"""What can be asked: a preset, some changed numbers, dated events and a seed, all in one link.

From outside come only names from lists and numbers in ranges. A link is a query string:

    preset=baseline&seed=1&version=rules-1%2B1a2b&regulation.review_delay_weeks=26&event.winter=26

Of a parameter that is a mapping, such as ``users.inertia``, the number is a factor on all its
values. ``event.NAME`` is the week in which an event begins, or ``off``.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

from llm_market_sim.errors import InputError, Problem, mistake, nearest
from llm_market_sim.results.rules import code_version
from llm_market_sim.scenario import (
    SECTIONS,
    Event,
    Scenario,
    current,
    load,
    plausible,
    scenarios,
    variable,
    wrong_with,
)
from llm_market_sim.scenario.timeline import split
from llm_market_sim.words import WEEK_0

__all__ = ["PINNED", "Knob", "Question", "events", "knobs", "parse"]

PINNED = (  # shown first: levers that each move some outcome by half a deviation between worlds
    "regulation.review_delay_weeks cards.deliveries frontier.open_lag_weeks users.foreign_access "
    "users.quality_weight accounts.burn_musd_per_year"
).split()

MOST_SEED = 2**53 - 1  # what a browser counts without an error
_VERSION = re.compile(r"[\w.+-]{1,40}")
_MOST = 4000  # letters of a link


@dataclass(frozen=True)
class Knob:
    """A parameter that may be turned: its value in the baseline (1 of a mapping, whose factor is
    turned), the range, and what the code declares of it."""

    path: str
    value: float
    low: float
    high: float
    factor: bool
    unit: str
    meaning: str
    source: str


@cache
def knobs() -> dict[str, Knob]:
    """All parameters that may be turned, by their paths.

    The range is the plausible one where one is declared; else 0 to 1 of what is bounded so, and
    half to twice the baseline's value of the rest. The values of all presets lie in it.
    """
    base, presets = load("baseline"), [load(name) for name in scenarios()]
    found: dict[str, Knob] = {}
    for path in variable():
        section, name, _ = split(path)
        declared = SECTIONS[section].model_fields[name]
        extra: Any = declared.json_schema_extra
        value = current(base, path)
        span = plausible(base, path) or _usual(path, value)
        own = [current(one, path) for one in presets]
        low, high = min(span[0], *own), max(span[1], *own)
        if low == high or wrong_with(base, path, (low, high)):
            continue
        factor = isinstance(declared.default, dict)
        found[path] = Knob(
            path,
            value,
            low,
            high,
            factor,
            "1" if factor else extra["unit"],
            declared.description or "",
            extra["source"],
        )
    return found


def _usual(path: str, value: float) -> tuple[float, float]:
    base = load("baseline")
    if wrong_with(base, path, (0.0, 1.0)) is None and wrong_with(base, path, (1.01,)):
        return 0.0, 1.0
    return value / 2, value * 2


@cache
def events() -> dict[str, Event]:
    """The dated events of all shipped scenarios, by their names."""
    found: dict[str, Event] = {}
    for name in scenarios():
        found |= {key: one for key, one in load(name).timeline.items() if key not in found}
    return found


@dataclass(frozen=True)
class Question:
    """One question. changes: value by path. events: the week in which an event begins, or None
    where it does not happen; others stay as the preset has them. version: of the code that it was
    asked of first."""

    preset: str = "baseline"
    changes: Mapping[str, float] = field(default_factory=dict)
    events: Mapping[str, int | None] = field(default_factory=dict)
    seed: int = 1
    version: str = field(default_factory=code_version, compare=False)

    def baseline(self) -> Question:
        """The baseline on the same luck."""
        return Question(seed=self.seed)

    def link(self) -> str:
        """As a query string, which `parse` reads."""
        rows: list[tuple[str, Any]] = [
            ("preset", self.preset),
            ("seed", self.seed),
            ("version", self.version),
        ]
        rows += [(path, f"{value:.10g}") for path, value in sorted(self.changes.items())]
        rows += [
            (f"event.{name}", "off" if week is None else week)
            for name, week in sorted(self.events.items())
        ]
        return urlencode(rows)

    def settings(self) -> list[str]:
        """What is changed, as after ``--set``, which gives the same scenario."""
        preset = load(self.preset)
        dated = {name: _moved(name, week, preset) for name, week in sorted(self.events.items())}
        text = json.dumps(dated, ensure_ascii=False)
        return [*self._numbers(preset), *([f"timeline={text}"] if dated else [])]

    def _numbers(self, preset: Scenario) -> Iterator[str]:
        for path, value in sorted(self.changes.items()):
            section, name, _ = split(path)
            old = getattr(getattr(preset, section), name)
            if isinstance(old, dict):
                yield from (f"{path}.{key}={one * value!r}" for key, one in old.items())
            else:
                yield f"{path}={value!r}"

    def scenario(self) -> Scenario:
        """The scenario that is asked about. InputError where the numbers do not go together."""
        return load(self.preset, self.settings())


def _moved(name: str, week: int | None, preset: Scenario) -> dict[str, Any] | None:
    """What a timeline says of an event that begins in a week; None where it does not happen. One
    that the preset has keeps all but its dates, and lasts as long as before."""
    if week is None:
        return None
    event = events()[name]
    found = {} if name in preset.timeline else event.model_dump(mode="json", exclude_defaults=True)
    found["date"] = (WEEK_0 + dt.timedelta(weeks=week)).isoformat()
    if event.until is not None:
        found["until"] = (
            WEEK_0 + dt.timedelta(weeks=week) + (event.until - event.date)
        ).isoformat()
    return found


def parse(link: str) -> Question:
    """Read a link. InputError with everything that is in it and may not be."""
    if len(link) > _MOST:
        raise mistake("link", f"has {len(link)} letters; at most {_MOST}")
    given: dict[str, str] = {}
    wrong: list[Problem] = []
    for key, text in parse_qsl(link.lstrip("?#"), keep_blank_values=True):
        if key in given:
            wrong.append(Problem("link", key, "is given twice"))
        given[key] = text
    preset, seed = given.pop("preset", "baseline"), given.pop("seed", "1")
    version = given.pop("version", code_version())
    changes: dict[str, float] = {}
    if preset not in scenarios():
        why = f'no preset "{preset[:40]}"; {nearest(preset[:40], scenarios())}'
        wrong.append(Problem("link", "preset", why))
    if not (seed.isascii() and seed.isdecimal() and int(seed[:20]) <= MOST_SEED):
        why = f"{seed[:24]!r} must be a whole number from 0 to {MOST_SEED}"
        wrong.append(Problem("link", "seed", why))
    if not _VERSION.fullmatch(version):
        wrong.append(Problem("link", "version", f"{version[:24]!r} is not a version"))
    dated: dict[str, int | None] = {}
    for key, text in given.items():
        if key.startswith("event."):
            dated[key[6:]], why = _week(key[6:], text, preset)
            wrong += [Problem("link", key[:80], why)] if why else []
            continue
        if key not in knobs():
            why = f"no such parameter; {nearest(key[:80], knobs())}"
            wrong.append(Problem("link", key[:80], why))
            continue
        number, why = _number(text, knobs()[key])
        wrong += [Problem("link", key, why)] if why else []
        changes[key] = number
    if wrong:
        raise InputError(wrong)
    return Question(preset, changes, dated, int(seed), version)


def _week(name: str, text: str, preset: str) -> tuple[int | None, str]:
    """The week in which an event begins, None for off, and what is wrong with it."""
    if name not in events():
        return None, f"no such event; {nearest(name[:80], events())}"
    if text == "off":
        known = preset in scenarios() and name in load(preset).timeline
        return None, "" if known else f"is not an event of {preset[:40]}, so it cannot be off"
    last = load("baseline").horizon_weeks - 1
    if not (text.isascii() and text.isdecimal() and int(text[:9]) <= last):
        return None, f"{text[:12]!r} must be a week from 0 to {last}, or off"
    return int(text), ""


def _number(text: str, knob: Knob) -> tuple[float, str]:
    """A number of a link, and what is wrong with it."""
    try:
        number = float(text[:30])
    except ValueError:
        number = math.nan
    if knob.low <= number <= knob.high:
        return number, ""
    return number, f"{text[:30]!r} must be a number from {knob.low:g} to {knob.high:g}"
