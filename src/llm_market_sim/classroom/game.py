"""A firm run by people: what they decide quarter by quarter, and what the worlds make of it.

Every team runs the same firm in worlds of its own, on the same luck; all other firms follow the
scenario. What a team leaves as usual, the standard policy decides, so that a team that changes
nothing gets exactly the worlds of the standard.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from llm_market_sim.classroom.room import CHOICES, QUARTERS, USUAL, Decision, Game
from llm_market_sim.errors import InputError, Problem, nearest
from llm_market_sim.experiments.tournament import shares_of, value_of
from llm_market_sim.market.state import Array
from llm_market_sim.market.wishes import order
from llm_market_sim.scenario import Scenario
from llm_market_sim.simulation import Run, Worlds

History = tuple[tuple[str, ...], ...]  # decisions of some quarters, in the order of CHOICES
WEEKS = 13  # of a quarter
GAME_WORLDS = 64
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


@dataclass(frozen=True, eq=False)
class Played:
    """How a firm did in W worlds, at the end of each of Q quarters: value in million USD, cash in
    million USD, composite share of use (0 to 1), whether it lives; each (Q, W)."""

    value: Array
    cash: Array
    share: Array
    alive: Array


class Going:
    """A firm after some quarters, in worlds that can go on; whoever goes on leaves it as it is.

    worlds: ids. threads: over which the worlds are spread; numbers do not depend on it. InputError
    for a firm that there is not.
    """

    def __init__(
        self, scenario: Scenario, firm: str, worlds: Sequence[int], seed: int, threads: int = 1
    ) -> None:
        if firm not in scenario.players:
            why = f'no firm "{firm}"; {nearest(firm, scenario.players)}'
            raise InputError([Problem("firm", "", why)])
        whole = scenario.model_copy(update={"horizon_weeks": WEEKS * QUARTERS})
        parts = [part.tolist() for part in np.array_split(np.asarray(worlds), threads) if len(part)]
        self._blocks = [Worlds(whole, ids, seed) for ids in parts]
        self._slot = self._blocks[0].firms.slot(firm)
        self._ends: list[tuple[Array, ...]] = []

    def after(self, decision: Decision) -> Going:
        """One quarter later, by a choice of `CHOICES` by name; what is not named is as usual."""
        going = copy(self)
        with ThreadPoolExecutor(len(self._blocks)) as pool:
            run = partial(_quarter, slot=self._slot, decision=decision)
            going._blocks = list(pool.map(run, self._blocks))
        ends = [_standing(one, self._slot, len(self._ends) + 1) for one in going._blocks]
        going._ends = [*self._ends, tuple(np.concatenate(rows) for rows in zip(*ends, strict=True))]
        return going

    @property
    def played(self) -> Played:
        """How it did so far."""
        return Played(*(np.stack(rows) for rows in zip(*self._ends, strict=True)))


def _quarter(block: Worlds, slot: int, decision: Decision) -> Worlds:
    block = block.twin()
    ticks = WEEKS * block.scenario.ticks_per_week
    if any(choice != USUAL for choice in decision.values()):
        for _ in range(ticks):
            block.step(partial(_decide, block, slot, decision))
    else:
        block.advance(ticks)
    return block


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
    going = Going(scenario, firm, worlds, seed, threads)
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
                why = f"there is nothing of this name to decide; {nearest(name, CHOICES)}"
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


def _standing(block: Worlds, slot: int, quarter: int) -> tuple[Array, ...]:
    state = block.state()
    run = Run(
        block.scenario.model_copy(update={"horizon_weeks": WEEKS * quarter}),
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


def percentile(value: Array, standard: Array) -> float:
    """Where values (W,) stand among those under the standard rules (W,), 0 to 100: the chance that
    one is larger than one of these, ties counted half. The standard itself gets 50."""
    above = value[:, None] > standard[None, :]
    level = value[:, None] == standard[None, :]
    return 100.0 * float(np.mean(above + 0.5 * level))


class Table:
    """The worlds of a game between two quarters, so that a quarter costs its own weeks only.

    Teams that decided alike share worlds, as luck is the same. What is in it can be lost: whatever
    is missing is played again from week 0, by what was decided.
    """

    def __init__(
        self, scenario: Scenario, firm: str, seed: int, worlds: Sequence[int], threads: int
    ):
        self._begin = partial(Going, scenario, firm, worlds, seed, threads)
        self._kept: dict[History, Going] = {}

    def quarter(self, game: Game) -> dict[str, Any]:
        """What came of the quarter that is being decided and of those before, for each team and
        for the standard rules: numbers that a log can keep."""
        usual: History = tuple((USUAL,) * len(CHOICES) for _ in range(game.quarter + 1))
        histories = {team: _history(game, team) for team in game.playing}
        kept: dict[History, Going] = {}
        for history in (usual, *histories.values()):
            if history not in kept:
                kept[history] = self._played(history)
        self._kept = kept
        base = kept[usual].played
        return {
            "standard": _told(base, base),
            "teams": {
                str(team): _told(kept[history].played, base) for team, history in histories.items()
            },
        }

    def _played(self, history: History) -> Going:
        if history in self._kept:
            return self._kept[history]
        before = self._played(history[:-1]) if len(history) > 1 else self._begin()
        return before.after(dict(zip(CHOICES, history[-1], strict=True)))


def _history(game: Game, team: int) -> History:
    """What a team decided, quarter by quarter, in the order of `CHOICES`."""
    quarters = (game.decided(team, quarter) for quarter in range(game.quarter + 1))
    return tuple(tuple(decision[name] for name in CHOICES) for decision in quarters)


def _told(played: Played, standard: Played) -> dict[str, Any]:
    """At the end of the last quarter; value and cash are medians over worlds, the rest means.
    better, worse: worlds in which the value is above and below that of the same world under the
    standard rules."""
    value, base = played.value[-1], standard.value[-1]
    return {
        "percentile": round(percentile(value, base), 1),
        "value": _short(np.median(value)),
        "cash": _short(np.median(played.cash[-1])),
        "low": _short(np.quantile(value, 0.25)),
        "high": _short(np.quantile(value, 0.75)),
        "share": _short(np.mean(played.share[-1])),
        "alive": int(np.sum(played.alive[-1])),
        "worlds": len(value),
        "better": int(np.sum(value > base)),
        "worse": int(np.sum(value < base)),
    }


def _short(value: Any) -> float:
    return float(f"{value:.6g}")
