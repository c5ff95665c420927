"""Funding: venture rounds from a limited pool, parents' budgets, share issues."""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import PositiveFloat

from llm_market_sim.market.arithmetic import between, exp, log, whole_rows
from llm_market_sim.market.codes import BIGTECH, FOUNDATION, LISTED, NEVER, NO_MODEL, STARTUP, WEEKS
from llm_market_sim.market.columns import Columns, clock, column, event, fact
from llm_market_sim.market.firm import (
    Book,
    Day,
    Firms,
    P,
    W,
    alive,
    clock_fires,
    fired_at,
    here,
    tell,
)
from llm_market_sim.market.luck import exponential, normal, stream
from llm_market_sim.market.parameters import ByRoute, Section, parameter
from llm_market_sim.market.rule import phase, start, word

__all__ = ["Params", "close_rounds", "fill_pool", "seek_money"]

_HERDING = 0.8  # weight of money raised before
_HERD_ROUNDS = 5.0  # median first rounds that a firm has raised when investors herd
_REFERENCE_SHARE = 0.005  # share that neither helps nor hurts with investors
_LEAST_SHARE = 0.0002  # to investors, no product has less
_SOONER, _LESS = 2.0, 3.0  # times, of who seeks a bridge
_LEAST_FILL = 0.25  # of the sum asked, below which a round fails
_PULL = (-6.0, 2.5)  # bounds of investors' enthusiasm, a log of the rate at which they agree
RAISED = event("raised", "raises money", stamp="round_at", goes_with="round_musd")
ROUND, ROUND_SIZE = stream("round"), stream("round size")


class Params(Section):
    """Who gives money, how much, and what makes them give it."""

    # fmt: off
    pool_start_musd: float = parameter(
        950.0, plausible=(300, 1500), unit="million USD", ge=0, le=1e6,
        meaning="venture money at hand in week 0",
        source="fitted to the facts of 2023 (sums raised); one startup's next round of 230 M USD "
        "was pledged by February (36Kr)",
    )
    inflow_musd_per_week: float = parameter(
        12.0, plausible=(5, 25), unit="million USD/week", ge=0, le=1e5, symbol="F_0",
        meaning="new venture money at the hype of April 2023",
        source="about 10 bn CNY raised by model makers in 2023 (LatePost)",
    )
    inflow_hype_exponent: float = parameter(
        1.0, plausible=(0, 2),
        unit="1", ge=0, le=5, symbol="eta_F", meaning="how inflow follows hype",
        source="assumption; hot markets fund more (Nanda & Rhodes-Kropf 2013)",
    )
    rounds_per_year: float = parameter(
        0.35, plausible=(0.15, 1),
        unit="1/year", ge=0, le=50, meaning="rate of a round for an average firm",
        source="fitted to the facts of 2023: 22 startups were funded by June (Zhidongxi)",
    )
    quality_weight: float = parameter(
        0.9, plausible=(0.3, 2),
        unit="1/OOM", ge=0, le=10, meaning="investors' weight on a lead over open weights",
        source="assumption",
    )
    selectivity: float = parameter(
        1.5, plausible=(0, 3), unit="1", ge=0, le=10, symbol="xi_q",
        meaning="how fast investors' weight on quality grows as hype fades",
        source="assumption; hot markets fund weaker firms (Nanda & Rhodes-Kropf 2013)",
    )
    star_weight: float = parameter(
        3.0, plausible=(1, 4),
        unit="1", ge=0, le=10, meaning="investors' weight on a star team that trains",
        source="assumption: star founders raised before they had a product (the article)",
    )
    traction_weight: float = parameter(
        0.4, plausible=(0.1, 1.2), unit="1", ge=0, le=10, symbol="b_S",
        meaning="investors' weight on market share, once a product is out", source="assumption",
    )
    size_by_stage_musd: list[PositiveFloat] = parameter(
        [10.0, 40.0, 120.0, 300.0, 600.0], unit="million USD",
        meaning="median round by stage; the last holds for all later ones",
        source="50, 230 to 300, 250 and 300 M USD rounds of 2023 (Reuters and others); assumption",
    )
    size_spread: float = parameter(
        0.6, plausible=(0.3, 1.2),
        unit="1", ge=0, le=3, meaning="standard deviation of log round size",
        source="assumption",
    )
    size_factor_star: float = parameter(
        3.0, plausible=(1, 6), unit="1", ge=0, le=20,
        meaning="size of the round of a star team that trains",
        source="three startups of 22 raised over 100 M CNY by June 2023 (Zhidongxi)",
    )
    size_factor: ByRoute = parameter(
        {"foundation": 1.0, "fine_tune": 0.5, "wrapper": 0.5, "vertical": 0.5},
        unit="1", ge=0, le=20, meaning="size of a round by route", source="assumption",
    )
    budget_per_year: float = parameter(
        0.8, plausible=(0.3, 1.5), unit="1/year", ge=0, le=50,
        meaning="what a parent gives its unit in a year, as a multiple of its earmark in week 0, "
        "while the unit has no more cash than that",
        source="assumption",
    )
    patience_weeks: float = parameter(
        52.0, plausible=(26, 104), unit="weeks", ge=0, le=1000,
        meaning="time without relevance after which a parent stops paying", source="assumption",
    )
    issue_per_year: float = parameter(
        0.01, unit="1/year", ge=0, le=1,
        meaning="share of its market value that a listed firm issues for its models in a year, "
        "while its share price is above that of week 0",
        source="assumption",
    )
    # fmt: on


class World(Columns):
    """Those who give."""

    vc_pool_musd = column("million USD", "venture money waiting to be placed")
    account_partners = column("million USD", "those who fill the venture pool")
    account_parents = column("million USD", "parent companies")
    account_shareholders = column("million USD", "public shareholders")


class Firm(Columns):
    """What a firm has raised, and seeks."""

    market_value = fact("million USD", "market value of a listed firm at week 0, else 0")

    raised = column("million USD", "venture money raised so far", public=True)
    earmark = column("million USD", "what its parent has set aside on week 0")
    stage = column("count", "venture rounds so far", public=True)
    meetings = column("count", "agreements with investors so far")
    round_ask = column("million USD", "round sought this tick")
    round_musd = column("million USD", "raised this tick", public=True)
    round_at = column("week", "last round", public=True, start=NEVER)
    clock_round = clock("round", "until an investor agrees")


@start("The venture pool is filled.", "风险资金池注入初始资金。")
def fill_pool(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Venture money at hand on week 0."""
    w.vc_pool_musd = p.funding.pool_start_musd


@word
def _eagerness(w: W, firms: Firms, asking: Any, n: int, p: P) -> Any:
    """How much sooner than an average firm each of those that ask meets an investor."""
    q = p.funding
    followed = _HERD_ROUNDS * q.size_by_stage_musd[0]
    choosy = q.quality_weight * exp(-q.selectivity * w.log_hype)
    rows = np.ones((3, whole_rows(n)))
    herd, share, eager = rows[0], rows[1], rows[2]
    for j in range(n):
        f = firms[asking[j]]
        herd[j] = 1.0 + f.raised / followed
        shown = f.launched_at <= w.week
        share[j] = max(f.best_share, _LEAST_SHARE) / _REFERENCE_SHARE if shown else 1.0
    for j in range(len(eager)):
        herd[j] = log(herd[j])
        share[j] = log(share[j])
    for j in range(n):
        f = firms[asking[j]]
        pull = w.log_hype + _HERDING * herd[j]
        if f.star and f.route == FOUNDATION:
            pull += q.star_weight
        if f.served > NO_MODEL:
            pull += choosy * (f.served - w.open_weights)
        eager[j] = between(pull + q.traction_weight * share[j], _PULL[0], _PULL[1])
    for j in range(len(eager)):
        eager[j] = exp(eager[j])
    return eager


@phase(
    "Investors come to startups, and look at quality, team, herd and mood.",
    "投资人找上创业公司，看质量、团队、同行与气氛。",
)
def seek_money(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Investors come at a rate that follows quality, team, herd, mood and traction, whatever the
    runway; a meeting that fires becomes a sum asked for. Who hurries is met twice as soon, and
    offered a third, as a bridge that leads to no larger round."""
    q = p.funding
    asking, n = np.empty(len(firms), np.int16), 0  # slots
    for f in firms:
        f.round_ask = 0.0
        f.round_musd = 0.0
        if alive(f) and f.kind == STARTUP and f.wish_funding > 0.0:
            asking[n] = f.slot
            n += 1
    eager = _eagerness(w, firms, asking, n, p)
    for j in range(n):
        f = firms[asking[j]]
        bridge = f.wish_funding > 1.0
        spent = q.rounds_per_year / WEEKS * eager[j] * w.dt
        spent *= _SOONER if bridge else 1.0
        left = f.clock_round
        f.clock_round -= spent
        if not clock_fires(left, spent):
            continue
        f.round_at = fired_at(w, left, spent)
        ask = q.size_by_stage_musd[min(int(f.stage), len(q.size_by_stage_musd) - 1)]
        ask *= q.size_factor[f.route] * exp(
            q.size_spread * normal(w, f.key, ROUND_SIZE, f.meetings)
        )
        ask /= _LESS if bridge else 1.0
        f.round_ask = ask * q.size_factor_star if f.star and f.route == FOUNDATION else ask
        f.meetings += 1.0
        f.clock_round += exponential(w, f.key, ROUND, f.meetings)


@word
def _next_to_ask(firms: Firms) -> int:
    """Slot of the firm that asked first, of those whose round is neither paid nor refused yet."""
    first, slot = np.inf, 0
    for f in firms:
        if f.round_ask > 0.0 and f.round_at < first:
            first, slot = f.round_at, f.slot
    return slot


@phase(
    "Rounds are paid from the venture pool; parents pay budgets; listed firms issue shares.",
    "风险资金池支付融资；母公司拨付预算；上市公司增发股份。",
)
def close_rounds(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Rounds are paid from the pool in the order of their days, and fail where too little is left;
    parents pay what is needed; listed firms issue shares while theirs stand high."""
    q = p.funding
    inflow = q.inflow_musd_per_week * w.dt * exp(q.inflow_hype_exponent * w.log_hype)
    w.account_partners -= inflow
    w.vc_pool_musd += inflow
    asking = 0
    for f in firms:
        if f.round_ask > 0.0:
            asking += 1
    for _ in range(asking):
        f = firms[_next_to_ask(firms)]
        granted = min(f.round_ask, w.vc_pool_musd)
        if granted < _LEAST_FILL * f.round_ask:
            granted = 0.0
        w.vc_pool_musd -= granted
        f.round_musd += granted
        f.cash += granted
        f.raised += granted
        f.stage += 1.0 if granted > 0.0 and f.wish_funding <= 1.0 else 0.0
        f.round_ask = 0.0
    issue_share = q.issue_per_year * w.dt / WEEKS
    for f in firms:
        if f.round_musd > 0.0:  # from the pool, or from a backer
            tell(w, book, RAISED, f, f.round_at, f.round_musd, -1)
        if not here(f) or (f.irrelevant > q.patience_weeks and not f.internal):
            continue
        if f.kind == BIGTECH:
            full = f.cash / max(f.earmark, 1e-12)
            budget = q.budget_per_year * f.earmark * between(2.0 - full, 0.0, 1.0) * w.dt / WEEKS
            f.cash += budget
            w.account_parents -= budget
        elif f.kind == LISTED and f.wish_funding > 0.0 and f.log_stock > 0.0:
            issue = issue_share * f.market_value * exp(f.log_stock)
            f.cash += issue
            w.account_shareholders -= issue
