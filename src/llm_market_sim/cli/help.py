"""What ``--help`` prints: click's own way in English, and the same in Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

import click

from llm_market_sim.cli import commands
from llm_market_sim.cli.show import chinese_lines, columns_of
from llm_market_sim.cli.tell import spoken
from llm_market_sim.support.chinese import matched, said

_ROOM = commands.__name__  # whose zh.yaml has each text by the English one


class Context(click.Context):
    """Of a command, whose help is in the language that was asked for."""

    def make_formatter(self) -> click.HelpFormatter:
        chinese = spoken(self) == "zh"
        self.formatter_class = _Chinese if chinese else click.HelpFormatter
        return super().make_formatter()


def in_words(text: str) -> str:
    """With Chinese for what stands in capitals for a value, such as NAME or INTEGER RANGE."""
    return re.sub(r"\b[A-Z]{2,}(?: RANGE)?\b", lambda one: said(one[0], "zh", _ROOM), text)


class _Chinese(click.HelpFormatter):
    """Whatever click writes with it is put into Chinese, and wrapped as Chinese is."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, in_words(args), said("Usage:", "zh", _ROOM))

    def write_heading(self, heading: str) -> None:
        self.write(said(f"{heading}:", "zh", _ROOM) + "\n")

    def write_text(self, text: str) -> None:
        parts = ("\n".join(self._lines(part)) for part in text.split("\n\n"))
        self.write("\n\n".join(parts) + "\n")

    def _lines(self, part: str) -> Iterator[str]:
        """Of a paragraph, in which lines that are indented are there to be typed."""
        margin = " " * self.current_indent
        lines = part.removeprefix("\b\n").split("\n")
        for typed, run in groupby(lines, lambda line: line.startswith("  ")):
            text = [*run]
            told = map(_example, text) if typed else self._wrapped(" ".join(text))
            yield from (margin + line for line in told)

    def _wrapped(self, text: str) -> Iterator[str]:
        return chinese_lines(said(text, "zh", _ROOM), self.width - self.current_indent)

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        told = [(in_words(name), _option(text)) for name, text in rows]
        wide = min(max(columns_of(name) for name, _ in told), col_max)
        margin, gap = " " * self.current_indent, " " * (wide + col_spacing)
        for name, text in told:
            first, *rest = chinese_lines(text, self.width - len(margin + gap))
            if columns_of(name) > wide:
                self.write(f"{margin}{name}\n{margin}{gap}{first}\n")
            else:
                self.write(f"{margin}{name}{gap[columns_of(name) :]}{first}\n")
            self.write("".join(f"{margin}{gap}{line}\n" for line in rest))


def _example(line: str) -> str:
    """A command line, and behind it what it does."""

    def told(found: re.Match[str]) -> str:
        return found[1] + said(found[2], "zh", _ROOM)

    return re.sub(r"(?<=\S)( {2,})(.+)", told, line)


def _option(text: str) -> str:
    """What an option does, and in brackets its default and bounds."""
    what, *more = text.split("  [")
    return said(what, "zh", _ROOM) + "".join(f"（{matched(one[:-1], _ROOM)}）" for one in more)
