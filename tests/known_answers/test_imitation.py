"""Who copies whom, and when."""

import numpy as np
from market import market

from llm_market_sim.market.policies import SHIPPED, policy

BOLD, TUNER, CAUTIOUS = (SHIPPED.index(name) for name in ("bold", "tuner", "cautious"))
ALWAYS = ["imitation.chance_per_quarter=1"]


@policy("test guest")
def guest(firm):
    """As the standard policy."""
    return {}


def played(kinds, policies, shares, *sets, week=12.0, **columns):
    now = market(len(kinds), sets=[*ALWAYS, *sets], facts={"kind": kinds, "policy": policies},
                 best_share=shares, week=week, **columns)  # fmt: skip
    return now.do("imitate").state.follows[0].tolist()


def test_the_most_successful_of_a_kind_is_copied_by_its_kind():
    kinds = ["startup", "startup", "bigtech", "bigtech", "listed"]
    policies = ["bold", "standard", "standard", "tuner", "cautious"]
    assert played(kinds, policies, [0.2, 0.1, 0.3, 0.4, 0.9]) == [-1, BOLD, TUNER, -1, -1]


def test_the_dead_the_waiting_and_guests_neither_copy_nor_are_copied():
    policies = ["bold", "tuner", "test guest", "cautious", "standard", "standard"]
    found = played(["startup"] * 6, policies, [0.9, 0.8, 0.7, 0.2, 0.1, 0.1],
                   status=[6, 0, 3, 3, 3, 6])  # fmt: skip
    assert found == [-1, -1, -1, -1, CAUTIOUS, -1]


def test_what_is_copied_is_what_the_leader_does_now():
    found = played(["startup"] * 3, ["bold", "standard", "tuner"], [0.3, 0.2, 0.1],
                   follows=[TUNER, -1, -1])  # fmt: skip
    assert found == [TUNER, TUNER, -1]


def test_nobody_is_copied_for_nothing_and_only_when_a_quarter_ends():
    assert played(["startup"] * 2, ["bold", "standard"], 0.0) == [-1, -1]
    for week, copies in ((11.0, -1), (12.0, BOLD), (13.0, -1), (25.0, BOLD)):
        assert played(["startup"] * 2, ["bold", "standard"], [0.2, 0.1], week=week)[1] == copies


def test_a_chance_is_a_chance_by_firm_and_quarter():
    """Of 60 firms in 40 worlds, a quarter: 24.5 to 25.5 would be one standard deviation or so."""
    facts = {"policy": ["bold", *["standard"] * 60]}
    now = market(61, worlds=40, sets=["imitation.chance_per_quarter=0.25"], facts=facts,
                 best_share=[0.2, *[0.1] * 60], week=12.0)  # fmt: skip
    first = now.do("imitate").state.follows[:, 1:] == BOLD
    assert abs(np.mean(first) - 0.25) < 0.03
    later = now.set(week=25.0).do("imitate").state.follows[:, 1:] == BOLD
    assert abs(np.mean(first & later) - 0.0625) < 0.02
    fine = market(61, worlds=40, sets=["imitation.chance_per_quarter=0.25"], facts=facts, ticks=4,
                  best_share=[0.2, *[0.1] * 60], week=12.75)  # fmt: skip
    assert np.array_equal(fine.do("imitate").state.follows[:, 1:] == BOLD, first)


def test_other_firms_copy_in_another_quarter():
    now = market(
        31,
        sets=["imitation.chance_per_quarter=0.5"],
        best_share=[0.2, *[0.1] * 30],
        facts={"policy": ["bold", *["standard"] * 30]},
    )
    first, later = (now.set(week=w).do("imitate").state.follows[0] == BOLD for w in (12.0, 25.0))
    assert 5 < np.sum(first) < 25 and np.any(first != later)


def test_who_follows_wishes_as_the_one_it_follows():
    now = market(2, facts={"policy": ["standard", "tuner"]}, follows=[TUNER, 0])
    assert now.do("decide").state.wish_training_musd[0].tolist() == [0.0, 25.0]


def test_nobody_copies_where_the_chance_is_none():
    now = market(2, facts={"policy": ["bold", "standard"]}, best_share=[0.2, 0.1], week=12.0)
    assert np.all(now.do("imitate").state.follows == -1)
