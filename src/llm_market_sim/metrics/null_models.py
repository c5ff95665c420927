"""Null models: how many platforms there would be without what the model is about.

A verdict that such a model gives as well says nothing about money, training or the law.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from llm_market_sim.market.mechanisms.users import REACH_START
from llm_market_sim.market.observation import COMPOSITE, THETA, TWO_THIRDS, general_route
from llm_market_sim.market.parameters import SEGMENTS
from llm_market_sim.market.state import Array
from llm_market_sim.metrics.registry import COUNT, Definition, metric
from llm_market_sim.simulation import Run

__all__ = ["Null", "null_count"]

_TAG = 0x4E554C4C  # of the draws of shares, so that they are those of no other use of the seed


class Null(Definition):
    """Which model, and which count."""

    model: Literal["reach", "dirichlet"] = Field(
        "reach",
        description="reach: who is known, times how well its origin fits and taste; dirichlet: "
        "shares drawn at random, as concentrated as those of the run",
    )
    of: Literal["platforms", "g67"] = Field(
        "platforms",
        description="firms with 5 % of all segments together, or the fewest with two thirds",
    )

    def words(self) -> str:
        """The model and the count."""
        counted = {
            "platforms": f"firms with {100 * THETA:g} % of all segments together",
            "g67": "the fewest firms with two thirds of them",
        }[self.of]
        where = {
            "reach": "where reach at the start, origin and taste alone decide",
            "dirichlet": "where shares are drawn at random from a Dirichlet of the same HHI",
        }[self.model]
        return f"{counted} {where}"


@metric("null_count", "number under a null model", unit="firms", params=Null, within=COUNT)
def null_count(run: Run, week: float, p: Null) -> Array:
    """How many firms a null model counts among those that have entered; (W,).

    reach: in each segment a share is in proportion to reach x exp(w_a affinity + taste), over all
    domestic firms that have ever been general developers, none of which trains, earns, waits for a
    licence or ends. dirichlet: general developers alive share what is used by a symmetric Dirichlet
    whose expected HHI is that of the run, drawn once a world by its seed.
    """
    share = _by_reach(run, week) if p.model == "reach" else _at_random(run, week)
    if p.of == "platforms":
        return np.sum(share >= THETA, axis=-1)
    largest = np.cumsum(-np.sort(-share, axis=-1), axis=-1)
    whole = largest[:, -1:]
    fewest = np.sum(largest < TWO_THIRDS * whole, axis=-1) + 1
    return np.where(whole[:, 0] > 0.0, fewest, 0)


def _by_reach(run: Run, week: float) -> Array:
    """Composite shares (W, F)."""
    state, scenario = run.at(week), run.scenario
    users, players = scenario.users, list(scenario.players.values())
    start = np.array(REACH_START)[run.firms.kind[0]]
    reach = np.repeat(start[None, :], len(SEGMENTS), axis=0)  # (S, F)
    for g, segment in enumerate(SEGMENTS):
        reach[g, : len(players)] = [one.reach.value[segment] for one in players]
    counted = (state.entered_at <= week) & run.firms.domestic
    counted = counted & (general_route(state) | (state.pivots > 0))
    weight = (
        reach
        * np.exp(users.affinity_weight * run.firms.affinity + state.taste)
        * counted[:, None, :]
    )
    total = np.sum(weight, axis=-1, keepdims=True)
    return np.einsum("g,wgf->wf", np.array(COMPOSITE), weight / np.maximum(total, 1e-300))


def _at_random(run: Run, week: float) -> Array:
    """Shares (W, F), the places after the firms that there are empty."""
    state = run.at(week)
    hhi, firms = state.series["hhi"], state.series["general_developers"].astype(int)
    share = np.zeros((state.worlds, max(int(np.max(firms)), 1)))
    for k, (h, n) in enumerate(zip(hhi, firms, strict=True)):
        if n < 2 or h * n <= 1.0:  # as spread as can be
            share[k, :n] = 1.0 / max(n, 1)
            continue
        rng = np.random.default_rng([_TAG, run.seed, int(run.worlds[k])])
        share[k, :n] = rng.dirichlet(np.full(n, (1.0 - h) / (n * h - 1.0)))
    return share
