"""How things are printed on a terminal: tables and wrapped texts."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from llm_market_sim.words import Language

if TYPE_CHECKING:
    from rich.console import Console

_PLAIN_WIDTH = 1000  # where nobody looks at it, a row stays on one line


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


def paragraph(text: str, indent: int = 0, label: str = "", language: Language = "en") -> None:
    """Text wrapped to the terminal; its own line breaks do not count, blank lines do.

    label: stands in the margin of the first line, which must be wide enough.
    """
    width = min(shutil.get_terminal_size((88, 24)).columns, 100)
    margin = " " * indent
    for part in text.strip().split("\n\n"):
        if language == "zh":
            for line in _chinese_lines(" ".join(part.split()), width - indent):
                click.echo(margin + line)
            continue
        filled = textwrap.fill(
            " ".join(part.split()),
            width,
            initial_indent=label.ljust(indent),
            subsequent_indent=margin,
            break_long_words=False,
            break_on_hyphens=False,
        )
        click.echo(filled)


def _chinese_lines(text: str, width: int) -> Iterator[str]:
    """Broken before any Chinese letter, two columns wide, but not before a mark or in a word."""
    line, room = "", width
    for piece in re.findall(r"(?:[!-~]+|[^\x00-\x7f])[，。；：！？、”）》]*|\s", text):
        wide = len(piece) + sum(not letter.isascii() for letter in piece)
        if wide > room and line:
            yield line.rstrip()
            line, room = "", width
        line, room = line + (piece if line else piece.lstrip()), room - wide
    yield line


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
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[str] = (),
    styles: Mapping[str, str] | None = None,
) -> None:
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
