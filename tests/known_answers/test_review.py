"""Licences: how long they take, in what order they come, and what no delay at all means."""

import numpy as np
import pytest
from market import NEVER, market
from scipy import stats

from llm_market_sim.market.state import Route, Status

BUILDING, BETA, OPEN = Status.BUILDING, Status.BETA, Status.OPEN
SUSPENDED, CLOSED = Status.SUSPENDED, Status.CLOSED
OPEN_DOOR = [
    "regulation.filing_open=true", "regulation.first_batch_week=0.0",
    "regulation.batch_capacity=1e6", "regulation.batch_growth=1.0",
]  # fmt: skip
WAITS = {"status": BETA, "licensed_at": NEVER, "wish_filing": 1.0}
AT_ONCE = [*OPEN_DOOR, "regulation.batch_interval_weeks=0", "regulation.review_delay_weeks=0"]


def test_batches_take_the_first_to_be_ready_up_to_their_size():
    sets = [
        "regulation.filing_open=true", "regulation.first_batch_week=1.0",
        "regulation.batch_interval_weeks=2.0", "regulation.batch_capacity=2",
        "regulation.batch_growth=1.5",
    ]  # fmt: skip
    reviewed = [0.5, 0.1, 0.4, 0.2, 0.3, 0.6, 0.7, 5.0, 5.5]
    now = market(9, sets=sets, filed_at=0.0, reviewed_at=reviewed, **WAITS)
    for _ in range(8):
        now = now.do("license").pass_time()
    np.testing.assert_array_equal(now.state.licensed_at[0], [3, 1, 3, 1, 3, 5, 5, 5, 7])


def test_batches_that_come_more_often_than_ticks_all_count():
    sets = [
        "regulation.batch_interval_weeks=0.25", "regulation.first_batch_week=0.25",
        "regulation.batch_capacity=2", "regulation.batch_growth=1.0", "regulation.filing_open=true",
    ]  # fmt: skip
    now = market(12, sets=sets, status=BETA, filed_at=0.0, reviewed_at=0.0, licensed_at=NEVER)
    assert np.sum(now.do("license").state.status == OPEN) == 8


def test_a_tie_for_a_licence_is_settled_by_luck_and_not_by_slot():
    sets = [
        "regulation.batch_interval_weeks=1.0", "regulation.first_batch_week=1.0",
        "regulation.batch_capacity=1", "regulation.batch_growth=1.0",
    ]  # fmt: skip
    now = market(4, 2000, sets, status=BETA, filed_at=0.0, reviewed_at=0.5, licensed_at=NEVER)
    winners = np.sum(now.do("license").state.status == OPEN, axis=0)
    assert winners.sum() == 2000
    assert np.all(np.abs(winners - 500) < 5 * np.sqrt(2000 * 0.25 * 0.75))


def test_who_files_and_who_opens_without():
    """Wishes, the date, and what a product serves decide; a vertical needs what its niche needs."""
    kinds = ["startup"] * 6 + ["foreign"]
    columns = {
        "status": [BETA, BETA, BUILDING, BETA, BETA, SUSPENDED, BETA],
        "wish_filing": [1, 0, 1, 1, 1, 1, 1],
        "route": [0, 0, 0, Route.VERTICAL, Route.VERTICAL, 0, 0],
        "niche": [-1, -1, -1, 2, 1, -1, -1],  # enterprises, developers
        "launched_at": 3.5, "licensed_at": NEVER, "facts": {"kind": kinds}, "week": 3.0,
    }  # fmt: skip
    needs = "regulation.licence_needed={consumer: 1, developer: 1, enterprise: 0, public: 0}"
    sets = [needs, "regulation.review_delay_weeks=520", "regulation.filing_open=true"]
    after = market(7, sets=sets, **columns).do("license").state
    assert after.filed_at[0].tolist() == [3.5, NEVER, NEVER, NEVER, 3.5, NEVER, NEVER]
    assert after.status[0].tolist() == [BETA, BETA, BUILDING, OPEN, BETA, SUSPENDED, BETA]
    closed = market(7, sets=[*sets[:2], "regulation.filing_open=false"], **columns).do("license")
    assert np.all(closed.state.filed_at == NEVER)
    free = market(7, sets=[*sets, "regulation.review_required=false"], **columns).do("license")
    assert free.state.status[0].tolist() == [OPEN, OPEN, BUILDING, OPEN, OPEN, SUSPENDED, BETA]
    none = "regulation.licence_needed={consumer: 0, developer: 1, enterprise: 0, public: 0}"
    one = market(2, sets=[none, *sets[1:]], status=BETA, licensed_at=NEVER).do("license").state
    assert np.all(one.status == BETA)  # one segment is enough


def test_nobody_is_licensed_for_a_model_from_abroad():
    """It neither files nor is approved while it sells one."""
    sets = [*OPEN_DOOR, "regulation.batch_interval_weeks=1"]
    now = market(
        3,
        sets=sets,
        route=[0, Route.WRAPPER, Route.WRAPPER],
        supplier=-1,
        filed_at=[NEVER, NEVER, 0.0],
        reviewed_at=[NEVER, NEVER, 0.5],
        **WAITS,
    )
    after = now.do("license").state
    assert after.filed_at[0].tolist() == [0.0, NEVER, 0.0]
    assert after.status[0, 2] == BETA
    home = now.set(supplier=0).do("license").state
    assert home.filed_at[0].tolist() == [0.0, 0.0, 0.0] and home.status[0, 2] == OPEN


@pytest.mark.parametrize("ticks", [1, 2])
def test_a_licensed_firm_gets_further_services_approved_while_it_lives(ticks):
    """One with its licence, and 2.6 a year more; none without a licence, or after its end."""
    sets = [*AT_ONCE, "regulation.services_per_year=2.6"]
    now = market(
        4,
        sets=sets,
        ticks=ticks,
        status=[OPEN, BETA, BETA, CLOSED],
        services=[3.0, 0, 0, 3.0],
        licensed_at=[0, NEVER, NEVER, 0],
        filed_at=0.0,
        reviewed_at=[0, 0.1, NEVER, 0],
    )
    for _ in range(20 * ticks):
        now = now.do("license").pass_time()
    np.testing.assert_allclose(now.state.services[0], [4.0, 1 + 0.05 * (20 - 1 / ticks), 0, 3.0])


# ---- incidents and suspensions ----


def test_a_suspension_lasts_its_mean_and_ends():
    sets = ["regulation.incidents_per_year=10.0"]
    worlds = 2000
    now = market(1, worlds, sets, clock_incident=0.1).do("police")
    np.testing.assert_allclose(now.state.incident_at, 0.1 * 52 / 10)
    lengths = (now.state.suspended_until - now.state.incident_at).ravel()
    assert abs(lengths.mean() - 6.0) < 4 * 3.0 / np.sqrt(worlds)
    np.testing.assert_array_equal(now.state.status == SUSPENDED, now.state.suspended_until > 1.0)
    now = now.set(clock_incident=99.0)
    for week in range(1, 61):
        now = now.pass_time().do("police")
        down = now.state.status == SUSPENDED
        np.testing.assert_array_equal(down, now.state.suspended_until > week + 1)
    assert np.all(now.state.status == OPEN)


def test_incidents_happen_to_what_is_in_use_at_their_rate():
    status = [OPEN, BETA, BUILDING, SUSPENDED, CLOSED, Status.WAITING, OPEN]
    after = (
        market(
            7,
            sets=["regulation.incidents_per_year=5.2"],
            status=status,
            clock_incident=9.0,
            suspended_until=99.0,
            facts={"kind": ["startup"] * 6 + ["foreign"]},
        )
        .do("police")
        .state
    )
    np.testing.assert_allclose(9.0 - after.clock_incident[0], [0.1, 0.1, 0, 0, 0, 0, 0])
    assert after.status[0].tolist() == status


def test_after_a_suspension_a_product_comes_back_where_it_stood():
    """With a licence, or where none is needed: open. Without one: in closed beta."""
    back = {
        "status": SUSPENDED, "suspended_until": 0.9, "clock_incident": 9.0,
        "licensed_at": [0.0, NEVER, NEVER, NEVER],
        "route": [0, 0, Route.VERTICAL, Route.VERTICAL], "niche": [-1, -1, 2, 0],
    }  # fmt: skip
    now = market(4, **back)
    assert now.do("police").state.status[0].tolist() == [OPEN, BETA, OPEN, BETA]
    free = market(4, sets=["regulation.review_required=false"], **back).do("police").state
    assert np.all(free.status == OPEN)
    still = now.set(suspended_until=1.1).do("police").state
    assert np.all(still.status == SUSPENDED)


def test_a_licence_is_dated_when_it_is_given():
    """A product under suspension is not licensed; once back it waits for the next tick."""
    sets = [*AT_ONCE, "regulation.incidents_per_year=0.0"]
    now = market(
        1,
        sets=sets,
        status=SUSPENDED,
        suspended_until=6.5,
        filed_at=0.0,
        reviewed_at=2.0,
        licensed_at=NEVER,
    )
    for _ in range(10):
        now = now.do("license", "police").pass_time()
    assert now.state.licensed_at[0, 0] == 6.5
    assert now.state.status[0, 0] == OPEN


def test_at_once_means_the_later_of_review_and_first_batch():
    sets = [*AT_ONCE[:1], *AT_ONCE[2:], "regulation.first_batch_week=3.25"]
    now = market(3, sets=sets, status=BETA, filed_at=0.0, reviewed_at=[1.5, 3.5, 4.5],
                 licensed_at=NEVER)  # fmt: skip
    for _ in range(5):
        now = now.do("license").pass_time()
    assert now.state.licensed_at[0].tolist() == [3.25, 3.5, 4.5]


# ---- many firms, or whole runs: distributions, and what must not matter ----


def reviewed(delay, interval, weeks=120, spread=40.0, ticks=1, worlds=8, firms=400):
    """Firms that launch uniformly over the first weeks, as they stand after so many."""
    sets = [
        *OPEN_DOOR, f"regulation.review_delay_weeks={delay}",
        f"regulation.batch_interval_weeks={interval}",
    ]  # fmt: skip
    launched = np.random.default_rng(7).uniform(0, spread, (worlds, firms))
    waits = WAITS | {"status": BUILDING}
    now = market(firms, worlds, sets, ticks, launched_at=launched, **waits)
    for tick in range(weeks * ticks):
        shown = (now.state.status == BUILDING) & (launched <= (tick + 1) / ticks)
        now = now.set(status=np.where(shown, BETA, now.state.status)).do("license").pass_time()
    return now.state


@pytest.mark.parametrize(("delay", "interval"), [(17.0, 8.0), (6.0, 4.0), (12.0, 0.0)])
def test_the_mean_wait_is_the_review_and_half_a_batch(delay, interval):
    last = reviewed(delay, interval)
    assert np.all(last.status == OPEN)
    waits = (last.licensed_at - last.launched_at).ravel()
    error = waits.std() / np.sqrt(len(waits))
    assert abs(waits.mean() - (delay + interval / 2)) < 4 * error


def test_the_number_in_review_is_poisson_with_mean_rate_times_delay():
    """M/G/infinity: filings at random, 10 a week, reviews of 2 weeks: 20 in review."""
    state = reviewed(2.0, 0.0, weeks=30, worlds=80)
    under = np.sum((state.filed_at <= 30.0) & (state.reviewed_at > 30.0), axis=-1)
    filed = state.launched_at.shape[1]
    chance = 2.0 / 40.0  # each firm is in review at week 30 with this chance
    assert abs(under.mean() - filed * chance) < 4 * np.sqrt(filed * chance / len(under))
    counts = stats.binom(filed, chance)  # Poisson given the number of firms
    assert abs(under.var(ddof=1) / counts.var() - 1) < 4 * np.sqrt(2 / len(under))


def test_reviews_have_the_gamma_law_that_belongs_to_the_firm():
    last = reviewed(10.0, 0.0)
    lengths = ((last.reviewed_at - last.filed_at) / 10.0).ravel()
    assert stats.kstest(lengths, stats.gamma(4, scale=0.25).cdf).pvalue > 0.001


def test_a_longer_review_makes_every_firm_later():
    short, long = (reviewed(d, 8.0, worlds=2, firms=60).licensed_at for d in (10.0, 14.0))
    assert np.all(short <= long)
    assert np.any(short < long)


def test_licences_do_not_depend_on_the_tick():
    whole, fine = (
        reviewed(6.0, 4.0, weeks=80, worlds=1, ticks=ticks, firms=60) for ticks in (1, 7)
    )
    np.testing.assert_allclose(whole.licensed_at, fine.licensed_at, atol=1e-9)
