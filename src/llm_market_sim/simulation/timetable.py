"""The calendar of a scenario as records: each tick, and the parameters in force in it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from llm_market_sim.market.layout import (
    DAY,
    PAUSES,
    by_firm,
    dtype_of_params,
    keys_of,
    room_for,
    value_of,
)
from llm_market_sim.market.parameters import Section
from llm_market_sim.market.state import NEVER, SHOCKS, Array
from llm_market_sim.scenario import SECTIONS, Scenario, entries, under


class Timetable:
    """What the timeline makes of the parameters, and what it does on its dates.

    An event acts from the first Monday on or after its date, whatever the tick, so that a finer
    tick changes nothing about what happens.

    days: a record a tick. params: (rows, 1), or (rows, W) where values are varied; `days` says
    which row holds. facts: by row, the parameters that are given firm by firm.

    varied: values (W,) by path, for parameters that differ from world to world. An event that sets
    such a parameter sets it in all worlds.
    """

    def __init__(
        self, scenario: Scenario, ids: tuple[str, ...], varied: Mapping[str, Array] | None = None
    ) -> None:
        self.scenario = scenario
        self.ids = ids
        self._varied = entries(scenario, varied or {})
        self.rows = list(dict.fromkeys(map(scenario.active, range(scenario.horizon_weeks))))
        self.days = self._days()
        sections = [self._sections(active) for active in self.rows]
        lists = [
            len(v) for one in sections for s in one.values() for _, v in s if isinstance(v, list)
        ]
        room = room_for(max([len(self.pauses), *lists]))
        worlds = max((len(values) for values in self._varied.values()), default=1)
        self.params = np.zeros((len(self.rows), worlds), dtype_of_params(sections[0], room))
        self.facts: list[dict[str, Array]] = [{} for _ in self.rows]
        for row, values in enumerate(sections):
            self._fill(row, values, room)

    @property
    def standing(self) -> Array:
        """A day on which time stands still, before the first tick."""
        day = self.days[:1].copy()
        day["end"], day["dt"], day["tick"], day["close"], day["shocked"] = 0.0, 0.0, -1, 0, False
        return day

    def day(self, tick: int) -> Array:
        """The record (1,) of a tick; beyond the horizon, as in the last one."""
        if tick < len(self.days):
            return self.days[tick : tick + 1]
        day, per_week = self.days[-1:].copy(), self.scenario.ticks_per_week
        day["tick"], day["week"], day["end"] = tick, tick / per_week, (tick + 1) / per_week
        day["shocked"] = False
        return day

    def called_at(self, firm: str) -> float:
        """The week in which the scenario calls a firm in, NEVER where it does not."""
        weeks = [math.ceil(e.week) for e in self.scenario.timeline.values() if firm in e.enter]
        return float(min(weeks, default=NEVER))

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

    def _days(self) -> Array:
        per_week = self.scenario.ticks_per_week
        days = np.zeros(self.scenario.horizon_weeks * per_week, DAY)
        tick = np.arange(len(days))
        days["tick"], days["week"], days["end"] = tick, tick / per_week, (tick + 1) / per_week
        days["dt"] = 1.0 / per_week
        days["close"] = np.where((tick + 1) % per_week == 0, (tick + 1) // per_week, -1)
        days["row"] = [self.rows.index(self.scenario.active(t // per_week)) for t in tick.tolist()]
        for event in self.scenario.timeline.values():
            first = math.ceil(event.week) * per_week
            if event.shock and 0 <= first < len(days):
                days["shocked"][first] = True
                for name in SHOCKS:
                    days[name][first] += event.shock.get(name, 0.0)
        return days

    def _sections(self, active: tuple[str, ...]) -> dict[str, Section]:
        """The parameters while some events are active; those of the population never change."""
        now = self.scenario.under(active)
        every = {name: getattr(now, name) for name in SECTIONS}
        return every | {"population": self.scenario.population}

    def _fill(self, row: int, sections: Mapping[str, Section], room: int) -> None:
        into = self.params[row]
        into[PAUSES]["count"] = len(self.pauses)
        for place, (first, last) in enumerate(self.pauses):
            into[PAUSES]["first"][:, place], into[PAUSES]["last"][:, place] = first, last
        events = [self.scenario.timeline[name] for name in self.rows[row]]
        varied = under(self._varied, events)
        for part, section in sections.items():
            apart = by_firm(type(section))
            for name in type(section).model_fields:
                mine = {key: v for (p, n, key), v in varied.items() if (p, n) == (part, name)}
                if name in apart:
                    self.facts[row][name] = self._by_firm(getattr(section, name) | mine)
                    continue
                into[part][name] = value_of(section, name, room)
                for key, values in mine.items():
                    if key:
                        into[part][name][:, keys_of(section, name).index(key)] = values
                    else:
                        into[part][name] = values

    def _by_firm(self, mapping: Mapping[str, Any]) -> Array:
        """A mapping by firm, ready to meet the firms of all worlds: (1, F) or (W, F)."""
        given = [np.atleast_1d(mapping.get(firm, mapping.get("all", 0.0))) for firm in self.ids]
        return np.stack(np.broadcast_arrays(*given), axis=-1)
