"""How far a plan is: a bar on a terminal, a line now and then elsewhere; always on stderr."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from llm_market_sim.batch.run import Told
from llm_market_sim.cli.tell import counted, spoken, tell
from llm_market_sim.scenario import Scenario

_EVERY = 10.0  # seconds between two lines, at least
_COST = (  # with one core, several
    "This takes about {time} on {n} core.",
    "This takes about {time} on {n} cores.",
)
_RATE = 30_000.0  # weeks of a world that a core does in a second (benchmarks/README.md)


def tell_cost(world_weeks: float, jobs: int) -> None:
    """Say beforehand, on stderr, about how long it will take, where that is more than ten seconds.

    world_weeks: weeks of all worlds together, those under interventions too.
    """
    seconds = world_weeks / _RATE / jobs
    if seconds > _EVERY:
        told = counted(jobs, *_COST, time=_duration(seconds))
        print(told, file=sys.stderr, flush=True)


def took(seed: int, begun: float) -> str:
    """The last line of a command that keeps no worlds; begun: `time.perf_counter` then."""
    seconds = f"{time.perf_counter() - begun:.1f}"
    return tell("Seed {seed}, {seconds} s.", seed=seed, seconds=seconds)


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
        TextColumn(tell("worlds")),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    begun = time.perf_counter()
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task(tell("starting"), total=total, rate="")
        done = 0

        def told(scenario: Scenario, count: int) -> None:
            nonlocal done
            done += count
            rate = done / max(time.perf_counter() - begun, 1e-9)
            bar.update(
                task, advance=count, description=scenario.label[spoken()], rate=f"{rate:.0f}/s,"
            )

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
            text = tell(
                "{finished} of {all}: {name}, {worlds} worlds, {seconds} s",
                finished=finished,
                all=len(left),
                name=name,
                worlds=f"{left[name]:,}",
                seconds=f"{seconds:.1f}",
            )
        elif now - last > _EVERY:
            rate = ready / max(seconds, 1e-9)
            speed = f"{rate:.0f}" if rate >= 10.0 else f"{rate:.2g}"
            text = tell(
                "{ready} of {total} worlds, {speed}/s, about {rest} left",
                ready=f"{ready:,}",
                total=f"{total:,}",
                speed=speed,
                rest=_duration((total - ready) / rate),
            )
        else:
            return
        last = now
        print(text, file=sys.stderr, flush=True)

    return told


def _duration(seconds: float) -> str:
    """``40 s``, ``12 min`` or ``3.5 h``."""
    if seconds < 100:
        return tell("{n} s", n=f"{seconds:.0f}")
    if seconds < 6000:
        return tell("{n} min", n=f"{seconds / 60:.0f}")
    return tell("{n} h", n=f"{seconds / 3600:.1f}")
