"""What is done for some rows of a plan, in whichever process or machine."""

from __future__ import annotations

import os
import pickle
import platform
import tempfile
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from llm_market_sim.errors import InputError, MarketSimError
from llm_market_sim.market.state import Array
from llm_market_sim.results.blocks import Block, write_block
from llm_market_sim.results.manifest import Manifest
from llm_market_sim.scenario import Scenario
from llm_market_sim.simulation import Run, simulate_block
from llm_market_sim.simulation.measuring import Measure, measured, snapshots


@dataclass(frozen=True)
class Piece:
    """Rows start to stop - 1 of a case, by its place in the plan, with all that they need.

    worlds: ids, one a row. draws: where parameters differ, the draw of each row. names, values: the
    paths of these parameters, and a table of draws (P, D), of which each row has that `at`.
    """

    case: int
    start: int
    stop: int
    worlds: range | Array = field(compare=False)
    draws: Array | None = field(default=None, compare=False)
    names: tuple[str, ...] = field(default=(), compare=False)
    values: Array | None = field(default=None, compare=False)
    at: Array | None = field(default=None, compare=False)

    @property
    def varied(self) -> dict[str, Array] | None:
        """Values of the parameters that differ, (rows,) by path."""
        if self.values is None:
            return None
        chosen = self.values[self.at]
        return {name: chosen[:, k] for k, name in enumerate(self.names)}

    def part(self, start: int, stop: int) -> Piece:
        """Some rows of it."""
        some = slice(start - self.start, stop - self.start)
        draws, at = (None if one is None else one[some] for one in (self.draws, self.at))
        worlds = self.worlds[some]
        return Piece(self.case, start, stop, worlds, draws, self.names, self.values, at)

    def __reduce__(self) -> tuple[Any, ...]:
        """To another process with its own rows of the table only."""
        values = None if self.values is None else self.values[self.at]
        at = None if values is None else np.arange(len(values))
        facts = (self.case, self.start, self.stop, self.worlds, self.draws, self.names)
        return Piece, (*facts, values, at)


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
    error: InputError | None = None  # where somebody's input was the reason


@dataclass(frozen=True)
class Task:
    """What a process must know before it can work on any piece and write it.

    folder, token: where to write, if the folder seen there is the one with this token; a machine
    that does not see it sends the files home. threads: over which the worlds of a piece are spread.
    """

    scenarios: tuple[Scenario | bytes, ...]
    seed: int
    measures: tuple[Measure, ...]
    tables: tuple[str, ...]
    series: bool
    folder: str
    token: str
    threads: int = 1
    _known: dict[int | str, Scenario | bool] = field(default_factory=dict, compare=False)

    def work(self, piece: Piece) -> Written | Failed:
        """Run a piece and write its tables. WriteError if they cannot be written."""
        begun = time.perf_counter()
        stage = "simulation"
        try:
            scenario = self._scenario(piece.case)
            asked = [m for m in self.measures if m.week <= scenario.horizon_weeks]
            run = self._run(scenario, piece, asked)
            stage = "measures"
            numbers = measured(run, asked, piece.varied, self.threads)
        except Exception as error:
            known = error if isinstance(error, InputError) else None
            return Failed(stage, _words(error), traceback.format_exc(), known)
        seconds = round(time.perf_counter() - begun, 3)
        where = f"{platform.node()}:{os.getpid()}"
        block = Block(scenario.name, piece.start, piece.stop, "", {}, seconds, where)
        if self._is_here():
            folder = Path(self.folder)
            return Written(write_block(folder, run, numbers, block, self.tables, piece.draws))
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            signed = write_block(folder, run, numbers, block, self.tables, piece.draws)
            files = {table: block.file(folder, table) for table in self.tables}
            return Written(signed, {table: file.read_bytes() for table, file in files.items()})

    def _run(self, scenario: Scenario, piece: Piece, asked: Sequence[Measure]) -> Run:
        weeks = snapshots(asked) | ({0.0} if "firms" in self.tables else set())
        return simulate_block(
            scenario,
            np.asarray(piece.worlds).tolist(),
            self.seed,
            snapshots=weeks,
            events="events" in self.tables,
            series=None if self.series else (),
            varied=piece.varied,
            threads=self.threads,
        )

    def _scenario(self, case: int) -> Scenario:
        """Read when its first piece comes."""
        if case not in self._known:
            one = self.scenarios[case]
            self._known[case] = pickle.loads(one) if isinstance(one, bytes) else one
        found = self._known[case]
        assert isinstance(found, Scenario)
        return found

    def _is_here(self) -> bool:
        """Whether this machine sees the folder itself; looked at once."""
        if "here" not in self._known:
            try:
                self._known["here"] = Manifest.read(Path(self.folder)).token == self.token
            except InputError:
                self._known["here"] = False
        return bool(self._known["here"])

    def packed(self) -> Task:
        """For another process."""
        return replace(self, scenarios=tuple(map(pickle.dumps, self.scenarios)), _known={})

    def only(self, case: int) -> Task:
        """Of a packed one, what is needed for one case."""
        scenarios = tuple(one if k == case else b"" for k, one in enumerate(self.scenarios))
        return replace(self, scenarios=scenarios, _known={})


def _words(error: Exception) -> str:
    """The error with the file and line that it came from, unless it is told for a person."""
    if isinstance(error, MarketSimError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"
    if isinstance(error, MemoryError):
        return f"there is not enough memory; try fewer processes: --jobs 1 ({place})"
    return f"{type(error).__name__}: {error} ({place})"
