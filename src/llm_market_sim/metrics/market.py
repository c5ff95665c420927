"""The market as a whole: its weekly quantities, adoption, revenue, quality, leaders."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from llm_market_sim.errors import nearest
from llm_market_sim.market.observation import SERIES, composite_shares, shares
from llm_market_sim.market.parameters import KINDS, SEGMENTS, Kind
from llm_market_sim.market.parameters import Segment as SegmentName
from llm_market_sim.market.state import NO_MODEL, Array, Route, State
from llm_market_sim.metrics.registry import COUNT, SHARE, Bounds, Definition, metric, slot
from llm_market_sim.simulation import Run


class SeriesAt(Definition):
    """Which weekly quantity of the market."""

    name: str = Field(description="the name of a series")

    @field_validator("name")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in SERIES:
            text = f'no series "{name}"; {nearest(name, SERIES, "series")}'
            raise PydanticCustomError("series", "{text}", {"text": text})
        return name

    def words(self) -> str:
        """The quantity with its unit."""
        one = SERIES[self.name]
        return one.meaning if one.unit == "1" else f"{one.meaning} ({one.unit})"


@metric("series", "a weekly quantity of the market", unit="its own", params=SeriesAt)
def series(run: Run, week: float, p: SeriesAt) -> Array:
    """A series at a week; (W,)."""
    return np.asarray(run.at(week).series[p.name])


class RevenueOf(Definition):
    """Whose share of the revenue."""

    firm: str = Field(description="the id of a firm of the roster")

    def words(self) -> str:
        """The firm."""
        return f"of {self.firm}"


@metric(
    "revenue_share",
    "share of the revenue of all firms since week 0",
    unit="1",
    params=RevenueOf,
    within=SHARE,
)
def revenue_share(run: Run, week: float, p: RevenueOf) -> Array:
    """A firm's revenue since week 0 over that of all domestic firms, 0 without any; (W,)."""
    total = run.at(week).revenue_total * run.firms.domestic
    return total[:, slot(run, p.firm)] / np.maximum(np.sum(total, axis=-1), 1e-300)


class AtLeast(Definition):
    """How good a model."""

    oom: float = Field(description="least capability (GPT-3.5 is 23.9, GPT-4 is 25.0)")

    def words(self) -> str:
        """The bound."""
        return f"a capability of {self.oom:g} at least"


@metric(
    "models_at_least",
    "domestic firms whose own model has",
    unit="firms",
    params=AtLeast,
    within=COUNT,
)
def models_at_least(run: Run, week: float, p: AtLeast) -> Array:
    """Domestic firms alive with an own model of some capability; (W,)."""
    state = run.at(week)
    good = state.alive & run.firms.domestic & (state.capability >= p.oom)
    return np.sum(good, axis=-1)


Share = Literal["composite", "consumer", "developer", "enterprise", "public"]


def held(state: State, share: Share) -> Array:
    """Share of each firm in the users of a segment, or of all together; (W, F)."""
    if share == "composite":
        return composite_shares(state)
    return np.asarray(shares(state)[:, SEGMENTS.index(share)])


def of_what(share: Share) -> str:
    """The share in words."""
    return "of all segments together" if share == "composite" else f"of the {share} segment"


class OfKind(Definition):
    """Whose share, of what."""

    kind: Kind = Field(description="kind of firm")
    share: Share = Field("composite", description="share of which users")

    def words(self) -> str:
        """Whose share, of what."""
        return f"of all firms of kind {self.kind}, {of_what(self.share)}"


@metric("kind_share", "share of users", unit="1", params=OfKind, within=SHARE)
def kind_share(run: Run, week: float, p: OfKind) -> Array:
    """Share of users that firms of a kind hold together; (W,)."""
    mine = run.firms.kind == KINDS.index(p.kind)
    return np.sum(held(run.at(week), p.share) * mine, axis=-1)


class InSegment(Definition):
    """Which users."""

    segment: SegmentName = Field(description="user segment")

    def words(self) -> str:
        """The users."""
        return f"of all accounts of the {self.segment} segment"


@metric(
    "adoption", "share of accounts that use some product", unit="1", params=InSegment, within=SHARE
)
def adoption(run: Run, week: float, p: InSegment) -> Array:
    """Accounts in use over all accounts of a segment; (W,)."""
    state, g = run.at(week), SEGMENTS.index(p.segment)
    using = np.sum(state.users[:, g], axis=-1)
    return np.asarray(using / (using + state.idle[:, g, 0] + state.unaware[:, g, 0]))


# Capability from which on a product does what was paid for outside; a quarter of the budget each.
# Copy: with GPT-3.5 writers were faster and better (Noy & Zhang, Science, July 2023). Proposals:
# with GPT-4 consultants were (Dell'Acqua et al., September 2023). Design and staff are assumed, and
# so it is that no more is needed where nobody looks over it.
_TASKS = {"copywriting": 23.9, "proposals": 25.0, "creative design": 25.0, "short-term staff": 25.5}


class Tasks(Definition):
    """Whose outsourced work, and how good a model must be for it."""

    segment: SegmentName = Field("enterprise", description="user segment")
    harder_oom: float = Field(0.0, description="how much more capability every kind of work takes")

    def words(self) -> str:
        """Whose work, and what it takes."""
        takes = ", ".join(f"{kind} {oom:g}" for kind, oom in _TASKS.items())
        return (
            f"of all accounts of the {self.segment} segment and four kinds of work, a quarter of "
            f"the budget each, those where the product in use has the capability ({takes}; "
            f"{self.harder_oom:g} more of each)"
        )


@metric(
    "tasks_taken",
    "share of the outsourcing budget that models can take",
    unit="1",
    params=Tasks,
    within=SHARE,
)
def tasks_taken(run: Run, week: float, p: Tasks) -> Array:
    """Over all accounts of a segment, the part of the budget their product is fit for; (W,)."""
    state, g = run.at(week), SEGMENTS.index(p.segment)
    needs = np.array(list(_TASKS.values())) + p.harder_oom
    fit = np.mean(state.served[..., None] >= needs, axis=-1)
    using = state.users[:, g]
    everybody = np.sum(using, axis=-1) + state.idle[:, g, 0] + state.unaware[:, g, 0]
    return np.asarray(np.sum(using * fit, axis=-1) / everybody)


class Paid(Definition):
    """Of what: nothing to choose."""

    def words(self) -> str:
        """Of what."""
        return "of what the accounts of domestic firms pay in that week"


@metric(
    "applications_share",
    "share of revenue that wrappers and verticals have",
    unit="1",
    params=Paid,
    within=SHARE,
)
def applications_share(run: Run, week: float, p: Paid) -> Array:
    """Revenue of domestic firms that resell a model or serve one industry, over all; (W,)."""
    state = run.at(week)
    paid = np.sum(state.users * state.price, axis=1) * run.firms.domestic
    apps = (state.route == Route.WRAPPER) | (state.route == Route.VERTICAL)
    return np.asarray(np.sum(paid * apps, axis=-1) / np.maximum(np.sum(paid, axis=-1), 1e-300))


class Gap(Definition):
    """From where to where."""

    to: Literal["gpt4", "gpt35", "frontier", "open_weights"] = Field(
        "gpt4",
        description="GPT-4 (25.0) or GPT-3.5 (23.9) as they were in April 2023, or the "
        "best abroad or the best open weights of that week",
    )
    of: Literal["best", "median"] = Field(
        "best", description="the best own model at home, or the median of firms that have one"
    )

    def words(self) -> str:
        """From where to where."""
        return f"from the {self.of} own model at home to {self.to} (negative where it is ahead)"


@metric(
    "capability_gap",
    "distance in capability",
    unit="OOM",
    params=Gap,
    within=Bounds(-30, 30),
    less_is_better=True,
)
def capability_gap(run: Run, week: float, p: Gap) -> Array:
    """Level less capability, NaN where nobody at home has a model of its own; (W,)."""
    state = run.at(week)
    has = state.alive & run.firms.domestic & (state.capability > NO_MODEL)
    own = np.where(has, state.capability, np.nan)
    some = np.any(has, axis=-1)
    mine = np.full(len(some), np.nan)
    pick = np.nanmax if p.of == "best" else np.nanmedian
    mine[some] = pick(own[some], axis=-1)
    level = {
        "gpt4": 25.0,
        "gpt35": 23.9,
        "frontier": state.frontier[:, 0],
        "open_weights": state.open_weights[:, 0],
    }[p.to]
    return np.asarray(level - mine)


class Behind(Definition):
    """Who is behind, and how long a distance in capability is."""

    of: Literal["best", "median"] = Field("best", description="whose model, as in capability_gap")
    pace: float = Field(
        0.8, gt=0, description="OOM that the frontier grows in a year, without a pause"
    )

    def words(self) -> str:
        """Who is behind, and at what pace."""
        return f"of the {self.of} own model at home, at {self.pace:g} OOM a year"


@metric(
    "weeks_behind",
    "distance to the best model abroad, in weeks of its growth",
    unit="weeks",
    params=Behind,
    less_is_better=True,
)
def weeks_behind(run: Run, week: float, p: Behind) -> Array:
    """The gap to the frontier over what the frontier gains in a week; (W,)."""
    return capability_gap(run, week, Gap(to="frontier", of=p.of)) / (p.pace / 52.0)


class Dominance(Definition):
    """When the field counts as one firm's."""

    dominance: float = Field(0.5, gt=0, le=1, description="share above which one firm dominates")
    by: Literal["users", "revenue"] = Field(
        "users", description="lead and dominance by accounts, or by what the accounts pay"
    )

    def words(self) -> str:
        """When the field counts as one firm's."""
        return (
            f"leaders by {self.by}, 0 where one firm holds more than {100 * self.dominance:g} % "
            + ("of all segments together" if self.by == "users" else "of the revenue")
        )


@metric(
    "territories",
    "number of different firms that lead the four segments",
    unit="firms",
    params=Dominance,
    within=Bounds(0, 4, whole=True),
)
def territories(run: Run, week: float, p: Dominance) -> Array:
    """Different leaders of segments that have users, 0 under dominance; domestic firms; (W,)."""
    state = run.at(week)
    size = state.users * run.firms.domestic[:, None, :]
    if p.by == "revenue":
        size = size * state.price
        total = np.sum(size, axis=(1, 2))
        top = np.max(np.sum(size, axis=1), axis=-1) / np.maximum(total, 1e-300)
    else:
        top = np.max(composite_shares(state) * run.firms.domestic, axis=-1)
    leader = np.where(np.any(size > 0.0, axis=-1), np.argmax(size, axis=-1), -1)
    leader = np.sort(leader, axis=-1)
    fresh = (leader[:, 1:] != leader[:, :-1]) & (leader[:, 1:] >= 0)
    return np.where(top > p.dominance, 0, np.sum(fresh, axis=-1) + (leader[:, 0] >= 0))


class Fit(Definition):
    """Whose strength."""

    theta: float = Field(0.01, gt=0, lt=1, description="least share in some segment")

    def words(self) -> str:
        """Whose strength."""
        return (
            f"domestic firms with at least {100 * self.theta:g} % of some segment and an origin "
            "that favours one"
        )


@metric(
    "origin_fit",
    "share of firms that are strongest where their origin fits best",
    unit="1",
    params=Fit,
    within=SHARE,
)
def origin_fit(run: Run, week: float, p: Fit) -> Array:
    """Share of firms whose best segment is (one of) those of best affinity, NaN without; (W,)."""
    part, fit = shares(run.at(week)), run.firms.affinity
    leaning = np.max(fit, axis=1) > np.min(fit, axis=1)
    counted = (np.max(part, axis=1) >= p.theta) & leaning & run.firms.domestic
    best = np.argmax(part, axis=1)[:, None, :]
    there = np.take_along_axis(np.broadcast_to(fit, part.shape), best, axis=1)[:, 0]
    fits = counted & (there >= np.max(fit, axis=1))
    n = np.sum(counted, axis=-1)
    return np.where(n > 0, np.sum(fits, axis=-1) / np.maximum(n, 1), np.nan)
