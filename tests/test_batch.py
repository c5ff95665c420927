"""Batches: the same numbers however the work is cut, a clean end, and folders never lost."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import time
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest

from llm_market_sim.batch import ResultFolder, Table, load_guests, run_batch, run_stored
from llm_market_sim.batch import run as batch_run
from llm_market_sim.batch.pool import in_processes
from llm_market_sim.batch.result import merge
from llm_market_sim.batch.work import Assignment, Block, plan
from llm_market_sim.errors import InputError, MarketSimError
from llm_market_sim.market.observation import SERIES
from llm_market_sim.scenario import load
from llm_market_sim.simulation import BLOCK, simulate
from llm_market_sim.summary.statistics import spread

SMALL = ["horizon_weeks=6", "population.stealth_firms=4", "population.pool_firms=6"]


@dataclass(frozen=True)
class Alive:
    """A measure: firms alive at a week."""

    week: int
    name: str = "alive"

    def __call__(self, run):
        return np.sum(run.at(float(self.week)).alive, axis=-1).astype(float)


@dataclass(frozen=True)
class Deadly(Alive):
    """A measure whose process is killed, as by a system that is short of memory."""

    def __call__(self, run):
        if multiprocessing.parent_process() is not None:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(run)


def scenarios():
    one = load("baseline", SMALL)
    other = load("no_review", [*SMALL, "horizon_weeks=4"])
    return [one, other]


def same(a, b):
    assert [one.scenario.name for one in a.scenarios] == [one.scenario.name for one in b.scenarios]
    for one, other in zip(a.scenarios, b.scenarios, strict=True):
        for part in ("outcomes", "measures", "summary", "series"):
            mine, yours = getattr(one, part), getattr(other, part)
            assert mine.keys() == yours.keys()
            for name in mine:
                assert mine[name].tobytes() == yours[name].tobytes(), (part, name)


@pytest.fixture(scope="module")
def alone():
    return run_batch(scenarios(), 70, seed=3, measures=[Alive(5)], keep_series=["hype"])


def test_a_batch_is_what_simulate_gives(alone):
    run = simulate(scenarios()[0], 70, seed=3, events=False)
    got = alone["baseline"]
    for name in SERIES:
        assert got.outcomes[name].tobytes() == run.series[name][:, -1].tobytes()
        assert got.summary[name] == pytest.approx(spread(run.series[name]), rel=1e-6)
    assert got.series.keys() == {"hype"}
    assert got.series["hype"] == pytest.approx(run.series["hype"], rel=1e-6)
    with pytest.raises(KeyError):
        alone["nowhere"]


def test_two_processes_give_the_same_bytes(alone, monkeypatch):
    monkeypatch.setattr(batch_run, "WORTH_PROCESSES", 0)
    begun = set(multiprocessing.active_children())
    told = []
    two = run_batch(
        scenarios(), 70, seed=3, measures=[Alive(5)], keep_series=["hype"], jobs=2,
        progress=lambda scenario, worlds: told.append((scenario.name, worlds)),
    )  # fmt: skip
    same(alone, two)
    assert sum(worlds for name, worlds in told if name == "baseline") == 70
    assert set(multiprocessing.active_children()) == begun


def test_a_batch_goes_on_where_another_ended(alone):
    kept = [run_batch(scenarios(), count, seed=3, first=first, measures=[Alive(5)])
            for first, count in ((0, 40), (40, 30))]  # fmt: skip
    joined = np.concatenate([one["baseline"].measures["alive"] for one in kept])
    assert np.array_equal(joined, alone["baseline"].measures["alive"])


def test_the_cut_and_the_order_of_blocks_change_nothing(alone):
    scenario = scenarios()[0]
    assignment = Assignment((scenario,), 3, (Alive(5),)).packed()
    edges = [0, 1, 24, 25, 60, 70]
    blocks = [Block(0, a, b) for a, b in pairwise(edges)]
    random.Random(1).shuffle(blocks)
    merged = merge(scenario, [assignment.work(block) for block in blocks], ["hype"])
    same(replace(alone, scenarios=alone.scenarios[:1]), replace(alone, scenarios=(merged,)))


def test_a_scenario_that_ends_too_early_is_not_asked(alone):
    assert alone["baseline"].measures.keys() == {"alive"}
    assert alone["no_review"].measures == {}


@pytest.mark.parametrize(("count", "worlds", "jobs"), [(1, 1, 8), (1, 1000, 2), (3, 300, 16),
                                                       (22, 40, 3), (2, 2 * BLOCK, 5)])  # fmt: skip
def test_a_plan_covers_every_world_once_in_order(count, worlds, jobs):
    blocks = plan(count, worlds, jobs)
    assert blocks == sorted(blocks, key=lambda block: (block.scenario, block.start))
    for scenario in range(count):
        ids = [w for b in blocks if b.scenario == scenario for w in range(b.start, b.stop)]
        assert ids == list(range(worlds))
    assert max(b.stop - b.start for b in blocks) <= BLOCK
    if worlds * count >= 64 * jobs:
        assert len(blocks) % jobs == 0 or min(b.stop - b.start for b in blocks) < 64


def test_processes_are_started_only_where_they_pay():
    assert batch_run.processes_for([78], 100, 8) == 1
    assert batch_run.processes_for([78], 1000, 8) == 8
    assert batch_run.processes_for([78] * 20, 20, 2) == 2


def test_a_seed_is_drawn_and_recorded():
    results = [run_batch(scenarios()[1:], 2) for _ in range(2)]
    assert results[0].seed != results[1].seed
    again = run_batch(scenarios()[1:], 2, seed=results[0].seed)
    same(results[0], again)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"worlds": 0}, "worlds: 0 must be 1 to 4294967296"),
        ({"jobs": 0}, "0 must be at least 1"),
        ({"scenarios": []}, "none is given"),
        ({"scenarios": ["baseline", "baseline"]}, '"baseline" is given 2 times'),
        ({"keep_series": ["hyper"]}, 'did you mean "hype"?'),
        ({"scenarios": [load("baseline", ["players.baidu.policy=greedy"])]},
         'players.baidu.policy: no policy "greedy"'),
    ],
)  # fmt: skip
def test_what_cannot_be_run_is_refused_before_anything_runs(changes, what):
    with pytest.raises(InputError) as caught:
        run_batch(**{"scenarios": ["baseline"], "worlds": 2, "seed": 1} | changes)
    assert what in str(caught.value)


def test_a_worker_that_dies_ends_the_batch_with_a_clear_error():
    assignment = Assignment(tuple(scenarios()), 3, (Deadly(5),)).packed()
    with pytest.raises(MarketSimError, match="a worker process was killed"):
        list(in_processes(assignment, plan(2, 4), 2))


def test_leaving_early_ends_the_processes_at_once():
    others = set(multiprocessing.active_children())
    short, long = load("baseline", SMALL), load("strict_review", ["horizon_weeks=520"])
    blocks = [Block(0, 0, 1), Block(1, 0, 64), Block(1, 64, 128)]  # the long ones take minutes
    results = in_processes(Assignment((short, long), 3, ()).packed(), blocks, 2)
    assert next(results).block == blocks[0]
    assert len(set(multiprocessing.active_children()) - others) == 2
    begun = time.perf_counter()
    results.close()
    assert time.perf_counter() - begun < 5.0
    assert set(multiprocessing.active_children()) == others


def test_a_guest_module_is_loaded_once_and_its_mistakes_have_a_line(tmp_path):
    good = tmp_path / "guest_that_counts.py"
    good.write_text("import pathlib\nwith open(__file__ + '.log', 'a') as f:\n    f.write('x')\n")
    load_guests([good, str(good)])
    assert (tmp_path / "guest_that_counts.py.log").read_text() == "x"
    bad = tmp_path / "guest_that_fails.py"
    bad.write_text("x = 1\nx.nothing\n")
    with pytest.raises(InputError, match=r"guest_that_fails.py:2: AttributeError"):
        load_guests([bad])
    bad.write_text("x = = 1\n")
    with pytest.raises(InputError, match=r"guest_that_fails.py:1: SyntaxError"):
        load_guests([bad])
    for wrong in ("nowhere.py", str(tmp_path), __file__[:-3]):
        with pytest.raises(InputError, match=r"no such file|no Python file"):
            load_guests([wrong])
    shadow = tmp_path / "json.py"
    shadow.write_text("")
    with pytest.raises(InputError, match="loaded already"):
        load_guests([shadow])


class TestFolder:
    @pytest.fixture
    def out(self, tmp_path):
        return tmp_path / "with a space" / "result"

    def write(self, out, text="1", force=False):
        with ResultFolder(out, force) as folder:
            folder.table("worlds.csv", Table(("world", "x"), [(np.int64(0), text), (1, 0.1)]))
            folder.manifest({"seed": 1})

    def test_it_appears_whole_with_its_parents(self, out):
        self.write(out)
        assert (out / "worlds.csv").read_text() == "world,x\n0,1\n1,0.1\n"
        manifest = json.loads((out / "manifest.json").read_text())
        assert (manifest["schema_version"], manifest["seed"]) == (1, 1)
        assert sorted(manifest["files"]) == ["manifest.json", "worlds.csv"]
        assert os.listdir(out.parent) == ["result"]

    def test_an_existing_one_is_replaced_only_by_force(self, out):
        self.write(out)
        with pytest.raises(InputError, match="exists already"):
            self.write(out, "2")
        assert "0,1" in (out / "worlds.csv").read_text()
        self.write(out, "2", force=True)
        assert "0,2" in (out / "worlds.csv").read_text()
        assert os.listdir(out.parent) == ["result"]

    def test_force_never_touches_what_a_batch_did_not_write(self, out):
        self.write(out)
        (out / "notes.txt").write_text("precious")
        with pytest.raises(InputError, match=r"also holds notes\.txt"):
            self.write(out, force=True)
        for manifest in (
            "{}",
            "[]",
            "no json",
            '{"made_by": "another", "files": ["manifest.json", "worlds.csv", "notes.txt"]}',
        ):
            (out / "manifest.json").write_text(manifest)
            with pytest.raises(InputError, match="was not written by this program"):
                self.write(out, force=True)
        (out / "manifest.json").unlink()
        with pytest.raises(InputError, match="was not written by this program"):
            self.write(out, force=True)
        assert (out / "notes.txt").read_text() == "precious"

    def test_the_blocks_of_a_batch_are_never_replaced_by_tables(self, out):
        run_stored(out, scenarios()[:1], 3, 1)
        with pytest.raises(InputError, match="holds the blocks of a batch"):
            self.write(out, force=True)

    def test_an_empty_folder_needs_force_and_a_file_is_none(self, tmp_path):
        (tmp_path / "empty").mkdir()
        with pytest.raises(InputError, match="exists already"):
            self.write(tmp_path / "empty")
        self.write(tmp_path / "empty", force=True)
        (tmp_path / "file").write_text("x")
        with pytest.raises(InputError, match="is a file"):
            self.write(tmp_path / "file", force=True)

    @pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
    def test_an_error_leaves_the_old_one_and_nothing_new(self, out, error):
        self.write(out)
        with pytest.raises(error), ResultFolder(out, force=True) as folder:
            folder.table("worlds.csv", Table(("world",), [(9,)]))
            raise error
        assert "0,1" in (out / "worlds.csv").read_text()
        assert os.listdir(out.parent) == ["result"]

    def test_a_full_disk_is_told_as_such(self, out):
        told = pytest.raises(MarketSimError, match="result could not be written: No space left")
        with told, ResultFolder(out), open("/dev/full", "w") as stream:
            stream.write("x" * 100_000)
        assert not out.exists()

    def test_a_place_that_cannot_be_written_is_told_before_anything_runs(self, tmp_path):
        (tmp_path / "file").write_text("x")
        told = pytest.raises(InputError, match="cannot be written")
        with told, ResultFolder(tmp_path / "file" / "out"):
            pytest.fail("went on")
