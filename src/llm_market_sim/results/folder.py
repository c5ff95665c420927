"""A result folder that is being written: begun, gone on with, mended; one writer at a time."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from llm_market_sim.errors import InputError, MarketSimError, Problem
from llm_market_sim.files import contents, reason
from llm_market_sim.results.blocks import GRID, Block, joined, missing, vouched
from llm_market_sim.results.lock import Lock
from llm_market_sim.results.log import Log
from llm_market_sim.results.manifest import MANIFEST, Manifest
from llm_market_sim.results.parameters import write_parameters
from llm_market_sim.results.parquet import WriteError, unfinished_name
from llm_market_sim.results.tables import TABLES

__all__ = ["LOG", "Folder"]

LOG = "log.jsonl"
_LOCK = "lock"


class Folder:
    """Used as ``with Folder(path) as folder:``; the folder is locked inside.

    Raises InputError, before anything is computed, where the path is no folder, holds something
    else, cannot be written, or is being written by another process.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).absolute()
        self.shown = str(path)
        self.log = Log(self.path / LOG)
        self._lock = Lock(self.path / _LOCK)
        self._blocks: dict[str, list[Block]] = {}
        self._begun = False
        self.mended: list[str] = []  # why blocks that were there must be computed again

    def __enter__(self) -> Folder:
        try:
            if self.path.exists() and not self.path.is_dir():
                raise self._refused("is a file; name a folder")
            self.path.mkdir(parents=True, exist_ok=True)
            holds = contents(self.path) - {_LOCK, LOG, f"{MANIFEST}.part"}
            if holds and MANIFEST not in holds:
                some = ", ".join(sorted(holds)[:3]) + (", …" if len(holds) > 3 else "")
                raise self._refused(f"holds {some}, which no batch wrote; name another folder")
            self._lock.take()
        except OSError as error:
            raise self._refused(f"cannot be written: {error.strerror}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        if self._begun:
            with suppress(OSError):
                self._sweep()
                if kind is not None:
                    self.log.add("stopped", why=kind.__name__)
        self._lock.free()
        if isinstance(error, OSError | WriteError):
            raise MarketSimError(
                f"{self.shown} could not be written: {reason(error)}\n{self.worlds} worlds are "
                "kept there; the same command goes on from them."
            ) from error

    def _refused(self, why: str) -> InputError:
        return InputError([Problem("--out", "", f"{self.shown} {why}")])

    @property
    def there(self) -> Manifest | None:
        """The manifest of an earlier batch. InputError where it cannot be read."""
        return Manifest.read(self.path) if (self.path / MANIFEST).exists() else None

    def begin(self, wanted: Manifest, force: bool = False, **facts: Any) -> Manifest:
        """Make the folder one of this batch, and find what of it is there already.

        A folder never shrinks: the manifest that is returned asks for all worlds that are there.
        Worlds of another batch, or of a scenario that has changed, are dropped only by force;
        InputError otherwise. facts: go into the log.
        """
        there = self.there
        if there is not None:
            against = list(wanted.against(there))
            if against and not force:
                text = f"holds another batch: {'; '.join(against)}"
                raise self._refused(f"{text}. Name another folder, or add --force to replace it")
            wanted = replace(wanted, token=there.token)
        self.log.mend()
        blocks = vouched(self.log.file, self.log.read())
        keys = {name: wanted.key(name) for name in wanted.scenarios}
        good = [one for one in blocks if keys.get(one.scenario) == one.key]
        self._blocks = {name: [one for one in good if one.scenario == name] for name in keys}
        wanted = replace(wanted, worlds=max([wanted.worlds, *(one.stop for one in good)]))
        wanted.write(self.path)
        write_parameters(self.path, wanted)
        self.log.add("begun", worlds=wanted.worlds, scenarios=list(wanted.scenarios), **facts)
        for block in blocks:
            if keys.get(block.scenario) != block.key:
                self._drop(block, "another batch took its place")
            elif wrong := block.wrong_with(self.path, thorough=True):
                self._blocks[block.scenario].remove(block)
                self._drop(block, wrong)
                self.mended.append(wrong)
        self._sweep()
        self._begun = True
        return wanted

    def _drop(self, block: Block, why: str) -> None:
        self.log.add(
            "dropped", scenario=block.scenario, start=block.start, stop=block.stop, why=why
        )
        self._remove(block)

    def _remove(self, block: Block) -> None:
        for table in block.files:
            block.file(self.path, table).unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Remove our files that no line of the log vouches for: their writer was stopped.

        Asks the log, since an interrupt may come between its line and what is held in memory.
        """
        blocks = vouched(self.log.file, self.log.read())
        good = {block.file(self.path, table) for block in blocks for table in block.files}
        for table in TABLES:
            for pattern in ("*.parquet", "*.part"):
                for file in set((self.path / table).glob(pattern)) - good:
                    file.unlink(missing_ok=True)
        for place in self.path.glob(".part-*"):
            shutil.rmtree(place, ignore_errors=True)

    def missing(self, scenario: str, worlds: int) -> list[tuple[int, int]]:
        """The pieces (start, stop) that are still to be computed."""
        return missing(worlds, self._blocks[scenario])

    @property
    def worlds(self) -> int:
        """Worlds that are kept, of all scenarios together."""
        return sum(b.stop - b.start for blocks in self._blocks.values() for b in blocks)

    def put(self, block: Block, contents: Mapping[str, bytes]) -> None:
        """Put the files of a block in place, which came from elsewhere."""
        for table, content in contents.items():
            file = block.file(self.path, table)
            file.parent.mkdir(exist_ok=True)
            unfinished = unfinished_name(file)
            unfinished.write_bytes(content)
            unfinished.replace(file)

    def take(self, parts: Sequence[Block]) -> None:
        """Note neighbours whose files are in place, as one block; with it what lies before them."""
        mine, start = self._blocks[parts[0].scenario], parts[0].start
        every = [*(one for one in mine if one.stop == start and start % GRID), *parts]
        whole = joined(self.path, every) if len(every) > 1 else every[0]
        self.log.add("block", **whole.facts)
        covered = [one for one in mine if whole.start <= one.start < whole.stop]
        for one in {(one.start, one.stop): one for one in (*covered, *every)}.values():
            if (one.start, one.stop) != (whole.start, whole.stop):
                self._remove(one)
        self._blocks[whole.scenario] = [one for one in mine if one not in covered] + [whole]

    def note(self, what: str, **facts: Any) -> None:
        """One more line of the log."""
        self.log.add(what, **facts)
