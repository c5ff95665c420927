"""Who there is in week 0, and where the plain Mesa program's random numbers come from."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from random import Random
from types import SimpleNamespace
from typing import Any

import numpy as np

from llm_market_sim.market import luck
from llm_market_sim.market.luck import key_of

SEGMENTS = ("consumer", "developer", "enterprise", "public")
NICHES = {"consumer": 0.0, "developer": 0.1, "enterprise": 0.6, "public": 0.3}  # of verticals
REACH = {"bigtech": 0.3, "listed": 0.05, "startup": 0.01}  # of an unnamed firm
CLOCKS = ("failure", "round", "shutdown")


class OwnDraws:
    """Random numbers as any Mesa program has them: the next ones of the model's generator."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def uniform(self, stream: str, k: int = 0) -> float:
        return self.random.random()

    def exponential(self, stream: str, k: int = 0) -> float:
        return self.random.expovariate(1.0)

    def normal(self, stream: str, k: int = 0) -> float:
        return self.random.gauss(0.0, 1.0)

    def erlang4(self, stream: str, k: int = 0) -> float:
        return self.random.gammavariate(4.0, 0.25)

    def four_normals(self, stream: str, k: int = 0) -> list[float]:
        return [self.random.gauss(0.0, 1.0) for _ in range(4)]


class KeyedDraws:
    """The engine's luck of one firm in one world; of the world itself where no firm is named."""

    def __init__(self, seed: int, world: int, firm: str) -> None:
        self.who = SimpleNamespace(
            id=np.uint64(world),
            seed_low=np.uint64(seed & 0xFFFFFFFF),
            seed_high=np.uint64(seed >> 32),
        )
        self.key = np.uint64(key_of(firm)) if firm else luck.THE_WORLD

    def uniform(self, stream: str, k: int = 0) -> float:
        return float(luck.uniform(self.who, self.key, luck.stream(stream), k))

    def exponential(self, stream: str, k: int = 0) -> float:
        return float(luck.exponential(self.who, self.key, luck.stream(stream), k))

    def normal(self, stream: str, k: int = 0) -> float:
        return float(luck.normal(self.who, self.key, luck.stream(stream), k))

    def erlang4(self, stream: str, k: int = 0) -> float:
        return float(luck.erlang4(self.who, self.key, luck.stream(stream), k))

    def four_normals(self, stream: str, k: int = 0) -> list[float]:
        return list(map(float, luck.four_normals(self.who, self.key, luck.stream(stream), k)))


class Segment:
    """A kind of users: how many, what they want, and what this week's market offers them."""

    def __init__(self, place: int, name: str, rules: Any) -> None:
        users, pricing, review = rules.users, rules.pricing, rules.regulation
        self.place = place
        self.population = users.population[name]
        self.scale = users.nest_scale[name]
        self.quality_weight = users.quality_weight[name]
        self.price_weight = users.price_weight[name]
        self.outside = users.outside_utility[name]
        self.habit = math.exp(users.inertia[name] / self.scale) - 1.0
        self.choosing_again = 1.0 - math.exp(-users.reconsider_per_year[name] / 52)
        self.innovation = users.innovation_per_year[name]
        self.imitation = users.imitation_per_year[name]
        self.word_of_mouth = 2.0 if name in ("consumer", "developer") else 1.5
        self.units = pricing.units_per_account[name]
        self.price_scale = users.price_scale[name]
        self.service = pricing.service_usd[name]
        self.stays = 1.0 - math.exp(-users.inertia[name])
        self.needs_licence = review.licence_needed[name] > 0
        self.beta_cap = review.beta_cap[name]
        self.unaware = self.population
        self.idle = 0.0
        self.users = 0.0

    def first_tries(self, mood: float) -> float:
        """Accounts that try for the first time in a week, by Bass's law; more in a higher mood.

        In it, x = (1 - F) / (p + q F) falls by e in a time 1 / (p + q), F being who has tried.
        """
        p, q = self.innovation * mood, self.imitation
        tried = 1 - self.unaware / self.population
        x = (1 - tried) / (p + q * tried) * math.exp(-(p + q) / 52)
        return self.population * ((1 - p * x) / (1 + q * x) - tried)

    def inside(self, weight: float) -> float:
        """Chance that somebody who sees products of this total weight takes one at all."""
        value = weight**self.scale
        return value / (1.0 + value)


def roster(rules: Any, draws_of: Callable[[str], Any]) -> Iterator[dict[str, Any]]:
    """The facts of each domestic firm on week 0: the named ones, then the unnamed."""
    for name, player in rules.players.items():
        if player.kind != "foreign":
            yield finish(named(name, player), rules, draws_of(name))
    population = rules.population
    for i in range(population.stealth_firms):
        name = f"stealth-{i + 1:02d}"
        yield finish(unnamed(i, name, rules, draws_of(name)), rules, draws_of(name))


def named(name: str, player: Any) -> dict[str, Any]:
    niche = player.niche.value
    return {
        "name": name,
        "kind": player.kind,
        "route": player.route.value,
        "niche": SEGMENTS.index(niche) if niche != "none" else -1,
        "launched": player.launched.value,
        "preparation": player.weeks_to_ready.value,
        "capability": player.capability_oom.value,
        "cards": player.gpus.value,
        "cloud": player.cloud.value,
        "cash": player.cash_musd.value,
        "raised": player.raised_musd.value,
        "stage": player.stage.value,
        "market_value": player.market_value_musd.value,
        "burn": player.burn_musd_per_year.value,
        "star": player.star.value,
        "affinity": [player.affinity.value[s] for s in SEGMENTS],
        "reach": [player.reach.value[s] for s in SEGMENTS],
    }


def unnamed(i: int, name: str, rules: Any, draws: Any) -> dict[str, Any]:
    """One that nobody knows yet: quotas settle its kind, luck the rest."""
    population = rules.population

    def quota(share: float) -> bool:
        return math.floor((i + 1) * share) > math.floor(i * share)

    kind = "listed" if quota(population.listed_share) else "startup"
    kind = "bigtech" if quota(population.bigtech_share) else kind
    star = quota(population.star_share) and kind == "startup"
    route = "foundation" if star else pick(population.route_mix, draws.uniform("route"))
    niche = SEGMENTS.index(pick(NICHES, draws.uniform("niche")))
    weeks = rules.products.preparation_weeks[route]
    weeks *= math.exp(0.5 * draws.normal("preparation"))
    cash = population.seed_cash_musd[kind]
    cash *= math.exp(population.seed_cash_spread * draws.normal("seed cash"))
    burn = rules.accounts.burn_musd_per_year[kind] * rules.accounts.burn_factor[route]
    return {
        "name": name,
        "kind": kind,
        "route": route,
        "niche": niche if route == "vertical" else -1,
        "launched": False,
        "preparation": weeks * draws.uniform("head start"),
        "capability": 20.0,
        "cards": 0.0,
        "cloud": False,
        "cash": cash * (rules.funding.size_factor_star if star else 1.0),
        "raised": 0.0,
        "stage": 0,
        "market_value": 300.0,
        "burn": burn * math.exp(rules.accounts.burn_spread * draws.normal("burn")),
        "star": star,
        "affinity": [population.affinity] * 4,
        "reach": [REACH[kind]] * 4,
    }


def finish(facts: dict[str, Any], rules: Any, draws: Any) -> dict[str, Any]:
    """What luck adds to every firm, named or not."""
    training = rules.training
    lag = training.lag_weeks * math.exp(0.3 * draws.normal("lag"))
    lag *= training.lag_factor[facts["kind"]] * (training.lag_factor_star if facts["star"] else 1)
    taste = [rules.users.taste_spread * draw for draw in draws.four_normals("taste")]
    clocks = {f"clock_{name}": draws.exponential(name) for name in CLOCKS}
    skill = training.skill_oom * draws.normal("skill")
    extra = {"draws": draws, "lag": lag, "skill": skill, "taste": taste}
    extra["earmark"] = facts["cash"] if facts["kind"] == "bigtech" else 0.0
    extra["best_run"] = 10 ** facts["capability"] / 1.42e18 if facts["capability"] > 20 else 0.0
    return facts | extra | clocks


def pick(mix: dict[str, float], draw: float) -> str:
    """The name at which the running sum of a mix passes a uniform draw."""
    passed, total = 0.0, sum(mix.values())
    for name, weight in mix.items():
        passed += weight
        if draw * total <= passed:
            return name
    return name
