"""Funding: venture rounds from a limited pool, parents' budgets, share issues."""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import PositiveFloat

from llm_market_sim.market.parameters import ByRoute, Section, parameter
from llm_market_sim.market.phase import Changes, Phase, lookup, tick_clock
from llm_market_sim.market.state import NO_MODEL, Kind, Setting, State

__all__ = ["CLOSE", "SEEK", "Params", "close_rounds", "seek"]

_WEEKS = 52.0
_LEAST_SHARE = 0.04  # of the reference share: to investors, no product has less traction
_PULL = (-6.0, 2.5)  # bounds of investors' enthusiasm, a log of the rate at which they agree


class Params(Section):
    """Who gives money, how much, and what makes them give it."""

    # fmt: off
    pool_start_musd: float = parameter(
        250.0, unit="million USD", ge=0, le=1e6, meaning="venture money at hand on week 0",
        source="assumption: one startup's next round of 230 M USD was pledged (36Kr, Feb 2023)",
    )
    inflow_musd_per_week: float = parameter(
        27.0, plausible=(12, 60), unit="million USD/week", ge=0, le=1e5, symbol="F_0",
        meaning="new venture money at the hype of April 2023",
        source="about 10 bn CNY raised by model makers in 2023 (LatePost)",
    )
    inflow_hype_exponent: float = parameter(
        1.0, plausible=(0, 2),
        unit="1", ge=0, le=5, symbol="eta_F", meaning="how inflow follows hype",
        source="assumption; hot markets fund more (Nanda & Rhodes-Kropf 2013)",
    )
    rounds_per_year: float = parameter(
        1.6, plausible=(1, 4),
        unit="1/year", ge=0, le=50, meaning="rate of a round for an average firm that seeks",
        source="assumption",
    )
    seek_runway_weeks: float = parameter(
        52.0, unit="weeks", ge=0, le=520, meaning="runway below which a firm seeks money",
        source="assumption",
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
        0.8, plausible=(0.2, 1.6),
        unit="1", ge=0, le=10, meaning="investors' weight on a star team",
        source="assumption: star founders raised before they had a product (the article)",
    )
    herding_weight: float = parameter(
        0.6, plausible=(0.2, 1.2),
        unit="1", ge=0, le=10, meaning="investors' weight on money raised before",
        source="assumption; herding after Bikhchandani et al. 1992",
    )
    herding_musd: float = parameter(
        50.0, unit="million USD", gt=0, le=1e6, meaning="money raised that counts as much",
        source="assumption: 50 M USD was a first big round (36Kr, Reuters 2023)",
    )
    traction_weight: float = parameter(
        0.8, plausible=(0.2, 1.6), unit="1", ge=0, le=10, symbol="b_S",
        meaning="investors' weight on market share, once a product is out", source="assumption",
    )
    growth_weight: float = parameter(
        0.3, unit="1", ge=0, le=10, meaning="investors' weight on growth of the share",
        source="assumption",
    )
    reference_share: float = parameter(
        0.005, unit="1", gt=0, le=1, meaning="share that neither helps nor hurts",
        source="assumption",
    )
    size_by_stage_musd: list[PositiveFloat] = parameter(
        [10.0, 40.0, 120.0, 300.0, 600.0], unit="million USD",
        meaning="median round by stage; the last holds for all later ones",
        source="50, 230 to 300, 250 and 300 M USD rounds of 2023 (Reuters and others); assumption",
    )
    size_spread: float = parameter(
        1.0, plausible=(0.3, 1.2),
        unit="1", ge=0, le=3, meaning="standard deviation of log round size",
        source="assumption",
    )
    size_factor_star: float = parameter(
        2.0, unit="1", ge=0, le=20, meaning="size of a star team's round", source="assumption",
    )
    size_factor: ByRoute = parameter(
        {"foundation": 1.0, "fine_tune": 0.5, "wrapper": 0.5, "vertical": 0.5},
        unit="1", ge=0, le=20, meaning="size of a round by route", source="assumption",
    )
    pool_share_cap: float = parameter(
        0.6, unit="1", gt=0, le=1, meaning="most of the pool that one tick's rounds may take",
        source="assumption",
    )
    least_fill: float = parameter(
        0.25, unit="1", ge=0, le=1, meaning="share of the sum asked below which a round fails",
        source="assumption",
    )
    bigtech_budget_musd_per_year: float = parameter(
        800.0, plausible=(300, 1600), unit="million USD/year", ge=0, le=1e5,
        meaning="what a big tech's parent gives to its model unit", source="assumption",
    )
    patience_weeks: float = parameter(
        52.0, plausible=(26, 104), unit="weeks", ge=0, le=1000,
        meaning="time without relevance after which a parent stops paying", source="assumption",
    )
    relevance_share: float = parameter(
        0.01, plausible=(0.003, 0.03),
        unit="1", ge=0, le=1, meaning="share in some segment that counts as relevance",
        source="assumption",
    )
    issue_per_year: float = parameter(
        0.10, unit="1/year", ge=0, le=5,
        meaning="share of its market value that a listed firm may issue while hype is above 1",
        source="assumption",
    )
    issue_share_for_models: float = parameter(
        0.1, unit="1", ge=0, le=1, meaning="share of such an issue that goes into models",
        source="assumption",
    )
    # fmt: on


def seek(state: State, p: Any, setting: Setting) -> Changes:
    """Startups that seek money meet investors at a rate that follows quality, team, herd, mood
    and traction; a meeting that fires becomes a sum asked for."""
    f, firms = p.funding, setting.firms
    seeks = state.alive & (firms.kind == Kind.STARTUP) & (state.wish_funding > 0.0)
    ref = f.reference_share
    has_model = state.served > NO_MODEL
    shown = state.launched_at <= state.week
    share = np.maximum(state.best_share, _LEAST_SHARE * ref) / ref
    growth = np.log((state.best_share + ref) / (state.share_trend + ref))
    choosy = f.quality_weight * np.exp(-f.selectivity * state.log_hype)
    pull = (
        choosy * np.where(has_model, state.served - state.open_weights, 0.0)
        + f.star_weight * firms.star
        + f.herding_weight * np.log(1.0 + state.raised / f.herding_musd)
        + state.log_hype
        + np.where(shown, f.growth_weight * growth + f.traction_weight * np.log(share), 0.0)
    )
    rate = seeks * f.rounds_per_year / _WEEKS * np.exp(np.clip(pull, *_PULL))
    count = state.meetings
    fired, when, clock = tick_clock(state.clock_round, rate, "round", count, setting, state.week)
    luck = setting.luck.normal("round size", count, where=fired)
    sizes = np.asarray(f.size_by_stage_musd)
    size = lookup(sizes, np.minimum(state.stage, len(sizes) - 1).astype(np.int64))
    size = size * np.where(firms.star, f.size_factor_star, 1.0) * lookup(f.size_factor, state.route)
    return {
        "clock_round": clock,
        "round_ask": np.where(fired, size * np.exp(f.size_spread * luck), 0.0),
        "round_at": np.where(fired, when, state.round_at),
        "meetings": count + fired,
        "round_musd": np.zeros_like(state.cash),
    }


def close_rounds(state: State, p: Any, setting: Setting) -> Changes:
    """Rounds share the pool pro rata; parents pay budgets; listed firms issue shares."""
    f, firms, dt = p.funding, setting.firms, setting.dt
    inflow = f.inflow_musd_per_week * dt * np.exp(f.inflow_hype_exponent * state.log_hype)
    pool = state.vc_pool_musd + inflow
    asked = np.sum(state.round_ask, axis=-1, keepdims=True)
    fill = np.minimum(1.0, f.pool_share_cap * pool / np.maximum(asked, 1e-12))
    granted = np.where(fill >= f.least_fill, state.round_ask * fill, 0.0)

    domestic_alive = state.alive & firms.domestic
    patient = state.irrelevant <= f.patience_weeks
    budget = np.where(
        domestic_alive & (firms.kind == Kind.BIGTECH) & patient,
        f.bigtech_budget_musd_per_year * dt / _WEEKS, 0.0,
    )  # fmt: skip
    issues = domestic_alive & (firms.kind == Kind.LISTED) & (state.wish_funding > 0.0)
    rate = f.issue_per_year * f.issue_share_for_models * dt / _WEEKS
    issue = np.where(
        issues & patient & (state.log_hype > 0.0),
        rate * firms.market_value * np.exp(state.log_stock), 0.0,
    )  # fmt: skip
    return {
        "cash": state.cash + granted + budget + issue,
        "raised": state.raised + granted,
        "stage": state.stage + (granted > 0.0),
        "round_musd": state.round_musd + granted,
        "round_ask": np.zeros_like(state.round_ask),
        "vc_pool_musd": pool - np.sum(granted, axis=-1, keepdims=True),
        "account_partners": state.account_partners - inflow,
        "account_parents": state.account_parents - np.sum(budget, axis=-1, keepdims=True),
        "account_shareholders": state.account_shareholders - np.sum(issue, axis=-1, keepdims=True),
    }


SEEK = Phase(
    "seek money", "Startups short of runway meet investors, who look at quality, team, herd, mood.",
    seek, ("clock_round", "meetings", "round_ask", "round_at", "round_musd"),
)  # fmt: skip
CLOSE = Phase(
    "close rounds", "The venture pool is shared; parents pay budgets; listed firms issue shares.",
    close_rounds,
    ("cash", "raised", "stage", "round_musd", "round_ask", "vc_pool_musd", "account_partners",
     "account_parents", "account_shareholders"),
)  # fmt: skip
