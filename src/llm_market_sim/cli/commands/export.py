"""``export``: tables of a result folder for Excel and other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from llm_market_sim.results import Results

__all__ = ["export"]

PLACE = 130  # in the list of commands

_ENDINGS = (".csv", ".parquet", ".xlsx")


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
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--table", "tables", multiple=True, metavar="NAME",
              help="Only this table; may be repeated.")  # fmt: skip
@click.option("--sql", metavar="QUERY", help="The answer to a question instead of a table.")
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
def export(
    folder: Path, out: Path, tables: tuple[str, ...], sql: str | None, force: bool
) -> None:  # fmt: skip
    """Write tables of the result FOLDER to OUT.

    OUT ends in .csv, .parquet or .xlsx, or is a new folder for a CSV file a table.
    """
    from llm_market_sim.errors import InputError, Problem
    from llm_market_sim.results import open_results
    from llm_market_sim.results.export import to_csv, to_parquet, to_xlsx

    opened = open_results(folder)
    wanted = _wanted(opened, tables, sql)
    if out.suffix in (".csv", ".parquet") and len(wanted) != 1:
        text = f"{out} is one file and there are {len(wanted)} tables; name one with --table"
        raise InputError([Problem("OUT", "", text)])
    single = out.suffix in _ENDINGS
    files = [out] if single else [out / f"{name}.csv" for name in wanted]
    there = [file for file in files if file.exists()]
    if there and not force:
        text = f"{there[0]} exists already; name another, or add --force"
        raise InputError([Problem("OUT", "", text)])
    files[0].parent.mkdir(parents=True, exist_ok=True)
    if out.suffix == ".xlsx":
        to_xlsx(opened, wanted, out)
    else:
        write = to_parquet if out.suffix == ".parquet" else to_csv
        for file, query in zip(files, wanted.values(), strict=True):
            write(opened, query, file)
    click.echo(f"Written to {out}")


def _wanted(opened: Results, tables: tuple[str, ...], sql: str | None) -> dict[str, str]:
    """Questions by the name of their answer."""
    from llm_market_sim.errors import InputError, Problem, nearest

    if sql is not None:
        return {"answer": sql.strip().rstrip(";")}
    for name in tables:
        if name not in opened.tables:
            text = f'no table "{name}"; {nearest(name, opened.tables)}'
            raise InputError([Problem("--table", "", text)])
    return {name: f"SELECT * FROM {name}" for name in tables or opened.tables}
