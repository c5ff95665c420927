"""A map of a claim over two parameters: its share of worlds, cell by cell, with an interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from llm_market_sim.batch import Plan
from llm_market_sim.experiments.runner import plan_points
from llm_market_sim.experiments.spec import Loaded, Pair, Spec
from llm_market_sim.market.state import Array
from llm_market_sim.summary.statistics import CONFIDENCE, scored

_RESAMPLES = 1000
_SEED = 1  # of the resampling


class Map(Spec):
    """A question of two parameters: one YAML file."""

    command = "map"
    parameters: Annotated[dict[str, Pair | None], Field(min_length=2, max_length=2)] = Field(
        description="paths of the two parameters, across and up, each with [lowest, highest], or "
        "with nothing where the parameter is declared with a plausible range"
    )
    cells: int = Field(12, ge=2, le=100, description="cells along each side")
    worlds: int = Field(100, ge=1, le=1_000_000, description="worlds in each cell, same in all")


@dataclass(frozen=True)
class ClaimMap:
    """What was found in N x N cells; all (N, N), the first parameter along the first axis.

    share: of worlds in which the claim holds, with its Wilson interval. moves: by how much the
    share differs along each parameter, as the largest less the smallest of its averages over the
    other one. more: which of the two moves it more (0 or 1), None where resampled worlds disagree.
    """

    share: Array
    low: Array
    high: Array
    averages: tuple[Array, Array]  # (N,) along each parameter
    more: int | None

    @property
    def undecided(self) -> Array:
        """Cells whose interval covers one half; bool."""
        return np.asarray((self.low <= 0.5) & (self.high >= 0.5))

    @property
    def moves(self) -> tuple[float, float]:
        """By how much each parameter moves the share, 0 to 1."""
        return (float(np.ptp(self.averages[0])), float(np.ptp(self.averages[1])))


def plan(loaded: Loaded[Map], **more: Any) -> Plan:
    """The middles of all cells, and the worlds in each. more: as in `Plan`."""
    spec, space = loaded.spec, loaded.space
    middles = (np.arange(spec.cells) + 0.5) / spec.cells
    unit = np.stack(np.meshgrid(middles, middles, indexing="ij"), axis=-1).reshape(-1, 2)
    design = {"design": "cells", "cells": spec.cells, "ranges": space.facts}
    return plan_points(loaded, unit, design=design, **more)


def analyse(loaded: Loaded[Map], x: Array) -> ClaimMap:
    """The map, given the claim's number in every cell, (cells², R)."""
    side = loaded.spec.cells
    return cover(loaded.claim.scores(x).reshape(side, side, -1))


def cover(scores: Array) -> ClaimMap:
    """Shares and intervals from the scores of cells and worlds, (N, N, R)."""
    cells = [[scored(cell) for cell in row] for row in scores]
    share, low, high = (
        np.array([[getattr(cell, part) for cell in row] for row in cells])
        for part in ("share", "low", "high")
    )
    averages = (np.mean(share, axis=1), np.mean(share, axis=0))
    return ClaimMap(share, low, high, averages, _more(scores))


def _more(holds: Array) -> int | None:
    """Which of the two parameters moves the share more, in 95 of 100 draws of worlds anew."""
    worlds = holds.shape[2]
    rng = np.random.default_rng(_SEED)
    drawn = rng.multinomial(worlds, np.full(worlds, 1.0 / worlds), size=_RESAMPLES) / worlds
    first, second = (np.ptp(np.mean(holds, axis=axis) @ drawn.T, axis=0) for axis in (1, 0))
    for which, wins in enumerate((first > second, second > first)):
        if np.mean(wins) >= CONFIDENCE:
            return which
    return None
