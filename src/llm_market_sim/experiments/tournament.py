"""A tournament: one firm plays each policy in each scenario, everybody else the scenario's own.

World k has the same luck whatever is played, so policies are compared world by world.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from llm_market_sim.batch import check_policies
from llm_market_sim.errors import InputError, Problem, nearest
from llm_market_sim.market.observation import composite_shares
from llm_market_sim.market.state import Array
from llm_market_sim.scenario import Scenario, load
from llm_market_sim.scenario.files import scenarios
from llm_market_sim.simulation import Run, simulate
from llm_market_sim.summary.statistics import paired
from llm_market_sim.support.files import write_csv

WEEK = 78
SCORES = ("value", "share")
COLUMNS = (
    "firm scenario policy value_musd value_low value_high value_rank share share_low share_high "
    "share_rank alive"
).split()
_SALES = 8.0  # years of what users pay, and
_MARGINS = 15.0  # of what serving them leaves, that a firm which goes on is worth


def value_of(run: Run, slot: int) -> Array:
    """What a firm is worth at the end of a run, million USD (W,); nothing once it is gone.

    Cash, and cards at what they cost by then: what an owner could take out. And for a firm that
    goes on eight times what users pay in a year and fifteen times what serving them leaves of it:
    by that Zhipu and MiniMax are worth in week 78, at the defaults, about what investors of 2023
    paid for them beside their cash. Without it, whoever spends nothing is worth most. Money from
    investors counts as what it is for the firm, cash: the score asks what a firm has made of its
    means, not what its investors have made of theirs.
    """
    state, p = run.final, run.scenario.at(run.scenario.horizon_weeks - 1)
    price, cost = state.price[:, :, slot], state.cost_per_account[:, :, slot]
    years = _SALES * price + _MARGINS * (price - cost)
    goes_on = np.sum(years * state.users[:, :, slot], axis=1) * state.compute_share[:, slot] * 1e-6
    cheaper = math.exp(-p.compute.price_decline_per_year * run.scenario.horizon_weeks / 52)
    cards = state.cards[:, slot] * p.cards.price_usd * cheaper * 1e-6
    worth = state.cash[:, slot] + cards + goes_on
    return np.where(state.alive[:, slot], worth, 0.0)


def shares_of(run: Run, slot: int) -> Array:
    """Composite share of all use at the end of a run, 0 to 1 (W,)."""
    return np.asarray(composite_shares(run.final)[:, slot])


@dataclass(frozen=True, eq=False)
class Game:
    """How a firm did with a policy in the worlds of a scenario.

    value: million USD (W,). share: composite share of use, 0 to 1 (W,). alive: (W,).
    """

    firm: str
    scenario: str
    policy: str
    value: Array
    share: Array
    alive: Array


def tournament(
    firm: str,
    policies: Sequence[str],
    where: Sequence[Scenario],
    worlds: int = 64,
    seed: int = 1,
    week: int = WEEK,
) -> Iterator[Game]:
    """Every policy in every scenario, scenario by scenario, scored in `week`.

    InputError, before anything is computed, for a firm or a policy that there is not.
    """
    wrong = [
        Problem(one.name, "players", f'no firm "{firm}"; {nearest(firm, one.players)}')
        for one in where
        if firm not in one.players
    ]
    if wrong:
        raise InputError(wrong[:1])
    where = [one.model_copy(update={"horizon_weeks": week}) for one in where]
    check_policies([following(where[0], firm, policy) for policy in policies])
    for scenario in where:
        for policy in policies:
            run = simulate(following(scenario, firm, policy), worlds, seed, events=False)
            slot = run.firms.slot(firm)
            alive = run.final.alive[:, slot]
            yield Game(
                firm, scenario.name, policy, value_of(run, slot), shares_of(run, slot), alive
            )


def following(scenario: Scenario, firm: str, policy: str) -> Scenario:
    """The same, in which a firm follows a policy."""
    players = dict(scenario.players)
    players[firm] = players[firm].model_copy(update={"policy": policy})
    return scenario.model_copy(update={"players": players})


def leaders(games: Sequence[Game], score: str) -> tuple[str, tuple[str, ...]]:
    """The policy that stands highest in a score, and those level with it.

    games: of one firm and scenario. Each world stands somewhere among those of all the games, and a
    policy where its worlds do on average: the mean of the score itself is made by the few worlds in
    which the firm wins most of the market. Level: the 95 % interval of the paired difference to the
    best reaches 0.
    """
    worlds = {game.policy: getattr(game, score) for game in games}
    among = np.sort(np.concatenate(list(worlds.values())))
    stands = {
        policy: np.searchsorted(among, x) + np.searchsorted(among, x, side="right")
        for policy, x in worlds.items()
    }
    best = max(stands, key=lambda policy: float(np.mean(stands[policy])))
    level = [
        policy
        for policy, x in stands.items()
        if policy != best and paired(stands[best], x).high >= 0.0
    ]
    return best, tuple(level)


def write(file: Path, games: Iterable[Game]) -> None:
    """A row for each game: both scores with their 95 % intervals, and whether a policy was best,
    level with the best or behind in that scenario."""
    cases: dict[tuple[str, str], list[Game]] = {}
    for game in games:
        cases.setdefault((game.firm, game.scenario), []).append(game)
    rows = []
    for case in cases.values():
        found = {score: leaders(case, score) for score in SCORES}
        for game in case:
            numbers: list[str] = []
            for score in SCORES:
                x = getattr(game, score)
                half = 1.96 * float(np.std(x, ddof=1)) / math.sqrt(len(x))
                mean = float(np.mean(x))
                best, level = found[score]
                rank = "best" if game.policy == best else "behind"
                rank = "level" if game.policy in level else rank
                numbers += [f"{y:.4g}" for y in (mean, mean - half, mean + half)] + [rank]
            alive = f"{np.mean(game.alive):.3g}"
            rows.append((game.firm, game.scenario, game.policy, *numbers, alive))
    write_csv(file, COLUMNS, rows)


def presets(names: Sequence[str] = ()) -> list[Scenario]:
    """Scenarios by their names; all shipped ones if none is named."""
    return [load(name) for name in names or scenarios()]
