"""One file to add one thing: every example of docs/adding.md, carried out on a copy."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "adding.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"(?ms)^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE))
FILE = re.compile(
    r"^(In|At the end of) `([\w./]+)`:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL
)
SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
SAID = {  # what the commands of a section say, in this order
    "A metric": [r"firms that entered after week 0 \[(\d+ ?){5}\]"],
    "A claim": ["claim twenty_licensed: ok", "By the end of 2023 twenty firms have a licence."],
    "A scenario": ["early_batches: ok", "Early batches"],
    "A figure": ["figures", "newcomers +How many firms came"],
    "A command": [r"describe .*\n  firms +List the named firms\.\n  schedule", "baidu: bigtech, "],
    "A mechanism": ["moves_per_year", "poach +People leave for"],
    "A policy": ["Seed 1, 4 worlds a scenario"],
    "A weekly series": ["fan_cash_baseline", "cash +DOUBLE +million USD +cash of all firms"],
    "A file of your own": [
        "claim half_are_poor: ok", "Half of the firms are poor.", "Half of the firms are poor.",
        "fan_richest_baseline_zh", r"\d of 9 hold",
    ],
}  # fmt: skip
TABLES = {  # what `make tables` then writes
    "A mechanism": ("model.md", r"`talent_lost` \| count \| times people left \| everybody"),
    "A claim": ("claims.md", r"twenty_licensed\]\(#twenty_licensed\) .* \| not judged yet \|"),
    "A figure": ("results.md", r"`newcomers` \| How many firms came, world by world \| worlds"),
    "A weekly series": ("model.md", r"`cash` \| million USD \| cash of all firms"),
}


@pytest.fixture
def tree(tmp_path):
    """A copy of what the examples add to."""
    for folder in ("src", "scenarios", "docs", "experiments"):
        leave = shutil.ignore_patterns("__pycache__", "*.ipynb")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=leave)
    return tmp_path


def add(tree, section):
    """Write the files of a section."""
    files = FILE.findall(SECTIONS[section])
    assert files, section
    for how, name, text in files:
        file = tree / name
        assert file.exists() == (how != "In"), name
        with file.open("a", encoding="utf-8") as stream:
            stream.write(text if how == "In" else f"\n\n{text}")


def run(tree, *arguments):
    """What a command says, all of it; it must succeed."""
    environment = {**os.environ, "PYTHONPATH": str(tree / "src"), "COLUMNS": "120"}
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=tree,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=500,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def follow(tree, section):
    """What the commands of a section say, together."""
    [shell] = SHELL.findall(SECTIONS[section])
    words = {"python": [], "llm-market-sim": ["-m", "llm_market_sim"]}
    lines = [shell] if shell.startswith("python") else shell.splitlines()
    given = [shlex.split(line) for line in lines]
    return "".join(run(tree, *words[first], *rest) for first, *rest in given)


@pytest.mark.slow
@pytest.mark.parametrize("section", SECTIONS)
def test_the_files_of_a_section_are_all_it_takes(tree, section):
    add(tree, section)
    said = follow(tree, section)
    place = 0
    for words in SAID[section]:
        found = re.compile(words).search(said, place)
        assert found, f"{words} in:\n{said[place:]}"
        place = found.end()
    if section in TABLES:
        page, row = TABLES[section]
        before = (tree / "docs" / page).read_text("utf-8")
        run(tree, tree / "docs" / "tables.py")
        after = (tree / "docs" / page).read_text("utf-8")
        assert re.search(row, after) and not re.search(row, before)


@pytest.mark.slow
def test_no_test_of_lists_and_documents_minds(tree):
    """All of it at once, in a copy with the tests that know lists, words, names and tables.

    Not the mechanism, whose equations the page of the model must tell in prose; and known answers,
    which tests ask of every metric and phase, are to be worked out by whoever adds one.
    """
    for section in [one for one in SECTIONS if one not in ("A mechanism", "A file of your own")]:
        add(tree, section)
    (tree / "tests").mkdir()
    names = (
        "conftest drawn programs samples test_docs test_words test_floors test_article_claims "
        "test_shipped_scenarios test_claim_survey"
    ).split()
    for name in names:
        shutil.copy(ROOT / "tests" / f"{name}.py", tree / "tests")
    (tree / "benchmarks").mkdir()
    pages = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "CITATION.cff")
    for name in ("pyproject.toml", "Makefile", *pages, "benchmarks/README.md"):
        shutil.copy(ROOT / name, tree / name)
    run(tree, tree / "docs" / "tables.py")
    run(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")


@pytest.mark.slow
def test_from_python_too(tree):
    """The file of one's own, imported, with two processes."""
    add(tree, "A file of your own")
    script = tree / "script.py"
    script.write_text(
        "import my_market\n"
        "import llm_market_sim as sim\n"
        "from llm_market_sim.claims import judge, load_claims\n"
        "if __name__ == '__main__':\n"
        "    base = sim.load('baseline', ['players.minimax.policy=thrifty', 'horizon_weeks=12'])\n"
        "    [claim] = load_claims(['half_are_poor'])\n"
        "    batch = sim.run_batch([base], 600, 1, measures=[claim.measurement], jobs=2,\n"
        "                          plugins=['my_market.py'])\n"
        "    done = batch['baseline']\n"
        "    verdict = judge(claim, 'baseline', done.measures['half_are_poor'])\n"
        "    run = sim.simulate(base, 3, 1)\n"
        "    same = (done.outcomes['richest'][:3] == run.series['richest'][:, -1]).all()\n"
        "    print(verdict.wording, verdict.held.worlds, same)\n"
    )
    assert re.search(r"(holds|fails|undecided) 600 True", run(tree, script))
