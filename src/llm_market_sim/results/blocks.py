"""Blocks: some worlds of a scenario, one file a table, and which of them a log vouches for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from llm_market_sim.errors import InputError, Problem
from llm_market_sim.market.state import Array
from llm_market_sim.results.parquet import digest, join, write
from llm_market_sim.results.tables import arrays_of, columns_of, words_of
from llm_market_sim.simulation import Run

__all__ = ["GRID", "Block", "joined", "missing", "vouched", "write_block"]

GRID = 256  # worlds of a block: fewer cost calls, more cost balance between processes


@dataclass(frozen=True)
class Block:
    """Worlds start to stop - 1 of a scenario. files: table -> size in bytes, and SHA-256."""

    scenario: str
    start: int
    stop: int
    key: str
    files: dict[str, tuple[int, str]]
    seconds: float = 0.0
    where: str = ""

    def file(self, folder: Path, table: str) -> Path:
        """Where a table of it lies."""
        return folder / table / f"{self.scenario}-{self.start:08d}-{self.stop:08d}.parquet"

    def wrong_with(self, folder: Path, thorough: bool) -> str | None:
        """Why it cannot be used: a file that is missing, of another size or content."""
        for table, (size, checksum) in self.files.items():
            file = self.file(folder, table)
            try:
                if file.stat().st_size != size:
                    return f"{file} has {file.stat().st_size} bytes instead of {size}"
                if thorough and digest(file) != checksum:
                    return f"{file} does not have the content that was written"
            except OSError as error:
                return f"{file}: {error.strerror}"
        return None

    @property
    def facts(self) -> dict[str, Any]:
        """As a line of the log has it."""
        return asdict(self)


def write_block(
    folder: Path, run: Run, claims: Mapping[str, Array], block: Block, tables: Iterable[str]
) -> Block:
    """Write the tables of a run. Returns the block with its files. WriteError if it cannot."""
    arrays = arrays_of(run, claims)
    words = words_of(run.scenario.name, run.firms, tuple(claims))
    for table in tables:
        write(columns_of(table), arrays[table], words, block.file(folder, table))
    return _signed(folder, block, tables)


def joined(folder: Path, parts: Sequence[Block]) -> Block:
    """Neighbours as one block, with files of its own. WriteError if they cannot be written."""
    first, last = parts[0], parts[-1]
    seconds = round(sum(part.seconds for part in parts), 3)
    whole = Block(first.scenario, first.start, last.stop, last.key, {}, seconds, last.where)
    for table in first.files:
        files = [part.file(folder, table) for part in parts]
        join(columns_of(table), files, whole.file(folder, table))
    return _signed(folder, whole, first.files)


def _signed(folder: Path, block: Block, tables: Iterable[str]) -> Block:
    files = {table: block.file(folder, table) for table in tables}
    signed = {table: (file.stat().st_size, digest(file)) for table, file in files.items()}
    return Block(**(block.__dict__ | {"files": signed}))


def vouched(log: Path, facts: Iterable[Mapping[str, Any]]) -> list[Block]:
    """The blocks that a log vouches for, by scenario and world. InputError if a line is damaged."""
    found: dict[tuple[str, int], Block] = {}  # a later block takes the place of what it covers
    for number, fact in enumerate(facts, start=1):
        try:
            if fact["what"] == "block":
                found[fact["scenario"], fact["start"]] = _read(fact)
            elif fact["what"] == "dropped":
                found.pop((fact["scenario"], fact["start"]), None)
        except (KeyError, TypeError, ValueError) as error:
            text = f"is damaged: {error} in a line of kind {fact['what']!r}"
            raise InputError([Problem(f"{log}:{number}", "", text)]) from error
    return [found[place] for place in sorted(found)]


def _read(fact: Mapping[str, Any]) -> Block:
    values = {name: fact[name] for name in Block.__dataclass_fields__}
    files = {table: (int(size), str(sha)) for table, (size, sha) in values["files"].items()}
    return Block(**(values | {"files": files}))


def missing(worlds: int, blocks: Iterable[Block]) -> list[tuple[int, int]]:
    """The pieces (start, stop) of worlds 0 to worlds - 1 that no block of one scenario covers.

    Their edges lie on a fixed grid, whatever the number of worlds and of processes.
    """
    ends = {block.start // GRID: block.stop for block in blocks}
    found = []
    for cell in range(-(-worlds // GRID)):
        start, stop = ends.get(cell, cell * GRID), min((cell + 1) * GRID, worlds)
        if start < stop:
            found.append((start, stop))
    return found
