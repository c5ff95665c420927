"""What others cite and keep: one version, one changelog, and files that say the same."""

import hashlib
import json
import re
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from programs import load_program

import llm_market_sim

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PAGES = ("CHANGELOG.md", "CONTRIBUTING.md", "README.md", "SECURITY.md")


@pytest.fixture(scope="module")
def metadata():
    return load_program(ROOT / "docs" / "metadata.py")


def test_files_that_are_made_are_in_step(metadata):
    for path, text in metadata.files().items():
        assert path.read_text("utf-8") == text, f"{path.name}: run make tables"


def test_they_are_read_by_others_as_meant(metadata):
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    required = {"cff-version", "message", "title", "authors"}
    assert required <= cited.keys() and cited["version"] == PROJECT["version"]
    licence = (ROOT / "LICENSE").read_text("utf-8")
    assert f"Copyright (c) 2026 {cited['authors'][0]['name']}\n" in licence
    kept = json.loads((ROOT / "codemeta.json").read_text("utf-8"))
    assert kept["version"] == PROJECT["version"] and len(kept["license"]) == 2
    invented = re.findall(r"https?://[^\"\s]+|\S+@\S+\.\S+", str(cited) + str(kept["author"]))
    assert invented == []


def test_a_released_version_has_its_day(metadata):
    entry = metadata.Entry("1.0.0", 1, "2026-12-01")
    cited = yaml.safe_load(metadata.citation(PROJECT, entry))
    assert cited["date-released"] == "2026-12-01"
    assert json.loads(metadata.codemeta(PROJECT, entry))["datePublished"] == "2026-12-01"


def test_the_changelog_begins_with_this_version_and_these_rules(metadata):
    newest, *older = metadata.changelog()
    assert newest.version == llm_market_sim.__version__
    assert newest.rules == llm_market_sim.__rules__
    numbers = [one.rules for one in (newest, *older)]
    assert numbers == sorted(numbers, reverse=True)


def test_new_rules_have_an_entry_that_names_numbers(metadata):
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    entries = re.split(r"^## .*\n", text, flags=re.MULTILINE)[1:]
    found = metadata.changelog()
    for one, before, said in zip(found, [*found[1:], None], entries, strict=True):
        if before is not None:
            assert (one.rules > before.rules) == ("\n- **Numbers.**" in said), one.version


def test_nothing_is_published_to_an_index():
    """An index refuses what is classified so."""
    assert "Private :: Do Not Upload" in PROJECT["classifiers"]


def test_the_first_line_tells_which_project_this_is():
    first, _, second, *_ = (ROOT / "README.md").read_text("utf-8").splitlines()
    assert first.startswith("# llm-market-sim: ") and "market" in first
    assert "same name" in second


@pytest.mark.parametrize("name", PAGES)
def test_links_of_the_front_pages_lead_somewhere(name):
    text = (ROOT / name).read_text("utf-8")
    text = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        assert (ROOT / path).exists(), target
        if anchor and path.endswith(".md"):
            headings = re.findall(r"^#+ (.+)$", (ROOT / path).read_text("utf-8"), re.MULTILINE)
            made = {
                re.sub(r"[^\w\- ]", "", one.lower()).strip().replace(" ", "-") for one in headings
            }
            assert anchor in made, target


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """The archive, made twice, with few worlds."""
    archive = load_program(ROOT / "docs" / "archive.py")
    archive.WORLDS = 4
    folder = tmp_path_factory.mktemp("archive")
    return [archive.pack(folder / name) for name in ("one.zip", "other.zip")]


@pytest.mark.slow
class TestArchive:
    def test_the_same_tree_gives_the_same_bytes(self, packed):
        one, other = (file.read_bytes() for file in packed)
        assert one == other

    def test_it_holds_code_model_metadata_outputs_and_checksums(self, packed):
        with zipfile.ZipFile(packed[0]) as archive:
            top = f"llm-market-sim-{PROJECT['version']}/"
            held = {name.removeprefix(top): archive.read(name) for name in archive.namelist()}
        wanted = (
            "README.md CITATION.cff codemeta.json LICENSE CHECKSUMS.sha256 code/pyproject.toml "
            "code/docs/model.md code/scenarios/baseline.yaml results/verdicts.csv "
            "results/bands.csv results/headline.png code/src/llm_market_sim/market/week.py"
        )
        assert {*wanted.split()} <= held.keys() and not any(".venv" in name for name in held)
        lines = held.pop("CHECKSUMS.sha256").decode().splitlines()
        sums = dict(reversed(line.split("  ", 1)) for line in lines)
        assert sums == {name: hashlib.sha256(text).hexdigest() for name, text in held.items()}
        assert b"--worlds 4 --seed 1" in held["README.md"]


class TestPythons:
    @pytest.fixture
    def pythons(self):
        return load_program(ROOT / "tests" / "try_pythons.py")

    def test_it_tries_what_the_project_says_it_runs_on(self, pythons):
        said = {one.rpartition(" ")[2] for one in PROJECT["classifiers"] if "Python :: 3." in one}
        assert said == set(pythons.VERSIONS)
        assert pythons.found("2.9") is None

    def test_one_that_is_not_here_has_not_passed(self, pythons, monkeypatch, capsys):
        monkeypatch.setattr(pythons, "found", lambda version: None)
        assert pythons.main(["--only", "3.12-pinned"]) == 1
        assert "Python 3.12, pinned packages: not here" in capsys.readouterr().out
        assert pythons.main(["--only", "3.1-pinned"]) == 2

    @pytest.mark.parametrize(("passing", "code"), [(True, 0), (False, 1)])
    def test_all_pairs_must_pass(self, pythons, passing, code, monkeypatch):
        asked = []

        def tried(version, packages, tests):
            asked.append((version, packages, *tests))
            return "passed" if passing or version != "3.13" else "failed"

        monkeypatch.setattr(pythons, "tried", tried)
        assert pythons.main(["-k", "x"]) == code
        assert len(set(asked)) == 6 and asked[0][2:] == ("-k", "x")
