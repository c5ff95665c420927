"""A scenario, a number of worlds and a seed in; a run out. Knows nothing of markets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from llm_market_sim.market.luck import Luck, draw_seed
from llm_market_sim.market.observation import EVENTS, SERIES, Week, shares
from llm_market_sim.market.schedule import step
from llm_market_sim.market.state import Array, Setting, State
from llm_market_sim.scenario import Scenario
from llm_market_sim.simulation.front_door import (
    MOST_WORLDS,
    listed,
    refuse,
    wrong_ids,
    wrong_request,
    wrong_whole,
)
from llm_market_sim.simulation.initialisation import firms_of, first_state
from llm_market_sim.simulation.run import Events, Run, join, joined_events
from llm_market_sim.simulation.timetable import Timetable

__all__ = ["BLOCK", "blocks_of", "simulate", "simulate_block", "start"]

BLOCK = 512  # worlds a block: more cost memory, fewer cost calls


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
    more worlds than fit in memory take `simulate_block` by block. InputError, before anything is
    computed, with all that is wrong with what is asked.
    """
    seed = draw_seed() if seed is None else seed
    snapshots, wrong = listed(snapshots), wrong_whole("worlds", worlds, 1, MOST_WORLDS)
    refuse(
        [*wrong, *wrong_request(scenario, None if wrong else int(worlds), seed, snapshots, varied)]
    )
    values = {path: np.asarray(of_all, dtype=float) for path, of_all in (varied or {}).items()}
    return join(
        simulate_block(
            scenario, block, seed, snapshots=snapshots, events=events, share_history=share_history,
            varied={path: of_all[block.start : block.stop] for path, of_all in values.items()},
        )
        for block in blocks_of(int(worlds))
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
    series: Iterable[str] | None = None,
    varied: Mapping[str, Array] | None = None,
) -> Run:
    """Run one block of worlds; memory is that of the block.

    worlds: ids (W,); one may come more than once, and has the same luck each time. series: names
    of those to keep, all by default. varied: as in `simulate`, in the order of `worlds`.
    InputError as in `simulate`.
    """
    snapshots = listed(snapshots)
    wrong = wrong_ids(worlds)
    count = None if wrong else len(worlds)
    refuse([*wrong, *wrong_request(scenario, count, seed, snapshots, varied)])
    state, setting, timetable = start(scenario, worlds, int(seed), varied)
    wanted, kept = set(snapshots), {}
    happened: list[Events] = []
    weeks: list[float] = []
    kept_series: dict[str, list[Array]] = {
        name: [] for name in (SERIES if series is None else series)
    }
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
                happened += _what_happened(before, state)
    return Run(
        scenario=scenario,
        seed=setting.luck.seed,
        firms=setting.firms,
        worlds=np.asarray(worlds),
        weeks=np.array(weeks),
        series={name: np.stack(values, axis=1) for name, values in kept_series.items()},
        final=state,
        snapshots=kept,
        happened=joined_events(happened) if events else None,
        share_history=np.stack(held, axis=1) if share_history else None,
    )


def _what_happened(before: State, after: State) -> Iterator[Events]:
    for place, event in enumerate(EVENTS.values()):
        old, new = getattr(before, event.column), getattr(after, event.column)
        changed = old != new
        if event.status is not None:
            changed = changed & (new == event.status)
        w, f = np.nonzero(changed)
        if len(w) == 0:
            continue
        yield Events(
            place=w,
            week=getattr(after, event.stamp)[w, f] if event.stamp else np.full(len(w), after.week),
            firm=f,
            kind=np.full(len(w), place),
            amount=getattr(after, event.amount)[w, f] if event.amount else np.full(len(w), np.nan),
            other=getattr(after, event.other)[w, f] if event.other else np.full(len(w), -1),
        )
