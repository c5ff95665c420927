"""History matching: which assumptions does the past not rule out?

A point in the space of assumptions is implausible where its simulated past lies further from the
observed one than measurement, chance and the model's known shortcomings explain (Craig et al.
1997; McCulloch et al. 2022 for agent-based models). No emulator stands between: every point is
simulated. A population of points moves in waves, each with a lower bound of implausibility; once
the bound is 3, some more waves weigh the points that are left by how well they fit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from llm_market_sim.claims import Measurement
from llm_market_sim.errors import MarketSimError
from llm_market_sim.experiments.space import Space
from llm_market_sim.market.state import Array
from llm_market_sim.words import percent

BOUND = 3.0  # of implausibility; Pukelsheim's three sigma rule
_MOST_WAVES = 30

Simulate = Callable[[Array, str], Mapping[str, Array]]
"""(values (P, D), name of the step) to the numbers (P, R) of every target."""


class Observed(Protocol):
    """One number of the past with what it may be off by."""

    id: str
    value: float
    observation: float
    discrepancy: float
    log: bool

    @property
    def measurement(self) -> Measurement:
        """How a world's own number is taken."""
        ...


@dataclass(frozen=True)
class Wave:
    """One wave: its bound, the share of proposed moves that were taken, and whether it weighed."""

    bound: float
    taken: float
    weighed: bool


@dataclass(frozen=True)
class Matched:
    """What is left: N draws, equally likely, that the past does not rule out."""

    space: Space
    unit: Array  # (N, D), in the unit cube
    implausibility: Array  # (N, T)
    fit: Array  # (N,) log likelihood but for a constant
    means: Array  # (N, T) mean over worlds of every target's number
    first: Array  # (P, T) implausibility of the first design
    waves: tuple[Wave, ...]

    @property
    def values(self) -> Array:
        """The draws as values (N, D)."""
        return self.space.at(self.unit)


def implausibility(target: Observed, x: Array) -> tuple[Array, Array]:
    """Distance of simulated worlds (P, R) from a target, in standard deviations, and these; (P,).

    |mean - observed| / sqrt(V_observation + V_discrepancy + V_worlds (1 + 1/R)): what was observed
    is one world, so the spread of worlds counts in full beside the error of their mean.
    """
    y, observed = x, target.value
    if target.log:
        y, observed = np.log(np.maximum(x, 1e-3 * target.value)), float(np.log(target.value))
    worlds = y.shape[1]
    chance = np.var(y, axis=1, ddof=1 if worlds > 1 else 0) * (1.0 + 1.0 / worlds)
    known = target.observation**2 + target.discrepancy**2
    deviation = np.sqrt(known + chance + 1e-300)
    return np.abs(np.mean(y, axis=1) - observed) / deviation, deviation


def match(
    space: Space,
    simulate: Simulate,
    targets: Sequence[Observed],
    *,
    points: int = 2000,
    draws: int = 400,
    settle: int = 8,
    seed: int = 1,
    told: Callable[[str], None] = lambda text: None,
) -> Matched:
    """Narrow a space down to what the targets do not rule out.

    A Latin hypercube of `points` begins; the best `draws` of it move by differences of others (ter
    Braak 2006) while the bound on the largest implausibility falls by halves of the population to
    `BOUND`; then `settle` waves accept moves by the (normal) likelihood of the targets, too.
    simulate must give the same numbers for the same values (the same luck at every point). told:
    a line a wave. MarketSimError where no point comes below the bound.
    """
    rng = np.random.default_rng(seed)

    def look(unit: Array, step: str) -> _Population:
        x = simulate(space.at(unit), step)
        means = np.stack([np.mean(x[target.id], axis=1) for target in targets], axis=1)
        pairs = [implausibility(target, x[target.id]) for target in targets]
        apart, deviation = (np.stack(one, axis=1) for one in zip(*pairs, strict=True))
        fit = -np.sum(0.5 * apart**2 + np.log(deviation), axis=1)
        return _Population(unit, apart, fit, means)

    unit = space.latin(points, seed)
    first = look(unit, "design")
    here = first.take(np.argsort(first.worst, kind="stable")[:draws])
    told(f"design: {points} points, {np.mean(here.worst <= BOUND) * draws:.0f} not ruled out")
    waves: list[Wave] = []
    settled = 0
    while settled < settle:
        bound = max(BOUND, float(np.median(here.worst)))
        if len(waves) == _MOST_WAVES:
            raise MarketSimError(
                f"after {_MOST_WAVES} waves half of the points are still {bound:.1f} standard "
                "deviations or more from some target: the ranges do not hold the past"
            )
        here = here.kept(here.worst <= bound, rng)
        weighed = bool(np.all(here.worst <= BOUND)) and bound <= BOUND
        taken = []
        for half in (0, 1):
            here, share = _move(
                here, half, look, bound, weighed, rng, f"wave-{len(waves):02d}-{half}"
            )
            taken.append(share)
        waves.append(Wave(bound, float(np.mean(taken)), weighed))
        settled += weighed
        told(
            f"wave {len(waves)}: bound {bound:.2f}, {percent(float(np.mean(taken)))} of moves taken"
        )
    return Matched(space, here.unit, here.apart, here.fit, here.means, first.apart, tuple(waves))


@dataclass(frozen=True)
class _Population:
    unit: Array  # (N, D)
    apart: Array  # (N, T)
    fit: Array  # (N,)
    means: Array  # (N, T)

    @property
    def worst(self) -> Array:
        return np.asarray(np.max(self.apart, axis=1))

    def take(self, rows: Array) -> _Population:
        return _Population(*(one[rows] for one in self._parts))

    def put(self, rows: Array, new: _Population) -> _Population:
        """A copy with some rows replaced."""
        parts = [one.copy() for one in self._parts]
        for old, fresh in zip(parts, new._parts, strict=True):
            old[rows] = fresh
        return _Population(*parts)

    @property
    def _parts(self) -> tuple[Array, ...]:
        return self.unit, self.apart, self.fit, self.means

    def kept(self, good: Array, rng: np.random.Generator) -> _Population:
        """Those that are good, and random ones of them in the places of the others."""
        rows = np.arange(len(good))
        rows[~good] = rng.choice(rows[good], size=int(np.sum(~good)))
        return self.take(rows)


def _move(
    here: _Population,
    half: int,
    look: Callable[[Array, str], _Population],
    bound: float,
    weighed: bool,
    rng: np.random.Generator,
    step: str,
) -> tuple[_Population, float]:
    """Propose a move to every second point by the difference of two of the others."""
    count, dims = here.unit.shape
    mine, others = np.arange(half, count, 2), np.arange(1 - half, count, 2)
    pairs = np.stack([rng.choice(others, size=2, replace=False) for _ in mine])
    # mostly short steps that are often taken, now and then one from mode to mode
    length = np.where(rng.uniform(size=(len(mine), 1)) < 0.1, 1.0, 2.38 / np.sqrt(2.0 * dims))
    jump = here.unit[pairs[:, 0]] - here.unit[pairs[:, 1]]
    moved = here.unit[mine] + length * jump + 1e-3 * rng.normal(size=(len(mine), dims))
    moved = 1.0 - np.abs(1.0 - np.abs(moved) % 2.0)  # reflected at the walls
    new = look(moved, step)
    good = new.worst <= bound
    if weighed:
        good &= np.log(rng.uniform(size=len(mine))) <= new.fit - here.fit[mine]
    return here.put(mine[good], new.take(good)), float(np.mean(good))
