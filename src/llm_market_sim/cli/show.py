"""How things are printed: numbers, dates, tables and wrapped texts."""

from __future__ import annotations

import datetime as dt
import math
import os
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

__all__ = [
    "console",
    "date_of",
    "day_of",
    "heading",
    "number",
    "p_text",
    "paragraph",
    "print_table",
    "value_text",
]

_PLAIN_WIDTH = 1000  # where nobody looks at it, a row stays on one line


_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def day_of(week: float) -> dt.date:
    """The day that lies so many weeks after Monday 17 April 2023."""
    from llm_market_sim.scenario import WEEK_0  # a help text needs no scenarios

    return WEEK_0 + dt.timedelta(days=math.floor(week * 7 + 1e-6))


def date_of(week: float) -> str:
    """``31 Aug 2023``, whatever the language of the machine."""
    day = day_of(week)
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def number(value: float) -> str:
    """A number for people: 1,234 or 0.0123, three or four figures."""
    if value != value:
        return "none"
    if value in (float("inf"), float("-inf")):
        return "never" if value > 0 else "-inf"
    if value == int(value) and abs(value) < 1e7:
        return f"{int(value):,}"
    if abs(value) >= 1e6:
        return f"{value / 1e6:,.4g} million"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def p_text(p: float) -> str:
    """A p-value for people."""
    return "<0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def value_text(value: Any) -> str:
    """Any value of a scenario in a line, as a person would type it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"{value:.10g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {value_text(below)}" for key, below in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(value_text(below) for below in value)
    return str(value)


def heading(text: str) -> None:
    """A line that stands out on a terminal."""
    click.secho(f"\n{text}", bold=True)


def paragraph(text: str, indent: int = 0, label: str = "") -> None:
    """Text wrapped to the terminal; its own line breaks do not count, blank lines do.

    label: stands in the margin of the first line, which must be wide enough.
    """
    width = min(shutil.get_terminal_size((88, 24)).columns, 100)
    margin = " " * indent
    for part in text.strip().split("\n\n"):
        filled = textwrap.fill(
            " ".join(part.split()), width, initial_indent=label.ljust(indent),
            subsequent_indent=margin,
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
        click.echo(filled)


def console(stderr: bool = False) -> Console:
    """A rich console; wide and plain where the output is no terminal."""
    from rich.console import Console

    class Ours(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    stream = sys.stderr if stderr else sys.stdout
    wide = not stream.isatty() and "COLUMNS" not in os.environ
    return Ours(stderr=stderr, width=_PLAIN_WIDTH if wide else None, highlight=False)


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str] = (),
    styles: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """A table without lines. right: columns to align right. styles: cell text -> rich style."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    out = console()
    table = Table(box=box.SIMPLE_HEAD if out.is_terminal else None, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell, style=(styles or {}).get(cell, "")) for cell in row))
    out.print(table)
