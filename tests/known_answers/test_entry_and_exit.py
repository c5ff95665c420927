"""Who comes and who goes: counts, order, and the books of the dead."""

import numpy as np
import pytest
from market import NEVER, NO_MODEL, market
from scipy import stats

from llm_market_sim.market.state import Route, Status

W, B, O, S = Status.WAITING, Status.BUILDING, Status.OPEN, Status.SUSPENDED  # noqa: E741


def entries(rate, weeks=20, worlds=160, ticks=1):
    """The market after weeks of entry at constant hype, from a pool of 200 unnamed firms."""
    now = market(
        0,
        worlds=worlds,
        ticks=ticks,
        status=W,
        entered_at=NEVER,
        drawn=["entry_threshold"],
        sets=[
            "entry.hype_threshold=0",
            "entry.crowding_firms=2000",
            "population.pool_firms=200",
            f"entry.intensity_per_week={rate}",
        ],
    )
    for _ in range(weeks * ticks):
        now = now.do("enter").pass_time()
    return now.state


def test_entries_are_a_poisson_process_on_the_hazard():
    after = entries(2.0)
    count = np.sum(np.isfinite(after.entered_at), axis=1)
    hazard = after.entry_hazard[:, 0]
    assert np.all((hazard > 38.0) & (hazard < 40.0))  # forty, but for a little crowding
    assert abs(np.mean(count - hazard)) < 4 * np.sqrt(40 / len(count))
    assert abs(np.var(count - hazard, ddof=1) / 39.5 - 1) < 4 * np.sqrt(2 / len(count))
    np.testing.assert_array_equal(after.status, np.where(np.isfinite(after.entered_at), B, W))


def test_a_higher_intensity_brings_every_firm_earlier_and_the_tick_changes_little():
    low, high = (entries(rate, worlds=20).entered_at for rate in (1.0, 2.0))
    assert np.all(high <= low)
    fine = entries(1.0, worlds=20, ticks=4).entered_at
    both = np.isfinite(low) & np.isfinite(fine)
    assert np.mean(np.isfinite(low) != np.isfinite(fine)) < 0.002
    np.testing.assert_allclose(fine[both], low[both], atol=0.05)  # crowding is read once a tick


def test_a_named_firm_comes_after_so_many_unnamed_ones_and_displaces_none():
    """Two of them, after two and four of five, each a unit exponential later on the hazard."""
    sets = ["population.pool_firms=5", "population.named_entrant_every=2"]
    alone = market(0, 2000, sets, drawn=["entry_threshold"]).state.entry_threshold
    both = market(2, 2000, sets, drawn=["entry_threshold"], facts={"presence": "pool"})
    threshold = both.state.entry_threshold
    np.testing.assert_array_equal(threshold[:, 2:], alone)
    waits = threshold[:, :2] - alone[:, [1, 3]]
    for wait in (*waits.T, *np.diff(alone, prepend=0.0).T):
        assert stats.kstest(wait, stats.expon.cdf).pvalue > 0.001


def test_the_hazard_follows_hype_and_room():
    """Hype of 0.8 is 0.6 of the way from 0.5 to 1; two of ten places are taken."""
    sets = ["entry.hype_threshold=0.5", "entry.crowding_firms=10", "entry.intensity_per_week=3"]
    after = (
        market(
            5,
            sets=sets,
            log_hype=np.log(0.8),
            entry_hazard=7.0,
            facts={"kind": ["startup", "startup", "foreign", "startup", "startup"]},
            status=[O, B, O, W, Status.CLOSED],
            entry_threshold=[NEVER, NEVER, NEVER, 7.72, NEVER],
            entered_at=[0.0, 0.0, 0.0, NEVER, 0.0],
        )
        .do("enter")
        .state
    )
    assert after.entry_hazard[0, 0] == pytest.approx(7.0 + 3 * 0.6 * 0.8)
    assert after.entered_at[0, 3] == pytest.approx(0.5)  # half of what the week adds
    assert after.status[0, 3] == B


def test_nobody_enters_without_hype_or_room():
    for sets in (["entry.hype_threshold=0.99"], ["entry.crowding_firms=1.0"]):
        before = market(3, sets=sets, status=[O, W, W], log_hype=np.log(0.98), entry_threshold=1e-9)
        np.testing.assert_array_equal(before.do("enter").state.status, before.state.status)


def test_who_is_called_comes_on_the_monday_after_whatever_the_hype():
    """Called on Wednesday 3 May 2023: it comes on Monday of week 3."""
    event = "{date: 2023-05-03, about: a, source: assumption, enter: [hanwang]}"
    now = market(
        2,
        sets=["entry.intensity_per_week=0", f"timeline={{called: {event}}}"],
        status=W,
        entered_at=NEVER,
        entry_threshold=NEVER,
        facts={"presence": "pool", "ids": ["cloudwalk", "hanwang"]},
    )
    assert np.all(now.set(week=2).do("enter").state.status == W)
    then = now.set(week=3).do("enter").state
    assert then.status[0].tolist() == [W, B]
    assert then.entered_at[0].tolist() == [NEVER, 3.0]


# Tuning gives 24.1 where open weights are 24.0; a million hours give 24.152.
TURNS = [
    "exits.pivot_rate_per_year=50", "exits.return_rate_per_year=50", "exits.pivot_gap_oom=0.25",
    "exits.short_runway_weeks=26", "products.fine_tune_gain_oom=0.1", "training.cost_multiple=1",
    "training.first_run_hours=1e5", "training.step_up=6",
]  # fmt: skip


def test_a_firm_that_trains_turns_when_tuning_is_better_than_all_it_has_or_hopes_for():
    """What it has, what its run will bring, or what it could pay for, plus the gap: 24.1 or not."""
    cases = {
        "behind": ({}, True), "near": ({"capability": 23.9}, False),
        "hopes": ({"run_hours": 5.0, "run_target": 23.9}, False),
        "no hopes": ({"run_hours": 5.0, "run_target": 23.8, "kind": "listed"}, True),
        "an old run's hopes": ({"run_target": 24.5}, True),
        "a big tech": ({"kind": "bigtech"}, False),
        "not shown yet": ({"capability": NO_MODEL}, False),
        "a vertical": ({"route": Route.VERTICAL, "niche": 2}, False),
        "money": ({"wish_training_musd": 4.0, "best_run": 1e6}, False),
        "money, no ladder": ({"wish_training_musd": 4.0}, True),  # 100,000 hours: 23.15
        "dead": ({"status": Status.CLOSED}, False),
    }  # fmt: skip
    usual = {"capability": 23.8, "run_hours": 0.0, "run_target": 0.0, "route": Route.FOUNDATION,
             "niche": -1, "wish_training_musd": 0.0, "best_run": 0.0, "status": O}  # fmt: skip
    columns = {k: [one.get(k, v) for one, _ in cases.values()] for k, v in usual.items()}
    kinds = [one.get("kind", "startup") for one, _ in cases.values()]
    now = market(len(cases), sets=TURNS, facts={"kind": kinds}, open_weights=24.0, **columns)
    after = now.do("pivot").state
    turned = dict(zip(cases, (after.pivots[0] == 1).tolist(), strict=True))
    assert turned == {name: turns for name, (_, turns) in cases.items()}
    assert np.all((after.route != now.state.route)[0] == (after.pivots[0] == 1))
    assert after.run_hours[0, 2] == 5.0 and after.run_hours[0, 3] == 0.0


@pytest.mark.parametrize(
    ("money", "best_run", "open_weights", "returns"),
    [
        (8.0, 1e6, 24.0, True),  # two million hours: 24.45, and 24.35 is needed
        (4.0, 1e6, 24.0, False),
        (9.0, 0.0, 23.5, True),  # who has tuned climbs from a first run: 600,000 hours, 23.93
        (9.0, 0.0, 23.7, False),
    ],
)
def test_a_tuner_that_could_train_a_better_model_returns(money, best_run, open_weights, returns):
    """By the gap better than the 0.1 above open weights that tuning gives; not if it is short."""
    after = (
        market(
            2,
            sets=TURNS,
            route=Route.FINE_TUNE,
            wish_training_musd=money,
            best_run=best_run,
            open_weights=open_weights,
            cash=[100.0, 25.9],
            trailing_profit=-52.0,
        )
        .do("pivot")
        .state
    )
    assert after.route[0].tolist() == [Route.FOUNDATION if returns else Route.FINE_TUNE, 1]
    assert after.pivots[0].tolist() == [returns, 0]
    climbs = max(best_run, 1e5) if returns else best_run
    assert after.best_run[0].tolist() == [climbs, best_run]  # it is as good as its word


def test_firms_turn_at_their_rates():
    """1.3 a year for who is behind or short, 2.6 for who could do better; none for the others."""
    sets = [*TURNS[2:], "exits.pivot_rate_per_year=1.3", "exits.return_rate_per_year=2.6"]
    after = (
        market(
            4,
            sets=sets,
            capability=[23.8, 25.0, 20.0, 25.0],
            route=[0, 0, Route.FINE_TUNE, 0],
            wish_training_musd=[0, 0, 9.0, 0],
            best_run=1e6,
            open_weights=24.0,
            clock_pivot=9.0,
            cash=[52.0, 25.0, 52.0, 52.0],
            trailing_profit=-52.0,
        )
        .do("pivot")
        .state
    )
    np.testing.assert_allclose(9.0 - after.clock_pivot[0], np.array([1.3, 1.3, 2.6, 0]) / 52)


def test_a_firm_that_trains_and_is_short_of_money_turns():
    """52 a year lost, 26 weeks of it count as short: 25.9 turns and 26 does not, credits too."""
    after = (
        market(
            5,
            sets=TURNS,
            cash=[25.9, 26.0, 25.0, 25.9, 25.9],
            credits=[0.0, 0.0, 1.0, 0.0, 0.0],
            trailing_profit=[-52.0, -52.0, -52.0, 0.0, -52.0],
            status=[O, O, O, O, Status.CLOSED],
            capability=25.0,
        )
        .do("pivot")
        .state
    )
    assert after.pivots[0].tolist() == [1, 0, 0, 0, 0]


def test_so_many_pivots_go_to_fine_tuning_and_so_many_to_each_segment():
    sets = ["exits.pivot_rate_per_year=50"]
    after = market(50, worlds=80, sets=sets, capability=23.0, open_weights=24.0, clock_pivot=0.1)
    after = after.do("pivot").state
    assert np.all(after.pivots == 1)
    tuned = np.mean(after.route == Route.FINE_TUNE)
    assert abs(tuned - 0.7) < 4 * np.sqrt(0.21 / 4000)
    vertical = after.route == Route.VERTICAL
    assert np.all((after.niche >= 0) == vertical)
    found = np.bincount(after.niche[vertical], minlength=4) / np.sum(vertical)
    np.testing.assert_allclose(found, [0, 0.1, 0.6, 0.3], atol=4 * 0.5 / np.sqrt(1200))


def sale(**columns):
    """A big tech (slot 0) and two startups that come up for sale."""
    sets = [
        "exits.acquisition_rate_per_year=26.0", "exits.short_runway_weeks=520.0",
        "exits.keyperson_rate_per_year=0.0",
    ]  # fmt: skip
    usual = {
        "cash": [500.0, 5.0, -2.0], "trailing_profit": -10.0, "best_share": 0.3,
        "users": [100.0, 60.0, 40.0], "idle": 0.0, "use": 9.0, "credits": [0.0, 1.0, 0.0],
        "clock_sale": [9.0, 0.1, 0.2], "clock_shutdown": 9.0, "run_hours": 3.0,
        "cards": [7.0, 2.0, 1.0], "cards_ordered": [0.0, 4.0, 0.0],
    }  # fmt: skip
    return market(
        3, sets=sets, facts={"kind": ["bigtech", "startup", "startup"]}, **(usual | columns)
    )


def test_a_sale_moves_users_money_and_cards_and_loses_none():
    after = sale().do("depart").state
    np.testing.assert_array_equal(after.status[0, 1:], Status.ACQUIRED)
    np.testing.assert_array_equal(after.acquirer[0], [-1, 0, 0])
    np.testing.assert_allclose(after.closed_at[0], [NEVER, 0.2, 0.4])  # at half an event a week
    np.testing.assert_allclose(after.users[0, 0], [100.0, 0.0, 0.0])
    np.testing.assert_allclose(after.idle, 100.0)
    assert after.cards[0, 0] == 10.0 and after.cards_ordered[0, 0] == 4.0
    np.testing.assert_allclose(after.account_owners, 4.0)
    for name in ("cash", "credits", "use", "run_hours"):
        np.testing.assert_array_equal(getattr(after, name)[0, 1:], 0.0, err_msg=name)
    assert after.cash[0, 0] == 500.0


def test_who_is_shut_this_tick_buys_nobody():
    before = sale(irrelevant=[60.0, 0.0, 0.0], best_share=[0.0, 0.3, 0.3], capability=23.0,
                  clock_shutdown=[0.01, 9.0, 9.0])  # fmt: skip
    after = before.do("depart").state
    assert after.status[0].tolist() == [Status.CLOSED, O, Status.BANKRUPT]
    assert np.all(after.acquirer == -1)


def test_a_buyer_must_have_more_than_the_price():
    """Each startup costs its own cash: the one of 5 is too dear for a till of 5."""
    after = sale(cash=[5.0, 5.0, 4.9]).do("depart").state
    assert after.status[0].tolist() == [O, O, Status.ACQUIRED]
    assert after.offers[0].tolist() == [0, 1, 1]


def test_every_failed_sale_has_a_fresh_draw():
    """Nobody can buy: the clock goes on ringing, each time after another wait."""
    now, waits = sale(cash=[1.0, 5.0, 5.0]), []
    for _ in range(3):
        now = now.set(clock_sale=[9.0, 0.0, 0.0]).do("depart")
        waits.append(now.state.clock_sale[0, 1])
        now = now.pass_time()
    assert len(set(waits)) == 3


def test_a_startup_is_for_sale_when_short_or_by_loss_of_its_founder():
    """Rates are read off the clocks: 0.52 a year of founders, 26 a year more below 30 weeks."""
    sets = [
        "exits.acquisition_rate_per_year=26", "exits.short_runway_weeks=30",
        "exits.keyperson_rate_per_year=5.2",
    ]  # fmt: skip
    after = (
        market(
            4,
            sets=sets,
            facts={"kind": ["startup", "startup", "bigtech", "listed"]},
            cash=[30.0, 29.9, 1.0, 1.0],
            trailing_profit=-52.0,
            clock_sale=9.0,
        )
        .do("depart")
        .state
    )
    np.testing.assert_allclose(9.0 - after.clock_sale[0], [0.1, 0.6, 0.0, 0.0])


def test_patience_counts_weeks_without_relevance_and_then_the_owner_may_give_up():
    """But for a big tech whose model is as good as open weights: it turns to its own house."""
    sets = ["funding.patience_weeks=52"]
    kind = ["bigtech", "bigtech", "bigtech", "listed", "startup", "bigtech", "bigtech", "bigtech"]
    before = market(
        8,
        sets=sets,
        facts={"kind": kind},
        open_weights=24.1,
        best_share=[0.009, 0.01, 0.0, 0.0, 0.0, 0.0, 0.0, 0.02],
        irrelevant=[51.0, 90.0, 51.5, 51.5, 51.5, 90.0, 51.5, 90.0],
        clock_shutdown=9.0,
        clock_sale=9.0,
        launched_at=[0.0, 0.0, 0.0, 0.0, 0.0, NEVER, 0.0, 0.0],
        capability=[24.0, 24.0, 24.0, 24.2, 24.0, 24.0, 24.1, 24.1],
        internal=[False] * 7 + [True],
    )
    after = before.do("depart").state
    np.testing.assert_allclose(after.irrelevant[0], [52.0, 0.0, 52.5, 52.5, 0.0, 0.0, 52.5, 0.0])
    week = 1.5 / 52
    spent = [0.0, 0.0, week, week, 0.0, 0.0, 0.0, 0.0]
    np.testing.assert_allclose(9.0 - after.clock_shutdown[0], spent)
    assert after.internal[0].tolist() == [False] * 6 + [True, False]
    ringing = before.set(clock_shutdown=week / 2).do("depart").state
    shut = [O, O, Status.CLOSED, Status.CLOSED, O, O, O, O]
    assert ringing.status[0].tolist() == shut
    np.testing.assert_allclose(ringing.closed_at[0, 2:4], 0.5)


def test_an_empty_till_is_the_end():
    """At the end of the tick: startups are bankrupt, units of corporations are shut."""
    kind = ["startup", "bigtech", "listed", "startup", "foreign", "startup"]
    after = (
        market(
            6,
            facts={"kind": kind},
            cash=[0.0, -1.0, 0.0, 0.1, -5.0, -3.0],
            credits=2.0,
            users=5.0,
            status=[O, O, B, S, O, W],
            clock_sale=9.0,
            idle=0.0,
        )
        .do("depart")
        .state
    )
    C = Status.CLOSED
    assert after.status[0].tolist() == [Status.BANKRUPT, C, C, S, O, W]
    assert after.closed_at[0].tolist() == [1.0, 1.0, 1.0, NEVER, NEVER, NEVER]
    np.testing.assert_allclose(after.account_owners, 0.0 - 1.0 + 0.0 + 3 * 2.0)
    np.testing.assert_allclose(after.idle, 15.0)


def test_so_many_luck_s_choices_of_a_buyer():
    """Among two rich ones chance decides, evenly; the third has not the money."""
    before = market(
        4,
        worlds=1000,
        facts={"kind": ["bigtech", "bigtech", "bigtech", "startup"]},
        cash=[500.0, 400.0, 2.0, 5.0],
        trailing_profit=[0, 0, 0, -52.0],
        best_share=0.3,
        sets=["exits.acquisition_rate_per_year=50"],
        clock_sale=0.01,
        clock_shutdown=9.0,
    )
    buyer = before.do("depart").state.acquirer[:, 3]
    assert set(buyer.tolist()) == {0, 1}
    assert abs(np.mean(buyer == 0) - 0.5) < 4 * 0.5 / np.sqrt(1000)
