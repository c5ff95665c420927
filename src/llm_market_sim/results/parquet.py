"""Tables as Parquet files, by way of DuckDB: the same rows give the same bytes, always.

A file is there whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from llm_market_sim.results.tables import Arrays, Field, Words
from llm_market_sim.support.files import reason, whole_files
from llm_market_sim.words import WEEK_0

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_DATE = f"DATE '{WEEK_0}' + floor(week * 7 + 1e-6)::INTEGER"
_ONE = threading.RLock()  # a worker of a cluster may have several threads


class WriteError(Exception):
    """A file could not be written; its text is the system's."""


@lru_cache(maxsize=1)
def connection() -> DuckDBPyConnection:
    """A database of this process's own, in memory and on one thread."""
    import duckdb  # a quarter of a second

    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "memory_limit": "1GB",
        "temp_directory": "",
    }
    return duckdb.connect(config=settings)


@contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C while the database works is a Ctrl-C; it calls it an error of its own."""
    try:
        yield
    except RuntimeError as error:
        if "Query interrupted" in str(error):
            raise KeyboardInterrupt from None
        raise


def quoted(text: str | Path) -> str:
    """A text in SQL."""
    return "'" + str(text).replace("'", "''") + "'"


def listed(files: Sequence[Path]) -> str:
    """Files in SQL, each taken at its word: a bracket or a star in a name means itself."""
    marks = {mark: f"[{mark}]" for mark in "*?["}
    plain = ("".join(marks.get(letter, letter) for letter in str(file)) for file in files)
    return "[" + ", ".join(map(quoted, plain)) + "]"


def write(table: Mapping[str, Field], arrays: Arrays, words: Words, file: Path) -> None:
    """Write rows that are given as arrays, one a column. WriteError if it cannot be."""
    rows = len(next(iter(arrays.values())))
    cells = ", ".join(cell(name, one, words) for name, one in table.items())
    with _ONE:
        connection().register("arrays", {"scenario": np.zeros(rows, dtype=np.int8)} | arrays)
        copy(table, f"SELECT {cells} FROM arrays", file)


def cell(name: str, field: Field, words: Words) -> str:
    """A column in SQL, from the array of its name; words: what codes stand for."""
    if field.words:
        allowed = ", ".join(map(quoted, words[field.words]))
        text = f"CASE WHEN {name} >= 0 THEN list_extract([{allowed}]::VARCHAR[], {name} + 1) END"
    elif field.type == "DATE":
        text = _DATE
    elif field.type in ("FLOAT", "DOUBLE"):
        good = "NOT isnan" if field.never else "isfinite"
        text = f"CASE WHEN {good}({name}::DOUBLE) THEN {name} END"
    else:
        text = name
    return f"({text})::{field.type} AS {name}"


def join(table: Mapping[str, Field], parts: Sequence[Path], file: Path) -> None:
    """Several files as one, their rows in the order given. WriteError if it cannot be."""
    copy(table, f"SELECT * FROM read_parquet({listed(parts)})", file)


def copy(table: Mapping[str, Field], query: str, file: Path) -> None:
    """Write what a query gives. WriteError if it cannot be."""
    import duckdb

    facts = json.dumps({n: {"unit": f.unit, "meaning": f.meaning} for n, f in table.items()})
    options = f"FORMAT parquet, COMPRESSION zstd, KV_METADATA {{columns: {quoted(facts)}}}"
    try:
        # by way of a table, so that the bytes do not depend on where the rows came from
        with _ONE, interruptible(), whole_files(file.parent) as place:
            connection().execute(f"CREATE OR REPLACE TEMP TABLE rows AS {query}")
            connection().execute(f"COPY rows TO {quoted(place / file.name)} ({options})")
    except (duckdb.IOException, OSError) as error:
        raise WriteError(reason(error)) from error


def digest(file: Path) -> str:
    """SHA-256 of a file. OSError if it cannot be read."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
