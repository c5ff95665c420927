"""The whole survey: a plan of five years in many worlds, and the verdicts on all facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from llm_market_sim.batch import Case, Plan
from llm_market_sim.market.state import Array
from llm_market_sim.results import Results
from llm_market_sim.scenario import Scenario
from llm_market_sim.simulation import Run
from llm_market_sim.stylised_facts.fact import Book, FirstMovers
from llm_market_sim.stylised_facts.judge import FactResult, asked_of, judge, numbers_of
from llm_market_sim.stylised_facts.runs import QUARTERS, WEEKS, with_head_starts

_AT_ONCE = 64  # worlds at a time, each with some twenty states of all firms


@dataclass(frozen=True)
class FactNumbers:
    """A measure: the numbers of all statistics in each world, by name, each (W, K)."""

    statistics: tuple[str, ...]
    head_start: FirstMovers | None
    name: str = "stylised facts"
    week: int = WEEKS
    weeks: tuple[float, ...] = field(default=QUARTERS, repr=False)

    def __call__(self, run: Run) -> Array:
        """It gives no single number; see `several`."""
        raise TypeError("stylised facts are many numbers")

    def several(self, run: Run, varied: Mapping[str, Array] | None) -> dict[str, Array]:
        """The numbers, of a run that kept every quarter; the head starts are run here."""
        return numbers_of(with_head_starts(run, self.head_start, varied), self.statistics)


def plan_facts(
    scenario: Scenario,
    worlds: int,
    seed: int | None,
    book: Book,
    *,
    make: Callable[[Scenario, int], Case] = Case,
    **more: Any,
) -> Plan:
    """Five years of a scenario, measured for the facts of a book.

    make: the case of so many worlds, where each has parameters of its own. more: as in `Plan`.
    """
    longer = scenario.model_copy(update={"horizon_weeks": WEEKS})
    measure = FactNumbers(asked_of(book.facts), book.head_start)
    return Plan(
        lambda count: [make(longer, count)],
        worlds,
        seed,
        (measure,),
        series=True,
        at_once=_AT_ONCE,
        **more,
    )


def judge_stored(results: Results, book: Book) -> list[FactResult]:
    """The verdicts on all facts, of the one scenario that was surveyed."""
    [scenario] = results.manifest.scenarios
    columns: dict[str, list[Array]] = {name: [] for name in asked_of(book.facts)}
    for name, values in results.numbers(scenario).items():
        columns[name.partition("[")[0]].append(values)
    return judge(book.facts, {name: np.stack(one, axis=1) for name, one in columns.items()})
