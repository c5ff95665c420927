"""Numbers about numbers: intervals of proportions, the spread of worlds, and pairs of worlds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llm_market_sim.words import number, percent, percents, points

CONFIDENCE = 0.95
QUANTILES = (0.05, 0.25, 0.50, 0.75, 0.95)


@dataclass(frozen=True)
class Proportion:
    """Something held in `hits` of `worlds` worlds; low and high bound its share (0 to 1).

    ties: worlds that speak neither way, each of which counts as half of one.
    """

    hits: int
    worlds: int
    low: float
    high: float
    ties: int = 0

    @property
    def share(self) -> float:
        """The estimate, 0 to 1."""
        return (self.hits + self.ties / 2) / self.worlds

    @property
    def estimate(self) -> str:
        """The share in words; never 0 % or 100 % where only some worlds were looked at."""
        if self.hits + self.ties == 0:
            return f"below {percent(min(3.0 / self.worlds, 1.0), digits=None)}"
        if self.hits == self.worlds:
            return f"above {percent(max(1.0 - 3.0 / self.worlds, 0.0), digits=None)}"
        return percent(self.share, digits=None)

    @property
    def short(self) -> str:
        """The estimate in per cent, as short as it goes: ``41``, ``<0.75``, ``>99``."""
        edge = min(300.0 / self.worlds, 100.0)
        if self.hits + self.ties == 0:
            return f"<{number(edge, 2)}"
        if self.hits == self.worlds:
            return f">{int(100.0 - edge)}" if edge >= 1.0 else ">99"
        if self.share > 0.99:
            return f"{min(100.0 * self.share, 99.9):.1f}"
        return points(self.share) if self.share >= 0.01 else f"{100.0 * self.share:.2g}"

    @property
    def interval(self) -> str:
        """The interval in words."""
        return percents(self.low, self.high, digits=None)


def proportion(hits: int, worlds: int, ties: int = 0) -> Proportion:
    """A proportion with its 95 % interval after Wilson (1927). ValueError without worlds.

    A tie counts as half, so scores of 0, 1/2 and 1 spread less than those of 0 and 1 with the same
    mean p: by p (1 - p) - t / 4 and not p (1 - p), with a share t of ties. The interval is that of
    as many more worlds as would bring the same error (Kish's effective size); t is taken over two
    worlds more than there are, or ties alone would leave no error at all.

    A few lines of arithmetic, since the library that has Wilson's interval takes half a second to
    import; the tests hold it against that library.
    """
    if not 0 <= hits <= worlds - ties <= worlds or worlds < 1:
        raise ValueError(f"{hits} hits in {worlds} worlds are not a proportion")
    z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
    share = (hits + ties / 2) / worlds
    n, variance = float(worlds), share * (1 - share)
    if ties:
        n *= variance / (variance - ties / (worlds + 2) / 4)
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(variance / n + z**2 / (4 * n**2))
    low = 0.0 if share == 0.0 else middle - half
    high = 1.0 if share == 1.0 else middle + half
    return Proportion(hits, worlds, low, high, ties)


def scored(scores: NDArray[Any]) -> Proportion:
    """The proportion of scores, whatever their shape: 1 for a hit, 0 for none, ½ for a tie."""
    hits, ties = int(np.sum(scores == 1.0)), int(np.sum(scores == 0.5))
    return proportion(hits, scores.size, ties)


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


@dataclass(frozen=True)
class Effect:
    """What a change does to a number: its mean over worlds, and the 95 % interval of that."""

    mean: float
    low: float
    high: float


def effect(differences: NDArray[Any]) -> Effect | None:
    """Student's t over worlds (W,) that have a number; None where fewer than two have."""
    from scipy.special import stdtrit

    known = np.asarray(differences, dtype=np.float64)
    known = known[np.isfinite(known)]
    if len(known) < 2:
        return None
    mean, error = float(np.mean(known)), float(np.std(known, ddof=1)) / math.sqrt(len(known))
    half = float(stdtrit(len(known) - 1, 0.5 + CONFIDENCE / 2)) * error
    return Effect(mean, mean - half, mean + half)


@dataclass(frozen=True)
class PairedDifference:
    """A number in the same worlds before and after a change; differences are after less before.

    before: its mean before. mean: the mean difference. low, high: 95 % interval of that, by
    Student's t over worlds. p_value: of its t test. rose, fell, same: worlds. correlation: of
    before and after, None where one of them is constant. gain: how many times as many worlds would
    be needed without pairing, which is the variance of an unpaired difference over that of the
    paired one; None where all worlds differ alike.
    """

    before: float
    mean: float
    low: float
    high: float
    p_value: float
    rose: int
    fell: int
    same: int
    correlation: float | None
    gain: float | None

    @property
    def after(self) -> float:
        """Its mean after."""
        return self.before + self.mean

    @property
    def worlds(self) -> int:
        """Number of worlds."""
        return self.rose + self.fell + self.same


def paired(before: NDArray[Any], after: NDArray[Any]) -> PairedDifference:
    """Compare numbers (W,) of the same worlds. ValueError with fewer than two, or none in some."""
    a, b = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1 or len(a) < 2:
        raise ValueError(f"numbers of shape {a.shape} and {b.shape} are not pairs of worlds")
    if not (np.all(np.isfinite(a)) and np.all(np.isfinite(b))):
        raise ValueError("some world has no number")
    from scipy.special import stdtr

    difference = b - a
    found = effect(difference)
    assert found is not None  # all are finite, and at least two
    error = float(np.std(difference, ddof=1)) / math.sqrt(len(a))
    if error > 0.0:
        p_value = 2.0 * float(stdtr(len(a) - 1, -abs(found.mean) / error))
    else:
        p_value = 1.0 if found.mean == 0.0 else 0.0
    apart = float(np.var(a, ddof=1) + np.var(b, ddof=1)) / len(a)
    steady = np.ptp(a) == 0.0 or np.ptp(b) == 0.0
    return PairedDifference(
        before=float(np.mean(a)),
        mean=found.mean,
        low=found.low,
        high=found.high,
        p_value=p_value,
        rose=int(np.sum(difference > 0.0)),
        fell=int(np.sum(difference < 0.0)),
        same=int(np.sum(difference == 0.0)),
        correlation=None if steady else float(np.corrcoef(a, b)[0, 1]),
        gain=apart / error**2 if error > 0.0 else None,
    )


@dataclass(frozen=True)
class PairedShares:
    """Whether something held in the same worlds before and after a change; all counts of worlds.

    low, high: 95 % interval of the difference of shares, after less before (Newcombe 1998, method
    10). p_value: McNemar's exact test that as many worlds became true as false.
    """

    both: int
    became_true: int
    became_false: int
    neither: int
    low: float
    high: float
    p_value: float

    @property
    def worlds(self) -> int:
        """Number of worlds."""
        return self.both + self.became_true + self.became_false + self.neither

    @property
    def before(self) -> Proportion:
        """Share of worlds before, with its own interval."""
        return proportion(self.both + self.became_false, self.worlds)

    @property
    def after(self) -> Proportion:
        """Share of worlds after, with its own interval."""
        return proportion(self.both + self.became_true, self.worlds)

    @property
    def difference(self) -> float:
        """Share after less share before."""
        return (self.became_true - self.became_false) / self.worlds


def paired_shares(before: NDArray[Any], after: NDArray[Any]) -> PairedShares:
    """Compare what held (bool, (W,)) in the same worlds. ValueError without worlds."""
    a, b = np.asarray(before, dtype=bool), np.asarray(after, dtype=bool)
    if a.shape != b.shape or a.ndim != 1 or not len(a):
        raise ValueError(f"answers of shape {a.shape} and {b.shape} are not pairs of worlds")
    counts = [int(np.sum(x & y)) for x, y in ((a, b), (~a, b), (a, ~b), (~a, ~b))]
    from scipy.stats import binomtest

    both, up, down, neither = counts
    low, high = _newcombe(both, up, down, neither)
    p_value = float(binomtest(up, up + down).pvalue) if up + down else 1.0
    return PairedShares(both, up, down, neither, low, high, p_value)


def _newcombe(both: int, up: int, down: int, neither: int) -> tuple[float, float]:
    """Interval of (up - down) / worlds: Wilson's two, squared and added, less their correlation.

    The correlation is that of the fourfold table, shrunk by half a world where it is positive.
    """
    worlds = both + up + down + neither
    old, new = proportion(both + down, worlds), proportion(both + up, worlds)
    margins = old.hits * (worlds - old.hits) * new.hits * (worlds - new.hits)
    product = both * neither - up * down
    shrunk = max(product - worlds / 2, 0.0) if product > 0 else product
    phi = shrunk / math.sqrt(margins) if margins else 0.0

    def root(x: float, y: float) -> float:
        return math.sqrt(max(x * x - 2.0 * phi * x * y + y * y, 0.0))

    middle = new.share - old.share
    low = middle - root(new.share - new.low, old.high - old.share)
    high = middle + root(new.high - new.share, old.share - old.low)
    return max(low, -1.0), min(high, 1.0)


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values of several tests, made larger so that one of all is rarely small by luck (Holm)."""
    ordered = sorted(range(len(p_values)), key=lambda place: p_values[place])
    adjusted, least = [1.0] * len(p_values), 0.0
    for rank, place in enumerate(ordered):
        least = max(least, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = least
    return adjusted
