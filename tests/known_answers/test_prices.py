"""Prices: the best answer to others' prices under the choice that users make, and what is given
away of the margin for growth and for lost users."""

import numpy as np
import pytest
from market import NEVER, market
from scipy.optimize import minimize_scalar

from llm_market_sim.market.state import Route, Status

UNITS = 1 / (52 * 4 * 0.0125)  # of use whose year costs 1 USD at reference size and 4 USD an hour
ONE_USD = [
    "pricing.decline_per_year=0", "pricing.size_exponent=0.5",
    f"pricing.units_per_account.consumer={UNITS}",
    "pricing.service_usd.consumer=0",
]  # fmt: skip
AT_ONCE = {"launched_at": 0.5}  # shown in this tick: the first price is the one that is wanted
# with no share to speak of the best reply is (c + w/alpha)/(1 - 1/alpha): 10 at a cost of 2
TWO_TO_TEN = [
    *ONE_USD, f"pricing.units_per_account.consumer={2 * UNITS}", "users.nest_scale.consumer=1",
    "users.price_weight.consumer=2.5", "users.price_scale.consumer=10",
]  # fmt: skip
SMALL = {"served": 24.4, "users": 1e-9}


def consumer(now):
    """The prices for consumers that come of it; (F,)."""
    return now.do("set prices").state.price[0, 0]


def nested_logit(value, scale):
    """Share of the population of each product; the nest's inclusive value in closed form."""
    weight = np.exp(value)  # already over the nest's scale
    total = np.sum(weight)
    return weight / total * total**scale / (1 + total**scale)


@pytest.mark.parametrize("scale", [0.4, 0.7, 1.0])
def test_without_a_gift_prices_are_a_bertrand_equilibrium(scale):
    """No firm gains by another price. Utility falls with 4 ln(1 + p/2)."""
    cost, appeal = np.array([1.0, 1.5, 0.5]), np.array([0.0, 0.4, 0.9]) + 2.0
    now = market(
        3,
        sets=[
            *ONE_USD,
            f"users.nest_scale.consumer={scale}",
            "users.price_weight.consumer=4",
            "users.price_scale.consumer=2",
        ],
        served=24.4 + 2 * np.log10(cost),
        wish_discount=0.0,
        **AT_ONCE,
    )
    population = now.scenario.users.population["consumer"]

    def share(price):
        return nested_logit((appeal - 4 * np.log(1 + price / 2)) / scale, scale)

    def reply(price):
        users = np.zeros((4, 3))
        users[0] = share(price) * population
        return consumer(now.set(users=users))

    price = cost + 1.0
    for _ in range(100):
        price = 0.5 * price + 0.5 * reply(price)
    np.testing.assert_allclose(price, reply(price), rtol=1e-9)
    assert np.sum(share(price)) > 0.3  # not without a share
    for firm in range(3):

        def loss(own, firm=firm):
            tried = np.where(np.arange(3) == firm, own, price)
            return -(own - cost[firm]) * share(tried)[firm]

        best = minimize_scalar(loss, bounds=(cost[firm], 60.0), method="bounded",
                               options={"xatol": 1e-9})  # fmt: skip
        assert price[firm] == pytest.approx(best.x, rel=1e-5)


def test_the_only_product_is_priced_against_using_nothing():
    """(c + w/alpha)/(1 - 1/alpha), however narrow the nest; four fifths of a price at most."""
    for scale in (0.3, 1.0):
        sets = [*TWO_TO_TEN, f"users.nest_scale.consumer={scale}"]
        now = market(1, sets=sets, wish_discount=0.0, **SMALL, **AT_ONCE)
        assert consumer(now) == pytest.approx([10.0], rel=1e-6)
    most = market(1, sets=[*TWO_TO_TEN, "users.price_weight.consumer=1"], wish_discount=0.0,
                  **SMALL, **AT_ONCE)  # fmt: skip
    assert consumer(most) == pytest.approx([(2.0 + 0.8 * 10) / 0.2])


def test_hours_follow_size_and_time():
    sets = ["pricing.size_exponent=0.5", "pricing.decline_per_year=2.0"]
    base = market(2, sets=sets, served=[24.4, 25.4]).do("set prices").state.unit_hours
    later = market(2, sets=sets, served=24.4, week=51.0).do("set prices").state.unit_hours
    np.testing.assert_allclose(base[0], 0.0125 * np.exp(-2.0 / 52) * np.sqrt([1, 10]))
    np.testing.assert_allclose(later[0], 0.0125 * np.exp(-2.0))


def test_an_account_costs_its_hours_at_the_rent_and_its_service():
    """Owners reckon with the rent, too; a wrapper pays a margin on it."""
    sets = ["pricing.decline_per_year=0", "pricing.units_per_account.developer=3",
            "pricing.service_usd.developer=7"]  # fmt: skip
    found = (
        market(
            3,
            sets=sets,
            gpu_price=2.0,
            cards=[0.0, 5.0, 0.0],
            served=24.4,
            route=[0, 0, Route.WRAPPER],
        )
        .do("set prices")
        .state.cost_per_account[0, 1]
    )
    np.testing.assert_allclose(found, 3 * 52 * 0.0125 * 2.0 * np.array([1, 1, 1.3]) + 7)


def test_growth_is_worth_a_part_of_the_margin_that_fades_as_the_segment_fills():
    """Half of those who try stay (inertia ln 2); the motive of the kind counts, and of nobody
    who wishes for a discount of its own."""
    sets = [
        *TWO_TO_TEN, f"users.inertia.consumer={np.log(2)}", "pricing.answer=0",
        "pricing.growth_motive={bigtech: 1.0, listed: 0.5, startup: 0, foreign: 0}",
    ]  # fmt: skip
    now = market(4, sets=sets, facts={"kind": ["bigtech", "listed", "startup", "bigtech"]},
                 wish_discount=[-1, -1, -1, 0.25], **SMALL, **AT_ONCE)  # fmt: skip
    everybody = now.scenario.users.population["consumer"]
    for unaware, given in ((1.0, [0.5, 0.25, 0, 0.25]), (0.6, [0.3, 0.15, 0, 0.25]),
                           (0.0, [0, 0, 0, 0.25])):  # fmt: skip
        prices = consumer(now.set(unaware=unaware * everybody))
        np.testing.assert_allclose(prices, 10 - 8 * np.array(given), rtol=1e-6)


def test_lost_users_are_answered_with_a_part_of_the_margin():
    """A quarter of the share of a quarter ago is lost: twice that is given away. Not by who has
    gained, nor by who never had half a percent."""
    now = market(
        4,
        sets=[*TWO_TO_TEN, "pricing.answer=2"],
        best_share=[0.3, 0.5, 0.003, 0.39],
        share_trend=[0.4, 0.4, 0.004, 0.4],
        **SMALL,
        **AT_ONCE,
    )
    np.testing.assert_allclose(consumer(now), 10 - 8 * np.array([0.5, 0, 0, 0.05]), rtol=1e-6)
    assert now.do("set prices").state.answers[0].tolist() == [True, False, False, False]


def test_an_answer_is_news_once_until_the_users_are_back():
    now = market(3, sets=["pricing.answer=2"], share_trend=0.4, best_share=[0.34, 0.34, 0.36],
                 answers=[True, False, True])  # fmt: skip
    assert now.do("set prices").state.answers[0].tolist() == [True, False, False]


def test_who_has_little_money_gives_little_away():
    """Half a year of losses in cash and credits: half of the gift. Who earns gives all of it."""
    now = market(
        4,
        sets=[*TWO_TO_TEN, "pricing.answer=2"],
        best_share=0.3,
        share_trend=0.4,
        cash=[20.0, 52.0, 1.0, -5.0],
        credits=[6.0, 0.0, 0.0, 0.0],
        trailing_profit=[-52.0, -52.0, 9.0, -52.0],
        **SMALL,
        **AT_ONCE,
    )
    given = np.array([0.25, 0.5, 0.5, 0.0])
    np.testing.assert_allclose(consumer(now), 10 - 8 * given, rtol=1e-6)


def test_no_price_is_below_its_share_of_the_cost():
    """At most 1.2 of the margin is given away: 0.4 USD at a cost of 2, but for the floor at 0.6."""
    now = market(1, sets=[*TWO_TO_TEN, "pricing.answer=100"], best_share=0.1, share_trend=0.4,
                 **SMALL, **AT_ONCE)  # fmt: skip
    assert consumer(now) == pytest.approx([1.2], rel=1e-6)


@pytest.mark.parametrize("ticks", [1, 2, 7])
def test_a_price_moves_in_four_weeks(ticks):
    """From 2 to the 10 that is wanted: 1 - 1/e of the way. What is not on sale has no old price."""
    now = market(
        2,
        sets=TWO_TO_TEN,
        ticks=ticks,
        wish_discount=0.0,
        price=2.0,
        **SMALL,
        status=[Status.OPEN, Status.BUILDING],
        launched_at=[0.0, NEVER],
    )
    assert consumer(now)[1] == pytest.approx(10.0, rel=1e-6)
    for _ in range(4 * ticks):
        now = now.do("set prices").pass_time()
    assert now.state.price[0, 0, 0] == pytest.approx(10 - 8 / np.e, rel=1e-6)
