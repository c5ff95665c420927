"""A phase changes what its source says that it changes, and every rule touches what there is."""

import numpy as np
import pytest

from llm_market_sim.errors import MarketSimError
from llm_market_sim.market.reads import touched
from llm_market_sim.market.rule import OBSERVERS
from llm_market_sim.market.schedule import SCHEDULE, START
from llm_market_sim.market.state import COLUMNS, FACTS
from llm_market_sim.simulation import Worlds
from llm_market_sim.simulation.by_hand import ByHand


def changed(before, after):
    """Columns that differ between two moments, facts included."""
    return {
        name
        for name in {**COLUMNS, **FACTS}
        if not np.array_equal(getattr(before, name), getattr(after, name))
    }


@pytest.fixture(scope="module")
def moments(short):
    """A busy market in some weeks."""
    copied = "players.baidu.policy=bold", "players.minimax.policy=cautious"
    busy = short("alliances.strategic_share=1", "imitation.chance_per_quarter=1", *copied)
    now = ByHand(Worlds(busy, range(3), 4))
    return [now, *(now.advance(weeks) for weeks in range(12, 27))]


def test_a_phase_changes_only_what_its_source_says(moments):
    seen = {phase.name: set() for phase in SCHEDULE}
    for now in moments:
        for phase in SCHEDULE:
            after, again = now.do(phase.name), now.do(phase.name)
            assert changed(after.state, again.state) == set(), phase.name
            found = changed(now.state, after.state) - {"week", "end", "dt", "tick", "events"}
            assert found <= set(phase.writes), phase.name
            seen[phase.name] |= found
            now = after
    for phase in SCHEDULE:
        assert seen[phase.name] or phase.name == "shock", phase.name


def test_what_a_phase_does_not_read_does_not_move_it(moments):
    """Every column that a phase does not read is shaken, and it writes the same."""
    now, rng = moments[9], np.random.default_rng(3)
    for phase in SCHEDULE:
        kept = {*phase.reads, *phase.writes}
        shaken = {
            name: getattr(now.state, name) + rng.integers(1, 3)
            for name, column in COLUMNS.items()
            if name not in kept and column.dtype is float
        }
        one, other = now.do(phase.name).state, now.set(**shaken).do(phase.name).state
        for name in phase.writes:
            np.testing.assert_array_equal(
                getattr(other, name), getattr(one, name), err_msg=f"{phase.name}: {name}"
            )
        now = now.do(phase.name)


def test_a_rule_cannot_touch_what_no_mechanism_declares():
    def misspelt(w, firms, p, day, book):
        for f in firms:
            f.cahs += 1.0

    def of_the_world(w, firms, p, day, book):
        one = firms[0]
        one.cash = w.cash

    for rule, complaint in (
        (misspelt, r'test_phases.py:\d+: a firm has no column "cahs"; did you mean "cash"'),
        (of_the_world, r'test_phases.py:\d+: a world has no column "cash"'),
    ):
        with pytest.raises(MarketSimError, match=complaint):
            touched(rule)


def test_every_column_of_every_state_is_read_only(moments):
    for now in moments:
        for name in COLUMNS:
            with pytest.raises(ValueError, match="read-only"):
                getattr(now.state, name)[...] = 0


def test_every_column_is_written_by_some_rule():
    """What no phase writes is set at the start: nobody should look for its rule."""
    written = {name for phase in SCHEDULE for name in phase.writes}
    for_life = {"burn", "lag", "skill", "earmark", "entry_threshold"}
    assert set(COLUMNS) - written == for_life
    assert for_life <= {n for phase in START for n in phase.writes}


def test_names_of_phases_are_unique_and_sentences_are_sentences():
    for phases in (SCHEDULE, START):
        names = [phase.name for phase in phases]
        assert len(set(names)) == len(names)
        for phase in phases:
            assert phase.sentence[0].isupper() and phase.sentence.endswith(".")
            assert phase.sentence_zh.endswith("。") and phase.rule.__doc__
    assert all(one.rule.__doc__ for one in OBSERVERS.values())
