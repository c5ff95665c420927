"""What experiments share: how far the worlds are, names of parameters, and the folder."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from llm_market_sim import __version__
from llm_market_sim.cli.show import number
from llm_market_sim.errors import InputError, Problem
from llm_market_sim.experiments import Loaded, Range, Spec
from llm_market_sim.files import contents, whole
from llm_market_sim.results.written_at_once import MANIFEST, Table
from llm_market_sim.scenario import SECTIONS
from llm_market_sim.scenario.timeline import split

__all__ = ["keep", "listed", "meaning", "pieces", "progress", "span", "unit"]

_ROWS = "rows"


@contextmanager
def progress() -> Iterator[Callable[[int, int], None]]:
    """A function to be told of worlds done and worlds in all; a bar on a terminal."""
    with click.progressbar(length=1, label="Worlds", show_pos=True, file=sys.stderr) as bar:

        def told(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield told


def meaning(path: str) -> str:
    """What a parameter is, in its own words."""
    section, name, key = split(path)
    words = str(SECTIONS[section].model_fields[name].description)
    return f"{words}: {key}" if key else words


def unit(path: str) -> str:
    """The unit of its values; of a whole mapping, whose values are factors, ``times``."""
    section, name, key = split(path)
    field = SECTIONS[section].model_fields[name]
    if isinstance(field.default, dict) and not key:
        return "times"
    extra: Any = field.json_schema_extra
    return "" if extra["unit"] == "1" else str(extra["unit"])


def span(one: Range) -> str:
    """``13 to 78 weeks``."""
    return f"{number(one.low)} to {number(one.high)} {unit(one.path)}".strip()


def listed(names: Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join([", ".join(names[:-1]), *names[-1:]] if len(names) > 1 else names)


def pieces(out: Path | None) -> Path | None:
    """Where the numbers of the points are kept. InputError if a folder holds something else."""
    if out is None:
        return None
    if out.exists() and not out.is_dir():
        raise InputError([Problem("--out", "", f"{out} is a file; name a folder")])
    if out.is_dir() and contents(out) and not (out / _ROWS).is_dir():
        raise InputError([Problem("--out", "", f"{out} holds something else; name another folder")])
    return out / _ROWS


def keep(
    out: Path, loaded: Loaded[Any], tables: Mapping[str, Table], files: Sequence[str],
    packages: Sequence[str],
) -> None:  # fmt: skip
    """Write tables, by file name, and the manifest, which names them and other files."""
    for name, table in tables.items():
        with whole(out / name) as part, part.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(table.columns)
            writer.writerows(table.rows)
    spec: Spec = loaded.spec
    facts = {
        "made_by": "llm-market-sim",
        "command": ["llm-market-sim", *sys.argv[1:]],
        "version": __version__,
        "packages": {name: version(name) for name in packages},
        "experiment": spec.model_dump(),
        "ranges": {one.path: [one.low, one.high] for one in loaded.space.ranges},
        "claim": loaded.claim.model_dump(mode="json"),
        "scenario": {"name": loaded.scenario.name, "digest": loaded.scenario.digest()},
        "files": [*tables, *files, MANIFEST],
    }
    text = json.dumps(facts, ensure_ascii=False, indent=1)
    with whole(out / MANIFEST) as part:
        part.write_text(text + "\n", encoding="utf-8")
