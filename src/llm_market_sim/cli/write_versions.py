"""What a comparison of versions writes: a table of all that differs, and a page."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path

from llm_market_sim.experiments.versions import Moved, Versions
from llm_market_sim.pages.versions import strongest, versions_page
from llm_market_sim.support.files import whole_files, write_csv
from llm_market_sim.words import Language

_PAIRS = {"bands": ("bands_before", "bands_after"), "verdicts": ("verdict_before", "verdict_after")}


def write_versions(folder: Path, found: Versions, old: str, new: str, language: Language) -> Path:
    """Write both into a folder; the page."""
    columns = [name for one in fields(Moved) for name in _PAIRS.get(one.name, (one.name,))]
    with whole_files(folder) as place:
        write_csv(place / "versions.csv", columns, map(_row, strongest(found.moved)))
        (place / "versions.html").write_text(versions_page(found, old, new, language), "utf-8")
    return folder / "versions.html"


def _row(one: Moved) -> list[object]:
    row: list[object] = []
    for name, value in asdict(one).items():
        if name in _PAIRS:
            pair = value or ("", "")
            row += [" to ".join(map(repr, x)) if isinstance(x, tuple) else x for x in pair]
        else:
            row.append("" if value is None else value)
    return row
