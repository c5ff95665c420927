"""From runs and arrays to what figures show: hand-made numbers, and one small run."""

import numpy as np
import pytest

from llm_market_sim import load, simulate
from llm_market_sim.market.observation import COMPOSITE
from llm_market_sim.market.state import Kind
from llm_market_sim.summary.bands import (
    KINDS,
    concentration,
    fan,
    lives,
    market_shares,
    money,
    race,
)
from llm_market_sim.summary.statistics import QUANTILES

WEEKS = np.arange(3)


@pytest.fixture(scope="module")
def run():
    small = ["population.stealth_firms=6", "population.pool_firms=10", "horizon_weeks=30"]
    return simulate(
        load("baseline", small), 12, 5, snapshots=[0, 10, 20], share_history=True, events=False
    )


class TestFan:
    def test_quantiles_and_singles_are_those_of_the_worlds(self):
        values = np.arange(101.0)[:, None] + np.array([0.0, 10.0, 20.0])
        found = fan("hhi", WEEKS, values)
        assert found.quantiles[:, 1] == pytest.approx([100 * q + 10 for q in QUANTILES])
        assert np.array_equal(found.singles, values[:10])

    def test_a_count_has_a_bar_for_each_number(self):
        ends = np.array([3, 3, 5, 4, 3])
        found = fan("launched", WEEKS, np.tile(ends[:, None], 3))
        assert found.edges.tolist() == [2.5, 3.5, 4.5, 5.5]
        assert found.heights.tolist() == [0.6, 0.2, 0.2]

    @pytest.mark.parametrize(
        "ends", [[0, 1000], [7, 7], [0.5, 0.5], [1e9, 1e9 + 0.5], [-2.5, 8.25], [0, 40], [0, 39]]
    )
    def test_every_world_is_in_a_bar(self, ends):
        found = fan("raised", WEEKS, np.tile(np.array(ends, dtype=float)[:, None], 3))
        assert np.sum(found.heights) == pytest.approx(1.0)
        assert len(found.heights) <= 41
        assert np.all(np.diff(found.edges) > 0.0)


class TestMarketShares:
    def test_they_are_the_composite_shares_of_named_firms(self, run):
        found = market_shares(run, place=3, most=4)
        assert found.world == 3 and len(found.firms) == 4 and found.one.shape == (5, 31)
        whole = np.einsum("s,wtsf->wtf", COMPOSITE, run.share_history.astype(float))
        assert np.sum(found.one, axis=0) == pytest.approx(np.sum(whole[3], axis=-1))
        for row, label in enumerate(found.firms):
            slot = run.firms.names.index(label["en"])
            assert run.firms.ids[slot] in run.scenario.players
            assert label["zh"] == run.firms.names_zh[slot]
            assert found.one[row] == pytest.approx(whole[3, :, slot])
            assert found.mean[row] == pytest.approx(np.mean(whole[:, :, slot], axis=0))
        assert np.all(np.diff(found.mean[:-1, -1]) <= 0.0)

    def test_without_the_history_they_cannot_be_had(self):
        short = simulate(load("baseline", ["horizon_weeks=1"]), 1, 1)
        for made in (market_shares, concentration):
            with pytest.raises(ValueError, match="share_history=True"):
                made(short)
        with pytest.raises(ValueError, match="snapshots="):
            money(short)


def test_licences_are_counted_in_the_week_that_they_end():
    flat = np.zeros((2, 3))
    series = {"frontier": flat, "best_capability": flat + 1, "open_weights": flat + 2,
              "licensed": np.array([[0, 4, 4], [2, 2, 5]])}  # fmt: skip
    found = race(WEEKS, series)
    assert found.licences.tolist() == [1.0, 2.0, 1.5]
    assert found.licensed[2] == 4.5
    assert [part[2, 0] for part in (found.frontier, found.best, found.open_weights)] == [0, 1, 2]


def test_exits_are_means_by_cause():
    names = ("general_developers", "entered", "launched", "acquired", "bankrupt", "closed")
    series = {name: np.array([[k, k + 1], [k, k + 3]]) for k, name in enumerate(names)}
    found = lives(np.arange(2), series)
    assert found.exits.tolist() == [[3, 5], [4, 6], [5, 7]]
    assert [part[2, 1] for part in (found.alive, found.entered, found.launched)] == [2, 3, 4]


def test_money_adds_up_to_what_the_accounts_and_firms_say(run):
    found = money(run)
    assert found.weeks.tolist() == [0, 10, 20, 30]
    assert not found.received[:, :, 0].any()
    for k, kind in enumerate(KINDS):
        mine = run.firms.kind[0] == kind
        profit = np.sum(run.final.profit_total[:, mine], axis=1)
        assert found.profit[:, k, -1] == pytest.approx(np.quantile(profit, QUANTILES))
        raised = np.sum((run.final.raised - run.snapshots[0].raised)[:, mine], axis=1)
        if kind == Kind.BIGTECH:
            raised = raised - run.final.account_parents[:, 0]
        if kind == Kind.LISTED:
            raised = raised - run.final.account_shareholders[:, 0]
        assert found.received[:, k, -1] == pytest.approx(np.quantile(raised, QUANTILES))
    assert found.received[2, 0, -1] > 0.0


def test_concentration_of_shares_that_are_known(run):
    """World 0: one firm has all; world 1: four have a quarter each; nobody has any in week 0."""
    history = np.zeros((2, 3, 4, len(run.firms.ids)), dtype=np.float32)
    history[0, 1:, :, 5] = 1.0
    history[1, 1:, :, [2, 3, 4, 6]] = 0.25
    history[1, 1:, 3, 6] = 0.30
    made = type(run)(**{**run.__dict__, "share_history": history, "weeks": WEEKS})
    found = concentration(made)
    assert np.isnan(found.hhi[:, :, 0]).all() and np.isnan(found.cr4[:, :, 0]).all()
    assert found.hhi[0, :, 1] == pytest.approx(np.quantile([1.0, 0.25], QUANTILES))
    assert found.cr4[0, :, 2] == pytest.approx([1.0] * 5)
    assert found.different.tolist() == [0.5, 0.5, 0.0, 0.0]
    assert found.leaders[0]["en"] in (run.firms.names[5], run.firms.names[2])
    assert found.led == (1, 1, 1, 1)
