"""How rules are marked: a phase of the week, a word that rules use, a start, an observer.

A rule is a plain function over one world and its firms. The marks below change nothing about it:
it can be called, stepped through by a debugger and counted by coverage as it stands. They only
note what there is to compile when a market is first run (`compiling`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from llm_market_sim.market.reads import Touched, touched

__all__ = ["OBSERVERS", "PHASES", "STARTS", "WORDS", "Phase", "observer", "phase", "start", "word"]

Rule = Callable[..., None]
Word = TypeVar("Word", bound=Callable[..., Any])

WORDS: list[Callable[..., Any]] = []
PHASES: dict[str, Phase] = {}
STARTS: dict[str, Phase] = {}
OBSERVERS: dict[str, Phase] = {}


@dataclass(frozen=True)
class Phase:
    """One step: of the week, of week 0, or of what is written down.

    name: as printed. sentence, sentence_zh: what happens, for a reader. rule: a function
    ``(w, firms, p, day, book)``: the world, its firms, the parameters, the calendar's tick, and the
    book in which events are noted.
    """

    name: str
    sentence: str
    sentence_zh: str
    rule: Rule
    after: str = ""

    def __call__(self, *arguments: Any) -> None:
        """The rule as it stands, uncompiled."""
        self.rule(*arguments)

    @cached_property
    def touched(self) -> Touched:
        """What it reads and writes, found from its source."""
        return touched(self.rule)

    @property
    def reads(self) -> tuple[str, ...]:
        """Columns that it looks at."""
        return self.touched.reads

    @property
    def writes(self) -> tuple[str, ...]:
        """Columns that it may change."""
        return self.touched.writes


def phase(sentence: str, sentence_zh: str, *, after: str = "") -> Callable[[Rule], Phase]:
    """Make a function a phase of the week, under its own name; ``schedule`` has the order.

    after: for a mechanism from outside the package, the phase that it follows.
    """
    return _mark(PHASES, sentence, sentence_zh, after)


def start(sentence: str, sentence_zh: str) -> Callable[[Rule], Phase]:
    """Make a function a step of week 0: how the columns of a mechanism begin."""
    return _mark(STARTS, sentence, sentence_zh, "")


def observer(rule: Rule) -> Phase:
    """Make a function ``(w, firms, row)`` fill the week's row of a world's series."""
    return _mark(OBSERVERS, "", "", "")(rule)


def _mark(home: dict[str, Phase], en: str, zh: str, after: str) -> Callable[[Rule], Phase]:
    def made(rule: Rule) -> Phase:
        name = rule.__name__.replace("_", " ")
        if name in home:
            raise ValueError(f"a rule named {name!r} is marked already")
        home[name] = Phase(name, en, zh, rule, after)
        return home[name]

    return made


def word(function: Word) -> Word:
    """Let rules use a function: it is compiled into them."""
    WORDS.append(function)
    return function
