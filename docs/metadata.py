"""Write CITATION.cff and codemeta.json from pyproject.toml: ``python docs/metadata.py``.

What others need to cite and to keep the program is said once, in pyproject.toml; the day of a
release, once, in a heading of CHANGELOG.md. `make tables` runs this.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[1]
_HEADING = re.compile(
    r"^## (?P<version>\d+\.\d+\.\d+) "
    r"\((?:rules (?P<rules>\d+)|rules had no number)\), "
    r"(?P<day>\d{4}-\d\d-\d\d|not released(?: yet)?)$",
    re.MULTILINE,
)


class Entry(NamedTuple):
    """A heading of CHANGELOG.md. rules: 0 where they had no number; day: empty if not released."""

    version: str
    rules: int
    day: str


def changelog() -> list[Entry]:
    """Its headings, newest first; ValueError where one is written in another way."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    found = [
        Entry(one["version"], int(one["rules"] or 0), one["day"] if one["day"][0] == "2" else "")
        for one in _HEADING.finditer(text)
    ]
    if len(found) != len(re.findall(r"^## ", text, re.MULTILINE)):
        raise ValueError('a heading is such as "## 1.0.0 (rules 1), 2026-12-01", or "not released"')
    return found


def project() -> dict[str, Any]:
    """The table of that name in pyproject.toml."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    return dict(tomllib.loads(text)["project"])


def citation(project: dict[str, Any], newest: Entry) -> str:
    """CITATION.cff, in the Citation File Format 1.2.0."""
    facts: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": "If you use this program, please cite it as below.",
        "type": "software",
        "title": project["name"],
        "abstract": project["description"],
        "authors": [{"name": one["name"]} for one in project["authors"]],
        "version": project["version"],
    }
    if newest.day:
        facts["date-released"] = newest.day
    # Of several licences the format means any one; both hold here, of which one is the fonts'.
    facts |= {"license": _licences(project)[0], "keywords": project["keywords"]}
    return yaml.safe_dump(facts, sort_keys=False, allow_unicode=True, width=88)


def codemeta(project: dict[str, Any], newest: Entry) -> str:
    """codemeta.json, in the vocabulary of CodeMeta 3.0."""
    facts: dict[str, Any] = {
        "@context": "https://w3id.org/codemeta/3.0",
        "@type": "SoftwareSourceCode",
        "name": project["name"],
        "description": project["description"],
        "version": project["version"],
        "license": [f"https://spdx.org/licenses/{one}" for one in _licences(project)],
        "author": [{"@type": "Organization", "name": one["name"]} for one in project["authors"]],
        "keywords": project["keywords"],
        "programmingLanguage": "Python",
        "runtimePlatform": f"Python {project['requires-python']}",
        "operatingSystem": "POSIX",
        "softwareRequirements": project["dependencies"],
        "readme": project["readme"],
    }
    if newest.day:
        facts["datePublished"] = newest.day
    return json.dumps(facts, ensure_ascii=False, indent=2) + "\n"


def _licences(project: dict[str, Any]) -> list[str]:
    return str(project["license"]).split(" AND ")


def files() -> dict[Path, str]:
    """What each file must hold."""
    made, newest = project(), changelog()[0]
    return {
        ROOT / "CITATION.cff": citation(made, newest),
        ROOT / "codemeta.json": codemeta(made, newest),
    }


def main() -> None:
    """Write them."""
    for path, text in files().items():
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
