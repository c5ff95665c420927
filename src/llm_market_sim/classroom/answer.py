"""The numbers of a picture: an outcome over the worlds of a question, beside the same worlds of
the baseline.

Pictures are drawn by the page; what comes here fits in some kilobytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from llm_market_sim.market.observation import SERIES
from llm_market_sim.market.state import Array
from llm_market_sim.summary.statistics import paired

__all__ = ["OUTCOMES", "picture"]

OUTCOMES = (  # weekly series that can be looked at; their words and units are declared with them
    "platforms", "g67", "firms_alive", "licensed", "bankrupt", "startup_share", "bigtech_share",
    "top_three_share", "users_consumer", "revenue", "best_capability", "gpu_price",
)  # fmt: skip
_COUNTS = ("firms", "platforms")  # units of what is counted
_LEVELS = 13  # counts that are told apart where they are few
_BINS = 24
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def picture(
    outcome: str, mine: Mapping[str, Array], ghost: Mapping[str, Array], week: int
) -> dict[str, Any]:
    """An outcome of the question and of the baseline in the same worlds, as plain values.

    mine, ghost: series (W, T + 1) by name. week: at which worlds are compared.
    """
    a, b = ghost[outcome], mine[outcome]
    week = min(week, a.shape[1] - 1, b.shape[1] - 1)
    before, after = a[:, week], b[:, week]
    return {
        "outcome": outcome, "week": week, "worlds": len(after),
        **_distribution(outcome, before, after),
        "weekly": _weekly(outcome, b),
        "paired": _pairs(before, after),
    }  # fmt: skip


def _is_few(outcome: str, *values: Array) -> bool:
    counted = SERIES[outcome].unit in _COUNTS
    return counted and all(np.max(one) < _LEVELS for one in values)


def _distribution(outcome: str, before: Array, after: Array) -> dict[str, Any]:
    """Edges of columns, and how many worlds stand in each, before and after."""
    if _is_few(outcome, before, after):
        top = int(max(np.max(before), np.max(after), 7))
        edges = np.arange(top + 2) - 0.5
        kind = "count"
    else:
        low, high = min(np.min(before), np.min(after)), max(np.max(before), np.max(after))
        edges = np.linspace(low, high if high > low else low + 1.0, _BINS + 1)
        kind = "number"
    return {
        "kind": kind, "edges": edges.tolist(),
        "before": np.histogram(before, edges)[0].tolist(),
        "after": np.histogram(after, edges)[0].tolist(),
    }  # fmt: skip


def _weekly(outcome: str, values: Array) -> dict[str, Any]:
    """Week by week: worlds at each count, or quantiles over worlds."""
    if _is_few(outcome, values):
        levels = range(int(np.max(values)) + 1)
        return {"kind": "count", "worlds": [np.sum(values == n, axis=0).tolist() for n in levels]}
    rows = np.quantile(values, _QUANTILES, axis=0)
    return {
        "kind": "number", "quantiles": list(_QUANTILES),
        "values": [[float(f"{x:.5g}") for x in row] for row in rows],
    }  # fmt: skip


def _pairs(before: Array, after: Array) -> dict[str, Any]:
    pairs = paired(before, after)
    return {
        "before": pairs.before, "after": pairs.after, "mean": pairs.mean, "low": pairs.low,
        "high": pairs.high, "rose": pairs.rose, "fell": pairs.fell, "same": pairs.same,
    }  # fmt: skip
