"""A phase is a pure rule that writes what it declares, on arrays that nobody can write to."""

from __future__ import annotations

import dataclasses
from itertools import product

import numpy as np
import pytest

from llm_market_sim.market.phase import Phase
from llm_market_sim.market.schedule import SCHEDULE, step
from llm_market_sim.market.state import COLUMNS
from llm_market_sim.simulation import start


def undeclared(phase, state, p, setting):
    """Columns that a phase changes, or would change, without saying so."""
    before = {name: getattr(state, name).copy() for name in COLUMNS}
    changes = phase.rule(state, p, setting)
    in_place = {n for n in COLUMNS if not np.array_equal(getattr(state, n), before[n])}
    return (set(changes) - set(phase.writes)) | in_place


@pytest.fixture(scope="module")
def market(short):
    """Moments of a busy market: the state before each of some ticks, parameters, setting."""
    state, setting, timetable = start(short(), range(3), 4)
    moments = [(state, timetable.at(0))]
    for tick in range(40):
        state = step(state, timetable.at(tick), setting)
        if tick % 13 == 12:
            moments.append((state, timetable.at(tick + 1)))
    return moments, setting


def test_a_phase_writes_what_it_declares_and_is_pure(market):
    moments, setting = market
    for phase, (state, p) in product(SCHEDULE, moments):
        assert undeclared(phase, state, p, setting) == set(), phase.name
        one, two = phase.rule(state, p, setting), phase.rule(state, p, setting)
        assert set(one) == set(phase.writes)
        for name, value in one.items():
            np.testing.assert_array_equal(value, two[name], err_msg=name)
            assert value.shape == getattr(state, name).shape, name
            assert value.dtype == COLUMNS[name].dtype, name


def test_cheats_are_caught(market):
    moments, setting = market
    state, p = moments[0]

    def more(state, p, setting):
        return {"cash": state.cash + 1.0, "skill": state.skill + 1.0}

    assert undeclared(Phase("cheat", "", more, ("cash",)), state, p, setting) == {"skill"}
    open_state = dataclasses.replace(state, cash=state.cash.copy())

    def in_place(state, p, setting):
        state.cash[:] = 0.0
        return {}

    assert undeclared(Phase("cheat", "", in_place, ()), open_state, p, setting) == {"cash"}


def test_every_column_of_every_state_is_read_only(market):
    moments, _ = market
    writeable = {
        name for state, _ in moments for name in COLUMNS if getattr(state, name).flags.writeable
    }
    assert writeable == set()


def test_a_state_is_frozen(market):
    state = market[0][0][0]
    with pytest.raises(dataclasses.FrozenInstanceError):
        state.week = 3.0
    with pytest.raises(ValueError, match="read-only"):
        state.replace(cash=np.zeros(3)).cash[0] = 1.0


def test_every_column_is_written_by_some_phase_or_for_good():
    """What no phase writes is set at the start: nobody should look for its rule."""
    written = {name for phase in SCHEDULE for name in phase.writes}
    assert written <= set(COLUMNS)
    assert set(COLUMNS) - written == {"burn", "lag", "entry_threshold"}


def test_names_of_phases_are_unique_and_sentences_are_sentences():
    names = [phase.name for phase in SCHEDULE]
    assert len(set(names)) == len(names)
    assert all(p.sentence[0].isupper() and p.sentence.endswith(".") for p in SCHEDULE)
