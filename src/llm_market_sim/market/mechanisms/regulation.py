"""Licences: closed beta, filing, review, batches of approvals, incidents and suspensions."""

from __future__ import annotations

from typing import Any

import numpy as np

from llm_market_sim.market.arithmetic import whole_power
from llm_market_sim.market.codes import (
    BETA,
    CONSUMER,
    DEVELOPER,
    ENTERPRISE,
    NEVER,
    NO_NICHE,
    NOBODY,
    OPEN,
    PUBLIC,
    SUSPENDED,
    WEEKS,
    WRAPPER,
)
from llm_market_sim.market.columns import Columns, clock, column, event
from llm_market_sim.market.firm import (
    Book,
    Day,
    F,
    Firms,
    P,
    W,
    alive,
    clock_fires,
    fired_at,
    live,
    tell,
)
from llm_market_sim.market.luck import erlang4, exponential, stream, uniform
from llm_market_sim.market.parameters import BySegment, Section, parameter
from llm_market_sim.market.rule import phase, word

__all__ = ["Params", "license", "needs_licence", "police"]

FILED = event("filed", "files for a licence", stamp="filed_at")
LICENSED = event("licensed", "is licensed", stamp="licensed_at")
SERVICE = event("service", "gets a further service approved", goes_with="services")
HAPPENED = event("suspended", "has an incident and is suspended", stamp="incident_at")
_SUSPENSION_WEEKS = 6.0  # mean length of a suspension
REVIEW, QUEUE = stream("review"), stream("queue")
INCIDENT, SUSPENSION = stream("incident"), stream("suspension")


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
    services_per_year: float = parameter(
        2.0, plausible=(1, 3), unit="1/year", ge=0, le=50,
        meaning="further services that a licensed firm gets approved in a year",
        source="fitted to the facts of 2023: 11 firms in August, 64 services at year end (CAC)",
    )
    alignment_oom: float = parameter(
        0.0, plausible=(0, 0.5), unit="OOM", ge=0, le=5,
        meaning="capability that users miss because a public product must be safe",
        source="assumption: none is known; strict_review sets one",
    )
    incidents_per_year: float = parameter(
        0.15, plausible=(0.03, 0.5),
        unit="1/year", ge=0, le=20, meaning="rate of incidents of a product in use",
        source="assumption",
    )
    # fmt: on


class Firm(Columns):
    """A firm's licence, and its incidents."""

    filed_at = column("week", "filed for a licence", start=NEVER)
    reviewed_at = column("week", "review completed", start=NEVER)
    licensed_at = column("week", "licensed", public=True, start=NEVER)
    services = column("count", "services approved", public=True)
    suspended_until = column("week", "end of the suspension", public=True)
    incidents = column("count", "safety incidents so far", public=True)
    incident_at = column("week", "last incident", public=True, start=NEVER)
    clock_incident = clock("incident", "until the next incident")


@word
def needs_licence(niche: int, needed: Any, required: bool) -> bool:
    """Whether a firm needs a licence: a vertical one what its niche needs, the others if any.

    needed: by segment, above 0 where serving it needs one. required: whether there are licences.
    """
    if niche != NO_NICHE:
        return required and needed[niche] > 0.0
    most = max(max(needed[CONSUMER], needed[DEVELOPER]), max(needed[ENTERPRISE], needed[PUBLIC]))
    return required and most > 0.0


@word
def _must_wait(f: F, p: P) -> bool:
    """Whether it may not open without a licence."""
    return needs_licence(f.niche, p.regulation.licence_needed, p.regulation.review_required)


@word
def _open(w: W, book: Book, f: F, week: float) -> None:
    f.licensed_at = week
    f.status = OPEN
    f.services = 1.0
    tell(w, book, LICENSED, f, week, np.nan, -1)


@phase("Products file, are reviewed, and are approved in batches.", "产品备案、受审，并分批通过。")
def license(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """File, review, approve in batches by order of completion; ties are broken by luck.

    Review times are D times a gamma variate that belongs to the firm, so a longer delay makes
    every firm later, never another.
    """
    r = p.regulation
    at_once = r.batch_interval_weeks <= 0.0
    interval = 1.0 if at_once else r.batch_interval_weeks
    last = np.floor((w.end - r.first_batch_week) / interval)  # number of the latest batch
    done = max(np.floor((w.week - r.first_batch_week) / interval), -1.0)
    batches = 0.0 if at_once else max(last - done, 0.0)  # many where they come faster than ticks
    batch_at = r.first_batch_week + last * interval
    reviewed = np.full(len(firms) if batches > 0.0 else 0, np.inf)  # those who wait for a batch
    more = r.services_per_year * w.dt / WEEKS
    for f in firms:
        if alive(f) and f.licensed_at < NEVER:
            before = np.floor(f.services)
            f.services += more
            if np.floor(f.services) > before:
                tell(w, book, SERVICE, f, w.end, np.floor(f.services), -1)
        if f.status != BETA or not f.domestic:
            continue
        if not _must_wait(f, p):
            f.status = OPEN
            continue
        if f.route == WRAPPER and w.supplier == NOBODY:
            continue
        if r.filing_open and f.wish_filing > 0.0 and f.filed_at == NEVER:
            f.filed_at = max(w.week, f.launched_at)
            f.reviewed_at = f.filed_at + r.review_delay_weeks * erlang4(w, f.key, REVIEW, 0)
            tell(w, book, FILED, f, f.filed_at, np.nan, -1)
        if f.licensed_at < NEVER:
            continue
        if at_once:
            cleared = max(max(f.reviewed_at, r.first_batch_week), f.suspended_until)
            if cleared <= w.end:
                _open(w, book, f, cleared)
        elif batches > 0.0 and f.reviewed_at <= batch_at:
            reviewed[f.slot] = f.reviewed_at + 1e-6 * uniform(w, f.key, QUEUE, 0)
    if batches > 0.0:
        growth = whole_power(r.batch_growth, int(max(last, 0.0)))
        room = batches * np.floor(r.batch_capacity * growth)
        while room > 0.0:
            slot = np.argmin(reviewed)
            if reviewed[slot] == np.inf:
                break
            reviewed[slot] = np.inf
            _open(w, book, firms[slot], batch_at)
            room -= 1.0


@phase(
    "Incidents suspend a product; a suspension that is over ends.",
    "事故使产品下架；期满的下架结束。",
)
def police(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Incidents take a product down for a while; then it comes back where it stood."""
    r = p.regulation
    risk = r.incidents_per_year / WEEKS * w.dt
    for f in firms:
        if not f.domestic:
            continue
        if f.status == SUSPENDED and f.suspended_until <= w.end:
            f.status = OPEN if f.licensed_at < NEVER or not _must_wait(f, p) else BETA
        elif live(f):
            left = f.clock_incident
            f.clock_incident -= risk
            if not clock_fires(left, risk):
                continue
            f.incident_at = fired_at(w, left, risk)
            length = erlang4(w, f.key, SUSPENSION, f.incidents)
            f.suspended_until = f.incident_at + _SUSPENSION_WEEKS * length
            f.incidents += 1.0
            f.clock_incident += exponential(w, f.key, INCIDENT, f.incidents)
            if f.suspended_until > w.end:
                f.status = SUSPENDED
            tell(w, book, HAPPENED, f, f.incident_at, np.nan, -1)
