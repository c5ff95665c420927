"""Rare moments, made by hand, in which a law could slip."""

from __future__ import annotations

import numpy as np
import pytest

from llm_market_sim.market.mechanisms.alliances import ally
from llm_market_sim.market.mechanisms.compute import clear_compute
from llm_market_sim.market.mechanisms.hype import stir
from llm_market_sim.market.mechanisms.products import launch
from llm_market_sim.market.mechanisms.regulation import license, police
from llm_market_sim.market.mechanisms.users import adopt
from llm_market_sim.market.phase import in_turn
from llm_market_sim.market.state import NEVER, NO_MODEL, Kind, Route, Status


def backed(little, moments):
    """Two startups whose rounds a big tech would lead."""
    market = little(
        3, sets=["alliances.strategic_share=1.0"], cash=np.array([900.0, 5.0, 5.0]),
        round_ask=np.array([0.0, 40.0, 60.0]), round_at=np.asarray(moments), meetings=1.0,
        facts={"kind": np.array([Kind.BIGTECH, Kind.STARTUP, Kind.STARTUP])},
    )  # fmt: skip
    return market, market.do(ally).state


def test_a_backer_pays_what_its_startups_get(little):
    _, after = backed(little, [0.0, 0.2, 0.7])
    np.testing.assert_allclose(after.cash[0], [800.0, 45.0, 65.0])
    np.testing.assert_array_equal(after.backer[0], [-1, 0, 0])
    np.testing.assert_array_equal(after.round_ask[0], 0.0)


def test_two_deals_at_the_same_moment_create_no_money(little):
    market, after = backed(little, [0.0, 0.5, 0.5])
    assert np.sum(after.cash) == pytest.approx(np.sum(market.state.cash))


def test_deals_come_in_the_order_of_their_time():
    mask = np.array([[True, False, True, True]])
    when, partner = np.array([[3.0, 0.0, 1.0, 2.0]]), np.array([[1, -1, 1, 0]])
    order = [(int(np.argmax(deal)), int(np.argmax(other))) for deal, other in
             in_turn(mask, when, partner)]  # fmt: skip
    assert order == [(2, 1), (3, 0), (0, 1)]


def test_products_of_before_week_0_are_no_news_of_the_first_week(little):
    market = little(8, sets=["hype.spread=0.0"], launched_at=0.0)
    level = market.p.hype.level_log
    assert market.do(stir, log_hype=level).state.log_hype[0, 0] == pytest.approx(level, abs=1e-12)


@pytest.mark.parametrize("dt", [1.0, 0.5])
def test_every_launch_is_news_once(little, dt):
    """Also one at the very end of a tick, and as if it came alone."""
    sets = ["hype.spread=0.0", "hype.launch_jump=0.03", "hype.launch_fatigue=1e6"]
    launched = np.array([1.0, 1.5, 2.0, 2.2, 3.0, 7.9])
    market = little(6, sets=[*sets, "hype.memory_weeks=1000.0"], launched_at=launched, dt=dt)
    for _ in range(round(10 / dt)):
        market = market.do(stir).tick()
    level = market.p.hype.level_log
    quiet = level + (0.0 - level) * np.exp(-10 / 1000)
    assert market.state.log_hype[0, 0] - quiet == pytest.approx(0.03 * 6, rel=0.01)


def test_preparation_begins_on_entry(little):
    """Entered at 0.9, three weeks of work: shown at 3.9, not at 3."""
    market = little(
        1, status=Status.BUILDING, entered_at=0.9, launched_at=NEVER, preparation=3.0,
        route=Route.FINE_TUNE,
    )  # fmt: skip
    for _ in range(6):
        market = market.do(launch).tick()
    assert market.state.launched_at[0, 0] == pytest.approx(3.9)


def test_a_product_that_waited_for_a_change_of_route_is_news_of_its_week(little):
    """Long prepared, and turned to fine-tuning: shown in this tick, not at the end of the last."""
    market = little(
        1, status=Status.BUILDING, launched_at=NEVER, preparation=-9.0, route=Route.FINE_TUNE
    )
    assert market.do(launch).state.launched_at[0, 0] == 1.0


def test_a_runway_is_below_a_number_of_weeks_where_the_number_says_so(little):
    market = little(
        5, cash=np.array([0.0, 5.0, 10.0, 10.0, 0.0]), credits=np.array([0.0, 1.0, 0.0, 0.0, 2.0]),
        trailing_profit=np.array([-1.0, -20.0, -20.0, 3.0, 0.0]),
    )  # fmt: skip
    state = market.state
    for weeks in (0.0, 10.0, 26.0, 520.0):
        np.testing.assert_array_equal(state.runway_below(weeks), state.runway < weeks)


def test_a_product_is_shown_when_its_run_is_done(little):
    market = little(
        3, status=Status.BUILDING, launched_at=NEVER, preparation=0.5, runs=1.0,
        capability=np.array([NO_MODEL, 24.0, 24.0]), run_at=np.array([NEVER, 0.7, 0.2]),
    )  # fmt: skip
    after = market.do(launch).state
    np.testing.assert_array_equal(after.launched_at, [[NEVER, 0.7, 0.5]])
    np.testing.assert_array_equal(after.status, [[Status.BUILDING, Status.BETA, Status.BETA]])


def test_a_licence_is_dated_when_it_is_given(little):
    sets = [
        "regulation.batch_interval_weeks=0.0", "regulation.first_batch_week=0.0",
        "regulation.filing_open=true", "regulation.incidents_per_year=0.0",
    ]  # fmt: skip
    market = little(
        1, sets=sets, status=Status.SUSPENDED, suspended_until=6.5, filed_at=0.0, reviewed_at=2.0,
        licensed_at=NEVER,
    )  # fmt: skip
    for _ in range(10):
        market = market.do(license).do(police).tick()
    assert market.state.licensed_at[0, 0] >= 6.5


def test_batches_that_come_more_often_than_ticks_all_count(little):
    sets = [
        "regulation.batch_interval_weeks=0.25", "regulation.first_batch_week=0.25",
        "regulation.batch_capacity=2", "regulation.batch_growth=1.0", "regulation.filing_open=true",
    ]  # fmt: skip
    market = little(
        12, sets=sets, status=Status.BETA, filed_at=0.0, reviewed_at=0.0, licensed_at=NEVER
    )
    assert np.sum(market.do(license).state.status == Status.OPEN) == 8


def test_a_closed_beta_holds_its_cap_and_turns_the_rest_away(little):
    sets = ["regulation.beta_cap={consumer: 1000, developer: 100, enterprise: 1e9, public: 1e9}"]
    sets += ["users.outside_utility={consumer: -29, developer: -29, enterprise: -29, public: -29}"]
    market = little(2, sets=sets, status=np.array([Status.BETA, Status.OPEN]), taste=0.0)
    after = market.do(adopt).state
    np.testing.assert_array_equal(after.users[0, :2, 0], [1000.0, 100.0])
    assert np.all(after.users[0, :, 1] > 0.0)
    assert np.all(after.users[0, 2:, 0] > 0.0)
    total = np.sum(after.users, -1) + after.idle[..., 0]
    np.testing.assert_allclose(total, market.state.idle[..., 0], rtol=1e-12)


def test_a_wrapper_sells_the_best_model_there_is(little):
    sets = ["products.foreign_api=blocked", "products.wrapper_loss_oom=0.05"]
    market = little(
        3, sets=sets, capability=np.array([24.0, 24.6, NO_MODEL]),
        route=np.array([Route.FOUNDATION, Route.FOUNDATION, Route.WRAPPER]),
    )  # fmt: skip
    after = market.do(launch).state
    assert after.supplier[0, 0] == 1
    assert after.served[0, 2] == pytest.approx(24.55)
    down = market.do(launch, status=np.array([Status.OPEN, Status.SUSPENDED, Status.OPEN])).state
    assert down.supplier[0, 0] == 0


def test_a_tie_for_a_licence_is_settled_by_luck_and_not_by_slot(little):
    sets = [
        "regulation.batch_interval_weeks=1.0", "regulation.first_batch_week=1.0",
        "regulation.batch_capacity=1", "regulation.batch_growth=1.0",
    ]  # fmt: skip
    market = little(
        4, worlds=2000, sets=sets, status=Status.BETA, filed_at=0.0, reviewed_at=0.5,
        licensed_at=NEVER,
    )  # fmt: skip
    winners = np.sum(market.do(license).state.status == Status.OPEN, axis=0)
    assert winners.sum() == 2000
    assert np.all(np.abs(winners - 500) < 5 * np.sqrt(2000 * 0.25 * 0.75))


def test_owners_cannot_use_more_than_the_country_has(little):
    """An export rule that leaves less than the owners' clusters binds them all alike."""
    sets = ["compute.supply_cap=1000.0", "compute.usable_share=0.5", "training.cost_multiple=1.0"]
    market = little(
        3, sets=sets, run_hours=1e9, run_compute_left=8.0, facts={"gpus": 8000.0, "cloud": True}
    )
    after = market.do(clear_compute).state
    used = np.sum(after.hours_own + after.hours_rented)
    assert used == pytest.approx(1000 * 0.5 * 168)
    assert np.ptp(after.hours_own) == pytest.approx(0.0)
