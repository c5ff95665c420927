"""A bank of histories gives back what a known one was made of, and the test of the fit can fail."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from llm_market_sim.claims import Measurement
from llm_market_sim.experiments import Range, Space
from llm_market_sim.experiments.calibration import (
    Bank,
    Calibration,
    effective,
    learned,
    quantiles,
    sample,
    side_by_side,
    simulate_bank,
)
from llm_market_sim.experiments.fit_test import added, rank, second
from llm_market_sim.experiments.posterior import load_posterior
from llm_market_sim.figures import Origin, RankPanel, alt_text, ranks
from llm_market_sim.metrics import SeriesAt
from llm_market_sim.scenario import load
from llm_market_sim.support.files import read_csv

SPACE = Space((Range("a", 0.0, 10.0), Range("b", 1.0, 1000.0), Range("c", 0.0, 1.0)))


@dataclass(frozen=True)
class Number:
    id: str
    value: float
    observation: float = 0.0
    discrepancy: float = 0.0
    log: bool = False
    measurement: Measurement | None = None


def toy(points=20_000, luck=0.3, values=(5.0, 100.0)):
    """Two numbers, a with luck and the square root of b; nothing depends on c."""
    unit = SPACE.latin(points, 3)
    a, b, _ = SPACE.at(unit).T
    noise = luck * np.random.default_rng(5).normal(size=points)
    targets = (Number("a", values[0], 0.3, 0.4), Number("b", np.sqrt(values[1]), 0.2, log=True))
    return Bank(SPACE, targets, unit, np.stack([a + noise, np.sqrt(b)], axis=1))


def test_weights_are_those_of_bayes_with_luck_and_both_errors():
    """Normal errors and an even prior: the posterior of a is normal, with all variances added."""
    bank = toy()
    weights = bank.weigh().weights
    a = SPACE.at(bank.unit)[:, 0]
    mean = weights @ a
    assert mean == pytest.approx(5.0, abs=0.06)
    expected = np.sqrt(0.3**2 + 0.4**2 + 0.3**2)
    assert np.sqrt(weights @ (a - mean) ** 2) == pytest.approx(expected, rel=0.06)
    log_b = np.log(SPACE.at(bank.unit)[:, 1])  # an error of the root is half of that of b
    low, middle, high = quantiles(log_b, weights, (0.16, 0.5, 0.84))
    assert middle == pytest.approx(np.log(100.0), abs=0.06)
    assert (high - low) / 2.0 == pytest.approx(0.4, rel=0.1)


def test_what_leaves_no_trace_stays_assumed():
    bank = toy()
    a, b, c = learned(SPACE, bank.unit, bank.weigh().weights)
    assert a.informed and b.informed and not c.informed
    assert (c.low, c.high) == pytest.approx((0.05, 0.95), abs=0.05)


def test_a_sample_is_spread_over_the_weights():
    bank = toy()
    weights = bank.weigh().weights
    kept = sample(bank, weights, 200)
    assert kept.names == SPACE.names and np.sum(kept.weights) == pytest.approx(1.0)
    assert kept.weights @ kept.values[:, 0] == pytest.approx(
        weights @ SPACE.at(bank.unit)[:, 0], abs=0.1
    )
    one = np.zeros(len(weights))
    one[7] = 1.0
    assert np.array_equal(sample(bank, one, 50).values, SPACE.at(bank.unit)[7:8])
    assert effective(one) == 1.0 and effective(np.full(8, 0.125)) == 8.0


def test_a_member_that_is_held_back_has_no_weight_and_a_target_left_out_says_nothing():
    bank = toy(2000)
    held = np.array([3, 4])
    assert np.all(bank.weigh(held=held).weights[held] == 0.0)
    without = bank.weigh(without=0).weights
    a, b, _ = learned(SPACE, bank.unit, without)
    assert not a.informed and b.informed


def test_a_history_without_a_number_is_far_from_what_is_seen():
    bank = toy(2000)
    lost = bank.numbers[:, 1].copy()
    lost[:1000] = np.nan
    bank = replace(bank, numbers=side_by_side([bank.numbers[:, 0], lost]))
    weights = bank.weigh().weights
    assert np.max(weights[:1000]) < 1e-12 and np.sum(weights) == pytest.approx(1.0)


def test_truths_are_found_as_often_as_they_should():
    tested = rank(toy(), 300, seed=2)
    for k in range(3):
        assert tested.uniform(k) > 0.01
    assert tested.covered(0.8) == pytest.approx(0.8, abs=0.07)
    assert np.sum(tested.histogram(0)) == 300


@pytest.mark.parametrize(("size", "covered"), [(0.5, (0.4, 0.7)), (2.0, (0.9, 1.0))])
def test_a_method_that_mistakes_its_errors_is_found_out(size, covered):
    """Posteriors that are too narrow, or too wide, for the errors that histories are seen with."""

    class Wrong(Bank):
        def weigh(self, seen=None, without=None, held=None):
            wrong = [
                replace(one, observation=size * one.observation, discrepancy=size * one.discrepancy)
                for one in self.targets
            ]
            return Bank(self.space, tuple(wrong), self.unit, self.numbers).weigh(
                seen, without, held
            )

    right = toy(luck=0.0)
    tested = rank(Wrong(right.space, right.targets, right.unit, right.numbers), 300, seed=2)
    assert covered[0] < tested.covered(0.8)[0] < covered[1]
    assert tested.uniform(0) < 0.01 and tested.uniform(2) > 0.01


def test_a_second_method_agrees_where_both_are_right_and_not_where_one_is_wrong():
    bank = toy(10_000)
    found = second(bank, (0, 1), 40, seed=1)
    assert np.all(found.apart < 0.15)
    assert np.all(found.covered > 0.7)
    shifted = replace(bank, targets=(replace(bank.targets[0], value=7.0), bank.targets[1]))
    assert np.abs(second(shifted, (0,), 20, 1).middle[0] - 0.7) < 0.05


def test_a_target_adds_what_no_other_says():
    bank = toy()
    twice = replace(
        bank,
        targets=(*bank.targets, replace(bank.targets[1], id="again")),
        numbers=np.column_stack([bank.numbers, bank.numbers[:, 1]]),
    )
    overlaps = np.array([one.overlap for one in learned(SPACE, bank.unit, twice.weigh().weights)])
    a, b, again = added(twice, overlaps)
    assert a.bits > 2.0 and a.most == "a"
    assert b.bits == pytest.approx(again.bits) and 0.0 < b.bits < 0.5
    assert a.least > effective(twice.weigh().weights)


def test_a_simulated_history_gives_its_assumptions_back(tmp_path):
    """The market itself, for three assumptions and two numbers; and the bank is kept."""
    space = Space(
        (
            Range("users.imitation_per_year.consumer", 1.0, 6.0),
            Range("compute.price_usd_per_gpu_hour", 1.5, 12.0),
            Range("exits.acquisition_rate_per_year", 0.5, 3.0),
        )
    )

    def target(name, week):
        return Number(
            name, 1.0, 0.05, 0.0, True, Measurement(name, "series", SeriesAt(name=name), week)
        )

    targets = [target("tried_consumer", 45), target("gpu_price", 8)]
    spec = Calibration(about="x", parameters={"x": None}, seed=1, points=600)
    said = []
    bank = simulate_bank(spec, load("baseline"), space, targets, out=tmp_path, told=said.append)
    assert said == ["600 of 600 members of the bank"]
    again = simulate_bank(spec, load("baseline"), space, targets, out=tmp_path)
    assert np.array_equal(again.numbers, bank.numbers)
    tested = rank(bank, 60, seed=1)
    assert np.all(np.abs(tested.covered(0.9) - 0.9) < 0.15)
    seen, mine = bank.compared[5], np.array([5])
    imitation, price, sold = learned(space, bank.unit, bank.weigh(seen, held=mine).weights)
    truth = space.at(bank.unit)[5]
    assert imitation.low < truth[0] < imitation.high and imitation.informed
    assert price.low < truth[1] < price.high and price.informed
    assert not sold.informed


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_figure_says_how_many_bars_chance_explains(language):
    counts = np.full(10, 30)
    panels = [
        RankPanel("users.inertia", counts, 0.9),
        RankPanel("b", counts + 30 * (np.arange(10) == 0) - 30 * (np.arange(10) == 9), 0.7),
    ]
    text = alt_text(ranks(panels, 90, Origin(1000, 1, over="ranges"), language))
    assert "18" in text and "20" in text and "300" in text


@pytest.mark.slow
def test_the_experiment_runs_and_what_it_keeps_is_a_sample(tmp_path):
    file = Path(__file__).parent.parent / "experiments" / "calibrate_2023.py"
    small = ["--points", "300", "--draws", "8", "--held", "20", "--jobs", "1"]
    done = subprocess.run(
        [sys.executable, file, *small, "--out", tmp_path], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "Of 90 assumptions" in done.stdout and "seed 1." in done.stdout
    kept = load_posterior(tmp_path / "posterior_2023.csv")
    assert set(kept.names) == set(load_posterior().names)
    assert {row["parameter"] for row in read_csv(tmp_path / "fit_parameters.csv")} == set(
        kept.names
    )
