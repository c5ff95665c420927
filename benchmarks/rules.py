"""Where the time of a week goes, rule by rule, as the market runs; prints Markdown.

    python benchmarks/rules.py [--passes 20]

`llm-market-sim schedule --time` does one rule for all worlds before the next, which empties the
processor's caches between them. Here worlds pass through whole weeks, as they do in a batch, and
the processor's own counter is read before and after every rule. Of each rule in each week of each
world the fastest of all passes counts, so that other users of the machine do not.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from speed import machine

from llm_market_sim.market.rule import OBSERVERS
from llm_market_sim.market.week import call_observer, call_rule
from llm_market_sim.scenario import load
from llm_market_sim.simulation import Worlds

_WORLDS = 16


@intrinsic  # type: ignore[untyped-decorator]
def cycles(typing: Any) -> Any:
    """The processor's counter of time."""

    def read(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = ir.FunctionType(ir.IntType(64), [])
        return builder.call(
            builder.module.declare_intrinsic("llvm.readcyclecounter", fnty=kind), []
        )

    return types.uint64(), read


@njit  # type: ignore[untyped-decorator]
def now() -> Any:
    return cycles()


@njit(nogil=True, error_model="numpy")  # type: ignore[untyped-decorator]
def run(
    worlds: Any,
    firms: Any,
    params: Any,
    days: Any,
    books: Any,
    series: Any,
    rules: Any,
    observers: Any,
    spent: Any,
) -> None:
    """As `market.week.run_ticks`, over all ticks; spent: (worlds, ticks, rules)."""
    for k in range(len(worlds)):
        w, mine, book = worlds[k], firms[k], books[k]
        for t in range(len(days)):
            day = days[t]
            w.week, w.end, w.dt, w.tick = day.week, day.end, day.dt, day.tick
            p = params[day.row, 0]
            for j in range(len(rules)):
                before = cycles()
                call_rule(rules[j], w, mine, p, day, book)
                spent[k, t, j] = cycles() - before
            w.week, w.tick = day.end, day.tick + 1
            for j in range(len(observers)):
                before = cycles()
                call_observer(observers[j], w, mine, series[k, day.close])
                spent[k, t, len(rules) + j] = cycles() - before


def one_pass() -> tuple[list[str], Any]:
    """Names of the rules, and the cycles of each (worlds, ticks, rules)."""
    new = Worlds(load("baseline"), range(_WORLDS), 1, series=True, room=1500)
    engine: Any = new.engine
    observers = tuple(OBSERVERS.values())
    spent = np.zeros((_WORLDS, new.ticks, len(new.phases) + len(observers)), np.uint64)
    run(
        new.world_records,
        new.firm_records,
        new.timetable.params,
        new.timetable.days,
        new.books,
        new.series,
        engine._table(new.phases),
        engine._table(observers),
        spent,
    )
    return [one.name for one in new.phases] + [f"({one.name})" for one in observers], spent


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--passes", type=int, default=20)
    given = parser.parse_args()
    one_pass()  # compiles
    begun, first = time.perf_counter(), now()
    best = np.min([one_pass()[1] for _ in range(given.passes)], axis=0)
    per_second = (now() - first) / (time.perf_counter() - begun)
    us = 1e6 * best.mean((0, 1)) / per_second
    print(machine())
    print("\n| rule (in brackets: of the series) | µs a world-week |\n|---|---|")
    names, _ = one_pass()
    for j in np.argsort(-us):
        print(f"| {names[j]} | {us[j]:.2f} |")
    print(f"| all | {us.sum():.1f} |")


if __name__ == "__main__":
    main()
