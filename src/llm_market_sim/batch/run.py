"""A plan worked off into a folder: its blocks are written as they come, and it can be gone on with.

There is one way from a plan to numbers: pieces, worked on in this process, in several or on a
cluster, whose tables lie in a folder and are read from there. What nobody wants to keep lies in a
folder that is removed when it has been read.
"""

from __future__ import annotations

import math
import secrets
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path
from typing import Any, Literal

from llm_market_sim.batch.executor import processes_for, work_off
from llm_market_sim.batch.parts import Parts
from llm_market_sim.batch.plan import Plan, check_plan, plan_batch
from llm_market_sim.batch.plugins import load_plugins
from llm_market_sim.batch.work import Failed, Piece, Task, Written
from llm_market_sim.errors import MarketSimError, mistake
from llm_market_sim.market.luck import draw_seed
from llm_market_sim.results import Results, open_results
from llm_market_sim.results.blocks import GRID
from llm_market_sim.results.manifest import Manifest, about, machine, name_of
from llm_market_sim.results.parameters import write_draws, write_parameters
from llm_market_sim.results.rules import code_version
from llm_market_sim.results.tables import TABLES
from llm_market_sim.results.writer import Folder, Key
from llm_market_sim.scenario import Scenario
from llm_market_sim.simulation.front_door import refuse, wrong_whole
from llm_market_sim.simulation.measuring import Measure

Done = Written | Failed
Come = Sequence[tuple[Piece, Done]]
Told = Callable[[Scenario, int], None]
Watch = Callable[[Manifest, int, Mapping[str, int]], AbstractContextManager[Told]]
_DIED = Failed("process", "its process died each time: killed, or out of memory")
_UNKEPT_GRID = 512  # rows of a block in a folder that nobody goes on with


@dataclass(frozen=True)
class Shard:
    """The blocks of one of several machines that share a batch out among them; from 1."""

    place: int
    of: int

    def __str__(self) -> str:
        return f"{self.place}/{self.of}"

    def has(self, block: int) -> bool:
        """Whether a block is one of its own, by the block's place in the whole batch."""
        return block % self.of == self.place - 1


@dataclass(frozen=True)
class Order:
    """How a plan is worked off, none of which changes its numbers.

    force: rows of another plan in the folder may be dropped. fail: what happens when a block
    fails: "slow" goes on with the others, "fast" stops. cluster: address or scheduler file of a
    Dask cluster, instead of `jobs` processes here. plugins: Python files to import first.
    """

    jobs: int = 1
    force: bool = False
    fail: Literal["slow", "fast"] = "slow"
    shard: Shard | None = None
    cluster: str | None = None
    plugins: Sequence[str | Path] = ()


@dataclass
class Account:
    """What came of it. found, made: rows that were there, and that were computed now.

    failed: scenario, start, stop and why, of rows that could not be computed.
    """

    manifest: Manifest
    found: int = 0
    made: int = 0
    failed: list[tuple[str, int, int, Failed]] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)


@contextmanager
def results_of(
    plan: Plan, out: str | Path | None, order: Order, watch: Watch | None = None
) -> Iterator[tuple[Results, Account]]:
    """Work a plan off, and read it; without a folder, in one that is there for so long.

    Raises as `run_plan` does; without a folder also where a block fails.
    """
    if out is not None:
        outcome = run_plan(plan, out, order, watch)
        yield open_results(out), outcome
        return
    with tempfile.TemporaryDirectory(prefix="llm-market-sim-") as name:
        order = replace(order, fail="fast", shard=None)
        outcome = run_plan(plan, Path(name) / "results", order, watch, _UNKEPT_GRID)
        yield open_results(Path(name) / "results"), outcome


def run_stored(
    out: str | Path,
    scenarios: Sequence[Scenario],
    worlds: int,
    seed: int | None = None,
    measures: Sequence[Measure] = (),
    order: Order | None = None,
    **more: Any,
) -> Account:
    """Bring worlds 0 to worlds - 1 of every scenario into a folder, with all tables.

    more: as in `Plan`. Raises as `run_plan` does.
    """
    plan = plan_batch(scenarios, worlds, seed, measures, **{"tables": tuple(TABLES)} | more)
    return run_plan(plan, out, order or Order())


def run_plan(
    plan: Plan, out: str | Path, order: Order, watch: Watch | None = None, grid: int = GRID
) -> Account:
    """Bring the rows of a plan into a folder, as far as they are not there.

    watch: told what is asked, how many rows are there, and how many of each scenario are to be
    computed; gives a function that is told of each piece, and is left at the end. grid: rows of a
    block. Raises InputError before anything runs; MarketSimError where the folder cannot be
    written, or a block fails and `order.fail` is "fast".
    """
    plugins = tuple(str(Path(file).resolve()) for file in order.plugins)
    load_plugins(plugins)
    refuse(wrong_whole("jobs", order.jobs, 1))
    check_plan(plan)
    if plan.seed is None and order.shard is not None:
        raise mistake("--shard", "a shard needs --seed: the same one in every shard")
    with Folder(out, grid) as folder:
        there = folder.there
        if plan.seed is None:
            plan = replace(plan, seed=draw_seed() if there is None else there.seed)
        plan = replace(plan, seed=int(plan.seed or 0), worlds=int(plan.worlds))
        kept = grid == GRID
        manifest = _manifest(plan, order, plugins, kept)
        if there is not None and not list(manifest.against(there)):
            plan = _grown(folder, there, plan, manifest)
            manifest = _manifest(plan, order, plugins, kept)
        key = _key(plan, manifest)
        manifest = folder.begin(
            manifest, key, order.force, jobs=int(order.jobs), made=manifest.made
        )
        if kept:
            _write_parameters(folder.path, plan, manifest)
        outcome = Account(manifest, found=folder.rows, mended=folder.mended)
        pieces = _pieces(folder, plan, manifest, order.shard)
        left = Counter[str]()
        for piece in pieces:
            left[plan.scenarios[piece.case].name] += piece.stop - piece.start
        task = Task(
            tuple(plan.scenarios),
            manifest.seed,
            tuple(plan.measures),
            tuple(plan.tables),
            plan.series or bool(plugins) or bool({"worlds", "series"} & set(plan.tables)),
            str(folder.path),
            manifest.token,
        )
        with (watch or _nobody)(manifest, outcome.found, left) as told:
            for part, come in _worked(task, plan, pieces, order, plugins):
                _keep(folder, outcome, order, come)
                told(plan.scenarios[part.case], part.stop - part.start)
        folder.note("ended", made=outcome.made, failed=len(outcome.failed))
    return outcome


def _nobody(asked: Manifest, found: int, left: Mapping[str, int]) -> AbstractContextManager[Told]:
    return nullcontext(lambda scenario, rows: None)


def _write_parameters(folder: Path, plan: Plan, manifest: Manifest) -> None:
    """The tables that others may want to read beside those of the worlds."""
    write_parameters(folder, manifest)
    drawn = {
        case.scenario.name: (case.names, case.values)
        for case in plan.cases
        if case.values is not None
    }
    if drawn:
        write_draws(folder, drawn)


def _manifest(plan: Plan, order: Order, plugins: tuple[str, ...], kept: bool) -> Manifest:
    """What is asked for. kept: whether anybody will go on with it, and need the rules' digest."""
    assert plan.seed is not None
    scenarios = about(plan.scenarios)
    for case in plan.cases:
        scenarios[case.scenario.name]["rows"] = case.rows
        if case.values is not None:
            scenarios[case.scenario.name]["draws"] = case.digest()
    return Manifest(
        seed=plan.seed,
        worlds=plan.worlds,
        code=code_version(plugins) if kept else "",
        scenarios=scenarios,
        asked=[name_of(measure) for measure in plan.measures],
        tables=list(plan.tables),
        claims={name: dict(facts) for name, facts in plan.claims.items()},
        token=secrets.token_hex(8),
        shard=None if order.shard is None else str(order.shard),
        made={"command": sys.argv, **plan.about, **machine()},
        design=dict(plan.design),
    )


def _key(plan: Plan, manifest: Manifest) -> Key:
    cases = {case.scenario.name: case for case in plan.cases}
    return lambda name, start, stop: manifest.key(name, cases[name].digest(start, stop))


def _grown(folder: Folder, there: Manifest, plan: Plan, wanted: Manifest) -> Plan:
    """A plan for at least the worlds that a folder has of it: a folder never shrinks."""
    most = plan.of(max(plan.worlds, there.worlds))
    rows = {case.scenario.name: case.rows for case in most.cases}
    key = _key(most, wanted)
    good = [
        one
        for one in folder.vouched
        if one.stop <= rows.get(one.scenario, 0)
        and key(one.scenario, one.start, one.stop) == one.key
    ]
    return plan.of(max([plan.worlds, *(math.ceil(one.stop / plan.a_world) for one in good)]))


def _pieces(folder: Folder, plan: Plan, manifest: Manifest, shard: Shard | None) -> list[Piece]:
    """What is to be computed, scenario by scenario; the same whoever works on it."""
    many = len(plan.cases)  # a block's place must not depend on the number of rows
    return [
        case.piece(place, start, stop)
        for place, case in enumerate(plan.cases)
        for start, stop in folder.missing(case.scenario.name, case.rows)
        if shard is None or shard.has(start // folder.grid * many + place)
    ]


def _worked(
    task: Task, plan: Plan, pieces: Sequence[Piece], order: Order, plugins: Sequence[str]
) -> Iterator[tuple[Piece, Come]]:
    """Each part of a piece that is done, and with a piece's last one what came of all of them."""
    weeks = [plan.scenarios[one.case].horizon_weeks for one in pieces]
    work = sum((one.stop - one.start) * w for one, w in zip(pieces, weeks, strict=True))
    jobs = 1 if order.cluster or not pieces else processes_for([1], work, order.jobs)
    if jobs == 1 and not order.cluster:
        task = replace(task, threads=order.jobs)
    parts: Parts[Done] = Parts(pieces, jobs, plan.at_once)
    for part, done in work_off(task, parts.all, jobs, order.cluster, plugins):
        if isinstance(done, Failed) and order.fail == "fast":
            yield part, [(part, done)]
        yield part, parts.come(part, done or _DIED) or []


def _keep(folder: Folder, outcome: Account, order: Order, come: Come) -> None:
    """Keep the parts of a piece up to the first that failed. MarketSimError if that ends it all."""
    good = [done for _, done in takewhile(lambda one: isinstance(one[1], Written), come)]
    kept = [done for done in good if isinstance(done, Written)]
    for done in kept:
        folder.put(done.block, done.contents or {})
    if kept:
        folder.take([done.block for done in kept])
        outcome.made += kept[-1].block.stop - kept[0].block.start
    for part, failed in come[len(kept) :]:
        name = list(outcome.manifest.scenarios)[part.case]
        if isinstance(failed, Written):
            failed = Failed("block", "worlds before these, in the same block, failed")
        outcome.failed.append((name, part.start, part.stop, failed))
        folder.note(
            "failed",
            scenario=name,
            start=part.start,
            stop=part.stop,
            seed=outcome.manifest.seed,
            stage=failed.stage,
            reason=failed.reason,
            trace=failed.trace,
        )
        if order.fail == "fast":
            if failed.error is not None:
                raise failed.error
            raise MarketSimError(
                f"{name}, worlds {part.start} to {part.stop - 1}: {failed.stage} failed: "
                f"{failed.reason}"
                + f"\n{folder.rows} worlds are kept in {folder.shown}."
                * (folder.grid != _UNKEPT_GRID)
            )
