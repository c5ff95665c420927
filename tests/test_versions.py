"""Two versions on the same luck: what is found to differ, how they are found, and the page."""

import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
from test_chinese import KNOWN, english

from llm_market_sim.cli import other_version
from llm_market_sim.cli.app import main
from llm_market_sim.errors import InputError, MarketSimError
from llm_market_sim.experiments.versions import versions
from llm_market_sim.pages.versions import lines, sentences
from llm_market_sim.results import open_results
from llm_market_sim.scenario import load
from llm_market_sim.support.files import read_csv

BATCH = ["batch", "baseline", "no_review", "--worlds", "8", "--seed", "3", "--jobs", "1"]
CHANGE = ["--set", "regulation.review_delay_weeks=30"]  # no_review has no review


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The folder with the results of an old and a new version; rules stand in for versions."""
    folder = tmp_path_factory.mktemp("versions")
    assert main([*BATCH, "--out", str(folder / "old")]) == 0
    assert main([*BATCH, *CHANGE, "--out", str(folder / "new")]) == 0
    return folder


@pytest.fixture(scope="module")
def found(kept):
    return versions(open_results(kept / "old"), open_results(kept / "new"))


def test_a_version_differs_from_itself_in_nothing(kept):
    same = versions(open_results(kept / "old"), open_results(kept / "old"))
    assert same.moved == () and same.same == same.scenarios == ("baseline", "no_review")
    assert "Every number is the same" in " ".join(sentences(same))


def test_what_differs_is_found_with_its_size(kept, found):
    old, new = (open_results(kept / side) for side in ("old", "new"))
    assert {one.scenario for one in found.moved} == {"baseline"} and found.same == ("no_review",)
    [band] = [one for one in found.moved if one.name == "licensed"]
    ends = [one.column("worlds", "licensed", "baseline") for one in (old, new)]
    assert (band.before, band.after) == pytest.approx([np.mean(one) for one in ends])
    assert np.array(band.bands) == pytest.approx(np.quantile(ends, (0.05, 0.95), axis=1).T)
    assert band.low <= band.after - band.before <= band.high and band.unit == "firms"
    weeks = [one.weekly("baseline")["licensed"] for one in (old, new)]
    assert band.since == np.flatnonzero(np.any(weeks[0] != weeks[1], axis=0))[0] > 0
    assert band.worlds == np.sum(np.any(weeks[0] != weeks[1], axis=1)) > 0
    query = (
        "SELECT avg((cause IS NULL AND entered IS NOT NULL)::INT) FROM firms "
        "WHERE scenario = 'baseline' AND firm = '{}'"
    )
    for one in (one for one in found.moved if one.kind == "firm"):
        shares = [each.sql(query.format(one.name)).fetchall()[0][0] for each in (old, new)]
        assert [one.before, one.after] == pytest.approx(shares)
    assert all(one.p_value <= one.adjusted <= 1 for one in found.moved)


def test_a_claim_whose_verdict_turned_is_told_first(found):
    claims = [one for one in found.moved if one.kind == "claim"]
    assert claims and all(one.verdicts is not None for one in claims)
    turned = [line for line in lines(found.moved, "claim") if line.turned]
    assert lines(found.moved, "claim")[: len(turned)] == turned
    said = " ".join(sentences(found))
    assert f"Verdicts that changed: {sum(one.turned for one in claims)}." in said
    assert "Their rules are the same" in said and "In 1 of the scenarios nothing" in said


def test_a_firm_that_never_came_is_not_alive(tmp_path):
    few = [*BATCH[:2], *BATCH[3:], "--set", "horizon_weeks=30"]
    assert main([*few, "--out", str(tmp_path / "old")]) == 0
    rare = ["--set", "entry.intensity_per_week=0.2"]
    assert main([*few, *rare, "--out", str(tmp_path / "new")]) == 0
    old, new = (open_results(tmp_path / side) for side in ("old", "new"))
    absent = new.sql("SELECT firm FROM firms GROUP BY firm HAVING count(entered) = 0").fetchall()
    after = {one.name: one.after for one in versions(old, new).moved if one.kind == "firm"}
    assert {after[firm] for (firm,) in absent if firm in after} == {0.0}


def test_other_worlds_are_no_comparison(kept, tmp_path):
    assert main([*BATCH[:-4], "--seed", "4", "--jobs", "1", "--out", str(tmp_path / "r")]) == 0
    with pytest.raises(InputError, match="same seed and worlds"):
        versions(open_results(kept / "old"), open_results(tmp_path / "r"))


# A version as a folder in which it is installed: it says who it is, and its batch is there already.
PYTHON = """#!/bin/sh
case "$*" in *--version) echo "llm-market-sim {version}"; exit;; esac
while [ "$1" != --out ]; do shift; done
rm -rf "$2"; mkdir -p "$(dirname "$2")"; cp -R "{results}" "$2"
"""


def install(folder, version, results):
    home = folder / ".venv" / "bin"
    home.mkdir(parents=True)
    (home / "python").write_text(PYTHON.format(version=version, results=results))
    (home / "python").chmod(0o755)
    return folder


def test_the_command_runs_both_and_writes_a_page(kept, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    install(tmp_path / "a copy", "0.9.0", kept / "old")
    install(tmp_path / "another", "1.0.0, rules 1", kept / "new")
    given = ["diff-versions", "a copy", "another/.venv", "--worlds", "8", "--seed", "3"]
    assert main([*given, "--language", "zh"]) == 0
    page = (tmp_path / "build" / "versions" / "versions.html").read_text("utf-8")
    told = capsys.readouterr().out + re.sub(r"<[^>]*>", " ", page.partition("<body>")[2])
    told = re.sub(r"rules\S*|&lt;", " ", told)
    assert english(told) - {*load("baseline").players, *KNOWN, "copy"} == set()
    assert main(given) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "a copy (0.9.0) and another/.venv (1.0.0, rules 1)" in said
    page = (tmp_path / "build" / "versions" / "versions.html").read_text("utf-8")
    rows = set(re.findall(r'data-kind="(\w+)" data-name="(\w+)"', page))
    table = read_csv(tmp_path / "build" / "versions" / "versions.csv")
    assert rows == {(one["kind"], one["name"]) for one in table} and len(rows) > 10
    assert "http" not in page.replace("http-equiv", "")


@pytest.mark.skipif(shutil.which("git") is None or shutil.which("make") is None, reason="no git")
def test_a_revision_is_installed_once_by_its_own_makefile(kept, tmp_path, monkeypatch, capsys):
    repository = tmp_path / "repository"
    install(repository / "parts", "0.8.0", kept / "old")
    recipe = "cp -R parts/.venv . && touch $@ && echo x >> ../made"
    (repository / "Makefile").write_text(f".venv/installed:\n\t{recipe}\n")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a", "-c", "init.defaultBranch=m"]
    for words in (["init", "-q"], ["add", "-Af"], ["commit", "-qm", "One"]):
        subprocess.run([*git, *words], cwd=repository, check=True, capture_output=True)
    monkeypatch.chdir(repository)
    for _ in range(2):
        python = other_version.python_of("HEAD", tmp_path / "out")
        assert other_version.told(python) == "0.8.0"
    assert (tmp_path / "out" / "made").read_text() == "x\n"
    other_version.run(python, tmp_path / "results", (), 8, 3)
    assert open_results(tmp_path / "results").manifest.worlds == 8
    (repository / "Makefile").write_text(".venv/installed:\n\t@echo no network >&2; false\n")
    subprocess.run([*git, "commit", "-qam", "Two"], cwd=repository, check=True)
    with pytest.raises(MarketSimError, match=r"no network(.|\n)*Name a folder"):
        other_version.python_of("HEAD", tmp_path / "out")


@pytest.mark.parametrize(
    ("given", "why"),
    [("no-such-revision", "neither a folder nor a revision"), ("empty", "install it there first")],
)
def test_what_is_no_version_is_refused(given, why, tmp_path, monkeypatch, capsys):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    assert main(["diff-versions", given]) == 2
    assert why in capsys.readouterr().err and not (tmp_path / "build").exists()


def test_this_program_knows_itself():
    assert other_version.told(other_version.python_of("", None)).startswith("1.")
    assert str(other_version.python_of("", None)) == sys.executable
