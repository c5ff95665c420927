"""Who comes and who goes: counts, order, and the books of the dead."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from llm_market_sim.market.mechanisms.entry import enter
from llm_market_sim.market.mechanisms.exits import depart, pivot
from llm_market_sim.market.mechanisms.hype import stir
from llm_market_sim.market.state import NEVER, Kind, Status

ROOM = ["entry.hype_threshold=0.0", "entry.crowding_firms=2000.0"]


def nobody_called(market, **parameters):
    """The market with other parameters, in which no event calls a firm in."""
    calm = {"entering": np.zeros((1, len(market.setting.firms.ids)), dtype=bool)}
    return replace(market, p=SimpleNamespace(**vars(market.p) | calm | parameters))


def entries(little, rate, weeks=20, worlds=400, dt=1.0):
    """Weeks of entry (W, F), at constant hype and with next to no crowding."""
    market = little(
        200, worlds=worlds, sets=[*ROOM, f"entry.intensity_per_week={rate}"], dt=dt,
        status=Status.WAITING, entered_at=NEVER,
    )  # fmt: skip
    thresholds = np.cumsum(market.setting.luck.exponential("entry"), axis=1)
    empty = SimpleNamespace(**vars(market.p.entry) | {"crowding_firms": 1e12})
    market = nobody_called(market, entry=empty)
    market = market.do(lambda *_: {}, entry_threshold=thresholds)
    for _ in range(round(weeks / dt)):
        market = market.do(enter).tick()
    return market.state.entered_at


def test_entries_at_constant_hype_are_a_poisson_process(little):
    entered = entries(little, 2.0)
    count = np.sum(np.isfinite(entered), axis=1)
    assert abs(count.mean() - 40.0) < 4 * np.sqrt(40 / len(count))
    assert abs(count.var(ddof=1) / 40.0 - 1) < 4 * np.sqrt(2 / len(count))


def test_a_higher_intensity_brings_every_firm_earlier_and_a_finer_tick_changes_nothing(little):
    low, high = entries(little, 1.0, worlds=20), entries(little, 2.0, worlds=20)
    assert np.all(high <= low)
    np.testing.assert_allclose(entries(little, 1.0, worlds=20, dt=0.25), low, atol=1e-9)


def test_nobody_enters_without_hype_or_room(little):
    for sets in (["entry.hype_threshold=0.99"], ["entry.crowding_firms=1.0"]):
        market = little(
            3, sets=sets, status=np.array([Status.OPEN, Status.WAITING, Status.WAITING]),
            log_hype=np.log(0.98), entry_threshold=1e-9,
        )  # fmt: skip
        market = nobody_called(market)
        assert np.all(market.do(enter).state.status == market.state.status)


def test_share_prices_wander_as_gibrat_says(little):
    """Nothing but independent growth: the variance of log size is sigma^2 t."""
    sets = ["hype.stock_hype_beta=0.0", "hype.stock_news_beta=0.0", "hype.stock_noise=0.06"]
    for dt in (1.0, 0.5):
        market = little(60, worlds=60, sets=sets, dt=dt, facts={"kind": Kind.LISTED})
        for _ in range(round(20 / dt)):
            market = market.do(stir).tick()
        spread = market.state.log_stock.var() / (0.06**2 * 20)
        assert abs(spread - 1) < 4 * np.sqrt(2 / 3600)


@pytest.mark.parametrize("dt", [1.0, 0.5, 1 / 7])
def test_hype_returns_to_its_level_with_its_spread(little, dt):
    sets = ["hype.level_log=-1.2", "hype.memory_weeks=10.0", "hype.spread=0.3"]
    market = little(1, worlds=3000, sets=sets, dt=dt, launched_at=NEVER)
    for _ in range(round(40 / dt)):
        market = market.do(stir).tick()
    expected = -1.2 + 1.2 * np.exp(-4.0)
    assert abs(market.state.log_hype.mean() - expected) < 4 * 0.3 / np.sqrt(3000)
    assert market.state.log_hype.std() == pytest.approx(0.3, rel=0.05)


def test_launches_move_hype_less_and_less(little):
    sets = ["hype.launch_jump=0.03", "hype.launch_fatigue=20.0", "hype.spread=0.0"]
    for before, jump in ((0, 0.03), (20, 0.015), (60, 0.0075)):
        launched = np.where(np.arange(80) < before, 0.0, NEVER)
        launched = np.where(np.arange(80) == before, 5.5, launched)
        market = little(80, sets=sets, launched_at=launched, week=5.0, log_hype=-1.2)
        level = market.p.hype.level_log
        after = market.do(stir, log_hype=level).state.log_hype
        assert after[0, 0] - level == pytest.approx(jump, abs=1e-12)


def sale(little, **columns):
    """A big tech (slot 0) and two startups that come up for sale."""
    sets = [
        "exits.acquisition_rate_per_year=26.0", "exits.acquisition_runway_weeks=520.0",
        "exits.keyperson_rate_per_year=0.0", "exits.shutdown_rate_per_year=50.0",
    ]  # fmt: skip
    usual = {
        "cash": np.array([500.0, 5.0, -2.0]), "trailing_profit": -10.0, "best_share": 0.3,
        "users": np.array([100.0, 60.0, 40.0]), "idle": 0.0,
        "clock_sale": np.array([9.0, 0.1, 0.2]), "clock_shutdown": 9.0,
    }  # fmt: skip
    facts = {"kind": np.array([Kind.BIGTECH, Kind.STARTUP, Kind.STARTUP])}
    return little(3, sets=sets, facts=facts, **(usual | columns))


def test_a_sale_moves_users_and_money_and_loses_neither(little):
    market = sale(little)
    after = market.do(depart).state
    np.testing.assert_array_equal(after.status[0, 1:], Status.ACQUIRED)
    np.testing.assert_array_equal(after.acquirer[0], [-1, 0, 0])
    np.testing.assert_allclose(after.users[0, 0], [100.0, 0.0, 0.0])
    np.testing.assert_allclose(after.idle, 100.0)
    np.testing.assert_allclose(after.skill[0], [0.04, 0.0, 0.0])
    np.testing.assert_allclose(after.cash[0], [500.0, 0.0, 0.0])
    np.testing.assert_allclose(after.account_owners, 3.0)


def test_who_is_shut_this_tick_buys_nobody(little):
    market = sale(
        little, irrelevant=np.array([60.0, 0.0, 0.0]), best_share=np.array([0.0, 0.3, 0.3]),
        clock_shutdown=np.array([0.1, 9.0, 9.0]),
    )  # fmt: skip
    after = market.do(depart).state
    assert after.status[0, 0] == Status.CLOSED
    assert np.all(after.acquirer == -1)


def test_every_failed_sale_has_a_fresh_draw(little):
    """Nobody can buy: the clock goes on ringing, each time after another wait."""
    market = sale(little, cash=np.array([1.0, 5.0, 5.0]))
    waits = []
    for _ in range(3):
        market = market.do(depart, clock_sale=np.array([9.0, 0.0, 0.0]))
        waits.append(market.state.clock_sale[0, 1])
        market = market.tick()
    assert len(set(waits)) == 3


def test_so_many_pivots_go_to_fine_tuning(little):
    sets = ["exits.pivot_to_fine_tune=0.4", "exits.pivot_rate_per_year=50.0"]
    market = little(
        50, worlds=40, sets=sets, capability=23.0, open_weights=24.0, clock_pivot=0.1,
    )  # fmt: skip
    after = market.do(pivot).state
    assert np.all(after.pivots == 1)
    tuned = np.mean(after.route == 1)
    assert abs(tuned - 0.4) < 4 * np.sqrt(0.24 / 2000)
    assert np.all((after.niche >= 0) == (after.route == 3))
