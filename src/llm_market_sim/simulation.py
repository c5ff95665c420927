"""Doing it: a scenario, a number of worlds and a seed in; a run out. Knows nothing of markets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property

import numpy as np

from llm_market_sim.cards import card, facts, table
from llm_market_sim.initialisation import firms_of, first_state
from llm_market_sim.luck import Luck, draw_seed
from llm_market_sim.market import step
from llm_market_sim.observation import EVENTS, SERIES, Week, shares
from llm_market_sim.scenario import Scenario
from llm_market_sim.state import COLUMNS, Array, Firms, Setting, State
from llm_market_sim.timetable import Timetable

__all__ = [
    "BLOCK", "EventRow", "Events", "Run", "blocks_of", "join", "simulate", "simulate_block",
]  # fmt: skip

_SHOWN = ("firms_alive", "general_developers", "licensed", "users_consumer", "hhi", "startup_share")
_SPREAD = (0.5, 0.05, 0.95)
_COLUMNS = ("at the end, over worlds", "median", "5 %", "95 %", "unit")
BLOCK = 512  # worlds a block: more cost memory, fewer cost calls


@dataclass(frozen=True)
class EventRow:
    """One thing that happened to one firm in one world."""

    world: int
    week: float
    firm: int
    kind: str
    amount: float = float("nan")
    other: int = -1


@dataclass(frozen=True, eq=False)
class Events:
    """Many such things, N of them, one array (N,) a column; kind is a place in `EVENTS`."""

    world: Array
    week: Array
    firm: Array
    kind: Array
    amount: Array
    other: Array

    def rows(self) -> Iterator[EventRow]:
        """One by one."""
        names = list(EVENTS)
        columns = (getattr(self, column.name).tolist() for column in fields(self))
        for world, week, firm, kind, amount, other in zip(*columns, strict=True):
            yield EventRow(world, week, firm, names[kind], amount, other)


@dataclass(frozen=True, eq=False)
class Run:
    """What was kept of some worlds of one scenario; worlds are rows in the order of `worlds`."""

    scenario: Scenario
    seed: int
    firms: Firms
    worlds: Array  # (W,) ids
    weeks: Array  # (T + 1,) weeks at which series were read
    series: dict[str, Array]  # name -> (W, T + 1)
    final: State
    snapshots: dict[float, State] = field(default_factory=dict)
    happened: Events | None = None  # where asked, in the order of ticks
    share_history: Array | None = None  # (W, T + 1, S, F) in single precision, where asked

    @cached_property
    def events(self) -> tuple[EventRow, ...]:
        """What happened, row by row; empty where it was not asked for."""
        return tuple(self.happened.rows()) if self.happened else ()

    def at(self, week: float) -> State:
        """State at a week that was asked for, or at the end. KeyError otherwise."""
        return self.final if week == self.final.week else self.snapshots[week]

    def __repr__(self) -> str:
        return f"<Run of {self.scenario.name}: {len(self.worlds)} worlds, seed {self.seed}>"

    def _repr_html_(self) -> str:
        """In a notebook: what was run, and how some numbers of the last week spread over worlds."""
        label, week = self.scenario.label["en"], self.final.week
        told = facts(worlds=len(self.worlds), seed=self.seed, last_week=f"{week:g}")
        rows = []
        for name in _SHOWN:
            if name in self.series:
                ends = np.quantile(self.series[name][:, -1].astype(float), _SPREAD).tolist()
                rows.append((f"{name}: {SERIES[name].meaning}", *ends, SERIES[name].unit))
        spread = [table(_COLUMNS, rows)] if rows else []
        return card(f"A run of “{label}” ({self.scenario.name})", told, *spread)


def blocks_of(worlds: Sequence[int] | int, size: int = BLOCK) -> list[range]:
    """Worlds 0 to n - 1 (or a range) in blocks."""
    ids = range(worlds) if isinstance(worlds, int) else worlds
    return [range(ids[i], ids[min(i + size, len(ids)) - 1] + 1) for i in range(0, len(ids), size)]


def simulate(
    scenario: Scenario,
    worlds: int = 400,
    seed: int | None = None,
    *,
    snapshots: Iterable[float] = (),
    events: bool = True,
    share_history: bool = False,
    varied: Mapping[str, Array] | None = None,
) -> Run:
    """Run worlds 0 to worlds - 1 of a scenario and keep them all.

    seed: 0 to 2**64 - 1; drawn and recorded where none is given. snapshots: weeks whose full
    state is kept. varied: values (W,) by path of parameters that differ from world to world. For
    more worlds than fit in memory take `simulate_block` by block.
    """
    seed = draw_seed() if seed is None else seed
    return join(
        simulate_block(
            scenario, block, seed, snapshots=snapshots, events=events, share_history=share_history,
            varied={path: values[block.start : block.stop] for path, values in varied.items()}
            if varied
            else None,
        )
        for block in blocks_of(worlds)
    )  # fmt: skip


def start(
    scenario: Scenario, worlds: Sequence[int], seed: int,
    varied: Mapping[str, Array] | None = None,
) -> tuple[State, Setting, Timetable]:  # fmt: skip
    """Everything needed to step some worlds: the state of week 0, the setting, the timetable."""
    firms = firms_of(scenario)
    timetable = Timetable(scenario, firms, varied)
    luck = Luck(seed, np.asarray(worlds), firms.keys)
    setting = Setting(firms, luck, ticks_per_week=scenario.ticks_per_week)
    return first_state(scenario, timetable.at(0), setting), setting, timetable


def simulate_block(
    scenario: Scenario,
    worlds: Sequence[int],
    seed: int,
    *,
    snapshots: Iterable[float] = (),
    events: bool = True,
    share_history: bool = False,
    series: Iterable[str] = tuple(SERIES),
    varied: Mapping[str, Array] | None = None,
) -> Run:
    """Run one block of worlds; memory is that of the block.

    worlds: ids (W,); one may come more than once, and has the same luck each time. varied: as in
    `simulate`, in the order of `worlds`.
    """
    state, setting, timetable = start(scenario, worlds, seed, varied)
    wanted, kept = set(snapshots), {}
    happened: list[Events] = []
    weeks: list[float] = []
    kept_series: dict[str, list[Array]] = {name: [] for name in series}
    held: list[Array] = []
    per_week = scenario.ticks_per_week
    ticks = scenario.horizon_weeks * per_week
    for tick in range(ticks + 1):
        if tick % per_week == 0:
            weeks.append(state.week)
            seen = Week(state, setting.firms)
            for name, values in kept_series.items():
                values.append(SERIES[name].read(seen))
            if share_history:
                held.append(shares(state).astype(np.float32))
        if state.week in wanted:
            kept[state.week] = state
        if tick < ticks:
            before, state = state, step(state, timetable.at(tick), setting)
            if events:
                happened += _what_happened(before, state, np.asarray(worlds))
    return Run(
        scenario=scenario,
        seed=seed,
        firms=setting.firms,
        worlds=np.asarray(worlds),
        weeks=np.array(weeks),
        series={name: np.stack(values, axis=1) for name, values in kept_series.items()},
        final=state,
        snapshots=kept,
        happened=_join_events(happened) if events else None,
        share_history=np.stack(held, axis=1) if share_history else None,
    )


def _what_happened(before: State, after: State, worlds: Array) -> Iterator[Events]:
    for place, event in enumerate(EVENTS.values()):
        old, new = getattr(before, event.column), getattr(after, event.column)
        changed = old != new
        if event.status is not None:
            changed = changed & (new == event.status)
        w, f = np.nonzero(changed)
        if len(w) == 0:
            continue
        yield Events(
            world=worlds[w],
            week=getattr(after, event.stamp)[w, f] if event.stamp else np.full(len(w), after.week),
            firm=f,
            kind=np.full(len(w), place),
            amount=getattr(after, event.amount)[w, f] if event.amount else np.full(len(w), np.nan),
            other=getattr(after, event.other)[w, f] if event.other else np.full(len(w), -1),
        )


def _join_events(parts: Sequence[Events]) -> Events:
    none = {"week": np.empty(0), "amount": np.empty(0)}  # the rest is whole numbers
    return Events(**{
        column.name: np.concatenate([getattr(part, column.name) for part in parts])
        if parts
        else none.get(column.name, np.empty(0, dtype=int))
        for column in fields(Events)
    })  # fmt: skip


def join(runs: Iterable[Run]) -> Run:
    """Several blocks of one scenario and seed as one run, in the order given."""
    parts = list(runs)
    if len(parts) == 1:
        return parts[0]
    one = parts[0]
    return Run(
        scenario=one.scenario,
        seed=one.seed,
        firms=one.firms,
        worlds=np.concatenate([part.worlds for part in parts]),
        weeks=one.weeks,
        series={n: np.concatenate([part.series[n] for part in parts]) for n in one.series},
        final=_join_states([part.final for part in parts]),
        snapshots={w: _join_states([part.snapshots[w] for part in parts]) for w in one.snapshots},
        happened=_join_events([part.happened for part in parts if part.happened])
        if one.happened
        else None,
        share_history=None
        if one.share_history is None
        else np.concatenate(
            [part.share_history for part in parts if part.share_history is not None]
        ),
    )


def _join_states(states: Sequence[State]) -> State:
    return states[0].replace(
        **{name: np.concatenate([getattr(s, name) for s in states]) for name in COLUMNS}
    )
