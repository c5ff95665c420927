"""Rounds: how often, how large, and how a pool that is too small is shared."""

from __future__ import annotations

import numpy as np
import pytest

from llm_market_sim.market.mechanisms.funding import close_rounds, seek
from llm_market_sim.market.state import Kind

EVEN = [
    "funding.quality_weight=0.0", "funding.star_weight=0.0", "funding.herding_weight=0.0",
    "funding.growth_weight=0.0", "funding.traction_weight=0.0", "funding.rounds_per_year=2.0",
]  # fmt: skip


def meetings(little, log_hype, weeks=40, worlds=400, dt=0.25):
    """Mean number of agreements of a firm that always seeks, in an even world."""
    market = little(
        5, worlds=worlds, sets=EVEN, dt=dt, wish_funding=1.0, log_hype=log_hype,
        best_share=0.005, share_trend=0.005,
    )  # fmt: skip
    market = market.do(lambda *_: {}, clock_round=market.setting.luck.exponential("round"))
    for _ in range(round(weeks / dt)):
        market = market.do(seek).tick()
    return market.state.meetings


@pytest.mark.parametrize(("log_hype", "factor"), [(0.0, 1.0), (-1.0, np.exp(-1)), (2.0, np.exp(2))])
def test_rounds_come_at_their_rate_times_hype(little, log_hype, factor):
    got, expected = meetings(little, log_hype), 2.0 * 40 / 52 * factor
    assert abs(got.mean() - expected) < 4 * np.sqrt(expected / got.size)


def test_enthusiasm_has_a_ceiling_and_a_floor(little):
    rate = 2.0 * 40 / 52
    assert meetings(little, 9.0, dt=0.125).mean() == pytest.approx(rate * np.exp(2.5), rel=0.05)
    assert meetings(little, -99.0).mean() == pytest.approx(rate * np.exp(-6.0), abs=0.003)


@pytest.mark.parametrize(
    ("selectivity", "pull"), [(0.0, 0.2), (1.0, 0.2 * np.e), (2.0, 0.2 * np.e**2)]
)
def test_investors_look_at_quality_more_closely_as_hype_fades(little, selectivity, pull):
    sets = [*EVEN[1:], "funding.quality_weight=1.0", f"funding.selectivity={selectivity}"]
    market = little(
        2, sets=sets, wish_funding=1.0, log_hype=-1.0, open_weights=24.0, clock_round=9.0,
        served=np.array([24.2, 23.8]), best_share=0.005, share_trend=0.005,
    )  # fmt: skip
    spent = 9.0 - market.do(seek).state.clock_round[0]
    even = 2.0 / 52 * np.exp(-1.0)
    assert spent == pytest.approx([even * np.exp(pull), even * np.exp(-pull)])


def closed(little, asks, pool, *sets):
    base = [
        "funding.inflow_musd_per_week=0.0", "funding.pool_share_cap=0.6",
        "funding.least_fill=0.25", *sets,
    ]  # fmt: skip
    market = little(len(asks), sets=base, round_ask=np.array(asks), vc_pool_musd=pool)
    return market.do(close_rounds).state


@pytest.mark.parametrize(
    ("asks", "pool", "granted"),
    [
        ([10.0, 30.0, 0.0], 100.0, [10.0, 30.0, 0.0]),  # enough for all
        ([40.0, 80.0, 0.0], 100.0, [20.0, 40.0, 0.0]),  # 60 for 120: half each
        ([100.0, 200.0, 0.0], 100.0, [0.0, 0.0, 0.0]),  # 60 for 300 is too little
        ([0.0, 0.0, 0.0], 100.0, [0.0, 0.0, 0.0]),
    ],
)
def test_a_small_pool_is_shared_pro_rata_or_not_at_all(little, asks, pool, granted):
    after = closed(little, asks, pool)
    np.testing.assert_allclose(after.round_musd[0], granted)
    np.testing.assert_allclose(after.cash[0], np.array(granted) + 100.0)
    np.testing.assert_allclose(after.vc_pool_musd, pool - sum(granted))
    np.testing.assert_array_equal(after.stage[0], np.array(granted) > 0.0)


def test_venture_money_flows_in_with_hype(little):
    sets = ["funding.inflow_musd_per_week=27.0", "funding.inflow_hype_exponent=2.0"]
    for dt in (1.0, 0.5):
        market = little(1, sets=sets, dt=dt, log_hype=np.log(1.5), vc_pool_musd=10.0)
        after = market.do(close_rounds).state
        assert after.vc_pool_musd[0, 0] == pytest.approx(10 + 27 * dt * 1.5**2)
        assert after.account_partners[0, 0] == pytest.approx(-27 * dt * 1.5**2)


def test_a_parent_pays_until_its_patience_ends(little):
    sets = ["funding.bigtech_budget_musd_per_year=520.0", "funding.patience_weeks=52.0"]
    market = little(2, sets=sets, irrelevant=np.array([52.0, 53.0]), facts={"kind": Kind.BIGTECH})
    np.testing.assert_allclose(market.do(close_rounds).state.cash[0], [110.0, 100.0])
