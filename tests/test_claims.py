"""Claims: the grammar of predicates, the files with their mistakes, and the verdicts."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from llm_market_sim.claims import Claim, check_claims, claims, is_claim, judge, load_claims, parse
from llm_market_sim.errors import InputError

X = np.array([-1.0, 0.0, 2.5, 3.0, 4.0, 5.0, 5.5, np.nan])

SOUND = """\
id: mine
text: Two are left.
said_by: somebody
source: a page
metric: n_general_platforms
params: {theta: 0.1}
predicate: x <= 2
horizon_week: 4
status: emergent
reason: Nothing fixes it.
"""


def claim(text=SOUND, **changes):
    given = dict(line.split(": ", 1) for line in text.strip().splitlines())
    values = {"params": {}, "horizon_week": 4} | changes
    return Claim.model_validate({k: v for k, v in given.items() if k not in values} | values)


def written(folder, text, name="mine"):
    file = folder / f"{name}.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def mistakes_in(folder, text, name="mine"):
    return [str(one) for one in check_claims([written(folder, text, name)])[1]]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("3 <= x <= 5", [0, 0, 0, 1, 1, 1, 0, 0]),
        ("3<x<5", [0, 0, 0, 0, 1, 0, 0, 0]),
        ("x >= 3", [0, 0, 0, 1, 1, 1, 1, 0]),
        ("5 > x", [1, 1, 1, 1, 1, 0, 0, 0]),
        ("x == 3", [0, 0, 0, 1, 0, 0, 0, 0]),
        ("x != 3", [1, 1, 1, 0, 1, 1, 1, 0]),
        ("-1e0 < x < .5", [0, 1, 0, 0, 0, 0, 0, 0]),
        ("0 <= x != 4 <= 5", [0, 1, 1, 1, 0, 1, 1, 0]),
    ],
)
def test_a_predicate_is_a_chain_of_comparisons(text, holds):
    assert parse(text).holds(X).astype(int).tolist() == holds


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not a chain"),
        ("x", "not a chain"),
        ("3 <=", "not a chain"),
        ("3 <= x <=", "ends with '<='"),
        ("<= x 3", "not a chain"),
        ("3 x", "not a chain"),
        ("3 <= y <= 5", "from 'y <= 5' on"),
        ("x <= 5 and x > 1", "from 'and x > 1' on"),
        ("__import__('os')", "cannot be read"),
        ("x = 3", "from '= 3' on"),
        ("x2 <= 3", "from 'x2 <= 3' on"),
        ("x <= 1.2.3", "cannot be read"),
        ("3 <= 4", "does not mention x"),
        ("x < 1e999", "too large"),
        ("x == x", "always true"),
        ("5 <= x <= 3", "never true"),
        ("x != x", "never true"),
        ("2 <= 1 <= x", "never true"),
    ],
)
def test_what_is_no_predicate_is_refused_with_the_reason(text, why):
    with pytest.raises(ValueError, match=why.replace("(", r"\(")):
        parse(text)


@pytest.mark.parametrize(
    ("text", "low", "high", "whole", "can_be"),
    [
        ("x >= 0", 0, 10, True, {True}),
        ("x >= 0", -10, 10, True, {True, False}),
        ("2 < x < 3", 0, 10, True, {False}),
        ("2 < x < 3", 0, 10, False, {True, False}),
        ("x > 1", 0, 1, False, {False}),
        ("x >= 1", 0, 1, False, {True, False}),
        ("x != 4", 0, 4, True, {True, False}),
        ("x <= 0.5", 0, 1, False, {True, False}),
        ("0 < x", 0, 0, True, {False}),
        ("x < 1e6", -np.inf, np.inf, False, {True, False}),
        ("1 <= x <= 1e9", 5, 100, True, {True}),
    ],
)
def test_what_a_predicate_can_be_over_a_range(text, low, high, whole, can_be):
    assert parse(text).outcomes(low, high, whole) == can_be


def test_a_difference_has_the_symmetric_range(tmp_path):
    """A count is never negative, but a difference of counts may be."""
    act = "intervention: {kind: remove, firm: jd}\nstatus:"
    text = SOUND.replace("x <= 2", "x < 0").replace("status:", act)
    [one] = load_claims([written(tmp_path, text)])
    assert one.measurement.intervention.firm == "jd" and "jd never enters" in one.definition
    assert mistakes_in(tmp_path, SOUND.replace("x <= 2", "x < 0"))


@pytest.mark.parametrize("predicate", ["x >= 0", "x > 0.1", "0 < x < 1", "x != 0"])
def test_of_a_change_only_its_direction_is_claimed(tmp_path, predicate):
    act = "intervention: {kind: remove, firm: jd}\nstatus:"
    text = SOUND.replace("status:", act).replace("x <= 2", predicate)
    [wrong] = mistakes_in(tmp_path, text)
    assert "7:12: predicate" in wrong and 'write "x > 0" or "x < 0"' in wrong


def test_what_is_a_claim_and_what_a_scenario(tmp_path):
    assert is_claim(written(tmp_path, SOUND)) and is_claim("two_poles")
    assert not is_claim("baseline") and not is_claim(tmp_path / "none.yaml")
    assert not is_claim(written(tmp_path, "extends: baseline\nabout: a\n", "other"))


def test_the_shipped_claim_is_the_articles():
    [one] = [c for c in load_claims() if c.id == "three_to_five_survive"]
    assert claims() == sorted(claims()) and one.id in claims()
    assert one.test.operands == (3.0, None, 5.0)
    assert (one.horizon_week, one.status) == (78, "emergent")
    assert one.params == {"theta": 0.05, "share": "composite", "group_backers": False,
                          "own_model": "any"}  # fmt: skip
    variants = [len(values) for values in one.variants.values()]
    assert np.prod(variants) * len(one.horizon_variants) == 256
    for part in ("3 <= x <= 5", "week 78", "5 %", "wrapper"):
        assert part in one.definition


def test_a_claim_of_ones_own_is_read_from_a_file(tmp_path):
    [one] = load_claims([written(tmp_path, SOUND)])
    assert one.measurement.params.theta == 0.1
    assert (one.measurement.name, one.measurement.week) == ("mine", 4)
    with pytest.raises(InputError, match='no claim "three"; '):
        load_claims(["three"])


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        (
            "metric: n_general_platforms",
            "metric: n_platforms",
            "5:9: metric",
            'no metric "n_platforms"; did you mean "n_general_platforms"?',
        ),
        ("{theta: 0.1}", "{theta: 2}", "6:17: params.theta", "2 must be less than 1"),
        ("{theta: 0.1}", "{tetha: 0.1}", "6:10: params.tetha", 'did you mean "theta"?'),
        ("{theta: 0.1}", "{share: all}", "6:17: params.share", "must be one of composite"),
        ("predicate: x <= 2", "predicate: x <= two", "7:12: predicate", "cannot be read"),
        ("predicate: x <= 2", "predicate: x <= x", "7:12: predicate", "always true"),
        ("horizon_week: 4", "horizon_week: 4.5", "8:15: horizon_week", "whole number"),
        ("horizon_week: 4", "horizon_week: 1000", "8:15: horizon_week", "at most 520"),
        ("status: emergent", "status: emerging", "9:9: status", 'did you mean "emergent"?'),
        ("id: mine", "id: yours", "1:5: id", 'must be the file\'s name: "mine"'),
        ("said_by: somebody", "said: somebody", "3:1: said", 'did you mean "said_by"?'),
        ("reason: Nothing fixes it.", "", "1:1: reason", "is missing"),
        (
            "status:",
            "variants: {theta: [0.1, 5]}\nstatus:",
            "9:25: variants.theta[1]",
            "5 must be less than 1",
        ),
        (
            "status:",
            "variants: {thta: [0.1]}\nstatus:",
            "9:12: variants.thta",
            'did you mean "theta"?',
        ),
        (
            "x <= 2",
            "x >= 0",
            "7:12: predicate",
            "always true: x (n_general_platforms) is whole numbers from 0 to 2000",
        ),
        ("x <= 2", "x < 0", "7:12: predicate", "never true: x (n_general"),
        ("x <= 2", "2 < x < 3", "7:12: predicate", "never true"),
        (
            "status:",
            "intervention: {kind: head_start, firm: tencnt, weeks: 8}\nstatus:",
            "9:40: intervention.firm",
            'no firm "tencnt"; did you mean "tencent"?',
        ),
        (
            "status:",
            "intervention: {kind: head_start, firm: baidu, weeks: 8}\nstatus:",
            "9:40: intervention.firm",
            "is ready on week 0, so a head start would change nothing",
        ),
        (
            "status:",
            "intervention: {kind: headstart, firm: jd, weeks: 8}\nstatus:",
            "9:22: intervention.kind",
            'no intervention "headstart"; did you mean "head_start"?',
        ),
        ("status:", "intervention: {firm: jd}\nstatus:", "9:15: intervention", "needs a kind"),
        (
            "status:",
            "intervention: {kind: head_start, firm: jd, weeks: -1}\nstatus:",
            "9:51: intervention.weeks",
            "-1 must be more than 0",
        ),
        (
            "status:",
            "intervention: {kind: head_start, firm: jd, week: 1}\nstatus:",
            "9:44: intervention.week",
            'did you mean "weeks"?',
        ),
        (
            "status:",
            "intervention: {kind: route, firms: [jd, kunlum], to: wrapper}\nstatus:",
            "9:41: intervention.firms[1]",
            'did you mean "kunlun"?',
        ),
        (
            "status:",
            "intervention: {kind: route, firms: [jd], to: wraper}\nstatus:",
            "9:46: intervention.to",
            'did you mean "wrapper"?',
        ),
        (
            "status:",
            "intervention: {kind: remove, firm: 36O}\nstatus:",
            "9:36: intervention.firm",
            'no firm "36O"; did you mean "360"?',
        ),
        (
            "status:",
            "intervention: {kind: set, about: a, values: {timeline.x: {date: 2025-06-02, "
            "about: b, source: c, set: {entry.intensity_per_week: 1}}}}\nstatus:",
            "9:58: intervention.timeline.x",
            "2025-06-02 is in week 111 and the run ends with",
        ),
        (
            "status:",
            "intervention: {kind: set, about: a, values: {funding.patence: 3}}\nstatus:",
            "9:46: intervention.",
            'did you mean "patience_weeks"?',
        ),
        (
            "status:",
            "intervention: {kind: set, about: a, values: {funding.patience_weeks: -3}}\nstatus:",
            "9:70: intervention.",
            "-3 must be at least 0",
        ),
        (
            "status:",
            "intervention_variants: [{kind: remove, firm: jd}]\nstatus:",
            "9:24: intervention_variants",
            "needs an intervention that these are variants of",
        ),
        (
            "status:",
            "intervention_variants:\n  - {kind: remove, firm: jd}\n"
            "  - {kind: remove, firm: jdd}\nstatus:",
            "11:26: intervention_variants[1].firm",
            'no firm "jdd"; did you mean "jd"?',
        ),
        (
            "metric: n_general_platforms\nparams: {theta: 0.1}",
            "metric: firm_share\nparams: {firm: tencnt}",
            "6:16: params.firm",
            'no firm "tencnt"; did you mean "tencent"?',
        ),
    ],
)
def test_a_mistake_in_a_file_is_shown_with_its_place(tmp_path, old, new, where, what):
    assert old in SOUND
    text = SOUND.replace(old, new)
    found = mistakes_in(tmp_path, text.replace("x <= 2", "x < 0") if "interv" in new else text)
    assert [one for one in found if f"mine.yaml:{where}" in one and what in one], found


def test_all_mistakes_of_all_files_come_at_once(tmp_path):
    wrong = SOUND.replace("{theta: 0.1}", "{theta: 2}").replace("metric: n_g", "metric: n")
    first, second = written(tmp_path, wrong), written(tmp_path, "id: other\n", "other")
    with pytest.raises(InputError) as caught:
        load_claims([first, second, "nope"])
    text = str(caught.value)
    assert "mine.yaml:5" in text and "other.yaml:1" in text and 'no claim "nope"' in text


def test_the_same_claim_twice_is_a_mistake(tmp_path):
    file = written(tmp_path, SOUND)
    with pytest.raises(InputError, match="given twice"):
        load_claims([file, str(file)])


@pytest.mark.parametrize(
    ("hits", "wording"),
    [
        (0, "fails"),
        (30, "fails"),
        (45, "undecided"),
        (55, "undecided"),
        (70, "holds"),
        (100, "holds"),
    ],
)
def test_the_interval_against_one_half_gives_the_verdict(hits, wording):
    verdict = judge(claim(), "here", np.array([1.0] * hits + [3.0] * (100 - hits)))
    assert (verdict.wording, verdict.held.hits, verdict.held.worlds) == (wording, hits, 100)
    assert verdict.counts == ((0, hits) if hits == 100 else (0, hits, 0, 100 - hits))


CHANGE = {"intervention": {"kind": "remove", "firm": "jd"}}


@pytest.mark.parametrize(
    ("metric", "predicate", "up", "down", "wording"),
    [
        ("n_general_platforms", "x > 0", 60, 20, "helps, as said"),
        ("n_general_platforms", "x > 0", 20, 60, "hurts, not as said"),
        ("n_general_platforms", "x < 0", 20, 60, "hurts, as said"),
        ("n_general_platforms", "x < 0", 60, 20, "helps, not as said"),
        ("beta_weeks", "x < 0", 20, 60, "helps, as said"),
        ("beta_weeks", "x < 0", 60, 20, "hurts, not as said"),
        ("n_general_platforms", "x > 0", 10, 0, "helps, as said"),  # ninety ties do not hide it
        ("n_general_platforms", "x > 0", 5, 3, "no visible effect"),
        ("n_general_platforms", "x > 0", 0, 0, "no visible effect"),
    ],
)
def test_a_change_helps_hurts_or_has_no_visible_effect(metric, predicate, up, down, wording):
    x = np.array([2.0] * up + [-1.0] * down + [0.0] * (100 - up - down))
    verdict = judge(claim(metric=metric, predicate=predicate, **CHANGE), "here", x)
    assert verdict.wording == wording and verdict.counts is None
    ties, won = 100 - up - down, up if ">" in predicate else down
    assert verdict.held.share == pytest.approx((won + ties / 2) / 100)
    expected = ttest_1samp(x, 0.0).confidence_interval(0.95) if up else (0.0, 0.0)
    assert (verdict.effect.low, verdict.effect.high) == pytest.approx(tuple(expected))


def test_a_change_of_what_never_comes_is_a_tie_and_has_no_size():
    one = claim(metric="capability_gap", predicate="x > 0", **CHANGE)
    verdict = judge(one, "here", np.array([np.nan, np.nan, np.nan, 1.0]))
    assert (verdict.held.hits, verdict.held.ties, verdict.effect) == (1, 3, None)


def test_a_size_is_told_in_the_unit_of_the_number():
    share = claim(metric="kind_share", params={"kind": "startup"}, predicate="x > 0", **CHANGE)
    verdict = judge(share, "here", np.array([0.01, 0.02, 0.03]))
    assert verdict.size == "+2 points (-0.484 to +4.48)"
    series = claim(metric="series", params={"name": "services"}, predicate="x < 0", **CHANGE)
    assert judge(series, "here", np.full(3, -2.0)).size == "-2 services (-2 to -2)"
    weeks = judge(claim(metric="beta_weeks", predicate="x < 0", **CHANGE), "here", np.full(3, -2.0))
    assert weeks.size == "-2 weeks (-2 to -2)"


def test_only_what_can_fail_is_judged_and_a_short_scenario_not_reached():
    said = {
        status: judge(claim(status=status), "here", np.ones(100)).wording
        for status in ("emergent", "calibrated", "input")
    }
    assert said == {
        "emergent": "holds",
        "calibrated": "fitted, not tested",
        "input": "assumed, not tested",
    }
    late = judge(claim(), "here", None)
    assert (late.wording, late.held, late.counts) == ("not reached", None, None)


BESIDE = """
intervention: {kind: remove, firm: jd}
predicate: x < 0
also:
  - {metric: kind_share, params: {kind: startup}}
  - {intervention: {kind: remove, firm: baidu}, horizon_week: 8, predicate: x > 0}
"""


def test_what_is_judged_beside_a_claim_is_a_claim_that_differs_where_it_says_so(tmp_path):
    text = SOUND.replace("predicate", "#") + BESIDE
    [one] = load_claims([written(tmp_path, text)])
    first, second = one.also_all()
    assert [first.id, second.id] == [f"{one.id}+1", f"{one.id}+2"] and not first.also
    assert (first.metric, first.test.text, first.horizon_week) == ("kind_share", "x < 0", 4)
    assert first.intervention == one.intervention and first.said == one.said
    assert (second.metric, second.test.text, second.horizon_week) == (one.metric, "x > 0", 8)
    assert second.intervention.firm == "baidu"


@pytest.mark.parametrize(
    ("wrong", "message"), [("{kind: strtup}", "also[0].params.kind"), ("{}", "also[0].params.kind")]
)
def test_a_mistake_in_what_is_judged_beside_has_its_place(tmp_path, wrong, message):
    text = SOUND.replace("predicate", "#") + BESIDE.replace("{kind: startup}", wrong)
    found = mistakes_in(tmp_path, text)
    assert len(found) == 1 and message in found[0], found
    odd = text.replace("horizon_week: 8", "weeks: 8")
    assert any("also[1].weeks" in one for one in mistakes_in(tmp_path, odd))
