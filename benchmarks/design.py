"""How long a design takes: 1,000 points x 100 worlds x 78 weeks, and the same worlds at one point.

    python benchmarks/design.py            # some minutes on two cores
    python benchmarks/design.py --points 20 --jobs 1  # on a busy machine: trust processor time

Before that, a part of the design takes turns with as many worlds at the defaults, so that what
parameters that differ from world to world cost can be read off the ratio. Processor time is that of
this process, which with one job does everything.
"""

from __future__ import annotations

import argparse

from speed import machine, spread, timed

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

    def design(points: int, worlds: int) -> None:
        values = space.at(space.latin(points, 1))
        run_design(scenario, space.names, values, worlds, 1, [measure], order=Order(given.jobs))

    def one_point(worlds: int) -> None:
        run_batch([scenario], worlds, 1, jobs=given.jobs, measures=[measure])

    few = min(given.points, 10)  # worked on in this process
    one_point(1)  # what only the first call pays
    ratios = []
    for _ in range(_ROUNDS):
        _, mine = timed(lambda: design(few, given.worlds))
        _, plain = timed(lambda: one_point(few * given.worlds))
        ratios.append(mine / plain)
    whole, own = timed(lambda: design(given.points, given.worlds))
    rows = given.points * given.worlds
    print(f"{machine()}\n\n{len(space.names)} parameters vary; {given.jobs} processes.\n")
    print("| what | value |\n|---|---|")
    print(f"| {given.points} points x {given.worlds} worlds x 78 weeks | {whole:.0f} s, "
          f"{rows / whole:.0f} worlds a second |")  # fmt: skip
    if given.jobs == 1:
        each = 1e6 * own / rows / scenario.horizon_weeks
        print(f"| processor time of it | {own:.1f} s, {each:.0f} µs a world-week |")
    print(
        f"| a design over as many worlds of one point, {few * given.worlds} worlds, processor "
        f"time, {_ROUNDS} rounds | {spread(ratios, '.2f')} |"
    )


if __name__ == "__main__":
    main()
