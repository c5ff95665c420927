"""Results on disk: killed, extended, damaged, crowded out, and read by other tools."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

import numpy as np
import pytest
from samples import Alive, tables

from llm_market_sim.batch import Order, Shard, executor, run_batch, run_stored
from llm_market_sim.batch.parts import Parts
from llm_market_sim.batch.work import Piece
from llm_market_sim.cli.app import main
from llm_market_sim.errors import InputError, MarketSimError
from llm_market_sim.market.observation import SERIES
from llm_market_sim.results import TABLES, open_results
from llm_market_sim.results.blocks import GRID, Block, missing
from llm_market_sim.results.log import Log
from llm_market_sim.results.manifest import name_of
from llm_market_sim.results.merge import merge
from llm_market_sim.results.tables import columns_of
from llm_market_sim.scenario import load
from llm_market_sim.simulation import simulate

SMALL = ["horizon_weeks=3", "population.stealth_firms=2", "population.pool_firms=3"]
SETS = [word for one in SMALL for word in ("--set", one)]
SEED = 5
ALIVE = (Alive(),)


@dataclass(frozen=True)
class Undefined(Alive):
    """A week that never comes in world 0, and that world 1 has none of."""

    def __call__(self, run):
        return np.array([np.inf, np.nan, 2.0])


@dataclass(frozen=True)
class Fails(Alive):
    """A measure that cannot be taken in the second block."""

    def __call__(self, run):
        if run.worlds[0] == GRID:
            raise ZeroDivisionError("no such world")
        return super().__call__(run)


@dataclass(frozen=True)
class Kills(Alive):
    """A measure whose process is killed in the second block, as by a system short of memory."""

    def __call__(self, run):
        if run.worlds[0] == GRID:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(run)


def scenarios(*more):
    return [load("baseline", [*SMALL, *more]), load("no_review", [*SMALL, "horizon_weeks=4"])]


def store(out, worlds, measures=ALIVE, sets=(), **order):
    return run_stored(out, scenarios(*sets), worlds, SEED, measures, Order(**order))


def log(folder):
    return Log(folder / "log.jsonl").read()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """700 worlds of both scenarios, done at one go; and what they hold."""
    out = tmp_path_factory.mktemp("store") / "whole"
    store(out, 700)
    return out, tables(out)


JOBS = pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.slow)])


class TestTables:
    def test_they_hold_what_the_runs_gave(self, whole):
        results = open_results(whole[0])
        run = simulate(scenarios()[1], 700, seed=SEED)
        mine = "WHERE scenario = 'no_review'"
        for name in ("hype", "entered", "revenue_total"):
            kept = results.column("worlds", name, "no_review")
            assert kept.tobytes() == run.series[name][:, -1].astype(float).tobytes()
            weekly = results.column("series", name, "no_review")
            assert weekly.tobytes() == run.series[name].astype(np.float32).tobytes()
        firms = results.sql(f"SELECT * FROM firms {mine} AND firm = 'baidu'").fetchnumpy()
        slot = run.firms.slot("baidu")
        assert firms["replication"].tolist() == list(range(700))
        assert np.array_equal(firms["cash"], run.final.cash[:, slot].astype(np.float32))
        entered = np.ma.filled(firms["entered"], np.inf)
        assert np.array_equal(entered, run.final.entered_at[:, slot].astype(np.float32))
        events = results.sql(f"SELECT * FROM events {mine} ORDER BY ALL").fetchall()
        assert len(events) == len(run.events)
        ours = sorted((e.world, np.float32(e.week), run.firms.ids[e.firm], e.kind)
                      for e in run.events)  # fmt: skip
        assert [(e[1], e[2], e[4], e[5]) for e in events] == ours
        taken = results.column("claims", "x", "no_review")
        assert np.array_equal(taken, Alive()(simulate(scenarios()[1], 700, SEED, snapshots=[2.0])))

    def test_they_agree_with_the_batch_in_memory(self, whole):
        batch = run_batch(scenarios(), 700, SEED, measures=[Alive()])
        for one in batch.scenarios:
            name = one.scenario.name
            for series in SERIES:
                kept = open_results(whole[0]).column("worlds", series, name)
                assert np.array_equal(kept, one.outcomes[series])

    def test_every_column_has_a_unit_in_the_file_and_in_the_manifest(self, whole):
        import pyarrow.parquet as parquet

        manifest = json.loads((whole[0] / "manifest.json").read_text("utf-8"))
        for table in TABLES:
            columns = columns_of(table, drawn=False)
            file = next((whole[0] / table).iterdir())
            schema = parquet.read_schema(file)
            told = json.loads(schema.metadata[b"columns"])
            assert schema.names == list(columns) == list(told) == list(manifest["columns"][table])
            assert all(one["unit"] and one["meaning"] for one in told.values())

    def test_pandas_polars_and_duckdb_read_the_same(self, whole):
        import duckdb
        import pandas
        import polars

        folder = whole[0] / "firms"
        one = pandas.read_parquet(folder)
        two = polars.read_parquet(folder / "*.parquet")
        three = duckdb.sql(f"SELECT * FROM '{folder}/*.parquet'").df()
        assert len(one) == len(two) == len(three) > 1400
        for name in ("cash", "replication"):
            sums = {float(one[name].sum()), float(two[name].cast(float).sum())}
            assert max(sums) == pytest.approx(min(sums)) == pytest.approx(three[name].sum())
        assert one["status"].value_counts().to_dict() == dict(two["status"].value_counts().rows())
        opened = open_results(whole[0])["firms"]
        assert len(opened.df()) == len(opened.pl()) == len(one)

    def test_parameters_are_kept_once_with_their_units(self, whole):
        rows = (
            open_results(whole[0])
            .sql(
                "SELECT scenario, number, unit FROM parameters "
                "WHERE path = 'regulation.review_delay_weeks' ORDER BY scenario"
            )
            .fetchall()
        )
        assert [row[0] for row in rows] == ["baseline", "no_review"]
        assert rows[0][1] == load("baseline").regulation.review_delay_weeks
        assert {row[2] for row in rows} == {"weeks"}

    def test_never_and_none_come_back_as_they_were(self, tmp_path):
        run_stored(tmp_path / "r", scenarios()[:1], 3, SEED, [Undefined()])
        kept = open_results(tmp_path / "r").column("claims", "x", "baseline")
        assert np.array_equal(kept, [np.inf, np.nan, 2.0], equal_nan=True)

    def test_what_became_of_firms_is_told_by_name(self, tmp_path):
        scenario = load("baseline")
        run_stored(tmp_path / "r", [scenario], 20, SEED)
        run = simulate(scenario, 20, SEED)
        ids, results = run.firms.ids, open_results(tmp_path / "r")
        sold = results.sql("SELECT replication, firm, acquirer, closed FROM firms "
                           "WHERE cause = 'acquired' ORDER BY ALL").fetchall()  # fmt: skip
        assert len(sold) > 20
        for world, firm, buyer, week in sold:
            slot = ids.index(firm)
            assert ids[run.final.acquirer[world, slot]] == buyer
            assert np.float32(run.final.closed_at[world, slot]) == week
        rows = results.sql("SELECT status, cause, count(*) FROM firms GROUP BY ALL").fetchall()
        assert sum(count for _, _, count in rows) == run.final.status.size
        gone = {"acquired", "bankrupt", "closed"}
        assert all(cause == (status if status in gone else None) for status, cause, _ in rows)
        own = run.final.capability > 20.0  # which stands for no model, and is left empty
        models = results.sql("SELECT count(capability), min(capability) FROM firms").fetchall()
        least = np.float32(np.min(run.final.capability[own]))
        assert models == [(np.sum(own), least)]
        others = results.sql("SELECT replication, firm, kind, other FROM events "
                             "WHERE other IS NOT NULL ORDER BY ALL").fetchall()  # fmt: skip
        routes = ("foundation", "fine_tune", "wrapper", "vertical")
        ours = sorted(
            (e.world, ids[e.firm], e.kind, routes[e.other] if e.kind == "pivoted" else ids[e.other])
            for e in run.events
            if e.other >= 0
        )
        assert others == ours and {"pivoted", "backed", "acquired"} <= {row[2] for row in ours}

    def test_a_name_with_brackets_and_stars_means_itself(self, tmp_path):
        for name in ("it's *", "it's x", "it's [x]"):
            run_stored(tmp_path / name, [load("baseline", SMALL)], 3, SEED)
        for name in ("it's *", "it's [x]"):
            assert open_results(tmp_path / name).rows("worlds") == 3


class TestGoingOn:
    @JOBS
    def test_more_worlds_are_added_and_the_bytes_are_those_of_one_go(
        self, whole, tmp_path, jobs, monkeypatch
    ):
        monkeypatch.setattr(executor, "WORTH_PROCESSES", 0)
        counts = [store(tmp_path / "r", worlds, jobs=jobs).made for worlds in (100, 300, 700, 700)]
        assert counts == [200, 400, 800, 0]
        assert tables(tmp_path / "r") == whole[1]

    @JOBS
    def test_blocks_done_in_parts_are_the_same_bytes(self, whole, tmp_path, jobs, monkeypatch):
        monkeypatch.setattr(executor, "WORTH_PROCESSES", 0)
        monkeypatch.setattr("llm_market_sim.batch.parts._parts", lambda blocks, jobs: 3)
        assert store(tmp_path / "r", 300, jobs=jobs).made == 600
        assert store(tmp_path / "r", 700, jobs=jobs).made == 800
        assert tables(tmp_path / "r") == whole[1]
        assert len([fact for fact in log(tmp_path / "r") if fact["what"] == "block"]) == 8

    def test_a_folder_never_shrinks(self, whole):
        before = tables(whole[0])
        outcome = store(whole[0], 5)
        assert (outcome.made, outcome.manifest.worlds) == (0, 700)
        assert tables(whole[0]) == before

    def test_the_seed_of_the_folder_is_taken_where_none_is_given(self, tmp_path):
        first = run_stored(tmp_path / "r", scenarios(), 4)
        again = run_stored(tmp_path / "r", scenarios(), 6)
        assert again.manifest.seed == first.manifest.seed and again.made == 4

    def test_comments_change_nothing_and_parameters_need_force(self, tmp_path):
        out, file = tmp_path / "r", tmp_path / "mine.yaml"
        text = ("label: {en: a, zh: b}\nextends: baseline\nabout: a\nhow: a\nnotice: a\ntry: a\n"
                "extend: a\nhorizon_weeks: 3\nfunding: {patience_weeks: 30}\n")  # fmt: skip
        file.write_text(text)
        run_stored(out, [load(str(file)), *scenarios()[1:]], 10, SEED)
        before = tables(out)
        file.write_text("# a comment\n" + text.replace("about: a", "about: another text"))
        assert run_stored(out, [load(str(file)), *scenarios()[1:]], 10, SEED).made == 0
        file.write_text(text.replace("30", "31"))
        changed = [load(str(file)), *scenarios()[1:]]
        with pytest.raises(InputError, match=r"mine differs in funding\.patience_weeks \(30.*31"):
            run_stored(out, changed, 10, SEED)
        assert tables(out) == before
        assert run_stored(out, changed, 10, SEED, order=Order(force=True)).made == 10
        after = tables(out)
        assert after.keys() == before.keys()
        assert all(after[f] == before[f] for f in before if "/no_review-" in f)

    @pytest.mark.parametrize(
        ("changes", "what"),
        [
            ({"seed": 6}, "it has seed 5, not 6"),
            ({"measures": [Alive(1)]}, "measured other claims"),
            ({"scenarios": scenarios()[:1]}, "also holds no_review"),
            ({"order": Order(shard=Shard(1, 2))}, "it is not a shard"),
        ],
    )
    def test_another_batch_is_refused_without_force(self, whole, changes, what):
        usual = {"scenarios": scenarios(), "worlds": 700, "seed": SEED, "measures": [Alive()]}
        with pytest.raises(InputError, match=what):
            run_stored(whole[0], **usual | changes)
        assert tables(whole[0]) == whole[1]

    def test_other_code_is_refused_without_force(self, tmp_path, monkeypatch):
        store(tmp_path / "r", 3)
        monkeypatch.setattr("llm_market_sim.batch.run.code_version", lambda plugins: "9.9+x")
        with pytest.raises(InputError, match=r"written by other rules \(.*; these are 9\.9\+x\)"):
            store(tmp_path / "r", 3)
        assert store(tmp_path / "r", 3, force=True).made == 6

    def test_a_scenario_may_be_added(self, tmp_path):
        run_stored(tmp_path / "r", scenarios()[:1], 10, SEED, [Alive()])
        assert store(tmp_path / "r", 10).made == 10

    def test_what_is_missing_begins_and_ends_on_the_grid(self):
        def have(*spans):
            return [Block("a", start, stop, "", {}) for start, stop in spans]

        assert missing(300, []) == [(0, 256), (256, 300)]
        assert missing(600, have((0, 256), (256, 300))) == [(300, 512), (512, 600)]
        assert missing(600, have((256, 512))) == [(0, 256), (512, 600)]
        assert missing(256, have((0, 256))) == [] == missing(10, have((0, 256)))

    def test_a_measure_has_the_same_name_in_every_process(self):
        class Plain:
            pass

        assert name_of(Plain()) == name_of(Plain())
        assert name_of(Alive(1)) != name_of(Alive(2))


class TestDamage:
    @pytest.fixture
    def out(self, tmp_path):
        store(tmp_path / "r", 300)
        return tmp_path / "r"

    @pytest.mark.parametrize("how", ["flipped", "cut", "gone"])
    def test_a_spoilt_block_is_found_and_computed_again(self, out, how):
        before = tables(out)
        file = sorted((out / "series").iterdir())[1]
        data = bytearray(file.read_bytes())
        if how == "flipped":
            data[len(data) // 2] ^= 1
            file.write_bytes(data)
            assert open_results(out).rows("worlds") == 600  # a size says nothing of this
            with pytest.raises(InputError, match="does not have the content that was written"):
                open_results(out, thorough=True)
        elif how == "cut":
            file.write_bytes(data[:-9])
        else:
            file.unlink()
        if how != "flipped":
            with pytest.raises(InputError, match=r"is damaged: .*series"):
                open_results(out)
        outcome = store(out, 300)
        assert outcome.made == 44 and str(file) in outcome.mended[0]
        assert tables(out) == before

    def test_a_torn_last_line_never_happened_and_another_is_refused(self, out):
        file = out / "log.jsonl"
        good = file.read_bytes()
        before = tables(out)
        lines = good.splitlines(keepends=True)
        blocks = [k for k, line in enumerate(lines) if b'"block"' in line]
        file.write_bytes(b"".join(lines[: blocks[-1]]) + lines[blocks[-1]][:-30])
        assert open_results(out).rows("worlds") < 600
        assert store(out, 300).made in (44, 256)
        assert tables(out) == before and open_results(out).rows("worlds") == 600
        for line in (b"garbage\n", b'{"what": "block"}\n', b"[]\n", b"\xff\xfe\n"):
            file.write_bytes(line + good)
            with pytest.raises(InputError, match=r"log\.jsonl:1: is damaged"):
                open_results(out)
            with pytest.raises(InputError, match=r"log\.jsonl:1: is damaged"):
                store(out, 300)

    @pytest.mark.parametrize(
        ("text", "what"),
        [
            ("", "is damaged, or not ours"),
            ("{", "is damaged, or not ours"),
            ('{"made_by": "another"}', "is damaged, or not ours"),
            ('{"made_by": "llm-market-sim", "schema_version": 1}', "has schema version 1"),
            ('{"made_by": "llm-market-sim", "schema_version": 99}', "has schema version 99"),
            ('{"made_by": "llm-market-sim", "schema_version": 2}', "is damaged .*is missing"),
        ],
    )
    def test_a_manifest_that_is_not_ours_is_refused(self, out, text, what):
        (out / "manifest.json").write_text(text)
        for use in (lambda: open_results(out), lambda: store(out, 300, force=True)):
            with pytest.raises(InputError, match=what):
                use()

    def test_a_line_that_finds_no_room_leaves_no_trace(self, out):
        file, before = Log(out / "log.jsonl"), (out / "log.jsonl").read_bytes()
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 20, limits[1]))
        try:
            with pytest.raises(OSError, match="File too large"):
                file.add("note", text="x" * 100)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert (out / "log.jsonl").read_bytes() == before

    def test_an_interrupt_while_files_are_compared_loses_nothing(self, out, monkeypatch):
        before = tables(out)

        def interrupt(self, folder, thorough):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(Block, "wrong_with", interrupt)
            with pytest.raises(KeyboardInterrupt):
                store(out, 300)
        assert tables(out) == before
        assert store(out, 300).made == 0

    def test_files_that_nobody_vouches_for_are_swept_and_foreign_ones_stay(self, out):
        before = tables(out)
        (out / "series" / "baseline-00000300-00000512.parquet").write_bytes(b"half")
        (out / "firms" / ".part-123").mkdir()
        (out / "firms" / ".part-123" / "x.parquet").write_bytes(b"half")
        (out / "notes.txt").write_text("precious")
        store(out, 300)
        assert tables(out) == before
        assert (out / "notes.txt").read_text() == "precious"


class TestFailures:
    @pytest.mark.parametrize("jobs", [1, 2])
    def test_a_block_that_fails_is_noted_and_the_rest_goes_on(self, tmp_path, monkeypatch, jobs):
        monkeypatch.setattr(executor, "WORTH_PROCESSES", 0)
        outcome = store(tmp_path / "r", 600, [Fails()], jobs=jobs)
        assert outcome.made == 2 * (600 - GRID)
        assert {(name, start, stop) for name, start, stop, _ in outcome.failed} == {
            ("baseline", 256, 512), ("no_review", 256, 512)
        }  # fmt: skip
        noted = [fact for fact in log(tmp_path / "r") if fact["what"] == "failed"]
        for fact in noted:
            assert (fact["stage"], fact["seed"]) == ("measures", SEED)
            assert fact["reason"].startswith("ZeroDivisionError: no such world (test_store.py:")
        status = open_results(tmp_path / "r").status
        assert [(one.there, one.asked, len(one.failed)) for one in status] == [(344, 600, 1)] * 2
        assert len(store(tmp_path / "r", 600, [Fails()]).failed) == 2  # tried again

    def test_parts_before_one_that_fails_are_kept(self, tmp_path, monkeypatch):
        monkeypatch.setattr("llm_market_sim.batch.parts._parts", lambda blocks, jobs: 4)
        monkeypatch.setattr("test_store.GRID", 128)  # the third part of the first block
        outcome = run_stored(tmp_path / "r", scenarios()[:1], 256, SEED, [Fails()])
        assert [(start, failed.stage) for _, start, _, failed in outcome.failed] == [
            (128, "measures"), (192, "block")
        ]  # fmt: skip
        assert outcome.made == open_results(tmp_path / "r").rows("worlds") == 128
        assert run_stored(tmp_path / "r", scenarios()[:1], 256, SEED, [Alive()],
                          Order(force=True)).made == 256  # fmt: skip

    def test_fail_fast_stops_at_once(self, tmp_path):
        with pytest.raises(MarketSimError, match=r"worlds 256 to 511: measures failed: ZeroDiv"):
            store(tmp_path / "r", 600, [Fails()], fail="fast")
        assert open_results(tmp_path / "r").status[0].there == GRID

    @pytest.mark.slow
    def test_a_process_that_dies_costs_its_block_only(self, tmp_path, monkeypatch):
        monkeypatch.setattr(executor, "WORTH_PROCESSES", 0)
        outcome = run_stored(tmp_path / "r", scenarios()[:1], 900, SEED, [Kills()], Order(jobs=2))
        assert [(start, failed.stage) for _, start, _, failed in outcome.failed] == [
            (256, "process")
        ]
        assert outcome.made == 900 - GRID

    def test_a_guest_policy_that_fails_is_told_at_the_end(self, tmp_path, capsys):
        (tmp_path / "failing_guest.py").write_text(
            "from llm_market_sim import policy\n\n@policy('failing')\n"
            "def failing(firm):\n    raise ValueError('nothing to wish')\n"
        )
        code = main([
            "batch", "baseline", "-n", "3", "--seed", "1", "--out", str(tmp_path / "r"), *SETS,
            "--set", "players.baidu.policy=failing", "--with", str(tmp_path / "failing_guest.py"),
        ])  # fmt: skip
        err = capsys.readouterr().err
        assert code == 1 and "3 worlds failed" in err
        told = 'simulation: policy "failing" of baidu, week 0: failing_guest.py:5: ValueError: '
        assert f"{told}nothing to wish\n" in err
        assert main(["results", str(tmp_path / "r")]) == 0
        assert "nothing to wish" in capsys.readouterr().out


class TestShards:
    @pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2)])
    def test_parts_merged_in_any_order_are_the_whole(self, whole, tmp_path, order):
        parts = [tmp_path / f"part-{k}" for k in (1, 2, 3)]
        for k, part in enumerate(parts, start=1):
            store(part, 300, shard=Shard(k, 3))
            store(part, 700, shard=Shard(k, 3))
        merge(tmp_path / "r", [parts[k - 1] for k in order])
        assert tables(tmp_path / "r") == whole[1]
        assert store(tmp_path / "r", 700).made == 0

    def test_a_missing_part_is_computed_by_the_same_command(self, whole, tmp_path):
        store(tmp_path / "part", 700, shard=Shard(2, 3))
        merge(tmp_path / "r", [tmp_path / "part"])
        assert 0 < open_results(tmp_path / "r").rows("worlds") < 1400
        store(tmp_path / "r", 700)
        assert tables(tmp_path / "r") == whole[1]

    def test_strangers_are_not_merged(self, whole, tmp_path):
        store(tmp_path / "other", 3, sets=["funding.patience_weeks=31"])
        with pytest.raises(InputError, match=r"other: is not a part of the batch .*patience_weeks"):
            merge(tmp_path / "r", [whole[0], tmp_path / "other"])
        assert not (tmp_path / "r").exists()

    def test_a_shard_needs_a_seed(self, tmp_path):
        with pytest.raises(InputError, match="a shard needs --seed"):
            run_stored(tmp_path / "r", scenarios(), 3, order=Order(shard=Shard(1, 2)))
        assert not (tmp_path / "r").exists()


def begin(out, worlds, *more, **options):
    """The command, as somebody else's process."""
    words = ["batch", "baseline", "-n", worlds, "--seed", SEED, "--out", out, *SETS, *more]
    return subprocess.Popen(
        [sys.executable, "-m", "llm_market_sim", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **options,
    )


def ended(process):
    """Whether it ended well."""
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return True


def until(condition, seconds=60.0):
    end = time.perf_counter() + seconds
    while not condition():
        assert time.perf_counter() < end, "it never came"
        time.sleep(0.01)


def noted(out, what):
    return out.exists() and any(fact["what"] == what for fact in log(out))


def test_an_interrupt_just_after_a_line_of_the_log_loses_nothing(tmp_path, monkeypatch):
    """The line vouches for files that nothing in memory knows of yet."""
    add = Log.add

    def interrupted(self, what, **facts):
        fact = add(self, what, **facts)
        if what == "block":
            raise KeyboardInterrupt
        return fact

    monkeypatch.setattr(Log, "add", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store(tmp_path / "r", 20)
    monkeypatch.undo()
    assert open_results(tmp_path / "r", thorough=True).rows("worlds") == 20
    assert store(tmp_path / "r", 20).made == 20  # of the other scenario


class TestProcesses:
    @pytest.mark.slow
    def test_killed_twenty_times_it_ends_with_the_same_bytes(self, tmp_path):
        worlds, luck = 12 * GRID, random.Random(2)
        clean = tmp_path / "clean"
        started = time.perf_counter()
        assert ended(begin(clean, worlds))
        usual = time.perf_counter() - started
        kills = rounds = kept = 0
        while kills < 20:
            out = tmp_path / f"round-{rounds}"
            rounds += 1
            while True:
                one = begin(out, worlds, "--jobs", luck.choice([1, 2]))
                try:
                    code = one.wait(luck.uniform(0.3, 0.9) * usual if kills < 20 else 120)
                except subprocess.TimeoutExpired:
                    if luck.random() < 0.5:
                        os.killpg(one.pid, signal.SIGKILL)  # all of it
                    one.kill()  # or the parent alone, whose workers are at work
                    one.wait()
                    kills += 1
                    continue
                finally:
                    one.communicate()
                assert code == 0
                break
            begins = [fact for fact in log(out) if fact["what"] == "begun"]
            kept += len(begins) > 1
            assert tables(out) == tables(clean)
            for name in ("verdicts.csv", "bands.csv", "survivors.svg"):
                assert (out / name).exists() == (clean / name).exists()
                if (out / name).exists():
                    assert (out / name).read_bytes() == (clean / name).read_bytes()
        assert kept >= 1

    @pytest.mark.slow
    def test_a_second_batch_is_refused_until_the_first_is_dead(self, tmp_path, capsys):
        out = tmp_path / "r"
        one = begin(out, 200 * GRID)
        until(lambda: noted(out, "block"))
        words = ["batch", "baseline", "-n", "3", "--seed", str(SEED), "--out", str(out), *SETS]
        assert main(words) == 2
        assert f"is being written by process {one.pid} on" in capsys.readouterr().err
        one.kill()
        one.communicate()
        done = open_results(out).rows("worlds")
        assert done >= GRID
        with pytest.raises(InputError, match="also holds baseline"):  # and no lock is left
            run_stored(out, scenarios()[1:], 3, SEED)

    @pytest.mark.slow
    def test_ctrl_c_leaves_a_folder_that_goes_on(self, tmp_path):
        out = tmp_path / "r"
        one = begin(out, 200 * GRID, "--jobs", 2)
        until(lambda: noted(out, "block"))
        os.killpg(one.pid, signal.SIGINT)
        _, err = one.communicate(timeout=120)
        assert one.returncode in (130, -signal.SIGINT)
        assert f"What is done is kept in {out}" in err and err.endswith("Interrupted.\n")
        assert open_results(out, thorough=True).rows("worlds") >= GRID
        assert not list(out.glob("*/.part-*"))

    @pytest.fixture
    def little_disk(self, tmp_path):
        """A disk of one megabyte."""
        disk = tmp_path / "disk"
        disk.mkdir()
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", disk],
                              capture_output=True, text=True)  # fmt: skip
        if made.returncode != 0:
            pytest.skip(f"no file system may be mounted here: {made.stderr.strip()}")
        yield disk
        subprocess.run(["umount", disk], check=True)

    @pytest.mark.slow
    @JOBS
    def test_a_disk_that_is_full_ends_it_and_room_lets_it_go_on(self, little_disk, jobs):
        out = little_disk / "r"
        one = begin(out, 8 * GRID, "--jobs", jobs)
        _, err = one.communicate(timeout=60)
        assert one.returncode == 1, err
        assert "r could not be written: " in err and "No space left on device" in err
        done = open_results(out, thorough=True).rows("worlds")
        assert done >= GRID and f"{done} worlds are kept there" in err
        assert not list(out.glob("*/.part-*"))
        subprocess.run(["mount", "-o", "remount,size=32m", little_disk], check=True)
        assert ended(begin(out, 8 * GRID))
        assert open_results(out, thorough=True).rows("worlds") == 8 * GRID

    @pytest.mark.slow
    @JOBS
    def test_a_limit_on_files_is_told_and_what_is_done_is_kept(self, tmp_path, jobs):
        out = tmp_path / "r"
        assert ended(begin(out, GRID))
        largest = max(path.stat().st_size for path in out.glob("*/*.parquet"))

        def crowd():  # no file may grow to the size of a block's largest
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest - 5000, resource.RLIM_INFINITY))

        one = begin(out, 8 * GRID, "--jobs", jobs, preexec_fn=crowd)
        _, err = one.communicate(timeout=60)
        assert one.returncode == 1, err
        assert "r could not be written: " in err and "File too large" in err
        assert f"{GRID} worlds are kept there" in err
        assert ended(begin(out, 8 * GRID))
        assert open_results(out, thorough=True).rows("worlds") == 8 * GRID

    @pytest.mark.skipif(not os.path.exists("/proc/self"), reason="no /proc here")
    def test_a_place_that_cannot_be_written_is_told_before_anything_runs(self, tmp_path):
        (tmp_path / "file").write_text("x")
        for out in (tmp_path / "file" / "r", "/proc/self/nowhere/r"):
            with pytest.raises(InputError, match="cannot be written"):
                store(out, 3)
        with pytest.raises(InputError, match="is a file"):
            store(tmp_path / "file", 3)
        (tmp_path / "full").mkdir()
        (tmp_path / "full" / "mine.txt").write_text("x")
        with pytest.raises(InputError, match=r"holds mine\.txt, which no batch wrote"):
            store(tmp_path / "full", 3, force=True)


@pytest.mark.parametrize(
    ("blocks", "worlds", "jobs", "many"),
    [
        (1, 256, 1, 1),
        (1, 256, 2, 2),
        (4, 256, 2, 1),
        (4, 256, 8, 2),
        (1, 256, 64, 8),
        (1, 40, 8, 1),
        (400, 256, 64, 1),
        (0, 0, 8, 1),
    ],
)
def test_blocks_are_cut_where_processes_would_have_nothing_to_do(blocks, worlds, jobs, many):
    every = [Piece(0, 256 * k, 256 * k + worlds, range(worlds)) for k in range(blocks)]
    parts = Parts(every, jobs, 512)
    assert len(parts.all) == blocks * many
    ids = [world for part in parts.all for world in range(part.start, part.stop)]
    assert ids == [world for block in every for world in range(block.start, block.stop)]
    done = [come for part in reversed(parts.all) if (come := parts.come(part, part.start))]
    assert len(done) == blocks
    assert all([start for _, start in come] == sorted(start for _, start in come) for come in done)


def test_pieces_come_in_any_order_and_all_of_them(tmp_path):
    from llm_market_sim.batch.pool import as_done

    pieces = [Piece(0, start, start + 3, range(3)) for start in range(0, 30, 3)]
    done = dict(as_done(Echo(), pieces, 2, ()))
    assert done == {piece: piece.start for piece in pieces}


@dataclass(frozen=True)
class Echo:
    """A task without work."""

    def work(self, piece):
        return piece.start
