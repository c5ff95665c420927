"""What a person asks for from Python: wrong numbers and lists are told before anything runs."""

import sys
from pathlib import Path

import mesa
import numpy as np
import pytest
from mesa.batchrunner import batch_run

import llm_market_sim as sim
from llm_market_sim.cli.app import main
from llm_market_sim.errors import InputError, MarketSimError
from llm_market_sim.market.state import COLUMNS
from llm_market_sim.simulation import simulate_block

DELAY = "regulation.review_delay_weeks"
SETS = ["population.stealth_firms=6", "population.pool_firms=20", "horizon_weeks=4"]
SMALL = {"population.stealth_firms": 6, "population.pool_firms": 20, "horizon_weeks": 4}


@pytest.fixture(scope="module")
def scenario():
    return sim.load("baseline", SETS)


def refused(complaint, ask, *given, **named):
    """The one mistake that asking leads to."""
    with pytest.raises(InputError) as caught:
        ask(*given, **named)
    assert [str(one) for one in caught.value.problems] == [complaint], (given, named)


WHOLE = "must be a whole number"
SEED = "must be 0 to 18446744073709551615"
WORLDS = "must be 1 to 4294967296"
WRONG = (  # what simulate is asked, its complaint
    ({"worlds": 0}, f"worlds: 0 {WORLDS}"),
    ({"worlds": -3}, f"worlds: -3 {WORLDS}"),
    ({"worlds": 2.0}, f"worlds: 2.0 {WHOLE}"),
    ({"worlds": True}, f"worlds: True {WHOLE}"),
    ({"worlds": "20"}, f"worlds: '20' {WHOLE}"),
    ({"worlds": np.float64(2)}, f"worlds: np.float64(2.0) {WHOLE}"),
    ({"worlds": [0, 1]}, f"worlds: [0, 1] {WHOLE}"),
    ({"seed": -1}, f"seed: -1 {SEED}"),
    ({"seed": 2**64}, f"seed: 18446744073709551616 {SEED}"),
    ({"seed": "one"}, f"seed: 'one' {WHOLE}"),
    ({"seed": 1.0}, f"seed: 1.0 {WHOLE}"),
    ({"seed": False}, f"seed: False {WHOLE}"),
    ({"snapshots": [99]}, "snapshots: week 99 must be 0 to 4, the horizon of baseline"),
    ({"snapshots": [-1]}, "snapshots: week -1 must be 0 to 4, the horizon of baseline"),
    ({"snapshots": [0.5]}, "snapshots: week 0.5 is between two ticks, of which a week has 1"),
    ({"snapshots": [np.nan]}, "snapshots: week nan must be 0 to 4, the horizon of baseline"),
    ({"snapshots": ["2"]}, "snapshots: '2' must be a number of weeks"),
    ({"snapshots": 2}, "snapshots: 2 must be a list, such as [26, 52]"),
    ({"snapshots": "26"}, "snapshots: '26' must be a list, such as [26, 52]"),
    (
        {"varied": {DELAY: [1.0]}},
        f"{DELAY}: values have the shape (1,); one a world is needed, (2,)",
    ),
    ({"varied": {DELAY: 5.0}}, f"{DELAY}: values have the shape (); one a world is needed, (2,)"),
    (
        {"varied": {DELAY: np.ones((2, 2))}},
        f"{DELAY}: values have the shape (2, 2); one a world is needed, (2,)",
    ),
    ({"varied": {DELAY: [1.0, np.nan]}}, f"{DELAY}: nan is not a finite number"),
    ({"varied": {DELAY: [1.0, "x"]}}, f"{DELAY}: [1.0, 'x'] must be numbers, one a world"),
    (
        {"varied": {DELAY: [1.0, -2.0]}},
        f"{DELAY}: -2 is not allowed: Input should be greater than or equal to 0",
    ),
    (
        {"varied": {DELAY: [1.0, 521.0]}},
        f"{DELAY}: 521 is not allowed: Input should be less than or equal to 520",
    ),
    (
        {"varied": {"regulation.review_delay": [1, 2]}},
        f'regulation.review_delay: no such parameter; did you mean "{DELAY}"?',
    ),
    (
        {"varied": {"users.inertia.consumers": [1, 2]}},
        'users.inertia.consumers: no entry "consumers"; did you mean "consumer"?',
    ),
    (
        {"varied": {"regulation.review_required": [0, 1]}},
        "regulation.review_required: is not a number, so it cannot vary from world to world",
    ),
    (
        {"varied": {"users.inertia": [1, 1], "users.inertia.public": [1, 1]}},
        "varied: users.inertia.public is varied twice",
    ),
    ({"varied": [1, 2]}, "varied: [1, 2] must be a mapping from paths to values, one a world"),
    (
        {"scenario": "baseline"},
        "scenario: 'baseline' is not a loaded scenario; load one by its name or path: "
        'load("baseline")',
    ),
)


def test_what_cannot_be_simulated_is_refused_before_anything_runs(scenario, monkeypatch):
    def never(*_, **__):
        raise AssertionError("a world was started")

    monkeypatch.setattr(sys.modules[simulate_block.__module__], "Worlds", never)
    for changes, complaint in WRONG:
        refused(complaint, sim.simulate, **{"scenario": scenario, "worlds": 2, "seed": 1} | changes)
        if "worlds" not in changes:
            asked = {"scenario": scenario, "worlds": range(2), "seed": 1} | changes
            refused(complaint, simulate_block, **asked)
    for ids, complaint in (
        ([], "worlds: none is given; at least one is needed"),
        ([0, -1], "worlds: -1 must be 0 to 4294967295"),
        ([0, 2**32], "worlds: 4294967296 must be 0 to 4294967295"),
        (np.array([0.0, 1.0]), f"worlds: np.float64(0.0) {WHOLE}"),
        (3, "worlds: 3 must be a list of ids, such as range(10)"),
        ("01", "worlds: '01' must be a list of ids, such as range(10)"),
    ):
        refused(complaint, simulate_block, scenario, ids, 1)


def test_all_mistakes_are_told_at_once(scenario):
    with pytest.raises(InputError) as caught:
        sim.simulate(scenario, 0, -1, snapshots=[7], varied={DELAY: [-1.0]})
    assert [one.path for one in caught.value.problems] == ["worlds", "seed", "snapshots", DELAY]


def test_a_week_that_was_not_kept_is_refused(scenario):
    run = sim.simulate(scenario, 2, 1, snapshots=[1, 3])
    assert run.at(np.int64(3)).week == run.at(3).week == 3.0 and run.at(4) is run.final
    kept = "(simulate(…, snapshots=[…]) keeps more)"
    for week in (2, 99, -1, "3", [3], None, 3.5):
        refused(f"week: {week!r} was not kept; kept: 1, 3, 4 {kept}", run.at, week)


def test_the_seed_is_1_unless_another_is_given(scenario):
    assert sim.simulate(scenario, 2).seed == sim.run_batch([scenario], 2).seed == 1
    assert sim.simulate(scenario, 2, None).seed != sim.simulate(scenario, 2, None).seed


def test_a_firm_or_a_series_that_a_run_does_not_have_is_told_with_the_nearest(scenario):
    run = sim.simulate(scenario, 1)
    with pytest.raises(MarketSimError, match=r'^no firm "baichuam"; did you mean "baichuan"'):
        run.firms.slot("baichuam")
    for known in (MarketSimError, KeyError):
        with pytest.raises(known) as caught:
            _ = run.series["platfroms"]
        assert str(caught.value) == 'no series "platfroms"; did you mean "platforms"?'
    assert run.series.get("platfroms") is None and "platfroms" not in run.series


def test_numbers_of_numpy_are_as_good_as_pythons(scenario, tmp_path):
    plain = sim.simulate(scenario, 2, 2**64 - 1, snapshots=[2], varied={DELAY: np.array([1, 9])})
    for kind in (np.int64, np.uint64, np.int8):
        seed = np.uint64(2**64 - 1)
        run = sim.simulate(
            scenario, kind(2), seed, snapshots=np.array([2]), varied={DELAY: [kind(1), kind(9)]}
        )
        assert type(run.seed) is int and run.seed == plain.seed
        for name in COLUMNS:
            assert np.array_equal(getattr(run.at(2), name), getattr(plain.at(2), name)), name
            assert np.array_equal(getattr(run.final, name), getattr(plain.final, name)), name
    alone = simulate_block(scenario, np.arange(1, 2), np.int64(5))
    crowd = sim.simulate(scenario, 2, 5)
    assert np.array_equal(alone.final.cash[0], crowd.final.cash[1])
    model = sim.MarketModel(scenario, world=np.int16(1), rng=np.int64(5))
    model.run_model()
    assert np.array_equal(model.state.cash, alone.final.cash)
    few = [np.int64(one) for one in (2, 5, 1, 1)]
    batch = sim.run_batch([scenario], few[0], few[1], first=few[2], jobs=few[3])
    assert batch.seed == 5 and type(batch.seed) is int and batch.worlds == 2


def test_scenarios_are_lists_of_names_and_overrides_lists_of_texts():
    for overrides in ("horizon_weeks=4", b"x"):
        refused(
            f'overrides: {overrides!r} must be a list, such as ["{DELAY}=26"]',
            sim.load,
            "baseline",
            overrides,
        )
    refused("names: 'baseline' must be a list, such as [\"baseline\"]", sim.load_all, "baseline")
    refused("names: 3 must be a text or a path", sim.load, 3)
    refused("names: None must be a text or a path", sim.load_all, ["baseline", None])
    refused("overrides: 3 must be a text", sim.load, "baseline", [3])
    refused(f'overrides: 3 must be a list, such as ["{DELAY}=26"]', sim.load, "baseline", 3)
    named = sim.load_all((name for name in ["baseline", "price_war"]), iter(["horizon_weeks=40"]))
    assert [one.horizon_weeks for one in named] == [40, 40]


def test_a_batch_is_asked_as_clearly(scenario):
    for changes, complaint in (
        ({"worlds": 0}, f"worlds: 0 {WORLDS}"),
        ({"worlds": 2.0}, f"worlds: 2.0 {WHOLE}"),
        ({"worlds": True}, f"worlds: True {WHOLE}"),
        ({"seed": -1}, f"seed: -1 {SEED}"),
        ({"seed": 2**64}, f"seed: 18446744073709551616 {SEED}"),
        ({"seed": "one"}, f"seed: 'one' {WHOLE}"),
        ({"first": -1}, "first: -1 must be 0 to 4294967295"),
        ({"first": 2**32 - 1}, "worlds: 2 must be 1 to 1"),
        ({"jobs": 0}, "jobs: 0 must be at least 1"),
        ({"jobs": 1.5}, f"jobs: 1.5 {WHOLE}"),
        ({"scenarios": "baseline"}, "scenarios: 'baseline' must be a list, such as [\"baseline\"]"),
        ({"keep_series": "hhi"}, "keep_series: 'hhi' must be a list, such as [\"hhi\"]"),
        ({"plugins": "mine.py"}, "plugins: 'mine.py' must be a list, such as [\"my_module.py\"]"),
    ):
        refused(complaint, sim.run_batch, **{"scenarios": [scenario], "worlds": 2} | changes)


def test_results_are_opened_by_the_path_of_their_folder(tmp_path):
    file = tmp_path / "results"
    file.write_text("no folder")
    refused("folder: None must be the path of a folder", sim.open_results, None)
    refused("folder: 3 must be the path of a folder", sim.open_results, 3)
    refused(f"{file}: is a file", sim.open_results, file)
    refused(f"{file}s: no such folder", sim.open_results, f"{file}s")


def test_one_world_in_mesa_is_asked_as_clearly():
    for named, complaint in (
        ({"world": -1}, "world: -1 must be 0 to 4294967295"),
        ({"world": 2**32}, "world: 4294967296 must be 0 to 4294967295"),
        ({"world": 1.5}, f"world: 1.5 {WHOLE}"),
        ({"world": True}, f"world: True {WHOLE}"),
        ({"seed": -1}, f"seed: -1 {SEED}"),
        ({"rng": 2**64}, f"seed: 18446744073709551616 {SEED}"),
        ({"seed": "one"}, f"seed: 'one' {WHOLE}"),
        ({"seed": 1.5}, f"seed: 1.5 {WHOLE}"),
        ({"rng": True}, f"seed: True {WHOLE}"),
    ):
        refused(complaint, sim.MarketModel, **SMALL | named)
    with pytest.raises(MarketSimError, match="minimax must be played by a class, not by 3"):
        sim.MarketModel(agents={"minimax": 3}, **SMALL)


def test_a_step_that_is_refused_is_not_counted():
    model = sim.MarketModel(seed=1, **SMALL)
    model.run_model()
    for _ in range(3):
        with pytest.raises(MarketSimError, match="the 4 weeks of the scenario are over"):
            model.step()
    assert model.steps == model.week == 4


def test_the_last_row_of_batch_run_is_the_one_that_readme_names():
    """Mesa 3.3 leaves the last week out, though the model has collected it."""
    asked = {"seed": 1, **SMALL}
    rows = batch_run(sim.MarketModel, asked, data_collection_period=1, display_progress=False)
    old = tuple(int(part) for part in mesa.__version__.split(".")[:2]) < (3, 5)
    assert [row["week"] for row in rows] == [0, 1, 2, 3] + ([] if old else [4])
    readme = Path(__file__).resolve().parents[1].joinpath("README.md").read_text("utf-8")
    assert "Under Mesa 3.3" in readme


def test_a_file_that_ends_the_program_is_told(tmp_path, capsys):
    file = tmp_path / "quits_at_once.py"
    file.write_text("import sys\n\nsys.exit(0)\n")
    assert main(["batch", "baseline", "-n", "2", "--with", str(file)]) == 2
    told = capsys.readouterr().err
    assert f"{file}:3: ends the program (sys.exit) while it is imported" in told
    assert "1 mistake." in told
