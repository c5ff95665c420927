"""How long a design takes: 1,000 points x 100 worlds x 78 weeks, and the same worlds at one point.

    python benchmarks/design.py            # about ten minutes on two cores
    python benchmarks/design.py --points 50

The second half is the same number of worlds at the defaults, in turns with the first, so that what
parameters that differ from world to world cost can be read off the ratio.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time

from llm_market_sim.batch import Order, all_cores, run_batch
from llm_market_sim.claims import load_claims
from llm_market_sim.experiments import Range, Space, run_design
from llm_market_sim.scenario import load, plausible, variable

_ROUNDS = 3  # of the small comparison


def main() -> None:
    """Print both times as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=1000)
    parser.add_argument("--worlds", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=all_cores())
    given = parser.parse_args()
    scenario = load("baseline")
    measure = load_claims(["three_to_five_survive"])[0].measurement
    ranges = [(path, plausible(scenario, path)) for path in variable()]
    space = Space(tuple(Range(path, *ends) for path, ends in ranges if ends))

    def design(points: int, worlds: int) -> float:
        values = space.at(space.latin(points, 1))
        begun = time.perf_counter()
        run_design(scenario, space.names, values, worlds, 1, [measure],
                   order=Order(given.jobs))  # fmt: skip
        return time.perf_counter() - begun

    def one_point(worlds: int) -> float:
        begun = time.perf_counter()
        run_batch([scenario], worlds, 1, jobs=given.jobs, measures=[measure])
        return time.perf_counter() - begun

    few = max(1, given.points // 25)
    ratios = []
    for _ in range(_ROUNDS):
        ratios.append(design(few, given.worlds) / one_point(few * given.worlds))
    whole = design(given.points, given.worlds)
    rows = given.points * given.worlds
    load_now = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"{len(space.names)} parameters vary; {given.jobs} "
          f"processes; load {load_now}.\n")  # fmt: skip
    print("| what | value |\n|---|---|")
    print(f"| {given.points} points x {given.worlds} worlds x 78 weeks | {whole:.0f} s, "
          f"{rows / whole:.0f} worlds a second |")  # fmt: skip
    print(f"| a design over as many worlds of one point, {few * given.worlds} worlds, "
          f"{_ROUNDS} rounds | {statistics.median(ratios):.2f} ({min(ratios):.2f} to "
          f"{max(ratios):.2f}) |")  # fmt: skip


if __name__ == "__main__":
    main()
