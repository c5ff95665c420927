"""One writer a folder: a lock that the system gives back when its holder dies, however it dies."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path

from llm_market_sim.errors import mistake


class Lock:
    """Held from `take` to `free`. The file stays; only a living process can hold it."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._descriptor: int | None = None

    def take(self) -> None:
        """InputError if another process holds it. OSError if the file cannot be made."""
        import fcntl

        descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = f"{self.file.parent} is being written by {self._holder(descriptor)}"
            os.close(descriptor)
            raise mistake("--out", text) from None
        except OSError:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps([platform.node(), os.getpid()]).encode(), 0)

    def free(self) -> None:
        """Let others write."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    @staticmethod
    def _holder(descriptor: int) -> str:
        try:
            node, process = json.loads(os.pread(descriptor, 1000, 0))
        except (ValueError, OSError):
            return "another batch now; wait for it, or name another folder"
        return f"process {process} on {node} now; wait for it, or name another folder"
