"""General platforms: who is one, and how many there are."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from llm_market_sim.market.observation import (
    COMPOSITE,
    composite_shares,
    general,
    general_route,
    shares,
)
from llm_market_sim.market.parameters import SEGMENTS
from llm_market_sim.market.state import Array, Route, Segment, State, Status
from llm_market_sim.metrics.registry import COUNT, Definition, metric
from llm_market_sim.simulation import Run

_WEIGHTS = ", ".join(
    f"{segment} .{100 * weight:.0f}" for segment, weight in zip(SEGMENTS, COMPOSITE, strict=True)
)


class Platforms(Definition):
    """When a firm counts as a general platform."""

    theta: float = Field(default=0.05, gt=0, lt=1, description="least share")
    share: Literal["composite", "consumer", "two_segments", "any_segment"] = Field(
        default="composite",
        description="share of what: the weighted mean of the four segments, the consumer segment, "
        "at least two segments, or any one",
    )
    group_backers: bool = Field(default=False, description="count a backer and its firms once")
    own_model: Literal["any", "required"] = Field(
        default="any", description="whether fine-tuners of open weights count, too"
    )

    def words(self) -> str:
        """The definition as a noun phrase."""
        of = {
            "composite": f"of all segments together ({_WEIGHTS})",
            "consumer": "of the consumer segment",
            "two_segments": "in at least two segments",
            "any_segment": "in any one segment",
        }[self.share]
        return (
            "domestic firms alive, neither wrapper nor vertical, open to the public (or in beta "
            f"where no licence is needed), with at least {100 * self.theta:g} % {of}"
            + ("; a backer and its firms count once" if self.group_backers else "")
            + ("; only with a model trained from scratch" if self.own_model == "required" else "")
        )


def platforms(run: Run, week: float, p: Platforms) -> Array:
    """Which firms are general platforms; bool (W, F)."""
    state = run.at(week)
    free = not run.scenario.at(week).regulation.review_required
    shown = (state.status == Status.OPEN) | (free & (state.status == Status.BETA))
    held = _held(state, p)
    trained = state.route == Route.FOUNDATION
    kept = trained if p.own_model == "required" else np.ones_like(trained)
    return np.asarray(general(state, run.firms) & shown & held & kept)


def _held(state: State, p: Platforms) -> Array:
    if p.share == "composite":
        return composite_shares(state) >= p.theta
    above = shares(state) >= p.theta
    if p.share == "consumer":
        return np.asarray(above[:, Segment.CONSUMER])
    return np.sum(above, axis=1) >= (2 if p.share == "two_segments" else 1)


def groups(backer: Array) -> Array:
    """Slot of the firm that stands behind each firm in the end, or its own; (W, F) to (W, F)."""
    head = np.where(backer >= 0, backer, np.arange(backer.shape[-1]))
    for _ in range(3):  # a backer may have a backer: up to eight steps
        head = np.take_along_axis(head, head, axis=-1)
    return head


@metric(
    "n_general_platforms",
    "number of general platforms",
    unit="platforms",
    params=Platforms,
    within=COUNT,
)
def n_general_platforms(run: Run, week: float, p: Platforms) -> Array:
    """How many general platforms there are, or how many groups that own one; (W,)."""
    found = platforms(run, week, p)
    if not p.group_backers:
        return np.sum(found, axis=-1)
    heads = np.sort(np.where(found, groups(run.at(week).backer), -1), axis=-1)
    fresh = (heads[:, 1:] != heads[:, :-1]) & (heads[:, 1:] >= 0)
    return np.sum(fresh, axis=-1) + (heads[:, 0] >= 0)


class AndTheRest(Definition):
    """What is left, besides the platforms, of a firm that is not gone."""

    rest: Literal["platform", "general", "alive"] = Field(
        "platform",
        description="who of the others is not gone: open, a general developer still and with 1 % "
        "of some segment; or a general developer still; or alive",
    )

    def words(self) -> str:
        """Both parts, as a noun phrase."""
        left = {
            "platform": "general developers still, open, and with 1 % of some segment",
            "general": "general developers still",
            "alive": "alive",
        }[self.rest]
        return (
            f"{Platforms().words()}; no number where half or more of all others that were ever "
            f"general developers are {left}"
        )


@metric(
    "platforms_and_the_rest",
    "number of general platforms, where most others are gone",
    unit="platforms",
    params=AndTheRest,
    within=COUNT,
)
def platforms_and_the_rest(run: Run, week: float, p: AndTheRest) -> Array:
    """General platforms with 5 %, NaN where half or more of the others are left; (W,)."""
    state, found = run.at(week), platforms(run, week, Platforms())
    others = (state.entered_at <= week) & run.firms.domestic & ~found
    others = others & (general_route(state) | (state.pivots > 0))
    if p.rest == "platform":
        left = platforms(run, week, Platforms(theta=0.01, share="any_segment"))
    else:
        left = general(state, run.firms) if p.rest == "general" else state.alive
    gone = np.sum(others & left, axis=-1) < 0.5 * np.sum(others, axis=-1)
    return np.where(gone, np.sum(found, axis=-1), np.nan)
