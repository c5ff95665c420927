"""A market moved by hand: columns chosen, single phases of the week done, and the moment read.

This is the one door by which tests reach into the engine. Whatever computes the rules, it has to
offer: a start from a scenario, columns set by name, phases done by their printed names, a tick
of time, whole weeks, and a `Run` of the moment, from which series and metrics are read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from llm_market_sim.market.observation import SERIES, Week
from llm_market_sim.market.schedule import SCHEDULE, step
from llm_market_sim.market.state import COLUMNS, Setting, State
from llm_market_sim.scenario import Scenario
from llm_market_sim.simulation.run import Run
from llm_market_sim.simulation.simulate import start
from llm_market_sim.simulation.timetable import Timetable

__all__ = ["ByHand", "by_hand"]

_RULES = {phase.name: phase.rule for phase in SCHEDULE}


@dataclass(frozen=True, eq=False)
class ByHand:
    """Some worlds of a scenario at one moment; every method gives the next moment, a new one.

    state: the columns by name, as `Run.at` gives them: world (W, 1), firm (W, F), segment
    (W, S, 1), use (W, S, F).
    """

    scenario: Scenario
    state: State
    _setting: Setting
    _timetable: Timetable

    def set(self, **columns: Any) -> ByHand:
        """The moment with some columns (or `week`) replaced; values spread to a column's shape."""
        full: dict[str, Any] = {}
        for name, value in columns.items():
            if name == "week":
                tick = round(value * self.scenario.ticks_per_week)
                full |= {"tick": tick, "week": tick / self.scenario.ticks_per_week}
            else:
                shape = getattr(self.state, name).shape
                spread = np.broadcast_to(np.asarray(value), shape)
                full[name] = np.array(spread, dtype=COLUMNS[name].dtype, order="C")
        return replace(self, state=self.state.replace(**full))

    def do(self, *phases: str) -> ByHand:
        """The moment after some phases of the week, in the order given; no time passes."""
        state, p = self.state, self._timetable.at(self.state.tick)
        for phase in phases:
            state = state.replace(**_RULES[phase](state, p, self._setting))
        return replace(self, state=state)

    def pass_time(self) -> ByHand:
        """The moment a tick later, in which nothing happened."""
        later = {"tick": self.state.tick + 1, "week": self._setting.after(self.state.week)}
        return replace(self, state=self.state.replace(**later))

    def advance(self, ticks: int = 1) -> ByHand:
        """The moment some ticks later, with every phase of each."""
        state = self.state
        for _ in range(ticks):
            state = step(state, self._timetable.at(state.tick), self._setting)
        return replace(self, state=state)

    def run(self) -> Run:
        """A run that consists of this moment, with every series, (W, 1)."""
        seen = Week(self.state, self._setting.firms)
        return Run(
            scenario=self.scenario, seed=self._setting.luck.seed, firms=self._setting.firms,
            worlds=self._setting.luck.worlds.astype(int), weeks=np.array([self.state.week]),
            series={name: series.read(seen)[:, None] for name, series in SERIES.items()},
            final=self.state,
        )  # fmt: skip


def by_hand(
    scenario: Scenario, worlds: Sequence[int], seed: int, columns: Mapping[str, Any] | None = None
) -> ByHand:
    """Worlds of a scenario at week 0, some columns replaced, to be moved by hand."""
    state, setting, timetable = start(scenario, worlds, seed)
    return ByHand(scenario, state, setting, timetable).set(**(columns or {}))
