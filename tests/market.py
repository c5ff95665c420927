"""A market at hand: a few firms of one's own, chosen columns, and whatever happens next.

    before = market(2, facts={"kind": ["bigtech", "startup"]}, cash=[900.0, 5.0])
    after = before.do("settle", "set prices")      # phases of the week, by their printed names
    after.state.cash[0]                            # a column, one value a firm
    before.advance(3).run().series["firms_alive"]  # three whole weeks, then a series

It goes through the front door: a scenario whose roster is these firms, and the one seam of the
engine that sets columns by name (`llm_market_sim.simulation.by_hand`). Nothing here knows how a
rule is written.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest

from llm_market_sim.market.parameters import SEGMENTS
from llm_market_sim.market.roster import Player
from llm_market_sim.market.state import COLUMNS, NEVER, NO_MODEL, Route, Status
from llm_market_sim.scenario import Scenario, load
from llm_market_sim.simulation import ByHand, by_hand

__all__ = ["NEVER", "NO_MODEL", "SEGMENTS", "firms_of", "market"]

LARGE = 2000  # firms in all worlds, each of 100 or more; in plain Python they take minutes
AT_REST = {name: column.start for name, column in COLUMNS.items()}
# What firms are like where nothing else is said: see `market`.
USUAL = {
    "status": Status.OPEN, "route": Route.FOUNDATION, "niche": -1, "entered_at": 0.0,
    "launched_at": 0.0, "licensed_at": 0.0, "capability": 24.0, "served": 24.0, "reach": 1.0,
    "cash": 100.0, "gpu_price": 4.0, "gpu_ration": 1.0, "compute_share": 1.0,
    "rental_cards": 12000.0, "open_weights": 23.7, "frontier": 25.0,
}  # fmt: skip
# A firm of the roster in which nothing stands out.
PLAIN = {
    "kind": "startup", "presence": "active", "route": "foundation", "niche": "none",
    "launched": True, "weeks_to_ready": 0.0, "capability_oom": 24.0, "gpus": 0.0, "cloud": False,
    "cash_musd": 100.0, "raised_musd": 0.0, "stage": 0, "market_value_musd": 0.0,
    "burn_musd_per_year": 0.0, "star": False, "policy": "standard",
    "affinity": dict.fromkeys(SEGMENTS, 0.0), "reach": dict.fromkeys(SEGMENTS, 1.0),
}  # fmt: skip


def market(
    firms: int = 2,
    worlds: int = 1,
    sets: Sequence[str] = (),
    ticks: int = 1,
    seed: int = 1,
    facts: dict[str, Any] | None = None,
    drawn: Sequence[str] = (),
    **columns: Any,
) -> ByHand:
    """Worlds of a few firms: startups with an open product of capability 24 that all users know;
    prices are zero, nobody uses anything yet, everybody is in the market, no luck was drawn.

    sets: parameters, as after ``--set``; no event of the baseline acts, only those given here.
    ticks: a week. facts: of the roster, one value for all firms or a list of one a firm ("ids"
    are their ids). drawn: columns that keep what luck drew for week 0. columns: every other
    column by name, spread to its shape; a list is one value a firm.
    """
    if max(firms, 100) * worlds >= LARGE and os.environ.get("NUMBA_DISABLE_JIT", "0") != "0":
        pytest.skip("so many firms take compiled rules")
    scenario = _baseline((*sets, f"ticks_per_week={ticks}"))
    scenario = scenario.model_copy(update={"players": firms_of(firms, **(facts or {}))})
    usual = {name: value for name, value in (AT_REST | USUAL).items() if name not in drawn}
    if "idle" not in columns:
        size = scenario.users.population
        usual["idle"] = np.array([size[segment] for segment in SEGMENTS])[:, None]
    return by_hand(scenario, range(worlds), seed, usual | columns)


def firms_of(count: int, ids: Sequence[str] | None = None, **facts: Any) -> dict[str, Player]:
    """A roster of so many firms; a list is one value a firm, a mapping by segment is one value."""
    names = ids or [f"firm-{i}" for i in range(count)]
    return {
        name: _player(name, tuple(
            (fact, value[i] if isinstance(value, list) else value) for fact, value in facts.items()
        ))
        for i, name in enumerate(names)
    }  # fmt: skip


@cache
def _baseline(sets: tuple[str, ...]) -> Scenario:
    """The baseline with nobody in it, with the timeline of `sets` only."""
    own = load("baseline", ["population.stealth_firms=0", "population.pool_firms=0", *sets])
    given = any(one.startswith("timeline") for one in sets)
    shipped = load("baseline").timeline
    events = {k: e for k, e in own.timeline.items() if given and k not in shipped}
    return own.model_copy(update={"timeline": events})


def _player(name: str, facts: tuple[tuple[str, Any], ...]) -> Player:
    given = dict(facts)
    for fact in ("affinity", "reach"):
        if isinstance(given.get(fact), float):
            given[fact] = dict.fromkeys(SEGMENTS, given[fact])
    return Player.model_validate({**PLAIN, **given, "name": {"en": name, "zh": name}})
