"""ODD "observation": what is written down every week of every world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from llm_market_sim.market.state import NO_MODEL, Array, Firms, Kind, Route, Segment, State, Status

__all__ = [
    "COMPOSITE", "EVENTS", "SERIES", "EventKind", "Series", "Week", "composite_shares",
    "general", "general_route", "shares",
]  # fmt: skip

COMPOSITE = (0.40, 0.25, 0.20, 0.15)  # weight of each segment in a firm's composite share


@dataclass(frozen=True)
class Series:
    """A weekly quantity of the market: unit, meaning, and how it is read, (W,)."""

    unit: str
    meaning: str
    read: Callable[[Week], Array]


@dataclass(frozen=True)
class EventKind:
    """Something that happens to a firm: it did where `column` changed (and `status` is given).

    stamp: column with the exact week, empty for the end of the tick. amount, other: columns whose
    change or value goes with the event (money raised, slot of a backer or buyer).
    """

    column: str
    sentence: str
    stamp: str = ""
    amount: str = ""
    other: str = ""
    status: int | None = None


EVENTS: dict[str, EventKind] = {
    "entered": EventKind("entered_at", "enters", stamp="entered_at"),
    "trained": EventKind("runs", "completes a training run", stamp="run_at", amount="capability"),
    "run_failed": EventKind("run_failures", "has a training run thrown back"),
    "launched": EventKind("launched_at", "shows its product", stamp="launched_at"),
    "filed": EventKind("filed_at", "files for a licence", stamp="filed_at"),
    "licensed": EventKind("licensed_at", "is licensed", stamp="licensed_at"),
    "suspended": EventKind("incidents", "has an incident and is suspended", stamp="incident_at"),
    "raised": EventKind("stage", "raises money", stamp="round_at", amount="round_musd"),
    "backed": EventKind("backer", "is backed", stamp="round_at", other="backer"),
    "pivoted": EventKind("pivots", "changes route", other="route"),
    "acquired": EventKind(
        "status", "is sold", stamp="closed_at", other="acquirer", status=Status.ACQUIRED
    ),
    "bankrupt": EventKind("status", "runs out of money", stamp="closed_at", status=Status.BANKRUPT),
    "closed": EventKind("status", "is shut down", stamp="closed_at", status=Status.CLOSED),
}


def shares(state: State) -> Array:
    """Share of each firm in the users of each segment, 0 where nobody uses anything; (W, S, F)."""
    total = np.sum(state.users, axis=-1, keepdims=True)
    return np.asarray(state.users / np.maximum(total, 1e-300))


def composite_shares(state: State) -> Array:
    """Weighted mean of a firm's segment shares; (W, F)."""
    total = np.sum(state.users, axis=-1, keepdims=True)
    weights = np.array(COMPOSITE)[:, None] / np.maximum(total, 1e-300)
    return np.sum(state.users * weights, axis=1)


def general_route(state: State) -> Array:
    """Neither wrapper nor vertical: the routes of a general developer; (W, F)."""
    return (state.route == Route.FOUNDATION) | (state.route == Route.FINE_TUNE)


def general(state: State, firms: Firms) -> Array:
    """Alive, domestic, and on the route of a general developer; (W, F)."""
    return state.alive & general_route(state) & firms.domestic


class Week:
    """A state as an observer reads it; what several quantities need is worked out once."""

    def __init__(self, state: State, firms: Firms) -> None:
        self.state = state
        self.firms = firms

    @cached_property
    def composite(self) -> Array:
        """Composite shares (W, F)."""
        return composite_shares(self.state)

    @cached_property
    def runway(self) -> Array:
        """Runways (W, F)."""
        return self.state.runway

    def count(self, mask: Array) -> Array:
        """Domestic firms of which something is true; (W,)."""
        return np.count_nonzero(mask & self.firms.domestic, axis=-1).astype(float)

    def users(self, segment: Segment) -> Array:
        """Accounts that use some product; (W,)."""
        return np.sum(self.state.users[:, segment], axis=-1)

    def total(self, column: Array) -> Array:
        """Sum over domestic firms; (W,)."""
        return np.sum(column * self.firms.domestic, axis=-1)

    def hhi(self) -> Array:
        """Herfindahl index of the composite shares, which it first brings to a sum of one; (W,)."""
        total = np.maximum(np.sum(self.composite, axis=-1, keepdims=True), 1e-300)
        return np.sum((self.composite / total) ** 2, axis=-1)

    def best(self) -> Array:
        """Best own model of a domestic firm that is alive; (W,)."""
        ours = self.state.alive & self.firms.domestic
        return np.max(np.where(ours, self.state.capability, NO_MODEL), axis=-1)


SERIES: dict[str, Series] = {
    "firms_alive": Series("firms", "domestic firms alive", lambda o: o.count(o.state.alive)),
    "general_developers": Series(
        "firms", "alive and neither wrapper nor vertical",
        lambda o: o.count(general(o.state, o.firms)),
    ),
    "entered": Series(
        "firms", "firms entered so far", lambda o: o.count(o.state.entered_at <= o.state.week)
    ),
    "launched": Series(
        "firms", "firms that have shown a product so far",
        lambda o: o.count(o.state.launched_at <= o.state.week),
    ),
    "licensed": Series(
        "firms", "firms licensed so far", lambda o: o.count(o.state.licensed_at <= o.state.week)
    ),
    "in_beta": Series(
        "firms", "products in closed beta", lambda o: o.count(o.state.status == Status.BETA)
    ),
    "acquired": Series(
        "firms", "firms sold so far", lambda o: o.count(o.state.status == Status.ACQUIRED)
    ),
    "bankrupt": Series(
        "firms", "firms out of money so far", lambda o: o.count(o.state.status == Status.BANKRUPT)
    ),
    "closed": Series(
        "firms", "units shut down so far", lambda o: o.count(o.state.status == Status.CLOSED)
    ),
    "users_consumer": Series(
        "accounts", "consumers using a product", lambda o: o.users(Segment.CONSUMER)
    ),
    "users_developer": Series(
        "accounts", "developers using a product", lambda o: o.users(Segment.DEVELOPER)
    ),
    "users_enterprise": Series(
        "accounts", "enterprises using a product", lambda o: o.users(Segment.ENTERPRISE)
    ),
    "users_public": Series(
        "accounts", "public bodies using a product", lambda o: o.users(Segment.PUBLIC)
    ),
    "tried_consumer": Series(
        "accounts", "consumers who have ever tried a product",
        lambda o: o.users(Segment.CONSUMER) + o.state.idle[:, Segment.CONSUMER, 0],
    ),
    "hhi": Series("1", "concentration of composite shares (Herfindahl)", Week.hhi),
    "top_share": Series("1", "largest composite share", lambda o: np.max(o.composite, axis=-1)),
    "startup_share": Series(
        "1", "composite share of startups",
        lambda o: np.sum(o.composite * (o.firms.kind == Kind.STARTUP), axis=-1),
    ),
    "best_capability": Series("OOM", "best domestic model", Week.best),
    "frontier": Series("OOM", "best model abroad", lambda o: o.state.frontier[:, 0]),
    "open_weights": Series("OOM", "best open weights", lambda o: o.state.open_weights[:, 0]),
    "gpu_price": Series("USD/hour", "rent of an accelerator", lambda o: o.state.gpu_price[:, 0]),
    "gpu_utilisation": Series(
        "1", "demand over usable accelerators", lambda o: o.state.gpu_utilisation[:, 0]
    ),
    "hype": Series("1", "hype, 1 in April 2023", lambda o: np.exp(o.state.log_hype[:, 0])),
    "vc_pool": Series(
        "million USD", "venture money waiting", lambda o: o.state.vc_pool_musd[:, 0]
    ),
    "raised": Series(
        "million USD", "venture money raised by firms so far", lambda o: o.total(o.state.raised)
    ),
    "revenue": Series(
        "million USD/year", "revenue of firms", lambda o: o.total(o.state.revenue)
    ),
    "revenue_total": Series(
        "million USD", "revenue of firms since week 0", lambda o: o.total(o.state.revenue_total)
    ),
    "profit_total": Series(
        "million USD", "operating profit of firms since week 0",
        lambda o: o.total(o.state.profit_total),
    ),
}  # fmt: skip
