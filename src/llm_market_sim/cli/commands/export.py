"""``export``: tables of a result folder for Excel and other programs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.tell import tell
from llm_market_sim.errors import mistake, nearest

if TYPE_CHECKING:
    from llm_market_sim.results import Results

PLACE = 130  # in the list of commands

_ENDINGS = (".csv", ".parquet", ".xlsx")
_LARGE = 50e6  # bytes of CSV that are told before they are written


@click.command(
    short_help="Write tables of a result folder as CSV or for Excel.",
    epilog="""\b
Examples:
  llm-market-sim export results tables        every table as CSV, in tables/
  llm-market-sim export results firms.csv --table firms
  llm-market-sim export results results.xlsx --table worlds --table claims
  llm-market-sim export results late.csv \\
    --sql "SELECT * FROM firms WHERE closed > 52"

CSV is UTF-8 with the mark by which Excel knows it. A sheet of Excel holds a
million rows. A workbook needs pip install 'llm-market-sim[excel]'.""",
)
@click.argument("folder", type=options.PATH)
@click.argument("out", type=options.PATH)
@click.option(
    "--table", "tables", multiple=True, metavar="NAME", help="Only this table; may be repeated."
)
@click.option("--sql", metavar="QUERY", help="The answer to a question instead of a table.")
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
@options.language
def export(
    folder: Path, out: Path, tables: tuple[str, ...], sql: str | None, force: bool, language: str
) -> None:
    """Write tables of the result FOLDER to OUT.

    OUT ends in .csv, .parquet or .xlsx, or is a new folder for a CSV file a table.
    """
    from llm_market_sim.cli.working import open_told
    from llm_market_sim.results.export import to_csv, to_parquet
    from llm_market_sim.results.workbook import to_xlsx

    if sql is not None and tables:
        raise click.UsageError("--sql asks a question and --table names a table; give one of them")
    opened = open_told(folder)
    wanted = _wanted(opened, tables, sql)
    ending = _ending(out)
    if ending in (".csv", ".parquet") and len(wanted) != 1:
        raise mistake(
            "OUT", f"{out} is one file and there are {len(wanted)} tables; name one with --table"
        )
    files = [out] if ending else [out / f"{name}.csv" for name in wanted]
    there = [file for file in files if file.exists()]
    if there and not force:
        raise mistake("OUT", f"{there[0]} exists already; name another, or add --force")
    if ending == ".xlsx":
        to_xlsx(opened, wanted, out)
    elif ending == ".parquet":
        to_parquet(opened, next(iter(wanted.values())), out)
    else:
        _tell_sizes(opened, wanted)
        for file, query in zip(files, wanted.values(), strict=True):
            to_csv(opened, query, file)
    click.echo(tell("Written to {folder}", folder=out))


def _ending(out: Path) -> str:
    """The ending of a file in small letters; none of a folder. InputError where it is another."""
    found = out.suffix.lower()
    if out.is_dir():
        if found in _ENDINGS:
            raise mistake("OUT", f"{out} is a folder; name a file")
        return ""
    if found and found not in _ENDINGS:
        what = f'{out}: no file that ends in "{out.suffix}" is written, and a folder has no ending'
        raise mistake("OUT", f"{what}; {nearest(found, _ENDINGS)}")
    return found


def _wanted(opened: Results, tables: tuple[str, ...], sql: str | None) -> dict[str, str]:
    """Questions by the name of their answer."""
    from llm_market_sim.results.question import single

    if sql is not None:
        return {"answer": single(sql)}
    for name in tables:
        if name not in opened.tables:
            raise mistake("--table", f'no table "{name}"; {nearest(name, opened.tables)}')
    return {name: f"SELECT * FROM {name}" for name in tables or opened.tables}


def _tell_sizes(opened: Results, wanted: Mapping[str, str]) -> None:
    """Before much is written, and where a spreadsheet would show a part of it only."""
    from llm_market_sim.results.export import csv_bytes
    from llm_market_sim.results.workbook import EXCEL_ROWS

    rows = {name: opened.rows(f"(\n{query}\n)") for name, query in wanted.items()}
    sizes = {name: csv_bytes(opened, query, rows[name]) for name, query in wanted.items()}
    if sum(sizes.values()) > _LARGE:
        parts = ", ".join(f"{name} {size / 1e6:,.0f}" for name, size in sizes.items() if size > 5e5)
        told = (
            "About {size} MB of CSV ({parts}); --table writes one table only, and Parquet is "
            "several times smaller."
        )
        size = f"{sum(sizes.values()) / 1e6:,.0f}"
        click.echo(tell(told, size=size, parts=parts), err=True)
    for name, count in rows.items():
        if count >= EXCEL_ROWS:
            told = (
                "{name} has {count} rows; Excel shows the first {most}, other programs all of them."
            )
            most = f"{EXCEL_ROWS - 1:,}"
            click.echo(tell(told, name=name, count=f"{count:,}", most=most), err=True)
