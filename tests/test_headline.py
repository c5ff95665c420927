"""The main claim in full: what is measured beside it, how its two uncertainties make a verdict."""

import numpy as np
import pytest

from llm_market_sim.batch import Order, results_of
from llm_market_sim.claims import READINGS, load_claims, plan_claims
from llm_market_sim.claims.headline import NULLS, WHO, beside
from llm_market_sim.experiments import headline as rules
from llm_market_sim.experiments.headline import headline, plan_beside
from llm_market_sim.experiments.over_posterior import find
from llm_market_sim.pages.headline import sentences
from llm_market_sim.scenario import load

CLAIMS = load_claims(READINGS)
BASE = load("baseline")


class Told:
    """Results of one scenario, with numbers of one's own."""

    def __init__(self, numbers):
        self.manifest = self
        self.scenarios = {"late": {"extends": "baseline"}, "baseline": {"extends": None}}
        self.there = numbers
        self.scenario, self.status = "baseline", [self]

    def numbers(self, _):
        return {name: np.asarray(x, dtype=float) for name, x in self.there.items()}


def told(first, second, **more):
    return headline(Told({READINGS[0]: first, READINGS[1]: second, **more}), CLAIMS, None)


FOUR, NINE = [4] * 60, [9] * 60


def test_two_readings_agree_or_the_verdict_depends_on_the_reading():
    assert told(FOUR, FOUR).wording == "holds"
    assert told(NINE, NINE).wording == "fails"
    assert told(FOUR, NINE).wording == "depends on the reading"
    assert [one.wording for one in told(FOUR, NINE).readings] == ["holds", "fails"]


def test_the_verdict_follows_what_2023_leaves_open():
    apart = np.array([[4.0] * 10, [9.0] * 10] * 30)
    over = find(CLAIMS[0], BASE, apart)
    one = told(FOUR, FOUR).readings[0]
    assert one.wording == "holds"
    both = rules.Reading(one.claim, one.verdict, one.x, over, one.nulls, one.same)
    assert both.wording == "depends on the assumptions"


def test_a_null_model_that_says_the_same_is_named():
    reach, dirichlet = NULLS[READINGS[0]]
    first, second = told(FOUR, FOUR, **{reach: FOUR, dirichlet: NINE}).readings
    assert first.same == ("reach",) and first.nulls["dirichlet"].hits == 0
    assert second.same == () and second.nulls == {}
    text = " ".join(sentences(told(FOUR, FOUR, **{reach: FOUR, dirichlet: NINE}), "en"))
    assert "reach and origin alone gives the same verdict at the defaults" in text


def test_who_is_left_is_told_by_kind():
    who = {name: [1.0, 3.0] * 30 for name in WHO} | {"platforms_startup": [0.0, 2.0] * 30}
    found = told(FOUR, FOUR, **who).who
    assert found.means["platforms_bigtech"] == 2.0 and found.startup.share == 0.5
    assert told(FOUR, FOUR).who is None


def test_the_parameters_that_carry_it_are_those_beyond_chance():
    rng = np.random.default_rng(3)
    values = rng.random((200, 4))
    x = 3.0 * values[:, 2] - 2.0 * values[:, 0] + 0.1 * rng.random(200)
    assert rules._drivers(["a", "b", "c", "d"], values, x) == ("c", "a")
    assert rules._drivers(["a", "b"], values[:, :2], values[:, 2]) == ()


def test_what_stands_beside_is_measured_in_the_claims_own_week():
    names = {one.name for one in beside(CLAIMS)}
    assert names == {*WHO, *NULLS[READINGS[0]], *NULLS[READINGS[1]]}
    assert {one.week for one in beside(CLAIMS)} == {CLAIMS[0].horizon_week}
    assert beside(load_claims(["two_poles"])) == []


def test_a_run_that_ends_before_has_no_headline():
    short = BASE.model_copy(update={"horizon_weeks": 6})
    assert plan_beside(short, CLAIMS, 100, 1) is None
    with results_of(plan_claims([short], CLAIMS, 4, 1), None, Order()) as (results, _):
        assert headline(results, CLAIMS, None) is None


@pytest.mark.parametrize(("worlds", "rows"), [(2, 20), (64, 250), (256, 1000), (5000, 1000)])
def test_the_sample_is_run_with_some_times_the_worlds(worlds, rows):
    assert plan_beside(BASE, CLAIMS, worlds, 1).worlds == rows


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_batch_tells_all_of_it(language):
    plan = plan_claims([BASE], CLAIMS, 12, 1)
    over = plan_beside(BASE, CLAIMS, 12, 1)
    with results_of(plan, None, Order()) as (results, _), results_of(over, None, Order()) as (o, _):
        found = headline(results, CLAIMS, o)
    said = list(sentences(found, language))
    assert len(said) == 5 and found.draws == 4 and found.who is not None
    assert all(one.over is not None and len(one.nulls) == 2 for one in found.readings)
    share = found.readings[0].verdict.held.share
    assert f"{100 * share:.0f}" in said[1] and "{" not in "".join(said)
