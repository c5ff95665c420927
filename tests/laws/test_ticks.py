"""Halving the tick changes nothing but the rounding of time: same luck, same distributions.

What is integrated step by step has an error of the order of the tick. On the same luck a paired
test would find the smallest of them, so the bound is on their size: a quarter of the standard
deviation between worlds.
"""

import numpy as np
import pytest
from scipy import stats

from llm_market_sim.market.observation import EVENTS
from llm_market_sim.simulation import simulate

WORLDS = 80
LEAST = 0.001

OUTCOMES = {
    "launched by week 11": lambda run: run.series["launched"][:, 11],
    "licensed by week 37": lambda run: run.series["licensed"][:, 37],
    "alive at the end": lambda run: run.series["firms_alive"][:, -1],
    "general developers at the end": lambda run: run.series["general_developers"][:, -1],
    "entered by week 26": lambda run: run.series["entered"][:, 26],
    "consumers at the end": lambda run: np.log(run.series["users_consumer"][:, -1]),
    "enterprises at the end": lambda run: np.log(run.series["users_enterprise"][:, -1]),
    "best model at the end": lambda run: run.series["best_capability"][:, -1],
    "money raised": lambda run: np.log(run.series["raised"][:, -1]),
    "venture money waiting": lambda run: run.series["vc_pool"][:, -1],
    "hype at the end": lambda run: np.log(run.series["hype"][:, -1]),
    "concentration at the end": lambda run: run.series["hhi"][:, -1],
    "rent in week 37": lambda run: run.series["gpu_price"][:, 37],
    "cards of firms at the end": lambda run: np.log(run.series["cards_owned"][:, -1]),
    "services at the end": lambda run: run.series["services"][:, -1],
    "share of startups at the end": lambda run: run.series["startup_share"][:, -1],
    "price for enterprises": lambda run: run.series["price_over_cost_enterprise"][:, -1],
    "runs": lambda run: np.sum(run.final.runs, axis=-1),
    "incidents": lambda run: np.sum(run.final.incidents, axis=-1),
}


@pytest.fixture(scope="module")
def runs(short):
    return tuple(
        simulate(
            short(f"ticks_per_week={ticks}", stealth=20, pool=60),
            WORLDS,
            31,
            events=False,
            snapshots=[37],
        )
        for ticks in (1, 2)
    )


def test_halving_the_tick_keeps_the_distribution(runs):
    for name, read in OUTCOMES.items():
        whole, half = (np.asarray(read(run), dtype=float) for run in runs)
        assert stats.ks_2samp(whole, half, method="asymp").pvalue > LEAST, name
        shift, between = np.mean(half - whole), np.std(whole, ddof=1)
        assert abs(shift) < 0.25 * between, f"{name}: {whole.mean():.4g} becomes {half.mean():.4g}"


def test_worlds_stay_the_same_worlds(runs):
    """Not only in distribution: world by world, most of the difference between worlds remains."""
    for name in ("entered by week 26", "consumers at the end", "hype at the end"):
        whole, half = (OUTCOMES[name](run) for run in runs)
        assert np.corrcoef(whole, half)[0, 1] > 0.9, name


def test_every_calendar_week_is_read_once_whatever_the_tick(short):
    for ticks in (1, 2, 4, 7):
        run = simulate(short("horizon_weeks=9", f"ticks_per_week={ticks}"), 1, 1)
        np.testing.assert_array_equal(run.weeks, np.arange(10.0))
        assert {row.kind for row in run.events} <= set(EVENTS)
