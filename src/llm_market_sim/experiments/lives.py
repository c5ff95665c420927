"""The lives of firms in many worlds, by kind, by route or by scenario, and how they end."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any, Literal

import numpy as np

from llm_market_sim.batch import Plan, plan_batch
from llm_market_sim.market.parameters import KINDS, ROUTES
from llm_market_sim.market.state import Status
from llm_market_sim.results import Results
from llm_market_sim.results.blocks import Block
from llm_market_sim.results.parquet import interruptible, listed
from llm_market_sim.scenario import Scenario
from llm_market_sim.summary.survival import LifeTable, count_lives, resampled

CAUSES = {"bought": Status.ACQUIRED, "bankrupt": Status.BANKRUPT, "closed": Status.CLOSED}

By = Literal["kind", "route", "scenario"]
Cohort = Literal["all", "entrants", "incumbents"]

_ENDS = [one.name.lower() for one in CAUSES.values()]
_GROUPS = {
    "kind": f"list_position({list(KINDS)}, kind) - 1",
    "route": f"list_position({list(ROUTES)}, first_route) - 1",
}
_ASKED = {"all": "true", "entrants": "entered > 0", "incumbents": "NOT entered > 0"}


def marked_weeks(horizon: int) -> list[int]:
    """Weeks of life at which numbers are told, from 0; seven at most."""
    step = next(step for step in (1, 4, 13, 26, 52, 104) if horizon <= 6 * step)
    return list(range(0, horizon + 1, step))


def plan_lives(scenarios: Sequence[Scenario], worlds: int, seed: int | None, **more: Any) -> Plan:
    """What must be run to tell the lives of firms: the table of firms. more: as in `Plan`."""
    return plan_batch(scenarios, worlds, seed, tables=("firms",), **more)


def life_table(
    results: Results, scenarios: Sequence[str], by: By = "kind", firms: Cohort = "all"
) -> LifeTable:
    """The lives of firms in the stored worlds, as `survival.resampled` sums them.

    Groups are kinds, routes (each firm's at its entry), or the scenarios in their order, which must
    have the same horizon. By kind or route, several scenarios are taken together. One block of
    worlds is in memory at a time.
    """
    groups = {"kind": len(KINDS), "route": len(ROUTES), "scenario": len(scenarios)}[by]
    tables = (
        _block(results, block, _GROUPS.get(by, str(place)), groups, firms)
        for place, name in enumerate(scenarios)
        for block in results.blocks
        if block.scenario == name
    )
    return reduce(add, tables)


def _block(results: Results, block: Block, group: str, groups: int, firms: Cohort) -> LifeTable:
    horizon = results.manifest.scenarios[block.scenario]["horizon_weeks"]
    file = listed([block.file(results.folder, "firms")])
    query = f"""SELECT replication,
        CASE WHEN entered IS NULL OR kind = 'foreign' OR NOT ({_ASKED[firms]}) THEN -1
             ELSE {group} END AS place,
        coalesce(entered, 'inf'::DOUBLE) AS entered, coalesce(closed, 'inf'::DOUBLE) AS closed,
        coalesce(list_position({_ENDS}, cause), 1) - 1 AS cause
        FROM read_parquet({file})"""
    with interruptible():
        found = results.sql(query).fetchnumpy()
    worlds = np.unique(found["replication"])
    entered, closed, cause, place = (
        np.ma.getdata(found[name]).reshape(len(worlds), -1).astype(float)
        for name in ("entered", "closed", "cause", "place")
    )
    lives = count_lives(entered, closed, cause, place, horizon, groups, len(CAUSES))
    return resampled(lives, worlds.tolist(), results.manifest.seed)
