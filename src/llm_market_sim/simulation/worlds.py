"""Some worlds of one scenario, at one moment, that can be moved on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np

from llm_market_sim.market.columns import COLUMNS
from llm_market_sim.market.layout import EVENT, FIRM, WORLD, blank, dtype_of, dtype_of_series
from llm_market_sim.market.luck import key_of
from llm_market_sim.market.policies import SHIPPED, asked, firm_view
from llm_market_sim.market.policies.standard import keep_within_means
from llm_market_sim.market.rule import OBSERVERS, Phase
from llm_market_sim.market.schedule import DECIDE, schedule, start_schedule
from llm_market_sim.market.state import Array, State
from llm_market_sim.market.week import Engine, engine_for
from llm_market_sim.scenario import Scenario
from llm_market_sim.simulation.initialisation import firms_of, ids_of, known
from llm_market_sim.simulation.timetable import Timetable

__all__ = ["Worlds"]

_TOGETHER = 16  # worlds whose firms with a policy of one's own are asked in turn


class Worlds:
    """Worlds (W,) of a scenario, from week 0 on.

    ids: which worlds of the seed; one may come more than once, and has the same luck each time.
    varied: values (W,) by path, for parameters that differ from world to world. series, room:
    whether to write down series, and how many events a world has room for. engine: what lets time
    pass; compiled rules, if none is given.
    """

    def __init__(
        self, scenario: Scenario, ids: Sequence[int], seed: int,
        varied: Mapping[str, Array] | None = None, *,
        series: bool = False, room: int = 0, engine: Engine | None = None,
    ) -> None:  # fmt: skip
        self.scenario = scenario
        self.seed = seed
        self.ids = np.asarray(ids)
        self.timetable = Timetable(scenario, ids_of(scenario), varied)
        self.engine = engine_for(self.timetable.params.dtype) if engine is None else engine
        self.tick = 0
        roster = known(scenario, self.timetable)
        self.firms = firms_of(scenario, roster)
        self.guests = [i for i, name in enumerate(self.firms.policies) if name not in SHIPPED]
        self.world_records = blank(dtype_of(WORLD), (len(self.ids),))
        self.world_records["id"] = self.ids
        self.world_records["seed_low"], self.world_records["seed_high"] = (
            seed & 0xFFFFFFFF, seed >> 32,
        )  # fmt: skip
        self.firm_records = np.repeat(roster[None], len(self.ids), axis=0)
        weeks = scenario.horizon_weeks + 1 if series else 0
        self.series = np.zeros((len(self.ids), weeks), dtype_of_series())
        self.books = np.empty((len(self.ids), room), EVENT)
        self.phases = schedule()
        self._begin()

    @property
    def week(self) -> float:
        """Weeks since week 0."""
        return self.tick / self.scenario.ticks_per_week

    @property
    def ticks(self) -> int:
        """Ticks in the horizon."""
        return len(self.timetable.days)

    def _begin(self) -> None:
        """What nobody knows is drawn, and week 0 is written down."""
        for name, column in COLUMNS.items():
            if column.clock:
                left = np.empty(self.firm_records.shape)
                stream = np.uint64(key_of(column.clock))
                self.engine.draw(self.world_records, self.firm_records, stream, left)
                self.firm_records[name] = left
        self._apply_facts(self.timetable.days["row"][0])
        self._run(start_schedule(), self.timetable.standing, 0, 1)
        self.world_records["events"] = 0

    def _apply_facts(self, row: int) -> None:
        for name, values in self.timetable.facts[row].items():
            self.firm_records[name] = values

    def advance(self, ticks: int = 1, threads: int = 1) -> None:
        """Some ticks later. threads: over which the worlds are spread."""
        end = self.tick + ticks
        while self.tick < end:
            stop = self._stop(end)
            if threads == 1 or len(self.ids) < 2 * threads:
                self._pass(slice(None), self.tick, stop)
            else:
                edges = np.linspace(0, len(self.ids), threads + 1).astype(int)
                parts = [slice(a, b) for a, b in zip(edges[:-1], edges[1:], strict=True)]
                with ThreadPoolExecutor(threads) as pool:
                    list(pool.map(partial(self._pass, first=self.tick, stop=stop), parts))
            self.tick = stop

    def _stop(self, end: int) -> int:
        """The tick before which nothing has to be done from outside; new facts are applied."""
        rows, facts = self.timetable.days["row"], self.timetable.facts
        for tick in range(self.tick, end):
            if tick > 0 and rows[tick] != rows[tick - 1] and any(facts):
                if tick > self.tick:
                    return tick
                self._apply_facts(rows[tick])
        return end

    def _pass(self, which: slice, first: int, stop: int) -> None:
        days = self.timetable.days
        if not self.guests:
            self._run(self.phases, days, first, stop, which)
            return
        cut = 1 + [phase.name for phase in self.phases].index(DECIDE)
        every = range(*which.indices(len(self.ids)))
        for place in range(every.start, every.stop, _TOGETHER):
            some = slice(place, min(place + _TOGETHER, every.stop))
            for tick in range(first, stop):
                self._run(self.phases[:cut], days, tick, tick + 1, some, closes=False)
                self._ask(some)
                self._run(self.phases[cut:], days, tick, tick + 1, some)

    def _ask(self, which: slice) -> None:
        """Firms with a policy of a person's own say what they want."""
        for w, firms in zip(self.world_records[which], self.firm_records[which], strict=True):
            for slot in self.guests:
                f = firms[slot]
                if f.status < 1 or f.status > 4:
                    continue
                answer = asked(self.firms.policies[slot], firm_view(w, f, self.firms.ids[slot]))
                for wish, value in answer.items():
                    f[wish] = value
                keep_within_means(f)

    def _run(
        self, phases: Sequence[Phase], days: Array, first: int, last: int,
        which: slice = slice(None), closes: bool = True,
    ) -> None:  # fmt: skip
        params = self.timetable.params
        self.engine.run(
            self.world_records[which], self.firm_records[which],
            params[:, which] if params.shape[1] > 1 else params, days, first, last,
            self.books[which], self.series[which], phases, tuple(OBSERVERS.values()), closes,
        )  # fmt: skip

    def state(self) -> State:
        """The moment as it is; what happens later does not change it."""
        return State(self.week, self.tick, self.world_records.copy(), self.firm_records.copy())
