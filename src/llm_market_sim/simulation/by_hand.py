"""A market moved by hand: columns chosen, single phases of the week done, and the moment read.

This is the one door by which tests reach into the engine: a start from a scenario, columns set by
name, phases done by their printed names, a tick of time, whole weeks, and a `Run` of the moment,
from which series and metrics are read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import Any

import numpy as np

from llm_market_sim.market.engine import Engine
from llm_market_sim.market.observation import SERIES
from llm_market_sim.market.state import State, put
from llm_market_sim.scenario import Scenario
from llm_market_sim.simulation.run import Run
from llm_market_sim.simulation.worlds import Worlds


class ByHand:
    """Some worlds of a scenario at one moment; every method gives the next moment, a new one."""

    def __init__(self, worlds: Worlds) -> None:
        self._worlds = worlds
        self.scenario = worlds.scenario

    @cached_property
    def state(self) -> State:
        """The columns by name, as `Run.at` gives them: world (W, 1), firm (W, F), segment
        (W, S, 1), use (W, S, F)."""
        one = self._worlds
        return State(one.week, one.tick, one.world_records, one.firm_records)

    def _next(self, tick: int | None = None) -> Worlds:
        """The same worlds, free to be moved on; where a tick is given, at that moment."""
        worlds = copy(self._worlds)
        worlds.tick = worlds.tick if tick is None else tick
        worlds.world_records = worlds.world_records.copy()
        worlds.firm_records = worlds.firm_records.copy()
        worlds.world_records["week"], worlds.world_records["tick"] = worlds.week, worlds.tick
        return worlds

    def set(self, **columns: Any) -> ByHand:
        """The moment with some columns (or `week`) replaced; values spread to a column's shape."""
        week = columns.pop("week", self._worlds.week)
        worlds = self._next(round(week * self.scenario.ticks_per_week))
        put(worlds.world_records, worlds.firm_records, columns)
        return ByHand(worlds)

    def do(self, *phases: str) -> ByHand:
        """The moment after some phases of the week, in the order given; no time passes."""
        worlds = self._next()
        worlds.do(*phases)
        return ByHand(worlds)

    def pass_time(self) -> ByHand:
        """The moment a tick later, in which nothing happened."""
        return ByHand(self._next(self._worlds.tick + 1))

    def advance(self, ticks: int = 1) -> ByHand:
        """The moment some ticks later, with every phase of each."""
        worlds = self._next()
        worlds.advance(ticks)
        return ByHand(worlds)

    def run(self) -> Run:
        """A run that consists of this moment, with every series, (W, 1)."""
        worlds, state = self._worlds, self._worlds.state()
        return Run(
            scenario=self.scenario,
            seed=worlds.seed,
            firms=worlds.firms,
            worlds=worlds.ids,
            weeks=np.array([worlds.week]),
            series={name: state.series[name][:, None] for name in SERIES},
            final=state,
        )


def by_hand(
    scenario: Scenario,
    worlds: Sequence[int],
    seed: int,
    columns: Mapping[str, Any] | None = None,
    *,
    engine: Engine | None = None,
) -> ByHand:
    """Worlds of a scenario at week 0, some columns replaced, to be moved by hand."""
    return ByHand(Worlds(scenario, worlds, seed, engine=engine)).set(**(columns or {}))
