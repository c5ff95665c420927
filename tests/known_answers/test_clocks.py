"""Exponential clocks: waiting times, counts, and what a higher rate may never do."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from llm_market_sim.market.luck import Luck
from llm_market_sim.market.phase import tick_clock
from llm_market_sim.market.state import Setting


def events(rate, weeks, dt, worlds=60, firms=50):
    """Weeks of the events of clocks whose rate is rate(week): one array (n,) a clock."""
    luck = Luck(3, np.arange(worlds), np.arange(1, firms + 1))
    setting = Setting(None, luck, round(1 / dt))  # type: ignore[arg-type]
    left, count = luck.exponential("some event"), np.zeros((worlds, firms))
    found: list[list[float]] = [[] for _ in range(worlds * firms)]
    for tick in range(round(weeks / dt)):
        week = tick * dt
        fired, when, left = tick_clock(
            left, np.asarray(rate(week)), "some event", count, setting, week
        )
        count = count + fired
        for place in np.flatnonzero(fired):
            found[place].append(when.ravel()[place])
    return [np.array(one) for one in found]


@pytest.mark.parametrize("dt", [1.0, 0.25])
def test_waiting_times_are_exponential_and_counts_poisson(dt):
    rate, weeks = 0.05, 100.0
    found = events(lambda week: rate, weeks, dt)
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
    found = events(lambda week: 0.02 + 0.08 * (week >= 20), 40.0, 1.0)
    early = np.array([np.sum(one < 20) for one in found])
    late = np.array([np.sum(one >= 20) for one in found])
    assert abs(early.mean() - 0.4) < 4 * np.sqrt(0.4 / len(early))
    assert abs(late.mean() - 2.0) < 4 * np.sqrt(2.0 / len(late))
    assert abs(np.corrcoef(early, late)[0, 1]) < 4 / np.sqrt(len(early))


def test_events_do_not_depend_on_the_tick():
    """The same clocks ring at the same moments, whatever the tick, while no two ring in one."""
    wide, fine = (events(lambda week: 0.03, 40.0, dt, 10, 20) for dt in (1.0, 0.25))
    apart = [(a, b) for a, b in zip(wide, fine, strict=True) if np.all(np.diff(b) > 1.0)]
    assert len(apart) > 150
    for a, b in apart:
        np.testing.assert_allclose(a, b, rtol=1e-9)


def test_an_event_is_stamped_inside_its_tick():
    luck = Luck(3, np.arange(20), np.arange(1, 51))
    setting = Setting(None, luck)  # type: ignore[arg-type]
    left, count = luck.exponential("some event"), np.zeros((20, 50))
    for week in range(60):
        fired, when, left = tick_clock(
            left, np.asarray(0.3), "some event", count, setting, float(week)
        )
        count = count + fired
        assert np.all((when[fired] >= week) & (when[fired] <= week + 1))


def test_a_higher_rate_never_delays_an_event():
    low = events(lambda week: 0.03 + 0.02 * np.sin(week), 40.0, 0.5, 20, 20)
    high = events(lambda week: 2 * (0.03 + 0.02 * np.sin(week)), 40.0, 0.5, 20, 20)
    for a, b in zip(low, high, strict=True):
        assert len(b) >= len(a)
        assert np.all(b[: len(a)] <= a + 1e-9)


def test_no_rate_no_event():
    assert all(len(one) == 0 for one in events(lambda week: 0.0, 10.0, 1.0, 5, 5))
