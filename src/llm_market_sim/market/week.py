"""Time passes: world by world, tick by tick, rule by rule.

The same function runs compiled, where a rule is the address of its machine code, and in plain
Python, where it is the rule itself. A world goes through all its ticks before the next one, since
a world fits in the processor's cache and a block of worlds does not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from llm_market_sim.market.observation import note_shares

__all__ = ["NO_GUESTS", "Guests", "Span", "call_guests", "call_observer", "call_rule", "run_ticks"]


class Guests(NamedTuple):
    """Firms whose policies are plain Python.

    after: the place of the rule after which they are asked, -1 for none of the rules. ask: is given
    the place of a world; 0, or another number where somebody fails, and then time ends.
    """

    after: int
    ask: Callable[[int], int]


NO_GUESTS = Guests(-1, lambda world: 0)


class Span(NamedTuple):
    """Some worlds, and the ticks that pass in them: what `run_ticks` takes first."""

    worlds: Any
    firms: Any
    params: Any
    days: Any
    first: int
    last: int
    books: Any
    series: Any
    shares: Any


def call_rule(rule: Callable[..., None], w: Any, firms: Any, p: Any, day: Any, book: Any) -> None:
    """Do one phase of the week; compiled, by its address."""
    rule(w, firms, p, day, book)


def call_observer(rule: Callable[..., None], w: Any, firms: Any, row: Any) -> None:
    """Fill a part of the week's row; compiled, by its address."""
    rule(w, firms, row)


def call_guests(ask: Callable[[int], int], world: int) -> int:
    """Ask the guests of a world; compiled, by the address of a C function that leads to them."""
    return ask(world)


def run_ticks(
    worlds: Any,
    firms: Any,
    params: Any,
    days: Any,
    first: int,
    last: int,
    books: Any,
    series: Any,
    shares: Any,
    rules: Any,
    observers: Any,
    closes: bool,
    after: int,
    ask: Any,
) -> None:
    """Ticks from `first` up to `last` of some worlds.

    worlds: (W,) records. firms: (W, F). params: (rows, W), or (rows, 1) for all worlds alike.
    days: (ticks,). books: (W, room) of events. series: (W, weeks + 1), shares: (W, weeks + 1, S,
    F), each with no week where nothing is to be written down. closes: whether a tick ends after
    these rules. after, ask: as in `Guests`.
    """
    for k in range(len(worlds)):
        w, mine, book = worlds[k], firms[k], books[k]
        column = k if params.shape[1] > 1 else 0
        for t in range(first, last):
            day = days[t]
            w.week = day.week
            w.end = day.end
            w.dt = day.dt
            w.tick = day.tick
            p = params[day.row, column]
            for j in range(len(rules)):
                call_rule(rules[j], w, mine, p, day, book)
                if j == after and call_guests(ask, k) != 0:
                    return
            if not closes:
                continue
            w.week = day.end
            w.tick = day.tick + 1
            if day.close >= 0 and series.shape[1] > 0:
                for j in range(len(observers)):
                    call_observer(observers[j], w, mine, series[k, day.close])
            if day.close >= 0 and shares.shape[1] > 0:
                note_shares(mine, shares[k, day.close])
