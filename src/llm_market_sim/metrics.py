"""ODD "observation": what can be asked of a run, one number a world.

A metric is a function ``(run, week, params) -> (W,)``, known by its name; its params are a
pydantic model, whose defaults are the default definition and whose sentence says it in words.
A new metric is one function:

    @metric("launched", "products shown so far", unit="firms")
    def launched(run, week, params):
        return np.sum(run.at(week).launched_at <= week, axis=-1)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from llm_market_sim.errors import InputError, Problem, nearest
from llm_market_sim.observation import SERIES, Week, composite_shares, general, shares
from llm_market_sim.simulation import Run
from llm_market_sim.state import Array, Route, Segment, State, Status

__all__ = [
    "METRICS", "Definition", "Metric", "Platforms", "SeriesAt", "get_metric", "groups", "metric",
    "n_general_platforms", "platforms",
]  # fmt: skip


class Definition(BaseModel):
    """What a metric lets one choose. A subclass's `words` say the choice as a noun phrase."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    def words(self) -> str:
        """The choice in words."""
        return ", ".join(f"{name} = {value}" for name, value in self)


Rule = Callable[[Run, float, Any], Array]


@dataclass(frozen=True)
class Metric:
    """A rule with its name, what it gives in words, its unit, and the model of its params."""

    name: str
    meaning: str
    unit: str
    params: type[Definition]
    rule: Rule


METRICS: dict[str, Metric] = {}


def metric(
    name: str, meaning: str, *, unit: str, params: type[Definition] = Definition
) -> Callable[[Rule], Rule]:
    """Register a rule under a name. ValueError if the name is taken."""

    def register(rule: Rule) -> Rule:
        if name in METRICS:
            raise ValueError(f"a metric named {name!r} is already registered")
        METRICS[name] = Metric(name, meaning, unit, params, rule)
        return rule

    return register


def get_metric(name: str) -> Metric:
    """The metric of a name. InputError if there is none."""
    if name not in METRICS:
        text = f'no metric "{name}"; {nearest(name, METRICS)}'
        raise InputError([Problem("", "metric", text)])
    return METRICS[name]


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
            "composite": "of all segments together (consumer .40, developer .25, enterprise .20, "
            "public .15)",
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


@metric("n_general_platforms", "number of general platforms", unit="platforms", params=Platforms)
def n_general_platforms(run: Run, week: float, p: Platforms) -> Array:
    """How many general platforms there are, or how many groups that own one; (W,)."""
    found = platforms(run, week, p)
    if not p.group_backers:
        return np.sum(found, axis=-1)
    heads = np.sort(np.where(found, groups(run.at(week).backer), -1), axis=-1)
    fresh = (heads[:, 1:] != heads[:, :-1]) & (heads[:, 1:] >= 0)
    return np.sum(fresh, axis=-1) + (heads[:, 0] >= 0)


class SeriesAt(Definition):
    """Which weekly quantity of the market."""

    name: str = Field(description="the name of a series")

    @field_validator("name")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in SERIES:
            text = f'no series "{name}"; {nearest(name, SERIES)}'
            raise PydanticCustomError("series", "{text}", {"text": text})
        return name

    def words(self) -> str:
        """The quantity with its unit."""
        return f"{SERIES[self.name].meaning} ({SERIES[self.name].unit})"


@metric("series", "a weekly quantity of the market", unit="its own", params=SeriesAt)
def series(run: Run, week: float, p: SeriesAt) -> Array:
    """A series at a week; (W,)."""
    return SERIES[p.name].read(Week(run.at(week), run.firms))


class RevenueOf(Definition):
    """Whose share of the revenue."""

    firm: str = Field(description="the id of a firm of the roster")

    def words(self) -> str:
        """The firm."""
        return f"of {self.firm}"


@metric(
    "revenue_share", "share of the revenue of all firms since week 0", unit="1", params=RevenueOf
)
def revenue_share(run: Run, week: float, p: RevenueOf) -> Array:
    """A firm's revenue since week 0 over that of all domestic firms, 0 without any; (W,)."""
    total = run.at(week).revenue_total * run.firms.domestic
    return total[:, run.firms.slot(p.firm)] / np.maximum(np.sum(total, axis=-1), 1e-300)


class AtLeast(Definition):
    """How good a model."""

    oom: float = Field(description="least capability (GPT-3.5 is 23.9, GPT-4 is 25.0)")

    def words(self) -> str:
        """The bound."""
        return f"a capability of {self.oom:g} at least"


@metric("models_at_least", "domestic firms whose own model has", unit="firms", params=AtLeast)
def models_at_least(run: Run, week: float, p: AtLeast) -> Array:
    """Domestic firms alive with an own model of some capability; (W,)."""
    state = run.at(week)
    good = state.alive & run.firms.domestic & (state.capability >= p.oom)
    return np.sum(good, axis=-1)
