"""Files that are there whole or not at all: written beside their place, then renamed into it."""

from __future__ import annotations

import csv
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from llm_market_sim.errors import MarketSimError

PART = ".part-"  # how the names of unfinished folders begin


@contextmanager
def whole_files(folder: Path, prefix: str = PART) -> Iterator[Path]:
    """A hidden place in a folder, made if it is not there.

    What is written into the place moves to the folder at the end, and replaces files of the same
    name; after an error nothing does. OSError where something cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=folder, ignore_cleanup_errors=True) as name:
        yield Path(name)
        for file in sorted(Path(name).iterdir()):
            file.replace(folder / file.name)


@contextmanager
def whole(file: Path) -> Iterator[Path]:
    """A single file likewise: a name to write under.

    MarketSimError, in one sentence, where the system does not let it be written.
    """
    try:
        with whole_files(file.parent, f".{file.name}.") as place:
            yield place / file.name
    except OSError as error:
        raise MarketSimError(f"{file} could not be written: {reason(error)}") from error


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


def write_csv(file: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A CSV file, UTF-8; numbers as short as they can be read back exactly."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_plain(value) for value in row] for row in rows)


def read_csv(file: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, by column."""
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _plain(value: Any) -> Any:
    """3.0 as 3, the rest as Python reads it back."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return value
