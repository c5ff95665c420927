"""What each shipped policy wishes, and the two curves of models abroad."""

from __future__ import annotations

import numpy as np
import pytest
from market import market

from llm_market_sim.market.policies import policy_names

SETS = ["training.spend_share=0.3", "funding.seek_runway_weeks=52",
        "pricing.discount={bigtech: 0.6, listed: 0.3, startup: 0.2, foreign: 0}"]  # fmt: skip
# a big tech that earns, a startup with 51 weeks of runway, one with 103, one that owes
CASH, CREDITS, PROFIT = [100.0, 50.0, 103.0, -9.0], [20.0, 1.0, 0.0, 0.0], [9.0, -52.0, -52.0, -1.0]
KNOWN = {
    "standard": {
        "wish_training_musd": [36.0, 15.3, 30.9, 0.0], "wish_discount": [0.6, 0.2, 0.2, 0.2],
        "wish_funding": [0, 1, 0, 1], "wish_filing": [1, 1, 1, 1],
    },
    "cautious": {
        "wish_training_musd": [18.0, 7.65, 15.45, 0.0], "wish_discount": [0, 0, 0, 0],
        "wish_funding": [0, 1, 1, 1], "wish_filing": [1, 1, 1, 1],
    },
    "bold": {
        "wish_training_musd": [72.0, 30.6, 61.8, 0.0], "wish_discount": [0.9, 0.9, 0.9, 0.9],
        "wish_funding": [1, 1, 1, 1], "wish_filing": [1, 1, 1, 1],
    },
}  # fmt: skip


def wishes(policy, *sets):
    kinds = ["bigtech", "startup", "startup", "startup"]
    return market(
        4, sets=[*SETS, *sets], facts={"kind": kinds, "policy": policy},
        cash=CASH, credits=CREDITS, trailing_profit=PROFIT,
    ).do("decide").state  # fmt: skip


def test_every_shipped_policy_has_its_wishes_written_down():
    shipped = {name for name in policy_names() if name in KNOWN}
    assert shipped == set(KNOWN)
    for policy, known in KNOWN.items():
        after = wishes(policy)
        for wish, expected in known.items():
            np.testing.assert_allclose(
                getattr(after, wish)[0], expected, rtol=1e-12, err_msg=f"{policy}: {wish}"
            )


def test_the_bold_keep_a_fifth_of_what_they_have():
    after = wishes("bold", "training.spend_share=0.5")
    np.testing.assert_allclose(after.wish_training_musd[0], [96.0, 40.8, 82.4, 0.0])


def test_each_firm_follows_its_own_policy():
    after = wishes(["bold", "cautious", "standard", "bold"])
    np.testing.assert_allclose(after.wish_training_musd[0], [72.0, 7.65, 30.9, 0.0])
    np.testing.assert_allclose(after.wish_discount[0], [0.9, 0.0, 0.2, 0.9])


def test_a_firm_seeks_money_when_its_runway_is_below_a_number_of_weeks():
    """Runways of 0, 15.6, 26 and (who earns, or neither) no weeks: below, and not at, the bound."""
    columns = {
        "cash": [0.0, 5.0, 10.0, 10.0, 0.0, 0.0], "credits": [0.0, 1.0, 0.0, 0.0, 2.0, 0.0],
        "trailing_profit": [-1.0, -20.0, -20.0, 3.0, 0.0, 0.0],
    }  # fmt: skip
    for weeks, seeks in (
        (0, [0, 0, 0, 0, 0, 0]), (10, [1, 0, 0, 0, 0, 0]), (26, [1, 1, 0, 0, 0, 0]),
        (520, [1, 1, 1, 0, 0, 0]),
    ):  # fmt: skip
        now = market(6, sets=[f"funding.seek_runway_weeks={weeks}"], **columns).do("decide")
        assert now.state.wish_funding[0].tolist() == seeks, weeks
        now = market(6, sets=[f"exits.pivot_runway_weeks={weeks}", "exits.pivot_rate_per_year=50"],
                     capability=25.0, **columns).do("pivot")  # fmt: skip
        assert now.state.pivots[0].tolist() == seeks, weeks


LEVELS = [-147, -102, -57, -31, -5, 0, 21, 47]  # weeks, and the frontier at each by hand
FRONTIER = [22.2, 22.2 + 0.85, 23.9, 23.9 + 0.55, 25.0, 25.0 + 5 * 0.8 / 52,
            25.0 + 26 * 0.8 / 52, 25.8]  # fmt: skip


def test_the_frontier_passes_through_the_models_of_history_and_grows_on():
    now = market(1, sets=["frontier.growth_oom_per_year=0.8"], open_weights=0.0)
    for week, level in zip(LEVELS[5:], FRONTIER[5:], strict=True):
        if week > 0:
            after = now.set(week=week - 1).do("curves").state
            assert after.frontier[0, 0] == pytest.approx(level)


@pytest.mark.parametrize("lag", [26, 52, 78, 104])
def test_open_weights_are_the_frontier_of_some_weeks_ago_less_a_penalty(lag):
    sets = [f"frontier.open_lag_weeks={lag}", f"frontier.open_lag_start_weeks={lag}"]
    sets += ["frontier.open_language_penalty_oom=0.25"]
    known = dict(zip(LEVELS, FRONTIER, strict=True))
    for week in LEVELS:
        if week + lag > 0:
            now = market(1, sets=sets, open_weights=0.0, week=week + lag - 1)
            found = now.do("curves").state.open_weights[0, 0]
            assert found == pytest.approx(known[week] - 0.25)


def test_the_lag_of_open_weights_moves_to_its_long_run_value():
    """After 26 weeks the lag has gone 1 - 1/e of the way from 52 to 26."""
    sets = ["frontier.open_lag_weeks=26", "frontier.open_lag_start_weeks=52",
            "frontier.open_lag_transition_weeks=26", "frontier.growth_oom_per_year=0"]  # fmt: skip
    found = market(1, sets=sets, open_weights=0.0, week=25).do("curves").state.open_weights[0, 0]
    lag = 26 + 26 / np.e
    level = 23.9 + 1.1 * (26 - lag + 57) / 52  # between March 2022 and March 2023
    assert found == pytest.approx(level - market().scenario.frontier.open_language_penalty_oom)


def test_open_weights_once_out_stay_out_and_closed_ones_stand_still():
    now = market(1, open_weights=24.9)
    assert now.do("curves").state.open_weights[0, 0] == 24.9
    closed = market(1, sets=["frontier.open_releases=false"], open_weights=20.0, week=99)
    assert closed.do("curves").state.open_weights[0, 0] == 20.0


def test_a_pause_abroad_holds_the_frontier_while_it_lasts():
    event = ("timeline={halt: {date: 2023-05-15, until: 2023-07-24, about: a, source: assumption, "
             "set: {frontier.paused: true}}}")  # fmt: skip
    now = market(1, sets=[event, "frontier.growth_oom_per_year=0.52"])
    found = [now.set(week=week - 1).do("curves").state.frontier[0, 0] for week in (4, 9, 14, 20)]
    np.testing.assert_allclose(found, [25.09, 25.09, 25.09, 25.15], rtol=1e-12)
