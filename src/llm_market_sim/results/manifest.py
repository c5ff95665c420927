"""What a result folder holds, and how it was made."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import llm_market_sim
from llm_market_sim.errors import InputError, Problem
from llm_market_sim.results.tables import columns_of
from llm_market_sim.scenario import TEXTS, Scenario

__all__ = ["MANIFEST", "SCHEMA_VERSION", "Manifest", "about", "code_version", "machine", "name_of"]

MANIFEST = "manifest.json"
SCHEMA_VERSION = 2
_CSV_VERSION = 1  # of folders that are written at once, see written_at_once.py
_MADE_BY = "llm-market-sim"
_PACKAGES = ("numpy", "scipy", "pydantic", "pyyaml", "duckdb", "matplotlib")
_ASKING = {  # what gives no stored number
    "cli", "experiments", "figures", "pages", "stylised_facts",
}  # fmt: skip


@dataclass(frozen=True)
class Manifest:
    """A batch, as it was asked for.

    scenarios: by name, digest, parent, label, horizon, resolved values, and the words in which it
    is told. asked: what was measured, in words that change when the numbers do. token: tells this
    folder from all others.
    """

    seed: int
    worlds: int
    code: str
    scenarios: dict[str, dict[str, Any]]
    asked: list[str]
    tables: list[str]
    claims: dict[str, dict[str, Any]]
    token: str
    shard: str | None = None
    made: dict[str, Any] = field(default_factory=dict)

    def key(self, scenario: str) -> str:
        """Worlds of the same key and number are the same worlds."""
        facts = [self.scenarios[scenario]["digest"], self.code, self.seed, self.asked, self.tables]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]

    def against(self, there: Manifest) -> Iterator[str]:
        """Why what is there cannot be gone on with, in words; nothing if it can."""
        if there.seed != self.seed:
            yield f"it has seed {there.seed}, not {self.seed}"
        if there.code != self.code:
            yield f"it was written by other code ({there.code}; this is {self.code})"
        if there.asked != self.asked:
            yield "it measured other claims"
        if there.tables != self.tables:
            yield f"it keeps the tables {', '.join(there.tables)}"
        if there.shard != self.shard:
            yield f"it holds shard {there.shard}" if there.shard else "it is not a shard"
        for name, one in there.scenarios.items():
            if name not in self.scenarios:
                yield f"it also holds {name}"
            elif one["digest"] != self.scenarios[name]["digest"]:
                yield f"its {name} differs in {_differing(one, self.scenarios[name])}"

    def write(self, folder: Path) -> None:
        """Replace the manifest of a folder, at once. OSError if it cannot be written."""
        units = {
            table: {n: {"type": f.type, "unit": f.unit, "meaning": f.meaning}
                    for n, f in columns_of(table).items()}
            for table in self.tables
        }  # fmt: skip
        head = {"made_by": _MADE_BY, "schema_version": SCHEMA_VERSION}
        text = json.dumps(head | asdict(self) | {"columns": units}, ensure_ascii=False, indent=1)
        unfinished = folder / f"{MANIFEST}.part"
        with unfinished.open("w", encoding="utf-8") as stream:
            stream.write(text + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(folder / MANIFEST)

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """InputError where it is not ours, of another schema version, or damaged."""
        file = folder / MANIFEST
        try:
            facts = json.loads(file.read_text(encoding="utf-8"))
            if facts["made_by"] != _MADE_BY:
                raise KeyError("made_by")
            if "experiment" in facts:
                text = "holds an experiment (map, sensitivity or discover), and no batch"
                raise _refused(folder, text)
            found = facts["schema_version"]
        except FileNotFoundError:
            raise _refused(folder, f"was not written by this program: no {MANIFEST}") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _refused(file, f"is damaged, or not ours ({_said(error)})") from error
        if found == _CSV_VERSION:
            raise _refused(folder, "holds CSV tables of another command, not the blocks of a batch")
        if found != SCHEMA_VERSION:
            text = f"has schema version {found}, and this program reads {SCHEMA_VERSION} only"
            raise _refused(folder, f"{text}; name another folder")
        try:
            return cls(**{name: facts[name] for name in cls.__dataclass_fields__})
        except (KeyError, TypeError) as error:
            raise _refused(file, f"is damaged ({_said(error)} is missing)") from error


def _said(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _refused(what: Path, why: str) -> InputError:
    return InputError([Problem(str(what), "", why)])


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """The first few paths in which two scenarios differ, with their values."""

    def flat(values: Any, path: str = "") -> Iterator[tuple[str, Any]]:
        if isinstance(values, dict):
            for key, below in values.items():
                yield from flat(below, f"{path}.{key}" if path else key)
        else:
            yield path, values

    old, new = dict(flat(one["resolved"])), dict(flat(other["resolved"]))
    paths = [path for path in {**old, **new} if old.get(path) != new.get(path)]
    shown = [f"{path} ({old.get(path)}, now {new.get(path)})" for path in paths[:3]]
    return ", ".join(shown) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")


def about(scenarios: Sequence[Scenario]) -> dict[str, dict[str, Any]]:
    """What the manifest says of scenarios.

    words: their texts, and by id the names of firms and what dated events are about.
    """
    return {
        one.name: {
            "digest": one.digest(),
            "extends": one.extends,
            "label": dict(one.label),
            "horizon_weeks": one.horizon_weeks,
            "resolved": json.loads(json.dumps(one.facts())),
            "words": {
                "texts": {name: getattr(one, f"{name}_" if name == "try" else name)
                          for name in TEXTS},
                "firms": {name: dict(player.name) for name, player in one.players.items()},
                "events": {name: event.about for name, event in one.timeline.items()},
            },
        }
        for one in scenarios
    }  # fmt: skip


def name_of(measure: object) -> str:
    """A measure in words, the same in every process."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(measure))


@lru_cache(maxsize=8)
def code_version(guests: tuple[str, ...] = ()) -> str:
    """Version and digest of everything that numbers come from: our files, and a person's own."""
    root = Path(llm_market_sim.__file__).parent
    ours = sorted(
        path for path in root.rglob("*.py") if path.relative_to(root).parts[0] not in _ASKING
    )
    found = hashlib.sha256()
    for path in [*ours, *map(Path, guests)]:
        found.update(f"{path.name}\n".encode() + path.read_bytes())
    return f"{llm_market_sim.__version__}+{found.hexdigest()[:12]}"


def machine() -> dict[str, Any]:
    """Where this process runs, and with which packages."""
    return {
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "system": platform.platform(),
        "node": platform.node(),
        "cores": os.cpu_count(),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
