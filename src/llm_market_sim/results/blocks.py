"""Blocks: some rows of a scenario, one file a table, and which of them a log vouches for.

A row is a world, or a world under a draw of parameters.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from llm_market_sim.errors import InputError, Problem
from llm_market_sim.market.state import Array
from llm_market_sim.results.parquet import digest, join, write
from llm_market_sim.results.tables import arrays_of, columns_of, words_of
from llm_market_sim.simulation import Run

GRID = 256  # rows of a block: fewer cost calls, more cost balance between processes
_LETTERS = 40  # of a scenario's name that stand in a file's


@dataclass(frozen=True)
class Block:
    """Rows start to stop - 1 of a scenario.

    key: says what they are; rows of the same key are the same rows. files: table -> size in bytes,
    and SHA-256.
    """

    scenario: str
    start: int
    stop: int
    key: str
    files: dict[str, tuple[int, str]]
    seconds: float = 0.0
    where: str = ""

    def file(self, folder: Path, table: str) -> Path:
        """Where a table of it lies."""
        return folder / table / f"{_stem(self.scenario)}-{self.start:08d}-{self.stop:08d}.parquet"

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


def _stem(scenario: str) -> str:
    """A scenario's name as a file may be called, whatever is in it."""
    plain = re.sub(r"[^\w.+-]", "_", scenario)[:_LETTERS]
    if plain == scenario:
        return scenario
    return f"{plain}-{hashlib.sha256(scenario.encode(errors='surrogateescape')).hexdigest()[:8]}"


def write_block(
    folder: Path,
    run: Run,
    numbers: Mapping[str, Array],
    block: Block,
    tables: Iterable[str],
    draws: Array | None = None,
) -> Block:
    """Write the tables of a run. Returns the block with its files. WriteError if it cannot.

    draws: of parameters, (W,), where they differ.
    """
    words = words_of(run.scenario.name, run.firms, tuple(numbers))
    arrays = arrays_of(run, numbers, tables, draws)
    for table, columns in arrays.items():
        write(columns_of(table, draws is not None), columns, words, block.file(folder, table))
    return _signed(folder, block, arrays)


def joined(folder: Path, parts: Sequence[Block], drawn: bool) -> Block:
    """Neighbours as one block, with files of its own. WriteError if they cannot be written."""
    first, last = parts[0], parts[-1]
    seconds = round(sum(part.seconds for part in parts), 3)
    whole = replace(first, stop=last.stop, files={}, seconds=seconds, where=last.where)
    for table in first.files:
        files = [part.file(folder, table) for part in parts]
        join(columns_of(table, drawn), files, whole.file(folder, table))
    return _signed(folder, whole, first.files)


def _signed(folder: Path, block: Block, tables: Iterable[str]) -> Block:
    files = {table: block.file(folder, table) for table in tables}
    signed = {table: (file.stat().st_size, digest(file)) for table, file in files.items()}
    return replace(block, files=signed)


def vouched(log: Path, facts: Iterable[Mapping[str, Any]]) -> list[Block]:
    """The blocks that a log vouches for, by scenario and row. InputError if a line is damaged."""
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


def missing(rows: int, blocks: Iterable[Block], grid: int = GRID) -> list[tuple[int, int]]:
    """The pieces (start, stop) of rows 0 to rows - 1 that no block of one scenario covers.

    Their edges lie on a fixed grid, whatever the number of rows and of processes.
    """
    ends = {block.start // grid: block.stop for block in blocks}
    found = []
    for cell in range(-(-rows // grid)):
        start, stop = ends.get(cell, cell * grid), min((cell + 1) * grid, rows)
        if start < stop:
            found.append((start, stop))
    return found
