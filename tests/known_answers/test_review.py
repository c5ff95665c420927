"""Licences: how long they take, in what order they come, and what no delay at all means."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import stats

from llm_market_sim.market.mechanisms.regulation import license, police
from llm_market_sim.market.state import NEVER, State, Status
from llm_market_sim.simulation import simulate

OPEN_DOOR = [
    "regulation.filing_open=true", "regulation.first_batch_week=0.0",
    "regulation.batch_capacity=1e6", "regulation.batch_growth=1.0",
]  # fmt: skip
BETA = {"status": Status.BETA, "licensed_at": NEVER, "wish_filing": 1.0}


def reviewed(little, delay, interval, weeks=120, spread=40.0, dt=1.0, worlds=8):
    """Firms that launch uniformly over the first weeks, until all are licensed."""
    sets = [
        *OPEN_DOOR, f"regulation.review_delay_weeks={delay}",
        f"regulation.batch_interval_weeks={interval}",
    ]  # fmt: skip
    firms = 400
    launched = np.random.default_rng(7).uniform(0, spread, (worlds, firms))
    market = little(firms, worlds=worlds, sets=sets, dt=dt, launched_at=launched, **BETA)
    path = []
    for tick in range(round(weeks / dt)):
        shown = launched <= (tick + 1) * dt
        status = np.where(shown, market.state.status, Status.BUILDING)
        market = market.do(license, status=status).tick()
        market = dataclasses.replace(
            market,
            state=market.state.replace(
                status=np.where(shown, market.state.status, Status.BETA).astype(np.int8)
            ),
        )
        path.append(market.state)
    assert np.all(market.state.status == Status.OPEN)
    return path


@pytest.mark.parametrize(("delay", "interval"), [(17.0, 8.0), (6.0, 4.0), (12.0, 0.0)])
def test_the_mean_wait_is_the_review_and_half_a_batch(little, delay, interval):
    last = reviewed(little, delay, interval)[-1]
    waits = (last.licensed_at - last.launched_at).ravel()
    error = waits.std() / np.sqrt(len(waits))
    assert abs(waits.mean() - (delay + interval / 2)) < 4 * error


def test_the_number_in_review_is_poisson_with_mean_rate_times_delay(little):
    """M/G/infinity: filings at random, 10 a week, reviews of 2 weeks: 20 in review."""
    path = reviewed(little, 2.0, 0.0, worlds=200)
    state = path[29]  # week 30
    under = np.sum((state.filed_at <= 30.0) & (state.reviewed_at > 30.0), axis=-1)
    filed = state.launched_at.shape[1]
    chance = 2.0 / 40.0  # each firm is in review at week 30 with this chance
    assert abs(under.mean() - filed * chance) < 4 * np.sqrt(filed * chance / len(under))
    counts = stats.binom(filed, chance)  # Poisson given the number of firms
    assert abs(under.var(ddof=1) / counts.var() - 1) < 4 * np.sqrt(2 / len(under))


def test_reviews_have_the_gamma_law_that_belongs_to_the_firm(little):
    last = reviewed(little, 10.0, 0.0)[-1]
    lengths = ((last.reviewed_at - last.filed_at) / 10.0).ravel()
    assert stats.kstest(lengths, stats.gamma(4, scale=0.25).cdf).pvalue > 0.001


def test_a_longer_review_makes_every_firm_later(little):
    short, long = (reviewed(little, d, 8.0, worlds=2)[-1].licensed_at for d in (10.0, 14.0))
    assert np.all(short <= long)
    assert np.any(short < long)


@pytest.mark.parametrize("dt", [0.5, 0.25, 1 / 7])
def test_licences_do_not_depend_on_the_tick(little, dt):
    whole = reviewed(little, 6.0, 4.0, weeks=80, worlds=1)[-1]
    fine = reviewed(little, 6.0, 4.0, weeks=80, worlds=1, dt=dt)[-1]
    np.testing.assert_allclose(whole.licensed_at, fine.licensed_at, atol=1e-9)


def test_batches_take_the_first_to_be_ready_up_to_their_size(little):
    sets = [
        "regulation.filing_open=true", "regulation.first_batch_week=1.0",
        "regulation.batch_interval_weeks=2.0", "regulation.batch_capacity=2",
        "regulation.batch_growth=1.5",
    ]  # fmt: skip
    ready = np.array([0.5, 0.1, 0.4, 0.2, 0.3, 0.6, 0.7, 5.0])
    market = little(8, sets=sets, filed_at=0.0, reviewed_at=ready, **BETA)
    for _ in range(8):
        market = market.do(license).tick()
    np.testing.assert_array_equal(market.state.licensed_at[0], [3, 1, 3, 1, 3, 5, 5, 5])


def test_without_a_delay_or_batches_a_licence_changes_nothing(short):
    """D = 0, b = 0: the market is that of no regulation, bit for bit."""
    sets = [
        "regulation.review_delay_weeks=0.0", "regulation.batch_interval_weeks=0.0",
        "regulation.first_batch_week=0.0", "regulation.filing_open=true", "horizon_weeks=40",
    ]  # fmt: skip
    free, none = (
        simulate(short(*sets, f"regulation.review_required={required}"), 3, 5, snapshots=range(41))
        for required in ("false", "true")
    )
    for week in range(41):
        for field in dataclasses.fields(State):
            if field.name not in ("filed_at", "reviewed_at", "licensed_at"):
                np.testing.assert_array_equal(
                    getattr(free.at(week), field.name), getattr(none.at(week), field.name),
                    err_msg=f"{field.name} in week {week}",
                )  # fmt: skip


def test_a_suspension_lasts_its_mean_and_ends(little):
    sets = ["regulation.incidents_per_year=10.0", "regulation.suspension_weeks=6.0"]
    worlds = 2000
    market = little(1, worlds=worlds, sets=sets)
    market = market.do(police, clock_incident=0.1)
    lengths = (market.state.suspended_until - market.state.incident_at).ravel()
    assert abs(lengths.mean() - 6.0) < 4 * 3.0 / np.sqrt(worlds)
    for _ in range(60):
        market = market.tick().do(police, clock_incident=99.0)
    assert np.all(market.state.status == Status.OPEN)
