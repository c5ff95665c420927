"""Results for programs that read no Parquet: CSV that Excel opens, and workbooks."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from llm_market_sim.errors import InputError, MarketSimError, Problem

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

__all__ = ["EXCEL_ROWS", "to_csv", "to_parquet", "to_xlsx"]

EXCEL_ROWS = 1_048_576  # of a sheet, the heading included
_MARK = "\N{BYTE ORDER MARK}".encode()  # by which Excel knows UTF-8


def to_csv(rows: DuckDBPyRelation, file: Path) -> None:
    """UTF-8 with a byte order mark; empty cells for what there is not."""
    plain = file.with_name(f"{file.name}.part")
    marked = file.with_name(f"{file.name}.marked.part")
    try:
        rows.write_csv(str(plain), header=True)
        with plain.open("rb") as source, marked.open("wb") as target:
            target.write(_MARK)
            shutil.copyfileobj(source, target, 1 << 20)
        marked.replace(file)
    finally:
        plain.unlink(missing_ok=True)
        marked.unlink(missing_ok=True)


def to_parquet(rows: DuckDBPyRelation, file: Path) -> None:
    """One file."""
    unfinished = file.with_name(f"{file.name}.part")
    try:
        rows.write_parquet(str(unfinished), compression="zstd")
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def to_xlsx(tables: Mapping[str, DuckDBPyRelation], file: Path) -> None:
    """A workbook with a sheet a table.

    InputError where a table has more rows than a sheet can hold; MarketSimError without openpyxl.
    """
    try:
        from openpyxl import Workbook
    except ImportError:
        text = "a workbook needs openpyxl: pip install 'llm-market-sim[excel]'"
        raise MarketSimError(text) from None
    long = {name: count for name, rows in tables.items() if (count := _rows(rows)) >= EXCEL_ROWS}
    if long:
        told = (f"{name} has {count:,} rows" for name, count in long.items())
        text = f"{'; '.join(told)}, and a sheet holds {EXCEL_ROWS:,}; export it as CSV"
        raise InputError([Problem(str(file), "", text)])
    book = Workbook(write_only=True)
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        sheet.append(rows.columns)
        while some := rows.fetchmany(10_000):
            for row in some:
                sheet.append(list(row))
    unfinished = file.with_name(f"{file.name}.part")
    book.save(unfinished)
    unfinished.replace(file)


def _rows(rows: DuckDBPyRelation) -> int:
    found = rows.count("*").fetchone()
    return int(found[0]) if found else 0
