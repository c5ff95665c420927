"""Blocks cut into parts, so that many processes have work where worlds are few."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Generic, TypeVar

from llm_market_sim.batch.work import Block

__all__ = ["Parts"]

Done = TypeVar("Done")

_LEAST = 32  # worlds a part
_FIXED = 48  # worlds that take as long as beginning a part does
_MOST = 8  # parts of a block


class Parts(Generic[Done]):
    """The parts of all blocks, in order, and what has come of them."""

    def __init__(self, blocks: Sequence[Block], jobs: int) -> None:
        many = _parts(blocks, jobs)
        self._of: dict[Block, list[Block]] = {}  # each part, and its block's parts
        self._come: dict[Block, dict[Block, Done]] = defaultdict(dict)  # by a block's first part
        for block in blocks:
            edges = [block.start + (block.stop - block.start) * k // many for k in range(many + 1)]
            parts = [Block(block.scenario, a, b) for a, b in pairwise(edges) if a < b]
            self._of.update(dict.fromkeys(parts, parts))

    @property
    def all(self) -> list[Block]:
        """What is to be worked on."""
        return list(self._of)

    def come(self, part: Block, done: Done) -> list[tuple[Block, Done]] | None:
        """Note what came of a part; that of its whole block, in order, if this was the last."""
        parts = self._of[part]
        come = self._come[parts[0]]
        come[part] = done
        if len(come) < len(parts):
            return None
        del self._come[parts[0]]
        return [(one, come[one]) for one in parts]


def _parts(blocks: Sequence[Block], jobs: int) -> int:
    """Into how many parts each block is best cut, to be done soonest by so many processes."""
    size = sum(block.stop - block.start for block in blocks) / max(len(blocks), 1)
    allowed = [many for many in range(1, _MOST + 1) if many == 1 or size / many >= _LEAST]
    return min(allowed, key=lambda m: math.ceil(len(blocks) * m / jobs) * (size / m + _FIXED))
