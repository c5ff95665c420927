"""Every weekly series, read off one market made by hand; and concentration, with its bounds."""

import numpy as np
import pytest
from market import NEVER, market

from llm_market_sim.market.observation import SERIES
from llm_market_sim.market.state import Status

WEEK = 30.0
KINDS = ["bigtech", "listed", "startup", "startup", "startup", "startup", "startup", "foreign"]
USERS = [  # consumers, developers, enterprises, public bodies; the last is abroad
    [50.0, 20.0, 20.0, 10.0, 0.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 8.0, 2.0, 0.0, 0.0, 0.0, 0.0],
    [0.0, 5.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 4.0],
]
PRICE = [
    [2.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 3.0, 0.5, 0.0, 0.0, 0.0, 0.0],
    [0.0, 4.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 9.0],
]
COMPOSITE = [0.20, 0.08 + 0.20, 0.08 + 0.20, 0.04 + 0.05, 0.0, 0.0, 0.0, 0.15]

KNOWN = {
    "firms_alive": 5,  # the first five; a dead firm, one that waits and a foreign one do not count
    "general_developers": 3,  # of these, the third is a wrapper and the fourth a vertical
    "entered": 6, "launched": 5, "licensed": 2, "in_beta": 1,
    "acquired": 1, "bankrupt": 0, "closed": 0,
    "users_consumer": 100, "users_developer": 10, "users_enterprise": 5, "users_public": 4,
    "tried_consumer": 107,
    "hhi": sum(share**2 for share in COMPOSITE),
    "effective_firms": 1 / sum(share**2 for share in COMPOSITE),
    "top_share": 0.28, "top_three_share": 0.76, "top_five_share": 1.0,
    "bigtech_share": 0.20, "listed_share": 0.28, "startup_share": 0.37,
    "platforms": 2, "platforms_bigtech": 1, "platforms_listed": 1, "platforms_startup": 0,
    "g67": 2,  # of the 0.48 that general developers hold, 0.28 is less than two thirds
    "trainers": 1,  # the second tunes, the fifth has no model yet
    "best_capability": 24.6,  # the dead firm's was better, and the foreign one's
    "best_bigtech": 24.2, "best_listed": 24.6, "best_startup": 24.0,
    "services": 3 + 1 + 5, "cards_owned": 10 + 20 + 5,  # what was approved of the sold one stays
    "price_over_cost_consumer": 1.5,  # 50 pay 2 and 50 pay 1; an account costs 1
    "price_over_cost_developer": 1.25,  # 8 pay 3 and 2 pay 0.5; an account costs 2
    "price_over_cost_enterprise": 0.8, "price_over_cost_public": 0,
    "frontier": 25.3, "open_weights": 24.1, "gpu_price": 3.5, "gpu_utilisation": 1.25,
    "hype": 2.0, "vc_pool": 77.0,
    "raised": 1 + 2 + 4 + 8 + 16 + 32 + 64, "raised_top_three": 112 / 127, "revenue": 127,
    "revenue_total": 254, "profit_total": -127,
}  # fmt: skip


@pytest.fixture(scope="module")
def known():
    money = np.array([1.0, 2, 4, 8, 16, 32, 64, 128])  # so that each sum tells who is in it
    return (
        market(
            8,
            facts={"kind": KINDS},
            week=WEEK,
            users=USERS,
            idle=np.array([[7.0], [0], [0], [0]]),
            route=[0, 1, 2, 3, 0, 0, 0, 0],
            niche=[-1, -1, -1, 1, -1, -1, -1, -1],
            status=[
                3,
                3,
                Status.BETA,
                Status.SUSPENDED,
                Status.BUILDING,
                Status.ACQUIRED,
                Status.WAITING,
                3,
            ],
            entered_at=[0, 0, 5, 6, 30, 3, NEVER, 0],
            launched_at=[0, 3, 9, 30, 31, 11, NEVER, 0],
            licensed_at=[30, 20, 31, NEVER, NEVER, NEVER, NEVER, 0],
            capability=[24.2, 24.6, 20.0, 24.0, 20.0, 25.1, 20.0, 25.3],
            frontier=25.3,
            open_weights=24.1,
            gpu_price=3.5,
            gpu_utilisation=1.25,
            log_hype=np.log(2.0),
            vc_pool_musd=77.0,
            raised=money,
            revenue=money,
            revenue_total=2 * money,
            profit_total=-money,
            services=[3.7, 1.2, 0, 0, 0, 5, 0, 9],
            cards=[10.0, 20.0, 0, 5.0, 0, 99.0, 7.0, 50.0],
            price=PRICE,
            cost_per_account=np.array([[1.0], [2.0], [5.0], [1.0]]),
        )
        .run()
        .series
    )


def test_every_series_is_what_one_counts(known):
    assert set(SERIES) == set(known) == set(KNOWN)
    for name, expected in KNOWN.items():
        assert known[name].shape == (1, 1)
        assert known[name][0, 0] == pytest.approx(expected, abs=1e-12), name


def test_ways_out_are_counted_apart():
    status = [Status.ACQUIRED, Status.BANKRUPT, Status.BANKRUPT] + [Status.CLOSED] * 3
    found = market(6, status=status).run().series
    ends = [found[name][0, 0] for name in ("acquired", "bankrupt", "closed", "firms_alive")]
    assert ends == [1, 2, 3, 0]


def test_worlds_are_read_apart():
    now = market(3, 2, status=np.array([[3, 3, 3], [3, 7, 7]]))
    assert now.run().series["firms_alive"][:, 0].tolist() == [3, 1]


@pytest.mark.parametrize("n", [1, 2, 5, 40])
def test_equal_firms_are_least_concentrated(n):
    found = market(n, users=3.0).run().series
    assert found["hhi"][0, 0] == pytest.approx(1 / n, abs=1e-12)
    assert found["top_share"][0, 0] == pytest.approx(1 / n, abs=1e-12)


def test_concentration_lies_between_one_over_n_and_one():
    users = np.random.default_rng(2).lognormal(0, 2, (50, 4, 12))
    found = market(12, 50, users=users).run().series
    hhi, top = found["hhi"], found["top_share"]
    assert np.all((hhi > 1 / 12) & (hhi <= 1))
    assert np.all((top * top <= hhi + 1e-12) & (hhi <= top + 1e-12))


def test_concentration_is_of_what_is_used():
    """Where two segments have no users, the shares of the others are brought to a sum of one."""
    users = [[6.0, 2.0], [0.0, 0.0], [0.0, 0.0], [1.0, 3.0]]
    found = market(2, users=users).run().series
    first = (0.40 * 0.75 + 0.15 * 0.25) / 0.55
    assert found["hhi"][0, 0] == pytest.approx(first**2 + (1 - first) ** 2)
    assert found["top_share"][0, 0] == pytest.approx(first * 0.55)


def test_one_firm_has_it_all_or_nobody_anything():
    found = market(3, users=[0.0, 7.0, 0.0]).run().series
    assert found["hhi"][0, 0] == pytest.approx(1.0, abs=1e-12)
    assert found["top_share"][0, 0] == pytest.approx(1.0, abs=1e-12)
    nobody = market(3).run().series
    assert nobody["hhi"][0, 0] == nobody["top_share"][0, 0] == 0.0


@pytest.mark.parametrize(
    ("users", "count"),
    [([2, 1, 1], 2), ([4, 1, 1], 1), ([1, 1, 1], 2), ([1, 1, 1, 1], 3), ([0, 0], 0)],
)
def test_the_fewest_that_carry_two_thirds(users, count):
    """Two of three equal ones do; of users of a dead firm or a vertical it knows nothing."""
    n = len(users)
    found = (
        market(
            n + 2,
            users=np.array([*users, 50.0, 50.0]),
            status=[3] * n + [3, Status.CLOSED],
            route=[0] * n + [3, 0],
            niche=[-1] * n + [1, -1],
        )
        .run()
        .series
    )
    assert found["g67"][0, 0] == count


def test_a_platform_is_open_general_and_holds_a_twentieth():
    users = np.array([5.0, 4.9, 20.0, 20.0, 20.0, 30.1])
    found = (
        market(
            6,
            users=users,
            status=[3, 3, Status.BETA, 3, 3, 3],
            niche=[-1, -1, -1, 1, -1, -1],
            route=[0, 0, 0, 3, 2, 1],
        )
        .run()
        .series
    )
    assert found["platforms"][0, 0] == found["platforms_startup"][0, 0] == 2
