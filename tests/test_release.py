"""What others cite and keep: one version, one changelog, and files that say the same."""

from __future__ import annotations

import importlib.util
import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml

import llm_market_sim

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PAGES = ("CHANGELOG.md", "CONTRIBUTING.md", "README.md", "SECURITY.md")


def load(path):
    """A program that stands outside the package, as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def metadata():
    return load(ROOT / "docs" / "metadata.py")


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
