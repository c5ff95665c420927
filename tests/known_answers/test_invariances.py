"""What may be multiplied, renamed or made empty without a change in anything that matters.

Factors are powers of two: they round nothing, so the two markets must agree bit for bit.
"""

import numpy as np
import pytest

from llm_market_sim.market.observation import SERIES
from llm_market_sim.market.state import COLUMNS
from llm_market_sim.simulation import simulate

WEEKS = 40


def run(scenario):
    return simulate(scenario.model_copy(update={"horizon_weeks": WEEKS}), 2, 11, snapshots=[20])


def scale(scenario, factors, players=(), population=(), by=8.0):
    """The scenario with parameters (section.name: power of `by`) and the money of firms scaled."""
    changes = {}
    for path, power in factors.items():
        section, name = path.split(".")
        old = changes.get(section, getattr(scenario, section))
        value = getattr(old, name)
        if isinstance(value, dict):
            value = {key: one * by**power for key, one in value.items()}
        elif isinstance(value, list):
            value = [one * by**power for one in value]
        else:
            value = value * by**power
        changes[section] = old.model_copy(update={name: value})
    if population:
        old = scenario.population
        changes["population"] = old.model_copy(
            update={n: {k: v * by for k, v in getattr(old, n).items()} for n in population}
        )
    if players:
        changes["players"] = {
            name: player.model_copy(
                update={
                    fact: getattr(player, fact).model_copy(
                        update={"value": getattr(player, fact).value * by}
                    )
                    for fact in players
                }
            )
            for name, player in scenario.players.items()
        }
    return scenario.model_copy(update=changes)


MONEY_PARAMETERS = {
    "compute.price_usd_per_gpu_hour": 1, "compute.own_cost_usd": 1, "cards.price_usd": 1,
    "pricing.service_usd": 1, "users.price_scale": 1, "users.marketing_musd": 1,
    "accounts.burn_musd_per_year": 1, "funding.pool_start_musd": 1,
    "funding.inflow_musd_per_week": 1, "funding.size_by_stage_musd": 1,
    "hype.round_jump_per_musd": -1,
}  # fmt: skip
MONEY_OF_FIRMS = ("cash_musd", "raised_musd", "burn_musd_per_year", "market_value_musd")


def test_a_currency_eight_times_smaller_changes_money_only(short):
    """All money times 8, and the price that hurts. (Unnamed listed firms hold a fixed value.)"""
    base = short("population.listed_share=0.0")
    rich = scale(base, MONEY_PARAMETERS, MONEY_OF_FIRMS, ["seed_cash_musd"])
    one, other = run(base), run(rich)
    for week in (20, WEEKS):
        for name, column in COLUMNS.items():
            money = "million USD" in column.unit or column.unit.startswith("USD")
            expected = getattr(one.at(week), name) * (8.0 if money else 1)
            np.testing.assert_array_equal(getattr(other.at(week), name), expected, err_msg=name)


def test_eight_times_the_users_at_an_eighth_of_the_price_change_nothing_else(short):
    base = short()
    factors = {
        "users.population": 1, "users.price_scale": -1, "regulation.beta_cap": 1,
        "pricing.units_per_account": -1, "pricing.service_usd": -1,
    }  # fmt: skip
    one, other = run(base), run(scale(base, factors))
    times = {"users": 8.0, "unaware": 8.0, "idle": 8.0, "price": 1 / 8.0,
             "cost_per_account": 1 / 8.0}  # fmt: skip
    for week in (20, WEEKS):
        for name in COLUMNS:
            expected = getattr(one.at(week), name) * times.get(name, 1)
            np.testing.assert_array_equal(getattr(other.at(week), name), expected, err_msg=name)
    assert np.all(one.final.revenue.sum(-1) > 0.0)


def same(one, other):
    """Whether two runs agree in everything that they hold."""
    states = zip([one.at(20), one.final], [other.at(20), other.final], strict=True)
    return all(
        np.array_equal(getattr(a, name), getattr(b, name)) for a, b in states for name in COLUMNS
    ) and all(np.array_equal(one.series[name], other.series[name]) for name in SERIES)


def event(**more):
    inner = ", ".join(f"{key}: {value}" for key, value in more.items())
    return f"timeline={{test: {{about: a test, source: assumption, {inner}}}}}"


@pytest.fixture(scope="module")
def plain(short):
    return run(short())


SYNONYMS = {
    "a moratorium of length nothing": (
        [], [event(date="2023-06-06", until="2023-06-07", set="{training.paused: true}")],
    ),
    "an event of no size": ([], [event(date="2023-06-05", shock="{log_hype: 0.0}")]),
    "times one": ([], [event(date="2023-05-01", scale="{users.inertia: 1.0}")]),
    "in force since before the start": (
        ["regulation.review_delay_weeks=9.0"],
        [event(date="2023-02-01", set="{regulation.review_delay_weeks: 9.0}")],
    ),
    "scaled or set": (
        ["entry.intensity_per_week=3.4",
         event(date="2023-06-05", set="{entry.intensity_per_week: 6.8}")],
        ["entry.intensity_per_week=3.4",
         event(date="2023-06-05", scale="{entry.intensity_per_week: 2.0}")],
    ),
    "all firms, or each by name": (
        ["compute.cluster_speed={all: 2.0}"],
        ["compute.cluster_speed={all: 2.0, baidu: 2.0, alibaba: 2.0}"],
    ),
    "a mapping in part or whole": (
        ["users.inertia.consumer=3.0"],
        ["users.inertia={consumer: 3.0, developer: 1.5, enterprise: 2.5, public: 3.0}"],
    ),
    "a whole number or not": (
        ["regulation.review_delay_weeks=17"], ["regulation.review_delay_weeks=17.0"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SYNONYMS)
def test_two_ways_to_say_the_same(short, plain, name):
    one, other = SYNONYMS[name]
    first = run(short(*one)) if one else plain
    assert same(first, run(short(*other)))


def test_what_is_said_differently_differs(short, plain):
    assert not same(plain, run(short("users.inertia.consumer=3.1")))
    assert not same(plain, run(short(event(date="2023-06-05", shock="{log_hype: 0.01}"))))


def test_without_a_delay_or_batches_a_licence_changes_nothing(short):
    """D = 0, b = 0, nothing from abroad: the market is that of no regulation, bit for bit."""
    sets = (
        "regulation.review_delay_weeks=0.0 regulation.batch_interval_weeks=0.0 "
        "regulation.first_batch_week=0.0 regulation.filing_open=true horizon_weeks=40 "
        "products.foreign_api=blocked"
    ).split()
    free, none = (
        simulate(short(*sets, f"regulation.review_required={required}"), 3, 5, snapshots=range(41))
        for required in ("false", "true")
    )
    for week in range(41):
        for name in COLUMNS:
            if name not in ("filed_at", "reviewed_at", "licensed_at", "services"):
                np.testing.assert_array_equal(
                    getattr(free.at(week), name),
                    getattr(none.at(week), name),
                    err_msg=f"{name} in week {week}",
                )
