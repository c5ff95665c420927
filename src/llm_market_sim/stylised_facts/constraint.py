"""Patterns as numbers that a history is compared with, as the facts of 2023 are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from llm_market_sim.market.state import Array
from llm_market_sim.simulation import Run
from llm_market_sim.stylised_facts.fact import StylisedFact
from llm_market_sim.stylised_facts.runs import Runs
from llm_market_sim.stylised_facts.statistic import get_statistic


@dataclass(frozen=True)
class PatternNumber:
    """A measure: a statistic of one history, (W,); NaN where a world has none."""

    name: str
    week: int
    weeks: tuple[float, ...]

    def __call__(self, run: Run) -> Array:
        """The numbers; the run must have kept the weeks."""
        return get_statistic(self.name).numbers(Runs(run))[:, 0]


@dataclass(frozen=True)
class Constraint:
    """What other markets say of a number. Nothing was observed here, so all of `discrepancy` is
    how far one market may be from another."""

    id: str
    value: float
    discrepancy: float
    log: bool
    measurement: PatternNumber
    observation: float = 0.0


def constraints(facts: Mapping[str, StylisedFact]) -> list[Constraint]:
    """Those of all parts that constrain, in the order of the file."""
    found = []
    for fact in facts.values():
        for name, part in fact.parts.items():
            if part.constrains is None:
                continue
            said, weeks = part.constrains, get_statistic(name).weeks
            measure = PatternNumber(name, int(max(weeks)), weeks)
            found.append(Constraint(name, said.value, said.deviation, said.log, measure))
    return found
