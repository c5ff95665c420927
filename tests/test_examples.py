"""Every example of every help text does what it says; with few worlds, and none of its own."""

import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from llm_market_sim.cli.app import cli, main
from llm_market_sim.market.policies import registry

ROOT = Path(__file__).parents[1]
FEW = {  # what an example is given in addition, or in place of its own
    "batch": "--worlds 4 --jobs 1",
    "claims": "--worlds 4 --jobs 1",
    "compare": "--worlds 4 --jobs 1",
    "survival": "--worlds 10 --jobs 1",
    "sweep": "--worlds 2 --jobs 1",
    "stylised-facts": "--worlds 4 --jobs 1",
    "sensitivity": "--worlds 2 --jobs 1",
    "discover": "--worlds 20 --points 10 --jobs 1",
    "levers": "--worlds 8",
    "screen": "--worlds 4",
    "map": "--worlds 2 --jobs 1",
    "tournament": "--worlds 2",
}
ELSEWHERE = {"class", "explore", "diff-versions"}  # serve, or install: their own tests run them
STORED = {"results", "plot", "export", "handout"}  # take the folder of a batch
SLOW = set(
    (
        "batch claims compare discover handout levers map plot report screen sensitivity "
        "stylised-facts survival sweep tournament"
    ).split()
)
CLAIM = """\
id: claim
text: Nobody is left.
said_by: a test
source: this file
metric: n_general_platforms
predicate: x < 1
horizon_week: 60
status: emergent
reason: It is a test.
"""
ANSWERS = """\
student,scenario,seed,bet,worlds_true,direction,sentence
A,no_review,1,50,128,up,so
"""
BROWSER = """\
#!/bin/sh
for word in "$@"; do
  case "$word" in --print-to-pdf=*) echo "%PDF-1.4" > "${word#--print-to-pdf=}";; esac
done
"""


def examples(command):
    """The lines of a help text that begin with the program's name, as lists of words."""
    text = cli.get_command(None, command).epilog if command else cli.epilog
    text = re.sub(r"\\\n +", " ", text or "")
    lines = re.findall(r"^  llm-market-sim (.*)$", text, re.MULTILINE)
    return [shlex.split(re.split(r" {3,}| \| ", line)[0]) for line in lines]


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """What `batch baseline strict_review --out results` leaves."""
    out = tmp_path_factory.mktemp("examples") / "results"
    assert main(["batch", "baseline", "strict_review", "--seed", "1", "-n", "4", "-j", "1",
                 "--out", str(out)]) == 0  # fmt: skip
    return out


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder with the files that examples speak of, and a browser that prints at once."""
    (tmp_path / "my").mkdir()
    (tmp_path / "my" / "scenario.yaml").write_text("extends: baseline\n")
    (tmp_path / "my" / "claim.yaml").write_text(CLAIM)
    (tmp_path / "answers.csv").write_text(ANSWERS)
    shutil.copytree(ROOT / "experiments", tmp_path / "experiments")
    shutil.copy(ROOT / "experiments" / "my_policy.py", tmp_path)
    (tmp_path / "browser").write_text(BROWSER)
    (tmp_path / "browser").chmod(0o755)
    monkeypatch.setenv("CHROME_PATH", str(tmp_path / "browser"))
    sobol = tmp_path / "experiments" / "sensitivity_sobol.yaml"
    sobol.write_text(sobol.read_text("utf-8").replace("samples: 4096", "samples: 32"), "utf-8")
    monkeypatch.setattr("llm_market_sim.scenario.scenarios", lambda: ["baseline", "no_review"])
    monkeypatch.setattr("llm_market_sim.experiments.prim.RESAMPLES", 2)
    others = {name: one for name, one in registry._POLICIES.items() if name != "frugal"}
    monkeypatch.setattr(registry._POLICIES, "_things", others)  # another test may have read it
    monkeypatch.setitem(sys.modules, "my_policy", None)
    del sys.modules["my_policy"]
    monkeypatch.chdir(tmp_path)
    return tmp_path


COMMANDS = [
    pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else [])
    for name in [None, *cli.list_commands(None)]
]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_examples_of_a_command(command, stored, desk, capsys):
    if command in STORED:
        shutil.copytree(stored, "results")
    for words in examples(command):
        if words[0] in ELSEWHERE:
            continue
        few = FEW.get(words[0], "")
        if words[:2] == ["handout", "baseline"]:
            few = "--worlds 4"
        elif "--precision" in words:
            few = "--precision 0.2 --jobs 1"
        elif "posterior" in words:
            few = "--worlds 40 --jobs 1"
        code = main([*words, *few.split()])
        assert code == 0, (words, capsys.readouterr().err)
        if words[-2:] == ["--out", "results"] and command != "report":
            shutil.rmtree("results")  # the next one wants to make it, too


def test_nearly_every_command_has_examples():
    assert [name for name in cli.list_commands(None) if not examples(name)] == ["schedule"]
