"""A map hatches exactly the cells that are undecided, and says which parameter moves the claim."""

from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner
from drawn import faults
from matplotlib.patches import Rectangle
from scipy.stats import binomtest

from llm_market_sim.batch import Account
from llm_market_sim.cli import experiment
from llm_market_sim.cli.app import main
from llm_market_sim.cli.commands.map import map as command
from llm_market_sim.errors import InputError
from llm_market_sim.experiments import grid, load_spec
from llm_market_sim.experiments.grid import Map, cover
from llm_market_sim.figures import Axis, claim_map
from llm_market_sim.support.files import read_csv

FILES = sorted((Path(__file__).parents[1] / "experiments").glob("map_*.yaml"))
HITS = np.arange(16).reshape(4, 4)  # of 15 worlds
TEXT = "A sentence that somebody said about the market and that goes on for rather long. " * 2


def world_by_world(hits, worlds):
    return np.arange(worlds) < hits[..., None]


def figure_of(undecided, across=(1.5, 12.0), default=4.0, language="en"):
    edges = np.geomspace(*across, len(undecided) + 1)
    return claim_map(
        np.linspace(0.0, 1.0, undecided.size).reshape(undecided.shape),
        undecided,
        Axis("rent of an accelerator (USD/hour)", edges.tolist(), True, default),
        Axis(TEXT[:110], np.linspace(0, 52, len(undecided) + 1).tolist(), False, 9.0),
        TEXT,
        "In what share of worlds?",
        TEXT * 5,
        language,
    )


def hatched(figure):
    """Lower left corners of the hatched cells."""
    patches = [p for p in figure.axes[0].patches if isinstance(p, Rectangle) and p.get_hatch()]
    return [p.get_xy() for p in patches]


# The numbers


def test_undecided_are_the_cells_whose_wilson_interval_covers_one_half():
    found = cover(world_by_world(HITS, 15))
    for place, count in np.ndenumerate(HITS):
        low, high = binomtest(int(count), 15).proportion_ci(method="wilson")
        assert (found.low[place], found.high[place]) == pytest.approx((low, high), abs=1e-12)
        assert found.undecided[place] == (low <= 0.5 <= high)
    assert 0 < found.undecided.sum() < 16


def test_the_parameter_that_moves_it_more_is_named_only_if_it_can_be_told():
    rng = np.random.default_rng(1)
    luck = rng.random((1, 1, 200))  # the same in all cells
    x, y = np.meshgrid(np.linspace(0, 1, 6), np.linspace(0, 1, 6), indexing="ij")
    for first, second, more in [(0.6, 0.2, 0), (0.2, 0.6, 1), (0.4, 0.4, None)]:
        found = cover(luck < (0.1 + first * x + second * y)[..., None])
        assert found.more == more
        assert found.moves == pytest.approx((first, second), abs=0.1)
    assert cover(np.ones((3, 3, 9), dtype=bool)).more is None


# The figure


def test_exactly_the_undecided_cells_are_hatched():
    undecided = np.zeros((4, 4), dtype=bool)
    undecided[[0, 3, 3], [1, 0, 3]] = True
    edges = np.geomspace(1.5, 12.0, 5)
    expected = [(edges[0], 13.0), (edges[3], 0.0), (edges[3], 39.0)]
    assert np.array(hatched(figure_of(undecided))) == pytest.approx(np.array(expected))
    assert hatched(figure_of(np.zeros((4, 4), dtype=bool))) == []


@pytest.mark.parametrize(("default", "shown"), [(4.0, True), (20.0, False)])
def test_the_defaults_are_marked_where_they_lie_inside(default, shown):
    axes = figure_of(np.ones((4, 4), dtype=bool), default=default).axes[0]
    marks = [line.get_xydata().tolist() for line in axes.lines]
    assert marks == ([[[default, 9.0]]] if shown else [])


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("across", [(1.5, 12.0), (40000.0, 300000.0), (13.0, 78.0)])
def test_no_text_is_cut_and_no_two_texts_overlap(across, language):
    assert faults(figure_of(np.ones((12, 12), dtype=bool), across, language=language)) == []


# Files, and the command


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_file_runs(file, tmp_path):
    small = "cells: 2\nsettings: [population.stealth_firms=4, population.pool_firms=4]\n"
    copy = tmp_path / file.name
    copy.write_text(file.read_text() + small)
    out = tmp_path / "kept"
    done = CliRunner().invoke(command, [str(copy), "-n", "4", "-j", "1", "--out", str(out)])
    assert done.exit_code == 0, done.output
    for name in load_spec(copy, Map).space.names:
        assert name in done.stdout
    rows = read_csv(out / "cells.csv")
    assert [row["worlds"] for row in rows] == ["4"] * 4
    assert (out / "map.png").stat().st_size > 10_000 and (out / "map.svg").exists()


def test_cells_are_where_the_table_says(tmp_path, monkeypatch):
    """Planted: it holds where users care for quality more than by default, in all worlds."""

    [file] = [file for file in FILES if "matter" in file.stem]
    loaded = load_spec(file, Map)
    plan = grid.plan(loaded)
    [care] = [k for k, name in enumerate(loaded.space.names) if name == "users.quality_weight"]
    x = np.where(plan.cases[0].values[:, care] > 1.0, 4.0, 9.0)
    numbers = {loaded.claim.id: np.tile(x[:, None], loaded.spec.worlds)}
    made = Account(SimpleNamespace(worlds=loaded.spec.worlds, seed=1, shard=None))
    monkeypatch.setattr(experiment, "numbers_at", lambda results, points: numbers)
    monkeypatch.setattr(experiment, "worked", lambda plan, how: nullcontext((None, made)))
    out = tmp_path / "kept"
    done = CliRunner().invoke(command, [str(file), "--out", str(out), "--language", "zh"])
    assert done.exit_code == 0, done.output
    assert "各格中成立的世界占0%到100%" in (out / "map.svg").read_text("utf-8")
    rows = read_csv(out / "cells.csv")
    assert len(rows) == 144
    for row in rows:
        assert float(row["share"]) == float(float(row["users.quality_weight"]) > 1.0)
        assert row["undecided"] == "0"
    told = "".join(done.stdout.split())
    assert "users.quality_weight的影响大于users.taste_spread" in told
    assert "论断在0至100%的世界成立" in told and "未定的有0格" in told


def test_a_map_has_two_parameters(tmp_path):
    file = tmp_path / "three.yaml"
    file.write_text(FILES[0].read_text() + "  users.inertia:\n")
    with pytest.raises(InputError, match=r"three.yaml:\d+:\d+: parameters"):
        load_spec(file, Map)


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "manifest.json").write_text("mine")
    done = CliRunner().invoke(command, [str(FILES[0]), "-n", "1", "--out", str(tmp_path)])
    assert isinstance(done.exception, InputError)
    assert (tmp_path / "manifest.json").read_text() == "mine"


@pytest.mark.parametrize(
    ("ranges", "says"),
    [
        ("{hype.spread: [0.3, 0.9]}", "parameters: must have at least 2 entries, not 1"),
        ("{hype.spread: [1, 2, 3], hype.memory_weeks: [15, 60]}", "at most 2 entries, not 3"),
    ],
)
def test_a_wrong_number_of_entries_is_told_in_plain_words(ranges, says, tmp_path):
    file = tmp_path / "map.yaml"
    file.write_text(f"about: a\nclaim: two_poles\nparameters: {ranges}\n", encoding="utf-8")
    with pytest.raises(InputError, match=says):
        load_spec(file, Map)


def test_an_experiment_says_which_command_runs_it(capsys):
    other = FILES[0].with_name("discover_survivors.yaml")
    right = f"llm-market-sim map {FILES[0]}"
    for given, told in (
        (["validate", str(FILES[0])], f"is an experiment, which this runs and checks: {right}"),
        (["validate", str(FILES[0]), "--language=zh"], f"是一个实验，由此命令检查并运行：{right}"),
        (["discover", str(FILES[0])], f"is for another command: {right}; to search for a box"),
        (["sensitivity", str(FILES[0])], f"is for another command: {right}\n"),
        (["map", str(other)], f"is for another command: llm-market-sim discover {other}\n"),
    ):
        assert main(given) == 2
        said = capsys.readouterr().err
        assert told in said and len(said.splitlines()) == 2, said
