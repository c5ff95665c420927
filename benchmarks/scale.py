"""How a batch that is kept grows with its worlds: time, memory, disk (method: README.md).

python benchmarks/scale.py                                    # 10 to 4,000 worlds; prints Markdown
python benchmarks/scale.py --worlds 1000,10000,100000         # the long way, about half an hour
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

from speed import machine

_EVERY = 0.1  # seconds between two looks at memory


def tree(process: int) -> list[int]:
    """A process and all that it has started."""
    found = [process]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            found += map(int, task.read_text().split())
    return found


def memory(process: int) -> float:
    """MB of a process and all that it has started; what they share is counted once."""
    total = 0
    for one in tree(process):
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue  # it has ended
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def command(worlds: int, out: Path, jobs: int) -> tuple[float, float]:
    """Seconds, and the largest memory in MB, of one whole command."""
    line = ("-m", "llm_market_sim", "batch", "baseline", "--seed", "1", "--worlds", str(worlds),
            "--jobs", str(jobs), "--out", str(out))  # fmt: skip
    begun = time.perf_counter()
    one = subprocess.Popen(
        [sys.executable, *line], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    most, ended = 0.0, threading.Event()

    def look() -> None:
        nonlocal most
        while not ended.wait(_EVERY):
            with suppress(OSError):  # it ends just now
                most = max(most, memory(one.pid))

    watcher = threading.Thread(target=look)
    watcher.start()
    code = one.wait()
    seconds = time.perf_counter() - begun
    ended.set()
    watcher.join()
    if code != 0:
        raise SystemExit(f"the batch of {worlds} worlds ended with code {code}")
    return seconds, most


def disk(out: Path) -> int:
    """Bytes of a folder."""
    return sum(path.stat().st_size for path in out.rglob("*") if path.is_file())


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how a batch grows; prints Markdown.")
    parser.add_argument("--worlds", default="10,100,1000,4000", help="numbers of worlds")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--folder", help="where to write; a temporary folder by default")
    asked = parser.parse_args()
    numbers = [int(number) for number in asked.worlds.split(",")]
    print(machine())
    print(f"\n`llm-market-sim batch baseline --out FOLDER --jobs {asked.jobs}`, the whole command: "
          "tables, verdict, bands and figure.\n")  # fmt: skip
    print("| worlds | seconds | ms a world | memory of all processes together, MB | "
          "disk, KB a world | the same again, seconds |\n|---|---|---|---|---|---|")  # fmt: skip
    with tempfile.TemporaryDirectory(dir=asked.folder) as place:
        for worlds in numbers:
            out = Path(place) / str(worlds)
            seconds, most = command(worlds, out, asked.jobs)
            size = disk(out)
            again, _ = command(worlds, out, asked.jobs)
            print(f"| {worlds:,} | {seconds:.1f} | {1000 * seconds / worlds:,.1f} | {most:.0f} | "
                  f"{size / worlds / 1000:.1f} | {again:.1f} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
