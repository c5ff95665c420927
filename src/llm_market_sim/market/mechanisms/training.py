"""Training runs: what they cost, how long they take, what they give, how they fail."""

from __future__ import annotations

from typing import Any

import numpy as np

from llm_market_sim.market.parameters import ByKind, Section, parameter
from llm_market_sim.market.phase import Changes, Phase, held_up, tick_clock
from llm_market_sim.market.state import FLOP_PER_HOUR, Array, Route, Setting, State

__all__ = ["BEGIN", "TRAIN", "Params", "begin_runs", "expected_capability", "train"]


class Params(Section):
    """A run's size, length, yield and risk."""

    # fmt: off
    spend_share: float = parameter(
        0.45,
        plausible=(0.15, 0.6),
        unit="1",
        ge=0,
        le=1,
        symbol="b",
        meaning="share of its cash that a firm puts into one run",
        source="fitted to the facts of 2023 (best model)",
    )
    cost_multiple: float = parameter(
        2.0,
        plausible=(2, 4),
        unit="1",
        ge=1,
        le=10,
        symbol="kappa",
        meaning="compute paid for, over compute of the final run (trials and failures)",
        source="assumption",
    )
    market_share_cap: float = parameter(
        0.2, plausible=(0.1, 0.3), unit="1", gt=0, le=1, symbol="f",
        meaning="share of all usable accelerators that one run with its trials may take",
        source="assumption",
    )
    compute_weeks: float = parameter(
        8.0,
        unit="weeks",
        gt=0,
        le=104,
        symbol="T_c",
        meaning="time on the cluster of a run at nominal speed",
        source="assumption",
    )
    tuning_weeks: float = parameter(
        8.0,
        plausible=(4, 16),
        unit="weeks",
        ge=0,
        le=104,
        symbol="T_fix",
        meaning="data work, alignment and evaluation, which no cluster speeds up",
        source="assumption",
    )
    failure_probability: float = parameter(
        0.12,
        plausible=(0.03, 0.3),
        unit="1",
        ge=0,
        le=0.95,
        symbol="p_fail",
        meaning="chance that a run is thrown back (not merely interrupted), however long it takes",
        source="assumption",
    )
    failure_loss: float = parameter(
        0.6,
        unit="1",
        ge=0,
        le=1,
        meaning="share of the progress that a failure costs",
        source="assumption",
    )
    run_noise_oom: float = parameter(
        0.15,
        plausible=(0.05, 0.3),
        unit="OOM",
        ge=0,
        le=2,
        symbol="sigma_run",
        meaning="standard deviation of what a run gives around what was expected",
        source="assumption",
    )
    min_gain_oom: float = parameter(
        0.15,
        unit="OOM",
        ge=0,
        le=5,
        meaning="gain below which no run is begun",
        source="assumption",
    )
    algorithms_oom_per_year: float = parameter(
        0.45,
        plausible=(0.26, 0.72),
        unit="OOM/year",
        ge=0,
        le=3,
        symbol="g_A",
        meaning="algorithmic progress known to the field",
        source="halving of the compute needed every 8 months, 95 % interval 5 to 14 "
        "(Epoch AI 2024, arXiv 2403.05812)",
    )
    lag_weeks: float = parameter(
        40.0,
        plausible=(15, 80),
        unit="weeks",
        ge=0,
        le=520,
        meaning="median delay with which a firm knows new algorithms",
        source="assumption",
    )
    lag_spread: float = parameter(
        0.3,
        unit="1",
        ge=0,
        le=3,
        meaning="standard deviation of the log of that delay",
        source="assumption",
    )
    lag_factor: ByKind = parameter(
        {"bigtech": 0.7, "listed": 1.0, "startup": 1.0, "foreign": 0.0},
        unit="1",
        ge=0,
        le=10,
        meaning="delay of a kind of firm against the median",
        source="assumption",
    )
    lag_factor_star: float = parameter(
        0.6,
        unit="1",
        ge=0,
        le=10,
        meaning="delay of a star team against its kind",
        source="assumption",
    )
    skill_oom: float = parameter(
        0.18,
        plausible=(0.05, 0.3),
        unit="OOM",
        ge=0,
        le=2,
        meaning="standard deviation of firms' lasting skill",
        source="assumption",
    )
    paused: bool = parameter(
        False,
        unit="yes/no",
        meaning="no run may be begun or go on at home (a moratorium)",
        source="assumption: there was none",
    )
    pause_above_oom: float = parameter(
        0.0, unit="OOM", ge=0, le=40,
        meaning="the moratorium holds for runs that aim above this capability",
        source="assumption: 0 stops all; the letter of March 2023 asked for a pause beyond GPT-4",
    )
    # fmt: on


def expected_capability(hours: Array, week: float, lag: Array, skill: Array, growth: Any) -> Array:
    """Capability (OOM) that a run of so many H100 hours gives: log compute plus known algorithms.

    K = log10(1.42e18 hours) + g_A (week - lag)/52 + skill: effective compute, so that twice the
    hours give log10 2 (scaling laws: Hoffmann et al. 2022; algorithms: Ho et al. 2024).
    """
    safe = np.where(hours > 0.0, hours, 1.0)
    return np.asarray(np.log10(FLOP_PER_HOUR * safe) + growth * (week - lag) / 52.0 + skill)


def begin_runs(state: State, p: Any, setting: Setting) -> Changes:
    """Firms that train begin a run when what they can pay for would be a step ahead.

    A run is as large as the money wished for it pays, trials included, up to a share of all usable
    accelerators; an owner reckons with its own cheaper hours as far as its cluster goes.
    """
    t, firms = p.training, setting.firms
    usable = state.gpu_supply * p.compute.usable_share
    cap = t.market_share_cap * usable
    own = firms.gpus * (usable / p.compute.supply_start)
    price = state.gpu_price * (1.0 - (1.0 - p.compute.own_cost_share) * np.minimum(1.0, own / cap))
    paid = 1e6 * state.wish_training_musd / price
    hours = np.minimum(paid, 168.0 * t.compute_weeks * cap) / t.cost_multiple
    target = expected_capability(
        hours, state.week, state.lag, state.skill, t.algorithms_oom_per_year
    )
    begins = (
        state.alive
        & firms.domestic
        & (state.route == Route.FOUNDATION)
        & (state.preparation <= 0.0)
        & (state.run_hours == 0.0)
        & (hours > 0.0)
        & (target >= state.capability + t.min_gain_oom)
        & ~held_up(target, t)
    )
    return {
        "run_hours": np.where(begins, hours, state.run_hours),
        "run_target": np.where(begins, target, state.run_target),
        "run_compute_left": np.where(begins, t.compute_weeks, state.run_compute_left),
        "run_tuning_left": np.where(begins, t.tuning_weeks, state.run_tuning_left),
    }


def train(state: State, p: Any, setting: Setting) -> Changes:
    """Runs go on as fast as cluster and ration allow, may be thrown back, and complete."""
    t, dt = p.training, setting.dt
    running = (state.run_hours > 0.0) & state.alive & ~held_up(state.run_target, t)
    speed = p.compute.cluster_speed * state.compute_share  # nominal weeks a week
    left = state.run_compute_left
    progress = np.where(running, np.minimum(left, speed * state.run_weeks), 0.0)
    time_on_cluster = progress / np.maximum(speed, 1e-12)
    left = left - progress
    left = np.where(left < 1e-9, 0.0, left)

    hazard = -np.log1p(-t.failure_probability) / t.compute_weeks
    fails, _, clock = tick_clock(
        state.clock_failure, hazard * progress / dt, "failure", state.run_failures, setting,
        state.week,
    )  # fmt: skip
    left = np.where(fails, left + t.failure_loss * (t.compute_weeks - left), left)

    tuning_time = np.where(running & (left <= 0.0), dt - time_on_cluster, 0.0)
    tuning = state.run_tuning_left - tuning_time
    done = running & (left <= 0.0) & (tuning <= 0.0)
    noise = t.run_noise_oom * setting.luck.normal("run", state.runs, where=done)
    gained = np.maximum(state.capability, state.run_target + noise)
    return {
        "run_compute_left": left,
        "run_tuning_left": tuning,
        "run_hours": np.where(done, 0.0, state.run_hours),
        "capability": np.where(done, gained, state.capability),
        "run_at": np.where(done, setting.after(state.week) + tuning, state.run_at),
        "runs": state.runs + done,
        "run_failures": state.run_failures + fails,
        "clock_failure": clock,
    }


BEGIN = Phase(
    "begin runs", "Firms that train from scratch begin a run if it would be a step ahead.",
    begin_runs, ("run_hours", "run_target", "run_compute_left", "run_tuning_left"),
)  # fmt: skip
TRAIN = Phase(
    "train", "Runs advance with the compute that was had, fail or complete.", train,
    ("run_compute_left", "run_tuning_left", "run_hours", "capability", "run_at", "runs",
     "run_failures", "clock_failure"),
)  # fmt: skip
