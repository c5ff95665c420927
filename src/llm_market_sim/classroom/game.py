"""A firm or the regulator, run by people: what they decide quarter by quarter, and what the worlds
make of it.

Every team runs the same one in worlds of its own, on the same luck; all others follow the scenario.
What a team leaves as usual, the standard policy or the scenario decides, so that a team that
changes nothing gets exactly the worlds of the standard.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import numpy as np

from llm_market_sim.classroom.answer import short
from llm_market_sim.classroom.question import Question
from llm_market_sim.classroom.room import CHOICES, GOALS, QUARTERS, REGULATOR, USUAL, Decision, Game
from llm_market_sim.errors import InputError, Problem, mistake, nearest
from llm_market_sim.experiments.tournament import shares_of, value_of
from llm_market_sim.market.state import Array
from llm_market_sim.market.wishes import order
from llm_market_sim.scenario import Event, Scenario, load
from llm_market_sim.simulation import Run, Worlds
from llm_market_sim.words import WEEK_0

History = tuple[tuple[str, ...], ...]  # decisions of some quarters, in the order of CHOICES
WEEKS = 13  # of a quarter
GAME_WORLDS = 64
FIRM = "baidu"  # offered first: no choice kept up is best for it in two thirds of the scenarios
_FACTORS: dict[str, dict[str, float]] = {  # of what the standard policy would spend
    "run": {"none": 0.0, "half": 0.5, "more": 1.7},
    "marketing": {"none": 0.0, "half": 0.5, "triple": 3.0},
}
_WISHES: dict[str, tuple[str, dict[str, Any]]] = {
    "price": ("price", {one: one for one in CHOICES["price"] if one != USUAL}),
    "raise": ("funding", {"none": 0.0, "bridge": 2.0}),
    "route": ("route", {one: one for one in CHOICES["route"] if one != USUAL}),
    "weights": ("open", {"open": 1.0, "closed": 0.0}),
}
_RULES: dict[str, dict[str, dict[str, Any]]] = {  # what a decision of the regulator sets
    "review": {
        "fast": {"regulation.review_delay_weeks": 4.0},
        "slow": {"regulation.review_delay_weeks": 17.0},
        "very_slow": {"regulation.review_delay_weeks": 34.0},
    },
    "strictness": {
        "none": {"regulation.review_required": False},
        "strict": {"regulation.alignment_oom": 0.3},
    },
    "pause": {"pause": {"training.paused": True}},
}


@dataclass(frozen=True, eq=False)
class Played:
    """How a firm did in W worlds, at the end of each of Q quarters: value in million USD, cash in
    million USD, composite share of use (0 to 1), whether it lives; each (Q, W)."""

    value: Array
    cash: Array
    share: Array
    alive: Array


def firms() -> dict[str, Mapping[Any, str]]:
    """Firms that can be run, by id, with their names, `FIRM` first: who is there on week 0."""
    players = load(Question().preset).players
    return {
        k: one.name
        for k, one in sorted(players.items(), key=lambda row: row[0] != FIRM)
        if one.presence != "pool" and one.kind != "foreign" and one.enters
    }


class Going(ABC):
    """Worlds after some quarters, which can go on; whoever goes on leaves them as they are.

    worlds: ids. threads: over which the worlds are spread; numbers do not depend on it.
    """

    def __init__(self, scenario: Scenario, worlds: Sequence[int], seed: int, threads: int = 1):
        whole = scenario.model_copy(update={"horizon_weeks": WEEKS * QUARTERS})
        parts = [part.tolist() for part in np.array_split(np.asarray(worlds), threads) if len(part)]
        self._blocks = [Worlds(whole, ids, seed) for ids in parts]
        self._ends: list[tuple[Array, ...]] = []

    def after(self, decision: Decision) -> Self:
        """One quarter later, by a choice by name; what is not named is as usual."""
        going = copy(self)
        with ThreadPoolExecutor(len(self._blocks)) as pool:
            going._blocks = list(pool.map(partial(self._quarter, decision), self._blocks))
        ends = [self._standing(block) for block in going._blocks]
        going._ends = [*self._ends, tuple(np.concatenate(rows) for rows in zip(*ends, strict=True))]
        return going

    @abstractmethod
    def _quarter(self, decision: Decision, block: Worlds) -> Worlds:
        """A block a quarter later."""

    @abstractmethod
    def _standing(self, block: Worlds) -> tuple[Array, ...]:
        """What is kept of a block at the end of a quarter, each (W,)."""


class Running(Going):
    """Those in which a firm is run. InputError for a firm that there is not."""

    def __init__(
        self, scenario: Scenario, firm: str, worlds: Sequence[int], seed: int, threads: int = 1
    ) -> None:
        if firm not in scenario.players:
            raise mistake("firm", f'no firm "{firm}"; {nearest(firm, scenario.players)}')
        super().__init__(scenario, worlds, seed, threads)
        self._slot = self._blocks[0].firms.slot(firm)

    @property
    def played(self) -> Played:
        """How the firm did so far."""
        return Played(*(np.stack(rows) for rows in zip(*self._ends, strict=True)))

    def told(self, standard: Running, goal: str) -> dict[str, Any]:
        """How it stands beside the standard rules. goal: there is one only, its worth."""
        return told(self.played, standard.played)

    def _quarter(self, decision: Decision, block: Worlds) -> Worlds:
        block = block.twin()
        ticks = WEEKS * block.scenario.ticks_per_week
        if any(choice != USUAL for choice in decision.values()):
            for _ in range(ticks):
                block.step(partial(_decide, block, self._slot, decision))
        else:
            block.advance(ticks)
        return block

    def _standing(self, block: Worlds) -> tuple[Array, ...]:
        slot, state = self._slot, block.state()
        weeks = {"horizon_weeks": round(state.week)}
        run = Run(
            block.scenario.model_copy(update=weeks),
            block.seed,
            block.firms,
            block.ids,
            np.array([state.week]),
            {},
            state,
        )
        alive = state.alive[:, slot]
        cash = np.where(alive, state.cash[:, slot], 0.0)
        return value_of(run, slot), cash, shares_of(run, slot), alive.astype(bool)


class Governing(Going):
    """Those in which the rules of a quarter are decided; all firms follow the scenario."""

    def told(self, standard: Governing, goal: str) -> dict[str, Any]:
        """How a goal stands beside the standard rules, and the means of all."""
        place = GOALS.index(goal)
        value, base = self._ends[-1][place], standard._ends[-1][place]
        found = {"goal": goal} | _beside(value, base)
        means = {name: short(np.mean(x)) for name, x in zip(GOALS, self._ends[-1], strict=True)}
        return found | {"means": means | {"safety": -means["safety"]}}

    def _quarter(self, decision: Decision, block: Worlds) -> Worlds:
        scenario = _ruled(block.scenario, len(self._ends), decision)
        if self._ends:
            block = block.twin(scenario)
        else:  # what is drawn before week 0 knows the rules of that week
            block = Worlds(scenario, block.ids.tolist(), block.seed)
        block.advance(WEEKS * scenario.ticks_per_week)
        return block

    def _standing(self, block: Worlds) -> tuple[Array, ...]:
        """`GOALS`, each so that more is better: of safety the incidents so far, below 0."""
        seen = block.observed()
        incidents = np.sum(block.state().incidents, axis=1, dtype=float)
        series = tuple(seen[name].astype(float) for name in GOALS[:-1])
        return (*series, -incidents)


def _ruled(scenario: Scenario, quarter: int, decision: Decision) -> Scenario:
    """A scenario whose rules of a quarter are decided; a decision has the last word in it."""
    changed: dict[str, Any] = {}
    for name, choice in decision.items():
        changed |= _RULES[name].get(choice, {})
    if not changed:
        return scenario
    first, last = (WEEK_0 + dt.timedelta(weeks=WEEKS * k) for k in (quarter, quarter + 1))
    event = Event.model_validate(
        {"date": first, "until": last, "about": "A decision.", "source": "a team", "set": changed}
    )
    return scenario.model_copy(
        update={"timeline": scenario.timeline | {f"quarter_{quarter + 1}": event}}
    )


def play(
    scenario: Scenario,
    firm: str,
    decisions: Sequence[Decision],
    worlds: Sequence[int],
    seed: int,
    threads: int = 1,
) -> Played:
    """Run a firm by what is decided for each quarter from week 0 on. InputError for a firm or a
    decision that there is not."""
    _check(decisions)
    going = Running(scenario, firm, worlds, seed, threads)
    for decision in decisions:
        going = going.after(decision)
    return going.played


def _check(decisions: Sequence[Decision]) -> None:
    wrong = []
    if not 0 < len(decisions) <= QUARTERS:
        wrong.append(Problem("decisions", "", f"{len(decisions)} quarters; 1 to {QUARTERS}"))
    for quarter, one in enumerate(decisions, start=1):
        for name, choice in one.items():
            if name not in CHOICES:
                why = f"no decision has this name; {nearest(name, CHOICES)}"
                wrong.append(Problem(f"quarter {quarter}", name, why))
            elif choice not in CHOICES[name]:
                why = f'no choice "{choice}"; {nearest(str(choice), CHOICES[name])}'
                wrong.append(Problem(f"quarter {quarter}", name, why))
    if wrong:
        raise InputError(wrong)


def _decide(block: Worlds, slot: int, decision: Decision) -> None:
    """Wishes of the firm in every world, in place of what the standard policy wished."""
    chosen = {name: choice for name, choice in decision.items() if choice != USUAL}
    wishes = {
        _WISHES[name][0]: _WISHES[name][1][chosen[name]] for name in chosen if name in _WISHES
    }
    for firms in block.firm_records:
        given = dict(wishes)
        for name, column in (("run", "training_musd"), ("marketing", "marketing_musd")):
            if name in chosen:
                given[column] = _FACTORS[name][chosen[name]] * float(firms[f"wish_{column}"][slot])
        order(firms, slot, given)


def percentile(value: Array, standard: Array) -> float:
    """Where values (W,) stand among those under the standard rules (W,), 0 to 100: the chance that
    one is larger than one of these, ties counted half. The standard itself gets 50."""
    above = value[:, None] > standard[None, :]
    level = value[:, None] == standard[None, :]
    return 100.0 * float(np.mean(above + 0.5 * level))


class Table:
    """The worlds of a game between two quarters, so that a quarter costs its own weeks only.

    Teams that decided alike share worlds, as luck is the same. What is in it can be lost: whatever
    is missing is played again from week 0, by what was decided. firm: one of the scenario, or the
    regulator.
    """

    def __init__(
        self, scenario: Scenario, firm: str, seed: int, worlds: Sequence[int], threads: int
    ) -> None:
        self._begin: Callable[[], Running | Governing] = (
            partial(Governing, scenario, worlds, seed, threads)
            if firm == REGULATOR
            else partial(Running, scenario, firm, worlds, seed, threads)
        )
        self._kept: dict[History, Running | Governing] = {}

    def quarter(self, game: Game) -> dict[str, Any]:
        """What came of the quarter that is being decided and of those before, for each team and
        for the standard rules: numbers that a log can keep."""
        usual: History = tuple((USUAL,) * len(game.choices) for _ in range(game.quarter + 1))
        histories = {team: _history(game, team) for team in game.playing}
        kept: dict[History, Any] = {}
        for history in (usual, *histories.values()):
            if history not in kept:
                kept[history] = self._played(history, tuple(game.choices))
        self._kept = kept
        base = kept[usual]
        return {
            "standard": base.told(base, GOALS[0]),
            "teams": {
                str(team): kept[history].told(base, game.goal(team))
                for team, history in histories.items()
            },
        }

    def _played(self, history: History, names: tuple[str, ...]) -> Running | Governing:
        if history in self._kept:
            return self._kept[history]
        before = self._played(history[:-1], names) if len(history) > 1 else self._begin()
        return before.after(dict(zip(names, history[-1], strict=True)))


def _history(game: Game, team: int) -> History:
    """What a team decided, quarter by quarter, in the order of the game's choices."""
    quarters = (game.decided(team, quarter) for quarter in range(game.quarter + 1))
    return tuple(tuple(decision[name] for name in game.choices) for decision in quarters)


def told(played: Played, standard: Played, quarter: int = -1) -> dict[str, Any]:
    """At the end of a quarter; value and cash are medians over worlds, the rest means."""
    return _beside(played.value[quarter], standard.value[quarter]) | {
        "cash": short(np.median(played.cash[quarter])),
        "share": short(np.mean(played.share[quarter])),
        "alive": int(np.sum(played.alive[quarter])),
    }


def _beside(value: Array, base: Array) -> dict[str, Any]:
    """Values (W,) beside those of the same worlds under the standard rules, with their median,
    half of them between low and high. better, worse: in how many worlds they are above and below.
    """
    return {
        "percentile": round(percentile(value, base), 1),
        "value": short(np.median(value)),
        "low": short(np.quantile(value, 0.25)),
        "high": short(np.quantile(value, 0.75)),
        "worlds": len(value),
        "better": int(np.sum(value > base)),
        "worse": int(np.sum(value < base)),
    }
