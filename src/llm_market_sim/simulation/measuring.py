"""Numbers that are asked of a run: one a world, or the difference that an intervention makes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import numpy as np

from llm_market_sim.errors import InputError, Problem
from llm_market_sim.market.state import Array
from llm_market_sim.scenario import Scenario
from llm_market_sim.simulation.run import Run
from llm_market_sim.simulation.simulate import simulate_block

__all__ = ["Asked", "check", "measured"]


class Asked(Protocol):
    """A number a world at one week; with an intervention, the difference that it makes."""

    @property
    def name(self) -> str:
        """What the numbers are called."""
        ...

    @property
    def week(self) -> int:
        """The week they are taken at."""
        ...

    def __call__(self, run: Run) -> Array:
        """The numbers, float (W,)."""
        ...


def measured(
    run: Run, asked: Iterable[Asked], varied: Mapping[str, Array] | None = None
) -> dict[str, Array]:
    """All numbers that are asked of a run, float (W,) by name.

    A measure with an `intervention` is taken with and without it, on the same luck, and the result
    is the difference. Each distinct intervention is run once, no longer than needed. varied: as in
    `simulate_block`, for the run that was given.
    """
    numbers: dict[str, Array] = {}
    changed: list[tuple[Any, list[tuple[Asked, Array]]]] = []  # each intervention, who asks
    for one in asked:
        numbers[one.name] = without = one(run)
        does = getattr(one, "intervention", None)
        if does is None:
            continue
        known = [who for other, who in changed if other == does]
        if known:
            known[0].append((one, without))
        else:
            changed.append((does, [(one, without)]))
    for does, who in changed:
        weeks = {float(one.week) for one, _ in who}
        scenario = does.apply(run.scenario).model_copy(
            update={"horizon_weeks": max(1, int(max(weeks)))}
        )
        other = simulate_block(
            scenario, run.worlds.tolist(), run.seed,
            snapshots=weeks, events=False, series=(), varied=varied,
        )  # fmt: skip
        for one, without in who:
            with np.errstate(invalid="ignore"):  # never less never is no number
                numbers[one.name] = one(other) - without
    return numbers


def check(scenarios: Iterable[Scenario], asked: Iterable[Asked]) -> None:
    """Every intervention must be possible in every scenario. InputError with all that are not."""
    wrong: list[Problem] = []
    for one in asked:
        does = getattr(one, "intervention", None)
        if does is None:
            continue
        for scenario in scenarios:
            try:
                does.apply(scenario)
            except InputError as error:
                wrong += [Problem(one.name, p.path, p.message) for p in error.problems]
    if wrong:
        raise InputError(dict.fromkeys(wrong))
