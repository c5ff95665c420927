"""What lets time pass: machine code, or plain Python where a debugger is to look on."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from llm_market_sim.market.week import Engine, Plain

__all__ = ["engine_for"]


def engine_for(params: np.dtype[Any]) -> Engine:
    """What runs rules with parameters of this layout: compiled, but where Numba's own switch
    ``NUMBA_DISABLE_JIT=1`` asks for plain Python."""
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        return Plain()
    from llm_market_sim.market.compiling import compiled  # imports Numba, which most commands spare

    return compiled(params)
