"""Laws that hold every week in every world: people, money, compute, and the rows of the dead."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from llm_market_sim.market.schedule import step
from llm_market_sim.market.state import COLUMNS, DEAD, NEVER, Kind, Status
from llm_market_sim.scenario import load
from llm_market_sim.simulation import start

SHOCKS = """timeline={
  boom: {date: 2023-06-05, about: boom, source: test, shock: {log_hype: 1.5, vc_pool_musd: 900}},
  winter: {date: 2023-11-06, about: bust, source: test, shock: {vc_pool_musd: -5000}},
  squeeze: {date: 2023-09-04, until: 2024-02-05, about: chips, source: test,
            set: {compute.supply_cap: 5000}, scale: {users.price_weight: 2.0}},
  surprise: {date: 2023-08-07, about: weights, source: test, shock: {open_weights: 1.0}},
  halt: {date: 2023-10-02, until: 2024-01-01, about: pause, source: test,
         set: {training.paused: true, frontier.paused: true}},
  freedom: {date: 2024-03-04, about: free, source: test, set: {regulation.review_required: false}}
}""".replace("\n", " ")
MARKETS = {
    "baseline": ("baseline", []),
    "shocks": ("baseline", [SHOCKS]),
    "half weeks": ("baseline", ["ticks_per_week=2", "horizon_weeks=40"]),
    "sampled users": (
        "baseline", ["users.sampled_below_accounts=1e5", "horizon_weeks=40"],
    ),
    "five years": (
        "baseline",
        ["horizon_weeks=260", "population.stealth_firms=8", "population.pool_firms=40"],
    ),
}  # fmt: skip
ACCOUNTS = [name for name in COLUMNS if name.startswith("account_")]


@pytest.fixture(scope="module", params=MARKETS)
def history(request):
    """Every moment of a few worlds, the firms, and a day's parameters."""
    name, sets = MARKETS[request.param]
    scenario = load(name, sets)
    state, setting, timetable = start(scenario, range(3), 17)
    states = [state]
    for tick in range(scenario.horizon_weeks * scenario.ticks_per_week):
        states.append(step(states[-1], timetable.at(tick), setting))
    return states, setting.firms, timetable, setting.dt


def test_users_sum_to_the_population(history):
    states, _, timetable, _ = history
    population = timetable.at(0).users.population[:, 0]
    for state in states:
        people = np.sum(state.users, axis=-1) + state.idle[..., 0] + state.unaware[..., 0]
        np.testing.assert_allclose(people, np.broadcast_to(population, people.shape), rtol=1e-12)
        for name in ("users", "idle", "unaware"):
            assert np.all(getattr(state, name) >= -1e-9 * population[:, None])


def test_money_is_only_moved(history):
    states, _, _, _ = history
    for before, after in pairwise(states):
        total, scale = 0.0, 1.0
        for state, sign in ((after, 1.0), (before, -1.0)):
            parts = [np.sum(state.cash + state.credits, -1), state.vc_pool_musd[:, 0]]
            parts += [getattr(state, name)[:, 0] for name in ACCOUNTS]
            total = total + sign * sum(parts)
            scale = scale + sum(np.abs(part) for part in parts)
        assert np.all(np.abs(total) < 1e-12 * scale)


def test_no_more_compute_is_used_than_there_is(history):
    states, firms, timetable, dt = history
    for tick, state in enumerate(states[1:]):
        c = timetable.at(tick).compute
        usable = state.gpu_supply[:, 0] * c.usable_share * 168.0 * dt
        used = np.sum(state.hours_own + state.hours_rented, axis=-1)
        own = firms.gpus / c.supply_start * usable[:, None]
        assert np.all(state.hours_own + state.hours_let <= own * (1 + 1e-9))
        assert np.all(used <= usable * (1 + 1e-9))
        rented, let = np.sum(state.hours_rented, -1), np.sum(state.hours_let, -1)
        assert np.all(let <= rented * (1 + 1e-9))  # the rest comes from outside
        for name in ("hours_own", "hours_rented", "hours_let"):
            assert np.all(getattr(state, name) >= 0.0)
        assert np.all((state.hours_let > 0.0) <= firms.cloud)
        assert np.all((state.compute_share >= 0.0) & (state.compute_share <= 1 + 1e-9))
        assert np.all((state.gpu_ration >= 0.0) & (state.gpu_ration <= 1.0))


def test_the_dead_keep_their_row_and_nothing_else(history):
    states, _, _, _ = history
    for before, after in pairwise(states):
        dead = before.status >= DEAD
        np.testing.assert_array_equal(after.status[dead], before.status[dead])
        for name in ("closed_at", "acquirer", "route", "stage", "raised", "runs", "incidents"):
            old, new = getattr(before, name), getattr(after, name)
            np.testing.assert_array_equal(new[dead], old[dead], err_msg=name)
        gone = after.status >= DEAD
        np.testing.assert_array_equal(np.isfinite(after.closed_at), gone)
        assert np.all(after.users.swapaxes(0, 1)[:, gone] == 0.0)
        for name in ("cash", "credits", "run_hours"):
            assert np.all(getattr(after, name)[gone] == 0.0), name
    assert np.any(states[-1].status >= DEAD)


def test_nobody_goes_back_to_waiting(history):
    states, firms, _, _ = history
    for before, after in pairwise(states):
        entered = before.status > Status.WAITING
        assert np.all(after.status[entered] > Status.WAITING)
        np.testing.assert_array_equal(np.isfinite(after.entered_at), after.status > Status.WAITING)
        waiting = after.status == Status.WAITING
        assert np.all(after.users.swapaxes(0, 1)[:, waiting] == 0.0)
        for name in ("burn", "skill", "lag", "entry_threshold"):
            if name != "skill":  # a buyer learns from the team it buys
                np.testing.assert_array_equal(getattr(after, name), getattr(before, name))
        assert np.all(after.skill >= before.skill)
    assert np.all(states[-1].alive[:, firms.kind[0] == Kind.FOREIGN])


def test_nothing_is_undefined(history):
    """No NaN anywhere, and no infinity but in the week of what has not happened."""
    states, _, _, _ = history
    for state in states:
        for name, column in COLUMNS.items():
            values = getattr(state, name)
            assert not np.any(np.isnan(values)), name
            if column.start != NEVER:
                assert np.all(np.isfinite(values)), name


def test_columns_keep_their_shape_and_type(history):
    states, _, _, _ = history
    sizes = {name: getattr(states[0], name).shape for name in COLUMNS}
    for state in (states[0], states[1], states[-1]):
        for name, column in COLUMNS.items():
            assert getattr(state, name).shape == sizes[name], name
            assert getattr(state, name).dtype == column.dtype, name


def test_nobody_lives_on_debt(history):
    states, firms, _, _ = history
    for state in states[1:]:
        assert np.all(state.cash[state.alive & firms.domestic] > 0.0)
        assert np.all(state.vc_pool_musd >= 0.0)
        assert np.all(state.credits >= 0.0)


def test_shares_and_reach_are_shares(history):
    states, _, _, _ = history
    for state in states:
        for name in ("reach", "best_share", "share_trend"):
            values = getattr(state, name)
            assert np.all((values >= 0.0) & (values <= 1.0 + 1e-12)), name
        assert np.all(state.price >= 0.0)
        assert np.all(state.capability >= states[0].capability)


def test_what_happened_is_stamped_in_its_tick(history):
    states, _, _, dt = history
    columns = ("entered_at", "launched_at", "filed_at", "run_at", "closed_at")
    for before, after in pairwise(states):
        for name in columns:
            old, new = getattr(before, name), getattr(after, name)
            stamps = new[new != old]
            assert np.all(stamps >= before.week - 1e-9), name
            assert np.all(stamps <= before.week + dt + 1e-9), name


def test_the_order_of_a_life(history):
    """Enter, show, file, be reviewed, be licensed: never in another order."""
    states, _, _, _ = history
    last = states[-1]
    order = ("entered_at", "launched_at", "filed_at", "reviewed_at", "licensed_at")
    for earlier, later in pairwise(order):
        done = np.isfinite(getattr(last, later))
        assert np.all(getattr(last, earlier)[done] <= getattr(last, later)[done] + 1e-9), later


def test_counters_only_grow(history):
    states, _, _, _ = history
    for before, after in pairwise(states):
        for name in ("runs", "run_failures", "incidents", "pivots", "stage", "meetings", "raised",
                     "data", "entry_hazard"):  # fmt: skip
            assert np.all(getattr(after, name) >= getattr(before, name)), name
