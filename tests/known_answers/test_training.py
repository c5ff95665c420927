"""Runs and accelerators: what compute gives, how long a run takes, who gets which hours."""

from __future__ import annotations

import numpy as np
import pytest
from market import NEVER, market

from llm_market_sim.market.state import FLOP_PER_HOUR, Route, Status

QUIET = ["training.failure_probability=0.0", "training.run_noise_oom=0.0"]


def test_a_run_gives_the_log_of_its_hours_and_what_is_known_of_algorithms():
    """Week 30, known with a lag of 4: half a year of progress; a hundredth of skill."""
    sets = [
        "training.cost_multiple=2", "training.market_share_cap=1",
        "training.algorithms_oom_per_year=0.44", "training.compute_weeks=7",
        "training.tuning_weeks=3",
    ]  # fmt: skip
    after = market(
        3, sets=sets, wish_training_musd=[2.0, 4.0, 8.0], capability=20.0, week=30.0, lag=4.0,
        skill=0.01, gpu_price=4.0,
    ).do("begin runs").state  # fmt: skip
    hours = np.array([2e6, 4e6, 8e6]) / (4.0 * 2.0)
    np.testing.assert_allclose(after.run_hours[0], hours, rtol=1e-12)
    expected = np.log10(FLOP_PER_HOUR * hours) + 0.22 + 0.01
    np.testing.assert_allclose(after.run_target[0], expected, rtol=1e-12)
    assert np.all(after.run_compute_left == 7.0) and np.all(after.run_tuning_left == 3.0)


def test_who_begins_a_run():
    """One would be begun; each of the others fails one condition."""
    begun = {
        "that would be begun": {}, "closed": {"status": Status.CLOSED},
        "foreign": {"kind": "foreign"}, "a fine-tuner": {"route": Route.FINE_TUNE},
        "not ready": {"preparation": 0.1}, "at it": {"run_hours": 7.0},
        "no money": {"wish_training_musd": 0.0}, "too good": {"capability": 23.9},
    }  # fmt: skip
    usual = {
        "status": Status.BUILDING, "route": Route.FOUNDATION, "preparation": 0.0, "run_hours": 0.0,
        "wish_training_musd": 4.0, "capability": 23.5,
    }  # fmt: skip
    columns = {
        name: [one.get(name, value) for one in begun.values()] for name, value in usual.items()
    }
    sets = ["training.min_gain_oom=0.15", "training.cost_multiple=1", "training.market_share_cap=1"]
    kinds = [one.get("kind", "startup") for one in begun.values()]
    after = market(len(begun), sets=sets, facts={"kind": kinds}, **columns).do("begin runs").state
    hours = 1e6
    assert np.log10(FLOP_PER_HOUR * hours) == pytest.approx(24.152, abs=1e-3)
    expected = [hours, 0, 0, 0, 0, 7.0, 0, hours]
    assert after.run_hours[0].tolist() == expected
    better = market(2, sets=sets, wish_training_musd=4.0, capability=[24.0, 24.01])
    assert (better.do("begin runs").state.run_hours[0] > 0).tolist() == [True, False]


def test_a_run_takes_no_more_than_its_share_and_owners_reckon_with_cheap_hours():
    """1,000 usable, a tenth of them for one run; an owner of half of those pays three quarters."""
    sets = [
        "compute.usable_share=0.5", "compute.supply_start=2000", "compute.own_cost_share=0.5",
        "training.market_share_cap=0.1", "training.cost_multiple=2", "training.compute_weeks=8",
    ]  # fmt: skip
    now = market(
        3, sets=sets, gpu_supply=2000.0, gpu_price=4.0, wish_training_musd=[999.0, 0.03, 0.03],
        capability=20.0, facts={"gpus": [0.0, 0.0, 100.0]},
    )  # fmt: skip
    found = now.do("begin runs").state.run_hours[0]
    np.testing.assert_allclose(found, [168 * 8 * 100 / 2, 0.03e6 / 4 / 2, 0.03e6 / 3 / 2])


def run_market(*sets, ticks=1, firms=1, hours=1e5, **columns):
    base = [*QUIET, "training.compute_weeks=8.0", "training.tuning_weeks=8.0", *sets]
    usual = {"run_hours": hours, "run_target": 24.5, "run_compute_left": 8.0,
             "run_tuning_left": 8.0}  # fmt: skip
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


@pytest.mark.parametrize("ticks", [1, 2, 7])
@pytest.mark.parametrize("speed", [1.0, 2.75, 5.0])
def test_a_faster_cluster_shortens_only_the_computing(speed, ticks):
    """Amdahl: (x/m + T_fix) / (x + T_fix), stamped to the moment."""
    now = run_market(f"compute.cluster_speed={{all: {speed}}}", ticks=ticks)
    _, state = finish(now, 20)
    assert state.run_at[0, 0] == pytest.approx(8.0 / speed + 8.0, abs=1e-9)
    assert state.capability[0, 0] == pytest.approx(24.5, abs=1e-12)
    assert state.run_hours[0, 0] == 0.0


def test_a_firm_s_own_speed_is_its_own():
    speed = "compute.cluster_speed={all: 1.0, jd: 2.0}"
    now = run_market(speed, firms=2, facts={"ids": ["baidu", "jd"]})
    np.testing.assert_allclose(finish(now)[1].run_at[0], [16.0, 12.0])


@pytest.mark.parametrize("speed", [1.0, 2.75])
@pytest.mark.parametrize("means", ["throughput", "more_gpus"])
def test_a_run_takes_the_hours_that_its_speed_means(speed, means):
    now = run_market(
        f"compute.cluster_speed={{all: {speed}}}", f"compute.cluster_speed_means={means}",
        "training.cost_multiple=2.0",
    )  # fmt: skip
    paid = 2.0 * 1e5 / (speed if means == "throughput" else 1.0)
    np.testing.assert_allclose(finish(now)[0], paid, rtol=1e-9)


def test_a_ration_slows_a_run_but_not_its_hours():
    """Two fifths of the compute wanted: computing takes 2.5 times as long, and as many hours."""
    full = 2.0 * 1e6 / 8.0  # hours a week
    supply = full * 0.4 / 168.0
    sets = ["training.cost_multiple=2.0", "compute.usable_share=1.0", "compute.supply_weeks=1000.0",
            f"compute.supply_start={supply}", f"compute.supply_end={supply}"]  # fmt: skip
    hours, state = finish(run_market(*sets, hours=1e6))
    assert state.run_at[0, 0] == pytest.approx(8.0 / 0.4 + 8.0, abs=1e-9)
    np.testing.assert_allclose(hours, 2e6, rtol=1e-9)


def test_a_run_never_makes_a_model_worse():
    """One that disappoints leaves the model there was, and is a run all the same."""
    state = finish(run_market(firms=2, capability=[24.8, 24.0]))[1]
    np.testing.assert_allclose(state.capability[0], [24.8, 24.5])


def test_what_a_run_gives_spreads_around_what_was_expected():
    now = run_market("training.run_noise_oom=0.2", firms=2000, capability=20.0,
                     run_compute_left=0.0, run_tuning_left=0.5)  # fmt: skip
    after = now.do("clear compute", "train").state
    assert abs(after.capability.mean() - 24.5) < 4 * 0.2 / np.sqrt(2000)
    assert after.capability.std() == pytest.approx(0.2, rel=0.07)
    np.testing.assert_allclose(after.run_at, 0.5)


def test_so_many_runs_are_thrown_back_and_lose_that_much():
    worlds = 4000
    now = market(
        1, worlds, ["training.failure_probability=0.12", "training.compute_weeks=8.0"],
        drawn=["clock_failure"], run_hours=1e4, run_target=24.5, run_compute_left=8.0,
        run_tuning_left=8.0,
    ).do("clear compute")  # fmt: skip
    for _ in range(8):
        now = now.do("train").pass_time()
    failed = np.mean(now.state.run_failures > 0)
    assert abs(failed - 0.12) < 4 * np.sqrt(0.12 * 0.88 / worlds)
    thrown = run_market(
        "training.failure_probability=0.5", "training.failure_loss=0.6", run_compute_left=4.0
    )
    after = thrown.do("clear compute", "train").state  # three of eight weeks are left after it
    np.testing.assert_allclose(after.run_compute_left, 3.0 + 0.6 * 5.0)
    assert after.run_failures[0, 0] == 1 and after.run_tuning_left[0, 0] == 8.0


def test_a_moratorium_stops_runs_above_its_line_only():
    sets = ["training.paused=true", "training.pause_above_oom=24.0"]
    after = run_market(*sets, firms=2, hours=1e4, run_target=[23.9, 24.5])
    after = after.do("clear compute").do("train").state
    np.testing.assert_array_equal(after.run_compute_left, [[7.0, 8.0]])
    np.testing.assert_array_equal(after.hours_rented[0, 1], 0.0)
    tuned = run_market(*sets, firms=2, run_target=[23.9, 24.5], run_compute_left=0.0,
                       run_tuning_left=[0.5, 0.5]).do("clear compute", "train").state  # fmt: skip
    assert tuned.runs[0].tolist() == [1, 0]  # tuning stands still, too
    sets += ["training.cost_multiple=1", "training.market_share_cap=1"]
    now = market(2, sets=sets, wish_training_musd=[2.0, 4.0], capability=20.0)
    begun = now.do("begin runs").state
    assert (begun.run_hours[0] > 0).tolist() == [True, False]  # 23.85 and 24.15


# ---- accelerators ----

HUNDRED = [  # a country with 100 usable accelerators, 16,800 hours a week
    "compute.supply_start=200", "compute.supply_end=200", "compute.usable_share=0.5",
    "compute.scarcity_exponent=0.5", "compute.price_usd_per_gpu_hour=4",
    "compute.price_decline_per_year=0.52",
]  # fmt: skip


def test_supply_closes_its_gap_and_a_cap_holds_it_down():
    sets = ["compute.supply_start=100", "compute.supply_end=300", "compute.supply_weeks=60"]
    found = market(1, sets=sets, week=60).do("clear compute").state.gpu_supply[0, 0]
    assert found == pytest.approx(300 - 200 / np.e)
    capped = market(1, sets=[*sets, "compute.supply_cap=150"], week=60).do("clear compute").state
    assert capped.gpu_supply[0, 0] == 150.0


def test_owners_go_first_clouds_let_and_all_renters_get_the_same_share():
    """A cloud of 40 needs 20 and lets 20, another owner of 20 needs 40, a startup needs 80.

    Asked for: 20 + 80 = 100; offered: 20 idle and the 40 that nobody of these owns: three fifths.
    """
    use = np.array([20.0, 40.0, 80.0, 999.0]) * 168
    after = market(
        4, sets=HUNDRED, week=50, use=use, unit_hours=[1.0, 1.0, 1.0, 1.0],
        facts={"kind": ["bigtech", "bigtech", "startup", "foreign"],
               "gpus": [80.0, 40.0, 0.0, 0.0], "cloud": [True, False, False, False]},
    ).do("clear compute").state  # fmt: skip
    np.testing.assert_allclose(after.hours_own[0] / 168, [20, 20, 0, 0])
    np.testing.assert_allclose(after.hours_rented[0] / 168, [0, 12, 48, 0])
    np.testing.assert_allclose(after.hours_let[0] / 168, [20, 0, 0, 0])
    np.testing.assert_allclose(after.compute_share[0], [1.0, 0.8, 0.6, 1.0])
    assert after.gpu_ration[0, 0] == pytest.approx(0.6)
    assert after.gpu_utilisation[0, 0] == pytest.approx(1.4)
    assert after.gpu_price[0, 0] == pytest.approx(4 * np.exp(-0.5) * np.sqrt(1.4))


def test_idle_accelerators_are_let_as_far_as_they_are_asked_for():
    """60 offered, 15 of it asked for: a quarter of what is idle is let; the rent does not rise."""
    after = market(
        2, sets=HUNDRED, use=[0.0, 15.0 * 168], unit_hours=1.0,
        facts={"kind": ["bigtech", "startup"], "gpus": [80.0, 0.0], "cloud": True},
    ).do("clear compute").state  # fmt: skip
    np.testing.assert_allclose(after.hours_let[0] / 168, [40 * 0.15, 0.0])
    assert after.gpu_price[0, 0] == 4.0 and after.gpu_ration[0, 0] == 1.0


def test_who_serves_a_wrapper_s_users_is_its_supplier():
    """Its units are served with the hours a unit that the supplier's model takes."""
    after = market(
        3, use=[10.0, 30.0, 7.0], unit_hours=[2.0, 5.0, 1.0], supplier=0,
        route=[Route.FOUNDATION, Route.WRAPPER, Route.WRAPPER],
    ).do("clear compute").state  # fmt: skip
    np.testing.assert_allclose(after.hours_rented[0], [2.0 * 47, 0.0, 0.0])
    abroad = market(
        2, use=[10.0, 30.0], unit_hours=2.0, supplier=-1, route=[Route.FOUNDATION, Route.WRAPPER]
    ).do("clear compute").state  # fmt: skip
    np.testing.assert_allclose(abroad.hours_rented[0], [20.0, 0.0])


def test_owners_cannot_use_more_than_the_country_has():
    """An export rule that leaves less than the owners' clusters binds them all alike."""
    sets = ["compute.supply_cap=1000.0", "compute.usable_share=0.5", "training.cost_multiple=1.0"]
    after = market(
        3, sets=sets, run_hours=1e9, run_compute_left=8.0, facts={"gpus": 8000.0, "cloud": True}
    ).do("clear compute").state  # fmt: skip
    used = np.sum(after.hours_own + after.hours_rented)
    assert used == pytest.approx(1000 * 0.5 * 168)
    assert np.ptp(after.hours_own) == pytest.approx(0.0)


def test_the_last_booking_of_a_run_is_what_it_still_needs():
    """Half a nominal week left: at a share of compute of one half last week, one week is booked."""
    now = run_market("training.cost_multiple=2", run_compute_left=[0.25, 0.5, 5.0], firms=3,
                     compute_share=[1.0, 0.5, 0.5], hours=800.0)  # fmt: skip
    after = now.do("clear compute").state
    np.testing.assert_allclose(after.run_weeks[0], [0.25, 1.0, 1.0])
    np.testing.assert_allclose(after.hours_rented[0], np.array([0.25, 1.0, 1.0]) * 200.0)
    assert now.set(run_at=NEVER).do("train").state.runs[0].tolist() == [0, 0, 0]
