"""Calibration to the facts of 2023: what is matched, and what is left of the assumptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import Field

from llm_market_sim.batch import Order
from llm_market_sim.claims import Measurement
from llm_market_sim.experiments.history_matching import Matched, Observed, match
from llm_market_sim.experiments.runner import run_design
from llm_market_sim.experiments.space import Range, Space
from llm_market_sim.experiments.spec import Assumptions
from llm_market_sim.market.state import Array
from llm_market_sim.scenario import Scenario

INFORMED = 0.85  # overlap of accepted and prior values below which data have told something
_BINS = 10


class Calibration(Assumptions):
    """How long to search; the targets are those of the evidence."""

    points: int = Field(2000, ge=10, le=1_000_000, description="points of the first design")
    draws: int = Field(400, ge=8, le=100_000, description="points that move, and are kept")
    settle: int = Field(8, ge=1, le=1000, description="waves that weigh points by their fit")


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


@dataclass(frozen=True)
class Planted:
    """A target that a simulated world with known parameters stands for."""

    id: str
    measurement: Measurement
    value: float
    observation: float
    discrepancy: float
    log: bool


def calibrate(
    spec: Calibration,
    scenario: Scenario,
    space: Space,
    targets: Sequence[Observed],
    *,
    order: Order | None = None,
    out: Path | None = None,
    told: Callable[[str], None] = lambda text: None,
) -> Matched:
    """Match a scenario to targets. out: a folder in which each step is kept and gone on with."""
    measures = [target.measurement for target in targets]

    def simulate(values: Array, step: str) -> Mapping[str, Array]:
        return run_design(
            scenario,
            space.names,
            values,
            spec.worlds,
            spec.seed,
            measures,
            out=None if out is None else out / step,
            order=order,
        )

    return match(
        space,
        simulate,
        targets,
        points=spec.points,
        draws=spec.draws,
        settle=spec.settle,
        seed=spec.seed,
        told=told,
    )


def learned(space: Space, values: Array, weights: Array | None = None) -> list[Learned]:
    """Prior, accepted range and overlap of every parameter, given draws (N, D)."""
    unit = space.unit(values)
    weights = np.full(len(unit), 1.0 / len(unit)) if weights is None else weights
    draws = round(1.0 / float(np.sum(weights**2)))  # as many as equal weights would be worth
    chance = np.random.default_rng(0).uniform(size=(400, draws))
    even = np.full(draws, 1.0 / draws)
    least = float(np.quantile([_overlap(one, even) for one in chance], 0.01))
    found = []
    for k, prior in enumerate(space.ranges):
        ends = np.quantile(unit[:, k], (0.05, 0.5, 0.95), method="inverted_cdf", weights=weights)
        low, middle, high = prior.at(ends)
        overlap = _overlap(unit[:, k], weights)
        informed = overlap < min(INFORMED, least)
        found.append(Learned(prior, float(low), float(middle), float(high), overlap, informed))
    return found


def _overlap(unit: Array, weights: Array) -> float:
    """What weighted draws (N,) have in common with an even spread over 0 to 1."""
    share = np.histogram(unit, bins=_BINS, range=(0.0, 1.0), weights=weights)[0]
    return float(np.sum(np.minimum(share, 1.0 / _BINS)))


def planted(
    scenario: Scenario,
    space: Space,
    truth: Array,
    world: int,
    seed: int,
    targets: Sequence[Observed],
    off: float = 0.05,
) -> list[Planted]:
    """The targets as one simulated world has them, for a perfect-model test.

    truth: values (D,). world: its id; matching uses the luck of others. off: deviation that stands
    for measurement, relative where logarithms are compared, of the target's own deviations else.
    """
    measures = [target.measurement for target in targets]
    ids = np.array([world])
    numbers = run_design(scenario, space.names, truth[None, :], 1, seed, measures, ids=ids)
    made = []
    for target in targets:
        value = float(numbers[target.id][0, 0])
        log = target.log and value > 0.0
        error = off if log else off * (target.observation + target.discrepancy)
        made.append(Planted(target.id, target.measurement, value, error, 0.0, log))
    return made
