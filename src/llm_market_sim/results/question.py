"""A question in SQL as a person gives it, and its answer in values that every program knows."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from llm_market_sim.errors import mistake
from llm_market_sim.results.results import Results, not_asked

_EXAMPLE = "such as SELECT scenario, avg(hhi) FROM worlds GROUP BY scenario"
_AS_THEY_ARE = (
    "BOOLEAN TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT "
    "UHUGEINT FLOAT DOUBLE VARCHAR DATE TIMESTAMP"
).split()


def single(text: str) -> str:
    """The one question in a text of SQL, without the semicolon and comments that end it.

    InputError where there is none, more than one, or something that gives no rows.
    """
    import duckdb

    try:
        found = duckdb.extract_statements(text)
    except duckdb.Error as error:
        raise not_asked(error) from None
    if not found:
        raise mistake("--sql", f"the question is empty; write one, {_EXAMPLE}")
    if len(found) > 1:
        raise mistake("--sql", f"there are {len(found)} statements; ask one question at a time")
    if found[0].type not in (duckdb.StatementType.SELECT, duckdb.StatementType.MULTI):
        what = found[0].type.name
        raise mistake("--sql", f"{what} gives no rows of the tables; ask a question, {_EXAMPLE}")
    query = found[0].query
    end = len(query.encode())
    for start, kind in reversed(duckdb.tokenize(query)):
        last = query.encode()[start:end]
        if kind != duckdb.token_type.comment and last.strip() != b";":
            break
        end = start
    return query.encode()[:end].decode().strip()


@dataclass(frozen=True)
class Answer:
    """Columns with their types in SQL, and rows, which are fetched as they are asked for.

    Cells are None, bool, int, float, str, date or datetime; values of any other type, such as
    lists or times with a zone, are given as texts.
    """

    names: tuple[str, ...]
    types: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]


def answer(results: Results, query: str) -> Answer:
    """Ask a single question. InputError where it cannot be asked."""
    head = results.ask(f"SELECT * FROM (\n{query}\n) LIMIT 0").description or ()
    names, types = zip(*((str(name), str(kind)) for name, kind, *_ in head), strict=True)
    cells = (f"c{place}{_cast(kind)}" for place, kind in enumerate(types))
    columns = ", ".join(f"c{place}" for place in range(len(types)))
    asked = results.ask(f"SELECT {', '.join(cells)} FROM (\n{query}\n) AS answer({columns})")

    def rows() -> Iterator[tuple[Any, ...]]:
        while some := asked.fetchmany(10_000):
            yield from some

    return Answer(names, types, rows())


def _cast(kind: str) -> str:
    if kind in _AS_THEY_ARE:
        return ""
    digits = re.match(r"DECIMAL\((\d+)", kind)
    return "::DOUBLE" if digits and int(digits[1]) <= sys.float_info.dig else "::VARCHAR"
