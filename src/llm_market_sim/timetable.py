"""The parameters of each week as arrays, ready for rules; a timeline changes them for a while."""

from __future__ import annotations

import math
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import numpy as np

from llm_market_sim.parameters import KINDS, ROUTES, SEGMENTS, Section
from llm_market_sim.scenario import SECTIONS, Scenario, Sections
from llm_market_sim.state import Array, Firms

__all__ = ["Timetable"]


class Timetable:
    """Effective parameters by week.

    An event acts from the first Monday on or after its date, whatever the tick, so that a finer
    tick changes nothing about what happens. Mappings become arrays: by segment (S, 1), by kind or
    firm (1, F), by route (R,).
    """

    def __init__(self, scenario: Scenario, firms: Firms) -> None:
        self.scenario = scenario
        self.firms = firms
        self._ready: dict[int, dict[str, SimpleNamespace]] = {}
        self._kept: list[Sections] = []  # keeps the ids in _ready from being used again

    def at(self, tick: int) -> SimpleNamespace:
        """Parameters of a tick: a namespace of sections, plus pauses, entering and shocks."""
        per_week = self.scenario.ticks_per_week
        week, within = divmod(tick, per_week)
        sections = self.scenario.at(week)
        if id(sections) not in self._ready:
            self._kept.append(sections)
            self._ready[id(sections)] = {
                name: self._arrays(getattr(sections, name)) for name in SECTIONS
            }
        return SimpleNamespace(
            **self._ready[id(sections)],
            pauses=self.pauses,
            entering=self._entering(week),
            shocks=self._shocks(week) if within == 0 else {},
        )

    @cached_property
    def pauses(self) -> tuple[tuple[float, float], ...]:
        """Stretches of weeks in which the frontier stands still, over the horizon."""
        found: list[tuple[float, float]] = []
        for week in range(self.scenario.horizon_weeks + 1):
            if self.scenario.at(week).frontier.paused:
                if found and found[-1][1] == week:
                    found[-1] = (found[-1][0], week + 1.0)
                else:
                    found.append((float(week), week + 1.0))
        return tuple(found)

    def _entering(self, week: int) -> Array:
        called = {
            firm
            for event in self.scenario.timeline.values()
            if event.enter and math.ceil(event.week) == week
            for firm in event.enter
        }
        return np.array([[firm in called for firm in self.firms.ids]])

    def _shocks(self, week: int) -> dict[str, float]:
        total: dict[str, float] = {}
        for event in self.scenario.timeline.values():
            if math.ceil(event.week) == week:
                for name, amount in event.shock.items():
                    total[name] = total.get(name, 0.0) + amount
        return total

    def _arrays(self, section: Section) -> SimpleNamespace:
        values = {name: getattr(section, name) for name in type(section).model_fields}
        return SimpleNamespace(
            **{
                name: self._array(value) if isinstance(value, dict) else value
                for name, value in values.items()
            }
        )

    def _array(self, mapping: dict[str, Any]) -> Array:
        if set(mapping) == set(SEGMENTS):
            return np.array([[float(mapping[name])] for name in SEGMENTS])
        if set(mapping) == set(ROUTES):
            return np.array([float(mapping[name]) for name in ROUTES])
        if set(mapping) == set(KINDS):
            return np.array([float(mapping[name]) for name in KINDS])[self.firms.kind]
        return np.array([[float(mapping.get(firm, mapping["all"])) for firm in self.firms.ids]])
