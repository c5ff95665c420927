"""Numbers about numbers: intervals of proportions, and the spread of worlds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CONFIDENCE", "QUANTILES", "Bands", "Proportion", "proportion", "spread", "tally", "two_bands",
]  # fmt: skip

CONFIDENCE = 0.95
QUANTILES = (0.05, 0.25, 0.50, 0.75, 0.95)


@dataclass(frozen=True)
class Proportion:
    """Something held in `hits` of `worlds` worlds; low and high bound its share (0 to 1)."""

    hits: int
    worlds: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """The estimate, 0 to 1."""
        return self.hits / self.worlds

    @property
    def estimate(self) -> str:
        """The share in words; never 0 % or 100 % where only some worlds were looked at."""
        if self.hits == 0:
            return f"below {_percent(3.0 / self.worlds)}"
        if self.hits == self.worlds:
            return f"above {_percent(1.0 - 3.0 / self.worlds)}"
        return _percent(self.share)

    @property
    def interval(self) -> str:
        """The interval in words."""
        return f"{_percent(self.low)[:-2]} to {_percent(self.high)}"


def _percent(share: float) -> str:
    """A share in per cent, with as many digits as its distance from 0 or 100 needs."""
    share = min(max(share, 0.0), 1.0)
    edge = min(share, 1.0 - share)
    digits = 0 if edge == 0.0 or edge >= 0.1 else 1 if edge >= 0.01 else 2 if edge >= 1e-4 else 4
    return f"{100.0 * share:.{digits}f} %"


def proportion(hits: int, worlds: int) -> Proportion:
    """A proportion with its 95 % interval after Wilson (1927). ValueError without worlds.

    Two lines of arithmetic, since the library that has them takes half a second to import; the
    tests hold it against that library.
    """
    if not 0 <= hits <= worlds or worlds < 1:
        raise ValueError(f"{hits} hits in {worlds} worlds is no proportion")
    z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
    share = hits / worlds
    middle = (share + z**2 / (2 * worlds)) / (1 + z**2 / worlds)
    half = (
        z / (1 + z**2 / worlds) * math.sqrt(share * (1 - share) / worlds + z**2 / (4 * worlds**2))
    )
    low = 0.0 if hits == 0 else middle - half
    high = 1.0 if hits == worlds else middle + half
    return Proportion(hits, worlds, low, high)


def spread(values: NDArray[Any]) -> NDArray[np.float64]:
    """Mean and `QUANTILES` over worlds, axis 0: (W, …) to (1 + len(QUANTILES), …)."""
    wide = np.asarray(values, dtype=np.float64)
    quantiles = np.quantile(wide, QUANTILES, axis=0)
    return np.concatenate([np.mean(wide, axis=0, keepdims=True), quantiles])


def tally(values: NDArray[Any]) -> tuple[int, ...] | None:
    """In how many worlds a count was 0, 1, 2 …; None where the values are no counts."""
    whole = np.all(values >= 0) and np.all(values < 1000) and np.all(values == np.floor(values))
    return tuple(np.bincount(values.astype(int)).tolist()) if whole else None


@dataclass(frozen=True)
class Bands:
    """A number whose worlds differ by luck and by parameters, the two kept apart.

    mean: over all worlds. worlds: 5 and 95 % of the worlds of a middling draw of parameters.
    parameters: 5 and 95 % of the means of draws.
    """

    mean: float
    worlds: tuple[float, float]
    parameters: tuple[float, float]


def two_bands(values: NDArray[Any]) -> Bands:
    """Bands of numbers (draws, worlds of each). ValueError with fewer than two of either.

    worlds: the median over draws of each quantile. parameters: means of draws, drawn together
    around their mean by as much as luck alone has spread them (the moment estimate of variance
    components: a draw's mean of R worlds varies by the worlds' variance over R).
    """
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 2 or min(x.shape) < 2:
        raise ValueError(f"values of shape {x.shape} have no two bands")
    within = np.quantile(x, (0.05, 0.95), axis=1)
    means = np.mean(x, axis=1)
    apart = float(np.var(means, ddof=1))
    luck = float(np.mean(np.var(x, axis=1, ddof=1))) / x.shape[1]
    kept = math.sqrt(max(0.0, 1.0 - luck / apart)) if apart > 0.0 else 0.0
    middle = float(np.mean(means))
    low, high = np.quantile(middle + kept * (means - middle), (0.05, 0.95))
    worlds = (float(np.median(within[0])), float(np.median(within[1])))
    return Bands(middle, worlds, (float(low), float(high)))
