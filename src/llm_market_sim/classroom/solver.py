"""Worlds on demand: a warm engine, blocks that are kept, and only the latest question to the end.

A question is answered block by block, so that a first picture is there after 64 worlds. Whoever
asks again drops the former question at the end of the block that is being simulated. The blocks of
one scenario and seed are simulated once, whoever asks, and kept while there is room.
"""

from __future__ import annotations

import asyncio
import itertools
import queue
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple

from llm_market_sim.classroom.answer import OUTCOMES, Block, block_of, joined, last
from llm_market_sim.classroom.question import Question
from llm_market_sim.experiments.posterior import WORLDS_A_DRAW, Posterior, case_over, load_posterior
from llm_market_sim.results.rules import code_version
from llm_market_sim.scenario import Scenario
from llm_market_sim.simulation import Run, simulate_block
from llm_market_sim.simulation.simulate import cores

__all__ = ["BLOCKS", "DRAWS", "WORLDS", "Solver", "posterior"]

BLOCKS = (range(64), range(64, 128), range(128, 192), range(192, 256))
WORLDS = BLOCKS[-1].stop
DRAWS = 60  # of the posterior sample
_OVER = tuple(range(k, k + 60) for k in range(0, DRAWS * WORLDS_A_DRAW, 60))
_KEPT = 160  # blocks, of some 0.6 MB each
_SCENARIOS = 64  # kept
_SESSIONS = 1000
_NOW, _LATER = 0, 1  # who is served first

Key = tuple[str, str, int, int, bool]
"""Digest of the scenario, version of the code, seed, first world, whether over the posterior."""


@cache
def posterior() -> Posterior:
    """The shipped sample of assumptions. InputError where it does not fit this version."""
    return load_posterior()


class _Part(NamedTuple):
    """Some worlds of a question; over: with the assumptions of the posterior sample."""

    question: Question
    worlds: range
    over: bool = False


class _Task:
    """A part that somebody waits for, in the event loop that is running."""

    def __init__(self, key: Key, part: _Part, urgency: int) -> None:
        self.key, self.part, self.urgency = key, part, urgency
        self.done: asyncio.Future[Block] = asyncio.get_running_loop().create_future()
        self.waiting = 0


class Solver:
    """Answers questions in one thread, which spreads each block over all processors.

    threads: over which a block is spread, all processors by default; numbers do not depend on it.
    The methods that are coroutines belong to one event loop.
    """

    def __init__(self, threads: int | None = None) -> None:
        self.threads = cores() if threads is None else threads
        self._kept: OrderedDict[Key, Block] = OrderedDict()
        self._scenarios: OrderedDict[str, tuple[Scenario, str]] = OrderedDict()
        self._lock = threading.Lock()
        self._tasks: dict[Key, _Task] = {}
        self._latest: OrderedDict[str, asyncio.Event] = OrderedDict()
        self._queue: queue.PriorityQueue[tuple[int, int, _Task]] = queue.PriorityQueue()
        self._order = itertools.count()
        self._thread: threading.Thread | None = None

    def warm(self) -> None:
        """Compile the rules and solve the baseline, so that the first question need not wait."""
        self.solve(Question())

    def solve(self, question: Question) -> Block:
        """All worlds of a question, for whoever can wait."""
        return joined([self._block(_Part(question, worlds)) for worlds in BLOCKS])

    async def answers(
        self, question: Question, session: str, against: Question | None = None
    ) -> AsyncIterator[tuple[Block, Block]]:
        """The worlds of a question and of the one that it is held against, so far, again and again.

        session: who asks; with the next question of the same session this one ends. against: the
        baseline, if none is given.
        """
        if session in self._latest:
            self._latest.pop(session).set()
        dropped = self._latest[session] = asyncio.Event()
        while len(self._latest) > _SESSIONS:
            self._latest.popitem(last=False)[1].set()
        other = question.baseline() if against is None else against
        parts = [(_Part(question, worlds), _Part(other, worlds)) for worlds in BLOCKS]
        async for found in self._blocks(parts, dropped, _NOW):
            yield found

    async def over_assumptions(
        self, question: Question, session: str, against: Question | None = None
    ) -> AsyncIterator[tuple[Block, Block]]:
        """The same over `DRAWS` draws of assumptions, of which only the last week is kept; whatever
        is asked live goes before. With the next question of the session it ends."""
        dropped = self._latest.setdefault(session, asyncio.Event())
        other = question.baseline() if against is None else against
        parts = [(_Part(question, k, True), _Part(other, k, True)) for k in _OVER]
        async for found in self._blocks(parts, dropped, _LATER):
            yield found

    async def first_worlds(self, question: Question) -> Block:
        """The first block of a question, when there is nothing else to do."""
        block = await self._wait(_Part(question, BLOCKS[0]), asyncio.Event(), _LATER)
        assert block is not None, "nobody drops it"
        return block

    async def _blocks(
        self, parts: list[tuple[_Part, _Part]], dropped: asyncio.Event, urgency: int
    ) -> AsyncIterator[tuple[Block, Block]]:
        done: list[tuple[Block, Block]] = []
        for mine, ghost in parts:
            two = [await self._wait(part, dropped, urgency) for part in (ghost, mine)]
            if two[0] is None or two[1] is None:
                return
            done.append((two[1], two[0]))
            yield joined([one for one, _ in done]), joined([other for _, other in done])

    async def _wait(self, part: _Part, dropped: asyncio.Event, urgency: int) -> Block | None:
        """A block, or None where nobody wants it any more."""
        if dropped.is_set():
            return None
        key = self._key(part)
        known = self._known(key)
        if known is not None:
            return known
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = _Task(key, part, urgency)
            self._put(task)
        task.waiting += 1
        gone = asyncio.create_task(dropped.wait())
        either: set[asyncio.Future[Any]] = {task.done, gone}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            task.waiting -= 1
            gone.cancel()
        return None if dropped.is_set() else task.done.result()

    def _put(self, task: _Task) -> None:
        self._queue.put((task.urgency, next(self._order), task))
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="solver", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        """What the thread does: the most urgent block that somebody still waits for."""
        while True:
            task = self._queue.get()[2]
            found: Block | Exception | None = None
            if task.waiting:
                try:
                    found = self._block(task.part)
                except Exception as error:
                    found = error
            with suppress(RuntimeError):  # the loop has ended, and nobody waits
                task.done.get_loop().call_soon_threadsafe(self._finish, task, found)

    def _finish(self, task: _Task, found: Block | Exception | None) -> None:
        if found is None and task.waiting:  # somebody came just when it was put aside
            self._put(task)
            return
        del self._tasks[task.key]
        if isinstance(found, Block):
            task.done.set_result(found)
        elif found is not None and task.waiting:
            task.done.set_exception(found)
        else:
            task.done.cancel()

    def scenario(self, question: Question) -> Scenario:
        """The scenario that is asked about. InputError where its numbers do not go together."""
        return self._resolved(question)[0]

    def _resolved(self, question: Question) -> tuple[Scenario, str]:
        """The scenario and its digest; those of the last questions are kept."""
        link = question.link()
        with self._lock:
            if link in self._scenarios:
                self._scenarios.move_to_end(link)
                return self._scenarios[link]
        scenario = question.scenario()
        found = scenario, scenario.digest()
        with self._lock:
            self._scenarios[link] = found
            while len(self._scenarios) > _SCENARIOS:
                self._scenarios.popitem(last=False)
        return found

    def _key(self, part: _Part) -> Key:
        digest, question = self._resolved(part.question)[1], part.question
        return digest, code_version(), question.seed, part.worlds.start, part.over

    def _known(self, key: Key) -> Block | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _block(self, part: _Part) -> Block:
        """A block that is kept, or simulated now."""
        key = self._key(part)
        block = self._known(key)
        if block is None:
            run = self._run(part)
            block = last(block_of(run)) if part.over else block_of(run)
            with self._lock:
                self._kept[key] = block
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return block

    def _run(self, part: _Part) -> Run:
        scenario, varied = self.scenario(part.question), None
        if part.over:
            rows = DRAWS * WORLDS_A_DRAW
            case = case_over(scenario, posterior(), rows, WORLDS_A_DRAW)
            varied = case.piece(0, part.worlds.start, part.worlds.stop).varied
        return simulate_block(
            scenario,
            part.worlds,
            part.question.seed,
            events=False,
            series=OUTCOMES,
            varied=varied,
            threads=self.threads,
        )
