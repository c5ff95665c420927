"""What a result folder holds, and how it was made."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from llm_market_sim.errors import mistake
from llm_market_sim.results.tables import columns_of
from llm_market_sim.scenario import TEXTS, Scenario
from llm_market_sim.scenario.facts import completed
from llm_market_sim.support.files import whole_files

MANIFEST = "manifest.json"
SCHEMA_VERSION = 2
_MADE_BY = "llm-market-sim"
_PACKAGES = (_MADE_BY, "numba", "numpy", "scipy", "pydantic", "pyyaml", "duckdb", "matplotlib")
_SHOWN = 3  # differences that are named


@dataclass(frozen=True)
class Manifest:
    """A plan, as it was asked for.

    scenarios: by name, digest, parent, label, horizon, rows, digest of the draws of parameters,
    resolved values, and the words in which it is told. asked: what was measured, in words that
    change when the numbers do. design: by which design parameters were drawn. token: tells this
    folder from all others. notes: what a reader must know of an older version's scenarios; they
    are not written.
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
    design: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def drawn(self) -> bool:
        """Whether parameters differ from row to row."""
        return any(one.get("draws") for one in self.scenarios.values())

    def rows(self, scenario: str) -> int:
        """How many rows of a scenario were asked for."""
        return int(self.scenarios[scenario].get("rows", self.worlds))

    def key(self, scenario: str, rows: str = "") -> str:
        """Rows of the same key are the same rows; rows: digest of their draws and worlds."""
        facts = [self.scenarios[scenario]["digest"], self.code, self.seed, self.asked, self.tables]
        facts += [rows] if rows else []
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]

    def against(self, there: Manifest) -> Iterator[str]:
        """Why what is there cannot be gone on with, in words; nothing if it can."""
        if there.seed != self.seed:
            yield f"it has seed {there.seed}, not {self.seed}"
        if there.code != self.code:
            yield f"it was written by other rules ({there.code}; these are {self.code})"
        if there.asked != self.asked:
            yield "it measured other claims"
        if there.tables != self.tables:
            yield f"it keeps the tables {', '.join(there.tables)}"
        if there.shard != self.shard:
            yield f"it holds shard {there.shard}" if there.shard else "it is not a shard"
        if there.design != self.design:
            yield f"its design differs in {_differing(there.design, self.design)}"
        for name, one in there.scenarios.items():
            if name not in self.scenarios:
                yield f"it also holds {name}"
            elif one["digest"] != self.scenarios[name]["digest"]:
                new = self.scenarios[name]["resolved"]
                yield f"its {name} differs in {_differing(one['resolved'], new)}"

    def write(self, folder: Path) -> None:
        """Replace the manifest of a folder, at once. OSError if it cannot be written."""
        units = {
            table: {
                n: {"type": f.type, "unit": f.unit, "meaning": f.meaning}
                for n, f in columns_of(table, self.drawn).items()
            }
            for table in self.tables
        }
        facts = {"made_by": _MADE_BY, "schema_version": SCHEMA_VERSION} | asdict(self)
        del facts["notes"]
        text = json.dumps(facts | {"columns": units}, ensure_ascii=False, indent=1)
        with whole_files(folder) as place, (place / MANIFEST).open("wb") as stream:
            stream.write(f"{text}\n".encode(errors="surrogateescape"))
            stream.flush()
            os.fsync(stream.fileno())

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """InputError where it is not ours, of another schema version, or damaged.

        Scenarios that an older version wrote are completed: see `notes`.
        """
        file = folder / MANIFEST
        try:
            facts = json.loads(file.read_text(encoding="utf-8", errors="surrogateescape"))
            if facts["made_by"] != _MADE_BY:
                raise KeyError("made_by")
            found = facts.get("schema_version", 1)
        except FileNotFoundError:
            raise mistake(folder, f"was not written by this program: no {MANIFEST}") from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise mistake(file, f"is damaged, or not ours ({_said(error)})") from error
        if found != SCHEMA_VERSION:
            text = f"has schema version {found}, and this program reads {SCHEMA_VERSION} only"
            raise mistake(folder, f"{text}; name another folder")
        names = [name for name in cls.__dataclass_fields__ if name != "notes"]
        optional = {"shard", "made", "design"}
        try:
            made = cls(**{n: facts[n] for n in names if n in facts or n not in optional})
            notes: dict[str, None] = {}
            for one in made.scenarios.values():
                one["resolved"], said = completed(one["resolved"])
                notes |= dict.fromkeys(said)
        except (KeyError, TypeError, AttributeError) as error:
            raise mistake(file, f"is damaged ({_said(error)} is missing)") from error
        return cls(**(made.__dict__ | {"notes": tuple(notes)}))


def _said(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """The first few paths in which two facts differ, with their values."""

    def flat(values: Any, path: str = "") -> Iterator[tuple[str, Any]]:
        if isinstance(values, dict):
            for key, below in values.items():
                yield from flat(below, f"{path}.{key}" if path else key)
        else:
            yield path, values

    old, new = dict(flat(one)), dict(flat(other))
    paths = [path for path in {**old, **new} if old.get(path) != new.get(path)]
    shown = [f"{path} ({old.get(path)}, now {new.get(path)})" for path in paths[:_SHOWN]]
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return ", ".join(shown) + more


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
                "texts": {
                    name: dict(getattr(one, f"{name}_" if name == "try" else name))
                    for name in TEXTS
                },
                "firms": {name: dict(player.name) for name, player in one.players.items()},
                "events": {name: event.about for name, event in one.timeline.items()},
            },
        }
        for one in scenarios
    }


def name_of(measure: object) -> str:
    """A measure in words, the same in every process."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(measure))


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
