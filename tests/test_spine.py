"""Whatever is asked of many worlds can be kept, stopped, gone on with and extended; and read."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import llm_market_sim
from llm_market_sim.batch import run, run_stored
from llm_market_sim.cli import progress
from llm_market_sim.cli.app import main
from llm_market_sim.experiments import over_posterior
from llm_market_sim.experiments.posterior import Posterior
from llm_market_sim.results import merge, open_results
from llm_market_sim.results.log import Log
from llm_market_sim.results.writer import Folder
from llm_market_sim.scenario import load

SETS = ["--set", "population.stealth_firms=1", "--set", "population.pool_firms=2"]
SHORT = ["--claim", "fifty_by_june", "--set", "horizon_weeks=12"]
EXPERIMENT = """\
about: A test.
claim: fifty_by_june
settings: [population.stealth_firms=1, population.pool_firms=2]
parameters:
  compute.price_usd_per_gpu_hour: [1.5, 12]
  users.inertia: [0.5, 2]
"""
FILES = {
    "sensitivity": "method: morris\ntrajectories: 2\nworlds: 4\n",
    "map": "cells: 2\n",
    "discover": "points: 10\n",
}
KINDS = {  # the command, worlds to begin with, and more of them
    "batch": (["batch", "baseline", "no_review", *SHORT], 10, 14),
    "posterior": (["batch", "baseline", "no_review", "--uncertainty", "posterior", *SHORT], 20, 40),
    "claims": (["claims", "baseline", *SHORT], 14, 18),
    "compare": (["compare", "baseline", "no_review", *SHORT], 10, 14),
    "sweep": (["sweep", "hype.spread=0.1,0.3", *SHORT], 10, 14),
    "survival": (["survival", "baseline", "--weeks", "20"], 14, 18),
    "facts": (["stylised-facts", "baseline"], 12, 14),
    "facts over the sample": (["stylised-facts", "--uncertainty", "posterior"], 12, 14),
    "sensitivity": (["sensitivity"], 6, 8),
    "map": (["map"], 4, 6),
    "discover": (["discover"], 20, 22),
}
QUICK = ("batch", "survival", "sensitivity", "map")  # the others are made of the same parts


def command_of(kind, folder):
    """The words of a command, but for worlds and --out."""
    words = list(KINDS[kind][0])
    if words[0] in FILES:
        file = folder / f"{kind}.yaml"
        file.write_text(EXPERIMENT + FILES[kind])
        return [*words, str(file), "-j", "1"]
    return [*words, *SETS, "--seed", "3", "-j", "1"]


def tables(folder):
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.glob("*/*.parquet")}


def said(printed, folder):
    """What a command says, but for the time it took and the folder's name."""
    return printed.replace(str(folder), "FOLDER").splitlines()[:-2]


@pytest.fixture
def little_blocks(monkeypatch):
    """Blocks of 4 rows, so that a few worlds are several."""
    for room in (run, merge):
        monkeypatch.setattr(room, "Folder", lambda out, grid=0: Folder(out, 4))


@pytest.mark.parametrize(
    "kind", [pytest.param(one, marks=[pytest.mark.slow] * (one not in QUICK)) for one in KINDS]
)
def test_killed_gone_on_with_and_extended_it_is_the_same_as_one_go(
    kind, tmp_path, capsys, monkeypatch, little_blocks
):
    if kind in ("sensitivity", "discover"):
        pytest.importorskip({"sensitivity": "SALib", "discover": "ema_workbench"}[kind])
    _, few, many = KINDS[kind]
    words, out, whole = command_of(kind, tmp_path), tmp_path / "out", tmp_path / "whole"
    assert main([*words, "-n", str(many), "--out", str(whole)]) == 0
    told = capsys.readouterr().out
    add, blocks = Log.add, []

    def stop(self, what, **facts):
        blocks.extend([what] if what == "block" else [])
        if len(blocks) == 3:
            raise KeyboardInterrupt
        return add(self, what, **facts)

    with monkeypatch.context() as patch:
        patch.setattr(Log, "add", stop)
        assert main([*words, "-n", str(few), "--out", str(out)]) == 130
    assert "the same command goes on from there" in capsys.readouterr().err
    kept = tables(out)
    assert kept and main([*words, "-n", str(few), "--out", str(out)]) == 0
    assert "worlds are there already" in capsys.readouterr().err
    assert kept.items() <= tables(out).items() and kept != tables(out)
    assert main([*words, "-n", str(many), "--out", str(out)]) == 0
    assert tables(out) == tables(whole)
    assert said(capsys.readouterr().out, out) == said(told, whole)
    assert main([*words, "-n", str(few), "--out", str(out)]) == 0  # a folder never shrinks
    assert tables(out) == tables(whole)
    assert main(["results", str(out), "--check"]) == 0
    assert main(["plot", str(out)]) == 0  # each figure is there, or there is a reason why not


def test_more_draws_and_more_samples_keep_the_worlds_that_are_there(
    tmp_path, capsys, monkeypatch, little_blocks
):
    pytest.importorskip("SALib")
    values = np.linspace([1.5, 0.5], [12.0, 2.0], 9)
    paths = ("compute.price_usd_per_gpu_hour", "users.inertia")
    sample = Posterior(paths, values, np.full(9, 1 / 9))
    monkeypatch.setattr(over_posterior, "load_posterior", lambda: sample)
    file = tmp_path / "sobol.yaml"
    sobol = ["sensitivity", str(file), "--seed", "3", "-j", "1"]
    over = [*command_of("posterior", tmp_path), "-n"]
    for kind, few, many, rows in (("over", "20", "40", 40), ("sobol", "8", "16", 40)):
        out, whole = tmp_path / f"{kind}-out", tmp_path / f"{kind}-whole"

        def ask(count, folder, kind=kind):
            file.write_text(f"{EXPERIMENT}method: sobol\nworlds: 3\nsamples: {count}\n")
            words = sobol if kind == "sobol" else [*over, count]
            assert main([*words, "--out", str(folder)]) == 0
            return capsys.readouterr().out

        told = ask(many, whole)
        ask(few, out)
        assert f"{rows} of them computed now" in ask(many, out)
        assert tables(out) == tables(whole)
        again = ask(few, out)  # a folder never shrinks
        assert tables(out) == tables(whole) and ", 0 of them computed now" in again
        assert said(again, out) == said(told, whole)


def test_without_a_folder_the_answer_is_the_same(tmp_path, capsys):
    for kind in ("posterior", "survival", "map"):
        words = [*command_of(kind, tmp_path), "-n", str(KINDS[kind][1])]
        assert main(words) == 0
        alone = capsys.readouterr().out
        assert main([*words, "--out", str(tmp_path / kind)]) == 0
        assert capsys.readouterr().out.splitlines()[:-2] == alone.splitlines()[:-1]


def test_other_ranges_and_other_numbers_of_points_are_another_design(tmp_path, capsys):
    words = command_of("map", tmp_path)
    assert main([*words, "-n", "2", "--out", str(tmp_path / "out")]) == 0
    file = tmp_path / "map.yaml"
    for old, new, what in (
        ("[0.5, 2]", "[0.5, 3]", "ranges.users.inertia ([0.5, 2.0], now [0.5, 3.0])"),
        ("cells: 2", "cells: 3", "cells (2, now 3)"),
    ):
        text = file.read_text()
        file.write_text(text.replace(old, new))
        assert main([*words, "-n", "2", "--out", str(tmp_path / "out")]) == 2
        assert f"its design differs in {what}" in capsys.readouterr().err
        file.write_text(text)
    with_force = [*words, "--seed", "9", "-n", "2", "--out", str(tmp_path / "out"), "--force"]
    assert main(with_force) == 0


def test_shards_of_an_experiment_are_merged_to_the_same_bytes(tmp_path, capsys, little_blocks):
    words = [*command_of("map", tmp_path), "-n", "6", "--seed", "1"]
    assert main([*words, "--out", str(tmp_path / "whole")]) == 0
    parts = [tmp_path / f"part-{k}" for k in (1, 2)]
    for k, part in enumerate(parts, 1):
        assert main([*words, "--shard", f"{k}/2", "--out", str(part)]) == 0
    assert main(["merge", str(tmp_path / "out"), *map(str, parts)]) == 0
    assert tables(tmp_path / "out") == tables(tmp_path / "whole")
    assert main([*words, "--out", str(tmp_path / "out")]) == 0
    assert "0 of them computed now" in capsys.readouterr().out


def test_what_needs_a_folder_says_so(capsys):
    for more in (["--force"], ["--fail", "slow"], ["--shard", "1/2"]):
        assert main(["survival", "baseline", *more]) == 2
        assert f"{more[0]} needs --out" in capsys.readouterr().err


def test_it_says_how_far_it_is_where_nobody_looks(tmp_path, capsys, monkeypatch):
    """As into a file: a line now and then, and one at the end."""
    monkeypatch.setattr(progress, "_EVERY", 0.0)
    pytest.importorskip("SALib")
    for kind in ("sensitivity", "map"):
        words = [*command_of(kind, tmp_path), "-n", "200"]
        assert main(words) == 0
        err = capsys.readouterr().err
        assert re.search(r"[\d,]+ of [\d,]+ worlds, [\d.]+/s, about \d+ s left\n", err)
        assert re.search(r"1 of 1: baseline, [\d,]+ worlds, [\d.]+ s\n$", err)


def test_a_lack_of_memory_is_told_with_a_way_out(capsys, monkeypatch):
    def full(*given, **more):
        raise MemoryError

    monkeypatch.setattr("llm_market_sim.batch.work.simulate_block", full)
    assert main(["batch", "baseline", "-n", "3", "--seed", "1"]) == 1
    err = capsys.readouterr().err
    assert "not enough memory; try fewer processes: --jobs 1" in err
    monkeypatch.setattr("llm_market_sim.batch.run.Folder", full)
    assert main(["batch", "baseline", "-n", "3", "--seed", "1"]) == 1
    err = capsys.readouterr().err
    assert "not enough memory" in err and "mistake in the program" not in err


# Folders of other versions


@pytest.fixture
def older(tmp_path, monkeypatch):
    """A folder as another version would have left it: one parameter less, others more."""
    out = tmp_path / "older"
    words = ["batch", "baseline", "no_review", "-n", "8", "--seed", "1", "-j", "1", *SETS]
    assert main([*words, "--out", str(out)]) == 0
    file = out / "manifest.json"
    made = json.loads(file.read_text("utf-8"))
    made["code"] = "0.0.1+of-another"
    for one in made["scenarios"].values():
        del one["resolved"]["funding"]["patience_weeks"], one["rows"]
        del one["resolved"]["users"]["churn_per_year" if 0 else "inertia"]["public"]
        one["resolved"]["users"]["gone"] = 3.0
        one["resolved"]["gone_section"] = {"x": 1.0}
        for player in one["resolved"]["players"].values():
            player["gone_too"] = 1
        one["resolved"]["timeline"]["late"] = {
            "date": "2023-12-01", "until": None, "set": {"users.gone": 1.0, "hype.gone": 2.0},
            "scale": {}, "shock": {}, "enter": [],
        }  # fmt: skip
    del made["design"]
    file.write_text(json.dumps(made), "utf-8")
    monkeypatch.setattr("llm_market_sim.scenario.files.data_folder", lambda: tmp_path / "nowhere")
    return out, words


def test_a_folder_of_another_version_is_read_and_what_differs_is_named(older, capsys, tmp_path):
    out, _ = older
    told = (
        f"{out} was written by another version; parameters added since, which take their "
        "defaults: users.inertia.public, funding.patience_weeks\n",
        f"{out} was written by another version; parameters that are gone, which are ignored: "
        "gone_section, users.gone, players.*.gone_too, hype.gone\n",
    )
    for words in (
        ["results", str(out)],
        ["report", str(out)],
        ["handout", str(out)],
        ["plot", str(out), "survivors", "survival", "timeline", "paired"],
        ["export", str(out), str(tmp_path / "tables")],
    ):
        assert main(words) == 0, words
        err = capsys.readouterr().err
        assert all(one in err for one in told), (words, err)
    asked = "SELECT DISTINCT number FROM parameters WHERE path = 'funding.patience_weeks'"
    usual = load_defaults().funding.patience_weeks
    results = open_results(out)
    assert results.sql(asked).fetchall() == [(usual,)]
    gone = "SELECT count(*) FROM parameters WHERE path LIKE '%gone%'"
    assert results.sql(gone).fetchall() == [(0,)]
    assert results.scenario("no_review").funding.patience_weeks == usual
    assert main(["plot", str(out), "money"]) == 2
    assert "other rules wrote the folder (0.0.1+of-another)" in capsys.readouterr().err


def load_defaults():
    from llm_market_sim.scenario import Sections

    return Sections()


def test_only_going_on_asks_for_the_same_rules(tmp_path, capsys):
    out = tmp_path / "r"
    words = ["batch", "baseline", "-n", "3", "--seed", "1", "-j", "1", *SETS, "--out", str(out)]
    assert main(words) == 0
    file = out / "manifest.json"
    file.write_text(re.sub(r'"code": "[^"]+"', '"code": "0.0.1+x"', file.read_text("utf-8")))
    assert main(words) == 2
    assert "written by other rules (0.0.1+x; these are " in capsys.readouterr().err


EDITS = {  # file, what is there, what comes in its place, and whether folders stay usable
    "a figure": ("figures/race.py", "BLACK", "BLUE", True),
    "a page": ("pages/page.py", "_FIGURES = (", "_FIGURES = ('fan', ", True),
    "a command": ("cli/commands/schedule.py", "Every week", "Each week", True),
    "a docstring": ("market/mechanisms/hype.py", '"""', '"""Words! ', True),
    "a comment": ("market/state.py", "from __future__", "# a comment\nfrom __future__", True),
    "the rows of a notebook's table": ("support/html_repr.py", "MOST = 30", "MOST = 31", True),
    "how numbers are said": ("words.py", " million", " mio", True),
    "a card": ("simulation/card.py", '"hhi", ', "", True),
    "a rule": ("market/mechanisms/hype.py", " + ", " - ", False),
    "a default": ("market/mechanisms/funding.py", "0.5,", "0.51,", False),
    "a metric": ("metrics/market.py", " - ", " + ", False),
    "a run": ("market/week.py", "range(first, last)", "range(first, last - 1)", False),
}


def test_editing_a_rule_asks_for_new_worlds_and_editing_words_does_not(tmp_path):
    """On a copy of the package, with an interpreter of its own."""
    source = Path(llm_market_sim.__file__).parent
    copy = tmp_path / "llm_market_sim"
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__", "fonts"))
    program = """
import sys
from pathlib import Path
from llm_market_sim.results import rules
assert Path(rules.__file__).is_relative_to(sys.argv[1])
print(rules.code_version())
for line in sys.stdin:
    name, old, new = eval(line)
    file = Path(sys.argv[1], name)
    before = file.read_text("utf-8")
    assert old in before, (name, old)
    file.write_text(before.replace(old, new, 1), "utf-8")
    rules._version.cache_clear()
    print(rules.code_version())
    file.write_text(before, "utf-8")
"""
    asked = "".join(f"{edit[:3]!r}\n" for edit in EDITS.values())
    done = subprocess.run(
        [sys.executable, "-c", program, str(copy)],
        input=asked,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    usual, *edited = done.stdout.split()
    for (what, edit), code in zip(EDITS.items(), edited, strict=True):
        assert (code == usual) == edit[3], what


def test_a_scenario_may_be_called_anything(tmp_path):
    """A name is not taken for a path, and a long one is cut."""
    for name in ("a/b", "..", "baseline, tencent is ready 8 weeks earlier", "很长" * 100):
        scenario = load("baseline", [*SETS[1::2], "horizon_weeks=2"])
        out = tmp_path / str(len(name))
        run_stored(out, [scenario.model_copy(update={"name": name})], 3, 1)
        assert open_results(out, thorough=True).columns("worlds", ["hype"], name)["hype"].size == 3
