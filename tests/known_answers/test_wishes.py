"""What each shipped policy wishes, the two curves of models abroad, and models opened at home."""

from __future__ import annotations

import numpy as np
import pytest
from market import market

from llm_market_sim.market.policies import policy_names
from llm_market_sim.market.state import Route, Status

SETS = [
    "training.spend_share={bigtech: 0.1, listed: 0, startup: 0.3, foreign: 0}",
    "users.marketing_share=0.2", "cards.spend_per_year=0.5", "accounts.reserve_weeks=26",
]  # fmt: skip
# a big tech, a startup, one that has not shown its product, and one that owes; beyond the half
# of its running cost that it keeps, each has 110, 36, 100 and nothing
CASH, CREDITS, BURN = [100.0, 50.0, 103.0, -9.0], [20.0, 1.0, 0.0, 0.0], [20.0, 30.0, 6.0, 10.0]
ALIKE = {"wish_cards_musd": [55.0, 0, 0, 0], "wish_funding": [1] * 4, "wish_filing": [1] * 4}
KNOWN = {
    "standard": ALIKE | {
        "wish_training_musd": [11.0, 10.8, 30.0, 0.0], "wish_discount": [-1] * 4,
        "wish_marketing_musd": [22.0, 7.2, 0.0, 0.0],
    },
    "cautious": ALIKE | {
        "wish_training_musd": [5.5, 5.4, 15.0, 0.0], "wish_discount": [0] * 4,
        "wish_marketing_musd": [11.0, 3.6, 0.0, 0.0],
    },
    "bold": ALIKE | {
        "wish_training_musd": [18.7, 18.36, 51.0, 0.0], "wish_discount": [0.9] * 4,
        "wish_marketing_musd": [66.0, 21.6, 0.0, 0.0],
    },
}  # fmt: skip


def wishes(policy, *sets):
    kinds = ["bigtech", "startup", "startup", "startup"]
    return market(
        4, sets=[*SETS, *sets], facts={"kind": kinds, "policy": policy},
        cash=CASH, credits=CREDITS, burn=BURN, launched_at=[0.0, 0.0, 0.5, 0.0],
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


def test_nobody_wishes_for_more_than_it_has():
    """All that there is for a run; a tenth of the till a week for cards, and for reach."""
    after = wishes("bold", "training.spend_share.bigtech=1", "training.spend_share.startup=1",
                   "users.marketing_share=9", "cards.spend_per_year=9")  # fmt: skip
    np.testing.assert_allclose(after.wish_training_musd[0], [120.0, 51.0, 103.0, 0.0])
    np.testing.assert_allclose(after.wish_cards_musd[0], [520.0, 0.0, 0.0, 0.0])
    np.testing.assert_allclose(after.wish_marketing_musd[0], [520.0, 260.0, 0.0, 0.0])


def test_each_firm_follows_its_own_policy():
    after = wishes(["bold", "cautious", "standard", "bold"])
    np.testing.assert_allclose(after.wish_training_musd[0], [18.7, 5.4, 30.0, 0.0])
    np.testing.assert_allclose(after.wish_discount[0], [0.9, 0.0, -1.0, 0.9])


def test_who_is_well_behind_wants_to_open_and_a_big_tech_only_where_it_is_small():
    """More than 0.3 below the best model at home; a big tech also below a tenth everywhere."""
    now = market(
        5, facts={"kind": ["startup", "startup", "bigtech", "bigtech", "listed"]},
        capability=[24.19, 24.21, 24.0, 24.0, 24.0], best_share=[0.3, 0, 0.11, 0.09, 0.3],
        best_at_home=24.5,
    )  # fmt: skip
    assert now.do("decide").state.wish_open[0].tolist() == [1, 0, 0, 1, 1]


def test_a_runway_is_short_below_a_number_of_weeks():
    """Runways of 0, 15.6, 26 and (who earns, or neither) no weeks: below, and not at, the bound."""
    columns = {
        "cash": [0.0, 5.0, 10.0, 10.0, 0.0, 0.0], "credits": [0.0, 1.0, 0.0, 0.0, 2.0, 0.0],
        "trailing_profit": [-1.0, -20.0, -20.0, 3.0, 0.0, 0.0],
    }  # fmt: skip
    for weeks, short in (
        (0, [0, 0, 0, 0, 0, 0]), (10, [1, 0, 0, 0, 0, 0]), (26, [1, 1, 0, 0, 0, 0]),
        (520, [1, 1, 1, 0, 0, 0]),
    ):  # fmt: skip
        sets = [f"exits.short_runway_weeks={weeks}", "exits.pivot_rate_per_year=50"]
        now = market(6, sets=sets, capability=25.0, **columns).do("pivot")
        assert now.state.pivots[0].tolist() == short, weeks


# ---- models abroad, and models opened at home ----

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
            "frontier.growth_oom_per_year=0"]  # fmt: skip
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


def test_the_best_model_at_home_is_of_who_lives_there():
    kinds = ["startup", "startup", "startup", "foreign"]
    status = [Status.BUILDING, Status.CLOSED, Status.WAITING, Status.OPEN]
    now = market(4, facts={"kind": kinds}, capability=[24.2, 24.9, 24.8, 25.0], status=status)
    assert now.do("curves").state.best_at_home[0, 0] == 24.2


def test_a_model_opened_at_home_is_some_way_below_the_own_one():
    """One opens a better one than all that are free; each of the others fails one condition."""
    cases = {
        "opens": ({}, 23.8), "opens a worse one": ({"capability": 24.2}, 23.5),
        "does not wish": ({"wish_open": 0.0}, 20.0), "dead": ({"status": Status.CLOSED}, 20.0),
        "a tuner": ({"route": Route.FINE_TUNE}, 20.0), "no model": ({"capability": 20.0}, 20.0),
        "nothing shown": ({"status": Status.BUILDING}, 20.0), "abroad": ({"kind": "foreign"}, 20.0),
        "has opened a better one": ({"opened": 23.9}, 23.9),
    }  # fmt: skip
    usual = {"capability": 24.5, "wish_open": 1.0, "status": Status.OPEN, "opened": 20.0,
             "route": Route.FOUNDATION}  # fmt: skip
    columns = {k: [one.get(k, v) for one, _ in cases.values()] for k, v in usual.items()}
    kinds = [one.get("kind", "startup") for one, _ in cases.values()]
    now = market(len(cases), sets=["frontier.opening_gap_oom=0.7"], facts={"kind": kinds},
                 open_weights=23.7, **columns)  # fmt: skip
    after = now.do("open models").state
    np.testing.assert_allclose(after.opened[0], [opened for _, opened in cases.values()])
    assert after.open_weights[0, 0] == pytest.approx(23.8)
    worse = now.set(capability=24.2, opened=20.0).do("open models").state
    assert worse.open_weights[0, 0] == 23.7
