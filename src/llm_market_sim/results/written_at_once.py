"""The result folder: complete or not there at all, and never in the place of something else."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from llm_market_sim.errors import InputError, MarketSimError, Problem
from llm_market_sim.files import contents

__all__ = ["MANIFEST", "SCHEMA_VERSION", "ResultFolder", "Table"]

MANIFEST = "manifest.json"
SCHEMA_VERSION = 1
_MADE_BY = "llm-market-sim"


@dataclass(frozen=True)
class Table:
    """A CSV file: names of the columns, and rows of plain values."""

    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]


class ResultFolder:
    """Write into a hidden folder beside `out`; it takes its place when all is written.

    Used as ``with ResultFolder(out) as folder:``. Raises InputError at once, before anything is
    computed, where `out` exists and may not be replaced, or cannot be written. An error or a
    Ctrl-C inside the block leaves what was there untouched and nothing new behind.
    """

    def __init__(self, out: str | Path, force: bool = False) -> None:
        self.out = Path(out).absolute()
        if self.out.is_symlink():
            self.out = self.out.resolve()
        self.shown = str(out)
        self._refuse_or_replace(force)
        self._temporary = self.out.with_name(f".{self.out.name}.{os.getpid()}.part")
        self._files: list[str] = []

    def _refuse_or_replace(self, force: bool) -> None:
        if not os.path.lexists(self.out):
            return
        if not self.out.is_dir():
            raise _refused(f"{self.shown} is a file; name a folder")
        if not contents(self.out):
            return
        if not force:
            raise _refused(f"{self.shown} exists already; name another folder, or add --force")
        extra = contents(self.out) - set(_own_files(self.out, self.shown))
        if extra:
            some = ", ".join(sorted(extra)[:3]) + (", …" if len(extra) > 3 else "")
            raise _refused(f"{self.shown} also holds {some}, which no batch wrote; move it away")

    def __enter__(self) -> ResultFolder:
        try:
            self.out.parent.mkdir(parents=True, exist_ok=True)
            self._temporary.mkdir()
        except OSError as error:
            raise _refused(f"{self.shown} cannot be written: {error.strerror}") from error
        return self

    def path(self, name: str) -> Path:
        """Where to write one more file of the result."""
        self._files.append(name)
        return self._temporary / name

    def table(self, name: str, table: Table) -> None:
        """Write a CSV file, UTF-8; numbers as short as they can be read back exactly."""
        with self.path(name).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(table.columns)
            writer.writerows([_plain(value) for value in row] for row in table.rows)

    def manifest(self, facts: dict[str, Any]) -> None:
        """Write the manifest, last: it names all the other files."""
        head = {"made_by": _MADE_BY, "schema_version": SCHEMA_VERSION}
        text = json.dumps(
            head | facts | {"files": [*self._files, MANIFEST]}, ensure_ascii=False, indent=1
        )
        self.path(MANIFEST).write_text(text + "\n", encoding="utf-8")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        try:
            if kind is None:
                self._put_in_place()
        except OSError as problem:
            raise MarketSimError(f"{self.shown}: {problem.strerror}") from problem
        finally:
            shutil.rmtree(self._temporary, ignore_errors=True)
        if isinstance(error, OSError) and error.strerror:
            raise MarketSimError(f"{self.shown} could not be written: {error.strerror}") from error

    def _put_in_place(self) -> None:
        old = self.out.with_name(f".{self.out.name}.{os.getpid()}.old")
        there = self.out.is_dir()
        if there:
            self.out.rename(old)
        try:
            self._temporary.rename(self.out)
        except OSError:
            if there:
                old.rename(self.out)
            raise
        shutil.rmtree(old, ignore_errors=True)


def _own_files(folder: Path, shown: str) -> list[str]:
    """The files that a batch wrote there. InputError if the folder is not a batch's."""
    names = contents(folder)
    if not names:
        return []
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if manifest["made_by"] == _MADE_BY and manifest["schema_version"] != SCHEMA_VERSION:
            raise _refused(f"{shown} holds the blocks of a batch; name another folder")
        if manifest["made_by"] == _MADE_BY:
            return [str(name) for name in manifest["files"]]
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise _refused(
        f"{shown} was not written by this program (it has no {MANIFEST} of ours), "
        "so --force does not replace it; name another folder"
    )


def _refused(message: str) -> InputError:
    return InputError([Problem("--out", "", message)])


def _plain(value: Any) -> Any:
    """A value for a CSV file: 3.0 as 3, the rest as Python reads it back."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return value
