"""ODD "observation": what is written down every week of every world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from llm_market_sim.state import DEAD, Array, Firms, Kind, Route, Segment, State, Status

__all__ = ["COMPOSITE", "EVENTS", "SERIES", "EventKind", "Series", "composite_shares", "general", "shares"]

COMPOSITE = (0.40, 0.25, 0.20, 0.15)  # weight of each segment in a firm's composite share


@dataclass(frozen=True)
class Series:
    """A weekly quantity of the market: unit, meaning, and how it is read, (W,)."""

    unit: str
    meaning: str
    read: Callable[[State, Firms], Array]


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
    "bankrupt": EventKind(
        "status", "runs out of money", stamp="closed_at", status=Status.BANKRUPT
    ),
    "closed": EventKind("status", "is shut down", stamp="closed_at", status=Status.CLOSED),
}


def shares(state: State) -> Array:
    """Share of each firm in the users of each segment, 0 where nobody uses anything; (W, S, F)."""
    total = np.sum(state.users, axis=-1, keepdims=True)
    return np.where(total > 0.0, state.users / np.where(total > 0.0, total, 1.0), 0.0)


def composite_shares(state: State) -> Array:
    """Weighted mean of a firm's segment shares; (W, F)."""
    weights = np.array(COMPOSITE)[:, None]
    return np.sum(shares(state) * weights, axis=1)


def general(state: State, firms: Firms) -> Array:
    """Alive, domestic, and neither wrapper nor vertical: a general developer; (W, F)."""
    kept = (state.route == Route.FOUNDATION) | (state.route == Route.FINE_TUNE)
    return state.alive & kept & firms.domestic


def _count(mask: Array) -> Array:
    return np.sum(mask, axis=-1).astype(float)


def _hhi(state: State, firms: Firms) -> Array:
    held = composite_shares(state)
    total = np.sum(held, axis=-1, keepdims=True)
    held = np.where(total > 0.0, held / np.where(total > 0.0, total, 1.0), 0.0)
    return np.sum(held * held, axis=-1)


def _users(segment: Segment) -> Callable[[State, Firms], Array]:
    return lambda s, f: np.sum(s.users[:, segment], axis=-1)


def _best(s: State, f: Firms) -> Array:
    return np.max(np.where(s.alive & f.domestic, s.capability, -np.inf), axis=-1)


def _dead(status: Status) -> Callable[[State, Firms], Array]:
    return lambda s, f: _count(s.status == status)


SERIES: dict[str, Series] = {
    "firms_alive": Series(
        "firms", "domestic firms alive", lambda s, f: _count(s.alive & f.domestic)
    ),
    "general_developers": Series(
        "firms", "alive and neither wrapper nor vertical", lambda s, f: _count(general(s, f))
    ),
    "entered": Series(
        "firms", "domestic firms entered so far",
        lambda s, f: _count((s.entered_at <= s.week) & f.domestic),
    ),
    "launched": Series(
        "firms", "domestic firms that have shown a product so far",
        lambda s, f: _count((s.launched_at <= s.week) & f.domestic),
    ),
    "licensed": Series("firms", "firms licensed so far", lambda s, f: _count(s.licensed_at <= s.week)),
    "in_beta": Series("firms", "in closed beta", lambda s, f: _count(s.status == Status.BETA)),
    "gone": Series("firms", "firms gone so far", lambda s, f: _count(s.status >= DEAD)),
    "acquired": Series("firms", "firms sold so far", _dead(Status.ACQUIRED)),
    "bankrupt": Series("firms", "firms out of money so far", _dead(Status.BANKRUPT)),
    "closed": Series("firms", "units shut down so far", _dead(Status.CLOSED)),
    "users_consumer": Series("accounts", "consumers using a product", _users(Segment.CONSUMER)),
    "users_developer": Series("accounts", "developers using a product", _users(Segment.DEVELOPER)),
    "users_enterprise": Series("accounts", "enterprises using one", _users(Segment.ENTERPRISE)),
    "users_public": Series("accounts", "public bodies using a product", _users(Segment.PUBLIC)),
    "hhi": Series("1", "concentration of composite shares (Herfindahl)", _hhi),
    "top_share": Series(
        "1", "largest composite share", lambda s, f: np.max(composite_shares(s), axis=-1)
    ),
    "startup_share": Series(
        "1", "composite share of startups",
        lambda s, f: np.sum(composite_shares(s) * (f.kind == Kind.STARTUP), axis=-1),
    ),
    "best_capability": Series("OOM", "best domestic model", _best),
    "frontier": Series("OOM", "best model abroad", lambda s, f: s.frontier[:, 0]),
    "open_weights": Series("OOM", "best open weights", lambda s, f: s.open_weights[:, 0]),
    "gpu_price": Series("USD/hour", "rent of an accelerator", lambda s, f: s.gpu_price[:, 0]),
    "gpu_utilisation": Series(
        "1", "demand over usable accelerators", lambda s, f: s.gpu_utilisation[:, 0]
    ),
    "hype": Series("1", "hype, 1 in April 2023", lambda s, f: np.exp(s.log_hype[:, 0])),
    "vc_pool": Series("million USD", "venture money waiting", lambda s, f: s.vc_pool_musd[:, 0]),
    "raised": Series(
        "million USD", "venture money raised since week 0", lambda s, f: np.sum(s.raised, axis=-1)
    ),
    "revenue": Series(
        "million USD/year", "revenue of domestic firms", lambda s, f: np.sum(s.revenue, axis=-1)
    ),
    "profit_total": Series(
        "million USD", "operating profit of domestic firms since week 0",
        lambda s, f: np.sum(s.profit_total * f.domestic, axis=-1),
    ),
}  # fmt: skip
