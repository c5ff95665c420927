"""Stylised facts: the judging, the file, real runs, the command."""

import re
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from llm_market_sim.batch import Case, Order, executor, results_of
from llm_market_sim.cli.app import cli
from llm_market_sim.errors import InputError
from llm_market_sim.experiments import posterior
from llm_market_sim.scenario import load
from llm_market_sim.simulation import simulate
from llm_market_sim.stylised_facts import (
    QUARTERS,
    STATISTICS,
    WEEKS,
    FirstMovers,
    Part,
    Runs,
    StylisedFact,
    asked_of,
    constraints,
    judge,
    judge_stored,
    load_facts,
    numbers_of,
    plan_facts,
    with_head_starts,
)

# ---- judging ----


def fact(**bands):
    """A fact with a part for each statistic: its band, or a pair of bands."""
    parts = {
        name: Part(band=band[0], worlds=band[1], status="judgement", reason="why")
        if isinstance(band, tuple)
        else Part(band=band, status="judgement", reason="why")
        for name, band in bands.items()
    }
    return StylisedFact(title="t", statement="s", source="a", parts=parts)


FALL = "fall_from_peak"
RATE = "exits_old_to_middle"


@pytest.mark.parametrize(
    ("hits", "verdict"), [(100, "holds"), (90, "holds"), (80, "undecided"), (60, "fails")]
)
def test_a_share_of_worlds_is_judged_by_its_wilson_interval(hits, verdict):
    numbers = np.array([0.5] * hits + [0.1] * (100 - hits))[:, None]
    one = {"f": fact(fall_from_peak=([0.3, 1], [0.8, 1]))}
    [[result]] = [judge(one, {FALL: numbers})[0].parts]
    assert (result.value, result.verdict, result.worlds) == (hits / 100, verdict, 100)


def test_an_average_is_judged_by_resampling_worlds():
    numbers = np.random.default_rng(2).normal(1.0, 2.0, size=400)[:, None]
    verdicts = {}
    for low in (0.5, 1.0, 1.5):
        [result] = judge({"f": fact(fall_from_peak=[low, None])}, {FALL: numbers})
        verdicts[low] = result.verdict
    [part] = result.parts
    assert part.value == pytest.approx(numbers.mean())
    half = 1.96 * numbers.std() / 20
    assert (part.high - part.low) / 2 == pytest.approx(half, rel=0.1)
    assert verdicts == {0.5: "holds", 1.0: "undecided", 1.5: "fails"}


def test_firms_of_a_world_are_no_independent_witnesses():
    """A thousand firms in each of ten worlds that share a fate tell as much as ten worlds do."""
    all_or_none = np.array(
        [[800.0, 1000.0, 400.0, 1000.0]] * 5 + [[0.0, 1000.0, 400.0, 1000.0]] * 5
    )
    [result] = judge({"f": fact(exits_old_to_middle=[0, None])}, {RATE: all_or_none})
    [part] = result.parts
    assert part.value == 1.0 and part.low < 0.5 and part.high > 1.5


def test_the_worst_part_decides_and_nothing_is_not_a_pass():
    good, bad = np.full((9, 1), 0.5), np.full((9, 1), np.nan)
    numbers = {FALL: good, "rise_to_peak": bad}
    [result] = judge({"f": fact(fall_from_peak=[0, 1], rise_to_peak=[1, None])}, numbers)
    assert [part.verdict for part in result.parts] == ["holds", "not measured"]
    assert result.verdict == "not measured"
    [result] = judge({"f": fact(fall_from_peak=[0.6, 1], rise_to_peak=[1, None])}, numbers)
    assert result.verdict == "fails"


def test_worlds_without_a_number_are_left_out():
    numbers = np.array([0.5, np.nan, 0.5, 0.1])[:, None]
    one = {"f": fact(fall_from_peak=([0.3, 1], [0.5, 1]))}
    [part] = judge(one, {FALL: numbers})[0].parts
    assert (part.worlds, part.value) == (3, 2 / 3)


# ---- the file ----


def test_the_shipped_file_has_nine_facts_and_uses_every_statistic():
    book = load_facts()
    used = [name for fact in book.facts.values() for name in fact.parts]
    assert len(book.facts) == 9
    assert sorted(used) == sorted(STATISTICS)
    players = load("baseline").players
    for firm in book.head_start.firms:  # a head start must be one in full
        assert players[firm].weeks_to_ready.value >= book.head_start.weeks


SOUND = """\
head_start: {weeks: 8, firms: [tencent]}
facts:
  shakeout:
    title: Shakeout
    statement: It falls.
    source: somebody
    parts:
      fall_from_peak:
        band: [0.3, 1]
        worlds: [0.8, null]
        status: literature
        reason: It does.
"""

PART = "facts.shakeout.parts.fall_from_peak"


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        (
            "fall_from_peak",
            "fall_from_paek",
            "8:7: facts.shakeout.parts.fall_from_paek",
            'no such statistic; did you mean "fall_from_peak"?',
        ),
        ("[0.3, 1]", "[1, 0.3]", f"9:15: {PART}.band", "[1, 0.3] must begin with"),
        ("[0.3, 1]", "[null, null]", f"9:15: {PART}.band", "needs a bound"),
        ("[0.3, 1]", "[0.3]", f"9:15: {PART}.band", "at least 2"),
        ("[0.3, 1]", "[low, 1]", f"9:16: {PART}.band[0]", "must be a number"),
        ("[0.8, null]", "[80, null]", f"10:18: {PART}.worlds[0]", "must be at most 1"),
        (
            "status: literature",
            "status: guess",
            f"11:17: {PART}.status",
            "must be one of literature, judgement",
        ),
        ("weeks: 8", "weeks: 0", "1:21: head_start.weeks", "must be more than 0"),
        ("source:", "sauce:", "6:5: facts.shakeout.sauce", 'did you mean "source"?'),
        (
            "reason: It does.",
            "reason: It does.\n        constrains: {value: 1, deviation: 1, why: So.}",
            f"13:9: {PART}",
            "takes five years, which no fit does",
        ),
    ],
)
def test_a_mistake_in_the_file_is_shown_with_its_place(tmp_path, old, new, where, what):
    file = tmp_path / "facts.yaml"
    file.write_text(SOUND, encoding="utf-8")
    assert load_facts(file).facts["shakeout"].parts["fall_from_peak"].worlds == [0.8, None]
    assert old in SOUND
    file.write_text(SOUND.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_facts(file)
    found = [str(one) for one in caught.value.problems]
    assert [one for one in found if f"facts.yaml:{where}" in one and what in one], found


# ---- real runs ----


@pytest.fixture(scope="module")
def small():
    return load("baseline", ["population.stealth_firms=4", "population.pool_firms=12"])


@pytest.fixture(scope="module")
def real(small):
    longer = small.model_copy(update={"horizon_weeks": WEEKS})
    run = simulate(longer, 6, 1, snapshots=QUARTERS, events=False)
    return with_head_starts(run, FirstMovers(weeks=8, firms=["moonshot", "nobody"]))


def test_a_head_start_changes_one_firm_of_the_same_worlds(small, real):
    moonshot = real.base.firms.slot("moonshot")
    assert list(real.ahead) == ["moonshot"]
    then, ahead = real.base.at(156.0), real.ahead["moonshot"].final
    shown = np.isfinite(then.launched_at)
    earlier = np.where(shown, then.launched_at, 0.0) - np.where(shown, ahead.launched_at, 0.0)
    assert np.all(earlier[:, moonshot] > 4.0)
    assert np.mean(np.abs(np.delete(earlier, moonshot, axis=1)) < 1.0) > 0.8
    assert small.players["moonshot"].weeks_to_ready.value == 18.0


@pytest.mark.slow
def test_blocks_processes_and_parameters_that_differ_by_world(small, real, monkeypatch):
    facts = {"f": fact(rise_to_peak=[1, None], exits_old_to_middle=[0, 1])}
    book = load_facts().model_copy(update={"facts": facts, "head_start": None})
    path, rate = "entry.intensity_per_week", small.entry.intensity_per_week

    def values(worlds_rate, jobs):
        def make(scenario, count):
            return Case(scenario, count, (path,), np.array(worlds_rate)[:, None], np.arange(count))

        plan = replace(plan_facts(small, 6, 1, book, make=make), at_once=4)
        with results_of(plan, None, Order(jobs)) as (results, _):
            [result] = judge_stored(results, book)
        return [(part.value, part.low, part.high) for part in result.parts]

    whole = numbers_of(real, asked_of(facts))
    [expected] = judge(facts, whole)
    monkeypatch.setattr(executor, "WORTH_PROCESSES", 0)
    assert values([rate] * 6, 2) == [(part.value, part.low, part.high) for part in expected.parts]
    (rise, _, _), _ = values([rate] * 5 + [0.0], 1)  # nobody enters the last world
    last = 6 * rise - np.sum(whole["rise_to_peak"][:5])
    assert last < whole["rise_to_peak"][5] - 0.1


def test_what_constrains_the_fit_is_what_the_survey_measures(small, real):
    """In a run that is no longer than it takes, and keeps no other weeks."""
    found = constraints(load_facts().facts)
    assert [one.id for one in found] == ["top_tenth_share", "adopters_78", "price_fall"]
    surveyed = numbers_of(Runs(real.base), [one.id for one in found])
    for one in found:
        measure = one.measurement
        ending = small.model_copy(update={"horizon_weeks": measure.week})
        run = simulate(ending, 6, 1, snapshots=measure.weeks, events=False)
        assert np.array_equal(measure(run), surveyed[one.id][:, 0], equal_nan=True)
    price = found[2]
    assert (price.value, price.log, price.observation) == (10.0, True, 0.0)


def test_facts_are_judged_in_any_run(real):
    book = load_facts()
    results = judge(book.facts, numbers_of(Runs(real.base), asked_of(book.facts)))
    assert [one.id for one in results] == list(book.facts)
    verdicts = {part.statistic.name: part.verdict for one in results for part in one.parts}
    assert verdicts["head_start_helps"] == "not measured"
    assert verdicts["rise_to_peak"] != "not measured"


SETS = ("population.stealth_firms=4", "population.pool_firms=12",
        "regulation.review_required=false")  # fmt: skip


def command(*more):
    options = [word for one in SETS for word in ("--set", one)]
    done = CliRunner().invoke(cli, ["stylised-facts", "-j", "1", "--seed", "1", *options, *more])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.slow
def test_the_command():
    printed = command("-n", "8")
    lines = printed.splitlines()
    for place, one in enumerate(load_facts().facts.values(), 1):
        assert [line for line in lines if line.startswith(f"{place} {one.title}")]
    assert "8 Approvals: could not be measured." in printed
    counts = [int(n) for n in re.findall(r"(\d+) (?:of 9 hold|fail|is |are )", lines[-2])]
    assert sum(counts) == 9
    assert lines[-2].endswith(", 1 is not measured.")
    assert lines[-1].startswith("Seed 1, 8 worlds of 260 weeks")


@pytest.mark.slow
def test_the_command_over_what_2023_leaves_open(monkeypatch):
    """The scenario keeps what it sets itself; every world has its own value of the rest."""
    names = ("entry.intensity_per_week", "hype.memory_weeks")
    draws = posterior.Posterior(names, np.array([[2.0, 20.0], [3.0, 40.0]]), np.array([0.5, 0.5]))
    seen = []

    def watched(scenario, worlds, seed, book, **more):
        plan = plan_facts(scenario, worlds, seed, book, **more)
        seen.append(plan.cases[0].piece(0, 0, worlds).varied)
        return plan

    monkeypatch.setattr(posterior, "load_posterior", lambda: draws)
    monkeypatch.setattr("llm_market_sim.stylised_facts.plan_facts", watched)
    set_here = ("--set", "entry.intensity_per_week=1")
    printed = command("-n", "4", "--uncertainty", "posterior", *set_here)
    [varied] = seen
    assert {path: list(values) for path, values in varied.items()} == {
        "hype.memory_weeks": [20.0, 20.0, 40.0, 20.0]  # at .5, .12, .74 and .35 of the weights
    }
    assert "The scenario itself sets entry.intensity_per_week." in " ".join(printed.split())
