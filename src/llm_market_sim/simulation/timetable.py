"""The parameters of each week as arrays, ready for rules; a timeline changes them for a while."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import numpy as np

from llm_market_sim.market.parameters import KINDS, ROUTES, SEGMENTS
from llm_market_sim.market.state import Array, Firms
from llm_market_sim.scenario import SECTIONS, Scenario, entries, under

__all__ = ["Timetable"]


class _Fixed(SimpleNamespace):
    """A namespace that nobody who is handed it can change."""

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"parameters are the scenario's; {name} cannot be set")


class Timetable:
    """Effective parameters by week.

    An event acts from the first Monday on or after its date, whatever the tick, so that a finer
    tick changes nothing about what happens. Mappings become arrays: by segment (S, 1), by kind or
    firm (1, F), by route (R,).

    varied: values (W,) by path, for parameters that differ from world to world. They come as
    (W, 1), by segment (S, W, 1), by kind or firm (W, F), by route (W, R). An event that sets such
    a parameter sets it in all worlds.
    """

    def __init__(
        self, scenario: Scenario, firms: Firms, varied: Mapping[str, Array] | None = None
    ) -> None:
        self.scenario = scenario
        self.firms = firms
        self._varied = entries(scenario, varied or {})
        self._ready: dict[tuple[str, ...], dict[str, SimpleNamespace]] = {}

    def at(self, tick: int) -> SimpleNamespace:
        """Parameters of a tick: a namespace of sections, plus pauses, entering and shocks."""
        per_week = self.scenario.ticks_per_week
        week, within = divmod(tick, per_week)
        active = self.scenario.active(week)
        if active not in self._ready:
            self._ready[active] = self._arrays(active)
        return _Fixed(
            **self._ready[active],
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
            if self.scenario.players[firm].enters
        }
        return np.array([[firm in called for firm in self.firms.ids]])

    def _shocks(self, week: int) -> dict[str, float]:
        total: dict[str, float] = {}
        for event in self.scenario.timeline.values():
            if math.ceil(event.week) == week:
                for name, amount in event.shock.items():
                    total[name] = total.get(name, 0.0) + amount
        return total

    def _arrays(self, active: tuple[str, ...]) -> dict[str, SimpleNamespace]:
        """All sections while some events are active."""
        sections = self.scenario.under(active)
        values = {name: dict(getattr(sections, name)) for name in SECTIONS}
        events = [self.scenario.timeline[name] for name in active]
        for (section, name, key), numbers in under(self._varied, events).items():
            old = values[section][name]
            values[section][name] = {**old, key: numbers} if key else _read_only(numbers[:, None])
        return {
            section: _Fixed(
                **{
                    name: self._array(value) if isinstance(value, dict) else value
                    for name, value in named.items()
                }
            )
            for section, named in values.items()
        }

    def _array(self, mapping: Mapping[str, float | Array]) -> Array:
        """A mapping as an array; where some of its values differ by world, (W,), all get worlds."""

        def column(names: Iterable[str]) -> Array:
            given = [mapping.get(name, mapping.get("all", 0.0)) for name in names]
            return np.stack(np.broadcast_arrays(*[np.asarray(one, float) for one in given]))

        keys = set(mapping)
        if keys == set(SEGMENTS):
            return _read_only(column(SEGMENTS)[..., None])
        if keys == set(ROUTES):
            return _read_only(np.ascontiguousarray(column(ROUTES).T))
        kinds = keys == set(KINDS)
        table = column(KINDS)[self.firms.kind[0]] if kinds else column(self.firms.ids)
        return _read_only(np.ascontiguousarray(np.atleast_2d(table.T)))


def _read_only(array: Array) -> Array:
    array.flags.writeable = False
    return array
