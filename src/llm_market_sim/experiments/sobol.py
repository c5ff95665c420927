"""Sobol's indices: how much of what varies is due to each factor.

Saltelli's points: a point A, points AB_i that differ from A in factor i alone, and a point B. From
the answers at them come the first order of a factor, the share of the variance that goes if only it
is known, and its total, the share that is left if only it is unknown (Saltelli et al. 2010).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llm_market_sim.experiments.morris import problem
from llm_market_sim.market.state import Array
from llm_market_sim.summary.statistics import CONFIDENCE

_RESAMPLES = 300
_SEED = 1  # of the resampling; SALib takes 0 for none


@dataclass(frozen=True)
class Indices:
    """Shares of the answer's variance, by factor; all (F,). An estimate may fall below 0."""

    first: Array
    first_margin: Array  # half-width of its interval, by bootstrap over samples
    total: Array
    total_margin: Array


def saltelli(factors: int, samples: int, seed: int) -> Array:
    """Saltelli's points of a scrambled Sobol sequence; unit cube, (samples * (factors + 2), F).

    samples: a power of two.
    """
    from SALib.sample import sobol

    return np.asarray(sobol.sample(problem(factors), samples, calc_second_order=False, seed=seed))


def indices(factors: int, answers: Array) -> Indices:
    """The indices from the answers (P,) at Saltelli's points; all 0 where nothing varies."""
    from SALib.analyze import sobol

    crossed = answers.reshape(-1, factors + 2)
    if np.ptp(crossed[:, [0, -1]]) == 0.0:
        return Indices(*np.zeros((4, factors)))
    found = sobol.analyze(
        problem(factors),
        answers,
        calc_second_order=False,
        num_resamples=_RESAMPLES,
        conf_level=CONFIDENCE,
        seed=_SEED,
    )
    return Indices(*(np.asarray(found[name]) for name in ("S1", "S1_conf", "ST", "ST_conf")))
