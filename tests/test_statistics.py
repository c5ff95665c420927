"""Intervals, spreads and tallies against numbers known from elsewhere."""

import numpy as np
import pytest
from scipy.stats import binomtest

from llm_market_sim.summary.statistics import QUANTILES, proportion, spread, tally, two_bands


@pytest.mark.parametrize(("hits", "worlds"), [(0, 10), (1, 3), (96, 256), (400, 400), (7, 5000)])
def test_the_interval_is_wilsons(hits, worlds):
    found = proportion(hits, worlds)
    library = binomtest(hits, worlds).proportion_ci(0.95, method="wilson")
    assert (found.low, found.high) == pytest.approx((library.low, library.high), abs=1e-12)
    assert found.share == hits / worlds


@pytest.mark.parametrize(("up", "tie"), [(0.52, 0.48), (0.1, 0.8), (0.05, 0.95), (0.3, 0.2)])
@pytest.mark.parametrize("worlds", [50, 1000])
def test_an_interval_with_ties_covers_what_it_says(up, tie, worlds):
    luck = np.random.default_rng(1)
    counts = luck.multinomial(worlds, [up, tie, max(0.0, 1 - up - tie)], size=2000)
    found = [proportion(int(hits), worlds, int(ties)) for hits, ties, _ in counts]
    covered = np.mean([one.low <= up + tie / 2 <= one.high for one in found])
    assert covered >= 0.935
    assert np.mean([one.high - one.low for one in found]) < 4 / np.sqrt(worlds) * np.sqrt(
        (up + tie / 4) - (up + tie / 2) ** 2 + 2 / worlds
    )


def test_ties_alone_leave_an_error():
    found = proportion(0, 100, 100)
    assert found.low < 0.495 < 0.505 < found.high and found.share == 0.5


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


@pytest.mark.parametrize("worlds", [10, 40])
def test_two_bands_find_the_spread_that_was_planted(worlds):
    """Parameters move a draw's mean by 2 (one deviation), luck a world by 3."""
    rng = np.random.default_rng(1)
    means = 5.0 + 2.0 * rng.standard_normal((4000, 1))
    found = two_bands(means + 3.0 * rng.standard_normal((4000, worlds)))
    z = 1.645  # 5 and 95 % of a normal number
    assert found.mean == pytest.approx(5.0, abs=0.15)
    assert found.parameters == pytest.approx((5.0 - 2.0 * z, 5.0 + 2.0 * z), abs=0.25)


def test_the_band_of_worlds_is_that_of_one_draw():
    rng = np.random.default_rng(1)
    means = 5.0 + 20.0 * rng.standard_normal((200, 1))
    found = two_bands(means - np.median(means) + 3.0 * rng.standard_normal((200, 400)))
    assert found.worlds == pytest.approx((-1.645 * 3.0, 1.645 * 3.0), abs=3.0)
    assert found.worlds[1] - found.worlds[0] == pytest.approx(2 * 1.645 * 3.0, rel=0.1)


def test_pure_luck_leaves_no_band_of_parameters():
    """Means of draws differ by luck, too; that is taken out."""
    widths, raw = [], []
    for seed in range(20):
        x = np.random.default_rng(seed).standard_normal((400, 10))
        low, high = two_bands(x).parameters
        widths.append(high - low)
        raw.append(np.ptp(np.quantile(np.mean(x, axis=1), (0.05, 0.95))))
    assert np.mean(widths) < 0.2 * np.mean(raw)
    assert np.count_nonzero(np.array(widths) == 0.0) >= 5


def test_without_luck_the_band_is_that_of_the_draws():
    x = np.repeat(np.arange(101.0)[:, None], 4, axis=1)
    found = two_bands(x)
    assert found.parameters == pytest.approx((5.0, 95.0))
    assert found.worlds == (50.0, 50.0)
    assert two_bands(np.ones((3, 4))).parameters == (1.0, 1.0)


@pytest.mark.parametrize("shape", [(1, 10), (10, 1), (20,)])
def test_two_bands_need_two_draws_and_two_worlds(shape):
    with pytest.raises(ValueError):
        two_bands(np.zeros(shape))
