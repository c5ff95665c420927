"""ODD "initialisation": the firms on Monday 17 April 2023, as far as the roster knows them.

What nobody knows is drawn by the mechanisms' own steps of week 0 (`market.schedule.START`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from llm_market_sim.market.codes import GUEST
from llm_market_sim.market.layout import FIRM, blank, dtype_of
from llm_market_sim.market.luck import key_of
from llm_market_sim.market.parameters import KINDS, ROUTES, SEGMENTS
from llm_market_sim.market.policies import SHIPPED
from llm_market_sim.market.roster import Player
from llm_market_sim.market.state import NEVER, Array, Firms, Kind, Route, Status
from llm_market_sim.scenario import Scenario
from llm_market_sim.simulation.timetable import Timetable

_UNNAMED_MUSD = 300.0  # market value of a listed firm that the roster does not name
_FROM_ROSTER = {  # column: the fact of the roster that it begins with
    "capability": "capability_oom",
    "preparation": "weeks_to_ready",
    "cash": "cash_musd",
    "burn": "burn_musd_per_year",
    "raised": "raised_musd",
    "stage": "stage",
    "cards": "gpus",
    "cloud": "cloud",
    "star": "star",
    "market_value": "market_value_musd",
}


def ids_of(scenario: Scenario) -> tuple[str, ...]:
    """The slots: named firms in the roster's order, then unnamed stealth firms, then the pool."""
    population = scenario.population
    stealth = [f"stealth-{i + 1:02d}" for i in range(population.stealth_firms)]
    pool = [f"entrant-{i + 1:03d}" for i in range(population.pool_firms)]
    return (*scenario.players, *stealth, *pool)


def known(scenario: Scenario, timetable: Timetable) -> Array:
    """Records of all firms (F,) with what is known of them; the rest at its start."""
    ids = ids_of(scenario)
    firms = blank(dtype_of(FIRM), (len(ids),))
    firms["slot"] = np.arange(len(ids))
    firms["key"] = [key_of(firm) for firm in ids]
    firms["called_at"] = [
        timetable.called_at(firm)
        if firm not in scenario.players or scenario.players[firm].enters
        else NEVER
        for firm in ids
    ]
    firms["pool_place"] = _places(scenario, ids)
    dated = {firm for event in scenario.timeline.values() for firm in event.enter}
    for slot, (firm, player) in enumerate(scenario.players.items()):
        _know(firms[slot], player, ids)
        firms["barred"][slot] = firm in dated or not player.enters
    _count_off(firms[len(scenario.players) :], scenario)
    firms["domestic"] = firms["kind"] != Kind.FOREIGN
    firms["market_value"] *= firms["kind"] == Kind.LISTED
    here = firms["status"] != Status.WAITING
    firms["entered_at"] = np.where(here, 0.0, NEVER)
    firms["launched_at"] = np.where(here & (firms["status"] != Status.BUILDING), 0.0, NEVER)
    return firms


def _know(f: Any, player: Player, ids: tuple[str, ...]) -> None:
    """Everything that the roster says of a named firm."""
    f.named = True
    f.kind = KINDS.index(player.kind)
    f.status = _status(player)
    f.policy = SHIPPED.index(player.policy) if player.policy in SHIPPED else GUEST
    f.route = ROUTES.index(player.route.value)
    if f.route == Route.VERTICAL and player.niche.value in SEGMENTS:
        f.niche = SEGMENTS.index(player.niche.value)
    if player.backer:
        f.backer = ids.index(player.backer)
    for g, segment in enumerate(SEGMENTS):
        f.affinity[g] = player.affinity.value[segment]
        f.reach[g] = player.reach.value[segment]
    for column, fact in _FROM_ROSTER.items():
        f[column] = getattr(player, fact).value


def _status(player: Player) -> int:
    if player.presence == "pool" or not player.enters:
        return Status.WAITING
    if player.kind == "foreign":
        return Status.OPEN
    return Status.BETA if player.launched.value else Status.BUILDING


def _count_off(firms: Array, scenario: Scenario) -> None:
    """Kinds of unnamed firms and star teams among them, by quotas: no luck, no slot favoured."""
    population, i = scenario.population, np.arange(len(firms))

    def quota(share: float) -> Array:
        return np.asarray(np.floor((i + 1) * share) > np.floor(i * share))

    firms["kind"] = Kind.STARTUP
    firms["kind"][quota(population.listed_share)] = Kind.LISTED
    firms["kind"][quota(population.bigtech_share)] = Kind.BIGTECH
    firms["star"] = quota(population.star_share) & (firms["kind"] == Kind.STARTUP)
    firms["affinity"] = population.affinity
    firms["market_value"] = _UNNAMED_MUSD
    firms["stealth"] = i < population.stealth_firms
    firms["status"] = np.where(firms["stealth"], Status.BUILDING, Status.WAITING)


def _places(scenario: Scenario, ids: tuple[str, ...]) -> Array:
    """How many unnamed firms of the pool come before a firm of it; -1 outside the pool.

    A named firm stands beside the unnamed ones, so that they come no sooner or later for it.
    """
    population = scenario.population
    places = np.full(len(ids), -1)
    first = len(ids) - population.pool_firms
    places[first:] = np.arange(population.pool_firms)
    pool = [k for k, player in enumerate(scenario.players.values()) if player.presence == "pool"]
    turns = population.named_entrant_every * np.arange(1, len(pool) + 1)
    places[pool] = np.minimum(turns, population.pool_firms)
    return places


def firms_of(scenario: Scenario, firms: Array) -> Firms:
    """Who the firms are, in words and as arrays. firms: their records (F,)."""
    ids, players = ids_of(scenario), scenario.players.values()
    unnamed = ids[len(players) :]
    found = Firms(
        ids=ids,
        names=(*(p.name["en"] for p in players), *unnamed),
        names_zh=(*(p.name["zh"] for p in players), *unnamed),
        keys=firms["key"],
        policies=(*(p.policy for p in players), *["standard"] * len(unnamed)),
        affinity=firms["affinity"].T[None],
        **{fact: firms[fact][None] for fact in ("kind", "cloud", "star", "market_value")},
        gpus=firms["cards"][None],
    )
    for given in vars(found).values():
        if isinstance(given, np.ndarray):
            given.flags.writeable = False
    return found
