"""A scenario, a number of worlds and a seed in; a run out. Knows nothing of markets."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from llm_market_sim.market.luck import draw_seed
from llm_market_sim.market.observation import EVENTS, SERIES
from llm_market_sim.market.state import Array, State
from llm_market_sim.scenario import Scenario
from llm_market_sim.simulation.front_door import (
    MOST_WORLDS,
    listed,
    refuse,
    wrong_ids,
    wrong_request,
    wrong_whole,
)
from llm_market_sim.simulation.run import Events, Run
from llm_market_sim.simulation.worlds import Worlds

BLOCK = 512  # worlds a block: as many as one cares to hold in memory at once
_ROOM = 12  # events a firm in a year and a half, for which there is room at once
_USUAL_WEEKS = 78


def blocks_of(worlds: Sequence[int] | int, size: int = BLOCK) -> list[range]:
    """Worlds 0 to n - 1 (or a range) in blocks."""
    ids = range(worlds) if isinstance(worlds, int) else worlds
    return [range(ids[i], ids[min(i + size, len(ids)) - 1] + 1) for i in range(0, len(ids), size)]


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def simulate(
    scenario: Scenario,
    worlds: int = 400,
    seed: int | None = 1,
    *,
    snapshots: Iterable[float] = (),
    events: bool = True,
    share_history: bool = False,
    varied: Mapping[str, Array] | None = None,
) -> Run:
    """Run worlds 0 to worlds - 1 of a scenario, on all processors, and keep them all.

    seed: 0 to 2**64 - 1, or None to draw one, which ``run.seed`` keeps. snapshots: weeks whose full
    state is kept. varied: values (W,) by path of parameters that differ from world to world. For
    more worlds than fit in memory take `simulate_block` by block. InputError, before anything is
    computed, with all that is wrong with what is asked.
    """
    seed = draw_seed() if seed is None else seed
    snapshots, wrong = listed(snapshots), wrong_whole("worlds", worlds, 1, MOST_WORLDS)
    refuse(
        [*wrong, *wrong_request(scenario, None if wrong else int(worlds), seed, snapshots, varied)]
    )
    return simulate_block(
        scenario,
        range(int(worlds)),
        seed,
        snapshots=snapshots,
        events=events,
        share_history=share_history,
        varied=varied,
        threads=cores(),
    )


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
    threads: int = 1,
) -> Run:
    """Run one block of worlds; memory is that of the block.

    worlds: ids (W,); one may come more than once, and has the same luck each time. series: names
    of those to keep, all by default. varied: as in `simulate`, in the order of `worlds`. threads:
    over which the worlds are spread; results do not depend on it. InputError as in `simulate`.
    """
    snapshots = listed(snapshots)
    wrong = wrong_ids(worlds)
    count = None if wrong else len(worlds)
    refuse([*wrong, *wrong_request(scenario, count, seed, snapshots, varied)])
    values = {path: np.asarray(of_all, dtype=float) for path, of_all in (varied or {}).items()}
    names = tuple(SERIES) if series is None else tuple(series)
    ids, weeks = np.asarray(worlds), scenario.horizon_weeks
    room = 0
    if events:
        firms = (
            len(scenario.players)
            + scenario.population.stealth_firms
            + scenario.population.pool_firms
        )
        room = _ROOM * firms * -(-weeks // _USUAL_WEEKS)
    while True:
        block = Worlds(
            scenario, worlds, int(seed), values, series=bool(names), shares=share_history, room=room
        )
        kept = _advance(block, set(snapshots), threads)
        most = int(np.max(block.world_records["events"], initial=0))
        if not events or most <= room:
            break
        room = most  # more happened than there was room for: once more, with enough
    return Run(
        scenario=scenario,
        seed=int(seed),
        firms=block.firms,
        worlds=ids,
        weeks=np.arange(weeks + 1.0),
        series={name: np.ascontiguousarray(block.series[name]) for name in names},
        final=block.end(),
        snapshots=kept,
        happened=_happened(block) if events else None,
        share_history=block.shares if share_history else None,
    )


def _advance(block: Worlds, wanted: set[float], threads: int) -> dict[float, State]:
    """Run a block to its horizon, with a stop wherever a state is wanted; these states."""
    kept: dict[float, State] = {}
    for tick in range(block.ticks + 1):
        if tick / block.scenario.ticks_per_week in wanted:
            block.advance(tick - block.tick, threads)
            kept[block.week] = block.state()
    block.advance(block.ticks - block.tick, threads)
    return kept


def _happened(block: Worlds) -> Events:
    """The books of all worlds as one, by tick, kind, world and firm."""
    counts = block.world_records["events"]
    book = np.concatenate([one[:n] for one, n in zip(block.books, counts, strict=True)])
    firms = block.firm_records.shape[1]
    place = np.repeat(np.arange(len(counts)), counts)
    key = book["tick"].astype(np.int64)
    for column, size in ((book["kind"], len(EVENTS)), (place, len(counts)), (book["firm"], firms)):
        key = key * size + column
    order = np.argsort(key, kind="stable")
    book = book[order]
    return Events(
        place=place[order],
        week=book["week"].copy(),
        firm=book["firm"].astype(np.int64),
        kind=book["kind"].astype(np.int64),
        amount=book["amount"].copy(),
        other=book["other"].astype(np.int64),
    )
