"""Runs: how large a run can be, how long it takes, what its hours give, how it fails."""

import numpy as np
import pytest
from market import market

from llm_market_sim.market.state import FLOP_PER_HOUR, Route, Status

QUIET = [
    "training.failure_probability=0.0", "training.run_noise_oom=0.0",
    "compute.price_decline_per_year=0",
]  # fmt: skip
ANY_SIZE = {"best_run": 1e12}  # the ladder binds nobody


@pytest.mark.parametrize("rent", [4.0, 8.0])
def test_a_run_is_what_its_money_buys_and_gives_the_log_of_its_hours(rent):
    """Week 30, known with a lag of 4: half a year of progress; a hundredth of skill. Twice the
    money, or half the rent, is log10 2 more."""
    sets = [
        "training.cost_multiple=2", "training.algorithms_oom_per_year=0.44",
        "training.compute_weeks=7", "training.size_exponent=0.3", "training.tuning_weeks=1.5",
        "training.tuning_share=0.5",
    ]  # fmt: skip
    money = np.array([2.0, 8.0, 16.0])
    after = (
        market(
            3,
            sets=sets,
            wish_training_musd=money,
            capability=20.0,
            week=30.0,
            lag=4.0,
            skill=0.01,
            gpu_price=rent,
            **ANY_SIZE,
        )
        .do("begin runs")
        .state
    )
    hours = money * 1e6 / (rent * 2.0)
    np.testing.assert_allclose(after.run_hours[0], hours, rtol=1e-12)
    expected = np.log10(FLOP_PER_HOUR * hours) + 0.22 + 0.01
    np.testing.assert_allclose(after.run_target[0], expected, rtol=1e-12)
    weeks = 7 * (hours / 1e6) ** 0.3  # seven for a million hours
    np.testing.assert_allclose(after.run_compute_left[0], weeks, rtol=1e-12)
    np.testing.assert_allclose(after.run_length[0], weeks, rtol=1e-12)
    np.testing.assert_allclose(after.run_tuning_left[0], 1.5 + 0.5 * weeks, rtol=1e-12)
    np.testing.assert_allclose(after.run_bid[0], money / weeks, rtol=1e-12)
    assert np.all(after.run_got == 0.0)


def test_nobody_climbs_more_than_a_step_and_nobody_offers_more_than_it_takes():
    """A first run of 100,000 hours, or six times the largest so far; never less than two weeks."""
    sets = ["training.first_run_hours=1e5", "training.step_up=6", "training.cost_multiple=2",
            "training.compute_weeks=7", "training.size_exponent=0.3"]  # fmt: skip
    after = market(3, sets=sets, wish_training_musd=90.0, capability=20.0,
                   best_run=[0.0, 1e5, 100.0]).do("begin runs").state  # fmt: skip
    np.testing.assert_allclose(after.run_hours[0], [1e5, 6e5, 600.0])
    weeks = [7 * 0.1**0.3, 7 * 0.6**0.3, 2.0]
    np.testing.assert_allclose(after.run_length[0], weeks)
    np.testing.assert_allclose(after.run_bid[0], 4 * 2 * np.array([0.1, 0.6, 6e-4]) / weeks)


def test_own_hours_make_a_run_larger_and_a_bid_smaller():
    """100 cards give 8,400 hours a week, 67,200 in eight weeks; 33,600 USD rent 8,400 more. Who
    could do it on its own offers nothing."""
    sets = ["compute.usable_share=0.5", "training.cost_multiple=2", "training.compute_weeks=8",
            "training.size_exponent=0"]  # fmt: skip
    after = (
        market(
            2,
            sets=sets,
            wish_training_musd=0.0336,
            capability=18.0,
            cards=[100.0, 1000.0],
            best_run=[1e12, 1e4],
        )
        .do("begin runs")
        .state
    )
    np.testing.assert_allclose(after.run_hours[0], [(67_200 + 8_400) / 2, 6e4])
    np.testing.assert_allclose(after.run_bid[0], [0.0336 / 8, 0.0], atol=1e-15)


def test_who_begins_a_run():
    """One would be begun; each of the others fails one condition."""
    begun = {
        "that would be begun": {}, "closed": {"status": Status.CLOSED},
        "foreign": {"kind": "foreign"}, "a fine-tuner": {"route": Route.FINE_TUNE},
        "not ready": {"preparation": 0.1}, "at it": {"run_hours": 7.0},
        "no money": {"wish_training_musd": 0.0}, "too good": {"capability": 24.01},
    }  # fmt: skip
    usual = {
        "status": Status.BUILDING, "route": Route.FOUNDATION, "preparation": 0.0, "run_hours": 0.0,
        "wish_training_musd": 4.0, "capability": 24.0,
    }  # fmt: skip
    columns = {
        name: [one.get(name, value) for one in begun.values()] for name, value in usual.items()
    }
    kinds = [one.get("kind", "startup") for one in begun.values()]
    after = (
        market(
            len(begun),
            sets=["training.cost_multiple=1"],
            facts={"kind": kinds},
            **columns,
            **ANY_SIZE,
        )
        .do("begin runs")
        .state
    )
    hours = 1e6
    assert np.log10(FLOP_PER_HOUR * hours) == pytest.approx(24.152, abs=1e-3)  # 0.15 above 24.0
    np.testing.assert_allclose(after.run_hours[0], [hours, 0, 0, 0, 0, 7.0, 0, 0])


# ---- a run under way ----


def run_market(*sets, ticks=1, firms=1, hours=1e5, **columns):
    """A run of eight weeks on the cluster and eight of tuning, for whose hours there is money."""
    base = [*QUIET, "training.cost_multiple=2", *sets]
    usual = {"run_hours": hours, "run_target": 24.5, "run_compute_left": 8.0, "run_length": 8.0,
             "run_tuning_left": 8.0, "run_bid": 99.0, "cash": 1e6}  # fmt: skip
    return market(firms, sets=base, ticks=ticks, **(usual | columns))


def finish(now, weeks=60):
    """Step compute and training until all runs are done; hours had by each firm, and the state."""
    hours = 0.0
    for _ in range(weeks * now.scenario.ticks_per_week):
        now = now.do("clear compute")
        hours = hours + now.state.hours_own + now.state.hours_rented
        now = now.do("train").pass_time()
    assert np.all(now.state.runs == 1)
    return hours, now.state


def begun(speed, means="throughput", ticks=1):
    """A run of 100,000 hours just begun, whose money is what it takes at the rent of its start."""
    sets = [
        *QUIET, f"compute.cluster_speed={speed}", f"compute.cluster_speed_means={means}",
        "training.cost_multiple=2", "training.compute_weeks=8", "training.size_exponent=0",
        "training.tuning_weeks=4", "training.tuning_share=0.5", "training.first_run_hours=1e5",
    ]  # fmt: skip
    return market(
        2,
        sets=sets,
        ticks=ticks,
        wish_training_musd=90.0,
        capability=20.0,
        facts={"ids": ["baidu", "jd"]},
    ).do("begin runs")


@pytest.mark.parametrize("ticks", [1, 2, 7])
@pytest.mark.parametrize("speed", [1.0, 2.75, 4.0])
def test_a_faster_cluster_shortens_only_the_computing(speed, ticks):
    """Amdahl: (x/m + T_fix) / (x + T_fix), stamped to the moment. The model is what was planned."""
    _, state = finish(begun(f"{{all: {speed}}}", ticks=ticks), 20)
    np.testing.assert_allclose(state.run_at, 8.0 / speed + 8.0, atol=1e-9)
    expected = np.log10(FLOP_PER_HOUR * 1e5)
    np.testing.assert_allclose(state.capability, expected, atol=1e-9)
    np.testing.assert_allclose(state.best_run, 1e5)
    assert np.all(state.run_hours == 0.0)


def test_a_firm_s_own_speed_is_its_own():
    np.testing.assert_allclose(finish(begun("{all: 1.0, jd: 2.0}"))[1].run_at[0], [16.0, 12.0])


@pytest.mark.parametrize("speed", [1.0, 2.75])
@pytest.mark.parametrize("means", ["throughput", "more_gpus"])
def test_a_run_takes_the_hours_that_its_speed_means(speed, means):
    paid = 2.0 * 1e5 / (speed if means == "throughput" else 1.0)
    hours, state = finish(begun(f"{{all: {speed}}}", means))
    np.testing.assert_allclose(hours, paid, rtol=1e-9)
    np.testing.assert_allclose(state.capability, np.log10(FLOP_PER_HOUR * 1e5), atol=1e-9)


@pytest.mark.parametrize("ticks", [1, 2])
def test_a_model_is_what_its_hours_make_it(ticks):
    """Money for the hours at 4 USD buys half of them at 8: in time, and log10 2 worse."""
    sets = ["compute.price_usd_per_gpu_hour=8"]
    hours, state = finish(run_market(*sets, ticks=ticks, run_bid=2e5 * 4e-6 / 8))
    np.testing.assert_allclose(hours, 1e5)
    assert state.run_at[0, 0] == pytest.approx(16.0)
    assert state.capability[0, 0] == pytest.approx(24.5 - np.log10(2))
    assert state.best_run[0, 0] == pytest.approx(5e4)


def test_what_was_missed_is_caught_up_while_there_is_time():
    """Nothing in the first half, since customers take all there is; all of it in the second."""
    now = run_market(rental_cards=12_000.0, use=2e6, unit_hours=1.0)
    for _ in range(4):
        now = now.do("clear compute", "train").pass_time()
    assert now.state.run_got[0, 0] == 0.0
    hours, state = finish(now.set(use=0.0), 12)
    np.testing.assert_allclose(hours, 2e5)
    assert state.run_at[0, 0] == pytest.approx(16.0)
    assert state.capability[0, 0] == pytest.approx(24.5)


def test_a_run_never_makes_a_model_worse():
    """One that disappoints leaves the model there was, and is a run all the same."""
    state = finish(run_market(firms=2, capability=[24.8, 24.0], best_run=[1e6, 10.0]))[1]
    np.testing.assert_allclose(state.capability[0], [24.8, 24.5])
    np.testing.assert_allclose(state.best_run[0], [1e6, 1e5])


def test_what_a_run_gives_spreads_around_what_was_expected():
    now = run_market("training.run_noise_oom=0.2", firms=2000, capability=20.0, run_got=1e5,
                     run_compute_left=0.0, run_tuning_left=0.5)  # fmt: skip
    after = now.do("clear compute", "train").state
    assert abs(after.capability.mean() - 24.5) < 4 * 0.2 / np.sqrt(2000)
    assert after.capability.std() == pytest.approx(0.2, rel=0.07)
    np.testing.assert_allclose(after.run_at, 0.5)


def test_so_many_runs_are_thrown_back_however_long_they_take():
    worlds = 4000
    now = market(
        2,
        worlds,
        ["training.failure_probability=0.12"],
        drawn=["clock_failure"],
        run_hours=1e4,
        run_target=24.5,
        run_length=[8.0, 3.0],
        run_compute_left=[8.0, 3.0],
        run_tuning_left=8.0,
    ).do("clear compute")
    for _ in range(8):
        now = now.do("clear compute", "train").pass_time()
    failed = np.mean(now.state.run_failures > 0, axis=0)
    assert np.all(np.abs(failed - 0.12) < 4 * np.sqrt(0.12 * 0.88 / worlds))


def test_a_week_of_a_short_run_carries_more_of_its_chance_to_fail():
    """Half of all runs fail: log 2 on the clock, spread over eight weeks or over four."""
    now = run_market(
        "training.failure_probability=0.5",
        firms=2,
        run_length=[8.0, 4.0],
        run_compute_left=4.0,
        clock_failure=9.0,
    )
    after = now.do("clear compute", "train").state
    np.testing.assert_allclose(9.0 - after.clock_failure[0], np.log(2) / np.array([8.0, 4.0]))


def test_a_failure_takes_back_hours_and_time():
    """Of five weeks and 62,500 hours done, three fifths: six are left after it, and 75,000."""
    now = run_market("training.failure_probability=0.5", run_compute_left=4.0, run_got=5e4)
    after = now.do("clear compute", "train").state
    np.testing.assert_allclose(after.run_compute_left, 3.0 + 0.6 * 5.0)
    np.testing.assert_allclose(after.run_got, 0.4 * 62_500)
    assert after.run_failures[0, 0] == 1 and after.run_tuning_left[0, 0] == 8.0


def test_a_moratorium_stops_runs_above_its_line_only():
    sets = ["training.paused=true", "training.pause_above_oom=24.0"]
    after = run_market(*sets, firms=2, hours=1e4, run_target=[23.9, 24.5])
    after = after.do("clear compute").do("train").state
    np.testing.assert_array_equal(after.run_compute_left, [[7.0, 8.0]])
    np.testing.assert_array_equal(after.run_got[0], [1250.0, 0.0])
    tuned = run_market(*sets, firms=2, run_target=[23.9, 24.5], run_compute_left=0.0,
                       run_tuning_left=[0.5, 0.5]).do("clear compute", "train").state  # fmt: skip
    assert tuned.runs[0].tolist() == [1, 0]  # tuning stands still, too
    now = market(2, sets=[*sets, "training.cost_multiple=1"], wish_training_musd=[2.0, 4.0],
                 capability=20.0, **ANY_SIZE)  # fmt: skip
    assert (now.do("begin runs").state.run_hours[0] > 0).tolist() == [True, False]  # 23.85, 24.15


def test_a_first_run_counts_what_was_trained_before_week_0():
    """A model of 24.1523 took a million hours; who has none, and must learn, begins with none."""
    now = market(2, facts={"capability_oom": [np.log10(FLOP_PER_HOUR * 1e6), 20.0]},
                 drawn=["best_run"])  # fmt: skip
    np.testing.assert_allclose(now.state.best_run[0], [1e6, 0.0])
