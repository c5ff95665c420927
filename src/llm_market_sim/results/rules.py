"""What numbers come from: the rules, known by a digest that texts and comments do not change."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from threading import Lock

import llm_market_sim
from llm_market_sim.words import WEEK_0

_ROOMS = (  # folders, and single files of the others
    "market",
    "simulation",
    "metrics",
    "scenario/model.py",
    "scenario/timeline.py",
    "scenario/vary.py",
    "scenario/change.py",
    "scenario/interventions.py",
    "results/tables.py",
    "results/blocks.py",
    "results/parquet.py",
    "batch/work.py",
    "stylised_facts/runs.py",
    "stylised_facts/statistic.py",
    "stylised_facts/firms.py",
    "stylised_facts/market.py",
    "stylised_facts/money.py",
)
_SHOWING = ("simulation/card.py",)
_OWNERS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_READING = Lock()  # Python 3.11 cannot parse in two threads at once


def code_version(plugins: tuple[str, ...] = ()) -> str:
    """Number and digest of all that numbers come from: our rules, and a person's own files.

    The number is for people, the digest is the judge: code counts, in whatever form it is written;
    docstrings, comments, blank lines and the version of the package do not.
    """
    with _READING:
        return _version(plugins)


@lru_cache(maxsize=8)
def _version(plugins: tuple[str, ...]) -> str:
    root = Path(llm_market_sim.__file__).parent
    found = hashlib.sha256(f"{WEEK_0}\n".encode())
    for path in [*_ours(root), *map(Path, plugins)]:
        found.update(f"{path.name}\n{_bare(path)}\n".encode())
    return f"rules-{llm_market_sim.__rules__}+{found.hexdigest()[:12]}"


def _ours(root: Path) -> Iterator[Path]:
    showing = {root / name for name in _SHOWING}
    for name in _ROOMS:
        place = root / name
        yield from sorted(set(place.rglob("*.py")) - showing) if place.is_dir() else [place]


def _bare(path: Path) -> str:
    """The code of a file, without docstrings; the same on every version of Python that reads it."""
    tree = ast.parse(path.read_bytes())
    for node in ast.walk(tree):
        if isinstance(node, _OWNERS) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)
