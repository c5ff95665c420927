"""One claim by all its definitions, on the same worlds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from llm_market_sim.claims.claim import Claim, Variant
from llm_market_sim.claims.verdict import Verdict, judge
from llm_market_sim.market.state import Array
from llm_market_sim.summary.statistics import Proportion


@dataclass(frozen=True)
class Answer:
    """A definition, and the verdict by it."""

    variant: Variant
    verdict: Verdict

    @property
    def week(self) -> int:
        """The week it speaks of."""
        return self.variant.measurement.week

    @property
    def choices(self) -> dict[str, Any]:
        """What it chooses besides the week."""
        return {name: v for name, v in self.variant.choices.items() if name != "week"}


@dataclass(frozen=True)
class Multiverse:
    """The answers of one scenario to all definitions of a claim, the default first."""

    claim: Claim
    scenario: str
    answers: tuple[Answer, ...]

    @property
    def reached(self) -> list[Answer]:
        """The answers for weeks that the run reaches."""
        return [one for one in self.answers if one.verdict.held is not None]

    @property
    def weeks_not_reached(self) -> list[int]:
        """The other weeks, in order."""
        return sorted({one.week for one in self.answers if one.verdict.held is None})

    @property
    def ends(self) -> tuple[Proportion, Proportion]:
        """The smallest and the largest share. ValueError where no definition is reached."""
        held = [one.verdict.held for one in self.reached if one.verdict.held]
        return min(held, key=lambda one: one.share), max(held, key=lambda one: one.share)

    @property
    def sides(self) -> Counter[str]:
        """How many definitions hold, fail, or are undecided."""
        return Counter(one.verdict.side for one in self.reached if one.verdict.side)

    @cached_property
    def axes(self) -> dict[str, list[Any]]:
        """What is left open besides the week: numbers in order, other values default first."""
        found: dict[str, list[Any]] = {}
        for one in self.answers:
            for name, value in one.choices.items():
                values = found.setdefault(name, [])
                if value not in values:
                    values.append(value)
        return {name: _in_order(values) for name, values in found.items()}


def multiverse(
    claim: Claim, scenario: str, variants: Sequence[Variant], values: Mapping[str, Array]
) -> Multiverse:
    """Judge a claim by all definitions; values: x (W,) by the name of the measurement."""
    return Multiverse(
        claim,
        scenario,
        tuple(Answer(v, judge(claim, scenario, values.get(v.measurement.name))) for v in variants),
    )


def read_off(claim: Claim) -> list[Variant]:
    """The definitions that need no run which the default does not need, the default first.

    An intervention is a run of its own: only the default one, to its own week.
    """
    every = claim.variants_all()
    default = every[0].measurement
    return [
        one
        for one in every
        if default.intervention is None
        or (
            one.measurement.intervention == default.intervention
            and one.measurement.week <= default.week
        )
    ]


def _in_order(values: list[Any]) -> list[Any]:
    numbers = all(isinstance(one, (int, float)) for one in values)
    return sorted(values) if numbers else values
