"""The mark-up is the best answer to others' prices under the choice that users make."""

from __future__ import annotations

import numpy as np
import pytest
from market import SEGMENTS, market
from scipy.optimize import minimize_scalar

from llm_market_sim.market.state import Route

CAPLESS = "pricing.price_cap={consumer: 1e8, developer: 1e8, enterprise: 1e8, public: 1e8}"
FREE = ["pricing.unit_gpu_hours=0", CAPLESS]  # costs nothing to serve, and no cap


def nested_logit(value, scale):
    """Share of the population of each product; the nest's inclusive value in closed form."""
    weight = np.exp(value)  # already over the nest's scale
    total = np.sum(weight)
    return weight / total * total**scale / (1 + total**scale)


@pytest.mark.parametrize("scale", [0.4, 0.7, 1.0])
def test_the_markup_is_a_bertrand_equilibrium(scale):
    """At prices of cost plus mark-up, no firm gains by another price (shares at equilibrium)."""
    sets = [*FREE, f"users.nest_scale.consumer={scale}", "users.price_weight.consumer=0.6"]
    now = market(3, sets=sets)
    appeal, cost = np.array([0.0, 0.4, 0.9]) + 0.48, np.array([1.0, 1.5, 0.5])
    population = now.scenario.users.population["consumer"]

    def share(price):
        return nested_logit((appeal - 0.6 * price) / scale, scale)

    def markup(price):
        return now.set(users=share(price) * population).do("set prices").state.price[0, 0]

    price = cost + 1.0
    for _ in range(200):
        price = 0.5 * price + 0.5 * (cost + markup(price))
    np.testing.assert_allclose(price, cost + markup(price), rtol=1e-9)

    for firm in range(3):

        def loss(own, firm=firm):
            tried = np.where(np.arange(3) == firm, own, price)
            return -(own - cost[firm]) * share(tried)[firm]

        best = minimize_scalar(loss, bounds=(cost[firm], 60.0), method="bounded",
                               options={"xatol": 1e-9})  # fmt: skip
        assert price[firm] == pytest.approx(best.x, rel=1e-5)


def test_a_monopolist_without_rivals_asks_for_one_over_the_slope():
    now = market(1, sets=[*FREE, "users.price_weight.consumer=0.5"], users=1e-9)
    assert now.do("set prices").state.price[0, 0, 0] == pytest.approx(1 / 0.5, rel=1e-6)


def test_cost_follows_size_time_and_rent():
    sets = ["pricing.size_exponent=0.5", "pricing.decline_per_year=2.0",
            "pricing.unit_gpu_hours=0.0125", "pricing.reference_oom=24.4"]  # fmt: skip
    base = market(2, sets=sets, served=[24.4, 25.4]).do("set prices").state.unit_hours
    later = market(2, sets=sets, served=24.4, week=52.0).do("set prices").state.unit_hours
    np.testing.assert_allclose(base[0], [0.0125, 0.0125 * np.sqrt(10)])
    np.testing.assert_allclose(later[0], 0.0125 * np.exp(-2.0))


def test_a_price_is_cost_and_markup_less_a_discount():
    """A tenant pays the rent, an owner its own cost, a wrapper the rent with a margin."""
    sets = [
        CAPLESS, "compute.own_cost_share=0.5", "pricing.api_margin=0.25",
        "pricing.unit_gpu_hours=0.5", "pricing.reference_oom=24", "users.nest_scale.consumer=1",
        "users.price_weight.consumer=0.1", "pricing.units_per_account.consumer=3",
    ]  # fmt: skip
    now = market(
        4, sets=sets, gpu_price=2.0, facts={"gpus": [0.0, 5.0, 0.0, 0.0]}, users=1e-9,
        route=[0, 0, Route.WRAPPER, 0], wish_discount=[0.0, 0.0, 0.0, 0.25],
    )  # fmt: skip
    cost = 3 * 52 * 0.5 * 2.0 * np.array([1.0, 0.5, 1.25, 1.0])
    expected = (cost + 1 / 0.1) * [1, 1, 1, 0.75]
    np.testing.assert_allclose(now.do("set prices").state.price[0, 0], expected, rtol=1e-9)


def test_prices_stay_between_nothing_and_the_cap():
    now = market(2, wish_discount=[0.0, 1.0], users=1e3, served=30.0)
    price = now.do("set prices").state.price
    cap = [now.scenario.pricing.price_cap[segment] for segment in SEGMENTS]
    np.testing.assert_allclose(price[0, :, 0], cap)
    assert np.all(price[..., 1] == 0.0)
