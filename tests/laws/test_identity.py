"""A world is the same world whoever else runs: alone, in a crowd, in blocks, elsewhere."""

import multiprocessing
from functools import partial

import numpy as np
import pytest

from llm_market_sim.market.observation import SERIES
from llm_market_sim.market.state import COLUMNS, Status
from llm_market_sim.simulation import join, simulate_block

WEEKS = ["horizon_weeks=60"]
SEED = 23


def same(one, other, rows=slice(None), cells=slice(None), columns=COLUMNS):
    """Assert that `one` is the part of `other` in these worlds and firms, bit for bit."""
    np.testing.assert_array_equal(one.worlds, other.worlds[rows])
    for name in columns:
        expected = getattr(other.final, name)[rows]
        if COLUMNS[name].shape in ("firm", "use"):
            expected = expected[..., cells]
        np.testing.assert_array_equal(getattr(one.final, name), expected, err_msg=name)


@pytest.fixture(scope="module")
def crowd(short):
    return simulate_block(short(*WEEKS), range(12), SEED)


@pytest.mark.parametrize("world", [0, 7, 11])
def test_a_world_alone_is_the_world_in_a_crowd(short, crowd, world):
    alone = simulate_block(short(*WEEKS), range(world, world + 1), SEED)
    same(alone, crowd, slice(world, world + 1))
    for name in SERIES:
        np.testing.assert_array_equal(alone.series[name], crowd.series[name][world : world + 1])
    mine = [row for row in crowd.events if row.world == world]
    assert list(map(repr, alone.events)) == list(map(repr, mine))  # in which NaN equals NaN


def test_blocks_make_no_difference(short, crowd):
    blocks = (range(0, 5), range(5, 6), range(6, 12))
    same(join(simulate_block(short(*WEEKS), block, SEED) for block in blocks), crowd)


@pytest.mark.slow  # a quick one in test_batch.py
def test_processes_make_no_difference(short, crowd):
    work = partial(simulate_block, short(*WEEKS), seed=SEED)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        parts = pool.map(_final, [(work, range(0, 6)), (work, range(6, 12))])
    for name in COLUMNS:
        both = np.concatenate([part[name] for part in parts])
        np.testing.assert_array_equal(both, getattr(crowd.final, name), err_msg=name)


def _final(task):
    work, worlds = task
    state = work(worlds).final
    return {name: np.array(getattr(state, name)) for name in COLUMNS}


def test_a_longer_horizon_begins_the_same(short):
    long = simulate_block(short("horizon_weeks=60"), range(3), SEED, snapshots=[30])
    brief = simulate_block(short("horizon_weeks=30"), range(3), SEED)
    for name in COLUMNS:
        np.testing.assert_array_equal(
            getattr(long.at(30), name), getattr(brief.final, name), err_msg=name
        )


def test_another_seed_is_another_world(short, crowd):
    other = simulate_block(short(*WEEKS), range(12), SEED + 1)
    assert not np.array_equal(other.final.cash, crowd.final.cash)


def test_firms_that_never_come_change_nobodys_luck(short):
    """A longer pool of which nobody enters: the others' fates are the same, but for rounding."""
    slow = [*WEEKS, "entry.intensity_per_week=0.1"]
    few = simulate_block(short(*slow), range(12), SEED)
    more = simulate_block(short(*slow, pool=40), range(12), SEED)
    firms = len(few.firms.ids)
    assert more.firms.ids[:firms] == few.firms.ids
    assert np.all(more.final.status[:, firms:] == Status.WAITING)
    for name, column in COLUMNS.items():
        if name == "entry_threshold":  # named firms come between more unnamed ones
            continue
        got, expected = getattr(more.final, name), getattr(few.final, name)
        if column.shape in ("firm", "use"):
            got = got[..., :firms]
        if column.dtype is float:
            np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12, err_msg=name)
        else:
            np.testing.assert_array_equal(got, expected, err_msg=name)


def test_a_firm_that_is_not_there_changes_nothing(short):
    """One more name in the pool, behind all others."""
    base = short(*WEEKS, "entry.intensity_per_week=0.5")
    extra = list(base.players.values())[-1].model_copy(update={"presence": "pool", "backer": ""})
    players = {**base.players, "nobody": extra}
    population = base.population.model_copy(update={"named_entrant_every": 100})
    one, other = (
        simulate_block(
            base.model_copy(update={"players": one, "population": population}), range(4), SEED
        )
        for one in (base.players, players)
    )
    slot = other.firms.slot("nobody")
    assert np.all(other.final.status[:, slot] == Status.WAITING)
    rest = [i for i in range(len(other.firms.ids)) if i != slot]
    for column in ("status", "incidents", "meetings", "stage", "runs", "pivots"):
        np.testing.assert_array_equal(
            getattr(other.final, column)[:, rest], getattr(one.final, column), err_msg=column
        )
    np.testing.assert_allclose(other.final.cash[:, rest], one.final.cash, rtol=1e-9)


def test_the_order_of_the_firms_does_not_matter(short):
    """Slots and keys move together: the same fates, but for rounding in sums."""
    base = short("horizon_weeks=40")
    names = list(base.players)
    pool = [n for n in names if base.players[n].presence == "pool"]
    rest = [n for n in names if n not in pool]
    moved = base.model_copy(update={"players": {n: base.players[n] for n in [*rest[::-1], *pool]}})
    one, other = (simulate_block(scenario, range(4), SEED) for scenario in (base, moved))
    place = [other.firms.slot(name) for name in one.firms.ids]
    for name, column in COLUMNS.items():
        if column.unit == "slot" or column.shape in ("world", "segment"):
            continue
        expected, got = getattr(one.final, name), getattr(other.final, name)[..., place]
        if column.dtype is float:
            np.testing.assert_allclose(got, expected, rtol=1e-7, atol=1e-9, err_msg=name)
        else:
            np.testing.assert_array_equal(got, expected, err_msg=name)
    for series in SERIES:
        np.testing.assert_allclose(other.series[series], one.series[series], rtol=1e-7, atol=1e-9)
