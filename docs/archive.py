"""Pack what a model library asks for into one zip: ``python docs/archive.py``, or ``make archive``.

Code, the model's description after the ODD protocol, metadata, outputs with the command that gave
them, and checksums. The same tree gives the same bytes: names are sorted, dates are those of no
day, and outputs hold neither time nor machine.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import llm_market_sim
from llm_market_sim.results.rules import code_version

ROOT = Path(__file__).resolve().parents[1]
NAME = f"llm-market-sim-{llm_market_sim.__version__}"
WORLDS = 64
KEPT = ("verdicts.csv", "bands.csv", "headline.png", "survivors.png")  # of the batch
METADATA = ("CITATION.cff", "codemeta.json", "LICENSE", "CHANGELOG.md")  # also at the top
_NO_DAY = (1980, 1, 1, 0, 0, 0)  # the first that a zip can name

README = """\
# {name}

{description}.

| folder or file | what it is |
|---|---|
| `code/` | the program, its tests and documents; `code/README.md` tells how to run it |
| `code/docs/model.md` | the model, after the ODD protocol, with equations, parameters and sources |
| `results/` | outputs of the command below |
| `CITATION.cff`, `codemeta.json` | how to cite it, and metadata |
| `LICENSE`, `CHANGELOG.md` | licence and history |
| `CHECKSUMS.sha256` | of every file; `sha256sum -c CHECKSUMS.sha256` |

Python {python}. Rules: {rules}. Outputs, the same on any number of cores:

    llm-market-sim {command}
"""


def main() -> None:
    """Write it into build/."""
    made = pack(ROOT / "build" / f"{NAME}.zip")
    print(f"{os.path.relpath(made)}, {made.stat().st_size / 1e6:.1f} MB")


def pack(file: Path) -> Path:
    """Write the zip; the file."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        gather(place)
        lines = [f"{_digest(place / name)}  {name}\n" for name in _files(place)]
        (place / "CHECKSUMS.sha256").write_text("".join(lines), "utf-8")
        file.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name in _files(place):
                entry = zipfile.ZipInfo(f"{NAME}/{name}", _NO_DAY)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, (place / name).read_bytes())
    return file


def gather(place: Path) -> None:
    """Everything but the checksums. SystemExit where git does not know the tree."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        sys.exit("an archive is made in a clone: git tells which files belong to the project")
    for name in filter(None, listed.stdout.split("\0")):
        _copy(ROOT / name, place / "code" / name)
    for name in METADATA:
        _copy(ROOT / name, place / name)
    command = f"batch baseline strict_review --worlds {WORLDS} --seed 1 --out results"
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "llm_market_sim", *command.split()]
        subprocess.run(words, cwd=folder, check=True, capture_output=True)
        for name in KEPT:
            _copy(Path(folder) / "results" / name, place / "results" / name)
    project = _project()
    text = README.format(
        name=NAME,
        description=project["description"],
        python=project["requires-python"],
        rules=code_version(),
        command=command,
    )
    (place / "README.md").write_text(text, "utf-8")


def _project() -> dict[str, str]:
    return dict(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"])


def _copy(source: Path, target: Path) -> None:
    if source.is_file():  # what is listed and gone is a change that is not committed yet
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def _files(place: Path) -> Iterator[str]:
    yield from sorted(
        path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()
    )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
