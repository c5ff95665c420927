"""Worlds on demand: a warm engine, blocks that are kept, and only the latest question to the end.

A question is answered block by block, so that a first picture is there after 64 worlds. Whoever
asks again drops the former question at the next end of a block. The blocks of one scenario and
seed are simulated once, whoever asks.
"""

from __future__ import annotations

import asyncio
import itertools
import queue
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from llm_market_sim.classroom.answer import OUTCOMES
from llm_market_sim.classroom.question import BASELINE, Question
from llm_market_sim.market.state import Array
from llm_market_sim.results.rules import code_version
from llm_market_sim.simulation import simulate_block
from llm_market_sim.simulation.simulate import cores

__all__ = ["BLOCKS", "WORLDS", "Solved", "Solver"]

BLOCKS = (range(64), range(64, 128), range(128, 192), range(192, 256))
WORLDS = BLOCKS[-1].stop
_KEPT = 240  # blocks, of half a megabyte each
_SESSIONS = 1000
_LIVE = 0  # who is served first: small numbers

Key = tuple[str, str, int, int]  # digest of the scenario, version of the code, seed, first world


@dataclass(frozen=True)
class Solved:
    """Worlds 0 to W - 1 of a question: series (W, T + 1) by name."""

    question: Question
    series: Mapping[str, Array]

    @property
    def worlds(self) -> int:
        """How many worlds there are by now."""
        return len(next(iter(self.series.values())))


class _Task:
    """One block that somebody waits for."""

    def __init__(self, question: Question, key: Key, part: range) -> None:
        self.question, self.key, self.part = question, key, part
        self.done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.waiting = 0


class Solver:
    """Answers questions in one thread, which spreads each block over all processors.

    threads: over which a block is spread, all processors by default; numbers do not depend on it.
    """

    def __init__(self, threads: int | None = None) -> None:
        self.threads = cores() if threads is None else threads
        self._kept: OrderedDict[Key, Mapping[str, Array]] = OrderedDict()
        self._keys: OrderedDict[str, str] = OrderedDict()  # digests of scenarios by links
        self._tasks: dict[Key, _Task] = {}
        self._latest: OrderedDict[str, asyncio.Event] = OrderedDict()
        self._queue: queue.PriorityQueue[tuple[int, int, _Task | None]] = queue.PriorityQueue()
        self._order = itertools.count()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def warm(self) -> None:
        """Compile the rules and solve the baseline, so that the first question need not wait."""
        for part in BLOCKS:
            self.block(BASELINE, part)

    def block(self, question: Question, part: range) -> Mapping[str, Array]:
        """The series of some worlds of a question; kept ones, or simulated now."""
        key = self._key(question, part)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        run = simulate_block(
            question.scenario(), part, question.seed, events=False, series=OUTCOMES,
            threads=self.threads,
        )  # fmt: skip
        with self._lock:
            self._kept[key] = run.series
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return run.series

    def solve(self, question: Question) -> Solved:
        """All worlds of a question at once, for whoever can wait."""
        return _joined(question, [self.block(question, part) for part in BLOCKS])

    async def answers(
        self, question: Question, session: str, against: Question = BASELINE
    ) -> AsyncIterator[tuple[Solved, Solved]]:
        """What is known of a question and of the one it is held against, after each block.

        session: who asks; with the next question of the same session this one ends.
        """
        dropped = self._begin(session)
        mine: list[Mapping[str, Array]] = []
        ghost: list[Mapping[str, Array]] = []
        for part in BLOCKS:
            for one, blocks in ((against, ghost), (question, mine)):
                found = await self._wait(one, part, dropped)
                if found is None:
                    return
                blocks.append(found)
            yield _joined(question, mine), _joined(against, ghost)

    def _begin(self, session: str) -> asyncio.Event:
        if session in self._latest:
            self._latest.pop(session).set()
        self._latest[session] = asyncio.Event()
        while len(self._latest) > _SESSIONS:
            self._latest.popitem(last=False)[1].set()
        return self._latest[session]

    async def _wait(
        self, question: Question, part: range, dropped: asyncio.Event
    ) -> Mapping[str, Array] | None:
        """A block, or None where nobody wants it any more."""
        if dropped.is_set():
            return None
        key = self._key(question, part)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = _Task(question, key, part)
            self._queue.put((_LIVE, next(self._order), task))
            self._start()
        task.waiting += 1
        gone = asyncio.ensure_future(dropped.wait())
        try:
            await asyncio.wait({task.done, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            task.waiting -= 1
            gone.cancel()
        return task.done.result() if task.done.done() else None

    def _key(self, question: Question, part: range) -> Key:
        link = question.link()
        if link not in self._keys:
            self._keys[link] = question.scenario().digest()
            while len(self._keys) > _KEPT:
                self._keys.popitem(last=False)
        return self._keys[link], code_version(), question.seed, part.start

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="solver", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            _, _, task = self._queue.get()
            if task is None:
                return
            found: Any = None
            if task.waiting:
                try:
                    found = self.block(task.question, task.part)
                except Exception as error:
                    found = error
            task.done.get_loop().call_soon_threadsafe(self._finish, task, found)

    def _finish(self, task: _Task, found: Any) -> None:
        self._tasks.pop(task.key, None)
        if found is None and task.waiting:  # somebody came while it was being put aside
            self._tasks[task.key] = task
            self._queue.put((_LIVE, next(self._order), task))
        elif isinstance(found, Exception):
            task.done.set_exception(found)
        else:
            task.done.set_result(found)

    def close(self) -> None:
        """End the thread after the block that it is at."""
        self._queue.put((-1, next(self._order), None))


def _joined(question: Question, blocks: list[Mapping[str, Array]]) -> Solved:
    one = blocks[0]
    return Solved(
        question, {name: np.concatenate([block[name] for block in blocks]) for name in one}
    )
