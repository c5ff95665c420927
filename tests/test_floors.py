"""The house: a room imports only from floors below it, and rooms of one folder are strangers."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import llm_market_sim

SOURCE = Path(llm_market_sim.__file__).parent
FLOORS = (
    ("cards", "errors", "statistics", "survival"),
    ("codes", "parameters", "roster", "luck", "state", "phase"),
    ("mechanisms", "policies"),
    ("scenario",),
    ("timetable", "initialisation", "market", "observation"),
    ("simulation", "interventions", "mesa_model", "mesa_page", "store", "batch"),
    ("metrics", "claims", "summaries"),
    ("evidence", "stylised_facts", "experiments"),
    ("plots", "gallery"),
    ("report",),
    ("commands", "cli"),
)
# Inside a floor these lean on each other, in this order.
NEIGHBOURS = {
    "survival": {"statistics"}, "phase": {"state"}, "state": {"codes", "luck"},
    "roster": {"parameters"},
    "mesa_model": {"simulation"}, "mesa_page": {"mesa_model"}, "store": {"simulation"},
    "batch": {"simulation", "interventions", "store"}, "interventions": {"simulation"},
    "claims": {"metrics"}, "experiments": {"evidence"}, "gallery": {"plots"},
    "cli": {"commands"},
}  # fmt: skip
FREE = {"__init__", "__main__"}  # the front door and `python -m`
STRANGERS = ("mechanisms", "policies")
LEVEL = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
FILES = sorted(path.relative_to(SOURCE) for path in SOURCE.rglob("*.py"))


def imports(path):
    """Dotted names below the package that a file imports, at any depth, relative ones too."""
    here = ("llm_market_sim", *path.with_suffix("").parts)
    found = set()
    for node in ast.walk(ast.parse((SOURCE / path).read_text("utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            package = here[: len(here) - node.level] if node.level else ()
            base = ".".join([*package, *([node.module] if node.module else [])])
            names = [f"{base}.{alias.name}" for alias in node.names]
        found |= {tuple(name.split(".")[1:]) for name in names if name.startswith("llm_market_sim")}
    return {name for name in found if name}


def room_of(path):
    return path.parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_room_imports_only_from_below(path):
    room = room_of(path)
    if room in FREE:
        return
    assert room in LEVEL, f"{room} stands on no floor"
    allowed = {other for other, floor in LEVEL.items() if floor < LEVEL[room]}
    allowed |= {room, *NEIGHBOURS.get(room, set())}
    wrong = {name for name in imports(path) if name[0] in LEVEL and name[0] not in allowed}
    assert wrong == set()


@pytest.mark.parametrize("path", FILES, ids=str)
def test_rooms_of_a_folder_are_strangers(path):
    room = room_of(path)
    if room not in STRANGERS or path.name == "__init__.py":
        return
    neighbours = {name[1] for name in imports(path) if name[0] == room and len(name) > 1}
    neighbours -= {path.stem, "registry"} if room == "policies" else {path.stem}
    files = {other.stem for other in FILES if other.parts[0] == room}
    assert neighbours & files == set()


@pytest.mark.parametrize("path", FILES, ids=str)
def test_no_room_is_too_long(path):
    assert len((SOURCE / path).read_text("utf-8").splitlines()) <= 300


def test_neighbours_are_neighbours():
    for room, others in NEIGHBOURS.items():
        assert all(LEVEL[other] == LEVEL[room] for other in others)
