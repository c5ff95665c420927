"""Is the fit to be trusted? Held-back truths, a second method, and what each target adds.

All of it is read off the bank that gave the posterior; nothing is simulated again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from llm_market_sim.errors import MarketSimError
from llm_market_sim.experiments.calibration import Bank, effective, learned
from llm_market_sim.market.state import Array

LEVELS = (0.5, 0.8, 0.9)  # of the central intervals whose coverage is told
BINS = 10  # of a histogram of ranks
_TREES, _LEAF, _PART = 200, 20, 0.25  # of the forest: trees, least members in a leaf, of the bank


@dataclass(frozen=True)
class Ranks:
    """Where the truths of H held-back members lie in the posteriors that their histories give.

    place: of each truth, 0 below all draws to 1 above all; (H, D). Uniform where the method is
    right (Talts et al. 2018). widened: factors that errors were widened by; (H,).
    """

    place: Array
    widened: Array

    def covered(self, level: float) -> Array:
        """Share of truths inside the central interval of a level, of each parameter; (D,)."""
        return np.mean(np.abs(self.place - 0.5) <= 0.5 * level, axis=0)

    def histogram(self, k: int) -> Array:
        """Truths in each tenth of the posterior, of a parameter; (BINS,)."""
        return np.histogram(self.place[:, k], bins=BINS, range=(0.0, 1.0))[0]

    def uniform(self, k: int) -> float:
        """Chance of a histogram at least as uneven, were the places uniform (chi-square)."""
        found, expected = self.histogram(k), len(self.place) / BINS
        return float(chi2.sf(np.sum((found - expected) ** 2) / expected, BINS - 1))


def rank(bank: Bank, held: int, seed: int) -> Ranks:
    """The method that gives the posterior, applied to members that it does not know.

    The first `held` members are held back; each is seen with errors of the sizes that the facts
    have, and its truth is looked for among all others.
    """
    rng = np.random.default_rng((seed, 1))
    mine = np.arange(held)
    places, widened = [], []
    for member in range(held):
        found = bank.weigh(bank.seen_with_error(member, rng), held=mine)
        widened.append(found.widened)
        there = np.flatnonzero(found.weights > 1e-12)
        places.append(found.weights[there] @ (bank.unit[there] < bank.unit[member]))
    return Ranks(np.array(places), np.array(widened))


@dataclass(frozen=True)
class Added:
    """What a target adds to all others.

    bits: how far the posterior moves by it (Kullback and Leibler). least: draws that the posterior
    without it is worth. most: the parameter whose overlap with its range falls most by it, and by
    how much.
    """

    target: str
    bits: float
    least: float
    most: str
    fall: float


def added(bank: Bank, overlaps: Array) -> list[Added]:
    """Each target left out. overlaps: those of all targets together; (D,)."""
    full = bank.weigh().weights
    there = full > 0.0
    found = []
    for k, target in enumerate(bank.targets):
        found_without = bank.weigh(without=k)
        other = found_without.weights
        bits = float(np.sum(full[there] * np.log2(full[there] / other[there])))
        fall = np.array([one.overlap for one in learned(bank.space, bank.unit, other)]) - overlaps
        most = int(np.argmax(fall))
        name = bank.space.names[most]
        found.append(Added(target.id, bits, found_without.worth, name, float(fall[most])))
    return found


@dataclass(frozen=True)
class Second:
    """What a forest of regression trees makes of the same bank, for P parameters.

    apart: largest difference of the two posteriors' distribution functions; (P,). chance: what
    two samples of their sizes differ by in one case of twenty (Kolmogorov and Smirnov), had all
    parameters been looked at alone. middle: its medians, in the unit cube; (P,). covered: share
    of held-back truths inside its own central 90 %; (P,).
    """

    apart: Array
    chance: float
    middle: Array
    covered: Array


def second(bank: Bank, columns: Sequence[int], held: int, seed: int) -> Second:
    """Compare with a quantile regression forest (Meinshausen 2006; Raynal et al. 2019 for ABC).

    It knows nothing of errors' sizes or of a likelihood: it learns from histories as they would
    have been seen, and weighs members that end in the same leaves as what was seen.
    MarketSimError where scikit-learn is missing.
    """
    try:
        from sklearn.ensemble import RandomForestRegressor
    except ImportError:
        raise MarketSimError("a second method needs scikit-learn: the extra analysis") from None
    rng = np.random.default_rng((seed, 2))
    noise = rng.normal(size=bank.compared.shape)
    seen = bank.compared / bank.error + noise
    known = np.arange(held, len(seen))
    truth = bank.unit[:, columns]
    forest = RandomForestRegressor(
        n_estimators=_TREES,
        min_samples_leaf=_LEAF,
        max_features=1.0 / 3.0,
        max_samples=_PART,
        random_state=seed,
        n_jobs=1,
    ).fit(seen[known], np.squeeze(truth[known]))
    leaves = forest.apply(seen[known])  # (N, trees)
    sizes = [np.bincount(tree) for tree in leaves.T]

    def weights(at: Array) -> Array:
        total = np.zeros(len(known))
        for tree, leaf in enumerate(forest.apply(at[None])[0]):
            total[leaves[:, tree] == leaf] += 1.0 / sizes[tree][leaf]
        return total / _TREES

    here = weights(bank.observed / bank.error)
    mine = bank.weigh(held=np.arange(held)).weights[known]
    grid = np.linspace(0.0, 1.0, 201)
    apart = [
        np.max(np.abs(_below(truth[known, k], mine, grid) - _below(truth[known, k], here, grid)))
        for k in range(len(columns))
    ]
    inside = []
    for member in range(held):
        one = weights(seen[member])
        place = one @ (truth[known] < truth[member])
        inside.append(np.abs(place - 0.5) <= 0.45)
    chance = 1.36 * np.sqrt(1.0 / effective(mine) + 1.0 / effective(here))
    middle = [
        grid[np.searchsorted(_below(truth[known, k], here, grid), 0.5)] for k in range(len(columns))
    ]
    return Second(np.array(apart), float(chance), np.array(middle), np.mean(inside, axis=0))


def _below(x: Array, weights: Array, grid: Array) -> Array:
    """Distribution function of weighted numbers (N,) at the points of a grid."""
    order = np.argsort(x, kind="stable")
    total = np.concatenate([[0.0], np.cumsum(weights[order])])
    return total[np.searchsorted(x[order], grid, side="right")]
