"""Claims together: how many hold in one world, and which go together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from llm_market_sim.market.state import Array

LEAST = 5  # worlds in each of the four cells of a pair, below which a correlation says little
_RESAMPLES = 1000
_SEED = 20230417  # of the resampling, so that the same worlds give the same interval


@dataclass(frozen=True)
class Pair:
    """Two claims: in how many worlds both, only one and neither hold, and their correlation.

    phi: the correlation of the two indicators, -1 to 1, with a 95 % interval from resampled
    worlds; None where fewer than `LEAST` worlds are in some cell.
    """

    first: str
    second: str
    both: int
    only_first: int
    only_second: int
    neither: int
    phi: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Together:
    """Claims of one scenario, world by world.

    mean, low, high: of the number of claims that hold in a world, its mean over worlds and its
    5 and 95 % quantiles. always, never: claims that hold in every or in no world. pairs: all
    pairs of the others, strongest first.
    """

    claims: tuple[str, ...]
    mean: float
    low: float
    high: float
    always: tuple[str, ...]
    never: tuple[str, ...]
    pairs: tuple[Pair, ...]


def together(held: Mapping[str, Array]) -> Together:
    """From whether each claim holds in each world; bool (W,) by name. ValueError without claims."""
    if not held:
        raise ValueError("no claims")
    names = list(held)
    matrix = np.stack([held[name] for name in names], axis=1).astype(float)  # (W, C)
    counts = np.sum(matrix, axis=1)
    low, high = np.quantile(counts, (0.05, 0.95), method="inverted_cdf")
    always = tuple(name for name in names if np.all(held[name]))
    never = tuple(name for name in names if not np.any(held[name]))
    varied = [k for k, name in enumerate(names) if name not in (*always, *never)]
    return Together(
        claims=tuple(names),
        mean=float(np.mean(counts)),
        low=float(low),
        high=float(high),
        always=always,
        never=never,
        pairs=_pairs([names[k] for k in varied], matrix[:, varied]),
    )


def _pairs(names: list[str], matrix: Array) -> tuple[Pair, ...]:
    worlds = len(matrix)
    both = matrix.T @ matrix
    phi = _phi(both, worlds)
    rng = np.random.default_rng(_SEED)
    drawn = (matrix[rng.integers(worlds, size=worlds)] for _ in range(_RESAMPLES))
    resampled = np.array([_phi(one.T @ one, worlds) for one in drawn])
    ends = np.quantile(resampled, (0.025, 0.975), axis=0)  # (2, C, C)
    found = []
    for i, j in combinations(range(len(names)), 2):
        n = int(both[i, j])
        first, second = int(both[i, i]) - n, int(both[j, j]) - n
        cells = (n, first, second, worlds - n - first - second)
        enough = min(cells) >= LEAST
        told = (float(phi[i, j]), float(ends[0, i, j]), float(ends[1, i, j])) if enough else ()
        found.append(Pair(names[i], names[j], *cells, *told))
    return tuple(sorted(found, key=lambda one: -abs(one.phi) if one.phi is not None else 1.0))


def _phi(both: Array, worlds: int) -> Array:
    """Correlations (C, C) from the numbers of worlds in which two hold; 0 where one is constant."""
    share = np.diagonal(both) / worlds
    spread = np.sqrt(share * (1.0 - share))
    scale = spread[:, None] * spread
    return np.divide(
        both / worlds - share[:, None] * share, scale, out=np.zeros_like(scale), where=scale > 0.0
    )
