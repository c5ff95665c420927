"""What the claims count, on markets made by hand, whose answers one can work out."""

from pathlib import Path

import numpy as np
import pytest
from market import NEVER, NO_MODEL, SEGMENTS, market
from scipy.stats import beta

from llm_market_sim.market.observation import SERIES
from llm_market_sim.metrics import METRICS, get_metric

BIG, LISTED, STARTUP, FOREIGN = "bigtech", "listed", "startup", "foreign"
WEEK = 30.0


def value(now, metric, week=WEEK, **params):
    """The metric of a market as if it were a later week; a list, one a world."""
    found = get_metric(metric)
    chosen = found.params.model_validate(params)
    numbers = found.rule(now.set(week=week).run(), week, chosen)
    within = found.within(chosen)
    known = numbers[~np.isnan(numbers)]
    assert np.all((known >= within.low) & (known <= within.high))
    assert not within.whole or np.all(known == np.floor(known))
    assert chosen.words()
    return pytest.approx(numbers.tolist(), nan_ok=True)


def in_one_segment(*users, segment=0, worlds=1):
    """Users (worlds, 4, firms), in one segment only."""
    table = np.zeros((worlds, 4, len(users)))
    table[:, segment] = users
    return table


@pytest.mark.parametrize(
    ("params", "number"),
    [
        ({}, 4),
        ({"stage": "entered"}, 5),
        ({"stage": "licensed"}, 2),
        ({"since": "alive"}, 3),
        ({"who": "general"}, 3),
        ({"stage": "entered", "who": "general", "since": "alive"}, 3),
        ({"count": "models"}, 6),
        ({"count": "models", "stage": "entered"}, 8),
    ],
)
def test_contestants_by_stage_and_whether_they_are_still_there(params, number):
    now = market(
        firms=7,
        facts={"kind": [BIG, LISTED, STARTUP, STARTUP, STARTUP, STARTUP, FOREIGN]},
        route=[0, 1, 3, 0, 0, 0, 0],
        status=[3, 3, 2, 6, 1, 0, 3],
        entered_at=[0, 0, 2, 5, 30, NEVER, 0],
        launched_at=[0, 9, 30, 12, 31, NEVER, 0],
        licensed_at=[20, 30, 31, NEVER, NEVER, NEVER, 0],
        runs=[3, 0, 0, 1, 2, 0, 9],
    )
    assert value(now, "contestants", **params) == [number]


@pytest.mark.parametrize(
    ("params", "share"),
    [
        ({}, 3 / 5),
        ({"kind": "startup"}, 1 / 3),
        ({"kind": "bigtech"}, 1.0),
        ({"as_what": "general"}, 2 / 4),
        ({"as_what": "in_use"}, 2 / 5),
        ({"as_what": "in_use", "theta": 0.5}, 1 / 5),
        ({"kind": "listed"}, 1.0),
        ({"as_what": "platform"}, 1 / 4),
        ({"as_what": "platform", "theta": 0.95}, 0.0),
    ],
)
def test_survival_counts_all_that_entered(params, share):
    """The last but one has not entered, the last is foreign: neither counts. The second never was
    a general developer, for it has not changed its route."""
    now = market(
        firms=7,
        facts={"kind": [BIG, LISTED, STARTUP, STARTUP, STARTUP, STARTUP, FOREIGN]},
        route=[0, 3, 1, 0, 0, 0, 0],
        status=[3, 3, 1, 5, 6, 0, 3],
        entered_at=[0, 0, 2, 5, 9, NEVER, 0],
        users=in_one_segment(90.0, 10.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        pivots=[0, 0, 1, 0, 0, 0, 0],
    )
    assert value(now, "survival", **params) == [share]


def test_survival_of_nobody_is_no_number():
    now = market(firms=2, facts={"kind": STARTUP}, status=0, entered_at=NEVER)
    assert value(now, "survival") == [np.nan]
    assert value(now, "survival", kind="bigtech") == [np.nan]


def test_firms_alive_by_kind_route_and_name():
    now = market(
        firms=4,
        facts={"kind": [BIG, STARTUP, STARTUP, FOREIGN], "ids": ["a", "b", "c", "d"]},
        route=[0, 0, 2, 0],
        status=[3, 7, 2, 3],
    )
    assert value(now, "firms_alive") == [2]
    assert value(now, "firms_alive", route="wrapper") == [1]
    assert value(now, "firms_alive", route="foundation", kind="startup") == [0]
    assert value(now, "alive_among", firms=["a", "b"]) == [1]
    assert value(now, "alive_among", firms=["a", "c"]) == [2]


def test_what_named_firms_earned_how_long_they_lived_and_what_they_can():
    now = market(
        firms=4,
        facts={"ids": ["a", "b", "c", "d"]},
        status=[3, 6, 3, 0],
        entered_at=[0, 4, 25, NEVER],
        closed_at=[NEVER, 20, NEVER, NEVER],
        profit_total=[-50.0, 20.0, -3.0, 0.0],
        capability=[24.5, 23.0, NO_MODEL, NO_MODEL],
    )
    assert value(now, "profit_among", firms=["a", "b"]) == [-30.0]
    assert value(now, "profit_among", firms=["c"]) == [-3.0]
    weeks = [value(now, "weeks_alive", firm=one) for one in "abcd"]
    assert weeks == [[WEEK], [16.0], [5.0], [0.0]]
    able = [value(now, "firm_capability", firm=one) for one in "abcd"]
    assert able == [[24.5], [23.0], [NO_MODEL], [NO_MODEL]]


@pytest.mark.parametrize(
    ("params", "share"),
    [
        ({}, 0.8),
        ({"top": 1}, 0.5),
        ({"top": 3}, 1.0),
        ({"top": 50}, 1.0),
        ({"camps": True, "top": 1}, 0.7),
        ({"by": "revenue"}, 0.8),
        ({"by": "revenue", "top": 1}, 0.6),
        ({"by": "revenue", "camps": True, "top": 1}, 0.6),
        ({"by": "revenue", "camps": True}, 1.0),
    ],
)
def test_what_the_largest_hold_alone_or_with_those_they_back(params, share):
    """The last is foreign and does not count; the third is backed by the first."""
    price = np.zeros((1, 4, 4))
    price[0, 0] = [0.2, 1.0, 0.5, 9.0]  # revenue of 10, 30 and 10
    now = market(
        firms=4,
        facts={"kind": [BIG, BIG, STARTUP, FOREIGN]},
        backer=[-1, -1, 0, -1],
        users=in_one_segment(50.0, 30.0, 20.0, 900.0),
        price=price,
    )
    assert value(now, "largest_share", **params) == [pytest.approx(share)]


def test_shares_of_a_firm_and_of_a_kind():
    now = market(
        firms=3,
        facts={"kind": [BIG, STARTUP, STARTUP], "ids": ["a", "b", "c"]},
        users=in_one_segment(50.0, 30.0, 20.0, segment=1),
    )
    assert value(now, "firm_share", firm="b", share="developer") == [0.3]
    assert value(now, "firm_share", firm="b") == [0.25 * 0.3]
    assert value(now, "firm_share", firm="b", share="consumer") == [0.0]
    assert value(now, "kind_share", kind="startup", share="developer") == [0.5]
    assert value(now, "kind_share", kind="bigtech") == [0.25 * 0.5]


@pytest.mark.parametrize(
    ("params", "number"),
    [
        ({}, 1),
        ({"top": 1}, 0),
        ({"top": 4}, 2),
        ({"top": 50}, 2),
        ({"independent": True}, 0),
        ({"top": 4, "independent": True}, 1),
        ({"share": "public"}, 0),
    ],
)
def test_startups_among_the_leaders(params, number):
    """The foreign firm is the largest and does not count, nor does who has no users at all."""
    now = market(
        firms=6,
        facts={"kind": [BIG, STARTUP, LISTED, STARTUP, STARTUP, FOREIGN]},
        users=in_one_segment(50.0, 30.0, 20.0, 10.0, 0.0, 500.0),
        backer=[-1, 0, -1, -1, -1, -1],
    )
    assert value(now, "startups_on_top", **params) == [number]


@pytest.mark.parametrize(
    ("by", "top", "number"),
    [
        ("revenue", 1, 1),
        ("revenue", 3, 2),
        ("capability", 1, 0),
        ("capability", 2, 1),
        ("capability", 5, 2),
        ("licence", 1, 0),
        ("licence", 2, 1),
        ("licence", 5, 1),
    ],
)
def test_startups_among_the_leaders_along_several_axes(by, top, number):
    """Of one batch who filed first is first; the dead and the unlicensed lead nothing."""
    price = np.zeros((1, 4, 5))
    price[0, 0] = [0.1, 1.0, 0.2, 9.0, 9.0]
    now = market(
        firms=5,
        facts={"kind": [BIG, STARTUP, STARTUP, STARTUP, FOREIGN]},
        price=price,
        users=in_one_segment(50.0, 30.0, 20.0, 0.0, 500.0),
        status=[3, 3, 3, 6, 3],
        capability=[24.5, 24.0, 23.0, 25.0, 26.0],
        filed_at=[4.0, 5.0, NEVER, 1.0, 0.0],
        licensed_at=[20.0, 20.0, NEVER, 31.0, 0.0],
    )
    assert value(now, "startups_on_top", by=by, top=top) == [number]


def test_who_is_first_to_a_model_of_a_level():
    """Startups with and without, one of them a tuner, against big techs with and without."""
    now = market(
        firms=5,
        facts={"kind": [BIG, BIG, STARTUP, STARTUP, STARTUP]},
        route=[0, 0, 0, 0, 1],
        capability=[23.9, 23.8, 24.5, 23.0, NO_MODEL],
    )
    # with: tie, ahead; without, twice: behind, tie
    assert value(now, "startups_ahead", to="gpt35") == [(0.5 + 1 + 2 * (0 + 0.5)) / 6]
    assert value(now, "startups_ahead", to="gpt35", who="trains") == [(0.5 + 1 + 0 + 0.5) / 4]


def test_who_is_faster_with_nobody_left_out():
    """Big techs take 10 weeks and for ever; startups 5, 10 and for ever, one came shown."""
    now = market(
        firms=7,
        facts={"kind": [BIG, BIG, STARTUP, STARTUP, STARTUP, STARTUP, BIG]},
        entered_at=[0, 4, 10, 2, 1, 0, 0],
        launched_at=[10, NEVER, 15, 12, 40, 0, 0],
        licensed_at=[NEVER, NEVER, 29, NEVER, NEVER, 0, 0],
    )
    # against 10: wins, tie, loses; against never: wins, wins, tie
    assert value(now, "startups_ahead") == [(1 + 0.5 + 0 + 1 + 1 + 0.5) / 6]
    assert value(now, "startups_ahead", to="licensed") == [(2 * 1 + 4 * 0.5) / 6]
    assert value(market(firms=2, facts={"kind": STARTUP}), "startups_ahead") == [np.nan]


@pytest.mark.parametrize(
    ("params", "number"),
    [
        ({}, 3),
        ({"dominance": 0.3}, 0),
        ({"dominance": 1.0}, 3),
        ({"by": "revenue"}, 0),
        ({"by": "revenue", "dominance": 1.0}, 2),
    ],
)
def test_territories_are_different_leaders_unless_one_dominates(params, number):
    """Composite shares .40 .25 .35; paid for is nearly only what the third firm has."""
    users = np.zeros((1, 4, 4))
    users[0, 0, 0] = users[0, 1, 1] = users[0, 2, 2] = users[0, 3, 2] = 10.0
    users[0, :, 3] = 99.0  # abroad
    price = np.zeros((1, 4, 4))
    price[0, 0, 0], price[0, 2, 2] = 1.0, 9.0
    now = market(firms=4, users=users, price=price, facts={"kind": [BIG, BIG, STARTUP, FOREIGN]})
    if "by" not in params:  # the foreign share would make all others small
        users = users.copy()
        users[0, :, 3] = 0.0
        now = market(firms=4, users=users, facts={"kind": [BIG, BIG, STARTUP, FOREIGN]})
    assert value(now, "territories", **params) == [number]


def test_a_foreign_firm_leads_nothing():
    """Abroad has the most users of both segments; at home each has a leader of its own."""
    users = np.array([[10.0, 1.0, 99.0], [1.0, 10.0, 99.0], [0.0] * 3, [0.0] * 3])
    now = market(firms=3, users=users, facts={"kind": [BIG, STARTUP, FOREIGN]})
    assert value(now, "territories") == [2]


def test_no_users_no_territory():
    assert value(market(firms=2), "territories") == [0]


def test_who_earns_among_so_many():
    now = market(
        firms=6,
        facts={"kind": [BIG, LISTED, STARTUP, STARTUP, FOREIGN, STARTUP]},
        route=[0, 1, 0, 3, 0, 0],
        launched_at=[0, 1, 2, 3, 0, NEVER],
        trailing_profit=[5, -1, 0, 9, 9, -9],
        profit_total=[-5, 2, 3, 9, 9, -9],
    )
    assert value(now, "earning_share", least=3, most=3) == [1 / 3]
    assert value(now, "earning_share", least=3, most=3, profit="since_start") == [2 / 3]
    assert value(now, "earning_share", least=4, most=9) == [np.nan]
    assert value(now, "earning_share", least=0, most=2) == [np.nan]


def test_profit_of_the_worst_the_best_and_all():
    now = market(
        firms=4,
        facts={"kind": [BIG, BIG, BIG, STARTUP]},
        entered_at=[0, 3, NEVER, 0],
        status=[3, 7, 0, 3],
        profit_total=[-50.0, -80.0, -999.0, 7.0],
    )
    assert value(now, "cumulative_profit") == [-80.0]
    assert value(now, "cumulative_profit", of="best") == [-50.0]
    assert value(now, "cumulative_profit", of="all") == [-130.0]
    assert value(now, "cumulative_profit", of="all", kind="any") == [-123.0]
    assert value(now, "cumulative_profit", kind="listed") == [np.nan]


@pytest.mark.parametrize(
    ("params", "share"), [({}, 2 / 3), ({"theta": 0.2}, 1.0), ({"price": "up"}, 0.5)]
)
def test_listed_firms_without_users(params, share):
    """The third is gone; the startup does not count."""
    now = market(
        firms=4,
        facts={"kind": [LISTED, LISTED, LISTED, STARTUP]},
        status=[3, 3, 7, 3],
        users=in_one_segment(10.0, 0.0, 0.0, 90.0),
        log_stock=[0.3, 0.1, -0.2, 0.0],
    )
    assert value(now, "listed_without_users", **params) == [share]


def test_the_wait_for_a_licence_counts_those_who_still_wait():
    waiting = {
        "facts": {"kind": [BIG, STARTUP, STARTUP, STARTUP, LISTED]},
        "launched_at": [0, 10, 20, 40, 10], "licensed_at": [20, NEVER, NEVER, NEVER, NEVER],
        "status": [3, 2, 6, 1, 3], "closed_at": [NEVER, NEVER, 24, NEVER, NEVER],
        "route": [0, 0, 0, 0, 3], "niche": [-1, -1, -1, -1, 2],
    }  # fmt: skip
    now = market(firms=5, **waiting)
    # 20 weeks to the licence, 20 and waiting, 4 until its end, not shown yet, needs none
    assert value(now, "beta_weeks") == [(20 + 20 + 4 + 0) / 4]
    assert value(now, "beta_weeks", kind="startup") == [12.0]
    free = market(firms=5, sets=["regulation.review_required=false"], **waiting)
    assert value(free, "beta_weeks") == [20 / 4]
    assert value(market(firms=1, launched_at=NEVER), "beta_weeks") == [np.nan]


@pytest.mark.parametrize(
    ("params", "gap"),
    [
        ({}, 0.5),
        ({"to": "gpt35"}, -0.6),
        ({"to": "frontier"}, 0.7),
        ({"of": "median"}, 1.0),
        ({"to": "open_weights"}, -0.8),
    ],
)
def test_the_gap_is_to_the_best_model_of_a_firm_alive_at_home(params, gap):
    now = market(
        firms=6,
        facts={"kind": [BIG, STARTUP, STARTUP, STARTUP, STARTUP, FOREIGN]},
        capability=[24.5, 24.0, 23.0, NO_MODEL, 24.9, 26.0],
        status=[3, 3, 3, 3, 6, 3],
        frontier=25.2,
    )
    assert value(now, "capability_gap", **params) == [gap]


def test_without_a_model_there_is_no_gap():
    assert value(market(firms=2, capability=NO_MODEL), "capability_gap") == [np.nan]


def test_adoption_is_of_all_accounts():
    users = in_one_segment(20.0, 10.0, segment=2)
    now = market(firms=2, users=users, idle=30.0, unaware=40.0)
    assert value(now, "adoption", segment="enterprise") == [0.3]
    assert value(now, "adoption", segment="public") == [0.0]


def test_a_task_moves_where_the_product_in_use_is_good_enough():
    """Of 100 accounts 20 use a product for copy, 10 one for all but staff, 5 one for all, and 5 one
    for nothing; a bound that is just met is met."""
    now = market(
        firms=4,
        served=[23.9, 25.4, 25.5, 23.89],
        users=in_one_segment(20.0, 10.0, 5.0, 5.0, segment=2),
        idle=30.0,
        unaware=30.0,
    )
    assert value(now, "tasks_taken") == [(20 / 4 + 10 * 3 / 4 + 5) / 100]
    assert value(now, "tasks_taken", harder_oom=0.5) == [(10 / 4 + 5 * 3 / 4) / 100]
    assert value(now, "tasks_taken", segment="public") == [0.0]


def test_applications_resell_a_model_or_serve_one_industry():
    """The foreign firm's revenue does not count."""
    price = np.zeros((1, 4, 5))
    price[0, 0] = [1.0, 2.0, 3.0, 4.0, 9.0]
    now = market(
        firms=5,
        facts={"kind": [BIG, STARTUP, STARTUP, STARTUP, FOREIGN]},
        route=[0, 1, 2, 3, 0],
        niche=[-1, -1, -1, 0, -1],
        users=in_one_segment(10.0, 10.0, 10.0, 10.0, 10.0),
        price=price,
    )
    assert value(now, "applications_share") == [0.7]
    assert value(market(firms=2), "applications_share") == [0.0]


def test_weeks_behind_are_the_gap_at_the_frontier_s_pace():
    now = market(
        firms=3,
        facts={"kind": [BIG, STARTUP, FOREIGN]},
        capability=[24.6, 24.2, 26.0],
        frontier=25.2,
    )
    assert value(now, "weeks_behind") == [pytest.approx(0.6 / 0.8 * 52)]
    assert value(now, "weeks_behind", of="median", pace=1.6) == [pytest.approx(0.8 / 1.6 * 52)]
    assert value(market(firms=1, capability=NO_MODEL), "weeks_behind") == [np.nan]


def test_weeks_from_model_to_model_are_those_since_entry_over_runs():
    now = market(
        firms=3,
        facts={"ids": ["a", "b", "c"]},
        status=[3, 6, 3],
        entered_at=[6, 0, 0],
        closed_at=[NEVER, 20, NEVER],
        runs=[3, 2, 0],
    )
    found = [value(now, "weeks_a_model", firm=one) for one in "abc"]
    assert found == [[8.0], [10.0], [np.nan]]


def test_strongest_where_the_origin_fits():
    """The first is, the second is not, the third fits all alike, the fourth has too few users."""
    rows = [[0.9, 0.2, 0.2, 0.9], [0.1, 0.8, 0.1, 0.1], [0.3] * 4, [0.9, 0.1, 0.1, 0.1]]
    affinity = [dict(zip(SEGMENTS, row, strict=True)) for row in rows]
    users = np.zeros((1, 4, 4))
    users[0, :, 0] = [5.0, 1.0, 1.0, 60.0]
    users[0, :, 1] = [90.0, 5.0, 1.0, 1.0]
    users[0, :, 2] = [5.0, 94.0, 98.0, 38.0]
    users[0, 0, 3] = 0.4
    now = market(firms=4, users=users, facts={"affinity": affinity})
    assert value(now, "origin_fit") == [0.5]
    assert value(now, "origin_fit", theta=0.85) == [0.0]
    assert value(now, "origin_fit", theta=0.99) == [np.nan]


def test_one_firm_dominates_with_more_than_half_and_not_with_half():
    users = np.array([[50.0, 50.0]] * 4)
    assert value(market(firms=2, users=users), "territories") == [1]
    assert value(market(firms=2, users=users * [1.1, 1.0]), "territories") == [0]
    assert value(market(firms=2, users=users), "territories", dominance=0.49) == [0]
    paid = market(firms=2, users=users, price=[2.0, 2.0])
    assert value(paid, "territories", by="revenue") == [1]


def test_whose_share_of_all_revenue():
    now = market(
        firms=3,
        facts={"kind": [BIG, STARTUP, FOREIGN], "ids": ["a", "b", "c"]},
        revenue_total=[30.0, 10.0, 99.0],
        revenue=[1.0, 9.0, 0.0],
    )
    assert value(now, "revenue_share", firm="a") == [0.75]
    assert value(now, "revenue_share", firm="b") == [0.25]
    assert value(market(firms=1, facts={"ids": ["a"]}), "revenue_share", firm="a") == [0.0]


def test_who_has_a_model_of_some_capability():
    """At least means at least; the dead and the foreign do not count, nor what is only served."""
    now = market(
        firms=5,
        facts={"kind": [BIG, STARTUP, STARTUP, STARTUP, FOREIGN]},
        served=26.0,
        capability=[25.0, 24.9, 23.9, 25.5, 26.0],
        status=[3, 1, 3, 6, 3],
    )
    found = [value(now, "models_at_least", oom=oom) for oom in (23.9, 24.9, 25.0, 25.1)]
    assert found == [[3], [2], [1], [0]]


def test_a_series_is_a_metric_by_its_name():
    now = market(firms=3, status=[3, 3, 7], users=[3.0, 1.0, 0.0])
    assert value(now, "series", name="firms_alive") == [2]
    assert value(now, "series", name="closed") == [1]
    for name in SERIES:
        assert value(now, "series", name=name) == now.run().series[name][:, 0].tolist()


def test_a_null_model_of_reach_and_origin_alone():
    """Equal users; who is foreign, not there yet, or was never general does not count."""
    near = dict.fromkeys(SEGMENTS, 1.0)
    reach = [near, *[dict.fromkeys(SEGMENTS, 0.25)] * 4, near, near, near]
    told = {"kind": [BIG, *[STARTUP] * 6, FOREIGN], "reach": reach}
    gone = {"entered_at": [0, 0, 0, 0, 0, NEVER, 0, 0], "route": [0, 0, 0, 0, 3, 0, 3, 0]}
    now = market(firms=8, facts=told, pivots=[0, 0, 0, 0, 1, 0, 0, 0], status=[6, *[3] * 7], **gone)
    assert value(now, "null_count", of="platforms") == [5]  # 1/2 and four of 1/8
    assert value(now, "null_count", of="g67") == [3]
    liked = market(
        firms=3,
        facts={"affinity": [near, {**near, "consumer": 0.0}, {**near, "consumer": 0.0}]},
        sets=["users.affinity_weight=4"],
    )
    first = 1.0 / (1.0 + 2.0 * np.exp(-4.0))  # of the consumers; a third of the others
    assert 0.4 * first + 0.6 / 3 < 2 / 3
    assert value(liked, "null_count", of="g67") == [2]
    fond = np.zeros((1, 4, 3))
    fond[:, :, 0] = 3.0
    assert value(liked.set(taste=fond), "null_count", of="g67") == [1]


def test_a_null_model_of_shares_at_random_is_as_concentrated_as_the_run():
    even = market(firms=10, users=in_one_segment(*[5.0] * 10))
    assert value(even, "null_count", model="dirichlet", of="platforms") == [10]
    assert value(even, "null_count", model="dirichlet", of="g67") == [7]
    many = market(firms=21, users=in_one_segment(*[5.0] * 21))
    assert value(many, "null_count", model="dirichlet") == [0]
    worlds = 2000
    two = market(firms=2, worlds=worlds, users=in_one_segment(90.0, 10.0, worlds=worlds))
    run = two.set(week=WEEK).run()
    chosen = get_metric("null_count").params.model_validate({"model": "dirichlet"})
    counts = get_metric("null_count").rule(run, WEEK, chosen)
    a = (1 - 0.82) / (2 * 0.82 - 1)  # a beta law whose expected HHI is that of 90 and 10
    assert np.mean(counts == 2) == pytest.approx(1 - 2 * beta.cdf(0.05, a, a), abs=0.035)


def test_every_metric_has_a_known_answer_and_says_what_it_is():
    here = Path(__file__)
    text = here.read_text("utf-8") + here.with_name("test_metrics.py").read_text("utf-8")
    assert [name for name in METRICS if f'"{name}"' not in text] == []
    for metric in METRICS.values():
        assert metric.meaning and metric.unit and metric.rule.__doc__
        assert not metric.meaning.endswith((",", ":", "."))
