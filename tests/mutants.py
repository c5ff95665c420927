"""Small wrong changes, each of which must turn some test red: `make mutants`.

    python tests/mutants.py               all of them, on all cores
    python tests/mutants.py alliances     those whose file or fault has this word
    python tests/mutants.py --begin 120   from the 120th on, after one that was stopped

Every change is made in a copy of the tree, never in the tree itself; the tests that should notice
run there, stop at the first that is red, and the copy is mended. A change that no test notices
survives: then a test is missing. `mutants.yaml` is the list; a new rule brings its own.
"""

from __future__ import annotations

import argparse
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
SOURCE = Path("src") / "llm_market_sim"
LONGEST = 300  # seconds that the tests of a change may take
GREEN, RED, ENDLESS = 0, 1, -1  # what pytest ends with, or that it does not end


@dataclass(frozen=True)
class Mutant:
    """A small wrong change of a file, why it is wrong, and the tests that should notice."""

    file: str
    tests: tuple[str, ...]
    why: str
    old: str
    new: str

    @property
    def said(self) -> str:
        """The file and the fault, in one line."""
        return f"{self.file}: {self.why}"


@dataclass(frozen=True)
class Fate:
    """What became of a mutant: killed, survived, or why it could not be tried."""

    mutant: Mutant
    word: str
    seconds: float


def main() -> int:
    """0 where no mutant survived, 1 where one did or could not be tried."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("word", nargs="*", help="only mutants whose file or fault has one of these")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="at once")
    parser.add_argument("--begin", type=int, default=1, help="with this one of those chosen")
    asked = parser.parse_args()
    chosen = [m for m in listed() if not asked.word or any(w in m.said for w in asked.word)]
    chosen = chosen[asked.begin - 1 :]
    if not chosen:
        print(f"No mutant has one of these in its file or fault: {', '.join(asked.word)}")
        return 1
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copies = [copy(Path(folder) / str(job)) for job in range(min(asked.jobs, len(chosen)))]
        whole = sorted({test for one in chosen for test in one.tests})
        print(f"{len(chosen)} mutants, {len(copies)} at once; first, no change at all", flush=True)
        halves = [[t for t in whole if plain([t]) == way] for way in (True, False)]
        if any(run(copies[0], half, None) != GREEN for half in halves if half):
            print("The tests are not green without any change: nothing can be said of mutants.")
            return 1
        fates = try_all(chosen, copies, began, asked.begin)
    left = [fate for fate in fates if fate.word != "killed"]
    took = time.monotonic() - began
    print(f"{len(fates) - len(left)} of {len(fates)} killed, {took / 60:.1f} minutes")
    for fate in left:
        print(f"{fate.word}: {fate.mutant.said}\n  - {fate.mutant.old}\n  + {fate.mutant.new}")
    return 1 if left else 0


def listed() -> list[Mutant]:
    """The mutants of the list."""
    groups = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return [
        Mutant(group["file"], tuple(f"tests/{test}" for test in group["tests"]), **change)
        for group in groups
        for change in group["changes"]
    ]


def try_all(
    chosen: Sequence[Mutant], copies: Sequence[Path], began: float, first: int
) -> list[Fate]:
    """Try each mutant in a copy that is free, and say how far it is; the first has this number."""
    free: queue.Queue[Path] = queue.Queue()
    for one in copies:
        free.put(one)

    def attempt(mutant: Mutant) -> Fate:
        place, start = free.get(), time.monotonic()
        try:
            return Fate(mutant, fate_of(mutant, place), time.monotonic() - start)
        finally:
            free.put(place)

    fates = []
    with ThreadPoolExecutor(len(copies)) as pool:
        for done in as_completed([pool.submit(attempt, mutant) for mutant in chosen]):
            fate = done.result()
            fates.append(fate)
            so_far = time.monotonic() - began
            number, last = first + len(fates) - 1, first + len(chosen) - 1
            print(f"[{number}/{last}, {so_far:.0f} s] {fate.word:8} "
                  f"{fate.seconds:5.1f} s  {fate.mutant.said}", flush=True)  # fmt: skip
    return fates


def fate_of(mutant: Mutant, place: Path) -> str:
    """Make the change in a copy, run its tests, take it back."""
    file = place / SOURCE / mutant.file
    if not file.is_file():
        return "no such file"
    text = file.read_text("utf-8")
    if (found := text.count(mutant.old)) != 1:
        return f"text found {found} times"
    try:
        write(file, text.replace(mutant.old, mutant.new))
        ended = run(place, mutant.tests)
    finally:
        write(file, text)
    known = {RED: "killed", GREEN: "SURVIVED", ENDLESS: "without end"}
    return known.get(ended, f"pytest ended with {ended}")


def write(file: Path, text: str) -> None:
    """Write a source file, and forget what Python compiled of it."""
    file.write_text(text, "utf-8")
    for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*"):
        compiled.unlink()


def plain(tests: Sequence[str]) -> bool:
    """Whether the rules may run uncompiled: a known answer takes a week of a few firms."""
    return all(test.startswith("tests/known_answers/") for test in tests)


def run(place: Path, tests: Sequence[str], longest: float | None = LONGEST) -> int:
    """How pytest ends on some tests of a copy, or that it does not end; slow ones only by name."""
    quick = [] if any("::" in test for test in tests) else ["-m", "not slow and not browser"]
    command = [sys.executable, "-m", "pytest", "-xq", "-p", "no:cacheprovider", *quick, *tests]
    env = os.environ | {"PYTHONPATH": str(place / "src")}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # or each start would compile all that it imports
    if plain(tests):
        env["NUMBA_DISABLE_JIT"] = "1"  # a changed rule would be compiled for every mutant
    try:
        return subprocess.run(
            command, cwd=place, env=env, capture_output=True, timeout=longest, check=False
        ).returncode
    except subprocess.TimeoutExpired:
        return ENDLESS


def copy(place: Path) -> Path:
    """The files of the tree that git knows or would add, in a folder of their own."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, place / name)
    return place


if __name__ == "__main__":
    sys.exit(main())
