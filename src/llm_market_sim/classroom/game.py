"""A firm run by people: what they decide quarter by quarter, and what the worlds make of it.

Every team runs the same firm in worlds of its own, on the same luck; all other firms follow the
scenario. What a team leaves as usual, the standard policy decides, so that a team that changes
nothing gets exactly the worlds of the standard.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
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


def play(
    scenario: Scenario,
    firm: str,
    decisions: Sequence[Decision],
    worlds: Sequence[int],
    seed: int,
    threads: int = 1,
) -> Played:
    """Run a firm by what is decided for each quarter from week 0 on.

    decisions: a choice of `CHOICES` by name; what is not named is as usual. worlds: ids. threads:
    over which the worlds are spread; numbers do not depend on it. InputError for a firm or a
    decision that there is not.
    """
    _check(scenario, firm, decisions)
    parts = [part.tolist() for part in np.array_split(np.asarray(worlds), threads) if len(part)]
    with ThreadPoolExecutor(len(parts)) as pool:
        found = list(pool.map(lambda ids: _part(scenario, firm, decisions, ids, seed), parts))
    return Played(*(np.concatenate(rows, axis=1) for rows in zip(*found, strict=True)))


def _check(scenario: Scenario, firm: str, decisions: Sequence[Decision]) -> None:
    wrong = []
    if firm not in scenario.players:
        wrong.append(Problem("firm", "", f'no firm "{firm}"; {nearest(firm, scenario.players)}'))
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


def _part(
    scenario: Scenario, firm: str, decisions: Sequence[Decision], ids: Sequence[int], seed: int
) -> tuple[Array, ...]:
    weeks = WEEKS * len(decisions)
    block = Worlds(scenario.model_copy(update={"horizon_weeks": weeks}), ids, seed)
    slot = block.firms.slot(firm)
    ends: list[tuple[Array, ...]] = []
    for quarter, decision in enumerate(decisions, start=1):
        ticks = WEEKS * scenario.ticks_per_week
        if any(choice != USUAL for choice in decision.values()):
            for _ in range(ticks):
                block.step(partial(_decide, block, slot, decision))
        else:
            block.advance(ticks)
        ends.append(_standing(block, slot, quarter))
    return tuple(np.stack(rows) for rows in zip(*ends, strict=True))


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


def play_all(
    scenario: Scenario, game: Game, seed: int, worlds: Sequence[int], threads: int
) -> dict[str, Any]:
    """What came of the quarter that is being decided and of those before, for each team and for the
    standard rules: numbers that a log can keep."""
    quarters, firm = range(game.quarter + 1), game.about["firm"]
    base = play(scenario, firm, [{} for _ in quarters], worlds, seed, threads)
    found = {"standard": _told(base, base), "teams": {}}
    for team in game.playing:
        decisions = [game.decided(team, quarter) for quarter in quarters]
        mine = play(scenario, firm, decisions, worlds, seed, threads)
        found["teams"][str(team)] = _told(mine, base)
    return found


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
