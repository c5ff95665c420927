"""Runs: what compute gives, how long a run takes, what it costs, how often it fails."""

from __future__ import annotations

import numpy as np
import pytest

from llm_market_sim.market.mechanisms.compute import clear_compute
from llm_market_sim.market.mechanisms.training import begin_runs, expected_capability, train
from llm_market_sim.market.state import FLOP_PER_HOUR

QUIET = ["training.failure_probability=0.0", "training.run_noise_oom=0.0"]


def test_twice_the_hours_give_log_of_two():
    one, two = (
        expected_capability(np.array([[h]]), 10.0, np.array([[40.0]]), np.array([[0.1]]), 0.45)
        for h in (1e6, 2e6)
    )
    assert two - one == pytest.approx(np.log10(2.0), abs=1e-12)
    assert one == pytest.approx(np.log10(FLOP_PER_HOUR * 1e6) + 0.45 * (10 - 40) / 52 + 0.1)


def test_a_firm_gets_the_hours_it_pays_for(little):
    sets = ["training.cost_multiple=2.0", "training.market_share_cap=1.0"]
    market = little(2, sets=sets, wish_training_musd=np.array([2.0, 4.0]), capability=20.0)
    after = market.do(begin_runs).state
    np.testing.assert_allclose(after.run_hours[0], np.array([2e6, 4e6]) / (4.0 * 2.0), rtol=1e-12)
    assert np.diff(after.run_target[0]) == pytest.approx(np.log10(2.0), abs=1e-12)


def finish(market, weeks=60):
    """Step compute and training until all runs are done; hours had by each firm, and the market."""
    hours = 0.0
    for _ in range(round(weeks / market.setting.dt)):
        market = market.do(clear_compute)
        hours = hours + market.state.hours_own + market.state.hours_rented
        market = market.do(train).tick()
    assert np.all(market.state.runs == 1)
    return hours, market.state


def run_market(little, *sets, dt=1.0, firms=1, hours=1e5, **columns):
    base = [*QUIET, "training.compute_weeks=8.0", "training.tuning_weeks=8.0", *sets]
    return little(
        firms, sets=base, dt=dt, run_hours=hours, run_target=24.5, run_compute_left=8.0,
        run_tuning_left=8.0, **columns,
    )  # fmt: skip


@pytest.mark.parametrize("dt", [1.0, 0.5, 1 / 7])
@pytest.mark.parametrize("speed", [1.0, 2.75, 5.0])
def test_a_faster_cluster_shortens_only_the_computing(little, speed, dt):
    """Amdahl: (x/m + T_fix) / (x + T_fix), stamped to the moment."""
    market = run_market(little, f"compute.cluster_speed={{all: {speed}}}", dt=dt)
    _, state = finish(market, 20)
    assert state.run_at[0, 0] == pytest.approx(8.0 / speed + 8.0, abs=1e-9)
    assert state.capability[0, 0] == pytest.approx(24.5, abs=1e-12)


@pytest.mark.parametrize("speed", [1.0, 2.75])
@pytest.mark.parametrize("means", ["throughput", "more_gpus"])
def test_a_run_takes_the_hours_that_its_speed_means(little, speed, means):
    market = run_market(
        little, f"compute.cluster_speed={{all: {speed}}}", f"compute.cluster_speed_means={means}",
        "training.cost_multiple=2.0",
    )  # fmt: skip
    hours, _ = finish(market)
    paid = 2.0 * 1e5 / (speed if means == "throughput" else 1.0)
    np.testing.assert_allclose(hours, paid, rtol=1e-9)


def test_a_ration_slows_a_run_but_not_its_hours(little):
    """Two fifths of the compute wanted: computing takes 2.5 times as long, and as many hours."""
    full = 2.0 * 1e6 / 8.0  # hours a week
    sets = ["training.cost_multiple=2.0", "compute.usable_share=1.0", "compute.supply_weeks=1000.0"]
    supply = full * 0.4 / 168.0
    sets += [f"compute.supply_start={supply}", f"compute.supply_end={supply}"]
    hours, state = finish(run_market(little, *sets, hours=1e6))
    assert state.run_at[0, 0] == pytest.approx(8.0 / 0.4 + 8.0, abs=1e-9)
    np.testing.assert_allclose(hours, 2e6, rtol=1e-9)


def test_so_many_runs_are_thrown_back(little):
    worlds = 4000
    market = little(
        1, worlds=worlds, sets=["training.failure_probability=0.12", "training.compute_weeks=8.0"],
        run_hours=1e4, run_target=24.5, run_compute_left=8.0, run_tuning_left=8.0,
    )  # fmt: skip
    market = market.do(clear_compute, clock_failure=market.setting.luck.exponential("failure"))
    for _ in range(8):
        market = market.do(train).tick()
    failed = np.mean(market.state.run_failures > 0)
    assert abs(failed - 0.12) < 4 * np.sqrt(0.12 * 0.88 / worlds)


def test_a_moratorium_stops_runs_above_its_line_only(little):
    sets = ["training.paused=true", "training.pause_above_oom=24.0", *QUIET]
    market = little(
        2, sets=sets, run_hours=1e4, run_target=np.array([23.9, 24.5]), run_compute_left=8.0,
        run_tuning_left=8.0,
    )  # fmt: skip
    after = market.do(clear_compute).do(train).state
    np.testing.assert_array_equal(after.run_compute_left, [[7.0, 8.0]])
    np.testing.assert_array_equal(after.hours_rented[0, 1], 0.0)
