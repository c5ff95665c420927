"""Morris and Sobol find what was planted, tell it apart from luck, and say so."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from ran import answer

from llm_market_sim.cli.commands.sensitivity import sensitivity as command
from llm_market_sim.errors import InputError, MarketSimError
from llm_market_sim.experiments import load_spec
from llm_market_sim.experiments import sensitivity as module
from llm_market_sim.experiments.grid import Map
from llm_market_sim.experiments.morris import screen, trajectories
from llm_market_sim.experiments.sensitivity import LUCK, Sensitivity, analyse, split_luck, table
from llm_market_sim.experiments.sobol import indices, saltelli
from llm_market_sim.results import open_results
from llm_market_sim.support.files import read_csv

pytest.importorskip("SALib", reason="needs the optional extra: analysis")

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "experiments").glob("sensitivity_*.yaml"))
TINY = """\
about: Does the delay of reviews decide whether anything is open early?
claim: early.yaml
settings: [population.stealth_firms=4, population.pool_firms=4]
method: {method}
trajectories: 2
samples: 8
worlds: 6
parameters:
  regulation.review_delay_weeks: [0, 52]
  users.inertia: [0.5, 2]
"""
CLAIM = """\
id: early
text: Somebody has a licence after half a year.
said_by: a test
source: this file
metric: n_general_platforms
params: {theta: 0.01}
predicate: x >= 3
horizon_week: 26
status: emergent
reason: It is a test.
"""


@pytest.fixture
def tiny(tmp_path):
    """tiny("morris") -> the path of an experiment that runs in a second."""
    (tmp_path / "early.yaml").write_text(CLAIM)

    def write(method, more=""):
        file = tmp_path / f"{method}.yaml"
        file.write_text(TINY.format(method=method) + more)
        return file

    return write


# Sobol


def shares(function, worlds=4096):
    """What is found of function(places (P, 3), worlds' ids (P, 1)) -> answers (P, 1)."""
    unit, ids = split_luck(saltelli(4, 8192, 1), worlds)
    return indices(4, function(unit, ids[:, None])[:, 0])


def near(index, margin, known):
    assert index == pytest.approx(known, abs=0.03)
    assert np.all(np.abs(index - known) <= 1.5 * margin + 1e-3)
    assert np.all(margin < 0.1)


def ishigami(unit):
    x, y, z = np.pi * (2.0 * unit.T - 1.0)
    return np.sin(x) + 7.0 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)


def test_sobol_gives_the_known_indices_of_ishigami():
    found = shares(lambda unit, worlds: ishigami(unit)[:, None])
    near(found.first, found.first_margin, [0.3139, 0.4424, 0.0, 0.0])
    near(found.total, found.total_margin, [0.5576, 0.4424, 0.2437, 0.0])


def test_luck_has_the_share_that_was_planted():
    """Y = 2 x + z + 1.5 x z: x is a parameter, z the luck of a world; y and z do nothing."""
    z = np.random.default_rng(1).normal(size=(512, 1))
    z = (z - np.mean(z)) / np.std(z)

    def answer(unit, worlds):
        assert worlds.shape == (len(unit), 1) and worlds.min() == 0 and worlds.max() == 511
        x = unit[:, :1] - 0.5
        return 2.0 * x + z[worlds[:, 0]] + 1.5 * x * z[worlds[:, 0]]

    x, luck, both = np.array([4.0 / 12.0, 1.0, 2.25 / 12.0]) / (4.0 / 12.0 + 1.0 + 2.25 / 12.0)
    found = shares(answer, worlds=512)
    near(found.first, found.first_margin, [x, 0.0, 0.0, luck])
    near(found.total, found.total_margin, [x + both, 0.0, 0.0, luck + both])


@pytest.mark.filterwarnings("error")
def test_an_answer_that_never_changes_has_no_drivers():
    found = indices(2, np.ones(8 * 4))
    assert not found.total.any() and not found.first_margin.any()
    assert not screen(trajectories(2, 3, 1), np.ones((9, 4))).told_apart.any()


# Morris


def test_morris_gives_the_slopes_of_a_plane():
    slopes = np.array([4.0, -3.0, 2.0, 1.0, 0.0])
    unit = trajectories(5, 6, seed=1)
    offsets = np.random.default_rng(1).normal(size=20)  # luck that is the same at all points
    found = screen(unit, (unit @ slopes)[:, None] + 50.0 * offsets)
    assert found.mu_star == pytest.approx(np.abs(slopes), abs=1e-9)
    assert found.mu == pytest.approx(slopes, abs=1e-9)
    assert found.sigma == pytest.approx(np.zeros(5), abs=1e-9)
    assert found.margin == pytest.approx(np.zeros(5), abs=1e-9)
    assert found.luck == pytest.approx(found.luck[0] * np.abs(slopes) / 4.0, abs=1e-9)
    assert found.told_apart[:4].all()


def test_dealing_fortunes_anew_is_not_told_apart_from_luck():
    """0 adds; 1 and 2 do no more than say which worlds are lucky. 200 experiments."""
    apart = np.zeros(3)
    for seed in range(200):
        unit = trajectories(3, 6, seed)
        weights = np.random.default_rng(seed).normal(size=(2, 16))
        outcomes = 2.0 * unit[:, :1] + np.sin(3.0 * unit[:, 1:] @ weights)
        apart += screen(unit, outcomes).told_apart
    assert apart[0] == 200
    assert np.all(apart[1:] < 0.12 * 200)  # 5 % are due


@pytest.mark.parametrize(
    "make", [lambda seed: trajectories(4, 5, seed), lambda seed: saltelli(4, 8, seed)]
)
def test_designs_are_those_of_their_seed(make):
    assert np.array_equal(make(0), make(0))
    assert not np.array_equal(make(0), make(1))


# Files, and the real market


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_file_runs(file):
    small = {"worlds": 2, "trajectories": 2, "samples": 8}
    loaded = load_spec(file, Sensitivity, small)
    found = answer(module, loaded)
    columns, rows = table(found)
    sobol = loaded.spec.method == "sobol"
    assert {row[0] for row in rows} == {*loaded.space.names, *([LUCK] if sobol else [])}
    size = columns.index("total" if sobol else "mu_star")
    sizes = [row[size] for row in rows]
    assert sizes == sorted(sizes, reverse=True) and np.isfinite(sizes).all()


def test_a_number_that_is_missing_has_no_mean(tiny):
    loaded = load_spec(tiny("morris"), Sensitivity, {"outcome": "mean"})
    with pytest.raises(MarketSimError, match="no value in 36 of 36 worlds"):
        analyse(loaded, np.full((6, 6), np.nan))


def test_without_the_extra_it_says_what_to_install(tiny, monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(MarketSimError, match=r"pip install 'llm-market-sim\[analysis\]'"):
        module.plan(load_spec(tiny("morris"), Sensitivity))


def test_mistakes_are_shown_at_their_place(tiny):
    file = tiny("morriss", "outcome: median\n")
    file.write_text(file.read_text().replace("samples: 8", "samples: 12"))
    with pytest.raises(InputError) as error:
        load_spec(file, Sensitivity)
    told = str(error.value)
    assert f"{file}:4:9: method:" in told and f"{file}:6:10: samples:" in told
    assert "power of two" in told and "outcome" in told


# The command


def test_the_command_tells_keeps_and_goes_on(tiny, tmp_path):
    out = tmp_path / "kept"
    first = CliRunner().invoke(command, [str(tiny("morris")), "-j", "1", "--out", str(out)])
    assert first.exit_code == 0, first.output
    assert "Somebody has a licence after half a year." in first.stdout
    assert "regulation.review_delay_weeks (mean time of a review) moves the answer" in " ".join(
        first.stdout.split()
    )
    rows = read_csv(out / "sensitivity.csv")
    assert rows[0]["factor"] == "regulation.review_delay_weeks" and float(rows[0]["mu"]) < 0.0
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["made"]["experiment"]["worlds"] == manifest["worlds"] == 6
    assert manifest["design"]["ranges"]["users.inertia"] == [0.5, 2.0]
    shown = (out / "sensitivity.svg").read_text("utf-8")
    assert "Morris screening of 2 assumptions: regulation.review_delay_weeks moves" in shown
    results = open_results(out)
    draws = "SELECT count(DISTINCT draw) FROM draws WHERE path = 'users.inertia'"
    assert results.sql(draws).fetchall() == [(int(results.rows("claims") / 6),)]
    given = [str(tiny("morris")), "-j", "1", "--out", str(out), "--language", "zh"]
    numbers = (out / "sensitivity.csv").read_bytes()
    again = CliRunner().invoke(command, given)
    assert "对2个假设的Morris筛选" in (out / "sensitivity.svg").read_text("utf-8")
    assert "影响最大" in again.stdout and (out / "sensitivity.csv").read_bytes() == numbers


def test_the_command_shares_out_the_variance(tiny):
    done = CliRunner().invoke(command, [str(tiny("sobol")), "-j", "1"])
    assert done.exit_code == 0, done.output
    assert "luck would still leave" in " ".join(done.stdout.split()) and "6 worlds" in done.stdout
    assert "0.5 to 2 times" in done.stdout


def test_a_folder_of_something_else_is_left_alone(tiny, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "manifest.json").write_text("mine")
    done = CliRunner().invoke(command, [str(tiny("morris")), "--out", str(tmp_path / "mine")])
    assert isinstance(done.exception, InputError)
    assert (tmp_path / "mine" / "manifest.json").read_text() == "mine"


def test_experiments_ask_about_what_the_screening_puts_first():
    """By the documentation's numbers; `make experiments` renews them."""
    first = [row["factor"] for row in read_csv(ROOT / "docs" / "morris.csv")]
    sobol = load_spec(ROOT / "experiments" / "sensitivity_sobol.yaml", Sensitivity)
    two = load_spec(ROOT / "experiments" / "map_two_that_matter.yaml", Map)
    assert set(sobol.space.names) == set(first[:8])
    assert set(two.space.names) == set(first[:2])
