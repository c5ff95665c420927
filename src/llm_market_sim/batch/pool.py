"""Blocks over processes: explicit start method, a clean stop, and no orphans."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from typing import Any, Protocol, TypeVar

from llm_market_sim.batch.plugins import load_plugins
from llm_market_sim.errors import MarketSimError

Piece = TypeVar("Piece", contravariant=True)
Done = TypeVar("Done", covariant=True)


class Work(Protocol[Piece, Done]):
    """What a process must know before it can work on any piece, such as a `Task`; it travels by
    pickle."""

    def work(self, piece: Piece) -> Done:
        """Do one piece."""
        ...


_PRELOAD = [f"llm_market_sim.batch.{name}" for name in ("pool", "work", "warm")] + ["duckdb"]
_task: Any = None  # of a worker process


def _context() -> BaseContext:
    """Never a bare fork (threads would be copied half): a fork server, or new interpreters."""
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if context.get_start_method() == "forkserver":
        context.set_forkserver_preload(_PRELOAD)
    return context


def start_server() -> None:
    """Let the fork server import what workers need while this process still reads files."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        from multiprocessing import forkserver

        _context()
        with _no_interrupts():
            forkserver.ensure_running()


@contextmanager
def _no_interrupts() -> Iterator[None]:
    """Hold Ctrl-C back; processes started meanwhile never see it: stopping them is our task."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # which, when it starts later, would lift the mask
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(task: Any, plugins: Sequence[str]) -> None:
    """First thing in a worker."""
    global _task
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None
    # a worker whose parent was killed would wait for work for ever
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    load_plugins(plugins)
    _task = task


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _work(piece: Any) -> Any:
    return _task.work(piece)


@contextmanager
def _pool(task: Work[Any, Any], jobs: int, plugins: Sequence[str]) -> Iterator[ProcessPoolExecutor]:
    """Processes that know an task. Leaving by an error ends them at once."""
    others = set(multiprocessing.active_children())
    executor = ProcessPoolExecutor(
        jobs, mp_context=_context(), initializer=_begin, initargs=(task, tuple(plugins))
    )
    done = False
    try:
        yield executor
        done = True
    finally:
        if not done:
            for process in set(multiprocessing.active_children()) - others:
                process.kill()
        executor.shutdown(wait=True, cancel_futures=True)


def as_done(
    task: Work[Any, Done], pieces: Iterable[Any], jobs: int, plugins: Sequence[str] = ()
) -> Iterator[tuple[Any, Done | None]]:
    """Do pieces on `jobs` processes; each comes with its result when that is there.

    A piece that was at work when a process died is done again, alone; it comes with None if its
    process dies again. Little is held, however many pieces there are. Leaving the loop early ends
    the processes at once. MarketSimError where no process can do anything.
    """
    waiting = deque(pieces)
    suspects: list[Any] = []
    alive = False
    while waiting:
        try:
            for piece, result in _each(task, waiting, jobs, plugins, suspects):
                alive = True
                yield piece, result
        except BrokenProcessPool:
            for piece in suspects:
                try:
                    for _, result in _each(task, deque([piece]), 1, plugins, []):
                        alive = True
                        yield piece, result
                except BrokenProcessPool:
                    if alive:
                        yield piece, None
            if not alive:
                raise MarketSimError(_died()) from None
            suspects.clear()


def _each(
    task: Work[Any, Done],
    waiting: deque[Any],
    jobs: int,
    plugins: Sequence[str],
    working: list[Any],
) -> Iterator[tuple[Any, Done]]:
    """Pieces with their results. working: those that were begun and have not come yet."""
    with _pool(task, min(jobs, len(waiting)), plugins) as executor:
        running: dict[Future[Done], Any] = {}
        while waiting or running:
            with _no_interrupts():
                while waiting and len(running) <= jobs:  # one more than can be worked on
                    working.append(waiting.popleft())
                    running[executor.submit(_work, working[-1])] = working[-1]
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                result = future.result()
                piece = running.pop(future)
                working.remove(piece)
                yield piece, result


def _died() -> str:
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    hint = "try fewer at a time (jobs)"
    if script and not script.endswith(("llm-market-sim", "__main__.py")):
        hint += "; a script must call this below: if __name__ == '__main__':"
    return f"a worker process was killed, ran out of memory, or could not start; {hint}"
