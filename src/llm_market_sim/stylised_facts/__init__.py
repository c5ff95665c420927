"""Stylised facts: patterns of young markets that the model should show without being told to."""

from llm_market_sim.stylised_facts.constraint import Constraint, constraints
from llm_market_sim.stylised_facts.fact import Book, FirstMovers, Part, StylisedFact
from llm_market_sim.stylised_facts.files import load_facts, stated
from llm_market_sim.stylised_facts.judge import (
    FactResult,
    FactVerdict,
    PartResult,
    asked_of,
    judge,
    numbers_of,
)
from llm_market_sim.stylised_facts.runs import QUARTERS, WEEKS, Runs, with_head_starts
from llm_market_sim.stylised_facts.statistic import STATISTICS, Statistic, statistic
from llm_market_sim.stylised_facts.survey import judge_stored, plan_facts
from llm_market_sim.support.registry import discover

__all__ = [
    "QUARTERS", "STATISTICS", "WEEKS", "Book", "Constraint", "FactResult", "FactVerdict",
    "FirstMovers", "Part", "PartResult", "Runs", "Statistic", "StylisedFact", "asked_of",
    "constraints", "judge", "judge_stored", "load_facts", "numbers_of", "plan_facts", "stated",
    "statistic", "with_head_starts",
]  # fmt: skip

discover(__name__)
