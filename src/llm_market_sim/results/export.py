"""Results for other programs: CSV that Excel opens, and Parquet in one file."""

from __future__ import annotations

import shutil
from pathlib import Path

from llm_market_sim.errors import MarketSimError
from llm_market_sim.results.parquet import interruptible, quoted
from llm_market_sim.results.results import Results, not_asked
from llm_market_sim.support.files import reason, whole

_MARK = "\N{BYTE ORDER MARK}".encode()  # by which Excel knows UTF-8
_SAMPLE = 10_000  # rows from which the size of all is judged


def to_csv(results: Results, query: str, file: Path) -> None:
    """UTF-8 with a byte order mark; empty cells for what there is not."""
    with whole(file) as marked:
        plain = marked.with_suffix(".plain")
        _copy(results, query, "FORMAT csv, HEADER", plain, file)
        with plain.open("rb") as source, marked.open("wb") as target:
            target.write(_MARK)
            shutil.copyfileobj(source, target, 1 << 20)
        plain.unlink()


def to_parquet(results: Results, query: str, file: Path) -> None:
    """One file."""
    with whole(file) as part:
        _copy(results, query, "FORMAT parquet, COMPRESSION zstd", part, file)


def _copy(results: Results, query: str, options: str, part: Path, file: Path) -> None:
    """MarketSimError where the file cannot be written, InputError where the question is wrong."""
    import duckdb

    try:
        with interruptible():
            results.database.execute(f"COPY (\n{query}\n) TO {quoted(part)} ({options})")
    except duckdb.IOException as error:
        raise MarketSimError(f"{file} could not be written: {reason(error)}") from error
    except duckdb.Error as error:
        raise not_asked(error) from None


def csv_bytes(results: Results, query: str, rows: int) -> int:
    """About how many bytes so many rows of an answer take as CSV, judged by the first of them."""
    length = "coalesce(avg(strlen(COLUMNS(*)::VARCHAR)), 0) + 1"  # with the comma after it
    first = f"SELECT * FROM (\n{query}\n) LIMIT {_SAMPLE}"
    cells = results.ask(f"SELECT {length} FROM ({first})").fetchone()
    return round(rows * sum(cells or ()))
