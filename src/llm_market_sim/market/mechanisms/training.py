"""Training runs: what they cost, how long they take, what they give, how they fail."""

from __future__ import annotations

import numpy as np

from llm_market_sim.market.arithmetic import exp, log, log10, power
from llm_market_sim.market.codes import FLOP_PER_HOUR, FOUNDATION, HOURS, MORE_GPUS, NEVER, NO_MODEL
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
    held_up,
    here,
    tell,
)
from llm_market_sim.market.luck import exponential, normal, stream
from llm_market_sim.market.parameters import ByKind, Section, parameter
from llm_market_sim.market.prospects import affordable_hours, expected_capability, weeks_of_run
from llm_market_sim.market.rule import phase, start, word

__all__ = ["Params", "begin_runs", "learn", "train"]

_FAILURE_LOSS = 0.6  # share of the progress that a failure costs
_LEAST_GAIN = 0.15  # OOM below which no run is begun
_LAG_SPREAD = 0.3  # standard deviation of the log of the delay
TRAINED = event("trained", "completes a training run", stamp="run_at", goes_with="capability")
RUN_FAILED = event("run_failed", "has a training run thrown back")
FAILURE, RUN, LAG, SKILL = stream("failure"), stream("run"), stream("lag"), stream("skill")


class Params(Section):
    """A run's size, length, yield and risk."""

    # fmt: off
    spend_share: ByKind = parameter(
        {"bigtech": 0.10, "listed": 0.15, "startup": 0.25, "foreign": 0.0},
        plausible=(0.4, 1.6), unit="1", ge=0, le=1, symbol="s_k",
        meaning="share of its free money that a firm puts into one run",
        source="fitted to the facts of 2023 (best model)",
    )
    cost_multiple: float = parameter(
        2.0, plausible=(1.5, 4), unit="1", ge=1, le=10, symbol="kappa",
        meaning="compute paid for, as a multiple of the final run's (trials and failures)",
        source="assumption",
    )
    first_run_hours: float = parameter(
        1e5, plausible=(3e4, 3e5), unit="GPU hours", gt=0, le=1e9, symbol="h_1",
        meaning="largest run of a firm that has trained nothing yet",
        source="assumption: a model of 7 to 13 bn parameters, the first that new firms showed",
    )
    step_up: float = parameter(
        6.0, plausible=(4, 10), unit="1", gt=1, le=1000, symbol="l",
        meaning="how much larger a run can be than the largest so far",
        source="assumption: from a model of 7 to one of 53 bn parameters in three months of 2023",
    )
    compute_weeks: float = parameter(
        7.0, plausible=(5, 10), unit="weeks", gt=0, le=104, symbol="T_c",
        meaning="time on the cluster of a run of a million hours",
        source="assumption: models shown in June 2023 took about that",
    )
    size_exponent: float = parameter(
        0.3, plausible=(0.2, 0.4), unit="1", ge=0, le=1, symbol="theta",
        meaning="growth of that time with the size of the run",
        source="assumption: 7 weeks for a million hours, 15 for GPT-4's class",
    )
    tuning_weeks: float = parameter(
        1.5, plausible=(0, 8), unit="weeks", ge=0, le=104, symbol="T_fix",
        meaning="alignment and evaluation of any model, however small", source="assumption",
    )
    tuning_share: float = parameter(
        0.4, plausible=(0.2, 0.8), unit="1", ge=0, le=5,
        meaning="tuning work that grows with the run, as a share of its time on a cluster of usual "
        "speed",
        source="assumption: no cluster speeds it up",
    )
    failure_probability: float = parameter(
        0.12,
        plausible=(0.03, 0.3),
        unit="1",
        ge=0,
        le=0.95,
        symbol="p_fail",
        meaning="chance that a run is set back (not merely interrupted), however long it takes",
        source="assumption",
    )
    run_noise_oom: float = parameter(
        0.15,
        plausible=(0.05, 0.3),
        unit="OOM",
        ge=0,
        le=2,
        symbol="sigma_run",
        meaning="standard deviation of a run's result around what was expected",
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
        0.2,
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
        meaning="no run may begin or go on at home (a moratorium)",
        source="assumption: there was none",
    )
    pause_above_oom: float = parameter(
        0.0, plausible=(0, 25), unit="OOM", ge=0, le=40,
        meaning="the moratorium holds for runs that aim above this capability",
        source="assumption: 0 stops all; the letter of March 2023 asked for a pause beyond GPT-4",
    )
    # fmt: on


class Firm(Columns):
    """A firm's model, and the run under way."""

    capability = column("OOM", "best own model", start=NO_MODEL)
    best_run = column("GPU hours", "largest run so far, at the algorithms of week 0")
    skill = column("OOM", "gain over others at the same compute")
    lag = column("weeks", "delay in knowing new algorithms")
    run_hours = column("GPU hours", "size of the run under way, 0 for none")
    run_got = column("GPU hours", "of these, done")
    run_bid = column("million USD/week", "offered for rented hours of the run")
    run_length = column("weeks", "on the cluster that the run was planned to take")
    run_target = column("OOM", "capability the run is expected to give")
    run_compute_left = column("weeks", "left of the run on the cluster")
    run_tuning_left = column("weeks", "left of alignment and evaluation")
    run_at = column("week", "last run completed", start=NEVER)
    runs = column("count", "runs completed")
    run_failures = column("count", "runs thrown back")
    clock_failure = clock("failure", "until the run is thrown back")


@start(
    "Firms differ in skill, and in what they know of new algorithms.", "各企业能力与所知算法不同。"
)
def learn(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Skill is normal, the lag log-normal; star teams know sooner."""
    t = p.training
    for f in firms:
        f.skill = t.skill_oom * normal(w, f.key, SKILL, 0)
        f.lag = t.lag_weeks * exp(_LAG_SPREAD * normal(w, f.key, LAG, 0)) * t.lag_factor[f.kind]
        if f.star:
            f.lag *= t.lag_factor_star
        if f.capability > NO_MODEL:
            f.best_run = power(10.0, f.capability) / FLOP_PER_HOUR


@phase(
    "Firms that train from scratch begin a run if it would be a step ahead.",
    "自研企业若能更进一步，便开始一次训练。",
)
def begin_runs(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Firms that train begin a run when what they can pay for would be a step ahead.

    The money for the hours that the own cluster does not give is offered in equal parts a week.
    """
    t = p.training
    for f in firms:
        if not here(f) or f.route != FOUNDATION or f.preparation > 0.0 or f.run_hours != 0.0:
            continue
        if f.wish_training_musd <= 0.0:
            continue
        hours = affordable_hours(w, f, p, f.wish_training_musd)
        if hours <= 0.0:
            continue
        target = expected_capability(hours, w.week, f.lag, f.skill, p)
        if target < f.capability + _LEAST_GAIN or held_up(target, p):
            continue
        weeks = weeks_of_run(f, p, hours)
        fewer = 1.0 if p.compute.cluster_speed_means == MORE_GPUS else f.cluster_speed
        own = f.cards * p.compute.usable_share * HOURS * weeks
        rented = max(t.cost_multiple * hours / fewer - own, 0.0)
        f.run_hours = hours
        f.run_got = 0.0
        f.run_bid = min(f.wish_training_musd, 1e-6 * w.gpu_price * rented) / weeks
        f.run_length = weeks
        f.run_target = target
        f.run_compute_left = weeks
        f.run_tuning_left = t.tuning_weeks + t.tuning_share * weeks * f.cluster_speed


@phase(
    "Runs advance with the compute they got, fail or finish.",
    "训练按所得算力推进，或失败，或完成。",
)
def train(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Runs take their time and give what they got; they may be thrown back; then they are tuned."""
    t = p.training
    hazard = -log(1.0 - t.failure_probability)  # over a whole run
    for f in firms:
        if f.run_hours <= 0.0 or not alive(f) or held_up(f.run_target, p):
            continue
        more = 1.0 if p.compute.cluster_speed_means == MORE_GPUS else f.cluster_speed
        f.run_got += f.hours_training * more / t.cost_multiple
        left = f.run_compute_left - f.run_weeks
        if left < 1e-9:
            left = 0.0
        spent = hazard * f.run_weeks / f.run_length
        fails = clock_fires(f.clock_failure, spent)
        f.clock_failure -= spent
        if fails:
            f.run_failures += 1.0
            f.clock_failure += exponential(w, f.key, FAILURE, f.run_failures)
            left += _FAILURE_LOSS * (f.run_length - left)
            f.run_got *= 1.0 - _FAILURE_LOSS
            tell(w, book, RUN_FAILED, f, w.end, np.nan, -1)
        f.run_compute_left = left
        if left > 0.0:
            continue
        f.run_tuning_left -= w.dt - f.run_weeks
        if f.run_tuning_left > 0.0:
            continue
        _complete(w, f, p, book)


@word
def _complete(w: W, f: F, p: P, book: Book) -> None:
    """The model is what its hours make it, whatever was planned."""
    reached = f.run_target + log10(max(f.run_got, 1.0) / f.run_hours)
    reached += p.training.run_noise_oom * normal(w, f.key, RUN, f.runs)
    f.capability = max(f.capability, reached)
    f.best_run = max(f.best_run, f.run_got)
    f.run_at = w.end + min(f.run_tuning_left, 0.0)
    f.run_hours = 0.0
    f.runs += 1.0
    tell(w, book, TRAINED, f, f.run_at, f.capability, -1)
