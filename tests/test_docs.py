"""The documents say what the code says: tables, symbols, phases, names and links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from programs import load_program

from llm_market_sim.claims import load_claims
from llm_market_sim.market.codes import Status
from llm_market_sim.market.observation import SERIES
from llm_market_sim.market.parameters import KINDS, ROUTES, SEGMENTS
from llm_market_sim.market.policies import policy_names
from llm_market_sim.market.roster import Player, Population
from llm_market_sim.market.schedule import SCHEDULE
from llm_market_sim.market.state import COLUMNS
from llm_market_sim.scenario import SECTIONS

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "docs" / "model.md"
PAGES = sorted(ROOT.glob("docs/**/*.md"))


tables = load_program(ROOT / "docs" / "tables.py")
TEXT = MODEL.read_text(encoding="utf-8")
PROSE = tables.prose(TEXT)


def _section(name: str) -> str:
    """The prose of the submodel whose heading ends in its file's name."""
    found = re.search(rf"^### [^\n]*\({name}\)\n(.*?)(?=^##)", PROSE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/model.md has no section on the submodel {name}"
    return found[1]


def _anchor(heading: str) -> str:
    """The name that GitHub gives a heading in links."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def _anchors(page: Path) -> set[str]:
    lines = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {_anchor(line) for line in lines}


@pytest.mark.parametrize("page", tables.PAGES, ids=lambda page: page.name)
def test_tables_are_in_step(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert tables.render(text) == text, "run: make tables"


def test_stored_verdicts_are_of_the_claims_as_they_are() -> None:
    """A new claim is "not judged yet" until somebody runs `make claims`."""
    stored = {name: row["definition"] for name, row in tables.verdicts().items()}
    now = {claim.id: claim.definition for claim in load_claims()}
    assert stored.items() <= now.items(), "run: make claims"
    assert len(stored) >= 25


def test_every_table_is_shown() -> None:
    texts = (page.read_text(encoding="utf-8") for page in tables.PAGES)
    shown = [name for text in texts for name in re.findall(r"<!-- table: (.+?) -->", text)]
    assert sorted(shown) == sorted(tables.TABLES)


@pytest.mark.parametrize("name", SECTIONS)
def test_every_symbol_is_in_an_equation_of_its_section(name: str) -> None:
    equations = " ".join("".join(pair) for pair in _math(_section(name)))
    for field, schema in SECTIONS[name].model_json_schema()["properties"].items():
        if symbol := schema["symbol"]:
            written = rf"(?<![A-Za-z\\]){re.escape(tables.latex(symbol))}(?![A-Za-z])"
            assert re.search(written, equations), f"{name}.{field}: {symbol} is not explained"


def _math(text: str) -> list[tuple[str, str]]:
    return re.findall(r"\$\$(.+?)\$\$|\$(.+?)\$", text, re.DOTALL)


@pytest.mark.parametrize("phase", SCHEDULE, ids=lambda phase: phase.name)
def test_every_phase_is_told(phase: object) -> None:
    submodels = PROSE[PROSE.index("## 7 Submodels") :]
    assert f"Phase **{phase.name}**" in submodels  # type: ignore[attr-defined]


def test_no_phase_is_told_that_does_not_exist() -> None:
    assert sorted(re.findall(r"Phase \*\*(.+?)\*\*", PROSE)) == sorted(p.name for p in SCHEDULE)


def test_names_in_the_text_exist() -> None:
    sections = {**SECTIONS, "population": Population}
    known = {*COLUMNS, *SERIES, *KINDS, *ROUTES, *SEGMENTS, *sections, *policy_names()}
    known |= {status.name.lower() for status in Status} | set(Player.model_fields)
    for name, section in sections.items():
        for field, schema in section.model_json_schema()["properties"].items():
            known |= {field, f"{name}.{field}", *schema.get("enum", ())}
    used = re.findall(r"`([a-z_]+(?:\.[a-z_]+)?)`", PROSE)
    assert sorted(set(used) - known) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_project_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page.name} links to {target}"
        assert file.is_relative_to(ROOT.resolve()), (
            f"{page.name} links out of the project: {target}"
        )
        if anchor and file.suffix == ".md":
            assert anchor in _anchors(file), f"{page.name} links to {target}"


def test_makefile_names_the_claims_that_are_judged_over_what_2023_leaves_open():
    words = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    listed = re.search(r"^OVER = (.*)$", words, re.MULTILINE)[1].split()
    shipped = {one.id for one in load_claims() if one.tested and one.intervention is None}
    assert set(listed) <= shipped and listed == sorted(tables._over_the_posterior())
