"""What lets time pass: the rules compiled, or as they stand in plain Python."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from llm_market_sim.market.luck import draw_exponentials
from llm_market_sim.market.rule import Phase
from llm_market_sim.market.week import NO_GUESTS, Guests, Span, run_ticks

__all__ = ["Engine", "Plain", "engine_for"]


class Engine(Protocol):
    """Whatever can let time pass."""

    def run(
        self,
        span: Span,
        rules: Sequence[Phase],
        observers: Sequence[Phase],
        closes: bool = True,
        guests: Guests = NO_GUESTS,
    ) -> None:
        """As `run_ticks`."""
        ...

    def draw(self, worlds: Any, firms: Any, stream: Any, out: Any) -> None:
        """As `luck.draw_exponentials`."""
        ...


class Plain:
    """The rules as they stand, in plain Python: for a debugger, for coverage, and as a check."""

    def run(
        self,
        span: Span,
        rules: Sequence[Phase],
        observers: Sequence[Phase],
        closes: bool = True,
        guests: Guests = NO_GUESTS,
    ) -> None:
        """As `run_ticks`."""
        with np.errstate(all="ignore"):
            tables = [one.rule for one in rules], [one.rule for one in observers]
            run_ticks(*span, *tables, closes, *guests)

    def draw(self, worlds: Any, firms: Any, stream: Any, out: Any) -> None:
        """As `luck.draw_exponentials`."""
        draw_exponentials(worlds, firms, stream, out)


def engine_for(params: np.dtype[Any]) -> Engine:
    """What runs rules with parameters of this layout: compiled, but where Numba's own switch
    ``NUMBA_DISABLE_JIT=1`` asks for plain Python."""
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        return Plain()
    from llm_market_sim.market.compiling import compiled  # imports Numba, which most commands spare

    return compiled(params)
