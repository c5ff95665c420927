"""Results as an Excel workbook: every value as it is, or a refusal that names it."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from llm_market_sim.errors import InputError, MarketSimError, mistake
from llm_market_sim.results.question import answer
from llm_market_sim.results.results import Results
from llm_market_sim.support.files import whole

EXCEL_ROWS = 1_048_576  # of a sheet, the heading included
_COLUMNS = 16_384  # of a sheet
_LETTERS = 32_767  # of a cell, as UTF-16 counts them
_EXACT = 10**15  # a sheet keeps 15 digits of a number
_EPOCH = dt.date(1900, 3, 1)  # before it a sheet counts a day that never was
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def to_xlsx(results: Results, queries: Mapping[str, str], file: Path) -> None:
    """A workbook with a sheet a query, by its name.

    InputError where a sheet does not hold it: rows, columns, or letters of a cell; MarketSimError
    without openpyxl, or where the file cannot be written.
    """
    book = _new_book()
    counts = {name: results.rows(f"(\n{query}\n)") for name, query in queries.items()}
    if long := [f"{name} has {n:,} rows" for name, n in counts.items() if n >= EXCEL_ROWS]:
        raise _too_much(file, "; ".join(long), f"{EXCEL_ROWS:,}")
    with whole(file) as part:
        try:
            for name, query in queries.items():
                _fill(book.create_sheet(name), results, query, file)
            made = io.BytesIO()  # a ZIP file that finds the disk full complains when thrown away
            book.save(made)
            part.write_bytes(made.getbuffer())
        except BaseException:
            for sheet in book.worksheets:  # or it complains when it is thrown away
                with suppress(Exception):
                    sheet.close()
            raise


def book_of(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    """A workbook of a few rows, the first a heading, a sheet each, by its name. MarketSimError
    without openpyxl."""
    book, out = _new_book(), io.BytesIO()
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            cells = [as_cell(value) for value in row]
            sheet.append([_text(sheet, one) if isinstance(one, str) else one for one in cells])
    book.save(out)
    return out.getvalue()


def _new_book() -> Any:
    try:
        from openpyxl import Workbook
    except ImportError:
        text = "a workbook needs openpyxl: pip install 'llm-market-sim[excel]'"
        raise MarketSimError(text) from None
    return Workbook(write_only=True)


def _fill(sheet: Any, results: Results, query: str, file: Path) -> None:
    """A heading and the rows of an answer."""
    found = answer(results, query)
    if len(found.names) > _COLUMNS:
        raise _too_much(file, f"{sheet.title} has {len(found.names):,} columns", f"{_COLUMNS:,}")
    for number, row in enumerate((found.names, *found.rows), start=1):
        cells = []
        for name, value in zip(found.names, row, strict=True):
            plain = as_cell(value)
            if isinstance(plain, str) and len(plain.encode("utf-16-le")) // 2 > _LETTERS:
                what = f"{sheet.title}, row {number}, column {name}: a text of {len(plain):,}"
                raise _too_much(file, f"{what} letters", f"{_LETTERS:,} in a cell")
            cells.append(_text(sheet, plain) if isinstance(plain, str) else plain)
        sheet.append(cells)


def as_cell(value: Any) -> Any:
    """A value of an answer as a sheet keeps it: what a number cannot say exactly is a text."""
    if isinstance(value, str):
        return _UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and abs(value) >= _EXACT:
        return str(value)
    if isinstance(value, dt.date) and dt.date(value.year, value.month, value.day) < _EPOCH:
        return str(value)
    return value


def _text(sheet: Any, text: str) -> Any:
    """A cell that is a text, however it begins: no formula, no error, no number."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell


def _too_much(file: Path, what: str, most: str) -> InputError:
    return mistake(file, f"{what}, and a sheet holds {most}; export it as CSV")
