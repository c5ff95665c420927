"""The mark-up is the best answer to others' prices under the choice that users make."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from llm_market_sim.market.mechanisms.pricing import markup, set_prices
from llm_market_sim.market.mechanisms.users import learned_capability, utility

SEGMENT = 0


def nested_logit(value, scale):
    """Share of the population of each product; the nest's inclusive value in closed form."""
    weight = np.exp(value)  # already over the nest's scale
    total = np.sum(weight)
    return weight / total * total**scale / (1 + total**scale)


@pytest.mark.parametrize("scale", [0.4, 0.7, 1.0])
def test_the_markup_is_a_bertrand_equilibrium(little, scale):
    """At prices of cost plus mark-up, no firm gains by another price (shares at equilibrium)."""
    sets = [
        f"users.nest_scale.consumer={scale}", "users.price_weight.consumer=0.6",
        "users.outside_utility.consumer=-0.48", "users.quality_weight.consumer=1.2",
    ]  # fmt: skip
    market = little(3, sets=sets, taste=np.array([0.0, 0.4, 0.9]))
    cost = np.array([1.0, 1.5, 0.5])
    population = market.p.users.population[SEGMENT, 0]

    def share(price):
        state = market.state.replace(price=np.zeros((1, 4, 3)) + price)
        learned = learned_capability(state, market.p)
        value = utility(state, market.p, market.setting, SEGMENT, learned)[0]
        return nested_logit(value, scale)

    price = cost + 1.0
    for _ in range(500):
        users = np.zeros((1, 4, 3)) + share(price) * population
        price = 0.5 * price + 0.5 * (cost + markup(users[:, SEGMENT], market.p, SEGMENT)[0])

    for firm in range(3):

        def loss(own, firm=firm):
            tried = np.where(np.arange(3) == firm, own, price)
            return -(own - cost[firm]) * share(tried)[firm]

        best = minimize_scalar(loss, bounds=(cost[firm], 60.0), method="bounded",
                               options={"xatol": 1e-9})  # fmt: skip
        assert price[firm] == pytest.approx(best.x, rel=1e-5)


def test_a_monopolist_without_rivals_asks_for_one_over_the_slope(little):
    market = little(1, sets=["users.price_weight.consumer=0.5"], users=1e-9)
    asked = markup(market.state.users[:, SEGMENT], market.p, SEGMENT)[0, 0]
    assert asked == pytest.approx(1 / 0.5, rel=1e-6)


def test_cost_follows_size_time_and_rent(little):
    sets = ["pricing.size_exponent=0.5", "pricing.decline_per_year=2.0"]
    base = little(2, sets=sets, served=np.array([24.4, 25.4])).do(set_prices).state.unit_hours
    later = little(2, sets=sets, served=24.4, week=52.0).do(set_prices).state.unit_hours
    assert base[0, 1] / base[0, 0] == pytest.approx(np.sqrt(10.0))
    assert later[0, 0] / base[0, 0] == pytest.approx(np.exp(-2.0))
    assert base[0, 0] * 4.0 == pytest.approx(0.05)


def test_prices_stay_between_nothing_and_the_cap(little):
    market = little(2, wish_discount=np.array([0.0, 1.0]), users=1e3, served=30.0)
    price = market.do(set_prices).state.price
    np.testing.assert_allclose(price[..., 0], market.p.pricing.price_cap[:, 0][None])
    assert np.all(price[..., 1] == 0.0)
