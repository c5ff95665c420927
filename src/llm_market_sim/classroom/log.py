"""What happened in a class, kept in a file: written for good before anybody is told that it was.

One SQLite database with a write-ahead log and full synchronisation, so that neither a killed
process nor a power cut loses what was acknowledged. Events are only ever added.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from llm_market_sim.classroom.room import Event, Refused, Room, after
from llm_market_sim.errors import MarketSimError, mistake

_MAKE = "CREATE TABLE IF NOT EXISTS log (n INTEGER PRIMARY KEY, at REAL NOT NULL, event TEXT)"
_MARK = 0x6C6D73  # of our files, as PRAGMA application_id


class Log:
    """A room's file, held by one process at a time.

    InputError where it is no such file, or another process holds it; MarketSimError where it cannot
    be opened. All calls come from one thread at a time.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        try:
            self._base = sqlite3.connect(file, timeout=1.0, check_same_thread=False)
            self._base.execute("PRAGMA locking_mode=EXCLUSIVE")
            mark, tables = (
                self._number("PRAGMA application_id"),
                self._number("SELECT count(*) FROM sqlite_master"),
            )
            if mark != _MARK and tables:
                raise mistake(file, "is a database of something else")
            self._base.execute("PRAGMA journal_mode=WAL")
            self._base.execute("PRAGMA synchronous=FULL")
            self._base.execute(f"PRAGMA application_id={_MARK}")
            with self._base:
                self._base.execute(_MAKE)
        except sqlite3.DatabaseError as error:
            if "locked" in str(error):
                why = "is in use by another class now; end that one, or name another file"
                raise mistake(file, why) from None
            if "not a database" in str(error):
                raise mistake(file, "is not the file of a class") from None
            raise MarketSimError(f"{file} could not be opened: {error}") from error

    def _number(self, query: str) -> int:
        return int(self._base.execute(query).fetchone()[0])

    def events(self) -> list[tuple[float, Event]]:
        """All that happened: seconds since 1970, and the event."""
        rows = self._base.execute("SELECT at, event FROM log ORDER BY n")
        return [(at, json.loads(text)) for at, text in rows]

    def add(self, events: Sequence[tuple[float, Event]]) -> None:
        """Write events, all or none; when it returns they are on the disk. sqlite3.Error if not."""
        rows = [(at, json.dumps(one, ensure_ascii=False)) for at, one in events]
        with self._base:
            self._base.executemany("INSERT INTO log (at, event) VALUES (?, ?)", rows)

    def close(self) -> None:
        """Let others open it."""
        self._base.close()


class Keeper:
    """The room that is going on: checks an event, writes it, and only then lets it be seen.

    Events that come while others are being written wait, and are written together. The methods
    that are coroutines belong to one event loop.
    """

    def __init__(self, log: Log) -> None:
        self.log = log
        self.room = Room()
        for _, event in log.events():
            try:
                self.room = after(self.room, event)
            except (Refused, LookupError, TypeError):
                number = self.room.events + 1
                why = f"event {number} was written by another version; name a new file"
                raise mistake(log.file, why) from None
        self.version = 0  # counts what could be seen
        self.ahead = self.room  # with those that are not written yet
        self._waiting: list[tuple[float, Event, Room, asyncio.Future[Room]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    async def tell(self, event: Event, check: Callable[[Room], None] | None = None) -> Room:
        """The room after an event that is on the disk.

        check: of the room as it is when the event's turn comes. Refused where it does not fit,
        MarketSimError where it could not be written; nothing has happened then.
        """
        if check is not None:
            check(self.ahead)
        self.ahead = after(self.ahead, event)
        done: asyncio.Future[Room] = asyncio.get_running_loop().create_future()
        self._waiting.append((time.time(), event, self.ahead, done))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        return await done

    async def _write(self) -> None:
        while self._waiting:
            some, self._waiting = self._waiting, []
            try:
                await asyncio.to_thread(self.log.add, [(at, one) for at, one, _, _ in some])
            except Exception as error:
                self.ahead = self.room
                lost, self._waiting = some + self._waiting, []
                for *_, done in lost:
                    if not done.done():
                        why = f"{self.log.file} could not be written: {error}"
                        done.set_exception(MarketSimError(why))
                continue
            self.room = some[-1][2]
            for *_, room, done in some:
                if not done.done():  # whoever asked may have gone
                    done.set_result(room)
            self.wake()
        self._writer = None

    def wake(self) -> None:
        """Let everybody who waits look again."""
        self.version += 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def change(self, since: int, seconds: float) -> None:
        """Wait until the version is another one than `since`, or so long."""
        with contextlib.suppress(TimeoutError):
            while self.version == since:
                await asyncio.wait_for(self._changed.wait(), seconds)
