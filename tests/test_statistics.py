"""Intervals, spreads and tallies against numbers known from elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from llm_market_sim.statistics import QUANTILES, proportion, spread, tally


@pytest.mark.parametrize(("hits", "worlds"), [(0, 10), (1, 3), (96, 256), (400, 400), (7, 5000)])
def test_the_interval_is_wilsons(hits, worlds):
    found = proportion(hits, worlds)
    library = binomtest(hits, worlds).proportion_ci(0.95, method="wilson")
    assert (found.low, found.high) == pytest.approx((library.low, library.high), abs=1e-12)
    assert found.share == hits / worlds


def test_half_widths_are_those_of_the_table_of_sample_sizes():
    # worlds needed for a half-width of .10, .05, .02 at one half
    for half, worlds in ((0.10, 93), (0.05, 381), (0.02, 2398)):
        found = proportion(worlds // 2, worlds)
        assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.01)


def test_no_hit_is_below_three_over_n_and_never_zero():
    assert proportion(0, 400).estimate == "below 0.75 %"
    assert proportion(400, 400).estimate == "above 99.25 %"
    assert proportion(100, 400).estimate == "25 %"
    assert proportion(1, 400).estimate == "0.25 %"
    assert proportion(96, 256).interval == "32 to 44 %"


def test_an_interval_needs_worlds():
    with pytest.raises(ValueError):
        proportion(0, 0)


def test_the_spread_is_mean_and_quantiles_over_worlds():
    values = np.arange(101.0)[:, None] * np.array([1.0, 2.0])  # (W, T)
    found = spread(values.astype(np.float32))
    assert found.shape == (1 + len(QUANTILES), 2)
    assert found[:, 0] == pytest.approx([50.0, 5.0, 25.0, 50.0, 75.0, 95.0])
    assert found[:, 1] == pytest.approx(2 * found[:, 0])


def test_only_counts_are_tallied():
    assert tally(np.array([0.0, 2.0, 2.0, 3.0])) == (1, 0, 2, 1)
    assert tally(np.array([0.5, 2.0])) is None
    assert tally(np.array([-1.0, 2.0])) is None
    assert tally(np.array([np.nan, 2.0])) is None
