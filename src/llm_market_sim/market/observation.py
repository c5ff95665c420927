"""ODD "observation": what is written down every week of every world."""

from __future__ import annotations

from typing import Any

import numpy as np

from llm_market_sim.market.arithmetic import exp
from llm_market_sim.market.codes import (
    ACQUIRED,
    BANKRUPT,
    BETA,
    CLOSED,
    CONSUMER,
    FINE_TUNE,
    FOUNDATION,
    NO_MODEL,
    SEGMENT_COUNT,
    STARTUP,
    Route,
)
from llm_market_sim.market.columns import EVENTS, SERIES, Columns, series
from llm_market_sim.market.firm import Firms as FirmRecords
from llm_market_sim.market.firm import W, alive
from llm_market_sim.market.rule import observer
from llm_market_sim.market.state import Array, Firms, State

__all__ = [
    "COMPOSITE",
    "EVENTS",
    "SERIES",
    "composite_shares",
    "general",
    "general_route",
    "shares",
]

COMPOSITE = (0.40, 0.25, 0.20, 0.15)  # weight of each segment in a firm's composite share


class Series(Columns):
    """The weekly quantities of the market."""

    firms_alive = series("firms", "domestic firms alive")
    general_developers = series("firms", "alive and neither wrapper nor vertical")
    entered = series("firms", "firms entered so far")
    launched = series("firms", "firms that have shown a product so far")
    licensed = series("firms", "firms licensed so far")
    in_beta = series("firms", "products in closed beta")
    acquired = series("firms", "firms sold so far")
    bankrupt = series("firms", "firms out of money so far")
    closed = series("firms", "units shut down so far")
    users_consumer = series("accounts", "consumers using a product")
    users_developer = series("accounts", "developers using a product")
    users_enterprise = series("accounts", "enterprises using a product")
    users_public = series("accounts", "public bodies using a product")
    tried_consumer = series("accounts", "consumers who have ever tried a product")
    hhi = series("1", "concentration of composite shares (Herfindahl)")
    top_share = series("1", "largest composite share")
    startup_share = series("1", "composite share of startups")
    best_capability = series("OOM", "best domestic model")
    frontier = series("OOM", "best model abroad")
    open_weights = series("OOM", "best open weights")
    gpu_price = series("USD/hour", "rent of an accelerator")
    gpu_utilisation = series("1", "demand over usable accelerators")
    hype = series("1", "hype, 1 in April 2023")
    vc_pool = series("million USD", "venture money waiting")
    raised = series("million USD", "venture money raised by firms so far")
    revenue = series("million USD/year", "revenue of firms")
    revenue_total = series("million USD", "revenue of firms since week 0")
    profit_total = series("million USD", "operating profit of firms since week 0")


@observer
def count_firms(w: W, firms: FirmRecords, row: Any) -> None:
    """How many domestic firms stand where, and their money together."""
    row.best_capability = NO_MODEL
    for f in firms:
        if not f.domestic:
            continue
        if alive(f):
            row.firms_alive += 1.0
            row.best_capability = max(row.best_capability, f.capability)
            if f.route == FOUNDATION or f.route == FINE_TUNE:
                row.general_developers += 1.0
        if f.entered_at <= w.week:
            row.entered += 1.0
        if f.launched_at <= w.week:
            row.launched += 1.0
        if f.licensed_at <= w.week:
            row.licensed += 1.0
        if f.status == BETA:
            row.in_beta += 1.0
        elif f.status == ACQUIRED:
            row.acquired += 1.0
        elif f.status == BANKRUPT:
            row.bankrupt += 1.0
        elif f.status == CLOSED:
            row.closed += 1.0
        row.raised += f.raised
        row.revenue += f.revenue
        row.revenue_total += f.revenue_total
        row.profit_total += f.profit_total


@observer
def measure_shares(w: W, firms: FirmRecords, row: Any) -> None:
    """Who uses anything, and how that is spread over firms; the index is of shares of one."""
    users, weight = np.zeros(SEGMENT_COUNT), np.empty(SEGMENT_COUNT)
    for f in firms:
        for g in range(SEGMENT_COUNT):
            users[g] += f.users[g]
    for g in range(SEGMENT_COUNT):
        weight[g] = COMPOSITE[g] / max(users[g], 1e-300)
    whole, squares = 0.0, 0.0
    for f in firms:
        share = 0.0
        for g in range(SEGMENT_COUNT):
            share += weight[g] * f.users[g]
        whole += share
        squares += share * share
        row.top_share = max(row.top_share, share)
        if f.kind == STARTUP:
            row.startup_share += share
    row.hhi = squares / max(whole * whole, 1e-300)
    row.users_consumer, row.users_developer = users[0], users[1]
    row.users_enterprise, row.users_public = users[2], users[3]
    row.tried_consumer = users[CONSUMER] + w.idle[CONSUMER]


@observer
def note_world(w: W, firms: FirmRecords, row: Any) -> None:
    """What is the same for all firms."""
    row.frontier = w.frontier
    row.open_weights = w.open_weights
    row.gpu_price = w.gpu_price
    row.gpu_utilisation = w.gpu_utilisation
    row.hype = exp(w.log_hype)
    row.vc_pool = w.vc_pool_musd


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
