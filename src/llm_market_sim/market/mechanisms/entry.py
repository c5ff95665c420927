"""Entry: firms of an ordered pool come in while the fear of missing out is high."""

from __future__ import annotations

import numpy as np

from llm_market_sim.market.arithmetic import between, exp
from llm_market_sim.market.codes import BUILDING, LISTED, NEVER, WAITING
from llm_market_sim.market.columns import Columns, column, event, fact
from llm_market_sim.market.firm import Book, Day, Firms, P, W, here, tell
from llm_market_sim.market.luck import exponential, stream
from llm_market_sim.market.parameters import Section, parameter
from llm_market_sim.market.rule import phase, start

__all__ = ["Params", "enter", "queue"]

ENTERED = event("entered", "enters", stamp="entered_at")
ENTRY = stream("entry")


class Params(Section):
    """How fast firms come in, and what holds them back."""

    # fmt: off
    intensity_per_week: float = parameter(
        2.4,
        plausible=(1.5, 8),
        unit="firms/week",
        ge=0,
        le=50,
        symbol="lambda_0",
        meaning="entries a week at the hype of April 2023 in an empty field",
        source="assumption, of the order of 64 new models in January to July 2023 (CCID)",
    )
    hype_threshold: float = parameter(
        0.5,
        plausible=(0.3, 0.7),
        unit="1",
        ge=0,
        le=0.99,
        symbol="H_c",
        meaning="hype below which nobody enters (April 2023 is 1)",
        source="assumption: entry driven by fear of missing out stops when the fear does",
    )
    crowding_firms: float = parameter(
        220.0, plausible=(120, 400), unit="firms", gt=0, le=2000, symbol="N_cap",
        meaning="number of firms alive at which entry stops",
        source="assumption: entry falls with the number of rivals (Klepper 1996)",
    )
    # fmt: on


class World(Columns):
    """How far entry has come."""

    entry_hazard = column("1", "integrated intensity of entry so far")


class Firm(Columns):
    """A firm's place in the queue."""

    pool_place = fact("place", "unnamed firms of the pool before it, -1 outside it", dtype=np.int16)
    barred = fact("yes/no", "does not come in by itself: when called, or never", dtype=np.bool_)
    called_at = fact("week", "in which an event calls it in")

    entry_threshold = column("1", "entry hazard at which it enters", hidden=True, start=NEVER)
    entered_at = column("week", "entered", public=True, start=NEVER)


@start("The pool queues up in its order.", "潜在进入者按顺序排队。")
def queue(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """The k-th threshold is the sum of k unit exponentials: a Poisson process under time change.

    A named firm comes an exponential of its own after so many unnamed ones.
    """
    sums = np.zeros(len(firms) + 1)
    for f in firms:  # the unnamed stand in the order of their places
        if f.pool_place >= 0 and not f.named:
            sums[f.pool_place + 1] = sums[f.pool_place] + exponential(w, f.key, ENTRY, 0)
    for f in firms:
        if f.pool_place >= 0 and not f.barred:
            f.entry_threshold = sums[f.pool_place] + exponential(w, f.key, ENTRY, 0)


@phase(
    "Firms of the pool enter while hype lasts and the field is not full.",
    "热度未退、赛道未满时，潜在进入者进入市场。",
)
def enter(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Integrate the intensity of entry; the firm whose threshold is passed comes in.

    A firm of the pool has a threshold on the integrated hazard, so a scenario with more hype
    brings the same firms earlier and then others; a listed firm comes the sooner, the more the news
    of another has just lifted that one's share. Firms that an event calls enter on their day, and
    not before.
    """
    e = p.entry
    crowd, gain_of_others = 0, 0.0
    for f in firms:
        if here(f):
            crowd += 1
            gain_of_others = max(gain_of_others, f.stock_news)
    rally = exp(gain_of_others)
    fear = max((exp(w.log_hype) - e.hype_threshold) / (1.0 - e.hype_threshold), 0.0)
    room = max(1.0 - crowd / e.crowding_firms, 0.0)
    gain = e.intensity_per_week * fear * room * w.dt
    before = w.entry_hazard
    w.entry_hazard = before + gain
    for f in firms:
        if f.status != WAITING:
            continue
        called = f.called_at == np.floor(w.week)
        threshold = f.entry_threshold / rally if f.kind == LISTED else f.entry_threshold
        if not called and threshold > w.entry_hazard:
            continue
        f.entered_at = w.week
        if not called and gain > 0.0:
            f.entered_at += between((threshold - before) / gain, 0.0, 1.0) * w.dt
        f.status = BUILDING
        tell(w, book, ENTERED, f, f.entered_at, np.nan, -1)
