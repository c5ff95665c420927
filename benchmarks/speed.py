"""How fast the engine is, beside a plain Mesa program of the same rules (method: README.md).

python benchmarks/speed.py             # all of it, about three minutes; prints Markdown
python benchmarks/speed.py --quick     # a first impression
python benchmarks/speed.py --only pairs,users
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from importlib.metadata import version
from statistics import median

from core_mesa import SCENARIO, CoreModel

from llm_market_sim.market.policies import policy
from llm_market_sim.scenario import load
from llm_market_sim.simulation import Worlds, blocks_of, simulate, simulate_block

WEEKS = SCENARIO.horizon_weeks
PARTS = ("pairs", "rules", "guests", "first", "command", "users")


# ---- the two sides ----


def engine(worlds: int, threads: int) -> None:
    """Worlds in blocks, with every firm's share in every week, as the Mesa side collects it."""
    for block in blocks_of(worlds):
        run = simulate_block(
            SCENARIO, block, 1, events=False, share_history=True, threads=threads
        )  # fmt: skip
        assert len(run.worlds) == len(block)


def plain_mesa(worlds: int, processes: int) -> None:
    """As many worlds by Mesa's batch_run, which starts its processes anew too."""
    from mesa.batchrunner import batch_run

    rows = batch_run(
        CoreModel, {"world": range(worlds)}, number_processes=processes,
        data_collection_period=1, max_steps=WEEKS, display_progress=False,
    )  # fmt: skip
    assert len({row["world"] for row in rows}) == worlds


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the wall, and of this process alone."""
    wall, own = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - own


# ---- what is measured ----


def pairs(worlds: int, mesa_worlds: int, rounds: int) -> None:
    """Engine and Mesa in turn, on one core and on two; ratios within a round."""
    rate: dict[str, list[float]] = {}
    engine(64, 1)
    plain_mesa(1, 1)  # what only the first call pays
    for _ in range(rounds):
        for name, work, n, processes in (
            ("engine, 1 thread", engine, worlds, 1),
            ("plain Mesa, 1 process", plain_mesa, mesa_worlds, 1),
            ("engine, 2 threads", engine, worlds, 2),
            ("plain Mesa, 2 processes", plain_mesa, mesa_worlds, 2),
        ):
            wall, own = timed(lambda work=work, n=n, processes=processes: work(n, processes))
            rate.setdefault(name, []).append(n / wall)
            if processes == 1:
                rate.setdefault(f"{name} (processor time)", []).append(n / own)
    print(f"\nCore rules, {len(SCENARIO.players) + SCENARIO.population.stealth_firms} firms, "
          f"{WEEKS} weeks; {rounds} rounds; engine {worlds:,} worlds a round, plain Mesa "
          f"{mesa_worlds}; every firm's share kept each week.\n")  # fmt: skip
    print("| side | worlds a second: median (min to max) | µs a world-week |\n|---|---|---|")
    for name, rates in rate.items():
        print(f"| {name} | {spread(rates, '.3g')} | {1e6 / WEEKS / median(rates):,.0f} |")
    print("\n| ratio of worlds a second, round by round | median (min to max) |\n|---|---|")
    one = "plain Mesa, 1 process"
    for above, below in (
        ("engine, 1 thread", one),
        ("engine, 1 thread (processor time)", f"{one} (processor time)"),
        ("engine, 2 threads", one),
        ("engine, 2 threads", "plain Mesa, 2 processes"),
        ("plain Mesa, 2 processes", one),
    ):
        ratios = [a / b for a, b in zip(rate[above], rate[below], strict=True)]
        print(f"| {above} / {below} | {spread(ratios, '.1f')} |")


def rules(rounds: int) -> None:
    """The full market: rules with series and events on one thread, and whole runs by their size."""
    baseline = load("baseline")
    alone = []
    for _ in range(rounds):
        worlds = Worlds(baseline, range(64), 1, series=True, room=1500)
        alone.append(timed(lambda one=worlds: one.advance(one.ticks))[1])
    rates = [1e6 * seconds / 64 / WEEKS for seconds in alone]
    print(f"\nRules with series and events, 1 thread, 64 worlds: {spread(rates, '.1f')} µs of "
          f"processor time a world-week ({rounds} runs).\n")  # fmt: skip
    print("| worlds | `simulate`, ms, all threads |\n|---|---|")
    for n in (1, 16, 64, 256):
        found = [1e3 * timed(lambda n=n: simulate(baseline, n, 1))[0] for _ in range(rounds)]
        print(f"| {n} | {spread(found, '.0f')} |")


def guests(rounds: int) -> None:
    """Worlds in which some firms follow a person's own policy, over the same without."""
    policy("a person's own")(lambda firm: {"discount": 0.3 if firm.share < 0.1 else 0.0})
    named = [firm for firm, who in load("baseline").players.items() if who.kind != "foreign"]
    first = ["baidu", "minimax", "sensetime"]
    every = [*first, *(firm for firm in named if firm not in first)]
    ratios: dict[int, list[float]] = {1: [], 3: [], 10: []}
    for _ in range(rounds):
        seconds = {}
        for firms in (0, *ratios):
            own = [f"players.{firm}.policy=a person's own" for firm in every[:firms]]
            worlds = Worlds(load("baseline", own), range(32), 1, series=True, room=1500)
            seconds[firms] = timed(lambda one=worlds: one.advance(one.ticks))[1]
        for firms, found in ratios.items():
            found.append(seconds[firms] / seconds[0])
    print("\n| firms with a policy of a person's own | over none, processor time |\n|---|---|")
    for firms, found in ratios.items():
        print(f"| {firms} | {spread(found, '.2f')} |")
    print(f"\n1 thread, 32 worlds, {rounds} rounds.")


def first(rounds: int) -> None:
    """The first command on a machine, which compiles, and the same one again."""
    colds, warms = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            colds.append(run_command(64, jobs=1, NUMBA_CACHE_DIR=folder))
            warms.append(run_command(64, jobs=1, NUMBA_CACHE_DIR=folder))
    print(f"\n`batch baseline --worlds 64`, the first time on a machine: {spread(colds, '.0f')} s; "
          f"again: {spread(warms, '.1f')} s ({rounds} runs).")  # fmt: skip


def command(worlds: int, rounds: int) -> None:
    """The whole command on the full market, from the shell's point of view."""
    seconds = [run_command(worlds, jobs=2) for _ in range(rounds)]
    print(f"\n`llm-market-sim batch baseline --worlds {worlds} --jobs 2`, the whole command: "
          f"{spread(seconds, '.1f')} s ({rounds} runs).")  # fmt: skip


def users(worlds: int, rounds: int) -> None:
    """The full market with its 4e8 consumers, and with a hundred-thousandth of them."""
    many, few = load("baseline"), load("baseline", ["users.population.consumer=4e3"])
    ratios, rates = [], []
    for _ in range(rounds):
        long, short = (
            sum(timed(lambda b=b, s=s: simulate_block(s, b, 1))[0] for b in blocks_of(worlds))
            for s in (many, few)
        )
        ratios.append(long / short)
        rates.append(worlds / long)
    print(f"\nFull market, 1 process: {spread(rates, '.3g')} worlds a second "
          f"({1e6 / WEEKS / median(rates):,.0f} µs a world-week).\n"
          f"Time with 4e8 consumers over time with 4e3: {spread(ratios, '.2f')} "
          f"({rounds} pairs of {worlds} worlds).")  # fmt: skip


def run_command(worlds: int, jobs: int, **environment: str) -> float:
    """Seconds of one whole command."""
    line = ("-m", "llm_market_sim", "batch", "baseline", "--seed", "1", "--worlds", str(worlds),
            "--jobs", str(jobs))  # fmt: skip
    more = {"check": True, "capture_output": True, "env": os.environ | environment}
    return timed(lambda: subprocess.run([sys.executable, *line], **more))[0]


# ---- words ----


def spread(values: Sequence[float], form: str) -> str:
    low, mid, high = (f"{value:{form}}" for value in (min(values), median(values), max(values)))
    return mid if len(values) == 1 else f"{mid} ({low} to {high})"


def machine() -> str:
    """Where and when, and with what."""
    model = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as facts:
            model = next((x.split(": ")[1].strip() for x in facts if x[:10] == "model name"), model)
    libraries = ", ".join(
        f"{name} {version(name)}" for name in ("numpy", "numba", "mesa", "pydantic")
    )
    load_now = ", ".join(f"{x:.1f}" for x in os.getloadavg())
    return (
        f"{date.today():%d %B %Y}; {os.cpu_count()} cores of {model}; {platform.system()}; "
        f"Python {platform.python_version()}, {libraries}; load at the start {load_now}."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the engine's speed; prints Markdown.")
    parser.add_argument("--quick", action="store_true", help="few worlds and rounds")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, of " + ", ".join(PARTS))
    asked = parser.parse_args()
    quick = asked.quick
    print(machine())
    for part in asked.only.split(","):
        if part == "pairs":
            pairs(*(128, 2, 2) if quick else (1000, 12, 5))
        elif part == "rules":
            rules(3 if quick else 9)
        elif part == "guests":
            guests(3 if quick else 9)
        elif part == "first":
            first(1 if quick else 3)
        elif part == "command":
            command(1000, 1 if quick else 3)
        elif part == "users":
            users(*(64, 2) if quick else (256, 5))
        else:
            parser.error(f"no part {part!r}; there are {', '.join(PARTS)}")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
