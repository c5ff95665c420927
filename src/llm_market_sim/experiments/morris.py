"""Screening after Morris: which of many assumptions move the answer at all.

A trajectory starts somewhere in the space and moves one parameter after the other; what the
answer does at each move, per full range of that parameter, is an elementary effect. The mean of
their sizes, mu*, ranks the parameters; their spread, sigma, tells of interactions and bends.

All points are run in the same worlds, so luck is shared; what is left of it is measured. Were a
parameter to do no more than deal the same fortunes to other worlds, the effect in each world
would be as likely down as up. Turning the signs of whole worlds by coin shows how large mu* would
then be, and the value that it stays below in 95 % of throws is called luck's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from llm_market_sim.market.state import Array
from llm_market_sim.summary.statistics import CONFIDENCE

LEVELS = 4  # values a parameter takes: the ends of its range and two between
_RESAMPLES = 1000
_SEED = 1  # of the resampling; SALib takes 0 for none


@dataclass(frozen=True)
class Screening:
    """What D parameters do to an answer, across their ranges; all (D,), in the answer's unit."""

    mu_star: Array  # mean size of the effect
    margin: Array  # half-width of its interval, by bootstrap over trajectories
    mu: Array  # mean effect: up or down
    sigma: Array  # standard deviation of the effect between trajectories
    luck: Array  # what mu* would hardly exceed by luck alone

    @property
    def told_apart(self) -> Array:
        """Which parameters do more than luck would; bool (D,). One idle one in 20 passes."""
        return np.asarray(self.mu_star > self.luck * (1.0 + 1e-9))


def trajectories(parameters: int, count: int, seed: int) -> Array:
    """`count` random trajectories, one below the other; unit cube, (count * (D + 1), D)."""
    from SALib.sample import morris

    return np.asarray(morris.sample(problem(parameters), count, num_levels=LEVELS, seed=seed))


def screen(unit: Array, outcomes: Array) -> Screening:
    """Elementary effects along trajectories (P, D), from one number a point and world (P, R)."""
    from SALib.analyze import morris

    found = morris.analyze(
        problem(unit.shape[1]),
        unit,
        np.mean(outcomes, axis=1),
        num_levels=LEVELS,
        num_resamples=_RESAMPLES,
        conf_level=CONFIDENCE,
        seed=_SEED,
    )
    return Screening(
        mu_star=np.asarray(found["mu_star"]),
        margin=np.asarray(found["mu_star_conf"]),
        mu=np.asarray(found["mu"]),
        sigma=np.asarray(found["sigma"]),
        luck=_of_luck(_effects(unit, outcomes)),
    )


def problem(parameters: int) -> dict[str, object]:
    """So many numbers from 0 to 1, as SALib asks for them."""
    names = [str(place) for place in range(parameters)]
    return {"num_vars": parameters, "names": names, "bounds": [[0.0, 1.0]] * parameters}


def _effects(unit: Array, outcomes: Array) -> Array:
    """The effect of each parameter on each trajectory in each world; (D, T, R)."""
    count = unit.shape[1]
    moves = np.diff(unit.reshape(-1, count + 1, count), axis=1)  # (T, move, D), one of D not 0
    changes = np.diff(outcomes.reshape(-1, count + 1, outcomes.shape[1]), axis=1)
    moved = np.argmax(np.abs(moves), axis=2)[..., None]
    steps = changes / np.take_along_axis(moves, moved, axis=2)
    return np.take_along_axis(steps, np.argsort(moved, axis=1), axis=1).swapaxes(0, 1)


def _of_luck(effects: Array) -> Array:
    """What mu* stays below in 95 % of throws, if every world's sign is thrown; (D,).

    A world keeps its sign on all trajectories, which have their luck in common.
    """
    worlds = effects.shape[-1]
    signs = np.random.default_rng(_SEED).choice([-1.0, 1.0], size=(worlds, _RESAMPLES))
    thrown = np.mean(np.abs(effects @ signs / worlds), axis=1)
    return np.asarray(np.quantile(thrown, CONFIDENCE, axis=-1))
