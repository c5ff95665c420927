"""What is kept of some worlds, and the numbers of a picture of them.

A picture shows one outcome over the worlds of a question, beside the same worlds of another one,
the baseline as a rule. It is drawn by the page; what comes from here fits in some kilobytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from llm_market_sim.claims import MAIN, Claim, Variant, load_claims
from llm_market_sim.experiments.posterior import WORLDS_A_DRAW
from llm_market_sim.market.observation import SERIES
from llm_market_sim.market.state import Array
from llm_market_sim.simulation import Run
from llm_market_sim.summary.statistics import Bands, paired, proportion, two_bands

__all__ = [
    "COUNTED", "OUTCOMES", "Block", "block_of", "definitions", "held", "is_few", "joined", "last",
    "main_claim", "picture", "sizes", "uncertainty", "values_of",
]  # fmt: skip

COUNTED = "platforms"  # the outcome that the main claim speaks of, by its usual definition
OUTCOMES = (  # weekly series that can be looked at; their words and units are declared with them
    COUNTED,
    "g67",
    "firms_alive",
    "trainers",
    "licensed",
    "bankrupt",
    "startup_share",
    "bigtech_share",
    "top_three_share",
    "users_consumer",
    "revenue",
    "best_capability",
    "best_startup",
    "gpu_price",
)
_COUNTS = ("firms", "platforms")  # units of what is counted
_LEVELS = 13  # counts that are told apart where they are few
_BINS = 24
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_LISTED = 24  # worlds that changed, named in a picture


@dataclass(frozen=True, eq=False)
class Block:
    """Some worlds: series (W, T + 1) by name, and what each definition of the main claim counts,
    (W, D) in the order of `definitions`; None where the run ends before the claim."""

    series: dict[str, Array]
    counts: Array | None

    @property
    def worlds(self) -> int:
        """How many."""
        return len(self.series[COUNTED])


@cache
def main_claim() -> Claim:
    """The claim whose definition can be chosen."""
    return load_claims([MAIN])[0]


@cache
def definitions() -> tuple[Variant, ...]:
    """The ways in which it could have been meant, for the week it speaks of; its own one first."""
    claim = main_claim()
    return tuple(v for v in claim.variants_all() if v.measurement.week == claim.horizon_week)


def block_of(run: Run) -> Block:
    """What is kept of a run that has the series of `OUTCOMES`."""
    counts = None
    if run.final.week == main_claim().horizon_week:
        counts = np.stack([one.measurement(run) for one in definitions()], axis=-1)
    series = {name: run.series[name] for name in OUTCOMES}
    return Block(series, None if counts is None else counts.astype(np.int16))


def last(block: Block) -> Block:
    """The same without all weeks but the last."""
    return Block({name: values[:, -1:] for name, values in block.series.items()}, block.counts)


def joined(blocks: Sequence[Block]) -> Block:
    """Blocks of the same scenario, one after the other."""
    counts = [one.counts for one in blocks if one.counts is not None]
    return Block(
        {name: np.concatenate([one.series[name] for one in blocks]) for name in OUTCOMES},
        np.concatenate(counts) if counts else None,
    )


def values_of(block: Block, outcome: str, definition: int) -> Array:
    """The outcome at the end, (W,)."""
    if outcome == COUNTED and block.counts is not None:
        return block.counts[:, definition].astype(float)
    return block.series[outcome][:, -1]


def picture(outcome: str, mine: Block, ghost: Block, definition: int = 0) -> dict[str, Any]:
    """An outcome at the end and on the way, in the same worlds of two questions, as plain values.

    definition: the place in `definitions` of the one by which platforms are counted.
    """
    before, after = values_of(ghost, outcome, definition), values_of(mine, outcome, definition)
    pairs = paired(before, after)
    found = {
        "outcome": outcome,
        "worlds": len(after),
        "week": mine.series[outcome].shape[1] - 1,
        **_distribution(outcome, before, after),
        "weekly": _weekly(outcome, mine.series[outcome]) if definition == 0 else None,
        "paired": {
            name: getattr(pairs, name)
            for name in ("before", "after", "mean", "low", "high", "rose", "fell", "same")
        },
        "changed": _changed(before, after),
        "all": {n: _size(values_of(ghost, n, 0), values_of(mine, n, 0)) for n in OUTCOMES},
    }
    if outcome == COUNTED:
        found["claim"] = {"before": held(before), "after": held(after)}
    return found


def _size(before: Array, after: Array) -> list[float]:
    """Means before and after, and the mean difference in standard deviations between the worlds
    before; 0 where there are none."""
    spread, means = float(np.std(before, ddof=1)), [float(np.mean(before)), float(np.mean(after))]
    return [*means, (means[1] - means[0]) / spread if spread > 0.0 else 0.0]


def sizes(before: Block, after: Block) -> dict[str, float]:
    """Of every outcome at the end, the mean difference in standard deviations between worlds."""
    return {n: _size(values_of(before, n, 0), values_of(after, n, 0))[2] for n in OUTCOMES}


def is_few(outcome: str, *values: Array) -> bool:
    """Whether an outcome is a count that stays so small that each has a column of its own."""
    counted = SERIES[outcome].unit in _COUNTS
    return counted and all(np.max(one) < _LEVELS for one in values)


def _distribution(outcome: str, before: Array, after: Array) -> dict[str, Any]:
    """Edges of columns, and how many worlds stand in each, before and after."""
    if is_few(outcome, before, after):
        edges, kind = np.arange(max(np.max(before), np.max(after), 7) + 2) - 0.5, "count"
    else:
        low, high = min(np.min(before), np.min(after)), max(np.max(before), np.max(after))
        edges, kind = np.linspace(low, high if high > low else low + 1.0, _BINS + 1), "number"
    columns = [np.histogram(one, edges)[0].tolist() for one in (before, after)]
    return {"kind": kind, "edges": [*map(short, edges)], "before": columns[0], "after": columns[1]}


def _weekly(outcome: str, values: Array) -> dict[str, Any]:
    """Week by week: worlds at each count, or quantiles over worlds."""
    if is_few(outcome, values):
        levels = range(int(np.max(values)) + 1)
        return {"kind": "count", "worlds": [np.sum(values == n, axis=0).tolist() for n in levels]}
    rows = np.quantile(values, _QUANTILES, axis=0)
    return {
        "kind": "number",
        "quantiles": list(_QUANTILES),
        "values": [[*map(short, row)] for row in rows],
    }


def short(value: Any) -> float:
    """Six figures of a number."""
    return float(f"{value:.6g}")


def _changed(before: Array, after: Array) -> list[list[float]]:
    """Worlds in which the outcome differs, the largest difference first: id, before, after."""
    apart = np.abs(after - before)
    order = np.argsort(-apart, kind="stable")[: min(_LISTED, int(np.sum(apart > 0.0)))]
    return [[int(k), float(before[k]), float(after[k])] for k in order]


def held(values: Array) -> dict[str, float]:
    """In how many worlds the main claim holds, with the interval of the share."""
    held = proportion(int(np.sum(main_claim().test.holds(values))), len(values))
    return {"hits": held.hits, "low": held.low, "high": held.high}


def uncertainty(outcome: str, block: Block, definition: int = 0) -> dict[str, Any]:
    """An outcome at the end over draws of assumptions, `WORLDS_A_DRAW` worlds at each: what luck
    spreads and what assumptions spread; of the main claim the share of worlds (0 to 1) as well."""
    values = values_of(block, outcome, definition).reshape(-1, WORLDS_A_DRAW)
    found: dict[str, Any] = {"draws": len(values), "number": _bands(two_bands(values))}
    if outcome == COUNTED:
        found["claim"] = _bands(two_bands(main_claim().test.holds(values).astype(float)))
    return found


def _bands(found: Bands) -> dict[str, Any]:
    return {"mean": found.mean, "luck": list(found.worlds), "assumptions": list(found.parameters)}
