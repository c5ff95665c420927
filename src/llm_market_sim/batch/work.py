"""What is done for one block of worlds, in whichever process, and the little that is kept."""

from __future__ import annotations

import math
import pickle
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Protocol

import numpy as np

from llm_market_sim.market.state import Array
from llm_market_sim.scenario import Scenario
from llm_market_sim.simulation import BLOCK, Run, simulate_block
from llm_market_sim.simulation.measuring import measured

_LEAST = 32  # worlds a block, below which its fixed costs show

__all__ = ["Assignment", "Block", "Kept", "Measure", "plan"]


class Measure(Protocol):
    """A question that is asked of every run: one number a world at one week.

    With an attribute `intervention`, the answer is the difference that this makes.
    """

    @property
    def name(self) -> str:
        """What the numbers are called."""
        ...

    @property
    def week(self) -> int:
        """The week they are taken at; a scenario that ends before is not asked."""
        ...

    def __call__(self, run: Run) -> Array:
        """The numbers, float (W,)."""
        ...


@dataclass(frozen=True)
class Block:
    """Worlds start to stop - 1 of a scenario, by its place in the batch."""

    scenario: int
    start: int
    stop: int


@dataclass(frozen=True)
class Kept:
    """What is left of a block: worlds are rows, W of them."""

    block: Block
    weeks: Array  # (T + 1,)
    measures: dict[str, Array]  # name -> float (W,)
    series: dict[str, Array]  # name -> float32 (W, T + 1)
    finals: dict[str, Array]  # name -> float (W,), the series at the horizon in full precision


@dataclass(frozen=True)
class Assignment:
    """What a process must know before it can work on any block."""

    scenarios: tuple[Scenario | bytes, ...]
    seed: int
    measures: tuple[Measure, ...]

    def packed(self) -> Assignment:
        """For another process: each scenario is read there when its first block comes."""
        return replace(self, scenarios=tuple(pickle.dumps(one) for one in self.scenarios))

    @cached_property
    def _read(self) -> dict[int, Scenario]:
        return {}

    def scenario(self, place: int) -> Scenario:
        """The scenario at a place in the batch."""
        if place not in self._read:
            one = self.scenarios[place]
            self._read[place] = pickle.loads(one) if isinstance(one, bytes) else one
        return self._read[place]

    def run(self, block: Block, events: bool = False) -> Run:
        """Run one block, with what its measures need to see."""
        scenario = self.scenario(block.scenario)
        return simulate_block(
            scenario, range(block.start, block.stop), self.seed,
            snapshots={float(m.week) for m in self._asked(scenario)}, events=events,
        )  # fmt: skip

    def measure(self, run: Run) -> dict[str, Array]:
        """Every number that was asked and can be answered, (W,) by name."""
        return measured(run, self._asked(run.scenario))

    def _asked(self, scenario: Scenario) -> list[Measure]:
        return [m for m in self.measures if m.week <= scenario.horizon_weeks]

    def work(self, block: Block) -> Kept:
        """Run one block and keep its numbers; nothing else of it survives."""
        run = self.run(block)
        return Kept(
            block=block,
            weeks=run.weeks,
            measures=self.measure(run),
            series={name: values.astype(np.float32) for name, values in run.series.items()},
            finals={name: values[:, -1].astype(float) for name, values in run.series.items()},
        )


def plan(scenarios: int, worlds: int, jobs: int = 1, first: int = 0) -> list[Block]:
    """All blocks, scenario by scenario; the last round keeps all jobs busy where it can.

    first: id of the first world.
    """
    pieces = math.ceil(worlds / BLOCK)
    while (scenarios * pieces) % jobs and worlds >= _LEAST * (pieces + 1):
        pieces += 1
    edges = [first + worlds * piece // pieces for piece in range(pieces + 1)]
    return [
        Block(scenario, start, stop)
        for scenario in range(scenarios)
        for start, stop in pairwise(edges)
    ]
