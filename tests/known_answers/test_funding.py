"""Rounds: how often, how large, how a pool that is too small is shared, and who leads them."""

from __future__ import annotations

import numpy as np
import pytest
from market import NEVER, NO_MODEL, market

from llm_market_sim.market.state import Route, Status

WEIGHTS = ("quality_weight", "star_weight", "herding_weight", "growth_weight", "traction_weight")
EVEN = ["funding.rounds_per_year=2.0", *(f"funding.{name}=0.0" for name in WEIGHTS)]
EVEN_RATE = 2.0 / 52


def meetings(log_hype, weeks=40, worlds=400, ticks=4):
    """Agreements with investors of firms that always seek, in an even world."""
    now = market(
        5, worlds=worlds, sets=EVEN, ticks=ticks, wish_funding=1.0, log_hype=log_hype,
        best_share=0.005, share_trend=0.005, drawn=["clock_round"],
    )  # fmt: skip
    for _ in range(weeks * ticks):
        now = now.do("seek money").pass_time()
    return now.state.meetings


@pytest.mark.parametrize(("log_hype", "factor"), [(0.0, 1.0), (-1.0, np.exp(-1)), (2.0, np.exp(2))])
def test_rounds_come_at_their_rate_times_hype(log_hype, factor):
    got, expected = meetings(log_hype), 2.0 * 40 / 52 * factor
    assert abs(got.mean() - expected) < 4 * np.sqrt(expected / got.size)


def pull(sets=(), firms=2, **columns):
    """How strongly each firm draws investors: its rate over the even one, read off its clock."""
    usual = {"best_share": 0.005, "share_trend": 0.005, "wish_funding": 1.0, "clock_round": 99.0}
    now = market(firms, sets=[*EVEN, *sets], **(usual | columns)).do("seek money")
    return (99.0 - now.state.clock_round[0]) / EVEN_RATE


def test_enthusiasm_has_a_ceiling_and_a_floor():
    assert pull(log_hype=9.0) == pytest.approx([np.exp(2.5)] * 2)
    assert pull(log_hype=-99.0) == pytest.approx([np.exp(-6.0)] * 2, rel=1e-6)


@pytest.mark.parametrize(
    ("selectivity", "gain"), [(0.0, 0.2), (1.0, 0.2 * np.e), (2.0, 0.2 * np.e**2)]
)
def test_investors_look_at_quality_more_closely_as_hype_fades(selectivity, gain):
    sets = ["funding.quality_weight=1.0", f"funding.selectivity={selectivity}"]
    found = pull(sets, 3, log_hype=-1.0, open_weights=24.0, served=[24.2, 23.8, NO_MODEL])
    even = np.exp(-1.0)
    assert found == pytest.approx([even * np.exp(gain), even * np.exp(-gain), even])


def test_investors_follow_stars_money_growth_and_traction():
    star = pull(["funding.star_weight=0.7"], facts={"star": [True, False]})
    assert star == pytest.approx([np.exp(0.7), 1.0])
    herd = pull(["funding.herding_weight=0.5", "funding.herding_musd=50"], raised=[0.0, 150.0])
    assert herd == pytest.approx([1.0, 2.0])
    shown = {"week": 9.0, "launched_at": [0.0, 0.0, 9.5], "firms": 3}
    sets = ["funding.growth_weight=1", "funding.reference_share=0.01"]
    growth = pull(sets, best_share=[0.03, 0.0, 0.03], share_trend=[0.01, 0.03, 0.01], **shown)
    assert growth == pytest.approx([2.0, 0.25, 1.0])
    sets = ["funding.traction_weight=0.5", "funding.reference_share=0.01"]
    traction = pull(sets, best_share=[0.04, 0.0, 0.04], **shown)
    assert traction == pytest.approx([2.0, 0.2, 1.0])  # at the least a twenty-fifth of the share


def test_only_startups_that_live_and_wish_are_met():
    found = pull(
        firms=5, facts={"kind": ["startup", "bigtech", "listed", "startup", "startup"]},
        wish_funding=[1.0, 1.0, 1.0, 0.0, 1.0],
        status=[Status.BUILDING, 3, 3, 3, Status.CLOSED],
    )  # fmt: skip
    assert found == pytest.approx([1, 0, 0, 0, 0])


def test_a_round_has_the_size_of_its_stage_route_and_team():
    sets = [*EVEN, "funding.size_spread=0", "funding.size_by_stage_musd=[10, 40, 120]"]
    sets += ["funding.size_factor_star=3", "funding.size_factor.vertical=0.5"]
    after = market(
        5, sets=sets, wish_funding=1.0, stage=[0, 1, 2, 7, 1], week=4.0, round_musd=9.0,
        route=[0, 0, 0, Route.VERTICAL, 0], facts={"star": [False, False, False, False, True]},
        meetings=2.0, clock_round=EVEN_RATE / 4, round_at=NEVER,
    ).do("seek money").state  # fmt: skip
    np.testing.assert_allclose(after.round_ask[0], [10, 40, 120, 60, 120])
    np.testing.assert_allclose(after.round_at[0], 4.25)
    assert np.all(after.meetings == 3) and np.all(after.round_musd == 0)


def test_sizes_of_rounds_are_log_normal():
    sets = [*EVEN, "funding.size_spread=0.8", "funding.size_by_stage_musd=[10]"]
    ask = market(50, 40, sets, wish_funding=1.0).do("seek money").state.round_ask
    logs = np.log(ask / 10)
    assert abs(logs.mean()) < 4 * 0.8 / np.sqrt(2000)
    assert logs.std() == pytest.approx(0.8, rel=0.08)


@pytest.mark.parametrize(
    ("asks", "pool", "granted"),
    [
        ([10.0, 30.0, 0.0], 100.0, [10.0, 30.0, 0.0]),  # enough for all
        ([40.0, 80.0, 0.0], 100.0, [20.0, 40.0, 0.0]),  # 60 for 120: half each
        ([80.0, 160.0, 0.0], 100.0, [20.0, 40.0, 0.0]),  # 60 for 240 is the least that will do
        ([100.0, 200.0, 0.0], 100.0, [0.0, 0.0, 0.0]),  # 60 for 300 is too little
        ([0.0, 0.0, 0.0], 100.0, [0.0, 0.0, 0.0]),
    ],
)
def test_a_small_pool_is_shared_pro_rata_or_not_at_all(asks, pool, granted):
    after = market(
        len(asks), round_ask=asks, vc_pool_musd=pool, raised=7.0,
        sets=["funding.inflow_musd_per_week=0", "funding.pool_share_cap=0.6",
              "funding.least_fill=0.25"],
    ).do("close rounds").state  # fmt: skip
    np.testing.assert_allclose(after.round_musd[0], granted)
    np.testing.assert_allclose(after.cash[0], np.array(granted) + 100.0)
    np.testing.assert_allclose(after.raised[0], np.array(granted) + 7.0)
    np.testing.assert_allclose(after.vc_pool_musd, pool - sum(granted))
    np.testing.assert_array_equal(after.stage[0], np.array(granted) > 0.0)
    np.testing.assert_array_equal(after.round_ask, 0.0)


def test_venture_money_flows_in_with_hype():
    sets = ["funding.inflow_musd_per_week=27.0", "funding.inflow_hype_exponent=2.0"]
    for ticks in (1, 2):
        now = market(1, sets=sets, ticks=ticks, log_hype=np.log(1.5), vc_pool_musd=10.0)
        after = now.do("close rounds").state
        assert after.vc_pool_musd[0, 0] == pytest.approx(10 + 27 / ticks * 1.5**2)
        assert after.account_partners[0, 0] == pytest.approx(-27 / ticks * 1.5**2)


def test_a_parent_pays_until_its_patience_ends():
    sets = ["funding.bigtech_budget_musd_per_year=520.0", "funding.patience_weeks=52.0"]
    after = market(
        4, sets=sets, irrelevant=[52.0, 53.0, 0.0, 0.0],
        facts={"kind": ["bigtech", "bigtech", "startup", "bigtech"]},
        status=[3, 3, 3, Status.CLOSED],
    ).do("close rounds").state  # fmt: skip
    np.testing.assert_allclose(after.cash[0], [110.0, 100.0, 100.0, 100.0])
    assert after.account_parents[0, 0] == pytest.approx(-10.0)


def test_listed_firms_issue_shares_while_hype_is_above_that_of_april():
    """A tenth of 5,200 at twice the price a year, half of it for models: 10 a week."""
    sets = ["funding.issue_per_year=0.1", "funding.issue_share_for_models=0.5"]
    now = market(
        5, sets=sets, log_hype=0.1, wish_funding=[1, 1, 0, 1, 1], log_stock=np.log(2.0),
        irrelevant=[0, 0, 0, 999.0, 0], status=[3, 3, 3, 3, Status.CLOSED],
        facts={"kind": ["listed", "startup", "listed", "listed", "listed"],
               "market_value_musd": 5200.0},
    )  # fmt: skip
    after = now.do("close rounds").state
    np.testing.assert_allclose(after.cash[0], [110.0, 100.0, 100.0, 100.0, 100.0])
    assert after.account_shareholders[0, 0] == pytest.approx(-10.0)
    np.testing.assert_array_equal(now.set(log_hype=0.0).do("close rounds").state.cash, 100.0)


# ---- alliances ----


def backed(cash, asks, moments, sets=(), **columns):
    """A big tech and startups whose rounds a big tech would lead; what it has and they asked."""
    n = len(asks)
    facts = {"kind": ["bigtech"] + ["startup"] * n, "cloud": columns.pop("cloud", False)}
    facts["affinity"] = [{"consumer": 0.2, "developer": 0.9, "enterprise": 0.9, "public": 0.1}]
    facts["affinity"] += [0.5] * n
    return market(
        n + 1, sets=["alliances.strategic_share=1", *sets], cash=[cash] + [5.0] * n, meetings=1.0,
        round_ask=[0.0, *asks], round_at=[0.0, *moments], facts=facts, **columns,
    ).do("ally").state  # fmt: skip


def test_a_backer_pays_what_its_startups_get():
    after = backed(900.0, [40.0, 60.0], [0.2, 0.7])
    np.testing.assert_allclose(after.cash[0], [800.0, 45.0, 65.0])
    np.testing.assert_allclose(after.raised[0], [0.0, 40.0, 60.0])
    np.testing.assert_allclose(after.round_musd[0], [0.0, 40.0, 60.0])
    np.testing.assert_array_equal(after.stage[0], [0, 1, 1])
    np.testing.assert_array_equal(after.backer[0], [-1, 0, 0])
    np.testing.assert_array_equal(after.round_ask[0], 0.0)


def test_a_backer_keeps_its_reserve_in_the_order_of_deals():
    """It spends a third of its purse on a deal: 90 of 300 for the first, 70 of 210 for the next."""
    sets = ["alliances.cash_multiple=3"]
    early = backed(300.0, [90.0, 90.0], [0.2, 0.7], sets)
    np.testing.assert_allclose(early.cash[0], [140.0, 95.0, 75.0])
    late = backed(300.0, [90.0, 90.0], [0.7, 0.2], sets)
    np.testing.assert_allclose(late.cash[0], [140.0, 75.0, 95.0])
    none = backed(270.0, [90.0, 90.0], [0.2, 0.7], sets)  # not more than three times the sum
    np.testing.assert_allclose(none.cash[0], [270.0, 5.0, 5.0])
    np.testing.assert_array_equal(none.round_ask[0], [0.0, 90.0, 90.0])
    assert np.all(none.backer == -1)


def test_two_deals_at_the_same_moment_create_no_money():
    after = backed(900.0, [40.0, 60.0], [0.5, 0.5])
    assert np.sum(after.cash) == pytest.approx(910.0)


def test_a_cloud_gives_part_of_it_in_compute():
    after = backed(900.0, [40.0], [0.5], ["alliances.credits_share=0.25"], cloud=[True, False])
    np.testing.assert_allclose(after.cash[0], [860.0, 35.0])
    np.testing.assert_allclose(after.credits[0], [0.0, 10.0])


def test_a_backer_lends_its_reach_where_it_is_strongest():
    """A fifth of those not yet reached, among developers and enterprises; never takes any away."""
    after = backed(900.0, [40.0], [0.5], ["alliances.reach_gain=0.2"], reach=0.5)
    np.testing.assert_allclose(after.reach[0, :, 1], [0.5, 0.6, 0.6, 0.5])
    np.testing.assert_array_equal(after.reach[0, :, 0], 0.5)


def test_a_firm_with_a_backer_gets_no_second():
    after = backed(900.0, [40.0, 40.0], [0.2, 0.3], backer=[-1, 2, -1])
    np.testing.assert_array_equal(after.backer[0], [-1, 2, 0])
    np.testing.assert_array_equal(after.round_ask[0], [0.0, 40.0, 0.0])
    np.testing.assert_allclose(after.cash[0], [860.0, 5.0, 45.0])


def test_a_dead_big_tech_backs_nobody():
    after = backed(900.0, [40.0], [0.2], status=[Status.CLOSED, 3])
    assert np.all(after.backer == -1)


def test_so_many_rounds_are_strategic():
    after = market(
        51, worlds=80, sets=["alliances.strategic_share=0.25"], meetings=1.0,
        facts={"kind": ["bigtech"] + ["startup"] * 50}, cash=1e9, round_ask=[0.0] + [1.0] * 50,
        round_at=0.5,
    ).do("ally").state  # fmt: skip
    share = np.mean(after.backer[:, 1:] == 0)
    assert abs(share - 0.25) < 4 * np.sqrt(0.25 * 0.75 / 4000)
