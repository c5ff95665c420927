"""A batch that survives: its blocks are written as they come, and it goes on where it was ended."""

from __future__ import annotations

import secrets
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any, Literal

from llm_market_sim.batch.guests import load_guests
from llm_market_sim.batch.parts import Parts
from llm_market_sim.batch.run import check_batch, processes_for
from llm_market_sim.batch.storing import Failed, Storing, Written
from llm_market_sim.batch.work import Assignment, Block, Measure
from llm_market_sim.errors import InputError, MarketSimError, Problem
from llm_market_sim.market.luck import draw_seed
from llm_market_sim.results.blocks import GRID
from llm_market_sim.results.folder import Folder
from llm_market_sim.results.manifest import Manifest, about, code_version, machine, name_of
from llm_market_sim.results.tables import TABLES
from llm_market_sim.scenario import Scenario

__all__ = ["Order", "Outcome", "Shard", "run_stored"]

Done = Written | Failed
Come = Sequence[tuple[Block, Done]]
Told = Callable[[Scenario, int], None]
Watch = Callable[[Manifest, int, Mapping[str, int]], AbstractContextManager[Told]]
_DIED = Failed("process", "its process died each time: killed, or out of memory")


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
    """How a batch is worked off, none of which changes its numbers.

    force: worlds of another batch in the folder may be dropped. fail: what happens when a block
    fails: "slow" goes on with the others, "fast" stops. cluster: address or scheduler file of a
    Dask cluster, instead of `jobs` processes here.
    """

    jobs: int = 1
    force: bool = False
    fail: Literal["slow", "fast"] = "slow"
    shard: Shard | None = None
    cluster: str | None = None
    guests: Sequence[str | Path] = ()


@dataclass
class Outcome:
    """What came of it. found, made: worlds that were there, and that were computed now."""

    manifest: Manifest
    found: int = 0
    made: int = 0
    failed: list[tuple[str, int, int, Failed]] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)


def run_stored(
    out: str | Path,
    scenarios: Sequence[Scenario],
    worlds: int,
    seed: int | None = None,
    measures: Sequence[Measure] = (),
    order: Order | None = None,
    *,
    claims: dict[str, dict[str, Any]] | None = None,
    watch: Watch | None = None,
) -> Outcome:
    """Bring worlds 0 to worlds - 1 of every scenario into a folder, as far as they are not there.

    seed: that of the folder, or drawn, where none is given. claims: what the manifest says of the
    measures. watch: told what is asked, how many worlds are there, and how many of each scenario
    are to be computed; gives a function that is told of each block, and is left at the end. Raises
    InputError before anything runs; MarketSimError where the folder cannot be written, or a block
    fails and `order.fail` is "fast".
    """
    order = order or Order()
    guests = tuple(str(Path(file).resolve()) for file in order.guests)
    load_guests(guests)
    check_batch(scenarios, 0, worlds, order.jobs, set(), measures)
    if seed is None and order.shard is not None:
        text = "a shard needs --seed: the same one in every shard"
        raise InputError([Problem("--shard", "", text)])
    with Folder(out) as folder:
        there = folder.there
        if seed is None:
            seed = draw_seed() if there is None else there.seed
        wanted = Manifest(
            seed=seed,
            worlds=worlds,
            code=code_version(guests),
            scenarios=about(scenarios),
            asked=[name_of(measure) for measure in measures],
            tables=list(TABLES),
            claims=claims or {},
            token=secrets.token_hex(8),
            shard=None if order.shard is None else str(order.shard),
            made={"command": sys.argv, **machine()},
        )
        manifest = folder.begin(wanted, order.force, jobs=order.jobs, made=wanted.made)
        outcome = Outcome(manifest, found=folder.worlds, mended=folder.mended)
        blocks = _blocks(folder, manifest, order.shard)
        left = Counter[str]()
        for block in blocks:
            left[scenarios[block.scenario].name] += block.stop - block.start
        storing = Storing(
            Assignment(tuple(scenarios), seed, tuple(measures)), str(folder.path), manifest.token,
            tuple(map(manifest.key, manifest.scenarios)), tuple(manifest.scenarios),
            tuple(manifest.tables),
        )  # fmt: skip
        with (watch or _nobody)(manifest, outcome.found, left) as told:
            for part, come in _worked(storing, blocks, order, guests):
                _keep(folder, outcome, order, come)
                told(scenarios[part.scenario], part.stop - part.start)
        folder.note("ended", made=outcome.made, failed=len(outcome.failed))
    return outcome


@contextmanager
def _nobody(asked: Manifest, found: int, left: Mapping[str, int]) -> Iterator[Told]:
    yield lambda scenario, worlds: None


def _blocks(folder: Folder, manifest: Manifest, shard: Shard | None) -> list[Block]:
    """What is to be computed, scenario by scenario; the same whoever works on it."""
    many = len(manifest.scenarios)  # a block's place must not depend on the number of worlds
    return [
        Block(place, start, stop)
        for place, name in enumerate(manifest.scenarios)
        for start, stop in folder.missing(name, manifest.worlds)
        if shard is None or shard.has(start // GRID * many + place)
    ]


def _worked(
    storing: Storing, blocks: Sequence[Block], order: Order, guests: Sequence[str]
) -> Iterator[tuple[Block, Come]]:
    """Each part of a block that is done, and with a block's last one what came of all of them."""
    horizons = [storing.assignment.scenario(one.scenario).horizon_weeks for one in blocks]
    work = sum((b.stop - b.start) * weeks for b, weeks in zip(blocks, horizons, strict=True))
    jobs = 1 if order.cluster or not blocks else processes_for([1], work, order.jobs)
    parts: Parts[Done] = Parts(blocks, jobs)
    for part, done in _done(storing, parts.all, jobs, order.cluster, guests):
        if isinstance(done, Failed) and order.fail == "fast":
            yield part, [(part, done)]
        yield part, parts.come(part, done or _DIED) or []


def _done(
    storing: Storing, parts: Sequence[Block], jobs: int, cluster: str | None, guests: Sequence[str]
) -> Iterator[tuple[Block, Done | None]]:
    if cluster is not None and parts:
        from llm_market_sim.batch.cluster import on_cluster

        return on_cluster(cluster, storing, parts, guests)
    if min(jobs, len(parts)) > 1:
        from llm_market_sim.batch.pool import as_done

        return as_done(storing.packed(), parts, jobs, guests)
    return ((part, storing.work(part)) for part in parts)


def _keep(folder: Folder, outcome: Outcome, order: Order, come: Come) -> None:
    """Keep the parts of a block up to the first that failed. MarketSimError if that ends it all."""
    good = [done for _, done in takewhile(lambda one: isinstance(one[1], Written), come)]
    kept = [done for done in good if isinstance(done, Written)]
    for done in kept:
        folder.put(done.block, done.contents or {})
    if kept:
        folder.take([done.block for done in kept])
        outcome.made += kept[-1].block.stop - kept[0].block.start
    for part, failed in come[len(kept) :]:
        name = list(outcome.manifest.scenarios)[part.scenario]
        if isinstance(failed, Written):
            failed = Failed("block", "worlds before these, in the same block, failed")
        outcome.failed.append((name, part.start, part.stop, failed))
        folder.note(
            "failed", scenario=name, start=part.start, stop=part.stop, seed=outcome.manifest.seed,
            stage=failed.stage, reason=failed.reason, trace=failed.trace,
        )  # fmt: skip
        if order.fail == "fast":
            raise MarketSimError(
                f"{name}, worlds {part.start} to {part.stop - 1}: {failed.stage} failed: "
                f"{failed.reason}\n{folder.worlds} worlds are kept in {folder.shown}."
            )
