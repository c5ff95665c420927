"""Batches: the same numbers however the work is cut, a clean end, and folders never lost."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from dataclasses import dataclass

import numpy as np
import pytest
from samples import Alive

from llm_market_sim.batch import executor, load_plugins, plan_batch, run_batch
from llm_market_sim.batch.pool import as_done
from llm_market_sim.batch.work import Piece, Task
from llm_market_sim.errors import InputError, MarketSimError
from llm_market_sim.market.observation import SERIES
from llm_market_sim.scenario import load
from llm_market_sim.simulation import simulate
from llm_market_sim.summary.statistics import spread

SMALL = ["horizon_weeks=6", "population.stealth_firms=4", "population.pool_firms=6"]


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
    monkeypatch.setattr(executor, "WORTH_PROCESSES", 0)
    begun = set(multiprocessing.active_children())
    told = []
    two = run_batch(
        scenarios(),
        70,
        seed=3,
        measures=[Alive(5)],
        keep_series=["hype"],
        jobs=2,
        progress=lambda scenario, worlds: told.append((scenario.name, worlds)),
    )
    same(alone, two)
    assert sum(worlds for name, worlds in told if name == "baseline") == 70
    assert set(multiprocessing.active_children()) == begun


def test_a_batch_goes_on_where_another_ended(alone):
    kept = [run_batch(scenarios(), count, seed=3, first=first, measures=[Alive(5)])
            for first, count in ((0, 40), (40, 30))]  # fmt: skip
    joined = np.concatenate([one["baseline"].measures["alive"] for one in kept])
    assert np.array_equal(joined, alone["baseline"].measures["alive"])


def test_a_scenario_that_ends_too_early_is_not_asked(alone):
    assert alone["baseline"].measures.keys() == {"alive"}
    assert alone["no_review"].measures == {}


def test_a_measure_of_a_plug_in_may_read_weekly_series(tmp_path):
    file = tmp_path / "reads_series.py"
    file.write_text("")

    @dataclass(frozen=True)
    class Hype(Alive):
        def __call__(self, run):
            return run.series["hype"][:, self.week]

    found = run_batch(scenarios()[:1], 2, 1, measures=[Hype(5)], plugins=[file])
    assert found["baseline"].measures["alive"].shape == (2,)


def test_processes_are_started_only_where_they_pay():
    assert executor.processes_for([78], 100, 8) == 1
    assert executor.processes_for([78], 2000, 8) == 8
    assert executor.processes_for([78] * 20, 100, 2) == 2


def test_a_seed_is_drawn_and_recorded():
    results = [run_batch(scenarios()[1:], 2, seed=None) for _ in range(2)]
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
        (
            {"scenarios": [load("baseline", ["players.baidu.policy=greedy"])]},
            'players.baidu.policy: no policy "greedy"',
        ),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_runs(changes, what):
    with pytest.raises(InputError) as caught:
        run_batch(**{"scenarios": ["baseline"], "worlds": 2, "seed": 1} | changes)
    assert what in str(caught.value)


def task(folder, measures=(), chosen=None):
    chosen = tuple(chosen or scenarios())
    return Task(chosen, 3, measures, ("claims",), False, str(folder), "nobody's").packed()


def test_a_worker_that_dies_ends_the_batch_with_a_clear_error(tmp_path):
    pieces = [case.piece(0, 0, 4) for case in plan_batch(scenarios()[:1], 4).cases]
    with pytest.raises(MarketSimError, match="a worker process was killed"):
        list(as_done(task(tmp_path, (Deadly(5),)), pieces, 2, ()))


def test_what_a_worker_fails_over_is_told_with_scenario_worlds_and_reason(tmp_path):
    @dataclass(frozen=True)
    class Fails(Alive):
        def __call__(self, run):
            raise ZeroDivisionError("no such world")

    told = r"baseline, worlds 0 to 2: measures failed: ZeroDivisionError: no such world \(test_b"
    with pytest.raises(MarketSimError, match=told):
        run_batch(scenarios(), 3, 1, measures=[Fails(5)])


def test_leaving_early_ends_the_processes_at_once(tmp_path):
    others = set(multiprocessing.active_children())
    short, long = load("baseline", SMALL), load("strict_review", ["horizon_weeks=520"])
    pieces = [Piece(0, 0, 1, range(1)), Piece(1, 0, 64, range(64)),  # the long ones take minutes
              Piece(1, 64, 128, range(64, 128))]  # fmt: skip
    results = as_done(task(tmp_path, chosen=(short, long)), pieces, 2, ())
    assert next(results)[0] == pieces[0]
    assert len(set(multiprocessing.active_children()) - others) == 2
    begun = time.perf_counter()
    results.close()
    assert time.perf_counter() - begun < 5.0
    assert set(multiprocessing.active_children()) == others


def test_a_plug_in_is_loaded_once_and_its_mistakes_have_a_line(tmp_path):
    good = tmp_path / "guest_that_counts.py"
    good.write_text("import pathlib\nwith open(__file__ + '.log', 'a') as f:\n    f.write('x')\n")
    load_plugins([good, str(good)])
    assert (tmp_path / "guest_that_counts.py.log").read_text() == "x"
    bad = tmp_path / "guest_that_fails.py"
    bad.write_text("x = 1\nx.nothing\n")
    with pytest.raises(InputError, match=r"guest_that_fails.py:2: AttributeError"):
        load_plugins([bad])
    bad.write_text("x = = 1\n")
    with pytest.raises(InputError, match=r"guest_that_fails.py:1: SyntaxError"):
        load_plugins([bad])
    for wrong in ("nowhere.py", str(tmp_path), __file__[:-3]):
        with pytest.raises(InputError, match=r"no such file|not a Python file"):
            load_plugins([wrong])
    shadow = tmp_path / "json.py"
    shadow.write_text("")
    with pytest.raises(InputError, match="loaded already"):
        load_plugins([shadow])
