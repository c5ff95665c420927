"""Exponential clocks: waiting times, counts, and what a higher rate may never do.

Every sudden event shares one kind of clock. It is watched here where its rate is easy to set:
investors agree at a rate that follows hype.
"""

from __future__ import annotations

import numpy as np
import pytest
from market import market
from scipy import stats

USUAL = 0.1  # a week, at the hype of April 2023
EVEN = [
    f"funding.rounds_per_year={52 * USUAL}", "funding.quality_weight=0", "funding.star_weight=0",
    "funding.traction_weight=0",
]  # fmt: skip


def events(rate, weeks, ticks=1, worlds=30, firms=50, sets=()):
    """Weeks of the events of clocks whose rate is rate(week): one array (n,) a clock."""
    now = market(
        firms,
        worlds=worlds,
        sets=[*EVEN, *sets],
        ticks=ticks,
        seed=3,
        drawn=["clock_round"],
        wish_funding=1.0,
    )
    found: list[list[float]] = [[] for _ in range(worlds * firms)]
    for _ in range(weeks * ticks):
        week, before = now.state.week, now.state.meetings
        now = now.set(log_hype=np.log(rate(week) / USUAL)).do("seek money").pass_time()
        for place in np.flatnonzero(now.state.meetings != before):
            when = now.state.round_at.ravel()[place]
            assert week <= when <= now.state.week  # stamped inside its tick
            found[place].append(when)
    return [np.array(one) for one in found]


@pytest.mark.parametrize("ticks", [1, 4])
def test_waiting_times_are_exponential_and_counts_poisson(ticks):
    rate, weeks = 0.05, 100
    found = events(lambda week: rate, weeks, ticks)
    firsts = np.array([one[0] if len(one) else np.inf for one in found])
    waits = firsts[firsts < weeks]
    law = stats.truncexpon(b=rate * weeks, scale=1 / rate)
    assert stats.kstest(waits, law.cdf).pvalue > 0.001
    counts = np.array([len(one) for one in found])
    n = len(counts)
    assert abs(counts.mean() - rate * weeks) < 4 * np.sqrt(rate * weeks / n)
    spread = counts.var(ddof=1) / counts.mean()
    assert abs(spread - 1) < 4 * np.sqrt(2 / n)


def test_a_rate_that_changes_counts_its_integral():
    found = events(lambda week: 0.02 + 0.08 * (week >= 20), 40)
    early = np.array([np.sum(one < 20) for one in found])
    late = np.array([np.sum(one >= 20) for one in found])
    assert abs(early.mean() - 0.4) < 4 * np.sqrt(0.4 / len(early))
    assert abs(late.mean() - 2.0) < 4 * np.sqrt(2.0 / len(late))
    assert abs(np.corrcoef(early, late)[0, 1]) < 4 / np.sqrt(len(early))


def test_events_do_not_depend_on_the_tick():
    """The same clocks ring at the same moments, whatever the tick, while no two ring in one."""
    wide, fine = (events(lambda week: 0.03, 40, ticks, 10, 20) for ticks in (1, 4))
    apart = [(a, b) for a, b in zip(wide, fine, strict=True) if np.all(np.diff(b) > 1.0)]
    assert len(apart) > 150
    for a, b in apart:
        np.testing.assert_allclose(a, b, rtol=1e-9)


def test_a_higher_rate_never_delays_an_event():
    low = events(lambda week: 0.03 + 0.02 * np.sin(week), 40, 2, 20, 20)
    high = events(lambda week: 2 * (0.03 + 0.02 * np.sin(week)), 40, 2, 20, 20)
    for a, b in zip(low, high, strict=True):
        assert len(b) >= len(a)
        assert np.all(b[: len(a)] <= a + 1e-9)


def test_no_rate_no_event():
    quiet = events(lambda week: USUAL, 10, 1, 5, 5, ["funding.rounds_per_year=0"])
    assert all(len(one) == 0 for one in quiet)
