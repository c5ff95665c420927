"""Pairs of worlds: known answers, what pairing is worth, and two scenarios compared."""

import json
import math
import os
import re

import numpy as np
import pytest
from samples import claim
from scipy.stats import binomtest, ttest_rel

from llm_market_sim.batch import run_batch
from llm_market_sim.claims import load_claims
from llm_market_sim.cli.app import main
from llm_market_sim.cli.commands.compare import _print
from llm_market_sim.cli.doing import changed
from llm_market_sim.cli.write_comparison import _SUMMARY, _summary
from llm_market_sim.errors import InputError
from llm_market_sim.experiments.comparison import OUTCOMES, compare, same_horizon
from llm_market_sim.market.observation import SERIES
from llm_market_sim.scenario import difference, load
from llm_market_sim.summary.statistics import holm, paired, paired_shares, proportion
from llm_market_sim.support.files import read_csv

LICENSED = claim(
    "licensed",
    text="Some are licensed.",
    metric="contestants",
    params={"stage": "licensed"},
    predicate="x >= 10",
    horizon_week=30,
)
SMALL = ["population.stealth_firms=4", "population.pool_firms=6"]


def answers(both, up, down, neither):
    """Two columns of answers with this fourfold table."""
    before = [True] * both + [False] * up + [True] * down + [False] * neither
    after = [True] * both + [True] * up + [False] * down + [False] * neither
    return np.array(before), np.array(after)


class TestShares:
    @pytest.mark.parametrize(
        ("table", "difference", "low", "high"),
        [
            # the first as the R package contingencytables gives it (Cavo et al. 2012); the others
            # by hand, on tables with no, with strong, and with negative correlation
            ((59, 6, 16, 80), -0.0621, -0.1186, -0.0046),
            ((1, 1, 7, 12), -0.2857, -0.5069, -0.0256),
            ((14, 5, 0, 22), 0.1220, 0.0115, 0.2265),
            ((36, 12, 2, 0), 0.2000, 0.0569, 0.3404),
        ],
    )
    def test_the_interval_is_newcombes(self, table, difference, low, high):
        found = paired_shares(*answers(*table))
        assert found.difference == pytest.approx(difference, abs=5e-5)
        assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
        other = paired_shares(*reversed(answers(*table)))
        assert (other.low, other.high) == pytest.approx((-found.high, -found.low))

    def test_counts_and_mcnemars_test(self):
        found = paired_shares(*answers(100, 24, 20, 156))
        assert (found.both, found.became_true, found.became_false, found.neither) == (
            100,
            24,
            20,
            156,
        )
        assert found.p_value == binomtest(24, 44).pvalue
        assert (found.before, found.after) == (proportion(120, 300), proportion(124, 300))
        assert found.difference == pytest.approx(4 / 300)
        assert found.low < found.difference < found.high
        # by hand: (1 + 5) outcomes of 32 on either side
        assert paired_shares(*answers(3, 1, 4, 2)).p_value == pytest.approx(2 * 6 / 32)

    def test_without_a_correlation_the_interval_is_that_of_two_samples(self):
        found = paired_shares(*answers(25, 25, 25, 25))
        one = proportion(50, 100)
        half = math.hypot(one.share - one.low, one.high - one.share)
        assert (found.low, found.high) == pytest.approx((-half, half))

    @pytest.mark.parametrize("table", [(40, 0, 0, 60), (100, 0, 0, 0), (0, 0, 0, 100)])
    def test_no_discordant_pair(self, table):
        found = paired_shares(*answers(*table))
        assert found.difference == 0.0 and found.p_value == 1.0
        assert -0.05 < found.low < 0.0 < found.high < 0.05

    def test_everything_turned(self):
        found = paired_shares(*answers(0, 100, 0, 0))
        assert found.difference == 1.0 and 0.9 < found.low < found.high == 1.0

    def test_the_interval_covers_what_it_should(self):
        """95 % of intervals of 60 pairs hold the true difference, here 0.10."""
        rng = np.random.default_rng(1)
        tables = rng.multinomial(60, [0.40, 0.20, 0.10, 0.30], size=1000)
        found = [paired_shares(*answers(*one)) for one in tables]
        assert 0.93 < np.mean([one.low <= 0.10 <= one.high for one in found]) < 0.98

    @pytest.mark.parametrize("shape", [(0,), (2, 2)])
    def test_it_needs_worlds(self, shape):
        with pytest.raises(ValueError, match="not pairs of worlds"):
            paired_shares(np.zeros(shape, bool), np.zeros(shape, bool))


class TestDifferences:
    def test_a_worked_example_agrees_with_the_library(self):
        before = np.array([30.0, 0, 2, 5, 16, 20])
        after = before + np.array([4.0, -1, 0, 3, 2, 7])
        found, library = paired(before, after), ttest_rel(after, before)
        interval = library.confidence_interval(0.95)
        assert (found.mean, found.before, found.after) == pytest.approx((2.5, 73 / 6, 88 / 6))
        assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
        assert found.p_value == pytest.approx(library.pvalue)
        assert (found.rose, found.fell, found.same, found.worlds) == (4, 1, 1, 6)
        assert found.correlation == pytest.approx(np.corrcoef(before, after)[0, 1])

    @pytest.mark.parametrize("correlation", [0.9, 0.0, -0.5])
    def test_the_gain_of_pairing_is_what_was_planted(self, correlation):
        """The variance of a difference of two unit normals is 2, or 2 (1 - r) in pairs."""
        rng = np.random.default_rng(1)
        luck, own = rng.standard_normal((2, 40_000))
        after = correlation * luck + math.sqrt(1 - correlation**2) * own
        found = paired(luck, after)
        assert found.gain == pytest.approx(1 / (1 - correlation), rel=0.03)
        assert found.correlation == pytest.approx(correlation, abs=0.02)

    def test_where_no_world_differs_nothing_is_left_to_say(self):
        found = paired(np.arange(5.0), np.arange(5.0))
        assert (found.mean, found.low, found.high, found.p_value) == (0.0, 0.0, 0.0, 1.0)
        assert (found.same, found.gain) == (5, None)

    def test_a_constant_has_no_correlation(self):
        found = paired(np.ones(4), np.array([1.0, 2.0, 3.0, 4.0]))
        assert found.correlation is None and found.gain == pytest.approx(1.0)
        assert paired(np.zeros(4), np.ones(4)).p_value == 0.0

    def test_it_needs_two_worlds_with_numbers(self):
        for a, b in (([1.0], [2.0]), ([1.0, 2.0], [1.0]), ([1.0, np.nan], [1.0, 2.0])):
            with pytest.raises(ValueError):
                paired(np.array(a), np.array(b))


def test_holms_p_values():
    # by hand: 4 x .01, 3 x .015 raised to 4 x .01 or more, 2 x .3, 1 x .5 raised to .6
    assert holm([0.5, 0.01, 0.3, 0.015]) == pytest.approx([0.6, 0.04, 0.6, 0.045])
    assert holm([0.9, 0.8]) == [1.0, 1.0] and holm([]) == []


@pytest.fixture(scope="module")
def found(short):
    before = short("horizon_weeks=40")
    one, other = (
        before.model_copy(update={"name": "one"}),
        short("horizon_weeks=40", "regulation.review_delay_weeks=52").model_copy(
            update={"name": "other"}
        ),
    )
    [claim] = load_claims(["three_to_five_survive"])
    early = claim.model_copy(update={"id": "early", "horizon_week": 30})
    measures = [one.measurement for one in (early, claim, LICENSED)]
    result = run_batch([one, other], 24, 1, measures=measures, keep_series=SERIES)
    return result, compare(*result.scenarios, [early, claim])


class TestScenarios:
    def test_every_outcome_is_that_of_its_worlds(self, found):
        result, comparison = found
        assert [one.name for one in comparison.outcomes] == list(OUTCOMES)
        for one in comparison.outcomes:
            difference = result["other"].outcomes[one.name] - result["one"].outcomes[one.name]
            assert one.pairs.mean == pytest.approx(difference.mean())
            assert one.pairs.rose == np.sum(difference > 0)
        [licensed] = [one for one in comparison.outcomes if one.name == "licensed"]
        assert licensed.pairs.fell > licensed.pairs.rose and licensed.adjusted < 0.05
        assert (comparison.week, comparison.worlds) == (40, 24)

    def test_a_review_cannot_touch_what_comes_from_abroad(self, found):
        _, comparison = found
        assert "frontier" in comparison.untouched
        assert "licensed" not in comparison.untouched and not comparison.same

    def test_a_claim_past_the_horizon_is_left_out(self, found):
        result, comparison = found
        assert [one.claim.id for one in comparison.answers] == ["early"]
        assert [one.id for one in comparison.unreached] == ["three_to_five_survive"]
        [answer] = comparison.answers
        holds = [answer.claim.test.holds(result[n].measures["early"]) for n in ("one", "other")]
        assert answer.pairs == paired_shares(*holds)

    def test_holm_counts_all_that_differ_and_nothing_else(self, found):
        _, comparison = found
        differ = [one for one in (*comparison.outcomes, *comparison.answers) if one.differs]
        assert comparison.made == len(differ)
        assert [one.adjusted for one in differ] == holm([one.pairs.p_value for one in differ])

    def test_what_is_no_test_is_shown_and_never_judged(self, found, capsys):
        """The same worlds, as if the claim were one that the model assumes, or was fitted to."""
        result, _ = found
        printed = {}
        for status in ("emergent", "calibrated", "input"):
            claim = LICENSED.model_copy(update={"status": status})
            other = compare(*result.scenarios, [claim])
            _print(other)
            printed[status] = capsys.readouterr().out
            [answer] = other.answers
            assert answer.differs and answer.tested == (status == "emergent")
            made = [*(o for o in other.outcomes if o.differs), *[answer][: answer.tested]]
            assert other.made == len(made)
            assert [o.adjusted for o in made] == holm([o.pairs.p_value for o in made])
            [row] = [row for row in _summary(other, 1) if row[0] == "claim_licensed"]
            p = row[_SUMMARY.index("test") : _SUMMARY.index("correlation")]
            assert (p == ["", "", ""]) == (status != "emergent") and row[-1] == status
        assert re.search(r"worlds it became true", printed["emergent"])
        for status in ("calibrated", "input"):
            assert "it became" not in printed[status]
            assert re.search(r"licensed\* .*/\d+ *$", printed[status], re.M), "no p-values"
            assert "so it is not a test" in printed[status]

    def test_a_scenario_and_itself_are_the_same(self, found):
        result, _ = found
        one = result["one"]
        same = compare(one, one)
        assert same.same and same.made == 0
        assert not any(outcome.ever for outcome in same.outcomes)

    def test_the_shorter_horizon_counts(self, short):
        long, brief = short("horizon_weeks=50"), short("horizon_weeks=20")
        brief = brief.model_copy(update={"name": "brief"})
        assert [one.horizon_weeks for one in same_horizon(long, brief)] == [20, 20]
        with pytest.raises(InputError, match="given twice"):
            same_horizon(long, long)


class TestCommand:
    ASK = ("baseline", "no_review", "-n", "12", "--seed", "5", "--set", "horizon_weeks=40",
           *(part for one in SMALL for part in ("--set", one)))  # fmt: skip

    def test_what_is_printed_and_kept(self, capsys, tmp_path, monkeypatch):
        monkeypatch.delenv("COLUMNS", raising=False)
        out = tmp_path / "out"
        assert main(["compare", *self.ASK, "--out", str(out)]) == 0
        text = " ".join(capsys.readouterr().out.split())
        assert re.search(r"In \d+ of 12 worlds .* is (higher|lower) in no_review than", text)
        for part in ("12 worlds", "Seed 5", "after Holm", "Identical in all 12 worlds",
                     "Not reached by week 40: "):  # fmt: skip
            assert part in text
        names = {"worlds", "series", "claims", "differences.csv", "summary.csv",
                 "differences.png", "differences.svg"}  # fmt: skip
        assert names < set(os.listdir(out))
        manifest = json.loads((out / "manifest.json").read_text("utf-8"))
        assert manifest["seed"] == 5 and set(manifest["scenarios"]) == {"baseline", "no_review"}
        [summary] = [row for row in read_csv(out / "summary.csv") if row["what"] == "licensed"]
        worlds = [row for row in read_csv(out / "differences.csv") if row["what"] == "licensed"]
        assert [row["replication"] for row in worlds] == [str(k) for k in range(12)]
        mean = sum(float(row["difference"]) for row in worlds) / 12
        assert float(summary["difference"]) == pytest.approx(mean)

    @pytest.mark.parametrize(
        ("more", "what"),
        [
            (("baseline", "baseline"), "is given twice"),
            (("baseline", "no_reveiw"), 'did you mean "no_review"?'),
            (("baseline", "no_review", "-n", "1"), "1 must be 2 to"),
            (("baseline", "no_review", "--claim", "nope"), 'no claim "nope"'),
        ],
    )
    def test_a_mistake_is_told(self, capsys, more, what):
        assert main(["compare", *more]) == 2
        assert what in capsys.readouterr().err


class TestOneChange:
    @pytest.mark.parametrize(
        ("text", "path", "value"),
        [
            ("remove baidu", "players.baidu.enters", False),
            ("head_start tencent 8", "players.tencent.weeks_to_ready.value", None),
            ("route zhipu,minimax fine_tune", "players.minimax.route.value", "fine_tune"),
            ("set funding.patience_weeks=104", "funding.patience_weeks", 104.0),
        ],
    )
    def test_it_changes_what_it_says_and_nothing_else(self, text, path, value):
        before, after = (
            load("baseline", ["hype.spread=0.2"]),
            changed("baseline", ["hype.spread=0.2"], text),
        )
        found = {where: new for where, _, new in difference(after, before)}
        assert all(text.split()[0] == "route" or where.startswith(path.rsplit(".", 1)[0])
                   for where in found)  # fmt: skip
        new = after.model_dump()
        for key in path.split("."):
            new = new[key]
        old = before.players["tencent"].weeks_to_ready.value
        assert new == (max(0.0, old - 8.0) if value is None else value)
        assert after.name.startswith("baseline, ") and after.extends == "baseline"

    def test_it_may_set_again_what_both_are_set_to(self):
        after = changed("baseline", ["hype.spread=0.2"], "set hype.spread=0.3")
        assert after.hype.spread == 0.3

    def test_a_mistake_says_what_can_be_written(self):
        mistakes = {
            "remove bidu": 'did you mean "baidu"',
            "remove": "write it as: remove FIRM",
            "head_start tencent soon": "write it as: head_start FIRM WEEKS",
            "head_start tencent 9999": "9999 must be at most 104 (weeks)",
            "head_start tencent 0": "0 must be more than 0 (weeks)",
            "head_start tencent nan": "must be a finite number",
            "head_start baidu 8": "is ready on week 0",
            "route zhipu fintune": 'did you mean "fine_tune"',
            "rout zhipu fine_tune": 'did you mean "route"',
            "set funding.patiance_weeks=3": 'did you mean "patience_weeks"',
            "set funding.patience_weeks": "must be a name and a value",
            "set players.jdd.cash_musd=3": 'no such entry of players; did you mean "jd"?',
            "set timeline.filing_opens.date=2025-01-06": "is in week 90 and the run ends with",
        }
        faults = []
        for text, why in mistakes.items():
            with pytest.raises(InputError) as error:
                changed("baseline", [], text)
            if why not in str(error.value):
                faults.append(str(error.value))
        assert faults == []

    def test_a_change_or_a_scenario_but_not_both(self, capsys):
        assert main(["compare", "baseline"]) == 2
        assert main(["compare", "baseline", "no_review", "--do", "remove baidu"]) == 2
        assert "name a second scenario, or one change with --do" in capsys.readouterr().err
