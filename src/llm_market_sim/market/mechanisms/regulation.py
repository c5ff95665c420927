"""Licences: closed beta, filing, review, batches of approvals, incidents and suspensions."""

from __future__ import annotations

from typing import Any

import numpy as np

from llm_market_sim.market.parameters import BySegment, Section, parameter
from llm_market_sim.market.phase import Changes, Phase, lookup, tick_clock
from llm_market_sim.market.state import Array, Setting, State, Status

__all__ = ["PHASES", "Params", "license", "needs_licence", "police"]


class Params(Section):
    """What a public product needs before it may open, and how long that takes."""

    # fmt: off
    review_required: bool = parameter(
        True, unit="yes/no", meaning="public products need a licence before they open",
        source="draft measures of 11 April 2023, in force 15 August 2023 (CAC)",
    )
    filing_open: bool = parameter(
        False, unit="yes/no", meaning="applications are accepted",
        source="assumption: from about twelve weeks before the rule takes effect",
    )
    review_delay_weeks: float = parameter(
        6.0, plausible=(4, 34),
        unit="weeks", ge=0, le=520, symbol="D", meaning="mean time of a review",
        source="fitted to the facts of 2023; the first betas lasted 143 to 168 days, with filing "
        "and the wait for a batch (Reuters)",
    )
    first_batch_week: float = parameter(
        19.4, unit="week", ge=-520, le=520, meaning="week of the first batch of approvals",
        source="31 August 2023 (Reuters)",
    )
    batch_interval_weeks: float = parameter(
        7.5, plausible=(2, 12),
        unit="weeks", ge=0, le=104, symbol="b", meaning="time between batches, 0 for at once",
        source="fitted to the facts of 2023 (approvals)",
    )
    batch_capacity: float = parameter(
        11.0, unit="firms", ge=0, le=1e6, symbol="c_0", meaning="approvals in the first batch",
        source="11 firms on 31 August 2023 (Reuters and Chinese media)",
    )
    batch_growth: float = parameter(
        1.25, plausible=(1, 1.8),
        unit="1", ge=0, le=10, meaning="growth of the capacity from batch to batch",
        source="fitted to the facts of 2023: 11 in August, 64 at year end (CAC, derived)",
    )
    licence_needed: BySegment = parameter(
        {"consumer": 1.0, "developer": 1.0, "enterprise": 0.0, "public": 0.0},
        unit="0/1", ge=0, le=1, meaning="whether serving a segment needs a licence",
        source="the measures cover services offered to the public (rule summaries, July 2023)",
    )
    beta_cap: BySegment = parameter(
        {"consumer": 3e5, "developer": 3e4, "enterprise": 1e9, "public": 1e9},
        plausible=(0.2, 5), unit="accounts", ge=0, le=1e12,
        meaning="most users of a closed beta where a licence is needed", source="assumption",
    )
    incidents_per_year: float = parameter(
        0.15, plausible=(0.03, 0.5),
        unit="1/year", ge=0, le=20, meaning="rate of incidents of a product in use",
        source="assumption",
    )
    suspension_weeks: float = parameter(
        6.0, unit="weeks", ge=0, le=520, meaning="mean length of a suspension after an incident",
        source="assumption",
    )
    # fmt: on


def license(state: State, p: Any, setting: Setting) -> Changes:
    """File, review, approve in batches by order of completion; ties are broken by luck.

    Review times are D times a gamma variate that belongs to the firm, so a longer delay makes
    every firm later, never another.
    """
    r, luck = p.regulation, setting.luck
    beta = (state.status == Status.BETA) & setting.firms.domestic
    needs = _needs(state, r)

    files = beta & needs & r.filing_open & (state.wish_filing > 0.0) & np.isinf(state.filed_at)
    filed_at = np.where(files, np.maximum(state.week, state.launched_at), state.filed_at)
    length = r.review_delay_weeks * luck.erlang4("review", where=files)
    reviewed_at = np.where(files, filed_at + length, state.reviewed_at)

    end = setting.after(state.week)
    interval = np.asarray(r.batch_interval_weeks)
    step = np.where(interval > 0.0, interval, 1.0)
    last = np.floor((end - r.first_batch_week) / step)
    before = np.maximum(np.floor((state.week - r.first_batch_week) / step), -1.0)
    batches = np.maximum(last - before, 0.0)  # more than one where they come faster than ticks
    batch_at = r.first_batch_week + last * step
    waits = beta & needs & np.isinf(state.licensed_at)
    approved, when = np.zeros_like(waits), np.broadcast_to(batch_at, waits.shape)
    if np.any((batches > 0.0) & (interval > 0.0)):
        queue = waits & (batches > 0.0) & (interval > 0.0) & (reviewed_at <= batch_at)
        capacity = batches * np.floor(r.batch_capacity * r.batch_growth ** np.maximum(last, 0.0))
        order = reviewed_at + 1e-6 * luck.uniform("queue", where=queue)
        rank = np.argsort(np.argsort(np.where(queue, order, np.inf), axis=-1), axis=-1)
        approved = queue & (rank < capacity)
    cleared = np.maximum(np.maximum(reviewed_at, r.first_batch_week), state.suspended_until)
    at_once = waits & (interval <= 0.0) & (cleared <= end)
    licensed = approved | at_once
    when = np.where(at_once, cleared, when)
    licensed_at = np.where(licensed, when, state.licensed_at)
    opens = beta & (~needs | licensed)
    return {
        "filed_at": filed_at,
        "reviewed_at": reviewed_at,
        "licensed_at": licensed_at,
        "status": np.where(opens, np.int8(Status.OPEN), state.status),
    }


def needs_licence(niche: Array, segments: Array, required: Any) -> Array:
    """Which firms need a licence; bool, of the shape of `niche`.

    A vertical firm needs what its niche needs; everybody else serves the public. segments: whether
    serving each segment needs one, (S,). required: whether there are licences at all.
    """
    needed = segments > 0.0
    table = np.concat([needed, np.any(needed, keepdims=True)])  # the last one is for no niche
    return lookup(table, niche + len(table) * (niche < 0)) & required


def _needs(state: State, r: Any) -> Array:
    return needs_licence(state.niche, r.licence_needed[:, 0], r.review_required)


def police(state: State, p: Any, setting: Setting) -> Changes:
    """Incidents take a product down for a while; then it comes back where it stood."""
    r = p.regulation
    end = setting.after(state.week)
    exposed = state.live & setting.firms.domestic
    hit, when, clock = tick_clock(
        state.clock_incident, exposed * (r.incidents_per_year / 52.0), "incident",
        state.incidents, setting, state.week,
    )  # fmt: skip
    length = r.suspension_weeks * setting.luck.erlang4("suspension", state.incidents, where=hit)
    until = np.where(hit, when + length, state.suspended_until)
    back = (state.status == Status.SUSPENDED) & (until <= end)
    free = ~np.isinf(state.licensed_at) | ~_needs(state, r)
    status = np.where(
        back, np.where(free, np.int8(Status.OPEN), np.int8(Status.BETA)), state.status
    )
    return {
        "clock_incident": clock,
        "incidents": state.incidents + hit,
        "incident_at": np.where(hit, when, state.incident_at),
        "suspended_until": until,
        "status": np.where(hit & (until > end), np.int8(Status.SUSPENDED), status),
    }


PHASES = (
    Phase(
        "license", "Products file, are reviewed, and are approved in batches.", license,
        ("filed_at", "reviewed_at", "licensed_at", "status"),
    ),
    Phase(
        "police", "Incidents suspend a product; a suspension that is over ends.", police,
        ("clock_incident", "incidents", "incident_at", "suspended_until", "status"),
    ),
)  # fmt: skip
