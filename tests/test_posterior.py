"""The posterior sample: what it is, how scenarios meet it, and what a batch over it says."""

import os
import re

import numpy as np
import pytest
from drawn import faults
from ran import measured_over
from samples import claim

from llm_market_sim.claims import Measurement, parse
from llm_market_sim.cli.write_posterior import where_true
from llm_market_sim.errors import InputError
from llm_market_sim.experiments import over_posterior
from llm_market_sim.experiments.over_posterior import find
from llm_market_sim.experiments.posterior import WORLDS_A_DRAW, Posterior, load_posterior, plan_over
from llm_market_sim.figures import Origin, UncertainRow, uncertainty
from llm_market_sim.metrics import SeriesAt
from llm_market_sim.results import open_results
from llm_market_sim.scenario import load
from llm_market_sim.summary.statistics import Bands, two_bands
from llm_market_sim.support.files import read_csv

SMALL = ["population.stealth_firms=6", "population.pool_firms=10"]
SHIPPED = load("baseline")
DELAY, ENTRY = "regulation.review_delay_weeks", "entry.intensity_per_week"


def posterior(*rows, names=(DELAY, ENTRY), weights=None):
    values = np.array(rows, dtype=float)
    weights = np.full(len(rows), 1 / len(rows)) if weights is None else np.array(weights)
    return Posterior(names, values, weights)


SPREAD = posterior((1.0, 0.5), (10.0, 1.0), (100.0, 3.0))


def run_over(scenario, posterior, draws, seed, measures):
    """Numbers (draws, worlds of each) by name."""
    plan = plan_over([scenario], posterior, draws * WORLDS_A_DRAW, seed, measures=measures)
    return {n: x.reshape(-1, WORLDS_A_DRAW) for n, x in measured_over(plan).items()}


def asked(series, week):
    return Measurement(series, "series", SeriesAt(name=series), week)


class TestSet:
    def test_a_draw_comes_as_often_as_its_weight_asks(self):
        sample = posterior((1, 1), (2, 2), (3, 3), weights=(0.7, 0.2, 0.1))
        drawn = sample.draw(1000)
        for count in (10, 37, 100, 1000):
            assert np.array_equal(sample.draw(count), drawn[:count])
            found = np.array([np.sum(drawn[:count, 0] == value) for value in (1, 2, 3)])
            assert np.max(np.abs(found - count * sample.weights)) <= 2.0

    def test_what_is_written_is_read(self, tmp_path):
        SPREAD.write(tmp_path / "a.csv", ["what it is"])
        again = load_posterior(tmp_path / "a.csv")
        assert again.names == SPREAD.names and np.array_equal(again.values, SPREAD.values)
        assert again.weights == pytest.approx(SPREAD.weights)

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            (None, "No such file"),
            ("", "is not a file of weighted draws"),
            ("# a note only\n", "is not a file of weighted draws"),
            ("wait,compute.rental_end\n1,50000\n", "no column weight"),
            ("weight,compute.rental_end\n", "not a file of weighted draws"),
            ("weight,compute.rental_end\n1,much\n", "'much'"),
            ("weight,compute.rental_end\n1,5,6\n", "not a file of weighted draws"),
            ("weight,compute.rentl_end\n1,50000\n", 'did you mean "compute.rental_end"'),
            ("weight,compute.rental_end\n1,50000\n1,-3\n", "-3 is not allowed"),
            ("weight,compute.rental_end\n1,nan\n", "nan is not allowed"),
        ],
    )
    def test_a_bad_file_gives_one_clear_error(self, tmp_path, text, why):
        file = tmp_path / "bad.csv"
        if text is not None:
            file.write_text(text)
        with pytest.raises(InputError) as error:
            load_posterior(file)
        [problem] = error.value.problems
        assert "bad.csv" in str(problem) and why in str(problem)


class TestRunOver:
    def test_a_scenario_keeps_what_it_sets(self):
        """The wait for a licence is its own in strict review, and varies in the baseline."""
        without = Posterior((ENTRY,), SPREAD.values[:, 1:], SPREAD.weights)
        numbers = {
            name: [
                run_over(load(name, SMALL), one, 3, 1, [asked("licensed", 40)])["licensed"]
                for one in (SPREAD, without)
            ]
            for name in ("strict_review", "baseline")
        }
        assert np.array_equal(*numbers["strict_review"])
        assert not np.array_equal(*numbers["baseline"])
        assert np.mean(numbers["baseline"][0][0]) > np.mean(numbers["baseline"][0][2])

    def test_scenarios_meet_the_same_draws_and_the_same_luck(self):
        """Until its rule of October 2023 a chip squeeze is the baseline, world by world."""
        ask = [asked("users_consumer", week) for week in (26, 52)]
        ask[1] = Measurement("later", ask[1].metric, ask[1].params, 52)
        ours, theirs = (
            run_over(one, SPREAD, 3, 1, ask)
            for one in (load("baseline", SMALL), load("chip_squeeze", SMALL))
        )
        assert np.array_equal(ours["users_consumer"], theirs["users_consumer"])
        assert not np.array_equal(ours["later"], theirs["later"])

    def test_each_draw_has_worlds_of_its_own(self):
        same = posterior((10.0, 1.0), (10.0, 1.0))
        numbers = run_over(load("baseline", SMALL), same, 2, 1, [asked("hype", 9)])["hype"]
        assert numbers.shape == (2, WORLDS_A_DRAW)
        assert len(np.unique(numbers)) == numbers.size


def early(**facts):
    entered = {"metric": "series", "params": {"name": "entered"}, "predicate": "x >= 1"}
    return claim("early", **{**entered, "horizon_week": 4, **facts})


class TestFind:
    @pytest.mark.parametrize(
        ("by_draw", "wording"),
        [
            ([10] * 20 + [8] * 20, "holds"),
            ([0] * 20 + [2] * 20, "fails"),
            ([10] * 10 + [0] * 30, "depends on the assumptions"),
            ([4] * 21 + [7] * 19, "undecided"),  # luck alone spreads the draws by more than that
        ],
    )
    def test_the_verdict_is_over_assumptions(self, by_draw, wording):
        x = (np.arange(10) < np.array(by_draw)[:, None]).astype(float)
        found = find(early(), SHIPPED, x)
        assert found.wording == wording
        assert found.share.mean == pytest.approx(np.mean(x))
        assert found.most == np.mean(np.array(by_draw) > 5)

    def test_what_cannot_be_judged_is_not(self):
        x = np.ones((4, 10))
        assert find(early(status="input"), SHIPPED, x).wording == "assumed, not tested"
        assert find(early(status="calibrated"), SHIPPED, x).wording == "fitted, not tested"
        none = find(early(), SHIPPED, None)
        assert (none.wording, none.estimate) == ("not reached", "")
        assert none.number is none.share is None
        x[0, 0] = np.nan
        assert find(early(), SHIPPED, x).number is None
        assert find(early(), SHIPPED, x).share.mean == pytest.approx(39 / 40)

    @pytest.mark.parametrize(
        ("predicate", "parts"),
        [
            ("3 <= x <= 5", [(3, 5)]),
            ("x < 1", [(-np.inf, 1)]),
            ("0.5 <= x", [(0.5, np.inf)]),
            ("x != 3", [(-np.inf, 3), (3, np.inf)]),
            ("x == 3", [(3, 3)]),
        ],
    )
    def test_the_shaded_part_is_where_the_claim_is_true(self, predicate, parts):
        assert where_true(parse(predicate)) == parts


@pytest.fixture
def batch(told, monkeypatch, tmp_path):
    """batch("baseline", ...) -> exit code, stdout, stderr of a small one over a small set."""
    monkeypatch.setattr(over_posterior, "load_posterior", lambda: SPREAD)
    file = tmp_path / "early.yaml"
    file.write_text(early(predicate="x >= 33").model_dump_json())

    def call(*more):
        sets = [part for one in SMALL for part in ("--set", one)]
        asked = ("--claim", file, "--uncertainty", "posterior", "--seed", "5")
        return told("batch", *more, *asked, *sets)

    return call


class TestBatch:
    def test_the_folder_holds_worlds_draws_and_verdicts(self, batch, tmp_path):
        out = tmp_path / "out"
        code, printed, err = batch("baseline", "strict_review", "-n", 45, "--out", out)
        assert code == 0 and "2 of 2: strict_review, 40 worlds" in err
        names = {"verdicts.csv", "uncertainty.png", "uncertainty.svg"}
        assert names < set(os.listdir(out))
        results = open_results(out)
        assert (results.manifest.worlds, results.manifest.seed) == (40, 5)
        paths = "SELECT draw, path, value FROM draws WHERE scenario = '{}' ORDER BY ALL"
        drawn = results.sql(paths.format("baseline")).fetchall()
        assert drawn == sorted(
            (k, name, value)
            for k, row in enumerate(SPREAD.draw(4).tolist())
            for name, value in zip(SPREAD.names, row, strict=True)
        )
        alone = results.sql(paths.format("strict_review")).fetchall()
        assert alone == [row for row in drawn if row[1] != DELAY]
        keys = "SELECT DISTINCT replication, draw FROM {} WHERE scenario = 'baseline' ORDER BY ALL"
        for name in ("worlds", "series", "firms", "claims"):
            kept = results.sql(keys.format(name)).fetchall()
            assert kept == [(k, k // 10) for k in range(40)]
        for verdict in read_csv(out / "verdicts.csv"):
            x = results.numbers(verdict["scenario"])["early"].reshape(4, 10)
            bands = two_bands(x)
            names = ("mean", "luck_low", "luck_high", "assumptions_low", "assumptions_high")
            assert [float(verdict[name]) for name in names] == pytest.approx(
                [bands.mean, *bands.worlds, *bands.parameters]
            )
            assert float(verdict["share"]) == pytest.approx(np.mean(x >= 33))
            assert 0.0 < np.mean(x >= 33) < 1.0
        for part in (
            "Over the posterior sample of 2023, not at the defaults: 4 draws",
            "spread by luck",
            "spread by assumptions",
            "Seed 5, 40 worlds",
            f"strict_review itself, and so the same in all draws: {DELAY}.",
        ):
            assert part in re.sub(r"\s+", " ", printed)

    def test_too_few_worlds_are_refused(self, batch, tmp_path):
        code, printed, err = batch("baseline", "-n", 19, "--out", tmp_path / "out")
        assert (code, printed) == (2, "")
        assert "--worlds: 19 are too few: at least 20" in err
        assert not (tmp_path / "out").exists()

    def test_a_scenario_given_twice_is_refused(self, batch):
        code, _, err = batch("baseline", "baseline", "-n", 20)
        assert code == 2 and '"baseline" is given 2 times' in err

    def test_a_claim_beyond_the_end_is_not_reached(self, batch):
        code, printed, err = batch("baseline", "-n", 20, "--set", "horizon_weeks=3")
        assert code == 0 and re.search(r"baseline .*not reached", printed)
        assert "1 of 1: baseline, 20 worlds" in err


def row(k):
    verdicts = ("holds", "fails", "depends on the assumptions", "undecided", "assumed, not tested")
    number = Bands(4.0 + 0.1 * k, (1.0, 9.0 + k), (3.0, 5.0 + 0.2 * k))
    return UncertainRow(
        label={"en": f"A scenario with a long name {k}", "zh": f"名字很长的情景之{k}"},
        number=None if k == 3 else number,
        share=Bands(0.6, (0.0, 1.0), (0.25, 0.75)),
        estimate="> 99.25 %",
        interval="0 to 100 %",
        verdict=verdicts[k % 5],
    )


def figure_of(count, language="en"):
    origin = Origin(400, 1, over="posterior", definition="a definition that is long " * 9)
    return uncertainty(
        [row(k) for k in range(count)],
        [(3.0, np.inf)],
        "number of general platforms",
        "Three to five are left.",
        "3 <= x",
        78,
        origin,
        language,
    )


class TestFigure:
    @pytest.mark.parametrize("language", ["en", "zh"])
    @pytest.mark.parametrize("count", [1, 2, 8, 9, 25])
    def test_no_text_is_cut_and_no_two_texts_overlap(self, count, language):
        assert faults(figure_of(count, language)) == []

    def test_the_wide_bar_is_luck_and_the_thin_line_is_assumptions(self):
        left, right = figure_of(2).axes[1:]
        bars = [p for p in left.patches if 0.6 < p.get_height() < 0.65]
        assert [(p.get_x(), p.get_x() + p.get_width()) for p in bars] == [(1.0, 9.0), (1.0, 10.0)]
        lines = {
            tuple(line.get_xdata()) for axes in (left, right) for line in axes.lines
            if line.get_marker() == "|"
        }  # fmt: skip
        assert lines == {(3.0, 5.0), (3.0, 5.2), (0.25, 0.75)}
