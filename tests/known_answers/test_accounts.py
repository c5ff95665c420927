"""One week's payments, worked out by hand: who pays whom, and that nothing is lost."""

from __future__ import annotations

import numpy as np

from llm_market_sim.market.mechanisms.accounts import settle
from llm_market_sim.market.state import Kind, Route


def test_a_week_of_payments_by_hand(little):
    """A cloud whose model a wrapper sells, and a startup that rents on its backer's money."""
    market = little(
        3,
        sets=["compute.own_cost_share=0.5", "pricing.api_margin=0.25"],
        facts={"kind": np.array([Kind.BIGTECH, Kind.STARTUP, Kind.STARTUP])},
        route=np.array([Route.FOUNDATION, Route.FOUNDATION, Route.WRAPPER]),
        supplier=0, gpu_price=2.0,
        spending=np.array([52e6, 26e6, 5.2e6]), compute_share=np.array([0.4, 1.0, 1.0]),
        use=np.array([0.0, 0.0, 1000.0]), unit_hours=np.array([100.0, 1.0, 1.0]),
        hours_own=np.array([1e6, 0.0, 0.0]), hours_let=np.array([0.6e6, 0.0, 0.0]),
        hours_rented=np.array([0.0, 1e6, 0.0]), burn=np.array([52.0, 26.0, 13.0]),
        cash=10.0, credits=np.array([0.0, 0.5, 0.0]),
    )  # fmt: skip
    after = market.do(settle).state
    # served 0.4 of its users: 0.4; fees 0.25; own hours 1; burn 1; lets for 1.2 what costs it 0.6
    # serves all: 0.5; rents for 2, of which 0.5 was set aside; burn 0.5
    # serves all: 0.1; fees of 1000 x 100 hours at 2 USD and a quarter more: 0.25; burn 0.25
    np.testing.assert_allclose(after.cash[0] - 10.0, [-0.75, -1.5, -0.4], rtol=1e-12)
    np.testing.assert_allclose(after.credits[0], 0.0, atol=1e-12)
    np.testing.assert_allclose(after.profit[0] / 52, [-1.35, -2.0, -0.4], rtol=1e-12)
    np.testing.assert_allclose(after.account_users, -1.0, rtol=1e-12)
    np.testing.assert_allclose(after.account_outside, 4.15, rtol=1e-12)
