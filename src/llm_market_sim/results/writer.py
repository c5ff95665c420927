"""A result folder that is being written: begun, gone on with, mended; one writer at a time."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from llm_market_sim.errors import InputError, MarketSimError, mistake
from llm_market_sim.results.blocks import GRID, Block, joined, missing, vouched
from llm_market_sim.results.lock import Lock
from llm_market_sim.results.log import Log
from llm_market_sim.results.manifest import MANIFEST, Manifest
from llm_market_sim.results.parquet import WriteError
from llm_market_sim.results.tables import TABLES
from llm_market_sim.support.files import PART, reason, whole_files

LOG = "log.jsonl"
_LOCK = "lock"
_OURS = {_LOCK, LOG, "Thumbs.db", "desktop.ini"}  # or a file manager left them there

Key = Callable[[str, int, int], str]  # of some rows of a scenario, see `Block`


class Folder:
    """Used as ``with Folder(path) as folder:``; the folder is locked inside.

    grid: rows of a block; that of a folder which is gone on with never changes. Raises InputError,
    before anything is computed, where the path is no folder, holds something else, cannot be
    written, or is being written by another process.
    """

    def __init__(self, path: str | Path, grid: int = GRID) -> None:
        self.path = Path(path).absolute()
        self.shown = str(path)
        self.log = Log(self.path / LOG)
        self.grid = grid
        self._lock = Lock(self.path / _LOCK)
        self._key: Key | None = None
        self._drawn = False
        self._blocks: dict[str, list[Block]] = {}
        self._begun = False
        self.mended: list[str] = []  # why blocks that were there must be computed again

    def __enter__(self) -> Folder:
        try:
            if self.path.exists() and not self.path.is_dir():
                raise self._refused("is a file; name a folder")
            self.path.mkdir(parents=True, exist_ok=True)
            holds = {one for one in os.listdir(self.path) if one[0] != "."} - _OURS
            if holds and MANIFEST not in holds:
                some = ", ".join(sorted(holds)[:3]) + (", …" if len(holds) > 3 else "")
                raise self._refused(f"holds {some}, which no batch wrote; name another folder")
            self._lock.take()
        except OSError as error:
            raise self._refused(f"cannot be written: {error.strerror}") from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if self._begun:
                with suppress(OSError):
                    self._sweep()
                    if kind is not None:
                        self.log.add("stopped", why=kind.__name__)
        finally:
            self._lock.free()
        if isinstance(error, OSError | WriteError):
            raise MarketSimError(
                f"{self.shown} could not be written: {reason(error)}\n{self.rows} worlds are kept "
                "there; the same command goes on from them."
            ) from error

    def _refused(self, why: str) -> InputError:
        return mistake("--out", f"{self.shown} {why}")

    @property
    def there(self) -> Manifest | None:
        """The manifest of an earlier batch. InputError where it cannot be read."""
        return Manifest.read(self.path) if (self.path / MANIFEST).exists() else None

    @property
    def vouched(self) -> list[Block]:
        """The blocks that are noted as done, of whichever plan."""
        return vouched(self.log.file, self.log.read())

    def begin(
        self, wanted: Manifest, key: Key | None, force: bool = False, **facts: Any
    ) -> Manifest:
        """Make the folder one of this plan, and find what of it is there already.

        key: of the rows that are wanted; None takes blocks as they are. Rows that are not wanted
        are dropped; those of another plan, or of a scenario that has changed, only by force,
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
        self._key, self._drawn = key, wanted.drawn
        self._blocks = {name: [] for name in wanted.scenarios}
        for block in self.vouched:
            if self._fits(block, wanted):
                self._blocks[block.scenario].append(block)
            else:
                self._drop(block, "another batch took its place")
        wanted.write(self.path)  # after the drops: a reader finds no rows of another plan
        self.log.add("begun", worlds=wanted.worlds, scenarios=list(wanted.scenarios), **facts)
        for block in [one for mine in self._blocks.values() for one in mine]:
            if wrong := block.wrong_with(self.path, thorough=True):
                self._blocks[block.scenario].remove(block)
                self._drop(block, wrong)
                self.mended.append(wrong)
        self._sweep()
        self._begun = True
        return wanted

    def _fits(self, block: Block, wanted: Manifest) -> bool:
        name, start, stop = block.scenario, block.start, block.stop
        if name not in wanted.scenarios or stop > wanted.rows(name):
            return False
        return self._key is None or block.key == self._key(name, start, stop)

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
        good = {block.file(self.path, table) for block in self.vouched for table in block.files}
        for place in (self.path, *(self.path / table for table in TABLES)):
            for unfinished in place.glob(f"{PART}*"):
                shutil.rmtree(unfinished, ignore_errors=True)
        for table in TABLES:
            for file in set((self.path / table).glob("*.parquet")) - good:
                file.unlink(missing_ok=True)

    def missing(self, scenario: str, rows: int) -> list[tuple[int, int]]:
        """The pieces (start, stop) that are still to be computed."""
        return missing(rows, self._blocks[scenario], self.grid)

    @property
    def rows(self) -> int:
        """Rows that are kept, of all scenarios together."""
        return sum(b.stop - b.start for blocks in self._blocks.values() for b in blocks)

    def put(self, block: Block, contents: Mapping[str, bytes]) -> None:
        """Put the files of a block in place, which came from elsewhere."""
        for table, content in contents.items():
            file = block.file(self.path, table)
            with whole_files(file.parent) as place:
                (place / file.name).write_bytes(content)

    def take(self, parts: Sequence[Block]) -> None:
        """Note neighbours whose files are in place, as one block; with it what lies before them."""
        mine, start = self._blocks[parts[0].scenario], parts[0].start
        every = [*(one for one in mine if one.stop == start and start % self.grid), *parts]
        whole = joined(self.path, every, self._drawn) if len(every) > 1 else every[0]
        if self._key is not None:
            whole = replace(whole, key=self._key(whole.scenario, whole.start, whole.stop))
        self.log.add("block", **whole.facts)
        covered = [one for one in mine if whole.start <= one.start < whole.stop]
        for one in {(one.start, one.stop): one for one in (*covered, *every)}.values():
            if (one.start, one.stop) != (whole.start, whole.stop):
                self._remove(one)
        self._blocks[whole.scenario] = [one for one in mine if one not in covered] + [whole]

    def note(self, what: str, **facts: Any) -> None:
        """One more line of the log."""
        self.log.add(what, **facts)
