"""Cards: what an order costs, how long it takes, who orders, and what an export rule does."""

import numpy as np
import pytest
from market import market

from llm_market_sim.market.state import Route, Status

PLAIN = ["cards.delivery_weeks=16", "cards.price_usd=25000", "compute.price_decline_per_year=0.52"]


@pytest.mark.parametrize("ticks", [1, 4])
@pytest.mark.parametrize(("deliveries", "left"), [(1.0, np.exp(-1)), (0.5, np.exp(-0.5)), (0, 1)])
def test_what_was_ordered_comes_with_a_lag(ticks, deliveries, left):
    """After 16 weeks one part in e is still to come; at half the pace of deliveries, more."""
    sets = [*PLAIN, f"cards.deliveries={deliveries}"]
    now = market(1, sets=sets, ticks=ticks, cards=50.0, cards_ordered=100.0)
    for _ in range(16 * ticks):
        now = now.do("buy cards").pass_time()
    np.testing.assert_allclose(now.state.cards_ordered[0], 100 * left)
    np.testing.assert_allclose(now.state.cards[0], 50 + 100 * (1 - left))


@pytest.mark.parametrize("ticks", [1, 2])
def test_money_buys_cards_at_a_price_that_falls(ticks):
    """52 M USD a year buy 40 a week at 25,000, and e^.52 times as many a year later."""
    now = market(1, sets=PLAIN, ticks=ticks, wish_cards_musd=52.0)
    for week, cards in ((0.0, 40.0), (52.0, 40.0 * np.exp(0.52))):
        after = now.set(week=week).do("buy cards").state
        np.testing.assert_allclose(after.cards_ordered[0], cards / ticks)
        assert after.card_spending[0, 0] == 52.0


def test_who_gets_and_orders_cards():
    """Not the dead, the waiting, the foreign; and nobody pays where nothing is delivered."""
    kinds = ["bigtech", "bigtech", "bigtech", "foreign"]
    columns = {
        "status": [Status.BUILDING, Status.CLOSED, Status.WAITING, Status.OPEN],
        "facts": {"kind": kinds}, "wish_cards_musd": 52.0, "card_spending": 7.0,
        "cards_ordered": 100.0,
    }  # fmt: skip
    after = market(4, sets=PLAIN, **columns).do("buy cards").state
    assert (after.cards[0] > 0).tolist() == [True, False, False, False]
    assert after.card_spending[0].tolist() == [52.0, 0.0, 0.0, 0.0]
    shut = market(4, sets=[*PLAIN, "cards.deliveries=0"], **columns).do("buy cards").state
    assert np.all(shut.card_spending == 0) and np.all(shut.cards_ordered == 100.0)


def test_who_wants_to_own_while_that_is_cheaper_than_to_rent():
    """0.4 of 26,280 USD a year over 5,256 hours is 2 USD, and 0.7 to run one: 2.7. Half of the
    money beyond half a year's running cost goes into cards."""
    kinds = ["bigtech", "listed", "startup", "bigtech", "bigtech"]
    now = market(
        5,
        sets=[
            "cards.price_usd=26280",
            "cards.spend_per_year=0.5",
            "compute.own_cost_usd=0.7",
            "compute.usable_share=0.6",
            "accounts.reserve_weeks=26",
        ],
        facts={"kind": kinds},
        route=[0, 0, 0, Route.FINE_TUNE, 0],
        cash=[100.0, 100.0, 100.0, 100.0, 19.0],
        credits=[10.0, 0, 0, 0, 0],
        burn=40.0,
    )
    wishes = now.set(gpu_price=2.71).do("decide").state.wish_cards_musd[0]
    np.testing.assert_allclose(wishes, [45.0, 40.0, 0, 0, 0])
    assert np.all(now.set(gpu_price=2.69).do("decide").state.wish_cards_musd == 0)
    later = now.set(gpu_price=2.69, week=26).do("decide").state  # cards have become cheaper
    assert later.wish_cards_musd[0, 0] == 45.0
