"""Calibration to the facts of 2023: a bank of simulated histories, weighed by how they agree.

Parameters are drawn from the whole of their plausible ranges, and each draw is simulated in one
world of its own. What was observed differs from a true history by errors of known size (of the
observation, and for what the model leaves out), so the likelihood of a simulated history is that
of the errors which would turn it into the observed one; and weights by it give the posterior
exactly, but for the number of draws (approximate Bayesian computation under model error:
Wilkinson 2013, Stat. Appl. Genet. Mol. Biol. 12). Luck is integrated out, as every draw has its
own. The same bank gives the posterior of any other observation, that of a held-back member among
them, for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from pydantic import Field

from llm_market_sim.batch import Order
from llm_market_sim.experiments.posterior import Posterior
from llm_market_sim.experiments.runner import run_design
from llm_market_sim.experiments.space import Range, Space
from llm_market_sim.experiments.spec import Assumptions
from llm_market_sim.market.state import Array
from llm_market_sim.scenario import Scenario
from llm_market_sim.simulation.measuring import Measure

WORTH = 300.0  # draws that a posterior is worth at least
INFORMED = 0.85  # overlap of accepted and prior values below which data have told something
_BINS = 10
_A_STEP = 5000  # members simulated together, and kept before the next ones
_LEAST = 1e-3  # of an observed value: what a logarithm is taken of at least


class Calibration(Assumptions):
    """How large the bank is, and what is made of it; the targets are those of the evidence."""

    worlds: int = Field(1, ge=1, le=1, description="worlds at each point: one, of its own")
    points: int = Field(200_000, ge=100, le=10_000_000, description="members of the bank")
    draws: int = Field(400, ge=8, le=100_000, description="draws that are kept as the sample")
    held: int = Field(400, ge=20, le=100_000, description="members held back for the test")


class Observed(Protocol):
    """One number of the past, or of other markets, with what it may be off by."""

    id: str
    value: float
    observation: float
    discrepancy: float
    log: bool

    @property
    def measurement(self) -> Measure:
        """How a world's own number is taken."""
        ...


@dataclass(frozen=True)
class Bank:
    """N members: points of the unit cube, and the T numbers of the history that each gave."""

    space: Space
    targets: tuple[Observed, ...]
    unit: Array  # (N, D)
    numbers: Array  # (N, T), in the unit of each target

    @cached_property
    def compared(self) -> Array:
        """The numbers as they are compared, of some the logarithms; (N, T)."""
        columns = [self._scaled(x, k) for k, x in enumerate(self.numbers.T)]
        return np.stack(columns, axis=1)

    @property
    def observed(self) -> Array:
        """What was seen in 2023, on the same scales; (T,)."""
        return np.array([self._scaled(one.value, k) for k, one in enumerate(self.targets)])

    @property
    def error(self) -> Array:
        """Standard deviation of all that may lie between the two; (T,)."""
        return np.array([np.hypot(one.observation, one.discrepancy) for one in self.targets])

    def _scaled(self, x: Array | float, k: int) -> Array:
        target = self.targets[k]
        return np.log(np.maximum(x, _LEAST * target.value)) if target.log else np.asarray(x)

    def seen_with_error(self, member: int, rng: np.random.Generator) -> Array:
        """The history of a member as somebody would have seen it; (T,)."""
        return self.compared[member] + self.error * rng.normal(size=len(self.targets))

    def weigh(
        self, seen: Array | None = None, without: int | None = None, held: Array | None = None
    ) -> Weighed:
        """The posterior, given what was seen (T,), by default that of 2023.

        Where too few members agree, all errors are widened by one factor until the weights are
        worth `WORTH` draws (or a twentieth of the bank): a posterior that rests on a few members
        would look narrower than it is. without: a target that is left out. held: members that get
        no weight.
        """
        apart = (self.compared - (self.observed if seen is None else seen)) / self.error
        if without is not None:
            apart = np.delete(apart, without, axis=1)
        square = np.sum(apart**2, axis=1)
        if held is not None:
            square[held] = np.inf
        square -= np.min(square)
        least = min(WORTH, 0.05 * len(square))
        low, high = 1.0, 1.0
        while effective(_normal(square, high)) < least:
            low, high = high, 2.0 * high
        while high - low > 1e-3:
            middle = 0.5 * (low + high)
            few = effective(_normal(square, middle)) < least
            low, high = (middle, high) if few else (low, middle)
        return Weighed(_normal(square, high), high)


@dataclass(frozen=True)
class Weighed:
    """A posterior: weights of the members (N,), sum 1, and the factor that errors were widened by,
    1 where they were not."""

    weights: Array
    widened: float

    @property
    def worth(self) -> float:
        """Equally likely draws that it is worth."""
        return effective(self.weights)


def effective(weights: Array) -> float:
    """How many equally weighted draws these are worth (Kish): 1 / sum of squares."""
    return float(1.0 / np.sum(weights**2))


def _normal(square: Array, widened: float) -> Array:
    weights = np.exp(-0.5 * square / widened**2)
    return np.asarray(weights / np.sum(weights))


def simulate_bank(
    spec: Calibration,
    scenario: Scenario,
    space: Space,
    targets: Sequence[Observed],
    *,
    order: Order | None = None,
    out: Path | None = None,
    told: Callable[[str], None] = lambda text: None,
) -> Bank:
    """Draw the members, a Latin hypercube, and simulate each in the world of its number.

    out: a folder in which steps are kept and gone on with. told: a line a step.
    """
    measures = [target.measurement for target in targets]
    unit = space.latin(spec.points, spec.seed)
    parts = []
    for start in range(0, spec.points, _A_STEP):
        ids = np.arange(start, min(start + _A_STEP, spec.points))
        numbers = run_design(
            scenario,
            space.names,
            space.at(unit[ids]),
            1,
            spec.seed,
            measures,
            ids=ids,
            out=None if out is None else out / f"bank-{start // _A_STEP:03d}",
            order=order,
        )
        parts.append(side_by_side([numbers[target.id][:, 0] for target in targets]))
        told(f"{ids[-1] + 1:,} of {spec.points:,} members of the bank")
    return Bank(space, tuple(targets), unit, np.concatenate(parts))


def side_by_side(numbers: Sequence[Array]) -> Array:
    """The numbers of each target (N,) as those of a bank, (N, T).

    One that a history has not, such as the share of survivors where none is left, counts as 0.
    """
    return np.nan_to_num(np.stack(numbers, axis=1), nan=0.0)


def sample(bank: Bank, weights: Array, draws: int) -> Posterior:
    """So many draws, evenly spread over the weights; a member that is drawn twice weighs double."""
    places = (np.arange(draws) + 0.5) / draws
    rows = np.minimum(np.searchsorted(np.cumsum(weights), places), len(weights) - 1)
    members, times = np.unique(rows, return_counts=True)
    return Posterior(bank.space.names, bank.space.at(bank.unit[members]), times / draws)


@dataclass(frozen=True)
class Learned:
    """What the data say about one parameter.

    low, high: accepted range, 5 % to 95 % of the draws. overlap: of accepted and prior values, 1
    where the data say nothing, 0 where the two have nothing in common. informed: it is below
    `INFORMED`, and lower than so many draws give by chance; otherwise it is merely assumed.
    """

    prior: Range
    low: float
    middle: float
    high: float
    overlap: float
    informed: bool


def learned(space: Space, unit: Array, weights: Array) -> list[Learned]:
    """Prior, accepted range and overlap of every parameter, given weighted draws (N, D)."""
    draws = round(effective(weights))
    chance = np.random.default_rng(0).uniform(size=(400, draws))
    even = np.full(draws, 1.0 / draws)
    least = float(np.quantile([_overlap(one, even) for one in chance], 0.01))
    found = []
    for k, prior in enumerate(space.ranges):
        low, middle, high = prior.at(quantiles(unit[:, k], weights, (0.05, 0.5, 0.95)))
        overlap = _overlap(unit[:, k], weights)
        informed = overlap < min(INFORMED, least)
        found.append(Learned(prior, float(low), float(middle), float(high), overlap, informed))
    return found


def quantiles(x: Array, weights: Array, at: Sequence[float]) -> Array:
    """Quantiles of weighted numbers (N,)."""
    return np.quantile(x, at, method="inverted_cdf", weights=weights)


def _overlap(unit: Array, weights: Array) -> float:
    """What weighted draws (N,) have in common with an even spread over 0 to 1."""
    share = np.histogram(unit, bins=_BINS, range=(0.0, 1.0), weights=weights)[0]
    return float(np.sum(np.minimum(share, 1.0 / _BINS)))
