"""PRIM: a box of the space of assumptions in which something holds more often than elsewhere.

The method peels the space, slice by slice, towards the points at which it holds (Friedman & Fisher
1999; for scenarios Bryant & Lempert 2010). The search is EMA Workbench's, of version 2 or 3.

Points lie in the unit cube: every parameter runs from 0 to 1, evenly in the scale it is drawn on.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from inspect import signature
from typing import Any, Literal, NamedTuple

import numpy as np

from llm_market_sim.market.state import Array

COVERAGE = 0.5  # the least share of the points that hold which a box must cover
CHANCE = 0.05  # quasi-p from which a limit is not told apart from chance
RESAMPLES = 40

Side = Literal["above", "below"]
_SIDES: tuple[Side, Side] = ("above", "below")


class Limit(NamedTuple):
    """The parameter with this number lies above or below a place in (0, 1)."""

    parameter: int
    side: Side
    at: float


@dataclass(frozen=True)
class Box:
    """A part of the space.

    points: in it. coverage: share of all points that hold which lie in it. density: share of its
    points that hold. quasi_p: for each limit, the chance of at least as many points that hold if
    this limit did nothing (one-sided binomial test); the search has picked the limits, so it
    flatters.
    """

    limits: tuple[Limit, ...]
    points: int
    coverage: float
    density: float
    quasi_p: tuple[float, ...]

    @property
    def parameters(self) -> frozenset[int]:
        """The parameters that it restricts."""
        return frozenset(limit.parameter for limit in self.limits)


@dataclass(frozen=True)
class Search:
    """What PRIM did.

    trajectory: the boxes that it went through, from the whole space on. chosen: the one that is
    reported. dropped: parameters that it restricted to no avail, with their quasi-p.
    """

    trajectory: tuple[Box, ...]
    chosen: Box
    dropped: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Resampled:
    """What the same search finds in halves of the points.

    restricted: (D,) share of the halves whose box restricts a parameter. unseen: mean share of the
    points in the other half that hold, of those in its box. better: share of the halves in which
    that is more than outside the box.
    """

    restricted: Array
    unseen: float
    better: float


def search(unit: Array, yes: Array) -> Search:
    """Peel the space towards the points that hold, and choose a box; (P, D) and bool (P,).

    The rule, fixed beforehand: of the boxes that cover at least half the points that hold, the
    densest; of those within one standard error of it, the fewest restricted parameters, then the
    largest coverage. Then parameters are freed again, the worst first, all of whose limits could be
    chance.
    """
    holding = int(np.sum(yes))
    if holding in (0, len(yes)):
        whole = Box((), len(yes), 1.0, holding / len(yes), ())
        return Search((whole,), whole, ())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of how the library uses others, and parts not used here
        found = _prim(unit, yes).find_box()
        trajectory = tuple(_box(unit, yes, found, place) for place in range(len(found.box_lims)))
        place = _choose(trajectory)
        dropped: list[tuple[int, float]] = []
        while True:
            box = _box(unit, yes, found, place)
            worst, chance = max(_chances(box).items(), key=lambda one: one[1], default=(0, 0.0))
            if chance < CHANCE:
                return Search(trajectory, box, tuple(dropped))
            dropped.append((worst, chance))
            found.drop_restriction(str(worst), place)
            place = len(found.box_lims) - 1


def _prim(unit: Array, yes: Array) -> Any:
    import pandas
    from ema_workbench.analysis.prim import Prim

    frame = pandas.DataFrame(unit, columns=[str(k) for k in range(unit.shape[1])])
    # version 2 throws away all boxes if the last one is less dense than a threshold
    extra = {"threshold": 1e-9} if "threshold" in signature(Prim).parameters else {}
    return Prim(frame, yes.astype(int), **extra)


def _box(unit: Array, yes: Array, found: Any, place: int) -> Box:
    """From the library's rows of minima and maxima; its quasi-p is -1 where there is no limit."""
    lines = found.box_lims[place]
    chances = (found.p_values if hasattr(found, "p_values") else found.qp)[place]  # version 3 or 2
    limits, quasi_p = [], []
    for name, pair in chances.items():
        for row, side in enumerate(_SIDES):
            if pair[row] >= 0.0:
                limits.append(Limit(int(name), side, float(lines[name].iloc[row])))
                quasi_p.append(float(pair[row]))
    mine = yes[inside(unit, limits)]
    return Box(
        tuple(limits),
        len(mine),
        float(np.sum(mine) / np.sum(yes)),
        float(np.mean(mine)),
        tuple(quasi_p),
    )


def inside(unit: Array, limits: Sequence[Limit]) -> Array:
    """Which points lie in a box; its sides belong to it."""
    found = np.ones(len(unit), dtype=bool)
    for parameter, side, at in limits:
        found &= unit[:, parameter] >= at if side == "above" else unit[:, parameter] <= at
    return found


def _choose(trajectory: Sequence[Box]) -> int:
    """The place of the box that the rule of `search` takes."""
    enough = [place for place, box in enumerate(trajectory) if box.coverage >= COVERAGE]
    best = max((trajectory[place] for place in enough), key=lambda box: box.density)
    rate = (best.density * best.points + 1.0) / (best.points + 2.0)  # an error at density 1, too
    least = best.density - math.sqrt(rate * (1.0 - rate) / best.points)

    def merit(place: int) -> tuple[float, ...]:
        box = trajectory[place]
        return (-len(box.parameters), box.coverage, box.density)

    return max((place for place in enough if trajectory[place].density >= least), key=merit)


def _chances(box: Box) -> dict[int, float]:
    """By restricted parameter, the smaller quasi-p of its limits."""
    found: dict[int, float] = {}
    for limit, chance in zip(box.limits, box.quasi_p, strict=True):
        found[limit.parameter] = min(chance, found.get(limit.parameter, 1.0))
    return found


def resample(unit: Array, yes: Array, seed: int) -> Resampled:
    """Search `RESAMPLES` halves of the points, drawn by the seed; unit (P, D), yes bool (P,).

    Halves, as Bryant & Lempert (2010) take them, and not points drawn with replacement: a point
    that is there twice looks like twice the evidence, and chance would be taken for a limit.
    """
    rng = np.random.default_rng(seed)
    restricted, unseen, better = np.zeros(unit.shape[1]), [], 0
    for _ in range(RESAMPLES):
        order = rng.permutation(len(unit))
        seen, other = order[: len(unit) // 2], order[len(unit) // 2 :]
        box = search(unit[seen], yes[seen]).chosen
        restricted[list(box.parameters)] += 1
        there = inside(unit[other], box.limits)
        if np.any(there):
            unseen.append(float(np.mean(yes[other][there])))
            better += bool(np.any(~there) and unseen[-1] > np.mean(yes[other][~there]))
    mean = float(np.mean(unseen)) if unseen else math.nan
    return Resampled(restricted / RESAMPLES, mean, better / RESAMPLES)
