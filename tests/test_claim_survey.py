"""Claims over scenarios: one run answers all definitions, and stopping early is honest."""

import sys
from itertools import product

import numpy as np
import pytest
from samples import claim
from scipy.stats import binomtest

from llm_market_sim.batch import work
from llm_market_sim.claims import (
    UNTESTED,
    judge,
    load_claims,
    long_enough,
    multiverse,
    survey,
    together,
)
from llm_market_sim.claims.joint import LEAST
from llm_market_sim.claims.multiverse import read_off
from llm_market_sim.claims.sequential import FIRST, STEP, ahead, decided_by_more, half_width, stop
from llm_market_sim.scenario import load
from llm_market_sim.summary.statistics import proportion

SMALL = ["horizon_weeks=6", "population.stealth_firms=4", "population.pool_firms=6"]
OPEN = {
    "horizon_week": 6, "horizon_variants": [4, 6, 9],
    "params": {"theta": 0.05},
    "variants": {"theta": [0.01, 0.05, 0.2], "own_model": ["any", "required"]},
}  # fmt: skip


@pytest.fixture
def counted(monkeypatch):
    """The blocks that were simulated, as (scenario, worlds)."""
    done = []
    real = work.simulate_block

    def simulate_block(scenario, worlds, seed, **more):
        done.append((scenario.name, len(worlds)))
        return real(scenario, worlds, seed, **more)

    monkeypatch.setattr(work, "simulate_block", simulate_block)
    return done


# Definitions


def test_all_definitions_are_read_off_one_run(counted):
    found = survey([load("no_review", SMALL)], [claim(**OPEN)], 8, 1)
    assert counted == [("no_review", 8)]
    answers = found.multiverse(found.claims[0], "no_review").answers
    told = [(*one.choices.values(), one.week) for one in answers]
    assert told[0] == (0.05, "any", 6)
    assert sorted(told) == sorted(product([0.01, 0.05, 0.2], ["any", "required"], [4, 6, 9]))
    assert len({one.variant.measurement.name for one in answers}) == 18


def test_each_definition_gives_what_a_claim_with_it_as_default_gives():
    found = survey([load("no_review", SMALL)], [claim(**OPEN)], 8, 1)
    for one in found.multiverse(found.claims[0], "no_review").reached:
        alone = claim(params=one.choices, horizon_week=one.week)
        plain = survey([load("no_review", SMALL)], [alone], 8, 1)
        assert one.verdict.held == plain.verdict(alone, "no_review").held
    low, high = found.multiverse(found.claims[0], "no_review").ends
    assert low.hits < high.hits  # definitions matter here


def test_counts_and_ends_of_a_multiverse_made_by_hand():
    one = claim(**OPEN, predicate="x < 1")
    variants = one.variants_all()
    hits = dict(zip([v.measurement.name for v in variants], range(0, 40, 2), strict=False))
    values = {
        v.measurement.name: (np.arange(34) >= hits[v.measurement.name]).astype(float)
        for v in variants if v.measurement.week <= 6
    }  # fmt: skip
    found = multiverse(one, "no_review", variants, values)
    shares = sorted(hits[name] for name in values)
    assert [end.hits for end in found.ends] == [shares[0], shares[-1]]
    assert found.weeks_not_reached == [9] and len(found.reached) == 12
    for answer in found.reached:
        low, high = binomtest(answer.verdict.held.hits, 34).proportion_ci(method="wilson")
        word = "holds" if low > 0.5 else "fails" if high < 0.5 else "undecided"
        assert answer.verdict.wording == word
    assert sum(found.sides.values()) == 12 and len(found.sides) == 3
    assert found.axes == {"theta": [0.01, 0.05, 0.2], "own_model": ["any", "required"]}


def test_an_assumption_is_not_judged_by_any_definition():
    for status, wording in UNTESTED.items():
        one = claim(**OPEN, status=status)
        found = multiverse(one, "x", one.variants_all(), {one.id: np.zeros(50)})
        assert found.answers[0].verdict.wording == wording and not found.sides


def test_a_scenario_is_run_on_to_the_last_week_claimed_by_default_and_never_cut():
    short, long = claim(horizon_week=4), claim("other", horizon_week=9, horizon_variants=[50])
    scenario = load("no_review", SMALL)
    assert long_enough(scenario, [short, long]).horizon_weeks == 9
    assert long_enough(scenario, [short]) is scenario
    found = survey([long_enough(scenario, [short, long])], [short, long], 4, 1)
    assert found.x(long, "no_review").shape == (4,)
    cut = survey([scenario], [short], 4, 1)
    assert np.array_equal(cut.x(short, "no_review"), found.x(short, "no_review"))


# How many worlds


@pytest.mark.parametrize(("share", "needed"), [(0.5, 400), (0.2, 250), (0.05, 100)])
def test_the_rule_stops_at_the_first_look_that_is_precise_enough(share, needed):
    """Worlds needed at a half-width of 5 points are known: 381 at .5, 245 at .2, 83 at .05."""
    held = np.zeros((1, 1000), dtype=bool)
    held[0, :: round(1 / share)] = True
    assert stop(held, 0.05) == needed
    assert stop(held[:, : needed - 1], 0.05) is None or needed == FIRST
    both = np.concatenate([held, held[:, ::-1] & False])
    assert stop(both, 0.05) == needed  # the widest decides


def test_a_stopped_survey_is_a_plain_one_of_as_many_worlds(counted):
    scenarios = [load("baseline", SMALL), load("no_review", SMALL)]
    asked = [claim(**OPEN), claim("two", predicate="x >= 1")]
    found = survey(scenarios, asked, 0, 1, precision=0.08)
    assert found.reached and found.worlds % STEP == 0 and found.worlds >= FIRST
    ran = sum(n for name, n in counted if name == "no_review")
    plain = survey(scenarios, asked, found.worlds, 1)
    for name, values in plain.values.items():
        assert values.keys() == found.values[name].keys()
        for measure, x in values.items():
            assert x.tobytes() == found.values[name][measure].tobytes()
    held = [plain.verdict(one, s.name).held for one in asked for s in scenarios]
    assert max(map(half_width, held)) <= 0.08
    assert found.worlds <= ran < 2 * found.worlds  # each look goes on from the one before
    assert found.worlds > FIRST  # so that worlds were added
    before = survey(scenarios, asked, found.worlds - STEP, 1)
    held = [before.verdict(one, s.name).held for one in asked for s in scenarios]
    assert max(map(half_width, held)) > 0.08


def test_worlds_run_ahead_of_the_stop_are_dropped(monkeypatch):
    room = sys.modules["llm_market_sim.claims.survey"]
    asked, scenarios = [claim()], [load("no_review", SMALL)]
    usual = survey(scenarios, asked, 0, 1, precision=0.08)
    monkeypatch.setattr(room, "ahead", lambda held, precision: 300)
    found = survey(scenarios, asked, 0, 1, precision=0.08)
    assert found.worlds == usual.worlds < FIRST + 300
    x, same = (one.x(asked[0], "no_review") for one in (found, usual))
    assert x.tobytes() == same.tobytes()


def test_it_ends_at_the_cap_and_says_so():
    found = survey([load("no_review", SMALL)], [claim()], 0, 1, precision=0.01, most=120)
    assert (found.worlds, found.reached) == (120, False)


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5])
def test_intervals_keep_their_coverage_under_the_rule(share):
    rng = np.random.default_rng(11)
    repeats, covered = 1500, 0
    for _ in range(repeats):
        held = rng.random((1, 500)) < share
        worlds = stop(held, 0.05)
        found = proportion(int(held[0, :worlds].sum()), worlds)
        covered += found.low <= share <= found.high
    assert 0.935 <= covered / repeats <= 0.975  # two deviations are 0.011


def test_running_ahead_asks_for_what_is_missing():
    held = np.arange(100)[None, :] % 2 == 0
    assert 250 <= ahead(held, 0.05) <= 350 and ahead(held, 0.05) % STEP == 0
    assert ahead(np.zeros((1, 100), dtype=bool), 0.05) == STEP


def test_what_four_times_the_worlds_would_decide():
    def verdict(hits, worlds=100):
        return judge(claim(), "x", np.where(np.arange(worlds) < hits, 0.0, 9.0))

    verdicts = [verdict(hits) for hits in (20, 43, 44, 49, 50, 56, 58, 90)]
    assert [one.held.hits for one in decided_by_more(verdicts, 4)] == [43, 44, 56, 58]
    assert binomtest(4 * 56, 400).proportion_ci(method="wilson").low > 0.5


# Together


def test_a_planted_correlation_is_found_with_its_interval():
    rng = np.random.default_rng(5)
    one = rng.random(4000) < 0.4
    copies = rng.random(4000) < 0.6  # of the worlds in which the second follows the first
    other = np.where(copies, one, rng.random(4000) < 0.4)
    held = {"a": one, "b": other, "c": rng.random(4000) < 0.5, "not_b": ~other,
            "all": np.ones(4000, bool), "none": np.zeros(4000, bool)}  # fmt: skip
    found = together(held)
    assert (found.always, found.never) == (("all",), ("none",))
    pairs = {(p.first, p.second): p for p in found.pairs}
    assert len(pairs) == 6 and pairs["b", "not_b"].phi is None  # two cells are empty
    pair = pairs["a", "b"]
    assert pair.phi == pytest.approx(0.6, abs=0.04) and pair.low < pair.phi < pair.high
    assert pair.high - pair.low == pytest.approx(2 * 1.96 * 0.8 / 4000**0.5, rel=0.25)
    assert pair.phi == pytest.approx(np.corrcoef(held["a"], held["b"])[0, 1])
    assert pairs["a", "c"].low < 0.0 < pairs["a", "c"].high
    strengths = [abs(p.phi) for p in found.pairs if p.phi is not None]
    assert strengths == sorted(strengths, reverse=True) and found.pairs[-1].phi is None
    assert found == together(held)


def test_a_pair_needs_five_worlds_in_each_cell():
    first = np.arange(40) < 20
    for shared, told in ((LEAST - 1, False), (LEAST, True)):
        second = (np.arange(40) >= 20 - shared) & (np.arange(40) < 30)
        [pair] = together({"a": first, "b": second}).pairs
        cells = (pair.both, pair.only_first, pair.only_second, pair.neither)
        assert cells == (shared, 20 - shared, 10, 10) and (pair.phi is not None) == told


def test_the_number_that_hold_in_one_world_is_counted():
    held = {str(k): np.arange(100) < 10 * k for k in range(11)}
    found = together(held)
    counts = np.sum(list(held.values()), axis=0)
    assert found.mean == pytest.approx(counts.mean())
    assert (found.low, found.high) == (1.0, 10.0)
    few = together({str(k): np.arange(30) < 10 * k for k in range(3)})
    assert (few.low, few.high) == (0.0, 2.0)
    assert together({"a": np.arange(15) < 14}).low == 0.0  # a count, and nothing between counts


def test_what_is_judged_beside_a_claim_is_measured_where_all_definitions_are():
    """As a claim of its own would be, on the same luck; not where only defaults are asked for."""
    also = [
        {"intervention": {"kind": "remove", "firm": "baidu"}},
        {"metric": "kind_share", "params": {"kind": "startup", "share": "composite"}},
    ]
    change = {"predicate": "x < 0", "intervention": {"kind": "remove", "firm": "jd"}}
    here = load("no_review", SMALL)
    main = claim("a", also=also, **change)
    found = survey([here], [main], 6, 1)
    alone = survey([here], [claim("b", **(change | also[0]))], 6, 1)
    first, second = found.also(main, "no_review")
    assert first.held == alone.verdict(alone.claims[0], "no_review").held
    assert second.effect is not None and second.claim.metric == "kind_share"
    assert survey([here], [main], 6, 1, others=False).also(main, "no_review") == []


def test_assumptions_are_left_out_of_the_count():
    asked = [claim("a"), claim("b", status="input"), claim("late", horizon_week=9)]
    found = survey([load("no_review", SMALL)], asked, 6, 1)
    assert found.together("no_review").claims == ("a",)
    only = survey([load("no_review", SMALL)], asked[1:], 6, 1)
    assert only.together("no_review") is None


def test_every_shipped_claim_has_its_default_first_and_measurements_of_their_own_names():
    names = []
    for one in load_claims():
        variants = one.variants_all()
        assert [v.default for v in variants] == [True] + [False] * (len(variants) - 1)
        assert variants[0].measurement == one.measurement
        names += [v.measurement.name for v in variants]
    assert len(set(names)) == len(names)


def test_what_is_read_off_needs_no_other_intervention_and_no_later_week():
    [one] = load_claims(["first_breakout_gets_moat"])
    every, few = one.variants_all(), read_off(one)
    assert few[0] == every[0] and 1 < len(few) < len(every)
    assert {v.measurement.intervention for v in few} == {one.intervention}
    assert max(v.measurement.week for v in few) == one.horizon_week
    free = load_claims(["three_to_five_survive"])[0]
    assert read_off(free) == free.variants_all()
