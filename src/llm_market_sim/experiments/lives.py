"""The lives of firms in many worlds, by kind, by route or by scenario, and how they end."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np

from llm_market_sim.batch import check_policies, load_guests
from llm_market_sim.batch.run import processes_for
from llm_market_sim.batch.work import Block, plan
from llm_market_sim.market.parameters import KINDS, ROUTES
from llm_market_sim.market.state import Array, Status
from llm_market_sim.scenario import Scenario
from llm_market_sim.simulation import Run, simulate_block
from llm_market_sim.summary.survival import LifeTable, count_lives, resampled

__all__ = ["CAUSES", "By", "Firms", "live", "lives_of"]

CAUSES = {"bought": Status.ACQUIRED, "bankrupt": Status.BANKRUPT, "closed": Status.CLOSED}

By = Literal["kind", "route", "scenario"]
Firms = Literal["all", "entrants", "incumbents"]


@dataclass(frozen=True)
class _Lives:
    """What a process must know before it can work on any block."""

    packed: bytes  # the scenarios
    seed: int
    by: By
    firms: Firms
    groups: int

    @cached_property
    def scenarios(self) -> Sequence[Scenario]:
        return pickle.loads(self.packed)

    def work(self, block: Block) -> LifeTable:
        """The lives of one block, summed over its worlds."""
        scenario, ids = self.scenarios[block.scenario], range(block.start, block.stop)
        run = simulate_block(scenario, ids, self.seed, snapshots=(0.0,), events=False, series=())
        group = _groups(run, self.by, block.scenario)
        return resampled(lives_of(run, group, self.groups, self.firms), ids, self.seed)


def _groups(run: Run, by: By, place: int) -> Array:
    """The group of each firm, (W, F); a firm's route is that of its entry."""
    route = run.at(0.0).route  # what a firm that waits will enter with
    if by == "route":
        return route
    return np.broadcast_to(run.firms.kind if by == "kind" else place, route.shape)


def lives_of(run: Run, group: Array, groups: int, firms: Firms = "all") -> LifeTable:
    """The lives of the domestic firms of a run, world by world; group is (W, F).

    firms: entrants entered after week 0; incumbents were there then, and nobody knows since when,
    so that their clock starts at week 0.
    """
    final = run.final
    asked = run.firms.domestic & np.isfinite(final.entered_at)
    if firms != "all":
        asked = asked & ((final.entered_at > 0.0) == (firms == "entrants"))
    return count_lives(
        final.entered_at, final.closed_at, final.status - int(Status.ACQUIRED),
        np.where(asked, group, -1), run.scenario.horizon_weeks, groups, len(CAUSES),
    )  # fmt: skip


def live(
    scenarios: Sequence[Scenario], worlds: int, seed: int, *, by: By = "kind",
    firms: Firms = "all", jobs: int = 1, guests: Sequence[str | Path] = (),
    progress: Callable[[Scenario, int], None] | None = None,
) -> LifeTable:  # fmt: skip
    """The lives of firms in so many worlds, as `survival.resampled` sums them.

    Groups are kinds, routes, or the scenarios in their order, which must have the same horizon. By
    kind or route, several scenarios are taken together. jobs: processes; the result does not depend
    on it. progress: told the scenario and the number of worlds of each block that is done.
    """
    load_guests(guests)
    check_policies(scenarios)
    count = {"kind": len(KINDS), "route": len(ROUTES), "scenario": len(scenarios)}[by]
    one = _Lives(pickle.dumps(list(scenarios)), seed, by, firms, count)
    processes = processes_for([each.horizon_weeks for each in scenarios], worlds, jobs)
    blocks = plan(len(scenarios), worlds, processes)
    total: LifeTable | None = None
    for block, table in zip(blocks, _worked(one, blocks, processes, guests), strict=True):
        total = table if total is None else total + table
        if progress is not None:
            progress(scenarios[block.scenario], block.stop - block.start)
    assert total is not None  # there is a scenario and a world
    return total


def _worked(
    one: _Lives, blocks: Sequence[Block], processes: int, guests: Sequence[str | Path]
) -> Iterator[LifeTable]:
    if processes == 1:
        return map(one.work, blocks)
    from llm_market_sim.batch.pool import in_processes  # costs a start-up that one job needs not

    return in_processes(one, blocks, processes, [str(Path(file).resolve()) for file in guests])
