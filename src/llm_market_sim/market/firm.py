"""A firm and a world, whatever the mechanisms: who they are, and the words that all rules share."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np

from llm_market_sim.market.codes import (
    ACQUIRED,
    BETA,
    BIGTECH,
    NO_NICHE,
    NOBODY,
    OPEN,
    SEGMENT_COUNT,
    WAITING,
    WEEKS,
)
from llm_market_sim.market.columns import Columns, column, fact
from llm_market_sim.market.luck import gumbel
from llm_market_sim.market.rule import word

__all__ = [
    "Book", "Day", "F", "Firms", "P", "W", "alive", "choose_buyer", "clock_fires", "draw_segment",
    "fired_at", "gone", "held_up", "here", "live", "runway_below", "tell",
]  # fmt: skip

# What rules are given. In a rule each is a record: `f.cash`, `w.log_hype`, `p.funding.selectivity`.
W: TypeAlias = Any  # one world
F: TypeAlias = Any  # one firm
Firms: TypeAlias = Any  # all firms of the world, an array of records
P: TypeAlias = Any  # the parameters in force
Day: TypeAlias = Any  # the calendar's tick: its shocks
Book: TypeAlias = Any  # where events are noted


class World(Columns):
    """Which world this is, and what time it is there."""

    id = fact("id", "which world of the seed", dtype=np.uint64)
    seed_low = fact("1", "the seed's lower half", dtype=np.uint64)
    seed_high = fact("1", "the seed's upper half", dtype=np.uint64)
    week = fact("week", "when the tick begins")
    end = fact("week", "when the tick ends")
    dt = fact("weeks", "length of a tick")
    tick = fact("count", "ticks done", dtype=np.int64)
    events = fact("count", "events noted", dtype=np.int64)


class Firm(Columns):
    """Who a firm is, and where it stands."""

    key = fact("1", "luck's key of the firm", dtype=np.uint64)
    slot = fact("slot", "its place among the firms", dtype=np.int16)
    named = fact("yes/no", "known by name, and not one of a population", dtype=np.bool_)
    stealth = fact("yes/no", "unnamed, and at work in silence on week 0", dtype=np.bool_)
    kind = fact("code", "what sort of firm", dtype=np.int8)
    domestic = fact("yes/no", "not the foreign frontier", dtype=np.bool_)
    star = fact("yes/no", "a team that investors follow", dtype=np.bool_)
    policy = fact("code", "the rule that its wishes follow, -1 for a person's", dtype=np.int8)
    affinity = fact("1", "fit with each segment, 0 to 1", by_segment=True)

    status = column("code", "where the firm stands", public=True, dtype=np.int8)
    route = column("code", "how it comes by a model", public=True, dtype=np.int8)
    niche = column(
        "code",
        "the one segment a vertical serves, else -1",
        public=True,
        start=NO_NICHE,
        dtype=np.int8,
    )


_NICHES = (0.0, 0.1, 0.6, 0.3)  # relative frequency of the segments of vertical firms


@word
def alive(f: F) -> bool:
    """Has entered and not died."""
    return WAITING < f.status < ACQUIRED


@word
def gone(f: F) -> bool:
    """Has died or was sold."""
    return f.status >= ACQUIRED


@word
def here(f: F) -> bool:
    """Alive, and no firm abroad."""
    return WAITING < f.status < ACQUIRED and f.domestic


@word
def live(f: F) -> bool:
    """Has a product that can be chosen."""
    return f.status == BETA or f.status == OPEN


@word
def runway_below(f: F, weeks: float) -> bool:
    """Whether cash and credits last for less than so many weeks at the trailing loss."""
    return (f.cash + f.credits) * WEEKS < f.trailing_profit * -weeks


@word
def held_up(target: float, p: P) -> bool:
    """Whether a moratorium holds up a run that aims at `target` (OOM), begun or not."""
    return p.training.paused and target > p.training.pause_above_oom


@word
def clock_fires(left: float, spent: float) -> bool:
    """Whether an exponential clock with so much time left fires while so much is spent.

    This is the exact time change of a point process, so paths converge as ticks shrink; a clock
    fires at most once a tick, and what is left over fires in the next.
    """
    return left <= spent and spent > 0.0


@word
def fired_at(w: W, left: float, spent: float) -> float:
    """The week, within the tick, in which such a clock fired."""
    return w.week + min(max(left, 0.0) / spent, 1.0) * w.dt


@word
def tell(w: W, book: Book, kind: int, f: F, week: float, amount: float, other: int) -> None:
    """Note that something happened to a firm.

    amount: money or capability that goes with it, or NaN. other: slot of the other side, or -1.
    Where the book is full the count goes on, and the caller starts again with a larger one.
    """
    n = w.events
    if n < len(book):
        book[n].tick = w.tick
        book[n].kind = kind
        book[n].firm = f.slot
        book[n].week = week
        book[n].amount = amount
        book[n].other = other
    w.events = n + 1


@word
def choose_buyer(w: W, firms: Firms, f: F, stream: Any, k: float, need: float, barred: Any) -> int:
    """Slot of a big tech that has cash above the need, by luck; -1 where none has.

    The choice is the largest of Gumbel variates keyed by the big tech too, so that the fall of
    one does not reshuffle the others. barred: who cannot be chosen, by slot.
    """
    most, chosen = -math.inf, NOBODY
    for b in firms:
        if b.kind != BIGTECH or not alive(b) or b.cash <= need or barred[b.slot]:
            continue
        liking = gumbel(w, f.key, b.key, stream, k)
        if liking > most:
            most, chosen = liking, b.slot
    return chosen


@word
def draw_segment(uniform: float) -> int:
    """The segment of a vertical firm, for a uniform number."""
    x = uniform * (_NICHES[0] + _NICHES[1] + _NICHES[2] + _NICHES[3])
    segment, bound = 0, 0.0
    for g in range(SEGMENT_COUNT - 1):
        bound += _NICHES[g]
        if x > bound:
            segment += 1
    return segment
