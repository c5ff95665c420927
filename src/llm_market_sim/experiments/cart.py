"""CART: a tree of questions that tells points with many worlds from those with few.

A check on PRIM by a method that works otherwise: it fits the shares of worlds themselves, and
cuts the whole space into parts instead of looking for one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from llm_market_sim.experiments.prim import Limit
from llm_market_sim.market.state import Array

_DEPTH, _LEAF = 3, 0.05  # questions on the way to a leaf, least share of the points in it
_SPLIT = 15.0  # over P: least share of the variance that a question must explain


@dataclass(frozen=True)
class Leaf:
    """An end of the tree: its points (none lies in two) and the share of their worlds."""

    limits: tuple[Limit, ...]
    points: int
    share: float


def grow(unit: Array, shares: Array) -> tuple[Leaf, ...]:
    """The leaves, most worlds first; points (P, D) in the unit cube, and their shares (P,).

    A question must explain so much that the best of many on noise rarely does. One leaf without
    limits means that none did.
    """
    from sklearn.tree import DecisionTreeRegressor

    tree = (
        DecisionTreeRegressor(
            max_depth=_DEPTH,
            min_samples_leaf=max(1, math.ceil(_LEAF * len(shares))),
            min_impurity_decrease=_SPLIT / len(shares) * float(np.var(shares)),
            random_state=0,
        )
        .fit(unit, shares)
        .tree_
    )
    leaves: list[Leaf] = []

    def walk(node: int, limits: tuple[Limit, ...]) -> None:
        if tree.children_left[node] < 0:
            leaves.append(Leaf(limits, int(tree.n_node_samples[node]), tree.value[node].item()))
            return
        parameter, at = int(tree.feature[node]), float(tree.threshold[node])
        walk(tree.children_left[node], _narrowed(limits, Limit(parameter, "below", at)))
        walk(tree.children_right[node], _narrowed(limits, Limit(parameter, "above", at)))

    walk(0, ())
    return tuple(sorted(leaves, key=lambda leaf: -leaf.share))


def _narrowed(limits: tuple[Limit, ...], new: Limit) -> tuple[Limit, ...]:
    """Limits with one more, which takes the place of a wider one on the same side."""
    return (*(old for old in limits if old[:2] != new[:2]), new)
