"""What each shipped policy wishes, what comes of a wish, and the two curves of models abroad."""

import numpy as np
import pytest
from market import NO_MODEL, SEGMENTS, market

from llm_market_sim.market.codes import (
    AT_COST,
    BY_PAYOFF,
    BY_RULE,
    FINE_TUNE,
    FOUNDATION,
    FREE,
    MATCH,
    PREMIUM,
    VERTICAL,
)
from llm_market_sim.market.policies import SHIPPED
from llm_market_sim.market.state import Route, Status
from llm_market_sim.market.wishes import WISHES

SETS = ["training.spend_share={bigtech: 0.3, listed: 0.3, startup: 0.3}",
        "users.marketing_share=0.2", "cards.spend_per_year=0.5",
        "accounts.reserve_weeks=26"]  # fmt: skip
# a big tech, a listed firm, a startup, and one that owes more than it has; half a year of running
# cost, 10 M USD a year, is kept back
KINDS = ["bigtech", "listed", "startup", "startup"]
CASH, CREDITS = [100.0, 50.0, 25.0, -9.0], [20.0, 5.0, 0.0, 0.0]
FREE_MONEY = np.array([115.0, 50.0, 20.0, 0.0])
STANDARD = {
    "wish_training_musd": 0.3 * FREE_MONEY, "wish_cards_musd": [57.5, 25.0, 0, 0],
    "wish_marketing_musd": 0.2 * FREE_MONEY, "wish_discount": [-1] * 4,
    "wish_price": [[BY_RULE] * 4] * 4, "wish_route": [BY_PAYOFF] * 4, "wish_open": [0] * 4,
    "wish_funding": [1] * 4, "wish_backer": [1] * 4, "wish_filing": [1] * 4,
}  # fmt: skip
HALF = {wish: 0.5 * np.array(STANDARD[wish])
        for wish in ("wish_training_musd", "wish_cards_musd", "wish_marketing_musd")}  # fmt: skip
TUNED = {"wish_training_musd": [0] * 4, "wish_cards_musd": [0] * 4, "wish_route": [FINE_TUNE] * 4}
KNOWN = {  # policy: where it differs from the standard one
    "standard": {},
    "cautious": HALF,
    "bold": {"wish_training_musd": 0.75 * FREE_MONEY, "wish_funding": [1, 1, 1, 2]},
    "tuner": TUNED, "specialist": TUNED | {"wish_route": [VERTICAL] * 4},
    "theme_only": TUNED | {"wish_marketing_musd": [0] * 4},
    "matcher": {"wish_price": [[MATCH] * 4] * 4, "wish_training_musd": 0.45 * FREE_MONEY},
    "discounter": HALF | {"wish_price": [[AT_COST] * 4] * 2 + [[BY_RULE] * 4] * 2},
    "premium": HALF | {"wish_price": [[BY_RULE] * 4] * 2 + [[PREMIUM] * 4] * 2},
    "explorer": {"wish_training_musd": FREE_MONEY, "wish_price": [[FREE] * 4] * 4,
                 "wish_cards_musd": [0] * 4, "wish_marketing_musd": [0] * 4,
                 "wish_funding": [1, 1, 1, 2]},
}  # fmt: skip


def wishes(policy, *sets, **columns):
    return (
        market(
            4,
            sets=[*SETS, *sets],
            facts={"kind": KINDS, "policy": policy},
            **{
                "cash": CASH,
                "credits": CREDITS,
                "burn": 10.0,
                "gpu_price": 9.0,
                "trailing_profit": -10.0,
                **columns,
            },
        )
        .do("decide")
        .state
    )


@pytest.mark.parametrize("policy", SHIPPED)
def test_every_shipped_policy_has_its_wishes_written_down(policy):
    after = wishes(policy)
    assert set(STANDARD) == set(WISHES)
    for wish, expected in {**STANDARD, **KNOWN[policy]}.items():
        found = getattr(after, wish)[0]
        np.testing.assert_allclose(found, expected, rtol=1e-12, err_msg=f"{policy}: {wish}")


def test_each_firm_follows_its_own_policy():
    after = wishes(["bold", "cautious", "standard", "tuner"])
    np.testing.assert_allclose(after.wish_training_musd[0], [0.75 * 115, 7.5, 6, 0])
    assert after.wish_route[0].tolist() == [BY_PAYOFF, BY_PAYOFF, BY_PAYOFF, FINE_TUNE]


def test_nobody_advertises_before_it_has_a_product_or_buys_cards_that_do_not_pay():
    assert not np.any(wishes("standard", launched_at=1.0).wish_marketing_musd)
    assert not np.any(wishes("standard", gpu_price=1.0).wish_cards_musd)


def test_who_is_well_behind_opens_a_big_tech_only_where_it_is_small():
    """The best at home is 25.0: 0.3 below it is not yet well behind."""
    columns = {"best_at_home": 25.0, "capability": [24.6, 24.6, 24.6, 24.7]}
    after = wishes("standard", best_share=[0.1, 0.9, 0.9, 0.0], **columns)
    assert after.wish_open[0].tolist() == [0, 1, 1, 0]
    after = wishes("standard", best_share=[0.09, 0.9, 0.9, 0.0], **columns)
    assert after.wish_open[0].tolist() == [1, 1, 1, 0]


# ---- what comes of a wish ----


def priced(wish, **columns):
    """Prices of two firms with one segment's parameters; the first leads and asks 30."""
    known = {"users.nest_scale": 1, "users.price_weight": 2, "users.price_scale": 10,
             "pricing.service_usd": 8, "pricing.units_per_account": 0}  # fmt: skip
    sets = [f"{path}.{segment}={x}" for path, x in known.items() for segment in SEGMENTS]
    wishes = np.full((4, 2), BY_RULE)
    wishes[:, 1] = wish
    users = np.zeros((4, 2))
    users[:, 0] = 1.0
    price = np.full((4, 2), 9.0)
    price[:, 0] = columns.pop("leader", 30.0)
    now = market(2, sets=sets, users=users, price=price, wish_price=wishes, wish_discount=0.0,
                 launched_at=[0.0, 9.0], **columns)  # fmt: skip  # who has shown nothing is fresh
    return now.do("set prices").state.price[0, :, 1]


def test_a_price_by_rule_premium_at_cost_or_free():
    """Cost 8, w 10, m = 1/2 for a firm without users: best (8 + 5)/(1/2) = 26; with half the
    mark-up more, 3/4, (8 + 7.5)/(1/4) = 62."""
    np.testing.assert_allclose(priced(BY_RULE), 26.0)
    np.testing.assert_allclose(priced(PREMIUM), 62.0)
    np.testing.assert_allclose(priced(AT_COST), 8.0)
    np.testing.assert_allclose(priced(FREE), 0.0)


def test_a_match_is_the_leaders_price_between_the_floor_and_the_best_reply():
    for leader, price in ((30.0, 26.0), (26.5, 26.0), (12.0, 12.0), (3.0, 4.8)):
        np.testing.assert_allclose(priced(MATCH, leader=leader), price)


def test_wishes_for_prices_are_by_segment():
    wish = np.array([FREE, AT_COST, BY_RULE, PREMIUM])
    np.testing.assert_allclose(priced(wish), [0.0, 8.0, 26.0, 62.0])


def test_a_wished_route_is_taken_once_a_year_at_a_quarters_running_cost():
    """Not by the dead or the waiting; big techs, too; a run under way is lost."""
    now = market(
        6,
        facts={"kind": ["bigtech", *["startup"] * 5]},
        status=[3, 3, 3, 0, 6, 3],
        burn=8.0,
        wish_route=[FINE_TUNE, VERTICAL, FOUNDATION, FINE_TUNE, FINE_TUNE, BY_PAYOFF],
        turned_at=[-52.0, -52.0, -52.0, -52.0, -52.0, -52.0],
        run_hours=9.0,
        cash=50.0,
    )
    after = now.do("pivot").state
    assert after.route[0].tolist() == [FINE_TUNE, VERTICAL, *[FOUNDATION] * 4]
    np.testing.assert_allclose(after.cash[0], [48, 48, 50, 50, 50, 50])
    np.testing.assert_allclose(after.account_outside[0], 4.0)
    assert after.pivots[0].tolist() == [1, 1, 0, 0, 0, 0]
    assert after.run_hours[0].tolist() == [0, 0, 9, 9, 9, 9]
    again = now.set(turned_at=[-50.9, -51.0, 0, 0, 0, 0], week=0.0).do("pivot").state
    assert again.route[0].tolist() == [FOUNDATION, VERTICAL, *[FOUNDATION] * 4]


def test_a_wished_niche_is_drawn_and_left_again():
    now = market(60, wish_route=VERTICAL).do("pivot")
    assert np.all(now.state.route == VERTICAL) and len({*now.state.niche[0].tolist()}) > 1
    back = now.set(wish_route=FOUNDATION, turned_at=-52.0).do("pivot").state
    assert np.all(back.route == FOUNDATION) and np.all(back.niche == -1)


def test_who_wishes_a_route_does_not_turn_by_payoff():
    """Both are far behind open weights; the one that wishes to train goes on."""
    now = market(2, sets=["exits.pivot_rate_per_year=50"], capability=22.0, runs=1.0,
                 wish_route=[FOUNDATION, BY_PAYOFF])  # fmt: skip
    assert now.do("pivot").state.pivots[0].tolist() == [0, 1]


def test_who_hurries_is_met_twice_as_soon_for_a_third_of_the_sum():
    """At a pull of 0 and 2 rounds a year a clock loses 2/52 a week, or 4/52."""
    sets = ["funding.rounds_per_year=2", "funding.size_spread=0", "funding.quality_weight=0",
            "funding.size_by_stage_musd=[40]"]  # fmt: skip
    now = market(3, sets=sets, wish_funding=[1.0, 2.0, 0.0], clock_round=1.0, launched_at=9.0)
    after = now.do("seek money").state
    np.testing.assert_allclose(after.clock_round[0], [1 - 2 / 52, 1 - 4 / 52, 1.0])
    after = now.set(clock_round=0.0).do("seek money").state
    np.testing.assert_allclose(after.round_ask[0], [40.0, 40.0 / 3, 0.0])


def test_a_bridge_is_no_stage():
    """From the pool or from a backer."""
    now = market(2, vc_pool_musd=90.0, round_ask=40.0, round_at=0.5, wish_funding=[1.0, 2.0],
                 stage=1.0)  # fmt: skip
    after = now.do("close rounds").state
    assert after.round_musd[0].tolist() == [40, 40] and after.stage[0].tolist() == [2, 1]
    now = market(3, sets=["alliances.strategic_share=1"], cash=900.0, round_ask=[0, 40.0, 40.0],
                 round_at=0.5, wish_funding=[1.0, 1.0, 2.0], meetings=1.0,
                 facts={"kind": ["bigtech", "startup", "startup"]})  # fmt: skip
    after = now.do("ally").state
    assert after.round_musd[0].tolist() == [0, 40, 40] and after.stage[0].tolist() == [0, 1, 0]


def test_who_turns_to_training_serves_what_it_tunes_and_begins_larger():
    sets = ["training.first_run_hours=1000", "training.step_up=6"]
    now = market(2, sets=[*sets, "products.fine_tune_gain_oom=0.25"], route=FINE_TUNE,
                 wish_route=FOUNDATION, capability=NO_MODEL, open_weights=23.5,
                 best_run=[0.0, 5000.0])  # fmt: skip
    after = now.do("pivot", "launch").state
    assert after.served[0].tolist() == [23.75, 23.75]
    assert after.best_run[0].tolist() == [1000, 5000]


def test_a_backer_is_taken_and_given_only_where_both_wish():
    sets = ["alliances.strategic_share=1"]
    for wish, backed in (([1, 1, 0], [-1, 0, -1]), ([0, 1, 1], [-1, -1, -1])):
        now = market(
            3,
            sets=sets,
            facts={"kind": ["bigtech", "startup", "startup"]},
            cash=900.0,
            round_ask=[0, 10.0, 10.0],
            meetings=1.0,
            round_at=0.5,
            wish_backer=wish,
        )
        assert now.do("ally").state.backer[0].tolist() == backed


def test_nobody_wishes_for_more_than_it_has():
    """All that there is for a run; a tenth of the till a week for cards, and for reach."""
    shares = [f"training.spend_share.{kind}=1" for kind in KINDS[:3]]
    after = wishes("bold", *shares, "users.marketing_share=9", "cards.spend_per_year=9")
    np.testing.assert_allclose(after.wish_training_musd[0], [120.0, 55.0, 25.0, 0.0])
    np.testing.assert_allclose(after.wish_cards_musd[0], [520.0, 260.0, 0.0, 0.0])
    np.testing.assert_allclose(after.wish_marketing_musd[0], [520.0, 260.0, 130.0, 0.0])


def test_a_runway_is_short_below_a_number_of_weeks():
    """Runways of 0, 15.6, 26 and (who earns, or neither) no weeks: below, and not at, the bound."""
    columns = {
        "cash": [0.0, 5.0, 10.0, 10.0, 0.0, 0.0], "credits": [0.0, 1.0, 0.0, 0.0, 2.0, 0.0],
        "trailing_profit": [-1.0, -20.0, -20.0, 3.0, 0.0, 0.0],
    }  # fmt: skip
    for weeks, short in (
        (0, [0, 0, 0, 0, 0, 0]),
        (10, [1, 0, 0, 0, 0, 0]),
        (26, [1, 1, 0, 0, 0, 0]),
        (520, [1, 1, 1, 0, 0, 0]),
    ):
        sets = [f"exits.short_runway_weeks={weeks}", "exits.pivot_rate_per_year=50"]
        now = market(6, sets=sets, capability=25.0, **columns).do("pivot")
        assert now.state.pivots[0].tolist() == short, weeks


# ---- models abroad, and opened at home ----


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


def test_the_best_model_at_home_is_of_who_lives_there_and_shows_it():
    kinds = ["startup", "startup", "startup", "foreign"]
    status = [Status.BETA, Status.CLOSED, Status.BUILDING, Status.OPEN]
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
