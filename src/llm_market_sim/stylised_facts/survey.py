"""The whole survey: many worlds, some at a time, and the verdicts on all facts."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from llm_market_sim.batch import check_policies, load_guests
from llm_market_sim.market.state import Array
from llm_market_sim.scenario import Scenario
from llm_market_sim.stylised_facts.fact import Book
from llm_market_sim.stylised_facts.judge import FactResult, judge, numbers_of
from llm_market_sim.stylised_facts.runs import run_for_facts

__all__ = ["survey"]

_BLOCK = 64  # worlds at a time, each with some twenty states of all firms


@dataclass(frozen=True)
class _Survey:
    """What a process must know before it can work on any worlds."""

    packed: bytes  # the scenario
    seed: int
    book: Book
    varied: Mapping[str, Array]

    @cached_property
    def scenario(self) -> Scenario:
        return pickle.loads(self.packed)

    def work(self, worlds: slice) -> dict[str, Array]:
        """The numbers that the facts ask for in some worlds."""
        varied = {path: values[worlds] for path, values in self.varied.items()} or None
        ids = range(worlds.start, worlds.stop)
        runs = run_for_facts(self.scenario, ids, self.seed, self.book.head_start, varied)
        return numbers_of(runs, self.book.facts)


def survey(
    scenario: Scenario, worlds: int, seed: int, book: Book,
    varied: Mapping[str, Array] | None = None, *, jobs: int = 1, guests: Sequence[str] = (),
    told: Callable[[int], None] = lambda count: None,
) -> list[FactResult]:  # fmt: skip
    """Simulate and judge. InputError if the scenario has a policy that nobody knows.

    varied: values (W,) by path of parameters that differ by world. jobs: processes; the numbers do
    not depend on it. guests: Python files to import first. told: hears of the
    worlds of each block that is done.
    """
    load_guests(guests)
    check_policies([scenario])
    one = _Survey(pickle.dumps(scenario), seed, book, varied or {})
    size = min(_BLOCK, -(-worlds // jobs))
    pieces = [slice(start, min(start + size, worlds)) for start in range(0, worlds, size)]
    found = []
    for piece, numbers in zip(pieces, _worked(one, pieces, jobs, guests), strict=True):
        found.append(numbers)
        told(piece.stop - piece.start)
    return judge(
        book.facts, {name: np.concatenate([one[name] for one in found]) for name in found[0]}
    )


def _worked(
    one: _Survey, pieces: list[slice], jobs: int, guests: Sequence[str]
) -> Iterator[dict[str, Array]]:
    if jobs == 1 or len(pieces) == 1:
        return map(one.work, pieces)
    from llm_market_sim.batch.pool import in_processes  # costs a start-up that one job needs not

    files = [str(Path(file).resolve()) for file in guests]
    return in_processes(one, pieces, min(jobs, len(pieces)), files)
