"""A batch over a Dask cluster: two workers, one of them killed; with and without a shared disk."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest
from samples import tables

from llm_market_sim.batch import Order, run_stored
from llm_market_sim.batch.work import Piece, Task, Written
from llm_market_sim.cli.app import main
from llm_market_sim.errors import InputError, MarketSimError
from llm_market_sim.results import TABLES, open_results
from llm_market_sim.results.blocks import GRID
from llm_market_sim.results.log import Log
from llm_market_sim.scenario import load

SMALL = ["horizon_weeks=20", "population.stealth_firms=2", "population.pool_firms=3"]
WORLDS = 8 * GRID


def dask(kind, *more):
    """A process of Dask, in a group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_" + kind, *map(str, more)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


@pytest.fixture
def cluster(tmp_path):
    """A scheduler and two workers: (file of the scheduler, the worker processes)."""
    pytest.importorskip("distributed")
    file = tmp_path / "scheduler.json"
    processes = [dask("scheduler", "--host", "127.0.0.1", "--port", 0, "--no-dashboard",
                      "--scheduler-file", file)]  # fmt: skip
    try:
        end = time.perf_counter() + 60
        while not file.exists() or file.stat().st_size == 0:
            assert time.perf_counter() < end and processes[0].poll() is None
            time.sleep(0.05)
        words = ("--scheduler-file", file, "--nthreads", 1, "--no-nanny", "--no-dashboard",
                 "--local-directory", tmp_path)  # fmt: skip
        workers = [dask("worker", *words) for _ in range(2)]
        processes += workers
        yield file, workers
    finally:
        for process in reversed(processes):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_its_block_only(cluster, tmp_path):
    file, workers = cluster
    out = tmp_path / "r"
    words = ["batch", "baseline", "-n", WORLDS, "--seed", 5, "--cluster", file, "--out", out]
    sets = [word for one in SMALL for word in ("--set", one)]
    one = subprocess.Popen(
        [sys.executable, "-m", "llm_market_sim", *map(str, words), *sets],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    end = time.perf_counter() + 90
    while not (out / "log.jsonl").exists() or not blocks(out):
        assert time.perf_counter() < end and one.poll() is None
        time.sleep(0.02)
    victim = next(w for w in workers if any(b["where"].endswith(f":{w.pid}") for b in blocks(out)))
    victim.kill()
    said, err = one.communicate(timeout=120)
    assert one.returncode == 0, err
    assert re.search(rf"{WORLDS:,} of them computed now", said)
    by = [block["where"].rpartition(":")[2] for block in blocks(out)]
    assert set(by) == {str(worker.pid) for worker in workers}
    baseline = [load("baseline", SMALL)]
    run_stored(tmp_path / "here", baseline, WORLDS, 5)
    for table in TABLES:
        if table != "claims":  # which the command asked for, too
            mine = {k: v for k, v in tables(out).items() if k.startswith(f"{table}/")}
            assert mine == {
                k: v for k, v in tables(tmp_path / "here").items() if k.startswith(f"{table}/")
            }


@pytest.mark.slow
def test_an_experiment_over_a_cluster_is_the_same_as_here(cluster, tmp_path):
    file, _ = cluster
    (tmp_path / "map.yaml").write_text(
        "about: a test\nclaim: fifty_by_june\ncells: 4\nworlds: 60\n"
        f"settings: [{', '.join(SMALL[1:])}]\n"
        "parameters: {compute.price_usd_per_gpu_hour: [1.5, 12], users.inertia: [0.5, 2]}\n"
    )
    words = ["map", str(tmp_path / "map.yaml"), "-j", "1"]
    assert main([*words, "--out", str(tmp_path / "here")]) == 0
    assert main([*words, "--out", str(tmp_path / "r"), "--cluster", str(file)]) == 0
    kept = [{str(path.relative_to(out)): path.read_bytes() for path in out.glob("**/*.parquet")}
            for out in (tmp_path / "here", tmp_path / "r")]  # fmt: skip
    assert kept[0] == kept[1] and len(kept[0]) == 4 + 2  # of 960 rows; parameters and draws
    by = {block["where"] for block in blocks(tmp_path / "r")}
    assert not by & {block["where"] for block in blocks(tmp_path / "here")}


def blocks(out):
    return [fact for fact in Log(out / "log.jsonl").read() if fact["what"] == "block"]


def test_a_machine_that_does_not_see_the_folder_sends_its_files_home(tmp_path):
    scenarios = [load("baseline", SMALL)]
    run_stored(tmp_path / "here", scenarios, 5, 5)
    for place in ("nowhere", "here"):  # a folder of that name with another token
        task = Task(tuple(scenarios), 5, (), tuple(TABLES), True, str(tmp_path / place), "other")
        done = task.packed().only(0).work(Piece(0, 0, 5, range(5)))
        assert isinstance(done, Written) and done.contents is not None
        files = {f"{t}/baseline-00000000-00000005.parquet": d for t, d in done.contents.items()}
        assert files == tables(tmp_path / "here")


def test_what_is_sent_home_is_put_in_place(tmp_path, monkeypatch):
    scenarios = [load("baseline", SMALL)]
    run_stored(tmp_path / "here", scenarios, 300, 5)
    monkeypatch.setattr(Task, "_is_here", lambda self: False)
    run_stored(tmp_path / "r", scenarios, 300, 5)
    assert tables(tmp_path / "r") == tables(tmp_path / "here")
    assert open_results(tmp_path / "r", thorough=True).rows("worlds") == 300


def test_a_cluster_that_is_none_is_told(tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    scenarios = [load("baseline", SMALL)]
    with pytest.raises(InputError, match="nowhere is neither an address such as tcp://"):
        run_stored(tmp_path / "r", scenarios, 5, 5, order=Order(cluster="nowhere"))
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MarketSimError, match=r"pip install 'llm-market-sim\[cluster\]'"):
        run_stored(tmp_path / "r", scenarios, 5, 5, order=Order(cluster="tcp://x:1"))


def test_a_worker_with_other_rules_does_nothing(tmp_path):
    from llm_market_sim.batch.cluster import _work

    with pytest.raises(MarketSimError, match=r"other rules .*batch \(9\.9"):
        _work(None, None, "9.9+x", ())
