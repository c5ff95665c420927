"""The numbers that facts are judged by: pure functions of runs, one number a world or the like.

A new one is a function; its name can then be used in the file of facts:

    @statistic("firms_left", "domestic firms alive after five years")
    def firms_left(runs):
        return runs.base.series["firms_alive"][:, -1]

It gives (W,), one number a world and NaN where a world has none. Where only many worlds together
give a number, such as a ratio of rates, it gives (W, K) counts and `combine` makes one number
(...,) out of their sums over worlds (..., K).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from llm_market_sim.market.state import Array
from llm_market_sim.stylised_facts.runs import Runs
from llm_market_sim.support.registry import Registry

Rule = Callable[[Runs], Array]
Combine = Callable[[Array], Array]


@dataclass(frozen=True)
class Statistic:
    """A rule with its name and its meaning, a noun phrase with the unit where there is one.

    weeks: the last of them is when it is known, and it reads no other state than theirs; empty
    where it takes all five years.
    """

    name: str
    meaning: str
    rule: Rule
    combine: Combine | None = None
    weeks: tuple[float, ...] = ()

    def numbers(self, runs: Runs) -> Array:
        """The numbers of each world, float (W, K); K is 1 without `combine`."""
        with np.errstate(all="ignore"):
            values = np.asarray(self.rule(runs), dtype=float)
        return values[:, None] if values.ndim == 1 else values


STATISTICS: Registry[Statistic] = Registry("statistic")


def statistic(
    name: str, meaning: str, *, combine: Combine | None = None, weeks: tuple[float, ...] = ()
) -> Callable[[Rule], Rule]:
    """Register a rule under a name. ValueError if the name is taken."""
    return STATISTICS.registering(name, lambda rule: Statistic(name, meaning, rule, combine, weeks))


def get_statistic(name: str) -> Statistic:
    """The statistic of a name. InputError if there is none."""
    return STATISTICS.find(name)


def rate_ratio(sums: Array) -> Array:
    """One rate over another, from events, time, events, time: (..., 4) to (...,)."""
    return np.asarray((sums[..., 0] / sums[..., 1]) / (sums[..., 2] / sums[..., 3]))
