"""The house: an import goes down, never up and never in a circle."""

import ast
import subprocess
import sys
from pathlib import Path

import llm_market_sim

SOURCE = Path(llm_market_sim.__file__).parent
STOREYS = (
    ("errors", "words", "support"),  # two loose modules and a room, which everybody may use
    ("market", "scenario"),  # what there is
    ("simulation", "summary", "results", "batch", "mesa"),  # doing it, and keeping it
    ("metrics", "claims", "stylised_facts", "experiments"),  # asking it
    ("figures", "pages"),  # showing it
    ("classroom",),  # showing it live
    ("cli",),
)
ORDER = [room for storey in STOREYS for room in storey]  # a room imports only from those before it
FREE = {"__init__", "__main__"}  # the front door and `python -m`
STRANGERS = ("market/mechanisms", "market/policies")  # files of one folder never import each other
HEAVY = {"mesa", "networkx", "pandas", "solara"}  # seconds to import, for the Mesa face alone
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


def test_every_file_stands_in_a_room():
    assert {room_of(path) for path in FILES} == {*ORDER, *FREE}
    loose = {path.stem for path in FILES if len(path.parts) == 1}
    assert loose == {"errors", "words", *FREE}


def test_a_room_imports_only_from_below():
    wrong = []
    for path in FILES:
        room = room_of(path)
        if room in FREE:
            continue
        allowed = {*ORDER[: ORDER.index(room) + 1], "__rules__", "__version__"}
        wrong += [f"{path}: {'.'.join(n)}" for n in imports(path) if n[0] not in allowed]
    assert wrong == []


def test_files_of_some_folders_are_strangers():
    wrong = []
    for folder in STRANGERS:
        files = [path for path in FILES if path.parent.as_posix() == folder]
        names = {tuple(path.with_suffix("").parts) for path in files} - {
            (*Path(folder).parts, "registry"),
            (*Path(folder).parts, "__init__"),
        }
        for path in files:
            if path.name != "__init__.py":
                found = {n[:3] for n in imports(path)} & names
                wrong += [f"{path}: {n}" for n in found - {tuple(path.with_suffix("").parts)}]
    assert wrong == []


def test_files_of_a_room_import_each_other_in_no_circle():
    modules = {tuple(path.with_suffix("").parts): path for path in FILES}
    needs = {}
    for name, path in modules.items():
        found = {n[:k] for n in imports(path) for k in range(1, len(n) + 1)}
        needs[name] = {n for n in found if n in modules and n != name}
    while free := [name for name, others in needs.items() if not others & needs.keys()]:
        for name in free:
            del needs[name]
    assert needs == {}


def test_only_the_mesa_face_imports_mesa_and_what_it_brings():
    found = set()
    for path in FILES:
        for node in ast.walk(ast.parse((SOURCE / path).read_text("utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            heavy = HEAVY & {name.partition(".")[0] for name in names}
            found |= {(path.as_posix(), name) for name in heavy if room_of(path) != "mesa"}
    assert found == {("experiments/prim.py", "pandas")}  # EMA Workbench takes nothing else


def test_no_other_room_brings_them_along():
    rooms = [path.with_suffix("") for path in FILES if room_of(path) not in ("mesa", "__main__")]
    names = [".".join(("llm_market_sim", *path.parts)).removesuffix(".__init__") for path in rooms]
    code = f"import sys; [__import__(name) for name in {names}]; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stdout.split()) == set()
