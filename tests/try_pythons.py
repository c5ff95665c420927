"""Test with several versions of Python, each with pinned and with newest packages.

    python tests/try_pythons.py [--only 3.13-newest] [arguments of pytest]

Each pair gets an environment of its own in build/pythons, made by the Makefile. It ends with 0 only
where all passed; a Python that is not here has not passed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VERSIONS = ("3.11", "3.12", "3.13")
PACKAGES = ("pinned", "newest")
QUICK = ["-n", "2", "-m", "not slow and not browser"]
FOREIGN = ("MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS")
EXTRAS = "test,analysis"


def found(version: str) -> str | None:
    """A Python of a version: on the path, or one that pyenv keeps. None if there is none."""
    home = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    kept = sorted((home / "versions").glob(f"{version}.*/bin/python"), reverse=True)
    for one in (shutil.which(f"python{version}"), *map(str, kept)):
        ask = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
        if one is not None:  # pyenv leaves names on the path that lead to no Python
            done = subprocess.run([one, "-c", ask], capture_output=True, text=True)
            if done.stdout.strip() == version:
                return one
    return None


def tried(version: str, packages: str, tests: list[str]) -> str:
    """What came of one pair, in words; "passed" where all is well."""
    python = found(version)
    if python is None:
        return "not here"
    venv = f"build/pythons/{version}-{packages}"
    words = ["make", f"{venv}/installed-{EXTRAS}", f"PYTHON={python}", f"VENV={venv}"]
    words += ["NEWEST=1"] if packages == "newest" else []
    plain = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    made = subprocess.run(words, cwd=ROOT, env=plain, stderr=subprocess.PIPE, text=True)
    sys.stderr.write(made.stderr)
    if made.returncode or "cannot be had" in made.stderr:
        return "not installed"
    done = subprocess.run([f"{venv}/bin/python", "-m", "pytest", "-q", *tests], cwd=ROOT, env=plain)
    return "failed" if done.returncode else "passed"


def main(given: list[str]) -> int:
    """Try what is asked for, print what came of it, and return the exit code."""
    pairs = [(version, packages) for version in VERSIONS for packages in PACKAGES]
    if given[:1] == ["--only"]:
        pairs = [one for one in pairs if "-".join(one) == given[1]]
        if not pairs:
            known = ", ".join(f"{v}-{p}" for v in VERSIONS for p in PACKAGES)
            print(f'no pair "{given[1]}"; there are: {known}', file=sys.stderr)
            return 2
        given = given[2:]
    results = {}
    for version, packages in pairs:
        print(f"== Python {version}, {packages} packages", flush=True)
        results[version, packages] = tried(version, packages, given or QUICK)
    for (version, packages), result in results.items():
        print(f"Python {version}, {packages} packages: {result}")
    return 0 if set(results.values()) == {"passed"} else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
