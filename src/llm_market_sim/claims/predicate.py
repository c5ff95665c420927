"""What a claim says about a number x: a chain of comparisons, read by a grammar of five lines.

    chain    = operand (sign operand)+
    operand  = x | number
    sign     = < | <= | > | >= | == | !=

Nothing is ever evaluated as Python.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from llm_market_sim.market.state import Array

_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}
_TOKEN = re.compile(
    r"\s*(?:(?P<sign><=|>=|==|!=|<|>)|(?P<x>x)(?!\w)"
    r"|(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?![\w.]))"
)
_EXAMPLE = 'write comparisons of x with numbers, such as "3 <= x <= 5" or "x >= 0.5"'


@dataclass(frozen=True)
class Predicate:
    """A chain such as ``3 <= x <= 5``: operands (None is x) with the signs between them."""

    text: str
    operands: tuple[float | None, ...]
    signs: tuple[str, ...]

    def outcomes(self, low: float, high: float, whole: bool = False) -> set[bool]:
        """What it can be for values from low to high, whole: for whole numbers only."""
        numbers = sorted({number for number in self.operands if number is not None})
        tried = {low, high, *numbers}
        for left, right in pairwise(sorted(one for one in tried if math.isfinite(one))):
            tried.add((left + right) / 2)
        for number in numbers or [0.0]:
            tried |= {number - 1.0, number + 1.0}
        if whole:
            tried = {
                end(one) for one in tried if math.isfinite(one) for end in (math.floor, math.ceil)
            }
        x = np.array(sorted(one for one in tried if low <= one <= high))
        return set(self.holds(x).tolist())

    def holds(self, x: Array) -> Array:
        """Where it is true; bool, of the shape of x. It never holds where x is NaN."""
        x = np.asarray(x, dtype=float)
        true = ~np.isnan(x)
        for left, sign, right in zip(self.operands, self.signs, self.operands[1:], strict=False):
            true = true & _SIGNS[sign](x if left is None else left, x if right is None else right)
        return true


def parse(text: str) -> Predicate:
    """Read a predicate. ValueError where it is none, or where x could not make it false or true."""
    tokens: list[tuple[str, str]] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError(f"cannot be read from {text[at:].strip()[:20]!r} on; {_EXAMPLE}")
        tokens.append((str(found.lastgroup), found.group().strip()))
        at = found.end()
    roles = ["sign" if kind == "sign" else "operand" for kind, _ in tokens]
    if len(tokens) < 3 or roles != (["operand", "sign"] * len(tokens))[: len(tokens)]:
        raise ValueError(f"is not a chain of comparisons; {_EXAMPLE}")
    if roles[-1] == "sign":
        raise ValueError(f"ends with {tokens[-1][1]!r}; {_EXAMPLE}")
    operands = tuple(None if kind == "x" else float(word) for kind, word in tokens[::2])
    numbers = sorted({number for number in operands if number is not None})
    if not all(math.isfinite(number) for number in numbers):
        raise ValueError("holds a number that is too large")
    if None not in operands:
        raise ValueError(f"does not mention x; {_EXAMPLE}")
    predicate = Predicate(" ".join(text.split()), operands, tuple(w for _, w in tokens[1::2]))
    can_be = predicate.outcomes(-math.inf, math.inf)
    if len(can_be) == 1:
        raise ValueError(f"is {'always' if True in can_be else 'never'} true, whatever x is")
    return predicate
