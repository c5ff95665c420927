"""What a phase of the week is, and the clock that all sudden events share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from llm_market_sim.market.state import Array, Segment, Setting, State

__all__ = [
    "Changes",
    "Phase",
    "Rule",
    "by_use",
    "draw_segment",
    "held_up",
    "in_turn",
    "lookup",
    "tick_clock",
]

Changes = dict[str, Array]
Rule = Callable[[State, Any, Setting], Changes]


@dataclass(frozen=True)
class Phase:
    """One step of the week.

    name: as printed. sentence: what happens, for a reader. rule: (state, parameters, setting) to
    the columns that change. writes: the only columns it may change.
    """

    name: str
    sentence: str
    rule: Rule
    writes: tuple[str, ...]


def tick_clock(
    left: Array, rate: Array, stream: str, count: Array, setting: Setting, week: float
) -> tuple[Array, Array, Array]:
    """Advance exponential clocks by one tick.

    left: unit-exponential time until the next firing (W, F). rate: events a week, any shape that
    broadcasts. count: how often each clock fired before (W, F), the draw's number.
    Returns (fired, when, left): a bool, the week of the firing inside the tick, and the new time
    left. This is the exact time change of a point process, so paths converge as ticks shrink; a
    clock fires at most once a tick, and what is left over fires in the next.
    """
    spent = rate * setting.dt
    fired = (left <= spent) & (spent > 0.0)
    if not np.any(fired):
        return fired, np.full(fired.shape, week), left - spent
    fraction = np.maximum(left, 0.0) / np.maximum(spent, 1e-300)  # means nothing elsewhere
    fresh = setting.luck.exponential(stream, count + 1, where=fired)
    return fired, week + np.minimum(fraction, 1.0) * setting.dt, left - spent + fresh


def in_turn(mask: Array, when: Array, partner: Array) -> Iterator[tuple[Array, Array]]:
    """Deals of a tick in the order of their time, one a world at once.

    mask: firms that make a deal (W, F). when: its week. partner: slot of the other side. Yields
    (deal, other): where the firm is and where its partner is, both (W, F).
    """
    slots = np.arange(mask.shape[-1])
    while np.any(mask):
        key = np.where(mask, when, np.inf)
        deal = mask & (slots == np.argmin(key, axis=-1)[:, None])
        other = np.max(np.where(deal, partner, -1), axis=-1, keepdims=True)
        yield deal, slots == other
        mask = mask & ~deal


def held_up(target: Array, training: Any) -> Array:
    """Where a moratorium holds up a run that aims at `target` (OOM), begun or not; bool.

    training: the parameters of that section.
    """
    return np.asarray(training.paused & (target > training.pause_above_oom))


def lookup(table: Array, codes: Array) -> Array:
    """Values of a short table by codes: (n,) and any shape, or (W, n) and (W, F)."""
    if table.ndim == 2:
        return np.take_along_axis(table, codes.astype(np.int64), axis=-1)
    return np.reshape(np.take(table, np.reshape(codes, (-1,))), codes.shape)


def by_use(parameter: Array | float) -> Array:
    """A parameter, () or (W, 1), ready to meet an array (W, S, F)."""
    return np.asarray(parameter)[..., None]


def draw_segment(uniform: Array, mix: Array) -> Array:
    """Code of a segment for each uniform (W, F), by relative frequencies (S, 1) or (S, W, 1)."""
    steps = np.cumulative_sum(mix, axis=0)
    bounds = np.reshape(steps[:-1, ...], (len(Segment) - 1, -1, 1))
    return np.sum(uniform * steps[-1, ...] > bounds, axis=0)
