"""What is said reaches its reader, whatever the terminal and whoever has gone."""

import os
import shutil
import subprocess
import sys

import pytest

from llm_market_sim.cli.app import main

SMALL = ["--set", "horizon_weeks=6", "--set", "population.stealth_firms=4",
         "--set", "population.pool_firms=6"]  # fmt: skip
BATCH = ["batch", "baseline", "-n", "2", "--seed", "1", *SMALL]
EXPERIMENT = """\
about: A test.
claim: three_to_five_survive
worlds: 2
cells: 3
parameters:
  compute.price_usd_per_gpu_hour: [3, 5]
  regulation.review_delay_weeks: [13, 26]
"""
PLAIN = {k: v for k, v in os.environ.items() if k not in ("PYTHONIOENCODING", "PYTHONUTF8")}


def ended(words, shell="", encoding="utf-8", **more):
    """Run a command, its streams as `shell` says; what it gave."""
    command = ["sh", "-c", f'"$@" {shell}', "sh", sys.executable, "-m", "llm_market_sim", *words]
    return subprocess.run(command, capture_output=True, env=PLAIN | {"PYTHONIOENCODING": encoding},
                          timeout=60, **more)  # fmt: skip


@pytest.mark.parametrize("encoding", ["latin-1", "cp437", "ascii"])
def test_letters_that_a_terminal_lacks_are_written_in_plain_ones(encoding):
    done = ended(["describe", "baseline"], encoding=encoding)
    told, lost = (
        one.decode("utf-8" if encoding == "ascii" else encoding)
        for one in (done.stdout, done.stderr)
    )
    assert done.returncode == 0 and "review_delay_weeks" in told
    if encoding == "ascii":  # a terminal that says no more knows UTF-8
        assert "基准" in told and lost == ""
    else:
        assert lost.count("does not have are shown as ?") == 1 and "utf-8" in lost


def test_an_answer_is_the_same_but_for_its_letters():
    plain, old = (ended(BATCH, encoding=one).stdout.decode(one) for one in ("utf-8", "latin-1"))
    strip = str.maketrans({"“": '"', "”": '"'})
    assert plain.translate(strip).split("Seed")[0] == old.split("Seed")[0]


@pytest.mark.parametrize("closed", [pytest.param(">&-", marks=pytest.mark.slow), "<&- >&- 2>&-"])
def test_closed_streams_change_nothing_but_what_is_read(closed, tmp_path):
    done = ended([*BATCH, "-j", "2", "--out", str(tmp_path / "kept")], closed)
    assert done.returncode == 0 and b"Traceback" not in done.stderr
    assert done.stdout == b""
    assert main(["results", str(tmp_path / "kept"), "--check"]) == 0
    assert ended(["describe", "nothing"], closed).returncode == 2


@pytest.mark.parametrize("gone", ["2>&1 | head -n 1", "2>&1 | true", "| head -n 1"])
def test_a_reader_that_has_gone_is_no_error(gone):
    done = ended(["describe", "baseline"], gone)
    assert b"Traceback" not in done.stdout + done.stderr
    assert b"Error" not in done.stdout + done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_device_is_one_sentence():
    done = ended(["describe", "baseline"], ">/dev/full")
    assert done.returncode == 1
    assert done.stderr.decode().strip() == "Error: No space left on device"


def test_paths_that_nobody_can_type_again_are_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    faults = {
        "": "is empty",
        " ": "is empty",
        "a\nb": "line break",
        "a\x07": "line break",
        os.fsdecode(b"\xff"): "bytes that are not text",
    }
    wanted = [[*BATCH, "--out"], ["schema", "--out"], ["results"], ["merge", "a"], ["report"],
              ["survival", "baseline", "--out"], ["plot", "a", "--out"], ["export", "a"],
              ["map", "a.yaml", "--out"], ["handout", "baseline", "--out"]]  # fmt: skip
    for name, said in faults.items():
        for words in wanted:
            assert main([*words, name]) == 2
            assert said in capsys.readouterr().err, (words, name)
    assert list(tmp_path.iterdir()) == []


def test_what_a_file_manager_leaves_does_not_count(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "experiment.yaml").write_text(EXPERIMENT)
    for name, words in {"batch": [*BATCH, "-j", "1"],
                        "map": ["map", "experiment.yaml", "-j", "1"]}.items():  # fmt: skip
        for inside, code in ((".DS_Store", 0), ("letter.txt", 2)):
            (tmp_path / name / inside).mkdir(parents=True)
            assert main([*words, "--out", f"{name}/{inside}"]) == 0  # an empty one will do
            shutil.rmtree(tmp_path / name)
            (tmp_path / name).mkdir()
            (tmp_path / name / inside).write_bytes(b"mine")
            assert main([*words, "--out", name]) == code, (name, inside)
            shutil.rmtree(tmp_path / name)
