"""Files that are there whole or not at all: written beside their place, then renamed into it."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["PART", "whole_files", "write_csv"]

PART = ".part-"  # how the names of unfinished folders begin


@contextmanager
def whole_files(folder: Path) -> Iterator[Path]:
    """A hidden place in a folder, made if it is not there.

    What is written into the place moves to the folder at the end, and replaces files of the same
    name; after an error nothing does. OSError where something cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=PART, dir=folder) as name:
        yield Path(name)
        for file in sorted(Path(name).iterdir()):
            file.replace(folder / file.name)


def write_csv(file: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A CSV file, UTF-8; numbers as short as they can be read back exactly."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_plain(value) for value in row] for row in rows)


def _plain(value: Any) -> Any:
    """3.0 as 3, the rest as Python reads it back."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return value
