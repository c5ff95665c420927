"""Results for programs that read no Parquet: CSV that Excel opens, and workbooks."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from llm_market_sim.errors import InputError, MarketSimError, Problem
from llm_market_sim.results.parquet import quoted
from llm_market_sim.results.results import Results

__all__ = ["EXCEL_ROWS", "to_csv", "to_parquet", "to_xlsx"]

EXCEL_ROWS = 1_048_576  # of a sheet, the heading included
_MARK = "\N{BYTE ORDER MARK}".encode()  # by which Excel knows UTF-8


def to_csv(results: Results, query: str, file: Path) -> None:
    """UTF-8 with a byte order mark; empty cells for what there is not."""
    plain = file.with_name(f"{file.name}.part")
    marked = file.with_name(f"{file.name}.marked.part")
    try:
        results.ask(f"COPY ({query}) TO {quoted(plain)} (FORMAT csv, HEADER)")
        with plain.open("rb") as source, marked.open("wb") as target:
            target.write(_MARK)
            shutil.copyfileobj(source, target, 1 << 20)
        marked.replace(file)
    finally:
        plain.unlink(missing_ok=True)
        marked.unlink(missing_ok=True)


def to_parquet(results: Results, query: str, file: Path) -> None:
    """One file."""
    unfinished = file.with_name(f"{file.name}.part")
    try:
        results.ask(f"COPY ({query}) TO {quoted(unfinished)} (FORMAT parquet, COMPRESSION zstd)")
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def to_xlsx(results: Results, queries: Mapping[str, str], file: Path) -> None:
    """A workbook with a sheet a query, by its name.

    InputError where one has more rows than a sheet can hold; MarketSimError without openpyxl.
    """
    try:
        from openpyxl import Workbook
    except ImportError:
        text = "a workbook needs openpyxl: pip install 'llm-market-sim[excel]'"
        raise MarketSimError(text) from None
    counts = {name: results.rows(f"({query})") for name, query in queries.items()}
    if long := [f"{name} has {n:,} rows" for name, n in counts.items() if n >= EXCEL_ROWS]:
        text = f"{'; '.join(long)}, and a sheet holds {EXCEL_ROWS:,}; export it as CSV"
        raise InputError([Problem(str(file), "", text)])
    book = Workbook(write_only=True)
    for name, query in queries.items():
        sheet = book.create_sheet(name)
        answer = results.ask(query)
        sheet.append([column[0] for column in answer.description or ()])
        while some := answer.fetchmany(10_000):
            for row in some:
                sheet.append(list(row))
    unfinished = file.with_name(f"{file.name}.part")
    book.save(unfinished)
    unfinished.replace(file)
