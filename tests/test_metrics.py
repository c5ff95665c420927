"""The number of general platforms on markets made by hand, whose answers one can count."""

from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest
from market import market

from llm_market_sim.claims.claim import Measurement
from llm_market_sim.errors import InputError, MarketSimError
from llm_market_sim.market.state import Route, Status
from llm_market_sim.metrics import METRICS, Platforms, get_metric, groups, metric, platforms
from llm_market_sim.scenario import load
from llm_market_sim.simulation import simulate

# One firm holds each segment: composite shares .40, .25, .20, .15; a fifth has nothing.
OWN_SEGMENT = np.array([np.eye(4, 5) * 1000.0])


def count(now, week=0.0, **choices):
    found = METRICS["n_general_platforms"].rule(now.run(), week, Platforms(**choices))
    return found.tolist()


@pytest.mark.parametrize(
    ("choices", "number"),
    [
        ({}, 4),
        ({"theta": 0.16}, 3),
        ({"theta": 0.3}, 1),
        ({"share": "consumer"}, 1),
        ({"share": "two_segments"}, 0),
        ({"share": "any_segment"}, 4),
        ({"share": "any_segment", "theta": 0.99}, 4),
    ],
)
def test_each_share_counts_what_it_says(choices, number):
    now = market(firms=5, users=OWN_SEGMENT)
    assert count(now, **choices) == [number]


def test_the_consumer_segment_is_the_first():
    users = OWN_SEGMENT.copy()
    users[0, 0, :3] = 1000.0
    assert count(market(firms=5, users=users), share="consumer") == [3]


def test_two_segments_need_two():
    users = OWN_SEGMENT.copy()
    users[0, 1, 0] = 100.0  # the consumers' firm takes a tenth of the developers, too
    now = market(firms=5, users=users)
    assert count(now, share="two_segments") == [1]
    assert count(now, share="two_segments", theta=0.10) == [0]


def test_worlds_are_counted_apart():
    users = np.repeat(OWN_SEGMENT, 3, axis=0)
    users[1, :, 0] = 1e9  # one firm has (nearly) all
    status = np.full((3, 5), Status.OPEN)
    status[2] = Status.CLOSED
    assert count(market(firms=5, worlds=3, users=users, status=status)) == [4, 1, 0]


@pytest.mark.parametrize(
    ("status", "counts"),
    [("BUILDING", 3), ("BETA", 3), ("OPEN", 4), ("SUSPENDED", 3), ("ACQUIRED", 3), ("CLOSED", 3)],
)
def test_only_an_open_product_counts(status, counts):
    now = market(firms=5, users=OWN_SEGMENT, status=[Status[status], 3, 3, 3, 3])
    assert count(now) == [counts]


def test_a_beta_counts_where_no_licence_is_needed():
    beta = {"firms": 5, "users": OWN_SEGMENT, "status": Status.BETA}
    assert count(market(**beta)) == [0]
    assert count(market(**beta, sets=["regulation.review_required=false"])) == [4]


def test_the_rule_of_the_week_decides_whether_a_beta_counts():
    event = "{date: 2023-06-05, about: a, source: a, set: {regulation.review_required: false}}"
    now = market(firms=5, users=OWN_SEGMENT, status=Status.BETA, sets=[f"timeline={{x: {event}}}"])
    assert count(now.set(week=30), 30.0) == [4]
    assert count(now, 0.0) == [0]


def test_wrappers_verticals_and_foreigners_never_count():
    route = [Route.WRAPPER, Route.VERTICAL, Route.FINE_TUNE, Route.FOUNDATION, Route.FOUNDATION]
    now = market(firms=5, users=OWN_SEGMENT, route=route)
    assert count(now) == [2]
    assert count(now, own_model="required") == [1]
    kind = ["foreign", "bigtech", "listed", "startup", "startup"]
    assert count(market(firms=5, users=OWN_SEGMENT, facts={"kind": kind})) == [3]


@pytest.mark.parametrize(
    ("backer", "number"),
    [
        ([-1, -1, -1, -1, -1], 4),
        ([-1, 0, -1, -1, -1], 3),  # the second belongs to the first
        ([-1, -1, 4, 4, -1], 3),  # two belong to one that is no platform itself
        ([-1, 0, 1, 2, -1], 1),  # a chain has one head
        ([4, 4, 4, 4, -1], 1),
    ],
)
def test_a_group_counts_once(backer, number):
    now = market(firms=5, users=OWN_SEGMENT, backer=backer)
    assert count(now) == [4]
    assert count(now, group_backers=True) == [number]


def test_groups_count_where_every_firm_is_a_platform():
    now = market(firms=4, users=OWN_SEGMENT[..., :4], backer=[-1, -1, -1, 2])
    assert count(now, group_backers=True) == [3]


def test_heads_of_groups():
    backer = np.array([[-1, 0, 1, -1], [3, -1, -1, -1]], dtype=np.int16)
    assert groups(backer).tolist() == [[0, 0, 0, 3], [3, 1, 2, 3]]


def test_which_firms_they_are():
    now = market(firms=5, users=OWN_SEGMENT)
    assert platforms(now.run(), 0.0, Platforms(theta=0.2)).tolist() == [
        [True, True, True, False, False]
    ]


def test_the_words_name_every_choice():
    words = Platforms(theta=0.03, share="two_segments", group_backers=True, own_model="required")
    for part in ("3 %", "two segments", "once", "from scratch"):
        assert part in words.words()
        assert part not in Platforms().words()


def test_a_name_is_taken_once_and_an_unknown_one_refused():
    with pytest.raises(ValueError, match="already registered"):
        metric("n_general_platforms", "again", unit="1")(lambda run, week, params: week)
    with pytest.raises(InputError, match='did you mean "n_general_platforms"'):
        get_metric("n_general_platform")


@pytest.mark.parametrize("given", [0.7, None, ["a", "b"], np.ones(3), np.ones((2, 5))])
def test_a_metric_of_ones_own_that_gives_no_number_a_world_is_told_by_its_name(given, monkeypatch):
    own = replace(get_metric("g67"), rule=lambda run, week, params: given)
    monkeypatch.setitem(METRICS._things, "g67", own)
    asked = Measurement("x", "g67", own.params(), 0)
    with pytest.raises(MarketSimError, match=r"metric .g67. gives .* each of 2 worlds is needed"):
        asked(market(worlds=2).run())


def test_a_metric_that_leaves_the_values_it_is_declared_with_is_told_by_its_name(monkeypatch):
    run = market(worlds=2).run()
    for high, complaint in ((1.0 + 1e-12, ""), (5.0, "gives 5; it is declared with .* 0 to 1")):
        own = replace(get_metric("survival"), rule=lambda *_, high=high: np.array([np.nan, high]))
        monkeypatch.setitem(METRICS._things, "survival", own)
        asked = Measurement("x", "survival", own.params(), 0)
        with pytest.raises(MarketSimError, match=complaint) if complaint else nullcontext():
            asked(run)


@pytest.mark.parametrize(
    ("choices", "number"),
    [
        ({}, 2),  # .40 and .25 of .80
        ({"part": 0.5}, 1),  # exactly half is enough
        ({"part": 0.51}, 2),
        ({"part": 0.82}, 3),
        ({"share": "consumer"}, 1),
        ({"share": "enterprise"}, 0),  # a wrapper has all of it
    ],
)
def test_the_fewest_that_carry_two_thirds_of_general_use(choices, number):
    """Developers of general models hold .40, .25 and .15; what a wrapper holds is not counted."""
    now = market(firms=5, users=OWN_SEGMENT, route=[0, 1, Route.WRAPPER, 0, 0])
    found = get_metric("g67")
    assert found.rule(now.run(), 0.0, found.params(**choices)).tolist() == [number]


def test_the_dead_and_the_foreign_carry_nothing():
    now = market(
        firms=5,
        users=OWN_SEGMENT,
        facts={"kind": ["foreign", *["startup"] * 4]},
        status=[Status.OPEN, Status.CLOSED, Status.OPEN, Status.BETA, Status.OPEN],
    )
    found = get_metric("g67")
    assert found.rule(now.run(), 0.0, found.params()).tolist() == [2]  # .20 alone is 57 % of .35


def test_the_metric_and_the_weekly_series_agree():
    run = simulate(load("baseline", ["horizon_weeks=40"]), 12, 1)
    found = get_metric("g67")
    assert found.rule(run, 40.0, found.params()).tolist() == run.series["g67"][:, 40].tolist()


@pytest.mark.parametrize(
    ("rest", "gone", "number"),
    [
        ("platform", 0, 3),
        ("platform", 3, 3),
        ("general", 2, None),
        ("general", 3, 3),
        ("alive", 2, None),
        ("alive", 3, 3),
    ],
)
def test_the_rest_is_gone_where_less_than_half_of_it_is_left(rest, gone, number):
    """Three platforms and five others, of which one has 2 % of a segment; the foreign firm and
    the one that waits are none of them."""
    users = np.zeros((1, 4, 10))
    users[0, :, :3] = 320.0
    users[0, 0, 3] = 20.0
    status = [3, 3, 3, 3, 3, 3, 3, 3, 3, Status.WAITING]
    status[8 - gone : 8] = [Status.CLOSED] * gone
    now = market(
        firms=10,
        users=users,
        status=status,
        entered_at=[0.0] * 9 + [np.inf],
        facts={"kind": ["startup"] * 8 + ["foreign", "startup"]},
    )
    found = METRICS["platforms_and_the_rest"]
    value = found.rule(now.run(), 0.0, found.params(rest=rest))
    assert value.tolist() == pytest.approx([np.nan if number is None else number], nan_ok=True)
