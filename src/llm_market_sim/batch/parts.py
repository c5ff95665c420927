"""Pieces cut into parts, so that many processes have work where worlds are few."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Generic, TypeVar

from llm_market_sim.batch.work import Piece

Done = TypeVar("Done")

_LEAST = 32  # rows a part
_FIXED = 48  # rows that take as long as beginning a part does
_MOST = 8  # parts of a piece


class Parts(Generic[Done]):
    """The parts of all pieces, in order, and what has come of them.

    at_once: rows that a part may have.
    """

    def __init__(self, pieces: Sequence[Piece], jobs: int, at_once: int) -> None:
        least = max((math.ceil((one.stop - one.start) / at_once) for one in pieces), default=1)
        many = max(least, _parts(pieces, jobs))
        self._of: dict[Piece, list[Piece]] = {}  # each part, and those of its piece
        self._come: dict[Piece, dict[Piece, Done]] = defaultdict(dict)  # by a piece's first part
        for piece in pieces:
            edges = [piece.start + (piece.stop - piece.start) * k // many for k in range(many + 1)]
            parts = [piece.part(a, b) for a, b in pairwise(edges) if a < b]
            self._of.update(dict.fromkeys(parts, parts))

    @property
    def all(self) -> list[Piece]:
        """What is to be worked on."""
        return list(self._of)

    def come(self, part: Piece, done: Done) -> list[tuple[Piece, Done]] | None:
        """Note what came of a part; that of its whole piece, in order, if this was the last."""
        parts = self._of[part]
        come = self._come[parts[0]]
        come[part] = done
        if len(come) < len(parts):
            return None
        del self._come[parts[0]]
        return [(one, come[one]) for one in parts]


def _parts(pieces: Sequence[Piece], jobs: int) -> int:
    """Into how many parts each piece is best cut, to be done soonest by so many processes."""
    size = sum(piece.stop - piece.start for piece in pieces) / max(len(pieces), 1)
    allowed = [many for many in range(1, _MOST + 1) if many == 1 or size / many >= _LEAST]
    return min(allowed, key=lambda m: math.ceil(len(pieces) * m / jobs) * (size / m + _FIXED))
