"""A tournament: one firm plays each policy in each scenario, everybody else the scenario's own.

World k has the same luck whatever is played, so policies are compared world by world.
"""

from __future__ import annotations

import csv
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

WEEK = 78
SCORES = ("value", "share")
COLUMNS = (
    "firm",
    "scenario",
    "policy",
    "value_musd",
    "value_low",
    "value_high",
    "value_rank",
    "share",
    "share_low",
    "share_high",
    "share_rank",
    "alive",
)
_YEARS = 5.0  # of gross margin
_MARKET_MUSD = 1000.0  # what all use together is worth: 1 M USD for .1 % of it


def value_of(run: Run, slot: int) -> Array:
    """What a firm is worth at the end of a run, million USD (W,); nothing once it is gone.

    Cash, and cards at what they cost by then: what an owner could take out. Five years of the gross
    margin of the last week (what users pay, less what serving them costs): about how long a user
    stays who thinks again once a year or so. And 1 M USD for each .1 % of all use, as users who pay
    little today may pay tomorrow. Money from investors counts as what it is for the firm, cash: the
    score asks what a firm has made of its means, not what its investors have made of theirs.
    """
    state, p = run.final, run.scenario.at(run.scenario.horizon_weeks - 1)
    margin = (state.price - state.cost_per_account)[:, :, slot] * state.users[:, :, slot]
    gross = np.sum(margin, axis=1) * state.compute_share[:, slot] * 1e-6
    cheaper = math.exp(-p.compute.price_decline_per_year * run.scenario.horizon_weeks / 52)
    cards = state.cards[:, slot] * p.cards.price_usd * cheaper * 1e-6
    worth = state.cash[:, slot] + cards + _YEARS * gross + _MARKET_MUSD * shares_of(run, slot)
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
    check_policies([_played(where[0], firm, policy, week) for policy in policies])
    for scenario in where:
        for policy in policies:
            run = simulate(_played(scenario, firm, policy, week), worlds, seed, events=False)
            slot = run.firms.slot(firm)
            alive = run.final.alive[:, slot]
            yield Game(
                firm, scenario.name, policy, value_of(run, slot), shares_of(run, slot), alive
            )


def _played(scenario: Scenario, firm: str, policy: str, week: int) -> Scenario:
    players = dict(scenario.players)
    players[firm] = players[firm].model_copy(update={"policy": policy})
    return scenario.model_copy(update={"players": players, "horizon_weeks": week})


def leaders(games: Sequence[Game], score: str) -> tuple[str, tuple[str, ...]]:
    """The policy with the best mean among games of one firm and scenario, and those level with it.

    Level: the 95 % interval of the paired difference to the best reaches 0.
    """
    best = max(games, key=lambda game: float(np.mean(getattr(game, score))))
    top = getattr(best, score)
    level = [
        game.policy
        for game in games
        if game is not best and paired(top, getattr(game, score)).high >= 0.0
    ]
    return best.policy, tuple(level)


def write(file: Path, games: Iterable[Game]) -> None:
    """A row for each game: both scores with their 95 % intervals, and whether a policy was best,
    level with the best or behind in that scenario."""
    cases: dict[tuple[str, str], list[Game]] = {}
    for game in games:
        cases.setdefault((game.firm, game.scenario), []).append(game)
    with file.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(COLUMNS)
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
                rows.writerow((game.firm, game.scenario, game.policy, *numbers, alive))


def presets(names: Sequence[str] = ()) -> list[Scenario]:
    """Scenarios by their names; all shipped ones if none is named."""
    return [load(name) for name in names or scenarios()]
