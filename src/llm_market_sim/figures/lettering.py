"""Letters: the fonts that come with the package, how wide a text is, and where a line breaks."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Any
from warnings import warn

from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font

from llm_market_sim.figures.romanised import romanised

FAMILIES = ["Market Sans SC", "DejaVu Sans"]  # the other one has what ours lacks, but no Chinese
_CLOSING = "，。；：、）】》」』”’！？％%…,.;:)!?"  # may not begin a line
_OPENING = "（【《「『“‘("  # may not end one
_told: set[str] = set()  # letters that a person was warned of


@lru_cache
def register() -> None:
    """Make our fonts known to matplotlib, once a process."""
    for file in sorted(Path(str(files(__package__))).glob("fonts/*.otf")):
        fontManager.addfont(file)


@lru_cache
def _font(family: str, weight: str) -> Any:
    register()
    return get_font(findfont(FontProperties(family=[family], weight=weight)))


@lru_cache
def _letters() -> frozenset[int]:
    fonts = [_font(family, "normal").get_charmap() for family in FAMILIES]
    return frozenset({ord("\n")}.union(*fonts))


@lru_cache
def _other_fonts() -> list[tuple[str, str]]:
    """(family, file) of the fonts of this machine, in an order that does not change."""
    register()
    return sorted(
        (one.name, one.fname)
        for one in fontManager.ttflist
        if one.style == "normal" and one.name not in FAMILIES and "Last Resort" not in one.name
    )


@lru_cache(maxsize=4096)
def _other_family(letter: str) -> str | None:
    """A family of this machine that has a letter which ours lack, None without one."""
    for family, file in _other_fonts():
        with suppress(RuntimeError, OSError):  # pictures in place of outlines; a file that has gone
            font = get_font(file)
            if ord(letter) in font.get_charmap() and font.scalable:
                return family
    return None


def other_families(text: str) -> list[str]:
    """The families of this machine that a text takes beside ours."""
    found = {_other_family(letter) for letter in text if ord(letter) not in _letters()}
    return sorted(one for one in found if one)


def drawable(text: str, otherwise: str = "") -> str:
    """The text if there are fonts with all its letters, else the other one; a box is never drawn.

    Letters that neither can be drawn with are written in Latin ones. Warns of each letter, once.
    """
    lacking = [letter for letter in dict.fromkeys(text) if not _is_drawable(letter)]
    if not lacking:
        return text
    if otherwise and all(map(_is_drawable, otherwise)):
        instead = otherwise
    else:
        instead = "".join(
            "".join(part) if there else romanised("".join(part))
            for there, part in groupby(otherwise or text, _is_drawable)
        )
    if not _told.issuperset(lacking):
        _told.update(lacking)
        shown = ", ".join(
            f"{one} ({unicodedata.name(one, f'U+{ord(one):X}')})" for one in lacking[:3]
        )
        more = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
        warn(f"no font here has {shown}{more}; drawn instead: {instead}", stacklevel=2)
    return instead


def _is_drawable(letter: str) -> bool:
    return ord(letter) in _letters() or _other_family(letter) is not None


@lru_cache(maxsize=8192)
def _advance(letter: str, weight: str) -> float:
    """Width of a letter of size 1 point, in points."""
    for family in (*FAMILIES, *other_families(letter)):
        font = _font(family, weight)
        if ord(letter) in font.get_charmap():
            font.set_size(100.0, 72)
            return float(font.load_char(ord(letter)).linearHoriAdvance) / 65536 / 100.0
    return 1.0


def width(text: str, size: float, weight: str = "normal") -> float:
    """Of a line of text, in inches; a little too much, since letters may move closer."""
    return sum(_advance(letter, weight) for letter in text) * size / 72.0


def wrap(
    text: str, inches: float, size: float, weight: str = "normal", most: int | None = None
) -> str:
    """The text in lines of at most that width; what goes beyond `most` lines ends in ….

    Lines break at spaces and between Chinese characters, and inside of words that are wider than a
    line; breaks that are there already stay.
    """
    lines: list[str] = []
    for part in text.split("\n"):
        line = ""
        for piece in _pieces(part, inches, size, weight):
            if line.strip() and width((line + piece).rstrip(), size, weight) > inches:
                lines.append(line.rstrip())
                line = piece.lstrip()
            else:
                line += piece
        lines.append(line.rstrip())
    if most is not None and len(lines) > most:
        last = " ".join(lines[most - 1 :]) if " " in text else "".join(lines[most - 1 :])
        while last and width(last + "…", size, weight) > inches:
            last = last[:-1].rstrip()
        lines[most - 1 :] = [last + "…"]
    return "\n".join(lines)


def balanced(text: str, inches: float, size: float, most: int) -> str:
    """Bold text in as few lines as `wrap` makes, all about as long."""
    lines = wrap(text, inches, size, "bold", most)
    for part in (0.5, 0.6, 0.7, 0.8, 0.9):
        narrow = wrap(text, part * inches, size, "bold")
        if narrow.count("\n") == lines.count("\n") and not lines.endswith("…"):
            return narrow
    return lines


def widest(text: str, size: float, weight: str = "normal") -> float:
    """Width in inches of the longest word, which a line should have."""
    return max((width(piece.rstrip(), size, weight) for piece in _words(text)), default=0.0)


def _pieces(text: str, inches: float, size: float, weight: str) -> Iterator[str]:
    for word in _words(text):
        if width(word.rstrip(), size, weight) > inches:
            yield from word
        else:
            yield word


def _words(text: str) -> list[str]:
    """What should not be broken: words with the space after them, single Chinese characters."""
    words: list[str] = []
    for letter in text:
        last = words[-1][-1] if words else ""
        apart = last == " " or _wide(letter) or (last and _wide(last))
        if not words or (apart and letter not in _CLOSING + " " and last not in _OPENING):
            words.append(letter)
        else:
            words[-1] += letter
    return words


def _wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WF"
