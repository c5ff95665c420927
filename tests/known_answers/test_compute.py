"""The market for accelerators: own hours, then customers, then one rent for what is left."""

import numpy as np
import pytest
from market import market

from llm_market_sim.market.state import Route, Status

FLOOR = 4.0
HUNDRED = [  # lessors with 100 usable cards, 16,800 hours a week, which cost them 4 USD each
    "compute.rental_end=200", "compute.usable_share=0.5", f"compute.price_usd_per_gpu_hour={FLOOR}",
    "compute.price_decline_per_year=0", "training.cost_multiple=2",
]  # fmt: skip
ENDLESS = {"run_hours": 1e9, "run_compute_left": 8.0, "run_target": 24.5}


def cleared(firms, ticks=1, sets=(), **columns):
    """The market after its accelerators were shared out."""
    given = {"rental_cards": 200.0} | columns
    return market(firms, sets=[*HUNDRED, *sets], ticks=ticks, **given).do("clear compute").state


def test_without_scarcity_the_rent_is_what_an_hour_costs_a_lessor():
    falls = ["compute.price_decline_per_year=0.52"]
    assert cleared(1, sets=falls, week=49).gpu_price[0, 0] == pytest.approx(4 * np.exp(-0.5))
    run = {"run_hours": 8000.0, "run_compute_left": 1.0, "run_bid": 9.0}
    slack = cleared(1, **run)  # 16,000 hours asked of 16,800
    assert slack.gpu_price[0, 0] == FLOOR and slack.hours_training[0, 0] == 16000


@pytest.mark.parametrize("ticks", [1, 4])
def test_where_money_binds_all_of_it_buys_all_the_hours(ticks):
    """100,000 and 200,000 USD a week for 16,800 hours; twice the bids are twice the rent."""
    for times in (1, 2):
        after = cleared(2, ticks, run_bid=[0.1 * times, 0.2 * times], **ENDLESS)
        assert after.gpu_price[0, 0] == pytest.approx(300_000 * times / 16_800)
        np.testing.assert_allclose(after.hours_training[0] * ticks, [5600, 11200])
        assert after.gpu_utilisation[0, 0] == pytest.approx(1.0)


def test_who_needs_less_than_its_bid_buys_leaves_the_rest_to_the_others():
    """2,800 hours are all that the first needs; 140,000 USD buy the other 14,000 at 10 each."""
    after = cleared(2, run_hours=[1400.0, 1e9], run_compute_left=[1.0, 8.0], run_bid=[1.0, 0.14])
    assert after.gpu_price[0, 0] == pytest.approx(10.0)
    np.testing.assert_allclose(after.hours_training[0], [2800, 14000])


def test_the_rent_is_the_lowest_at_which_no_more_is_asked_for_than_is_free():
    """Random needs and bids, in slack and in want."""
    rng = np.random.default_rng(4)
    need, bid = rng.lognormal(7, 1.5, (40, 12)), rng.lognormal(-4, 1, (40, 12))
    cards = rng.uniform(20, 1000, (40, 1))
    after = cleared(12, worlds=40, sets=["compute.rental_end=200", "compute.supply_weeks=1000"],
                    run_hours=need / 2, run_compute_left=1.0, run_bid=bid, rental_cards=cards,
                    cash=1e9)  # fmt: skip
    free, rent = after.rental_cards[:, 0] * 84, after.gpu_price[:, 0]
    asked = np.minimum(need, 1e6 * bid / rent[:, None])
    dear = rent > FLOOR
    assert 5 < np.sum(dear) < 35 and np.all(rent < 20 * FLOOR)
    np.testing.assert_allclose(after.hours_training, asked, rtol=1e-9)
    np.testing.assert_allclose(np.sum(asked, -1)[dear], free[dear], rtol=1e-9)
    assert np.all(np.sum(asked, -1)[~dear] <= free[~dear])


def test_no_rent_is_above_twenty_floors_and_what_is_asked_beyond_is_shared():
    """Two who bid 4 to 1 for 168 hours: 80 USD, and hours as 4 to 1."""
    after = cleared(2, sets=["compute.rental_end=2"], rental_cards=2.0, run_bid=[0.8, 0.2],
                    **ENDLESS)  # fmt: skip
    assert after.gpu_price[0, 0] == 80.0
    np.testing.assert_allclose(after.hours_training[0], [134.4, 33.6])


def test_where_hours_are_rationed_no_bid_helps_and_need_decides():
    """One needs 5,600 hours and two need 28,000 each, of 16,800: everybody gets three elevenths,
    at what an hour costs, whatever it bids. Who cannot pay for its part asks for less."""
    needs = {"run_hours": [2800.0, 14000.0, 14000.0], "run_compute_left": 1.0}
    for bids in ([1.0, 1.0, 9.0], [9.0, 1.0, 1.0]):
        after = cleared(3, sets=["compute.dearest_rent=1"], run_bid=bids, **needs)
        assert after.gpu_price[0, 0] == FLOOR
        np.testing.assert_allclose(after.hours_training[0], np.array([5600, 28000, 28000]) * 3 / 11)
    poor = cleared(3, sets=["compute.dearest_rent=1"], run_bid=[1.0, 1.0, 0.0], **needs)
    np.testing.assert_allclose(poor.hours_training[0], [2800, 14000, 0])


@pytest.mark.parametrize(("ticks", "part"), [(1, 0.5), (2, 1 - np.sqrt(0.5))])
def test_a_run_gets_half_the_till_a_week_and_without_a_till_its_own_hours(ticks, part):
    after = cleared(
        4,
        ticks,
        run_bid=9.0,
        cash=[0.02, 0.03, 0.0, -1.0],
        credits=[0.02, 0.0, 0.0, 0.5],
        cards=[0, 0, 10.0, 10.0],
        **ENDLESS,
    )
    bought = np.array([40_000, 30_000, 0, 0]) * part / FLOOR
    np.testing.assert_allclose(after.hours_rented[0], bought, atol=1e-9)
    np.testing.assert_allclose(after.hours_own[0], [0, 0, 840 / ticks, 840 / ticks])


def test_a_run_asks_for_what_it_still_needs_in_the_time_that_is_left():
    """Of 5,000 hours, twice over for trials; held up or tuned, none at all."""
    after = cleared(
        5,
        run_hours=5000.0,
        run_got=[0, 2500.0, 4000.0, 5000.0, 0],
        run_bid=1.0,
        run_compute_left=[4.0, 4.0, 0.25, 4.0, 0.0],
    )
    np.testing.assert_allclose(after.hours_training[0], [2500, 1250, 2000, 0, 0])
    np.testing.assert_allclose(after.run_weeks[0], [1, 1, 0.25, 1, 0])
    paused = cleared(2, sets=["training.paused=true", "training.pause_above_oom=24"],
                     run_hours=5000.0, run_bid=1.0, run_compute_left=4.0,
                     run_target=[23.9, 24.1])  # fmt: skip
    np.testing.assert_allclose(paused.hours_training[0], [2500, 0])
    assert paused.run_weeks[0].tolist() == [1, 0]


def test_own_hours_serve_customers_first_then_the_run_and_then_others():
    """1,680 own hours: of 1,000 for customers and 2,500 for a run, the rest of each is rented.
    A cloud whose run needs 500 lets what is left of its hours, if anybody asks."""
    after = cleared(
        3,
        cards=20.0,
        use=[1000.0, 2000.0, 1000.0],
        unit_hours=1.0,
        run_bid=1.0,
        run_hours=[5000.0, 5000.0, 1000.0],
        run_compute_left=4.0,
        facts={"cloud": [False, False, True]},
    )
    np.testing.assert_allclose(after.hours_own[0], [1680, 1680, 1500])
    np.testing.assert_allclose(after.hours_training[0], [2500, 2500, 500])
    np.testing.assert_allclose(after.hours_rented[0], [1820, 320 + 2500, 0])
    let = 180 * (1820 + 2820) / (16_800 + 180)
    np.testing.assert_allclose(after.hours_let[0], [0, 0, let])


def test_customers_come_before_runs():
    """10,080 hours serve; 67,200 USD buy the other 6,720. Where customers ask for more than there
    is they share it, and runs have their own hours only."""
    run = {"run_hours": [0.0, 1e9], "run_compute_left": 8.0, "run_bid": 0.0672}
    some = cleared(2, use=[10_080.0, 0.0], unit_hours=1.0, **run)
    assert some.gpu_price[0, 0] == pytest.approx(10.0) and some.gpu_ration[0, 0] == 1.0
    np.testing.assert_allclose(some.hours_training[0], [0, 6720])
    most = cleared(2, use=[21_000.0, 0.0], unit_hours=1.0, cards=[0.0, 10.0], **run)
    assert most.gpu_ration[0, 0] == pytest.approx(0.8)
    np.testing.assert_allclose(most.compute_share[0], [0.8, 1.0])
    np.testing.assert_allclose(most.hours_training[0], [0, 840])


def test_owners_go_first_clouds_let_and_all_customers_get_the_same_share():
    """A cloud of 40 needs 20 and lets 20, another owner of 20 needs 40, a startup needs 80.

    Asked for: 20 + 80 = 100; offered: 20 idle and the 40 of lessors: three fifths.
    """
    use = np.array([20.0, 40.0, 80.0, 999.0]) * 168
    after = cleared(
        4,
        sets=["compute.rental_end=80"],
        rental_cards=80.0,
        use=use,
        unit_hours=1.0,
        cards=[80.0, 40.0, 0.0, 0.0],
        facts={
            "kind": ["bigtech", "bigtech", "startup", "foreign"],
            "cloud": [True, False, False, False],
        },
    )
    np.testing.assert_allclose(after.hours_own[0] / 168, [20, 20, 0, 0])
    np.testing.assert_allclose(after.hours_rented[0] / 168, [0, 12, 48, 0])
    np.testing.assert_allclose(after.hours_let[0] / 168, [20, 0, 0, 0])
    np.testing.assert_allclose(after.compute_share[0], [1.0, 0.8, 0.6, 1.0])
    assert after.gpu_ration[0, 0] == pytest.approx(0.6)
    assert after.gpu_utilisation[0, 0] == pytest.approx(1.0)
    assert after.gpu_supply[0, 0] == 200.0


def test_idle_accelerators_are_let_as_far_as_they_are_asked_for():
    """100 of lessors and 25 of a cloud, 20 asked for: of each a sixth and a bit."""
    after = cleared(2, use=[0.0, 20.0 * 168], unit_hours=1.0, cards=[50.0, 0.0],
                    facts={"kind": ["bigtech", "startup"], "cloud": True})  # fmt: skip
    np.testing.assert_allclose(after.hours_let[0] / 168, [25 * 20 / 125, 0.0])
    assert after.gpu_price[0, 0] == FLOOR and after.gpu_ration[0, 0] == 1.0


def test_who_serves_a_wrapper_s_users_is_its_supplier():
    """Its units are served with the hours a unit that the supplier's model takes."""
    after = cleared(
        3,
        use=[10.0, 30.0, 7.0],
        unit_hours=[2.0, 5.0, 1.0],
        supplier=0,
        route=[Route.FOUNDATION, Route.WRAPPER, Route.WRAPPER],
    )
    np.testing.assert_allclose(after.hours_rented[0], [2.0 * 47, 0.0, 0.0])
    rationed = cleared(
        3,
        use=[1000.0, 20_000.0, 0.0],
        unit_hours=1.0,
        supplier=0,
        route=[Route.FOUNDATION, Route.WRAPPER, Route.FOUNDATION],
    )
    np.testing.assert_allclose(rationed.compute_share[0], [0.8, 0.8, 1.0])
    abroad = cleared(
        2, use=[10.0, 30.0], unit_hours=2.0, supplier=-1, route=[Route.FOUNDATION, Route.WRAPPER]
    )
    np.testing.assert_allclose(abroad.hours_rented[0], [20.0, 0.0])


def test_the_dead_have_no_cards_and_no_hours():
    after = cleared(3, status=[Status.OPEN, Status.CLOSED, Status.WAITING], cards=10.0,
                    cards_ordered=5.0, hours_own=7.0, hours_rented=7.0, hours_let=7.0,
                    hours_training=7.0, facts={"cloud": True})  # fmt: skip
    assert after.cards[0].tolist() == [10, 0, 10] and after.cards_ordered[0].tolist() == [5, 0, 5]
    assert after.gpu_supply[0, 0] == 210.0
    for name in ("hours_own", "hours_rented", "hours_let", "hours_training"):
        assert np.all(getattr(after, name)[0, 1:] == 0), name


@pytest.mark.parametrize("ticks", [1, 4])
@pytest.mark.parametrize(("deliveries", "left"), [(1.0, np.exp(-1)), (0.5, np.exp(-0.5)), (0, 1)])
def test_lessors_close_their_gap_as_fast_as_cards_are_delivered(ticks, deliveries, left):
    sets = ["compute.rental_end=300", "compute.supply_weeks=60", f"cards.deliveries={deliveries}"]
    now = market(1, sets=sets, ticks=ticks, rental_cards=100.0)
    for _ in range(60 * ticks):
        now = now.do("clear compute").pass_time()
    assert now.state.rental_cards[0, 0] == pytest.approx(300 - 200 * left)
