"""Some worlds of one scenario, at one moment, that can be moved on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from functools import partial
from itertools import pairwise
from time import process_time

import numpy as np

from llm_market_sim.market.columns import COLUMNS
from llm_market_sim.market.engine import Engine, engine_for
from llm_market_sim.market.layout import EVENT, WORLD, blank, dtype_of, dtype_of_series
from llm_market_sim.market.luck import key_of
from llm_market_sim.market.parameters import SEGMENTS
from llm_market_sim.market.policies import SHIPPED, get_policy
from llm_market_sim.market.rule import OBSERVERS, Phase
from llm_market_sim.market.schedule import DECIDE, schedule, start_schedule
from llm_market_sim.market.sight import Look, quick
from llm_market_sim.market.state import Array, State
from llm_market_sim.market.week import NO_GUESTS, Guests, Span
from llm_market_sim.market.wishes import ask
from llm_market_sim.scenario import Scenario
from llm_market_sim.simulation.initialisation import firms_of, ids_of, known
from llm_market_sim.simulation.timetable import Timetable


class Worlds:
    """Worlds (W,) of a scenario, from week 0 on.

    ids: which worlds of the seed; one may come more than once, and has the same luck each time.
    varied: values (W,) by path, for parameters that differ from world to world. series,
    shares: whether to write down series, and every firm's shares. room: how many events a world has
    room for. engine: what lets time pass; compiled rules, if none is given.
    """

    def __init__(
        self,
        scenario: Scenario,
        ids: Sequence[int],
        seed: int,
        varied: Mapping[str, Array] | None = None,
        *,
        series: bool = False,
        shares: bool = False,
        room: int = 0,
        engine: Engine | None = None,
    ) -> None:
        self.scenario = scenario
        self.seed = seed
        self.ids = np.asarray(ids)
        self.timetable = Timetable(scenario, ids_of(scenario), varied)
        self.engine = engine_for(self.timetable.params.dtype) if engine is None else engine
        self.tick = 0
        roster = known(scenario, self.timetable)
        self.firms = firms_of(scenario, roster)
        self.guests = {
            slot: (name, get_policy(name))
            for slot, name in enumerate(self.firms.policies)
            if name not in SHIPPED
        }
        self.world_records = blank(dtype_of(WORLD), (len(self.ids),))
        self.world_records["id"] = self.ids
        self.world_records["seed_low"], self.world_records["seed_high"] = (
            seed & 0xFFFFFFFF,
            seed >> 32,
        )
        self.firm_records = np.repeat(roster[None], len(self.ids), axis=0)
        weeks = scenario.horizon_weeks + 1 if series else 0
        self.series = np.zeros((len(self.ids), weeks), dtype_of_series())
        weeks = scenario.horizon_weeks + 1 if shares else 0
        shape = (len(self.ids), weeks, len(SEGMENTS), len(roster))
        self.shares = np.zeros(shape, dtype=np.float32)
        self.books = np.empty((len(self.ids), room), EVENT)
        self.phases = schedule()
        self._decided = 1 + [phase.name for phase in self.phases].index(DECIDE)
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
            passed = partial(self._run, self.phases, self.timetable.days, self.tick, stop)
            if threads == 1 or len(self.ids) < 2 * threads:
                passed()
            else:
                edges = np.linspace(0, len(self.ids), threads + 1).astype(int)
                parts = [slice(a, b) for a, b in pairwise(edges)]
                with ThreadPoolExecutor(threads) as pool:
                    list(pool.map(passed, parts))
            self.tick = stop

    def do(self, *phases: str) -> None:
        """Some phases of this tick, by their names and in the order given; no time passes."""
        self._apply_facts(self.timetable.day(self.tick)["row"][0])
        for name in phases:
            phase = next(one for one in self.phases if one.name == name)
            self._run((phase,), self.timetable.day(self.tick), 0, 1, closes=False)

    def timed(self) -> dict[str, float]:
        """Run to the horizon, phase by phase over all worlds; processor seconds by phase."""
        spent = dict.fromkeys((phase.name for phase in self.phases), 0.0)
        while self.tick < self.ticks:
            for phase in self.phases:
                before = process_time()
                self.do(phase.name)
                spent[phase.name] += process_time() - before
            self.tick += 1
        return spent

    def step(self, decide: Callable[[], None]) -> None:
        """One tick later; decide: called when all firms have said what they want, to say more.

        Where it fails, nothing has happened.
        """
        before = self.world_records.copy(), self.firm_records.copy()
        days, cut = self.timetable.days, self._decided
        self._stop(self.tick + 1)
        try:
            self._run(self.phases[:cut], days, self.tick, self.tick + 1, closes=False)
            decide()
        except BaseException:
            self.world_records[:], self.firm_records[:] = before
            raise
        self._run(self.phases[cut:], days, self.tick, self.tick + 1)
        self.tick += 1

    def _stop(self, end: int) -> int:
        """The tick before which nothing has to be done from outside; new facts are applied."""
        rows, facts = self.timetable.days["row"], self.timetable.facts
        for tick in range(self.tick, end):
            if tick > 0 and rows[tick] != rows[tick - 1] and any(facts):
                if tick > self.tick:
                    return tick
                self._apply_facts(rows[tick])
        return end

    def _guests(self, phases: Sequence[Phase], which: slice, failed: list[BaseException]) -> Guests:
        """Firms with a policy of a person's own, who say what they want once all others have.

        failed: takes what went wrong, which finds no way through compiled code.
        """
        names = [phase.name for phase in phases]
        if not self.guests or DECIDE not in names:
            return NO_GUESTS
        records = self.world_records[which], quick(self.firm_records[which])
        seen = list(zip(*records, strict=True))

        def ask_all(world: int) -> int:
            look = Look(*seen[world], self.firms)
            try:
                for slot, (name, rule) in self.guests.items():
                    if look.is_alive(slot):
                        look.mine = slot
                        ask(name, rule, look, slot)
            except BaseException as error:
                failed.append(error)
            return len(failed)

        return Guests(names.index(DECIDE), ask_all)

    def _run(
        self,
        phases: Sequence[Phase],
        days: Array,
        first: int,
        last: int,
        which: slice = slice(None),
        closes: bool = True,
    ) -> None:
        params = self.timetable.params
        span = Span(
            self.world_records[which],
            self.firm_records[which],
            np.ascontiguousarray(params[:, which]) if params.shape[1] > 1 else params,
            days,
            first,
            last,
            self.books[which],
            self.series[which],
            self.shares[which],
        )
        failed: list[BaseException] = []
        guests = self._guests(phases, which, failed)
        self.engine.run(span, phases, tuple(OBSERVERS.values()), closes, guests)
        if failed:
            raise failed[0]

    def state(self) -> State:
        """The moment as it is; what happens later does not change it."""
        records = self.world_records.copy(), self.firm_records.copy()
        return State(self.week, self.tick, *records, self.observed())

    def twin(self, scenario: Scenario | None = None) -> Worlds:
        """The same worlds once more: what happens in one of the two does not touch the other.

        scenario: whose calendar holds from now on; up to now it says what this one's says.
        """
        twin = copy(self)
        if scenario is not None:
            twin.scenario, twin.timetable = scenario, Timetable(scenario, ids_of(scenario))
            twin.engine = engine_for(twin.timetable.params.dtype)
        for name in ("world_records", "firm_records", "series", "shares", "books"):
            setattr(twin, name, getattr(self, name).copy())
        return twin

    def end(self) -> State:
        """The last moment, in the worlds' own records: nothing can happen later."""
        return State(self.week, self.tick, self.world_records, self.firm_records, self.observed())

    def observed(self) -> Array:
        """What would be written down now: a record of series for each world (W,)."""
        day, rows = self.timetable.standing, np.zeros((len(self.ids), 1), self.series.dtype)
        day["week"], day["end"], day["tick"] = self.week, self.week, self.tick - 1
        records, params = (self.world_records, self.firm_records), self.timetable.params
        span = Span(*records, params, day, 0, 1, self.books, rows, self.shares[:, :0].copy())
        self.engine.run(span, (), tuple(OBSERVERS.values()))
        return rows[:, 0]
