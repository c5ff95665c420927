"""Rounds: how often, how large, what a small pool pays for, who leads them; and parents' money."""

import numpy as np
import pytest
from market import NEVER, NO_MODEL, market

from llm_market_sim.market.state import Route, Status

WEIGHTS = ("quality_weight", "star_weight", "traction_weight")
EVEN = ["funding.rounds_per_year=2.0", *(f"funding.{name}=0.0" for name in WEIGHTS)]
EVEN_RATE = 2.0 / 52


def meetings(log_hype, weeks=40, worlds=400, ticks=4):
    """Agreements with investors of firms that take money, in an even world."""
    now = market(
        5,
        worlds=worlds,
        sets=EVEN,
        ticks=ticks,
        wish_funding=1.0,
        log_hype=log_hype,
        best_share=0.005,
        drawn=["clock_round"],
    )
    for _ in range(weeks * ticks):
        now = now.do("seek money").pass_time()
    return now.state.meetings


@pytest.mark.parametrize(("log_hype", "factor"), [(0.0, 1.0), (-1.0, np.exp(-1)), (2.0, np.exp(2))])
def test_rounds_come_at_their_rate_times_hype(log_hype, factor):
    got, expected = meetings(log_hype), 2.0 * 40 / 52 * factor
    assert abs(got.mean() - expected) < 4 * np.sqrt(expected / got.size)


def pull(sets=(), firms=2, **columns):
    """How strongly each firm draws investors: its rate over the even one, read off its clock."""
    usual = {"best_share": 0.005, "wish_funding": 1.0, "clock_round": 99.0}
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


def test_investors_follow_stars_that_train_money_and_traction():
    star = pull(
        ["funding.star_weight=0.7"],
        3,
        facts={"star": [True, False, True]},
        route=[Route.FOUNDATION, Route.FOUNDATION, Route.FINE_TUNE],
    )
    assert star == pytest.approx([np.exp(0.7), 1.0, 1.0])
    herd = pull(["funding.size_by_stage_musd=[20]"], raised=[0.0, 100.0])
    assert herd == pytest.approx([1.0, 2.0**0.8])
    shown = {"week": 9.0, "launched_at": [0.0, 0.0, 9.5], "firms": 3}
    traction = pull(
        ["funding.traction_weight=0.5"], best_share=[0.02, 0.0, 0.02], **shown
    )  # against 0.5 %; at the least a twenty-fifth of it
    assert traction == pytest.approx([2.0, 0.2, 1.0])


def test_investors_come_whatever_the_runway():
    """To a firm that earns, to one that is rich, and to one that owes."""
    found = pull(firms=3, cash=[1e4, 9.0, -1.0], trailing_profit=[50.0, -1.0, -52.0])
    assert found == pytest.approx([1.0] * 3)


def test_only_startups_that_live_and_wish_are_met():
    found = pull(
        firms=5,
        facts={"kind": ["startup", "bigtech", "listed", "startup", "startup"]},
        wish_funding=[1.0, 1.0, 1.0, 0.0, 1.0],
        status=[Status.BUILDING, 3, 3, 3, Status.CLOSED],
    )
    assert found == pytest.approx([1, 0, 0, 0, 0])


def test_a_round_has_the_size_of_its_stage_route_and_team():
    sets = [*EVEN, "funding.size_spread=0", "funding.size_by_stage_musd=[10, 40, 120]"]
    sets += ["funding.size_factor_star=3", "funding.size_factor.vertical=0.5"]
    after = (
        market(
            6,
            sets=sets,
            wish_funding=1.0,
            stage=[0, 1, 2, 7, 1, 1],
            week=4.0,
            round_musd=9.0,
            route=[0, 0, 0, Route.VERTICAL, 0, Route.VERTICAL],
            facts={"star": [False] * 4 + [True] * 2},
            meetings=2.0,
            clock_round=EVEN_RATE / 4,
            round_at=NEVER,
        )
        .do("seek money")
        .state
    )
    np.testing.assert_allclose(after.round_ask[0], [10, 40, 120, 60, 120, 20])
    np.testing.assert_allclose(after.round_at[0], 4.25)
    assert np.all(after.meetings == 3) and np.all(after.round_musd == 0)


def test_sizes_of_rounds_are_log_normal():
    sets = [*EVEN, "funding.size_spread=0.8", "funding.size_by_stage_musd=[10]"]
    ask = market(50, 40, sets, wish_funding=1.0).do("seek money").state.round_ask
    logs = np.log(ask / 10)
    assert abs(logs.mean()) < 4 * 0.8 / np.sqrt(2000)
    assert logs.std() == pytest.approx(0.8, rel=0.08)


@pytest.mark.parametrize(
    ("moments", "pool", "granted"),
    [
        ([0.2, 0.5, 0.9], 200.0, [40.0, 60.0, 80.0]),  # enough for all
        ([0.2, 0.5, 0.9], 120.0, [40.0, 60.0, 20.0]),  # a quarter of 80 is left: the least
        ([0.2, 0.5, 0.9], 119.9, [40.0, 60.0, 0.0]),  # less than that is left, and stays there
        ([0.9, 0.5, 0.2], 120.0, [0.0, 40.0, 80.0]),  # the other way round, two thirds of 60
        ([0.9, 0.2, 0.5], 75.0, [15.0, 60.0, 0.0]),  # the third asks too much, the last does not
    ],
)
def test_rounds_are_paid_in_the_order_of_their_days(moments, pool, granted):
    after = (
        market(
            4,
            round_ask=[40.0, 60.0, 80.0, 0.0],
            round_at=[*moments, 0.0],
            vc_pool_musd=pool,
            raised=7.0,
            sets=["funding.inflow_musd_per_week=0"],
        )
        .do("close rounds")
        .state
    )
    got = np.array([*granted, 0.0])
    np.testing.assert_allclose(after.round_musd[0], got)
    np.testing.assert_allclose(after.cash[0], got + 100.0)
    np.testing.assert_allclose(after.raised[0], got + 7.0)
    np.testing.assert_allclose(after.vc_pool_musd[0, 0], pool - sum(granted), atol=1e-12)
    np.testing.assert_array_equal(after.stage[0], got > 0.0)
    np.testing.assert_array_equal(after.round_ask, 0.0)


def test_venture_money_flows_in_with_hype():
    sets = ["funding.inflow_musd_per_week=27.0", "funding.inflow_hype_exponent=2.0"]
    for ticks in (1, 2):
        now = market(1, sets=sets, ticks=ticks, log_hype=np.log(1.5), vc_pool_musd=10.0)
        after = now.do("close rounds").state
        assert after.vc_pool_musd[0, 0] == pytest.approx(10 + 27 / ticks * 1.5**2)
        assert after.account_partners[0, 0] == pytest.approx(-27 / ticks * 1.5**2)


@pytest.mark.parametrize("ticks", [1, 2])
def test_a_parent_pays_what_is_needed(ticks):
    """Half the earmark of 520 a year, 5 a week, while the till is no fuller than the earmark;
    above it less, and nothing at twice as much."""
    after = (
        market(
            6,
            sets=["funding.budget_per_year=0.5"],
            ticks=ticks,
            earmark=[520.0] * 5 + [0.0],
            facts={"kind": ["bigtech"] * 4 + ["startup", "bigtech"]},
            cash=[1.0, 520.0, 780.0, 1040.0, 1.0, 1.0],
        )
        .do("close rounds")
        .state
    )
    given = np.array([5.0, 5.0, 2.5, 0.0, 0.0, 0.0]) / ticks
    np.testing.assert_allclose(after.cash[0] - [1.0, 520.0, 780.0, 1040.0, 1.0, 1.0], given)
    assert after.account_parents[0, 0] == pytest.approx(-sum(given))


def test_an_earmark_is_what_a_big_tech_has_on_week_0():
    kinds = ["bigtech", "listed", "startup"]
    now = market(3, facts={"kind": kinds, "cash_musd": [900.0, 90.0, 9.0]}, drawn=["earmark"])
    assert now.state.earmark[0].tolist() == [900.0, 0.0, 0.0]


def test_a_parent_pays_until_its_patience_ends_but_for_its_own_house():
    sets = ["funding.budget_per_year=0.1", "funding.patience_weeks=52"]
    after = (
        market(
            4,
            sets=sets,
            irrelevant=[52.0, 53.0, 53.0, 0.0],
            facts={"kind": "bigtech"},
            earmark=5200.0,
            internal=[False, False, True, False],
            status=[3, 3, 3, Status.CLOSED],
        )
        .do("close rounds")
        .state
    )
    np.testing.assert_allclose(after.cash[0], [110.0, 100.0, 110.0, 100.0])


# ---- alliances ----


def backed(cash, asks, moments, sets=(), **columns):
    """A big tech and startups whose rounds a big tech would lead; what it has and they asked."""
    n = len(asks)
    facts = {"kind": ["bigtech"] + ["startup"] * n, "cloud": columns.pop("cloud", False)}
    facts["affinity"] = [{"consumer": 0.2, "developer": 0.9, "enterprise": 0.9, "public": 0.1}]
    facts["affinity"] += [0.5] * n
    return (
        market(
            n + 1,
            sets=["alliances.strategic_share=1", *sets],
            cash=[cash] + [5.0] * n,
            meetings=1.0,
            round_ask=[0.0, *asks],
            round_at=[0.0, *moments],
            facts=facts,
            **columns,
        )
        .do("ally")
        .state
    )


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
    early = backed(300.0, [90.0, 90.0], [0.2, 0.7])
    np.testing.assert_allclose(early.cash[0], [140.0, 95.0, 75.0])
    late = backed(300.0, [90.0, 90.0], [0.7, 0.2])
    np.testing.assert_allclose(late.cash[0], [140.0, 75.0, 95.0])
    none = backed(270.0, [90.0, 90.0], [0.2, 0.7])  # not more than three times the sum
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


def test_a_firm_with_a_backer_gets_no_second():
    after = backed(900.0, [40.0, 40.0], [0.2, 0.3], backer=[-1, 2, -1])
    np.testing.assert_array_equal(after.backer[0], [-1, 2, 0])
    np.testing.assert_array_equal(after.round_ask[0], [0.0, 40.0, 0.0])
    np.testing.assert_allclose(after.cash[0], [860.0, 5.0, 45.0])


def test_a_dead_big_tech_backs_nobody():
    after = backed(900.0, [40.0], [0.2], status=[Status.CLOSED, 3])
    assert np.all(after.backer == -1)


def test_so_many_rounds_are_strategic():
    after = (
        market(
            51,
            worlds=80,
            sets=["alliances.strategic_share=0.25"],
            meetings=1.0,
            facts={"kind": ["bigtech"] + ["startup"] * 50},
            cash=1e9,
            round_ask=[0.0] + [1.0] * 50,
            round_at=0.5,
        )
        .do("ally")
        .state
    )
    share = np.mean(after.backer[:, 1:] == 0)
    assert abs(share - 0.25) < 4 * np.sqrt(0.25 * 0.75 / 4000)
