"""One week's payments, worked out by hand: who pays whom, and that nothing is lost."""

import numpy as np
import pytest
from market import market

from llm_market_sim.market.state import Route, Status


def test_a_week_of_payments_by_hand():
    """A cloud whose model a wrapper sells, and a startup that rents on its backer's money."""
    users = np.zeros((4, 3))
    users[0, 1] = 13e6
    after = (
        market(
            3,
            sets=[
                "compute.own_cost_usd=1.0",
                "pricing.service_usd={consumer: 2, developer: 0, enterprise: 0, public: 0}",
            ],
            facts={"kind": ["bigtech", "startup", "startup"]},
            route=[Route.FOUNDATION, Route.FOUNDATION, Route.WRAPPER],
            supplier=0,
            gpu_price=2.0,
            users=users,
            spending=[52e6, 26e6, 5.2e6],
            compute_share=[0.4, 1.0, 1.0],
            use=[0.0, 0.0, 1000.0],
            unit_hours=[100.0, 1.0, 1.0],
            hours_own=[1e6, 0.0, 0.0],
            hours_let=[0.6e6, 0.0, 0.0],
            hours_rented=[0.0, 1e6, 0.0],
            burn=[52.0, 26.0, 13.0],
            marketing=[26.0, 0.0, 0.0],
            card_spending=[104.0, 0.0, 0.0],
            cash=10.0,
            credits=[0.0, 0.5, 0.0],
            revenue_total=1.0,
            profit_total=2.0,
        )
        .do("settle")
        .state
    )
    # served 0.4 of its users: 0.4; fees 0.26; own hours 1; burn 1; marketing 0.5; cards 2, which
    # are no cost of the week; lets for 1.2 what costs it 0.6, which is no model business
    # serves all: 0.5; rents for 2, of which 0.5 was set aside; burn 0.5; looks after users: 0.5
    # serves all: 0.1; fees of 1000 x 100 hours at 2 USD and three tenths more: 0.26; burn 0.25
    np.testing.assert_allclose(after.cash[0] - 10.0, [-3.24, -2.0, -0.41], rtol=1e-12)
    np.testing.assert_allclose(after.credits[0], 0.0, atol=1e-12)
    np.testing.assert_allclose(after.revenue[0] / 52, [0.66, 0.5, 0.1], rtol=1e-12)
    np.testing.assert_allclose(after.revenue_total[0] - 1.0, [0.66, 0.5, 0.1], rtol=1e-12)
    np.testing.assert_allclose(after.profit[0] / 52, [-1.84, -2.5, -0.41], rtol=1e-12)
    np.testing.assert_allclose(after.profit_total[0] - 2.0, [-1.84, -2.5, -0.41], rtol=1e-12)
    np.testing.assert_allclose(after.account_users, -1.0, rtol=1e-12)
    np.testing.assert_allclose(after.account_outside, 7.15, rtol=1e-12)


def test_an_own_hour_costs_no_more_than_the_rent():
    now = market(1, sets=["compute.own_cost_usd=0.7"], hours_own=1e6, cash=10.0)
    for rent, cost in ((2.0, 0.7), (0.5, 0.5)):
        after = now.set(gpu_price=rent).do("settle").state
        np.testing.assert_allclose(after.cash, 10.0 - cost, rtol=1e-12)


def test_fees_for_a_model_from_abroad_leave_the_country():
    """A wrapper of a foreign model pays for its own hours with the margin; nobody here earns it."""
    after = (
        market(
            2,
            route=[Route.FOUNDATION, Route.WRAPPER],
            supplier=-1,
            use=[0.0, 1000.0],
            unit_hours=[7.0, 100.0],
            gpu_price=2.0,
            cash=10.0,
        )
        .do("settle")
        .state
    )
    fee = 1000 * 100 * 2.0 * 1.3 * 1e-6
    np.testing.assert_allclose(after.cash[0], [10.0, 10.0 - fee], rtol=1e-12)
    np.testing.assert_allclose(after.account_outside, fee, rtol=1e-12)


def test_a_wrapper_is_paid_and_pays_for_what_its_supplier_serves():
    """Half of it: 0.5 of a million from users; 1,000 units at 100 hours, half of them, are 0.13."""
    after = (
        market(
            2,
            route=[Route.FOUNDATION, Route.WRAPPER],
            supplier=0,
            use=[0.0, 1000.0],
            unit_hours=[100.0, 1.0],
            gpu_price=2.0,
            cash=10.0,
            spending=[0.0, 52e6],
            compute_share=0.5,
        )
        .do("settle")
        .state
    )
    np.testing.assert_allclose(after.cash[0], [10.13, 10.0 + 0.5 - 0.13], rtol=1e-12)


@pytest.mark.parametrize("ticks", [1, 2])
def test_the_trailing_profit_forgets_at_its_rate(ticks):
    """Burn of 52 a year from then on: 26 weeks move the mean by 1 - 1/e of the way to it."""
    now = market(
        2,
        ticks=ticks,
        burn=52.0,
        cash=99.0,
        trailing_profit=48.0,
        status=[Status.OPEN, Status.CLOSED],
    )
    for _ in range(26 * ticks):
        now = now.do("settle").pass_time()
    np.testing.assert_allclose(
        now.state.trailing_profit[0], [-52.0 + 100.0 / np.e, 48.0], rtol=1e-9
    )
    np.testing.assert_allclose(now.state.cash[0], [73.0, 99.0])
    np.testing.assert_allclose(now.state.profit[0], [-52.0, 0.0])


def test_the_dead_and_the_foreign_are_paid_by_nobody():
    """What users pay the foreign goes abroad; the dead have no users, and neither has revenue."""
    after = (
        market(
            3,
            facts={"kind": ["startup", "foreign", "startup"]},
            spending=52e6,
            cash=10.0,
            status=[Status.BANKRUPT, Status.OPEN, Status.OPEN],
        )
        .do("settle")
        .state
    )
    np.testing.assert_allclose(after.cash[0], [10.0, 10.0, 11.0])
    np.testing.assert_allclose(after.revenue[0], [0.0, 0.0, 52.0])
    np.testing.assert_allclose(after.account_users, -2.0)
    np.testing.assert_allclose(after.account_outside, 1.0)
