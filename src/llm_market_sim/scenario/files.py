"""Where scenarios lie, and what may be read: names to files, files to trees."""

from __future__ import annotations

import os
import re
from pathlib import Path

from llm_market_sim.errors import MarketSimError, nearest
from llm_market_sim.scenario.tree import Mark, Mistake, Node
from llm_market_sim.scenario.yaml_parser import MAX_BYTES, parse
from llm_market_sim.support.files import typable

__all__ = [
    "ROSTER", "SUFFIXES", "Refused", "beside", "data_folder", "inside", "is_path", "locate",
    "named", "read", "scenarios", "unusable",
]  # fmt: skip

SUFFIXES = (".yaml", ".yml", ".YAML", ".YML")
ROSTER = "players"
_LONGEST = 100  # bytes of a file's name, which the names of result files are made of
_OTHERS = {ROSTER, "observers", "evidence", "stylised_facts", "levers", "screen"}  # no scenarios


class Refused(Exception):
    """A name or a file that cannot be used, in words; whoever asked knows the place."""


def data_folder() -> Path:
    """The folder of the shipped scenarios: the checkout's, or the installed package's copy."""
    package = Path(__file__).resolve().parents[1]
    checkout = package.parents[1] / "scenarios"
    if package.parent.name == "src" and checkout.is_dir():
        return checkout
    installed = package / "data" / "scenarios"
    if installed.is_dir():
        return installed
    raise MarketSimError(f"the shipped scenarios are missing: neither {checkout} nor {installed}")


def scenarios(folder: Path | None = None) -> list[str]:
    """The names of the scenarios in a folder (the shipped ones by default), sorted."""
    files = (folder or data_folder()).glob("*.*")
    names = {file.stem for file in files if file.suffix in SUFFIXES and file.stem[0] != "."}
    return sorted(names - _OTHERS)


def is_path(name: str | Path) -> bool:
    """Whether somebody means a file, and not the name of a shipped one."""
    text = str(name)
    return isinstance(name, Path) or os.sep in text or "/" in text or text.endswith(SUFFIXES)


def beside(folder: Path, name: str) -> Path | None:
    """The YAML file of a name in a folder, whatever its suffix; None where there is none."""
    files = (folder / f"{name}{suffix}" for suffix in SUFFIXES)
    return next((file for file in files if os.path.lexists(file)), None)


def unusable(file: Path) -> str:
    """Why no result could be named after a file; empty where one could."""
    letters = file.stem.encode("utf-8", "surrogateescape")
    if len(letters) > _LONGEST:
        return (
            f"has a name of {len(letters)} bytes; at most {_LONGEST} are allowed (a Chinese "
            "character is 3), since files of results are named after it"
        )
    if not typable(file.stem):
        return f"{file.stem!a} is not a name: it must be UTF-8 text on one line"
    return ""


def locate(scenario: str | Path) -> Path:
    """The file of a scenario that a person named: a path, or the name of a shipped one.

    Raises Refused.
    """
    return Path(scenario) if is_path(scenario) else named(str(scenario), [data_folder()])


def named(name: str, folders: list[Path]) -> Path:
    """The YAML file of a name in the first of the folders that has one. Raises Refused."""
    if not re.fullmatch(r"[\w-]+", name):
        raise Refused(
            f'"{name}" cannot name a scenario: that is a file\'s name without .yaml or .yml, '
            "and never a path"
        )
    for folder in folders if name not in _OTHERS else ():
        file = beside(folder, name)
        if file is not None:
            if not inside(file, folder):
                raise Refused(f'"{name}" is a link that leads out of {folder}')
            return file
    known = sorted({one for folder in folders for one in scenarios(folder)})
    raise Refused(f'no scenario "{name}"; {nearest(name, known, "scenarios")}')


def inside(file: Path, folder: Path) -> bool:
    """Whether a file, all links followed, lies in a folder's tree."""
    try:
        target = file.resolve(strict=True)
    except FileNotFoundError:  # a link to nothing: where it points to counts
        target = file.resolve()
    except (OSError, RuntimeError):  # a link that leads back to itself
        return False
    return target.is_relative_to(folder.resolve())


def read(file: Path) -> tuple[Node | None, list[Mistake]]:
    """A file's tree (None where nothing can be read) and the mistakes in it."""
    shown = shorten(file)
    try:
        if not file.is_file():
            what = "is a folder, not a file" if file.is_dir() else "no such file"
            return None, [Mistake(Mark(shown), (), what)]
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # no permission; a NUL in the name
        reason = getattr(error, "strerror", None) or "no valid file name"
        return None, [Mistake(Mark(shown), (), f"cannot be read: {reason}")]
    tree, mistakes = parse(data, shown)
    return tree, list(mistakes)


def shorten(file: Path) -> str:
    """A path as short as it can be said: relative to the current folder where it lies below it."""
    try:
        return file.absolute().relative_to(Path.cwd()).as_posix()
    except (OSError, ValueError):
        return str(file)
