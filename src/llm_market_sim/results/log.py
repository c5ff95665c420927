"""The log of a result folder: one line a fact, in the order they came, never changed."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

from llm_market_sim.errors import mistake


class Log:
    """A file of JSON lines. Many may read it while one writes."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def read(self) -> list[dict[str, Any]]:
        """All lines that were written whole; a torn last one never happened.

        InputError, with the line, where an earlier one cannot be read.
        """
        try:
            lines = self.file.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        return [self._fact(line, number) for number, line in enumerate(lines[:-1], start=1)]

    def _fact(self, line: bytes, number: int) -> dict[str, Any]:
        try:
            fact = json.loads(line)
            if isinstance(fact, dict) and isinstance(fact.get("what"), str):
                return fact
        except ValueError:
            pass
        text = f"is damaged: {line[:40].decode(errors='replace')!r} is not an entry of a log"
        raise mistake(f"{self.file}:{number}", text)

    def mend(self) -> None:
        """Cut a torn last line off, so that the next one begins a line of its own."""
        if self.file.exists():
            whole = self.file.read_bytes().rfind(b"\n") + 1
            if whole < self.file.stat().st_size:
                os.truncate(self.file, whole)

    def add(self, what: str, **facts: Any) -> dict[str, Any]:
        """Write a line, whole or not at all. OSError if it cannot be written."""
        now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        fact = {"what": what, "at": now} | facts
        line = json.dumps(fact, ensure_ascii=False).encode() + b"\n"
        with self.file.open("ab", buffering=0) as stream:
            before = stream.tell()
            try:
                written = stream.write(line)
                if written != len(line):  # a full disk takes a part first
                    stream.write(line[written:])
                os.fsync(stream.fileno())  # so that a power cut costs the last line at most
            except OSError:
                os.truncate(self.file, before)
                raise
        return fact
