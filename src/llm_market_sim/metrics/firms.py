"""Firms: how many have come, how many are left, and what a single one holds."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from llm_market_sim.market.observation import general, general_route, shares
from llm_market_sim.market.parameters import KINDS, ROUTES
from llm_market_sim.market.state import Array, Firms, Status
from llm_market_sim.metrics.market import Share, held, of_what
from llm_market_sim.metrics.registry import COUNT, SHARE, Bounds, Definition, metric, slot
from llm_market_sim.simulation import Run

AnyKind = Literal["any", "bigtech", "listed", "startup"]
AnyRoute = Literal["any", "foundation", "fine_tune", "wrapper", "vertical"]


def of_kind(firms: Firms, kind: AnyKind) -> Array:
    """Domestic firms of a kind; bool (1, F)."""
    return firms.domestic if kind == "any" else firms.kind == KINDS.index(kind)


def plural(kind: AnyKind) -> str:
    """A kind in words."""
    return {
        "any": "domestic firms",
        "bigtech": "big techs",
        "listed": "listed firms",
        "startup": "startups",
    }[kind]


def ratio(part: Array, whole: Array) -> Array:
    """Share of firms in one that are in the other, NaN where there is none; bool (W, F) to (W,)."""
    n = np.sum(whole, axis=-1)
    return np.where(n > 0, np.sum(part & whole, axis=-1) / np.maximum(n, 1), np.nan)


class Contestants(Definition):
    """Who counts as a contestant."""

    stage: Literal["entered", "shown", "licensed"] = Field(
        "shown",
        description="entered: at work on a model; shown: a product, be it in closed beta; "
        "licensed: open to the public by licence",
    )
    who: Literal["all", "general"] = Field(
        "all", description="all, or general developers only (no wrappers, no verticals)"
    )
    count: Literal["firms", "models"] = Field(
        "firms",
        description="firms, or what they have shown: every model that a firm has trained, "
        "and one product where it has trained none",
    )
    since: Literal["ever", "alive"] = Field(
        "ever", description="also those that are gone, or only those still alive"
    )

    def words(self) -> str:
        """Who counts."""
        kept = "" if self.who == "all" else " as general developers"
        gone = ", also those that are gone" if self.since == "ever" else " and are alive"
        stage = {"entered": "entered", "shown": "shown a product", "licensed": "been licensed"}
        firms = f"domestic firms that have {stage[self.stage]}{kept}{gone}"
        return firms if self.count == "firms" else f"models, one at least, of {firms}"


@metric("contestants", "contestants", unit="firms", params=Contestants, within=COUNT)
def contestants(run: Run, week: float, p: Contestants) -> Array:
    """Firms that have come so far; the route is that of the week, or of the end; (W,)."""
    state = run.at(week)
    stamp = {
        "entered": state.entered_at,
        "shown": state.launched_at,
        "licensed": state.licensed_at,
    }[p.stage]
    counted = (stamp <= week) & run.firms.domestic
    if p.who == "general":
        counted = counted & general_route(state)
    if p.since == "alive":
        counted = counted & state.alive
    each = np.maximum(state.runs, 1.0) if p.count == "models" else 1.0
    return np.sum(counted * each, axis=-1)


class Survivors(Definition):
    """Of whom, and what it is to survive."""

    kind: AnyKind = Field("any", description="kind of firm")
    as_what: Literal["alive", "general", "in_use", "platform"] = Field(
        "alive",
        description="alive; or also still a general developer; or also with a product "
        "that holds a share of some segment; or all of it, and open to the public",
    )
    theta: float = Field(0.01, gt=0, lt=1, description="that share (in_use, platform)")

    def words(self) -> str:
        """Of whom, and what it is to survive."""
        left = {
            "alive": "alive (not sold, bankrupt or shut)",
            "general": "alive and general developers (neither wrapper nor vertical)",
            "in_use": f"alive with at least {100 * self.theta:g} % of some segment",
            "platform": "alive, general developers still (neither wrapper nor vertical), open to "
            f"the public and with at least {100 * self.theta:g} % of some segment",
        }[self.as_what]
        who = " and been general developers" if self.as_what in ("general", "platform") else ""
        return f"of all {plural(self.kind)} that have entered{who}, those {left}"


@metric("survival", "share of firms that are left", unit="1", params=Survivors, within=SHARE)
def survival(run: Run, week: float, p: Survivors) -> Array:
    """Those left over all that have entered so far, NaN where none has; (W,)."""
    state = run.at(week)
    entered = (state.entered_at <= week) & of_kind(run.firms, p.kind)
    left = state.alive
    if p.as_what in ("general", "platform"):
        left = general(state, run.firms)
        entered = entered & (general_route(state) | (state.pivots > 0))
    if p.as_what == "platform":
        left = left & (state.status == Status.OPEN)
    if p.as_what in ("in_use", "platform"):
        left = left & (np.max(shares(state), axis=1) >= p.theta)
    return ratio(left, entered)


class Alive(Definition):
    """Of which kind and route."""

    kind: AnyKind = Field("any", description="kind of firm")
    route: AnyRoute = Field("any", description="how they come by a model")

    def words(self) -> str:
        """Of which kind and route."""
        return plural(self.kind) + ("" if self.route == "any" else f" on the route {self.route}")


@metric("firms_alive", "firms alive", unit="firms", params=Alive, within=COUNT)
def firms_alive(run: Run, week: float, p: Alive) -> Array:
    """Firms alive of a kind and route; (W,)."""
    state = run.at(week)
    counted = state.alive & of_kind(run.firms, p.kind)
    if p.route != "any":
        counted = counted & (state.route == ROUTES.index(p.route))
    return np.sum(counted, axis=-1)


class Among(Definition):
    """Which firms."""

    firms: tuple[str, ...] = Field(
        min_length=1, strict=False, description="ids of firms of the roster"
    )

    def words(self) -> str:
        """The firms."""
        return f"of {', '.join(self.firms)}"


@metric(
    "alive_among",
    "firms alive",
    unit="firms",
    params=Among,
    within=lambda p: Bounds(0, len(p.firms), whole=True),
)
def alive_among(run: Run, week: float, p: Among) -> Array:
    """Named firms that are alive; (W,)."""
    return np.sum(run.at(week).alive[:, [slot(run, firm) for firm in p.firms]], axis=-1)


class FirmShare(Definition):
    """Whose share, of what."""

    firm: str = Field(description="id of a firm of the roster")
    share: Share = Field("composite", description="share of which users")

    def words(self) -> str:
        """Whose share, of what."""
        return f"of {self.firm}, {of_what(self.share)}"


@metric("firm_share", "share of users", unit="1", params=FirmShare, within=SHARE)
def firm_share(run: Run, week: float, p: FirmShare) -> Array:
    """Share of users that a firm holds, 0 before it has a product and after its end; (W,)."""
    return np.asarray(held(run.at(week), p.share)[:, slot(run, p.firm)])
