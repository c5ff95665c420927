"""Where scenarios lie, and what may be read: names to files, files to trees."""

from __future__ import annotations

import os
import re
from pathlib import Path

from llm_market_sim.errors import MarketSimError, nearest
from llm_market_sim.scenario.tree import Mark, Mistake, Node
from llm_market_sim.scenario.yaml_nodes import MAX_BYTES, parse

__all__ = ["ROSTER", "Refused", "data_folder", "inside", "locate", "named", "read", "scenarios"]

ROSTER = "players"
_OTHERS = {ROSTER, "observers", "evidence", "stylised_facts"}  # files that are no scenarios


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
    files = (folder or data_folder()).glob("*.yaml")
    return sorted(file.stem for file in files if file.stem not in _OTHERS and file.stem[0] != ".")


def locate(scenario: str | Path) -> Path:
    """The file of a scenario that a person named: a path, or the name of a shipped one.

    Raises Refused.
    """
    text = str(scenario)
    if isinstance(scenario, Path) or os.sep in text or "/" in text or text.endswith(".yaml"):
        return Path(text)
    return named(text, [data_folder()])


def named(name: str, folders: list[Path]) -> Path:
    """The file ``name.yaml`` in the first of the folders that has one. Raises Refused."""
    if not re.fullmatch(r"[\w-]+", name):
        raise Refused(
            f'"{name}" is no name of a scenario: it is a file\'s name without .yaml, '
            "and never a path"
        )
    for folder in folders:
        file = folder / f"{name}.yaml"
        if name not in _OTHERS and os.path.lexists(file):
            if not inside(file, folder):
                raise Refused(f'"{name}" is a link that leads out of {folder}')
            return file
    known = sorted({one for folder in folders for one in scenarios(folder)})
    raise Refused(f'no scenario "{name}"; {nearest(name, known)}')


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
