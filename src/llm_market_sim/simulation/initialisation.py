"""ODD "initialisation": the firms and their state on Monday 17 April 2023."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from llm_market_sim.market.luck import key_of
from llm_market_sim.market.mechanisms.compute import supply_at
from llm_market_sim.market.mechanisms.frontier import frontier_at
from llm_market_sim.market.mechanisms.pricing import set_prices
from llm_market_sim.market.mechanisms.products import launch
from llm_market_sim.market.parameters import KINDS, ROUTES, SEGMENTS
from llm_market_sim.market.phase import by_use, draw_segment, lookup
from llm_market_sim.market.roster import Player
from llm_market_sim.market.state import (
    NEVER,
    NO_MODEL,
    Array,
    Firms,
    Kind,
    Route,
    Setting,
    State,
    Status,
    blank,
)
from llm_market_sim.scenario import Scenario

__all__ = ["firms_of", "first_state"]

_UNNAMED_MUSD = 300.0  # market value of a listed firm that the roster does not name
_CLOCKS = {  # clock column: the stream of its draws
    "clock_failure": "failure", "clock_incident": "incident", "clock_round": "round",
    "clock_pivot": "pivot", "clock_sale": "sale",
    "clock_shutdown": "shutdown",
}  # fmt: skip


def firms_of(scenario: Scenario) -> Firms:
    """The slots: named firms in the roster's order, then unnamed stealth firms, then the pool."""
    players, population = scenario.players, scenario.population
    unnamed = [f"stealth-{i + 1:02d}" for i in range(population.stealth_firms)]
    unnamed += [f"entrant-{i + 1:03d}" for i in range(population.pool_firms)]
    ids = (*players, *unnamed)
    count = len(unnamed)
    kinds = np.array(_unnamed_kinds(population, count), dtype=np.int8)
    stars = _quota(count, population.star_share) & (kinds == Kind.STARTUP)

    def fact(name: str, rest: Any) -> Array:
        named = [getattr(player, name).value for player in players.values()]
        return np.concatenate([np.array(named), np.broadcast_to(rest, count)])[None, :]

    known = [[p.affinity.value[g] for p in players.values()] for g in SEGMENTS]
    affinity = np.concatenate(
        [np.array(known).reshape(len(SEGMENTS), len(players)),
         np.full((len(SEGMENTS), count), population.affinity)], axis=1,
    )  # fmt: skip
    named_kinds = np.array([KINDS.index(p.kind) for p in players.values()], dtype=np.int8)
    every_kind = np.concatenate([named_kinds, kinds])[None, :]
    firms = Firms(
        ids=ids,
        names=(*(p.name["en"] for p in players.values()), *unnamed),
        names_zh=(*(p.name["zh"] for p in players.values()), *unnamed),
        keys=np.array([key_of(firm) for firm in ids], dtype=np.uint64),
        policies=(*(p.policy for p in players.values()), *["standard"] * count),
        kind=every_kind,
        gpus=fact("gpus", 0.0),
        cloud=fact("cloud", False).astype(bool),
        star=fact("star", stars).astype(bool),
        affinity=affinity[None, :, :],
        market_value=fact("market_value_musd", _UNNAMED_MUSD) * (every_kind == Kind.LISTED),
    )
    for known in vars(firms).values():
        if isinstance(known, np.ndarray):
            known.flags.writeable = False
    return firms


def _quota(count: int, share: float) -> Array:
    """Every firm at which the running quota passes a whole number: no luck, no slot favoured."""
    i = np.arange(count)
    return np.asarray(np.floor((i + 1) * share) > np.floor(i * share))


def _unnamed_kinds(population: Any, count: int) -> list[int]:
    listed = _quota(count, population.listed_share)
    big = _quota(count, population.bigtech_share)
    return [
        int(Kind.BIGTECH if big[i] else Kind.LISTED if listed[i] else Kind.STARTUP)
        for i in range(count)
    ]


def first_state(scenario: Scenario, p: SimpleNamespace, setting: Setting) -> State:
    """State of week 0: the roster's facts, and keyed luck for what nobody knows."""
    firms, luck = setting.firms, setting.luck
    worlds, slots = len(luck.worlds), len(firms.ids)
    columns: dict[str, Array] = dict(blank(worlds, slots))
    columns |= _firm_columns(scenario, p, setting, columns)
    columns |= {clock: luck.exponential(stream) for clock, stream in _CLOCKS.items()}
    columns["taste"] = by_use(p.users.taste_spread) * luck.segment_normals("taste")
    sizes = p.users.population  # (S, 1), or (S, W, 1) where it differs by world
    columns["unaware"] = columns["unaware"] + (
        sizes if sizes.ndim == 2 else np.moveaxis(sizes, 0, 1)
    )
    now = np.zeros((worlds, 1))
    f = p.frontier
    columns["frontier"] = now + frontier_at(0.0, f.growth_oom_per_year, p.pauses)
    columns["open_weights"] = (
        now
        + frontier_at(0.0 - f.open_lag_start_weeks, f.growth_oom_per_year, p.pauses)
        - f.open_language_penalty_oom
    )
    columns["vc_pool_musd"] = now + p.funding.pool_start_musd
    columns["gpu_price"] = now + p.compute.price_usd_per_gpu_hour
    columns["gpu_supply"] = now + supply_at(0.0, p)
    columns["gpu_ration"] = now + 1.0
    columns["compute_share"] = np.ones((worlds, slots))
    columns["wish_discount"] = np.broadcast_to(p.pricing.discount, (worlds, slots))
    state = State(week=0.0, tick=0, **columns).replace(**columns)
    standing = replace(setting, standing=True)
    for rule in (launch, set_prices):  # what is served and charged when the first users choose
        state = state.replace(**rule(state, p, standing))
    return state


def _firm_columns(scenario: Scenario, p: SimpleNamespace, setting: Setting,
                  start: dict[str, Array]) -> dict[str, Array]:  # fmt: skip
    """Columns of firms: named ones from the roster, unnamed ones from the population."""
    firms, luck, population = setting.firms, setting.luck, scenario.population
    players = list(scenario.players.values())
    named = np.arange(len(firms.ids)) < len(players)
    shape = start["cash"].shape

    def fact(read: Any, rest: Array) -> Array:
        """The roster's value where there is one, else what luck gave."""
        known = np.zeros(len(firms.ids))
        known[: len(players)] = [read(player) for player in players]
        return np.where(named, known, rest)

    mix = np.array([population.route_mix[name] for name in ROUTES])
    draw = luck.uniform("route") * mix.sum()
    route = np.sum(draw[None] > np.cumsum(mix)[:-1, None, None], axis=0)
    route = np.where(firms.star, Route.FOUNDATION, route)
    route = fact(lambda q: ROUTES.index(q.route.value), route).astype(np.int8)
    drawn = draw_segment(luck.uniform("niche"), p.exits.niche_mix)
    niche = fact(lambda q: (*SEGMENTS, "none").index(q.niche.value), drawn)
    niche = np.where((niche == len(SEGMENTS)) | (route != Route.VERTICAL), -1, niche)

    by_route = lookup(p.products.preparation_weeks, route)
    ready = by_route * np.exp(p.products.preparation_spread * luck.normal("preparation"))
    stealth = np.array([firm.startswith("stealth-") for firm in firms.ids]) & ~named
    ready = np.where(stealth, ready * luck.uniform("head start"), ready)
    by_kind = np.array([population.seed_cash_musd[name] for name in KINDS])[firms.kind]
    seed_cash = by_kind * np.exp(population.seed_cash_spread * luck.normal("seed cash"))
    seed_cash = seed_cash * np.where(firms.star, p.funding.size_factor_star, 1.0)
    burn = p.accounts.burn_musd_per_year * lookup(p.accounts.burn_factor, route)
    burn = burn * np.exp(p.accounts.burn_spread * luck.normal("burn"))
    lag = p.training.lag_weeks * np.exp(p.training.lag_spread * luck.normal("lag"))
    lag = lag * p.training.lag_factor * np.where(firms.star, p.training.lag_factor_star, 1.0)

    pool = ~named & ~stealth
    status = np.broadcast_to(np.where(pool, Status.WAITING, Status.BUILDING), shape)
    status = np.where(named, fact(_status, status), status).astype(np.int8)
    here = (status != Status.WAITING) & np.ones(shape, dtype=bool)
    shown = here & (status != Status.BUILDING)
    burn = fact(lambda q: q.burn_musd_per_year.value, burn)
    reach0 = p.users.reach_start
    reach = np.stack([fact(lambda q, g=g: q.reach.value[g], reach0) for g in SEGMENTS], axis=1)
    backers = fact(lambda q: firms.ids.index(q.backer) if q.backer else -1, np.full(shape, -1))
    return {
        "status": status,
        "route": route,
        "niche": niche.astype(np.int8),
        "entry_threshold": _thresholds(scenario, setting),
        "entered_at": np.where(here, 0.0, NEVER),
        "launched_at": np.where(shown, 0.0, NEVER),
        "capability": fact(lambda q: q.capability_oom.value, np.full(shape, NO_MODEL)),
        "skill": p.training.skill_oom * luck.normal("skill"),
        "lag": lag,
        "preparation": fact(lambda q: q.weeks_to_ready.value, ready),
        "cash": fact(lambda q: q.cash_musd.value, seed_cash),
        "burn": burn,
        "trailing_profit": -burn,
        "raised": fact(lambda q: q.raised_musd.value, start["raised"]),
        "stage": fact(lambda q: q.stage.value, start["stage"]),
        "reach": np.broadcast_to(reach, start["reach"].shape),
        "backer": backers.astype(np.int16),
    }


def _status(player: Player) -> int:
    if player.presence == "pool" or not player.enters:
        return Status.WAITING
    if player.kind == "foreign":
        return Status.OPEN
    return Status.BETA if player.launched.value else Status.BUILDING


def _thresholds(scenario: Scenario, setting: Setting) -> Array:
    """Entry thresholds (W, F): sums of unit exponentials in the pool's order."""
    firms = setting.firms
    named = [i for i, q in enumerate(scenario.players.values()) if q.presence == "pool"]
    rest = [i for i, firm in enumerate(firms.ids) if firm.startswith("entrant-")]
    order: list[int] = []
    every = scenario.population.named_entrant_every
    while named or rest:
        turn = len(order) % every == every - 1
        order.append(named.pop(0) if named and (turn or not rest) else rest.pop(0))
    steps = setting.luck.exponential("entry")
    thresholds = np.full(steps.shape, NEVER)
    if order:
        thresholds[:, order] = np.cumsum(steps[:, order], axis=1)
    dated = {firm for event in scenario.timeline.values() for firm in event.enter}
    barred = [i for i, (f, q) in enumerate(scenario.players.items()) if f in dated or not q.enters]
    thresholds[:, barred] = NEVER  # the others' thresholds stay what they were
    return thresholds
