"""``results``: what a folder holds, how far it is, and questions in SQL."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.tell import named, reason, spoken, tell
from llm_market_sim.errors import mistake, nearest

if TYPE_CHECKING:
    from llm_market_sim.results import Results
    from llm_market_sim.words import Language

PLACE = 110  # in the list of commands

_MOST = 1000  # rows of an answer that are printed
_ROWS = {
    "worlds": "a world, with every series in its last week",
    "series": "a week of a world",
    "firms": "a firm of a world, at the end",
    "events": "something that happened to a firm",
    "claims": "the number that a claim speaks of, in a world",
    "parameters": "a parameter of a scenario",
    "draws": "a parameter of a draw",
}
_NUMBERS = ("INT", "DOUBLE", "FLOAT", "DECIMAL", "NUMBER")  # in the name of a type


@click.command(
    short_help="Say what a result folder holds, or ask it in SQL.",
    epilog="""\b
Examples:
  llm-market-sim results results
  llm-market-sim results results --check
  llm-market-sim results results \\
    --sql "SELECT scenario, avg(hhi) FROM worlds GROUP BY scenario"
  llm-market-sim results results --table firms

The tables are worlds, series, firms, events, claims and parameters; scenario
and replication are their key. The folder may be one that a batch still writes.""",
)
@click.argument("folder", type=options.PATH)
@click.option("--sql", metavar="QUERY", help="A question; at most 1000 rows are printed.")
@click.option("--table", metavar="NAME", help="The columns of a table, with units.")
@click.option("--check", is_flag=True, help="Read every file, and compare it with its checksum.")
@options.language
def results(
    folder: Path, sql: str | None, table: str | None, check: bool, language: Language
) -> None:
    """Say what the FOLDER of a batch holds and how far the batch is.

    With --sql, answer a question instead; export writes answers of any size.
    """
    from llm_market_sim.cli.working import open_told

    if sql is not None and table is not None:
        raise click.UsageError("--sql asks a question and --table names a table; give one of them")
    opened = open_told(folder, thorough=check)
    if sql is not None:
        _answer(opened, sql)
        return
    if table is not None:
        _columns(opened, table)
        return
    _summary(opened)
    if check:
        files = sum(len(one.files) for one in opened.blocks)
        click.echo(tell("All {n} files are as written.", n=files))


def _answer(opened: Results, query: str) -> None:
    from llm_market_sim.cli.show import print_table
    from llm_market_sim.results.question import answer, single

    found = answer(opened, single(query))
    rows = list(islice(found.rows, _MOST + 1))
    numbers = [
        name
        for name, kind in zip(found.names, found.types, strict=True)
        if any(word in kind for word in _NUMBERS)
    ]
    print_table(found.names, [list(map(_cell, row)) for row in rows[:_MOST]], right=numbers)
    if len(rows) > _MOST:
        click.echo(tell("The first {n} rows; export writes them all.", n=_MOST), err=True)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return "" if value is None else str(value)


def _columns(opened: Results, table: str) -> None:
    from llm_market_sim.cli.show import print_table
    from llm_market_sim.market.observation import SERIES
    from llm_market_sim.results.tables import columns_of

    if table not in opened.tables:
        raise mistake("--table", f'no table "{table}"; {nearest(table, opened.tables)}')
    fields = columns_of(table, opened.manifest.drawn)
    rows = []
    for name, one in fields.items():
        weekly = spoken() == "zh" and table in ("worlds", "series") and name in SERIES
        meaning = SERIES[name].label["zh"] if weekly else tell(one.meaning)
        rows.append((name, one.type, tell(named(one.unit)), meaning))
    print_table([tell(name) for name in ("column", "type", "unit", "meaning")], rows)


def _summary(opened: Results) -> None:
    from llm_market_sim.cli.show import heading, paragraph, print_table

    made = opened.manifest
    shard = tell(", shard {shard}", shard=made.shard) if made.shard else ""
    heading(f"{opened.folder}")
    told = "Seed {seed}{shard}, llm-market-sim {code}."
    paragraph(tell(told, seed=made.seed, shard=shard, code=made.code))
    click.echo()
    rows = [
        (
            one.scenario,
            f"{one.there:,}",
            f"{one.asked:,}",
            str(len(one.failed) or ""),
            made.scenarios[one.scenario]["label"][spoken()],
        )
        for one in opened.status
    ]
    columns = [tell(one) for one in ("scenario", "worlds", "asked", "failed blocks")] + [""]
    print_table(columns, rows, right=columns[1:4])
    click.echo()
    sizes = [
        (name, f"{opened.rows(name):,}", f"{opened.size(name) / 1e6:.1f} MB", tell(_ROWS[name]))
        for name in opened.tables
    ]
    columns = [tell(one) for one in ("table", "rows", "size", "a row is")]
    print_table(columns, sizes, right=columns[1:3])
    for one in opened.status:
        for fact in one.failed:
            failed = "Failed: {scenario}, worlds {first} to {last}, {stage}: {reason}"
            places = {"first": fact["start"], "last": fact["stop"] - 1}
            why = {"stage": tell(fact["stage"]), "reason": reason(fact["reason"])}
            paragraph(tell(failed, **fact | places | why))
    if any(one.there < one.asked for one in opened.status) and not made.shard:
        click.echo()
        click.echo(tell("The batch is not complete; its command goes on from here."))
