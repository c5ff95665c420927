"""Files and folders: written whole or not at all, and what counts as empty."""

from __future__ import annotations

import os
import re
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from llm_market_sim.errors import MarketSimError

__all__ = ["contents", "reason", "typable", "whole"]

_DESKTOP = {".DS_Store", ".localized", "Thumbs.db", "desktop.ini"}  # left behind by file managers


@contextmanager
def whole(file: Path) -> Iterator[Path]:
    """A name to write under; what is there at the end takes the file's place, all at once.

    MarketSimError, in one sentence, where the system does not let it be written. After any error
    the file is as it was before.
    """
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(file)
    except OSError as error:
        raise MarketSimError(f"{file} could not be written: {reason(error)}") from error
    finally:
        with suppress(OSError):  # where the folder cannot be reached, nothing of ours is in it
            part.unlink(missing_ok=True)


def reason(error: Exception) -> str:
    """Why something could not be written, in the system's words; DuckDB wraps them in its own."""
    text = getattr(error, "strerror", None)
    if not text:
        found = re.search(r'file \\?"[^"]+": ([^"]+)', str(error))
        text = found[1] if found else (str(error).splitlines() or [type(error).__name__])[0]
    return str(text).strip()


def typable(name: str) -> bool:
    """Whether a file's name is text on one line: no line breaks, no bytes that are not UTF-8."""
    return not any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in name)


def contents(folder: Path) -> set[str]:
    """The names in a folder but for those that a file manager leaves there by itself."""
    return set(os.listdir(folder)) - _DESKTOP
