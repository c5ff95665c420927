"""Where in a space of assumptions a claim holds: a box found by PRIM, and a tree as a check.

A point counts as one where the claim holds if it does so in at least half of its worlds
(`holds_from`), as a verdict would. So the box is fitted to the shares of points, never to a single
world, whose luck would be taken for the effect of a parameter; nor to worlds as rows of their own,
of which those of one point agree, so that any test would call everything significant.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from pydantic import Field

from llm_market_sim.batch import Plan
from llm_market_sim.errors import MarketSimError
from llm_market_sim.experiments.cart import Leaf, grow
from llm_market_sim.experiments.prim import Box, Resampled, Search, inside, resample, search
from llm_market_sim.experiments.runner import plan_points
from llm_market_sim.experiments.spec import Loaded, Spec
from llm_market_sim.market.state import Array

SURE = 0.95  # share of the halves in which a box must do better than the rest of the space


class Discovery(Spec):
    """A question of scenario discovery: one YAML file."""

    command = "discover"
    points: int = Field(
        1000, ge=10, le=1_000_000, description="points of the space, a Latin hypercube"
    )
    worlds: int = Field(20, ge=20, le=100_000, description="worlds at each point, the same at all")
    holds_from: float = Field(
        0.5,
        gt=0,
        le=1,
        description="share of its worlds from which a point counts as one where the claim holds",
    )


@dataclass(frozen=True)
class Discovered:
    """What was found in the points (P, D) of the unit cube, by their shares (P,) of worlds.

    search: of the box. again: what it finds in halves of the points. leaves: of the tree.
    """

    unit: Array
    shares: Array
    holds_from: float
    search: Search
    again: Resampled
    leaves: tuple[Leaf, ...]

    @property
    def yes(self) -> Array:
        """At which points the claim holds; bool (P,)."""
        return np.asarray(self.shares >= self.holds_from)

    @property
    def base_rate(self) -> float:
        """The share of points at which it holds."""
        return float(np.mean(self.yes))

    @property
    def box(self) -> Box | None:
        """The chosen box; None where no box beats the base rate.

        It does if in 95 of 100 halves of the points the same search ends in a box in which more
        points of the other half hold than outside it.
        """
        chosen = self.search.chosen
        return chosen if chosen.limits and self.again.better >= SURE else None

    @property
    def in_box(self) -> Array:
        """Which points lie in that box; bool (P,)."""
        none = np.zeros(len(self.shares), dtype=bool)
        return none if self.box is None else inside(self.unit, self.box.limits)


def plan(loaded: Loaded[Discovery], **more: Any) -> Plan:
    """The points of a question, and the worlds at each. more: as in `Plan`.

    MarketSimError where the optional extra is missing.
    """
    missing = [name for name in ("ema_workbench", "sklearn") if find_spec(name) is None]
    if missing:
        raise MarketSimError(
            f"discover needs the optional extra (there is no {', '.join(missing)}): "
            "pip install 'llm-market-sim[analysis]'"
        )
    spec, space = loaded.spec, loaded.space
    unit = space.latin(spec.points, spec.seed)
    design = {"design": "latin", "points": spec.points, "ranges": space.facts}
    return plan_points(loaded, unit, design=design, **more)


def analyse(loaded: Loaded[Discovery], x: Array) -> Discovered:
    """Search the points of the plan, given the claim's number at them, (P, R)."""
    spec = loaded.spec
    unit = loaded.space.latin(spec.points, spec.seed)
    return search_box(unit, loaded.claim.scores(x), spec.holds_from, spec.seed)


def search_box(unit: Array, holds: Array, holds_from: float, seed: int) -> Discovered:
    """Search points (P, D) of the unit cube, given where and in which worlds it holds, (P, R)."""
    shares = np.mean(holds, axis=1)
    yes = shares >= holds_from
    return Discovered(
        unit, shares, holds_from, search(unit, yes), resample(unit, yes, seed), grow(unit, shares)
    )
