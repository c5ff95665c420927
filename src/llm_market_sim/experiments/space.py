"""The space of assumptions: which parameters are uncertain, over which ranges, and its points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llm_market_sim.market.state import Array

_WIDE = 4.0  # high over low from which a range is taken in logarithms


@dataclass(frozen=True)
class Range:
    """An uncertain parameter: its path, and the lowest and highest value that is plausible.

    Values are spread evenly; where high is at least four times a positive low, evenly in the
    logarithm.
    """

    path: str
    low: float
    high: float

    @property
    def logarithmic(self) -> bool:
        """Whether values are spread evenly in the logarithm."""
        return self.low > 0.0 and self.high >= _WIDE * self.low

    def at(self, unit: Array) -> Array:
        """Values at places 0 (low) to 1 (high), any shape."""
        unit = np.asarray(unit, dtype=float)
        if self.logarithmic:
            inside = self.low * (self.high / self.low) ** unit
        else:
            inside = self.low + (self.high - self.low) * unit
        return np.clip(inside, self.low, self.high)

    def unit(self, values: Array) -> Array:
        """Places of values, the inverse of `at`."""
        values = np.asarray(values, dtype=float)
        if self.logarithmic:
            return np.log(values / self.low) / np.log(self.high / self.low)
        return (values - self.low) / (self.high - self.low)


@dataclass(frozen=True)
class Space:
    """Some uncertain parameters together; D of them."""

    ranges: tuple[Range, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Their paths."""
        return tuple(one.path for one in self.ranges)

    @property
    def facts(self) -> dict[str, list[float]]:
        """Lowest and highest values by path."""
        return {one.path: [one.low, one.high] for one in self.ranges}

    def at(self, unit: Array) -> Array:
        """Points (P, D) of the unit cube as values (P, D)."""
        columns = [one.at(unit[:, k]) for k, one in enumerate(self.ranges)]
        return np.stack(columns, axis=1)

    def unit(self, values: Array) -> Array:
        """Values (P, D) as points of the unit cube."""
        columns = [one.unit(values[:, k]) for k, one in enumerate(self.ranges)]
        return np.stack(columns, axis=1)

    def latin(self, points: int, seed: int) -> Array:
        """A Latin hypercube (points, D) in the unit cube; the same for the same seed."""
        from scipy.stats import qmc

        return np.asarray(qmc.LatinHypercube(len(self.ranges), rng=seed).random(points))
