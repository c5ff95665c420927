"""What is said reaches its reader: other letters, closed streams, readers that have gone."""

from __future__ import annotations

import codecs
import os
import sys
import unicodedata
import warnings

from llm_market_sim.cli.tell import tell

_PLAIN = {
    "“": '"',
    "”": '"',
    "„": '"',
    "‘": "'",
    "’": "'",
    "–": "-",
    "—": "-",
    "−": "-",
    "…": "...",
    "×": "x",
    "·": "-",
    "•": "*",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "≈": "~",
    "±": "+/-",
    "→": "->",
    "µ": "u",
    "μ": "u",
    "─": "-",
    "━": "-",
    "╸": "-",
    "╺": "-",
    "│": "|",
    "┃": "|",
    "，": ", ",
    "。": ". ",
    "：": ": ",
    "；": "; ",
    "、": ", ",
    "（": " (",
    "）": ") ",
}
_ERRORS = "llm-market-sim"  # by which codecs know `_plainer`
_lost: set[str] = set()


def prepare() -> None:
    """Before anything is said. A closed stream swallows what it is told; letters that a terminal
    does not have become plain ones, or ?; a warning is a line without a place in our code."""
    _lost.clear()
    codecs.register_error(_ERRORS, _plainer)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):  # descriptors 0, 1, 2
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
        elif mode == "w" and hasattr(stream, "reconfigure"):
            ascii_only = codecs.lookup(stream.encoding).name == "ascii"  # never said on purpose
            stream.reconfigure(encoding="utf-8" if ascii_only else None, errors=_ERRORS)
    warnings.showwarning = _warned


def _plainer(error: UnicodeError) -> tuple[str, int]:
    """What to write in place of letters that cannot be encoded."""
    assert isinstance(error, UnicodeEncodeError)
    return "".join(map(_plain, error.object[error.start : error.end])), error.end


def _plain(letter: str) -> str:
    if letter in _PLAIN:
        return _PLAIN[letter]
    if 0xDC80 <= ord(letter) <= 0xDCFF:  # a byte of a file's name that is no text
        return f"\\x{ord(letter) - 0xDC00:02x}"
    plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    if not plain:
        _lost.add(letter)
    return plain or "?"


def _warned(message: Warning | str, *details: object, **more: object) -> None:
    print(tell("Warning: {doubt}", doubt=message), file=sys.stderr)


def lost_letters() -> str | None:
    """A sentence about the letters that were written as ?, where there were any."""
    if not _lost:
        return None
    return (
        f"Letters that {sys.stdout.encoding} does not have are shown as ? ({len(_lost)} of them); "
        "where the terminal can show more, set PYTHONIOENCODING=utf-8."
    )


def let_go() -> None:
    """Nobody reads any more: what is still to be written goes nowhere, without a complaint."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
