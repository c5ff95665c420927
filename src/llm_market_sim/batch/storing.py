"""What is done for a block that is kept on disk, in whichever process or machine."""

from __future__ import annotations

import os
import platform
import tempfile
import time
import traceback
from dataclasses import dataclass, field, replace
from pathlib import Path

from llm_market_sim.batch.work import Assignment
from llm_market_sim.batch.work import Block as Piece
from llm_market_sim.errors import InputError, MarketSimError
from llm_market_sim.results.blocks import Block, write_block
from llm_market_sim.results.manifest import Manifest

__all__ = ["Failed", "Storing", "Written"]


@dataclass(frozen=True)
class Written:
    """A block whose files are in the folder, or which brings their contents along."""

    block: Block
    contents: dict[str, bytes] | None = None


@dataclass(frozen=True)
class Failed:
    """A piece that could not be computed: at which stage, and why, in words."""

    stage: str
    reason: str
    trace: str = ""


@dataclass(frozen=True)
class Storing:
    """What a process must know before it can work on any piece and write it.

    folder, token: where to write, if the folder seen there is the one with this token; a machine
    that does not see it sends the files home. keys: of the scenarios, by place.
    """

    assignment: Assignment
    folder: str
    token: str
    keys: tuple[str, ...]
    names: tuple[str, ...]
    tables: tuple[str, ...]
    _seen: list[bool] = field(default_factory=list, compare=False)

    def work(self, piece: Piece) -> Written | Failed:
        """Run a piece and write its tables. WriteError if they cannot be written."""
        begun = time.perf_counter()
        stage = "simulation"
        try:
            run = self.assignment.run(piece, events="events" in self.tables)
            stage = "measures"
            claims = self.assignment.measure(run)
        except Exception as error:
            return Failed(stage, _words(error), traceback.format_exc())
        seconds = round(time.perf_counter() - begun, 3)
        where = f"{platform.node()}:{os.getpid()}"
        block = Block(
            self.names[piece.scenario], piece.start, piece.stop, self.keys[piece.scenario], {},
            seconds, where,
        )  # fmt: skip
        if self._is_here():
            return Written(write_block(Path(self.folder), run, claims, block, self.tables))
        with tempfile.TemporaryDirectory() as place:
            signed = write_block(Path(place), run, claims, block, self.tables)
            files = {table: block.file(Path(place), table) for table in self.tables}
            return Written(signed, {table: file.read_bytes() for table, file in files.items()})

    def _is_here(self) -> bool:
        """Whether this machine sees the folder itself; looked at once."""
        if not self._seen:
            try:
                self._seen.append(Manifest.read(Path(self.folder)).token == self.token)
            except InputError:
                self._seen.append(False)
        return self._seen[0]

    def packed(self) -> Storing:
        """For another process."""
        return replace(self, assignment=self.assignment.packed(), _seen=[])

    def only(self, place: int) -> Storing:
        """Of a packed one, what is needed for one scenario."""
        every = self.assignment.scenarios
        scenarios = tuple(one if k == place else b"" for k, one in enumerate(every))
        return replace(self, assignment=replace(self.assignment, scenarios=scenarios), _seen=[])


def _words(error: Exception) -> str:
    """The error with the file and line that it came from, unless it is told for a person."""
    if isinstance(error, MarketSimError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1]
    place = f"{Path(last.filename).name}:{last.lineno}"
    return f"{type(error).__name__}: {error} ({place})"
