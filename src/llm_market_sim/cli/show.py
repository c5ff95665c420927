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

from llm_market_sim.cli.tell import spoken, tell
from llm_market_sim.words import Language, listed

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
    """A line, or more, that stand out on a terminal."""
    lines = textwrap.wrap(text, _width(), break_long_words=False, break_on_hyphens=False)
    click.secho("\n" + "\n".join(lines), bold=True)


def _width() -> int:
    """Letters in a line of text."""
    return min(shutil.get_terminal_size((88, 24)).columns, 100)


def paragraph(
    text: str, indent: int = 0, label: str = "", language: Language | None = None
) -> None:
    """Text wrapped to the terminal; its own line breaks do not count, blank lines do.

    label: stands in the margin of the first line, which must be wide enough. language: of the
    text, where it is not that of the command.
    """
    language = language or spoken()
    width = _width()
    margin = " " * indent
    for part in text.strip().split("\n\n"):
        if language == "zh":
            lines = chinese_lines(" ".join(part.split()), width - indent)
            for place, line in enumerate(lines):
                click.echo((margin if place else label + " " * (indent - columns_of(label))) + line)
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


def chinese_lines(text: str, width: int) -> Iterator[str]:
    """Broken before any Chinese letter, two columns wide, but not in a word,
    before a mark or after one that opens."""
    line, room = "", width
    for piece in re.findall(r"[“（《]*(?:[!-~]+|[^\x00-\x7f])[，。；：！？、”）》]*|\s", text):
        wide = columns_of(piece)
        if wide > room and line:
            yield line.rstrip()
            line, room = "", width
        line, room = line + (piece if line else piece.lstrip()), room - wide
    yield line


def columns_of(text: str) -> int:
    """Of a terminal; a Chinese letter takes two."""
    return len(text) + sum(not letter.isascii() for letter in text)


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
    """A table without lines, which breaks no word and no number: columns for which there is no
    room, the last ones first, are left out and named.

    right: columns of numbers, aligned right. styles: cell text -> rich style.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    out = console()
    cells = [[_pieces(cell, name in right) for cell, name in _pairs(row, columns)] for row in rows]
    widths = _widths([[name.split() or [""] for name in columns], *cells], out.width)
    table = Table(box=box.SIMPLE_HEAD if out.is_terminal else None, pad_edge=False)
    for name, width in _pairs(columns, widths):
        justify: Any = "right" if name in right else "left"
        table.add_column(name, justify=justify, overflow="fold", width=width)
    for row, parts in zip(rows, cells, strict=True):
        lines = (_filled(part, width) for part, width in _pairs(parts, widths))
        looks = ((styles or {}).get(cell, "") for cell in row)
        table.add_row(*(Text(line, style=look) for line, look in _pairs(list(lines), list(looks))))
    out.print(table)
    if left_out := [name or "one without a name" for name in columns[len(widths) :]]:
        told = "Columns left out, as the window is narrow: {names}."
        paragraph(tell(told, names=listed(left_out, spoken())))


def _pairs(one: Sequence[Any], other: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """As far as both go: columns without room have no width."""
    return zip(one, other, strict=False)


def _pieces(cell: str, number: bool) -> list[str]:
    """What must stay on one line: words; of numbers an estimate, and its interval in brackets."""
    return re.split(r" (?=\()" if number else r" +(?!%)", cell)


def _widths(rows: Sequence[Sequence[Sequence[str]]], room: int) -> list[int]:
    """Of as many first columns as there is room for, two blanks apart. rows: cells, in pieces."""
    from rich.cells import cell_len

    columns = list(zip(*rows, strict=True))
    least = [max(cell_len(piece) for cell in cells for piece in cell) for cells in columns]
    whole = [max(cell_len(" ".join(cell)) for cell in cells) for cells in columns]
    while len(least) > 1 and sum(least) + 2 * len(least) - 1 > room:
        least.pop()
    widths = list(least)
    for _ in range(room - sum(least) - 2 * len(least) + 1):  # to who has the most lines
        lines = [all_ / (width or 1) for all_, width in zip(whole, widths, strict=False)]
        most = max(range(len(widths)), key=lines.__getitem__)
        if lines[most] <= 1.0:
            break
        widths[most] += 1
    return widths


def _filled(pieces: Sequence[str], width: int) -> str:
    """The pieces in lines that fit."""
    from rich.cells import cell_len

    lines = [pieces[0]]
    for piece in pieces[1:]:
        if cell_len(lines[-1]) + 1 + cell_len(piece) <= width:
            lines[-1] += f" {piece}"
        else:
            lines.append(piece)
    return "\n".join(lines)
