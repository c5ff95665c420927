"""Every line of README that can be typed works as it stands there; with few worlds."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from test_examples import ELSEWHERE, FEW, ROOT, SLOW, desk, stored  # noqa: F401

from llm_market_sim.cli.app import main

TEXT = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
PROSE = re.sub(r"^```.*?^```$", "", TEXT, flags=re.MULTILINE | re.DOTALL)
LINES = list(dict.fromkeys(re.findall(r"`(llm-market-sim [^`]+)`", PROSE)))
STORED = ("plot results", "report results", "handout results", "results results", "export results")
SCENARIO = next(text for kind, text in BLOCKS if kind == "yaml")


def is_slow(line):
    words = line.split()
    return words[1] in SLOW or "posterior" in line


@pytest.mark.parametrize(
    "line", [pytest.param(one, marks=[pytest.mark.slow] * is_slow(one)) for one in LINES]
)
def test_a_command_line_works(line, request, desk, capsys):  # noqa: F811
    words = shlex.split(line)[1:]
    if words[0] in ELSEWHERE:
        pytest.skip("serves until it is ended; its own tests start it")
    if line.split(" ", 1)[1].startswith(STORED):
        shutil.copytree(request.getfixturevalue("stored"), "results")
    Path("slow.yaml").write_text(SCENARIO, encoding="utf-8")
    few = "--worlds 40 --jobs 1" if "posterior" in words else FEW.get(words[0], "")
    assert main([*words, *few.split()]) == 0, capsys.readouterr().err


def test_there_are_lines_of_every_part():
    assert len(LINES) > 25 and any(line.startswith("llm-market-sim sweep") for line in LINES)


def test_a_scenario_of_ones_own_is_sound_and_its_mistake_told(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("slow.yaml").write_text(SCENARIO, encoding="utf-8")
    assert main(["validate", "slow.yaml"]) == 0
    shown = next(text for _, text in BLOCKS if text.startswith("slow.yaml:"))
    Path("slow.yaml").write_text(SCENARIO.replace("review_delay", "reveiw_delay"), "utf-8")
    capsys.readouterr()
    assert main(["validate", "slow.yaml"]) == 2
    where, _, said = shown.strip().partition(" ")
    assert said in capsys.readouterr().err and where.startswith("slow.yaml:")


@pytest.mark.slow
def test_the_python_works(stored, tmp_path):  # noqa: F811
    shutil.copytree(stored, tmp_path / "results")
    code = "\n".join(text for kind, text in BLOCKS if kind == "python")
    assert "worlds=200" in code
    done = subprocess.run(
        [sys.executable, "-c", code.replace("worlds=200", "worlds=4")],
        cwd=tmp_path,
        env=os.environ,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("target", re.findall(r"^make (\w+)", TEXT, re.MULTILINE))
def test_a_target_of_make_is_there(target, tmp_path):
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        ["make", "-n", target], cwd=tmp_path, env=kept, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert " -e " in done.stdout  # it installs first what it runs


def test_what_else_can_be_typed_names_files_that_are_there():
    others = re.findall(r"`((?:python|jupyter|solara|make|source) [^`]+)`", PROSE)
    files = [word for line in others for word in line.split() if "/" in word]
    assert len(others) >= 4
    assert [one for one in files if not one.startswith(".venv") and not (ROOT / one).exists()] == []
