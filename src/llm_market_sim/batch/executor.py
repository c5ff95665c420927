"""Where pieces are worked on: in this process, in several, or on a Dask cluster."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from llm_market_sim.batch.work import Failed, Piece, Task, Written

# world-weeks; below, this process does the rules on threads before others have read their code
WORTH_PROCESSES = 150_000
_USUAL_HORIZON = 78  # weeks


def work_off(
    task: Task, pieces: Sequence[Piece], jobs: int, cluster: str | None, plugins: Sequence[str]
) -> Iterator[tuple[Piece, Written | Failed | None]]:
    """Each piece with what came of it, in any order; None where processes died over it.

    cluster: address or scheduler file, instead of `jobs` processes here. plugins: Python files that
    workers import first.
    """
    if cluster is not None and pieces:
        from llm_market_sim.batch.cluster import on_cluster

        return on_cluster(cluster, task, pieces, plugins)
    if min(jobs, len(pieces)) > 1:
        from llm_market_sim.batch.pool import as_done  # costs a start-up that one job needs not

        return as_done(task.packed(), pieces, jobs, plugins)
    return ((piece, task.work(piece)) for piece in pieces)


def warm_up(scenarios: int, worlds: int, jobs: int) -> None:
    """Before the scenarios are read: begin to start processes, if a batch will need any."""
    if processes_for([_USUAL_HORIZON] * scenarios, worlds, jobs) > 1:
        from llm_market_sim.batch.pool import start_server

        start_server()


def processes_for(horizons: Sequence[int], worlds: int, jobs: int) -> int:
    """How many processes are worth their start for scenarios of these horizons (weeks)."""
    if worlds * sum(horizons) < WORTH_PROCESSES:
        return 1
    return min(jobs, worlds * len(horizons))


def all_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
