"""Shares that listed firms' news lift, who follows them, and what a backer's channels bring."""

import math

import numpy as np
import pytest
from market import NEVER, market

QUIET = [
    "hype.spread=0", "hype.level_log=0", "hype.launch_jump=0", "hype.round_jump_per_musd=0",
    "hype.stock_hype_beta=0", "hype.stock_news_beta=0.4", "hype.memory_weeks=1000",
]  # fmt: skip
LISTED = {"kind": "listed"}


def test_news_of_a_listed_firm_lifts_its_share_as_far_as_the_mood_is_high():
    """At hype 1/2: one announces, one shows, one does both, one neither; a startup has no share."""
    mood = math.log(0.5)
    now = market(
        5,
        sets=[*QUIET[:1], f"hype.level_log={mood}", *QUIET[2:]],
        facts={"kind": ["listed"] * 4 + ["startup"]},
        log_hype=mood,
        week=1.0,
        entered_at=[1.5, 0.0, 1.2, 1.0, 1.5],
        launched_at=[NEVER, 1.5, 2.0, 1.0, NEVER],
    )
    after = now.do("stir hype").state
    np.testing.assert_allclose(after.log_stock[0], [0.2, 0.2, 0.4, 0.2, 0.0])
    np.testing.assert_allclose(after.stock_news, after.log_stock)


def test_who_was_there_on_week_0_announces_nothing():
    now = market(1, sets=QUIET, facts=LISTED, entered_at=0.0, launched_at=NEVER)
    assert now.do("stir hype").state.log_stock[0, 0] == 0.0


@pytest.mark.parametrize("ticks", [1, 4])
def test_insiders_sell_the_gain_off_and_nothing_else(ticks):
    now = market(1, sets=QUIET, facts=LISTED, ticks=ticks, log_stock=0.5, stock_news=0.3, week=1.0)
    for k in range(ticks):
        now = now.set(week=1.0 + k / ticks).do("stir hype")
    sold = 0.3 * (1 - math.exp(-1 / 13))
    np.testing.assert_allclose(now.state.log_stock[0], 0.5 - sold)
    np.testing.assert_allclose(now.state.stock_news[0], 0.3 - sold)


def test_the_next_listed_firm_comes_the_sooner_the_more_the_last_has_gained():
    """Thresholds of 1 and a hazard of 0.5: log 2 of gain is what it takes, of a firm that lives."""
    columns = {"status": [3, 0, 0], "entered_at": [0.0, NEVER, NEVER],
               "launched_at": [0.0, NEVER, NEVER], "licensed_at": [0.0, NEVER, NEVER],
               "entry_threshold": [NEVER, 1.0, 1.0], "entry_hazard": 0.5}  # fmt: skip
    kinds = {"kind": ["listed", "listed", "startup"]}
    for gain, living, comes in ((0.7, 3, True), (0.68, 3, False), (0.7, 6, False)):
        now = market(3, sets=["entry.intensity_per_week=0"], facts=kinds,
                     **{**columns, "status": [living, 0, 0]}, stock_news=[gain, 0, 0])  # fmt: skip
        after = now.do("enter").state
        assert after.status[0].tolist()[1:] == [int(comes), 0]


def test_listed_firms_issue_shares_while_theirs_stand_above_week_0():
    """A tenth of 520 M USD a year is 1 M a week at the old price, and twice that at the double."""
    now = market(
        7,
        sets=["funding.issue_per_year=0.1"],
        log_stock=[math.log(2), 0.0, -0.1, *[0.7] * 4],
        facts={"kind": ["listed"] * 6 + ["startup"], "market_value_musd": 520.0},
        cash=9.0,
        wish_funding=[1, 1, 1, 0, 1, 1, 1],
        irrelevant=[0, 0, 0, 0, 999, 0, 0],
        status=[3, 3, 3, 3, 3, 7, 3],
    )
    after = now.do("close rounds").state
    np.testing.assert_allclose(after.cash[0], [11.0, *[9.0] * 6])
    assert after.account_shareholders[0, 0] == pytest.approx(-2.0)


def test_a_backers_channels_close_the_gap_to_its_reach():
    """Only upwards, of who has shown a product, and while both live."""
    sets = ["alliances.channel_per_year=2"]
    reach = np.array([[0.8, 0.2, 0.9, 0.2, 0.2, 0.2]] * 4)
    now = market(
        6,
        sets=sets,
        facts={"kind": ["bigtech", *["startup"] * 5]},
        reach=reach,
        status=[3, 3, 3, 6, 3, 3],
        backer=[-1, 0, 0, 0, -1, 0],
        launched_at=[0, 0, 0, 0, 0, NEVER],
    )
    gained = 0.2 + 0.6 * (1 - math.exp(-2 / 52))
    after = now.do("ally").state.reach[0]
    np.testing.assert_allclose(after, [[0.8, gained, 0.9, 0.2, 0.2, 0.2]] * 4)
    alone = now.set(status=[6, 3, 3, 6, 3, 3]).do("ally").state.reach[0]
    np.testing.assert_allclose(alone, reach)
