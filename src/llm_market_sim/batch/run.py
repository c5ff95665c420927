"""The batch itself."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from llm_market_sim.batch.guests import load_guests
from llm_market_sim.batch.result import BatchResult, ScenarioResult, merge
from llm_market_sim.batch.work import Assignment, Kept, Measure, plan
from llm_market_sim.errors import InputError, Problem, nearest
from llm_market_sim.market.luck import draw_seed
from llm_market_sim.market.observation import SERIES
from llm_market_sim.market.policies import policy_names
from llm_market_sim.scenario import Scenario, load_all
from llm_market_sim.simulation.front_door import (
    MOST_SEED,
    MOST_WORLDS,
    refuse,
    wrong_list,
    wrong_whole,
)
from llm_market_sim.simulation.measuring import check

__all__ = [
    "WORTH_PROCESSES",
    "all_cores",
    "check_batch",
    "check_policies",
    "processes_for",
    "run_batch",
    "warm_up",
]

WORTH_PROCESSES = 15_000  # world-weeks; below, starting processes takes longer than they save

_USUAL_HORIZON = 78  # weeks

Progress = Callable[[Scenario, int], None]


def run_batch(
    scenarios: Sequence[str | Path | Scenario],
    worlds: int = 400,
    seed: int | None = None,
    *,
    first: int = 0,
    jobs: int = 1,
    measures: Sequence[Measure] = (),
    keep_series: Iterable[str] = (),
    guests: Sequence[str | Path] = (),
    progress: Progress | None = None,
) -> BatchResult:
    """Run so many worlds of every scenario; world k has the same luck in all of them.

    first: id of the first world, to go on where an earlier batch ended. seed: drawn and recorded
    where none is given. jobs: processes; the result does not depend on it. A script that asks for
    more than one must call this under ``if __name__ == "__main__":``. measures: numbers to take in
    every world, such as ``claim.measurement``. keep_series: weekly series to keep for every world;
    of the others their spread is kept. guests: Python files to import first. progress: told the
    scenario and the number of worlds of each block that is done. Raises InputError before the first
    run, MarketSimError if a process dies.
    """
    seed = draw_seed() if seed is None else seed
    refuse([
        *wrong_list("scenarios", scenarios, '["baseline"]'),
        *wrong_list("keep_series", keep_series, '["hhi"]'),
        *wrong_list("guests", guests, '["my_module.py"]'),
        *wrong_whole("seed", seed, 0, MOST_SEED),
    ])  # fmt: skip
    load_guests(guests)
    chosen = [one if isinstance(one, Scenario) else load_all([one])[0] for one in scenarios]
    keep = set(keep_series)
    check_batch(chosen, first, worlds, jobs, keep, measures)
    first, worlds, jobs, seed = int(first), int(worlds), int(jobs), int(seed)
    assignment = Assignment(tuple(chosen), seed, tuple(measures))
    count = processes_for([one.horizon_weeks for one in chosen], worlds, jobs)
    blocks = plan(len(chosen), worlds, count, first)
    if count > 1:
        from llm_market_sim.batch.pool import in_processes  # costs a start-up that needs none

        files = [str(Path(file).resolve()) for file in guests]
        results = in_processes(assignment.packed(), blocks, count, files)
    else:
        results = map(assignment.work, blocks)
    merged = tuple(_merged(chosen, first + worlds, results, keep, progress))
    return BatchResult(seed, worlds, merged)


def warm_up(scenarios: int, worlds: int, jobs: int, store: bool = False) -> None:
    """Before the scenarios are read: begin to start processes, if a batch will need any.

    store: the batch will be kept on disk.
    """
    if processes_for([_USUAL_HORIZON] * scenarios, worlds, jobs) > 1:
        from llm_market_sim.batch.pool import start_server

        start_server(store)


def processes_for(horizons: Sequence[int], worlds: int, jobs: int) -> int:
    """How many processes are worth their start for scenarios of these horizons (weeks)."""
    if worlds * sum(horizons) < WORTH_PROCESSES:
        return 1
    return min(jobs, worlds * len(horizons))


def _merged(
    scenarios: Sequence[Scenario], stop: int, results: Iterator[Kept], keep: set[str],
    progress: Progress | None,
) -> Iterator[ScenarioResult]:  # fmt: skip
    """Merge each scenario as soon as its last block is there, so that little is held."""
    parts: list[Kept] = []
    for kept in results:
        scenario = scenarios[kept.block.scenario]
        parts.append(kept)
        if kept.block.stop == stop:
            yield merge(scenario, parts, keep)
            parts = []
        if progress is not None:
            progress(scenario, kept.block.stop - kept.block.start)


def all_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_policies(scenarios: Iterable[Scenario]) -> None:
    """Every firm's policy must be known. InputError with all that are not."""
    known = policy_names()
    wrong = [
        Problem(
            one.name, f"players.{firm}.policy",
            f'no policy "{player.policy}"; {nearest(player.policy, known)} '
            "(a policy of your own: --with my_module.py)",
        )
        for one in scenarios
        for firm, player in one.players.items()
        if player.policy not in known
    ]  # fmt: skip
    if wrong:
        raise InputError(wrong)


def check_batch(
    scenarios: Sequence[Scenario], first: int, worlds: int, jobs: int, keep: set[str],
    measures: Sequence[Measure],
) -> None:  # fmt: skip
    """InputError with all that is wrong with what was asked for."""
    wrong: list[Problem] = []
    if not scenarios:
        wrong.append(Problem("", "scenarios", "none is given"))
    for name, times in Counter(one.name for one in scenarios).items():
        if times > 1:
            wrong.append(Problem("", "scenarios", f'"{name}" is given {times} times'))
    start = wrong_whole("first", first, 0, MOST_WORLDS - 1)
    wrong += start or wrong_whole("worlds", worlds, 1, MOST_WORLDS - int(first))
    wrong += wrong_whole("jobs", jobs, 1)
    for name in sorted(keep - SERIES.keys()):
        wrong.append(Problem("", "keep_series", f'no series "{name}"; {nearest(name, SERIES)}'))
    if wrong:
        raise InputError(wrong)
    check_policies(scenarios)
    check(scenarios, measures)
