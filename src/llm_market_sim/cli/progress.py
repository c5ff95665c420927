"""How far a plan is: a bar on a terminal, a line now and then elsewhere; always on stderr."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from llm_market_sim.batch.run import Told
from llm_market_sim.scenario import Scenario

_EVERY = 10.0  # seconds between two lines, at least
_RATE = 30_000.0  # weeks of a world that a core does in a second (benchmarks/README.md)


def tell_cost(world_weeks: float, jobs: int) -> None:
    """Say beforehand, on stderr, about how long it will take, where that is more than ten seconds.

    world_weeks: weeks of all worlds together, those under interventions too.
    """
    seconds = world_weeks / _RATE / jobs
    if seconds > _EVERY:
        cores = "1 core" if jobs == 1 else f"{jobs} cores"
        print(f"This takes about {_duration(seconds)} on {cores}.", file=sys.stderr, flush=True)


@contextmanager
def progress(left: Mapping[str, int]) -> Iterator[Told]:
    """A function to be told of every piece that is done: its scenario and number of worlds.

    left: worlds to be done, by scenario.
    """
    if sys.stderr.isatty():
        with _bar(sum(left.values())) as told:
            yield told
    else:
        yield _lines(left)


@contextmanager
def _bar(total: int) -> Iterator[Told]:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    from llm_market_sim.cli.show import console

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("worlds"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
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


def _lines(left: Mapping[str, int]) -> Told:
    """A line when a scenario is done, and one now and then in between."""
    total = sum(left.values())
    done = Counter[str]()
    begun = last = time.perf_counter()
    finished = 0

    def told(scenario: Scenario, count: int) -> None:
        nonlocal last, finished
        name = scenario.name
        done[name] += count
        now = time.perf_counter()
        seconds, ready = now - begun, done.total()
        if done[name] == left[name]:
            finished += 1
            text = f"{finished} of {len(left)}: {name}, {left[name]:,} worlds, {seconds:.1f} s"
        elif now - last > _EVERY:
            rate = ready / max(seconds, 1e-9)
            speed = f"{rate:.0f}" if rate >= 10.0 else f"{rate:.2g}"
            rest = _duration((total - ready) / rate)
            text = f"{ready:,} of {total:,} worlds, {speed}/s, about {rest} left"
        else:
            return
        last = now
        print(text, file=sys.stderr, flush=True)

    return told


def _duration(seconds: float) -> str:
    """``40 s``, ``12 min`` or ``3.5 h``."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
