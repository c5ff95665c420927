"""How much of the market the few largest hold."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from llm_market_sim.market.observation import composite_shares
from llm_market_sim.market.state import Array
from llm_market_sim.metrics.general_platforms import groups
from llm_market_sim.metrics.registry import SHARE, Definition, metric
from llm_market_sim.simulation import Run

__all__ = ["Largest", "largest_share"]


class Largest(Definition):
    """How many, of what, and who counts as one."""

    top: int = Field(2, ge=1, le=50, description="how many of the largest")
    by: Literal["users", "revenue"] = Field(
        "users", description="share of all segments together, or of what the accounts pay"
    )
    camps: bool = Field(False, description="a backer and the firms it backs count as one")

    def words(self) -> str:
        """How many, of what, and who counts as one."""
        of = "of all segments together" if self.by == "users" else "of their revenue"
        who = "camps of them (a backer and its firms)" if self.camps else "of them"
        return f"of what domestic firms hold {of}, the part of the {self.top} largest {who}"


@metric("largest_share", "share held together", unit="1", params=Largest, within=SHARE)
def largest_share(run: Run, week: float, p: Largest) -> Array:
    """Share of the largest domestic firms or camps (CR_n), 0 where nobody has any; (W,)."""
    state = run.at(week)
    if p.by == "users":
        size = composite_shares(state) * run.firms.domestic
    else:
        size = np.sum(state.users * state.price, axis=1) * run.firms.domestic
    total = np.sum(size, axis=-1)
    if p.camps:
        heads = groups(state.backer)
        camp = np.zeros_like(size)
        rows = np.broadcast_to(np.arange(len(size))[:, None], heads.shape)
        np.add.at(camp, (rows, heads), size)
        size = camp
    held = np.sum(-np.sort(-size, axis=-1)[:, : p.top], axis=-1)
    return np.minimum(held / np.maximum(total, 1e-300), 1.0)
