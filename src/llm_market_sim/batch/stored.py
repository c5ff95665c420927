"""A batch that survives: its blocks are written as they come, and it goes on where it was ended."""

from __future__ import annotations

import secrets
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from llm_market_sim.batch.guests import load_guests
from llm_market_sim.batch.run import check_batch, processes_for
from llm_market_sim.batch.storing import Failed, Storing, Written
from llm_market_sim.batch.work import Assignment, Block, Measure
from llm_market_sim.errors import InputError, MarketSimError, Problem
from llm_market_sim.luck import draw_seed
from llm_market_sim.scenario import Scenario
from llm_market_sim.store.blocks import GRID
from llm_market_sim.store.folder import Folder
from llm_market_sim.store.manifest import Manifest, about, code_version, machine, name_of
from llm_market_sim.store.tables import TABLES

__all__ = ["Order", "Outcome", "Shard", "run_stored"]

Done = Iterator[tuple[Any, Written | Failed | None]]
Told = Callable[[Scenario, int], None]
Watch = Callable[[Manifest, int, Mapping[str, int]], AbstractContextManager[Told]]
_DIED = Failed("process", "its process died, twice: killed, or out of memory")


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
        outcome = Outcome(manifest, mended=folder.mended)
        pieces = _pieces(folder, manifest, order.shard)
        outcome.found = folder.worlds
        left = Counter[str]()
        for piece in pieces:
            left[scenarios[piece.scenario].name] += piece.stop - piece.start
        storing = Storing(
            Assignment(tuple(scenarios), seed, tuple(measures)), str(folder.path), manifest.token,
            tuple(map(manifest.key, manifest.scenarios)), tuple(manifest.scenarios),
            tuple(manifest.tables),
        )  # fmt: skip
        with (watch or _nobody)(manifest, outcome.found, left) as told:
            for piece, result in _worked(storing, pieces, order, guests):
                scenario = scenarios[piece.scenario]
                if isinstance(result, Written):
                    folder.take(result.block, result.contents)
                    outcome.made += piece.stop - piece.start
                else:
                    _note(folder, outcome, scenario, piece, result or _DIED, order)
                told(scenario, piece.stop - piece.start)
        folder.note("ended", made=outcome.made, failed=len(outcome.failed))
    return outcome


@contextmanager
def _nobody(asked: Manifest, found: int, left: Mapping[str, int]) -> Iterator[Told]:
    yield lambda scenario, worlds: None


def _pieces(folder: Folder, manifest: Manifest, shard: Shard | None) -> list[Block]:
    """What is to be computed, scenario by scenario; the same whoever works on it."""
    many = len(manifest.scenarios)  # a block's place must not depend on the number of worlds
    return [
        Block(place, start, stop)
        for place, name in enumerate(manifest.scenarios)
        for start, stop in folder.missing(name, manifest.worlds)
        if shard is None or shard.has(start // GRID * many + place)
    ]


def _note(
    folder: Folder, outcome: Outcome, scenario: Scenario, piece: Block, failed: Failed, order: Order
) -> None:  # fmt: skip
    outcome.failed.append((scenario.name, piece.start, piece.stop, failed))
    folder.note(
        "failed", scenario=scenario.name, start=piece.start, stop=piece.stop,
        seed=outcome.manifest.seed, stage=failed.stage, reason=failed.reason, trace=failed.trace,
    )  # fmt: skip
    if order.fail == "fast":
        raise MarketSimError(
            f"{scenario.name}, worlds {piece.start} to {piece.stop - 1}: {failed.stage} failed: "
            f"{failed.reason}\n{folder.worlds} worlds are kept in {folder.shown}."
        )


def _worked(storing: Storing, pieces: Sequence[Block], order: Order, guests: Sequence[str]) -> Done:
    if order.cluster is not None and pieces:
        from llm_market_sim.batch.cluster import on_cluster

        return on_cluster(order.cluster, storing, pieces, guests)
    horizons = [storing.assignment.scenario(p.scenario).horizon_weeks for p in pieces]
    work = sum((p.stop - p.start) * weeks for p, weeks in zip(pieces, horizons, strict=True))
    count = min(processes_for([1], work, order.jobs), len(pieces))
    if count > 1:
        from llm_market_sim.batch.pool import as_done

        return as_done(storing.packed(), pieces, count, guests)
    return ((piece, storing.work(piece)) for piece in pieces)
