"""How few firms carry most of the use."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from llm_market_sim.market.observation import TWO_THIRDS, general
from llm_market_sim.market.state import Array
from llm_market_sim.metrics.market import Share, held, of_what
from llm_market_sim.metrics.registry import COUNT, Definition, metric
from llm_market_sim.simulation import Run

__all__ = ["Carried", "g67"]


class Carried(Definition):
    """How much of which use is carried."""

    part: float = Field(TWO_THIRDS, gt=0, lt=1, description="part of the use that is carried")
    share: Share = Field("composite", description="share of which users")

    def words(self) -> str:
        """Who is counted, until when."""
        return (
            "the largest domestic firms alive, neither wrapper nor vertical, until they hold "
            f"{100 * self.part:.0f} % of what all such firms hold {of_what(self.share)}"
        )


@metric(
    "g67",
    "fewest general developers that carry most of general use",
    unit="firms",
    params=Carried,
    within=COUNT,
)
def g67(run: Run, week: float, p: Carried) -> Array:
    """The fewest that together hold a part of general use, 0 where nobody has any; (W,)."""
    state = run.at(week)
    mine = held(state, p.share) * general(state, run.firms)
    summed = np.cumsum(-np.sort(-mine, axis=-1), axis=-1)
    fewer = np.sum(summed < p.part * np.sum(mine, axis=-1, keepdims=True), axis=-1)
    return np.where(np.sum(mine, axis=-1) > 0.0, fewer + 1, 0)
