"""How long firms last: life tables in whole weeks, uncertain by worlds and not by firms.

A life is counted in weeks since entry. An exit within the k-th week is an exit of week k; who is
still alive when the watch ends withdraws after the last week that was watched to its end. Firms of
one world share its luck, so all uncertainty is that of drawing other worlds: every world gets a
random weight in each of `REPLICATES` replicates (a Poisson bootstrap by cluster). All that is kept
are sums of whole numbers over worlds, so that neither their number nor their order matters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llm_market_sim.summary.statistics import CONFIDENCE

Array = NDArray[Any]
REPLICATES = 500
_POISSON = np.cumsum([0.36787944117144233 / f for f in (1, 1, 2, 6, 24, 120, 720, 5040, 40320)])
_TAG = 0x5EED  # keeps weights apart from other luck of the same seed


@dataclass(frozen=True, eq=False)
class LifeTable:
    """Counts of lives, along the first axis of N worlds or replicates; G groups, C causes, T weeks.

    exits: in week 1 to T of life, (N, G, C, T). withdrawn: alive after 0 to T weeks, and watched no
    longer, (N, G, T + 1).
    """

    exits: Array
    withdrawn: Array

    def __add__(self, other: LifeTable) -> LifeTable:
        return LifeTable(self.exits + other.exits, self.withdrawn + other.withdrawn)

    @cached_property
    def alive(self) -> Array:
        """Alive and watched so far, after 0 to T weeks, (N, G, T + 1)."""
        gone = np.sum(self.exits, axis=2)
        left = np.concatenate([np.zeros_like(gone[..., :1]), gone], axis=-1)
        left[..., 1:] += self.withdrawn[..., :-1]
        total = np.sum(gone, axis=-1) + np.sum(self.withdrawn, axis=-1)
        return total[..., None] - np.cumsum(left, axis=-1)

    @property
    def at_risk(self) -> Array:
        """Alive when week 1 to T begins, and watched to its end or theirs, (N, G, T)."""
        return self.alive[..., :-1] - self.withdrawn[..., :-1]

    @cached_property
    def _hazards(self) -> Array:
        """Share of those at risk that exits in each week by each cause, (N, G, C, T)."""
        return self.exits / np.maximum(self.at_risk, 1)[:, :, None]

    @cached_property
    def survival(self) -> Array:
        """Share still there after 0 to T weeks (Kaplan and Meier), (N, G, T + 1)."""
        lasting = np.cumprod(1.0 - np.sum(self._hazards, axis=2), axis=-1)
        return np.concatenate([np.ones_like(lasting[..., :1]), lasting], axis=-1)

    @cached_property
    def incidence(self) -> Array:
        """Share gone by each cause after 0 to T weeks (Aalen and Johansen), (N, G, C, T + 1).

        With survival they add up to one: causes compete, and who was bought cannot go bankrupt.
        """
        gone = np.cumsum(self.survival[:, :, None, :-1] * self._hazards, axis=-1)
        return np.concatenate([np.zeros_like(gone[..., :1]), gone], axis=-1)

    @property
    def band(self) -> Array:
        """Pointwise 95 % interval of survival from the replicates, (2, G, T + 1)."""
        tail = (1.0 - CONFIDENCE) / 2
        return np.quantile(self.survival[1:], (tail, 1.0 - tail), axis=0)

    def difference(self, group: int, other: int, week: int) -> tuple[float, float, float]:
        """Survival of a group less that of another after so many weeks, with its 95 % interval.

        Groups of the same worlds share their luck, so this is surer than the two bands suggest.
        """
        apart = self.survival[:, group, week] - self.survival[:, other, week]
        tail = (1.0 - CONFIDENCE) / 2
        low, high = np.quantile(apart[1:], (tail, 1.0 - tail))
        return float(apart[0]), float(low), float(high)


def count_lives(
    entry: Array, exit: Array, cause: Array, group: Array, horizon: int, groups: int, causes: int
) -> LifeTable:
    """Count the lives of firms (W, F) world by world.

    entry, exit: weeks, infinite for never. cause: of the exit, 0 to causes - 1. group: 0 to
    groups - 1, or -1 for a firm that is left out. horizon: week in which the watch ends.
    """
    w, f = np.nonzero((group >= 0) & (entry <= horizon))
    worlds = len(entry)
    begun, which = entry[w, f], group[w, f].astype(int)
    full = np.floor(horizon - begun).astype(int)  # weeks watched to their end
    life = np.ceil(np.minimum(exit[w, f], 2.0 * horizon + 2.0) - begun)
    life = np.maximum(life, 1.0).astype(int)
    gone = life <= full
    exits = np.zeros((worlds, groups, causes, horizon), dtype=np.int64)
    np.add.at(exits, (w[gone], which[gone], cause[w, f][gone].astype(int), life[gone] - 1), 1)
    withdrawn = np.zeros((worlds, groups, horizon + 1), dtype=np.int64)
    np.add.at(withdrawn, (w[~gone], which[~gone], full[~gone]), 1)
    return LifeTable(exits, withdrawn)


def resampled(table: LifeTable, ids: Sequence[int], seed: int) -> LifeTable:
    """Sums over worlds (W of them, by their ids), as they are and in `REPLICATES` replicates.

    The first axis is then 1 + `REPLICATES`. A world has the same weights whoever else is there, so
    tables of several blocks of worlds, or of several scenarios on the same luck, can be added.
    """
    weights = np.ones((1 + REPLICATES, len(ids)))
    for place, world in enumerate(ids):
        uniform = np.random.default_rng((seed, world, _TAG)).random(REPLICATES)
        weights[1:, place] = np.searchsorted(_POISSON, uniform, side="right")

    def summed(counts: Array) -> Array:
        flat = weights @ counts.reshape(len(ids), -1).astype(float)  # whole numbers: exact
        return np.rint(flat).astype(np.int64).reshape(-1, *counts.shape[1:])

    return LifeTable(summed(table.exits), summed(table.withdrawn))


@dataclass(frozen=True)
class LogRank:
    """Whether groups exit at different rates: exits beyond what equal rates would give, by group,
    and the p-value of all of these being luck, firms of one world counting as one draw."""

    excess: tuple[float, ...]
    p_value: float


def log_rank(table: LifeTable) -> LogRank | None:
    """The log-rank test, its covariance taken from replicates; None where it cannot be told.

    Groups without firms are left out of it.
    The statistic is the usual one, observed less expected exits; only its variance is not the
    usual one, which would take every firm for a draw of its own.
    """
    from scipy.special import gammaincc

    exits = np.sum(table.exits, axis=2)
    rate = np.sum(exits, axis=1) / np.maximum(np.sum(table.at_risk, axis=1), 1)
    excess = np.sum(exits - table.at_risk * rate[:, None], axis=-1)  # (N, G)
    total = np.maximum(np.sum(exits, axis=(1, 2)), 1)
    there = np.flatnonzero(table.alive[0, :, 0])
    scaled = (excess / total[:, None])[:, there[1:]]  # the excesses add up to nothing
    if not scaled.shape[1]:
        return None
    covariance = np.atleast_2d(np.cov(scaled[1:], rowvar=False))
    if np.linalg.matrix_rank(covariance) < scaled.shape[1]:
        return None
    square = float(scaled[0] @ np.linalg.solve(covariance, scaled[0]))
    p_value = float(gammaincc(scaled.shape[1] / 2.0, square / 2.0))
    return LogRank(tuple(excess[0].tolist()), p_value)
