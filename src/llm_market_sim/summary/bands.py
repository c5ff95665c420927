"""What figures show, as numbers: a run, or arrays of worlds, in; a small record out.

W worlds, T + 1 weeks, Q = len(`QUANTILES`) quantiles over worlds, S segments, F firms, K kinds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from llm_market_sim.market.observation import COMPOSITE
from llm_market_sim.market.state import Array, Kind, Segment
from llm_market_sim.simulation import Run
from llm_market_sim.summary.statistics import QUANTILES
from llm_market_sim.words import Language

Label = Mapping[Language, str]  # a name in both languages

SINGLES = 10  # single worlds that are shown: always the first ones
EXITS = ("acquired", "bankrupt", "closed")  # the series of exits, by cause
KINDS = (Kind.BIGTECH, Kind.LISTED, Kind.STARTUP)
_BARS = 40  # of a distribution, at most
_AT_ONCE = 1_000_000  # numbers of which quantiles are taken at once


@dataclass(frozen=True, eq=False)
class Fan:
    """A weekly quantity over worlds, known by the name of its series."""

    name: str
    weeks: Array  # (T + 1,)
    quantiles: Array  # (Q, T + 1)
    singles: Array  # (up to SINGLES, T + 1), the first worlds
    edges: Array  # (B + 1,) of the bars of the last week's distribution
    heights: Array  # (B,) share of worlds in each bar


def fan(name: str, weeks: Array, values: Array, ends: Array | None = None) -> Fan:
    """From the values (W, T + 1) of every world; ends: those of the last week (W,), where they are
    known more precisely."""
    ends = values[:, -1] if ends is None else ends
    edges = edges_of(ends)
    heights = np.histogram(ends, edges)[0] / len(values)
    return Fan(name, weeks, _quantiles(values), values[:SINGLES], edges, heights)


def edges_of(values: Array) -> Array:
    """Of bars: one for each whole number (or a few) of a count, of equal width otherwise."""
    low, high = float(np.min(values)), float(np.max(values))
    if np.all(values == np.round(values)):
        width = int((high - low) // _BARS) + 1
        count = int((high - low) // width) + 1
        return low - 0.5 + width * np.arange(count + 1)
    room = 1e-9 * max(abs(low), abs(high))
    return np.linspace(low - room, high + room, min(_BARS, max(8, len(values) // 10)) + 1)


def _quantiles(values: Array) -> Array:
    """Over worlds, (Q,) or (Q, T + 1); so many weeks at once that little memory is taken."""
    if values.ndim == 1:
        return np.quantile(values.astype(float), QUANTILES)
    step = max(1, _AT_ONCE // len(values))
    parts = (values[:, first : first + step] for first in range(0, values.shape[1], step))
    return np.concatenate([np.quantile(p.astype(float), QUANTILES, axis=0) for p in parts], axis=1)


@dataclass(frozen=True, eq=False)
class MarketShares:
    """Composite shares of some firms, the largest first, in one world and on average."""

    weeks: Array  # (T + 1,)
    world: int
    firms: tuple[Label, ...]  # N of them
    one: Array  # (N + 1, T + 1), the last row being all other firms
    mean: Array  # (N + 1, T + 1) over worlds


def market_shares(run: Run, place: int = 0, most: int = 7) -> MarketShares:
    """Of a run with its history of shares. place: of the world that is shown, in the run.

    The `most` named firms with the largest share in any week, in that world or on average. Shares
    add up to less than 1 as long as a segment has no users. ValueError without the history.
    """
    history = _history(run)
    one, mean = (
        np.einsum("s,tsf->ft", COMPOSITE, part.astype(float))
        for part in (history[place], np.mean(history, axis=0))
    )
    named = [slot for slot, firm in enumerate(run.firms.ids) if firm in run.scenario.players]
    largest = np.max(np.maximum(one, mean), axis=1)
    chosen = sorted(named, key=lambda slot: -largest[slot])[:most]
    chosen = sorted((slot for slot in chosen if largest[slot] > 0.0), key=lambda s: -mean[s, -1])
    rows = [
        np.vstack([part[chosen], np.sum(part, axis=0) - np.sum(part[chosen], axis=0)])
        for part in (one, mean)
    ]
    labels = tuple(_label(run, slot) for slot in chosen)
    return MarketShares(run.weeks, int(run.worlds[place]), labels, rows[0], rows[1])


def _label(run: Run, slot: int) -> Label:
    return {"en": run.firms.names[slot], "zh": run.firms.names_zh[slot]}


def _history(run: Run) -> Array:
    if run.share_history is None:
        raise ValueError("the run has no history of shares: simulate(…, share_history=True)")
    return run.share_history


@dataclass(frozen=True, eq=False)
class Race:
    """Capabilities over worlds (OOM), and licences."""

    weeks: Array  # (T + 1,)
    frontier: Array  # (Q, T + 1)
    best: Array  # (Q, T + 1) best domestic model
    open_weights: Array  # (Q, T + 1)
    licences: Array  # (T + 1,) mean number granted in the week that ends there
    licensed: Array  # (Q,) firms licensed by the end


def race(weeks: Array, series: Mapping[str, Array]) -> Race:
    """From the weekly series (W, T + 1) of a run, by name."""
    granted = np.mean(np.diff(series["licensed"], axis=1, prepend=0.0), axis=0)
    return Race(
        weeks=weeks,
        frontier=_quantiles(series["frontier"]),
        best=_quantiles(series["best_capability"]),
        open_weights=_quantiles(series["open_weights"]),
        licences=granted,
        licensed=_quantiles(series["licensed"][:, -1]),
    )


@dataclass(frozen=True, eq=False)
class Lives:
    """How firms come and go, over worlds; each (Q, T + 1) but for the means."""

    weeks: Array  # (T + 1,)
    alive: Array  # general developers
    entered: Array  # firms so far
    launched: Array  # firms so far
    exits: Array  # (len(EXITS), T + 1) mean number of firms gone so far, by cause


def lives(weeks: Array, series: Mapping[str, Array]) -> Lives:
    """From the weekly series (W, T + 1) of a run, by name."""
    return Lives(
        weeks=weeks,
        alive=_quantiles(series["general_developers"]),
        entered=_quantiles(series["entered"]),
        launched=_quantiles(series["launched"]),
        exits=np.array([np.mean(series[name], axis=0) for name in EXITS]),
    )


@dataclass(frozen=True, eq=False)
class Money:
    """Where money came from and went, by kind of firm (`KINDS`), over worlds; million USD.

    received: from outside since the first week: budgets of parents, shares issued, rounds.
    profit: operating profit since week 0, negative where money was lost.
    """

    weeks: Array  # (M,) moments that are known
    received: Array  # (Q, K, M)
    profit: Array  # (Q, K, M)


def money(run: Run) -> Money:
    """Of a run with snapshots, the first of which is the beginning. ValueError without any."""
    states = [run.snapshots[week] for week in sorted(run.snapshots)]
    if not states:
        raise ValueError("the run has no snapshots: simulate(…, snapshots=range(0, 79, 6))")
    if states[-1].week < run.final.week:
        states.append(run.final)
    of_kind = np.array([run.firms.kind[0] == kind for kind in KINDS], dtype=float)
    raised, profit = (
        np.array([of_kind @ getattr(state, name).T for state in states])
        for name in ("raised", "profit_total")
    )
    for place, state in enumerate(states):  # budgets go to big techs, issues to listed firms
        raised[place, 0] -= state.account_parents[:, 0]
        raised[place, 1] -= state.account_shareholders[:, 0]
    received = raised - raised[0]
    weeks = np.array([state.week for state in states])
    by_quantile = (
        np.quantile(values, QUANTILES, axis=2).swapaxes(1, 2) for values in (received, profit)
    )
    return Money(weeks, *by_quantile)


@dataclass(frozen=True, eq=False)
class Concentration:
    """How concentrated each segment is, over worlds; nan before it has users in all worlds."""

    weeks: Array  # (T + 1,)
    hhi: Array  # (S, Q, T + 1) Herfindahl index
    cr4: Array  # (S, Q, T + 1) share of the four largest firms
    leaders: tuple[Label, ...]  # (S,) who leads at the end in most worlds
    led: tuple[int, ...]  # (S,) in how many worlds it does
    different: Array  # (S,) share of worlds with 1, 2 … different leaders at the end


def concentration(run: Run) -> Concentration:
    """Of a run with its history of shares. ValueError without it."""
    history = _history(run)
    worlds, weeks, segments, _ = history.shape
    hhi, cr4 = np.full((2, segments, len(QUANTILES), weeks), np.nan)
    for segment in range(segments):
        shares = history[:, :, segment].astype(float)
        used = np.all(np.sum(shares, axis=-1) > 0.0, axis=0)
        largest = -np.partition(-shares[:, used], 3, axis=-1)[..., :4]
        hhi[segment][:, used] = _quantiles(np.sum(shares[:, used] ** 2, axis=-1))
        cr4[segment][:, used] = _quantiles(np.sum(largest, axis=-1))
    first = np.argmax(history[:, -1], axis=-1)  # (W, S) slots
    counts = [np.bincount(first[:, segment]) for segment in range(segments)]
    slots = [int(np.argmax(count)) for count in counts]
    ordered = np.sort(first, axis=1)
    number = 1 + np.sum(
        [ordered[:, a] != ordered[:, b] for a, b in pairwise(range(segments))], axis=0
    )
    return Concentration(
        weeks=run.weeks,
        hhi=hhi,
        cr4=cr4,
        leaders=tuple(_label(run, slot) for slot in slots),
        led=tuple(int(count[slot]) for count, slot in zip(counts, slots, strict=True)),
        different=np.bincount(number, minlength=len(Segment) + 1)[1:] / worlds,
    )
