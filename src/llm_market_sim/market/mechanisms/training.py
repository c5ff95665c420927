"""Training runs: what they cost, how long they take, what they give, how they fail."""

from __future__ import annotations

import numpy as np

from llm_market_sim.market.arithmetic import exp, log, log10
from llm_market_sim.market.codes import FLOP_PER_HOUR, FOUNDATION, NEVER, NO_MODEL, WEEKS
from llm_market_sim.market.columns import Columns, clock, column, event
from llm_market_sim.market.firm import (
    Book,
    Day,
    Firms,
    P,
    W,
    alive,
    clock_fires,
    held_up,
    here,
    tell,
)
from llm_market_sim.market.luck import exponential, normal, stream
from llm_market_sim.market.parameters import ByKind, Section, parameter
from llm_market_sim.market.rule import phase, start, word

__all__ = ["Params", "begin_runs", "expected_capability", "learn", "train"]

_HOURS = 168.0  # in a week
TRAINED = event("trained", "completes a training run", stamp="run_at", goes_with="capability")
RUN_FAILED = event("run_failed", "has a training run thrown back")
FAILURE, RUN, LAG, SKILL = stream("failure"), stream("run"), stream("lag"), stream("skill")


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


class Firm(Columns):
    """A firm's model, and the run under way."""

    capability = column("OOM", "best own model", start=NO_MODEL)
    skill = column("OOM", "gain over others at the same compute")
    lag = column("weeks", "delay in knowing new algorithms")
    run_hours = column("GPU hours", "size of the run under way, 0 for none")
    run_target = column("OOM", "capability the run is expected to give")
    run_compute_left = column("weeks", "left of the run at nominal speed")
    run_tuning_left = column("weeks", "left of data work, alignment, evaluation")
    run_at = column("week", "last run completed", start=NEVER)
    runs = column("count", "runs completed")
    run_failures = column("count", "runs thrown back")
    clock_failure = clock("failure", "until the run is thrown back")


@start(
    "Firms differ in skill, and in what they know of new algorithms.", "各公司能力与所知算法不同。"
)
def learn(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Skill is normal, the lag log-normal; star teams know sooner."""
    t = p.training
    for f in firms:
        f.skill = t.skill_oom * normal(w, f.key, SKILL, 0)
        f.lag = t.lag_weeks * exp(t.lag_spread * normal(w, f.key, LAG, 0)) * t.lag_factor[f.kind]
        if f.star:
            f.lag *= t.lag_factor_star


@word
def expected_capability(hours: float, week: float, lag: float, skill: float, p: P) -> float:
    """Capability (OOM) that a run of so many H100 hours gives: log compute plus known algorithms.

    K = log10(1.42e18 hours) + g_A (week - lag)/52 + skill: effective compute, so that twice the
    hours give log10 2 (scaling laws: Hoffmann et al. 2022; algorithms: Ho et al. 2024).
    """
    known = p.training.algorithms_oom_per_year * (week - lag) / WEEKS
    return log10(FLOP_PER_HOUR * hours) + known + skill


@phase(
    "Firms that train from scratch begin a run if it would be a step ahead.",
    "自研公司若能更进一步，便开始一次训练。",
)
def begin_runs(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Firms that train begin a run when what they can pay for would be a step ahead.

    A run is as large as the money wished for it pays, trials included, up to a share of all usable
    accelerators; an owner reckons with its own cheaper hours as far as its cluster goes.
    """
    t, c = p.training, p.compute
    usable = w.gpu_supply * c.usable_share
    cap = t.market_share_cap * usable
    for f in firms:
        if not here(f) or f.route != FOUNDATION or f.preparation > 0.0 or f.run_hours != 0.0:
            continue
        own = f.gpus * (usable / c.supply_start)
        price = w.gpu_price * (1.0 - (1.0 - c.own_cost_share) * min(1.0, own / cap))
        paid = 1e6 * f.wish_training_musd / price
        hours = min(paid, _HOURS * t.compute_weeks * cap) / t.cost_multiple
        if hours <= 0.0:
            continue
        target = expected_capability(hours, w.week, f.lag, f.skill, p)
        if target < f.capability + t.min_gain_oom or held_up(target, p):
            continue
        f.run_hours = hours
        f.run_target = target
        f.run_compute_left = t.compute_weeks
        f.run_tuning_left = t.tuning_weeks


@phase(
    "Runs advance with the compute that was had, fail or complete.",
    "训练按所得算力推进，或失败，或完成。",
)
def train(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Runs go on as fast as cluster and ration allow, may be thrown back, and complete."""
    t = p.training
    hazard = -log(1.0 - t.failure_probability) / t.compute_weeks
    for f in firms:
        if f.run_hours <= 0.0 or not alive(f) or held_up(f.run_target, p):
            continue
        speed = f.cluster_speed * f.compute_share  # nominal weeks a week
        progress = min(f.run_compute_left, speed * f.run_weeks)
        left = f.run_compute_left - progress
        if left < 1e-9:
            left = 0.0
        spent = hazard * progress
        fails = clock_fires(f.clock_failure, spent)
        f.clock_failure -= spent
        if fails:
            f.run_failures += 1.0
            f.clock_failure += exponential(w, f.key, FAILURE, f.run_failures)
            left += t.failure_loss * (t.compute_weeks - left)
            tell(w, book, RUN_FAILED, f, w.end, np.nan, -1)
        f.run_compute_left = left
        if left > 0.0:
            continue
        f.run_tuning_left -= w.dt - progress / max(speed, 1e-12)
        if f.run_tuning_left > 0.0:
            continue
        noise = t.run_noise_oom * normal(w, f.key, RUN, f.runs)
        f.capability = max(f.capability, f.run_target + noise)
        f.run_at = w.end + f.run_tuning_left
        f.run_hours = 0.0
        f.runs += 1.0
        tell(w, book, TRAINED, f, f.run_at, f.capability, -1)
