"""Another version of the program: found or made, in an environment of its own, and run."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path

import click

from llm_market_sim.cli.tell import tell
from llm_market_sim.errors import MarketSimError, mistake

_LINES = 5  # of what a tool says when it fails
_FOREIGN = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL")


def python_of(version: str, folder: Path) -> Path:
    """The Python in which a version is installed.

    version: empty for this program; the folder of a virtual environment, or of a copy with one in
    ``.venv``; else a revision of the git repository here, which is unpacked into folder and
    installed there by its own Makefile, once. InputError where it is none of them.
    """
    if not version:
        return Path(sys.executable)
    place = Path(version)
    if place.is_dir():
        for home in (place, place / ".venv"):
            python = home / "bin" / "python"
            if python.exists():
                return python.absolute()
        raise mistake(version, "has no bin/python and no .venv/bin/python; install it there first")
    return _made(_commit(version), folder)


def run(python: Path, folder: Path, scenarios: Sequence[str], worlds: int, seed: int) -> None:
    """Keep a batch of a version in a folder. MarketSimError where it ends badly."""
    names = list(scenarios) or ["--all"]
    how = ["--worlds", str(worlds), "--seed", str(seed), "--out", str(folder), "--force"]
    command = [str(python), "-P", "-m", "llm_market_sim", "batch", *names, *how]
    done = subprocess.run(
        command, env=_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    if done.returncode:
        raise MarketSimError(f"{python} ended with {done.returncode} on: {' '.join(command[3:])}")


def told(python: Path) -> str:
    """What a version says it is, without the program's name. InputError if it is not there."""
    command = [str(python), "-P", "-m", "llm_market_sim", "--version"]
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True)
    name, _, found = done.stdout.strip().partition(" ")
    if done.returncode or name != "llm-market-sim":
        raise mistake(str(python), "has no llm-market-sim installed")
    return found


def _commit(version: str) -> str:
    if shutil.which("git") is None:
        raise mistake(version, "is not a folder, and git, which knows revisions, is not installed")
    asked = ["git", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{version}^{{commit}}"]
    done = subprocess.run(asked, capture_output=True, text=True)
    if done.returncode:
        raise mistake(version, "is neither a folder nor a revision of a git repository here")
    return done.stdout.strip()


def _made(commit: str, folder: Path) -> Path:
    """Install a revision; what is there already is taken."""
    place = folder.absolute() / commit[:12]
    python = place / ".venv" / "bin" / "python"
    if not (place / ".venv" / "installed").exists():
        told = "Installing {name} into {folder} (about half a minute, once)"
        click.echo(tell(told, name=commit[:12], folder=place), err=True)
        place.mkdir(parents=True, exist_ok=True)
        top = subprocess.run(
            ["git", "rev-parse", "--show-toplevel"], capture_output=True, text=True, check=True
        )
        packed = subprocess.run(
            ["git", "-C", top.stdout.strip(), "archive", commit], capture_output=True, check=True
        )
        careful = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as tar:
            tar.extractall(place, **careful)  # type: ignore[arg-type]
        base = getattr(sys, "_base_executable", sys.executable)  # the one that has pip
        done = subprocess.run(
            ["make", "-C", str(place), ".venv/installed", f"PYTHON={base}"],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            said = "\n".join(done.stderr.strip().splitlines()[-_LINES:])
            text = "Name a folder in which that version is installed, if there is no network."
            raise MarketSimError(f"{commit[:12]} could not be installed:\n{said}\n{text}")
    return python


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _FOREIGN}
