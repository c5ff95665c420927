"""How far a batch is: a bar on a terminal, a line a scenario elsewhere; always on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from llm_market_sim.scenario import Scenario

__all__ = ["progress"]

Told = Callable[[Scenario, int], None]


@contextmanager
def progress(worlds: int, scenarios: int) -> Iterator[Told]:
    """A function to be told of every block that is done: its scenario and number of worlds."""
    if sys.stderr.isatty():
        with _bar(worlds * scenarios) as told:
            yield told
    else:
        yield _lines(worlds, scenarios)


@contextmanager
def _bar(total: int) -> Iterator[Told]:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    from llm_market_sim.commands.show import console

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("worlds"),
        TextColumn("{task.fields[rate]}"), TimeRemainingColumn(),
    )  # fmt: skip
    begun = time.perf_counter()
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=total, rate="")
        done = 0

        def told(scenario: Scenario, count: int) -> None:
            nonlocal done
            done += count
            rate = done / max(time.perf_counter() - begun, 1e-9)
            bar.update(task, advance=count, description=scenario.label["en"], rate=f"{rate:.0f}/s,")

        yield told


def _lines(worlds: int, scenarios: int) -> Told:
    done = finished = 0
    begun = time.perf_counter()

    def told(scenario: Scenario, count: int) -> None:
        nonlocal done, finished
        done += count
        if done == worlds:
            done, finished = 0, finished + 1
            seconds = time.perf_counter() - begun
            text = f"{finished} of {scenarios}: {scenario.name}, {worlds} worlds, {seconds:.1f} s"
            print(text, file=sys.stderr, flush=True)

    return told
