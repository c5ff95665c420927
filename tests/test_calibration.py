"""History matching finds what a known world was made of, and says what it cannot find."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from llm_market_sim.claims import Measurement
from llm_market_sim.errors import MarketSimError
from llm_market_sim.experiments import Range, Space
from llm_market_sim.experiments.calibration import Calibration, Planted, calibrate, learned, planted
from llm_market_sim.experiments.history_matching import BOUND, implausibility, match
from llm_market_sim.experiments.posterior import load_posterior
from llm_market_sim.metrics import SeriesAt
from llm_market_sim.scenario import load


@dataclass(frozen=True)
class Number:
    id: str
    value: float
    observation: float = 0.0
    discrepancy: float = 0.0
    log: bool = False

    measurement = None


def test_implausibility_counts_every_source_of_doubt():
    worlds = np.array([[8.0, 12.0], [8.0, 12.0]])  # mean 10, variance 8, of the mean 4
    target = Number("a", 16.0, observation=1.0, discrepancy=np.sqrt(3.0))
    assert implausibility(target, worlds)[0] == pytest.approx(6.0 / np.sqrt(1 + 3 + 8 + 4))
    ratio = implausibility(Number("b", 10.0, observation=0.1, log=True), np.full((1, 3), 20.0))[0]
    assert ratio == pytest.approx(np.log(2.0) / 0.1)


SPACE = Space((Range("a", 0.0, 10.0), Range("b", 1.0, 1000.0), Range("c", 0.0, 1.0)))


def line(values, step):
    """Two numbers: a, and a times the square root of b; nothing depends on c."""
    luck = 0.1 * np.random.default_rng(5).normal(size=8)
    a, b = values[:, :1], values[:, 1:2]
    return {"one": a + luck, "two": a * np.sqrt(b) * np.exp(luck)}


def test_a_planted_truth_is_found_again_and_what_leaves_no_trace_is_not():
    targets = [Number("one", 4.0, 0.1), Number("two", 40.0, 0.05, log=True)]
    found = match(SPACE, line, targets, points=500, draws=200, settle=12, seed=3)
    a, b, c = learned(found.space, found.values)
    assert np.all(found.implausibility <= BOUND)
    assert a.low < 4.0 < a.high
    assert a.high - a.low < 1.2
    assert b.low < 100.0 < b.high
    assert b.high < 2.5 * b.low
    assert a.informed
    assert b.informed
    assert not c.informed
    assert (c.low, c.high) == pytest.approx((0.05, 0.95), abs=0.08)


def test_draws_are_weighed_by_their_fit():
    """One number with normal doubt: the draws are spread as the posterior is."""
    space = Space((Range("a", 0.0, 10.0),))
    found = match(
        space,
        lambda v, step: {"one": v + np.zeros((1, 4))},
        [Number("one", 5.0, 0.6)],
        points=400,
        draws=300,
        settle=25,
        seed=1,
    )
    assert np.mean(found.values) == pytest.approx(5.0, abs=0.15)
    assert np.std(found.values) == pytest.approx(0.6, rel=0.2)


def test_the_same_seed_gives_the_same_draws():
    targets = [Number("one", 4.0, 0.1), Number("two", 40.0, 0.05, log=True)]
    runs = [match(SPACE, line, targets, points=60, draws=20, settle=2, seed=s) for s in (3, 3, 4)]
    assert np.array_equal(runs[0].unit, runs[1].unit)
    assert not np.array_equal(runs[0].unit, runs[2].unit)


def test_a_past_that_no_assumption_gives_is_said_to_be_out_of_reach():
    with pytest.raises(MarketSimError, match="the ranges do not hold the past"):
        match(SPACE, line, [Number("one", 400.0, 0.1)], points=40, draws=10, settle=1)


def test_a_simulated_world_gives_its_assumptions_back(tmp_path):
    """The perfect-model test on the market itself, for three assumptions and two numbers."""
    scenario = load("baseline")
    space = Space(
        (
            Range("users.imitation_per_year.consumer", 1.0, 6.0),
            Range("compute.price_usd_per_gpu_hour", 1.5, 12.0),
            Range("exits.acquisition_rate_per_year", 0.5, 3.0),
        )
    )

    def target(name, week):
        return Planted(name, Measurement(name, "series", SeriesAt(name=name), week), 1.0, 0.05,
                       0.0, True)  # fmt: skip

    targets = [target("tried_consumer", 45), target("gpu_price", 8)]
    truth = np.array([4.0, 6.0, 1.0])
    seen = planted(scenario, space, truth, 99, 1, targets)
    spec = Calibration(
        about="x", parameters={"x": None}, worlds=3, seed=1, points=80, draws=40, settle=4
    )
    found = calibrate(spec, scenario, space, seen, out=tmp_path)
    imitation, price, shutdown = learned(found.space, found.values)
    assert imitation.low < 4.0 < imitation.high
    assert price.low < 6.0 < price.high
    assert imitation.informed
    assert price.informed
    assert not shutdown.informed
    again = calibrate(spec, scenario, space, seen, out=tmp_path)
    assert np.array_equal(again.unit, found.unit)


def test_the_experiment_runs_and_what_it_keeps_is_an_accepted_set(tmp_path):
    file = Path(__file__).parent.parent / "experiments" / "calibrate_2023.py"
    small = ["--points", "40", "--draws", "8", "--settle", "1", "--worlds", "2", "--jobs", "1"]
    done = subprocess.run(
        [sys.executable, file, *small, "--out", tmp_path], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "so it is" in done.stdout and "8 draws, 2 worlds each, seed 1" in done.stdout
    kept = load_posterior(tmp_path / "posterior_2023.csv")
    assert set(kept.names) == set(load_posterior().names)
    lines = (tmp_path / "posterior_2023.csv").read_text("utf-8").splitlines()
    rows = [line for line in lines if not line.startswith("#")][1:]
    assert sum(float(row.split(",")[0]) for row in rows) == pytest.approx(1.0, abs=1e-4)
