"""Homework: a firm run by one person, beside others who follow shipped policies.

All run the same firm, each in worlds of its own, on the same luck. Everything that was decided
stands in the link, as ``q1=price.free,run.none`` for the first quarter; what is not named is as
usual. So whoever opens the link, a teacher too, sees the same.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from llm_market_sim.classroom.game import GAME_WORLDS, Played, Running, firms, told
from llm_market_sim.classroom.question import Question, parse
from llm_market_sim.classroom.room import CHOICES, QUARTERS, USUAL, Decision
from llm_market_sim.errors import InputError, Problem, nearest
from llm_market_sim.experiments.tournament import following
from llm_market_sim.market.policies import SHIPPED

__all__ = ["RIVALS", "Alone", "Homework", "read"]

_LEFT_OUT = ("standard", "theme_only", "tuner", "explorer")
RIVALS = tuple(name for name in SHIPPED if name not in _LEFT_OUT)
STANDARD, MINE = "standard", "me"
_KEPT = 16  # courses of play, of some 8 MB each


@dataclass(frozen=True)
class Homework:
    """What is played: a question, a firm of it, and what was decided in each quarter so far."""

    question: Question
    firm: str
    decisions: tuple[Decision, ...]

    def link(self) -> str:
        """As a query string, which `read` reads."""
        rows = [("firm", self.firm)]
        for quarter, decision in enumerate(self.decisions, start=1):
            chosen = (f"{name}.{one}" for name, one in decision.items() if one != USUAL)
            rows.append((f"q{quarter}", ",".join(chosen)))
        return f"{self.question.link()}&{urlencode(rows)}"


def read(rows: list[tuple[str, str]]) -> Homework:
    """What a link asks for. InputError with everything that may not be in it."""
    own = {"firm", *(f"q{k + 1}" for k in range(QUARTERS))}
    question = parse(urlencode([row for row in rows if row[0] not in own]))
    given = {key: text for key, text in rows if key in own}
    firm = given.pop("firm", "")
    wrong = []
    if firm not in firms():
        wrong.append(Problem("link", "firm", f'no firm "{firm[:40]}"; {nearest(firm, firms())}'))
    if sorted(given) != [f"q{k + 1}" for k in range(len(given))]:
        wrong.append(Problem("link", "quarters", "must be q1, q2, … without a gap"))
    decisions = []
    for quarter, text in sorted(given.items()):
        decision = dict.fromkeys(CHOICES, USUAL)
        for part in filter(None, text[:400].split(",")):
            name, _, choice = part.partition(".")
            if name not in CHOICES or choice not in CHOICES[name]:
                known = nearest(choice[:40], CHOICES[name]) if name in CHOICES else ""
                why = f'no choice "{part[:40]}"; {known or nearest(name[:40], CHOICES)}'
                wrong.append(Problem("link", quarter, why))
                continue
            decision[name] = choice
        decisions.append(decision)
    if wrong:
        raise InputError(wrong)
    return Homework(question, firm, tuple(decisions))


class Alone:
    """Plays homework; what was played last is kept, so that a quarter costs its own weeks."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._kept: OrderedDict[tuple[Any, ...], Running] = OrderedDict()
        self._lock = threading.Lock()

    def results(self, homework: Homework) -> list[dict[str, Any]]:
        """Of each quarter so far: the person, the rivals and the standard rules."""
        quarters = len(homework.decisions)
        if not quarters:
            return []
        usual: tuple[Decision, ...] = ({},) * quarters
        with self._lock:
            mine = self._played(homework, STANDARD, homework.decisions)
            all_ = {name: self._played(homework, name, usual) for name in (STANDARD, *RIVALS)}
        standard = all_.pop(STANDARD)
        return [
            {
                "standard": told(standard, standard, k),
                "teams": {
                    name: told(one, standard, k) for name, one in ({MINE: mine} | all_).items()
                },
            }
            for k in range(quarters)
        ]

    def _played(self, homework: Homework, policy: str, decisions: tuple[Decision, ...]) -> Played:
        """A course of play, from the longest part of it that is kept."""
        question = homework.question
        begun = (question.link(), homework.firm, policy)
        steps = [tuple(sorted(one.items())) for one in decisions]
        known = len(steps)
        while known and (*begun, *steps[:known]) not in self._kept:
            known -= 1
        if known:
            going = self._kept.pop((*begun, *steps[:known]))
        else:
            scenario = question.scenario()
            if policy != STANDARD:
                scenario = following(scenario, homework.firm, policy)
            worlds = range(GAME_WORLDS)
            going = Running(scenario, homework.firm, worlds, question.seed, self.threads)
        for decision in decisions[known:]:
            going = going.after(decision)
        self._kept[(*begun, *steps)] = going
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return going.played
