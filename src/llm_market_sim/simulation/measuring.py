"""Numbers that are asked of a run: one a world, or the difference that an intervention makes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from llm_market_sim.errors import InputError, Problem
from llm_market_sim.market.state import Array
from llm_market_sim.scenario import Scenario
from llm_market_sim.simulation.run import Run
from llm_market_sim.simulation.simulate import simulate_block


class Measure(Protocol):
    """A question that is asked of every run: one number a world at one week.

    With an attribute `intervention`, the answer is the difference that this makes. With a method
    ``several(run, varied)`` instead of a call it gives many numbers by their names, read from the
    states of its `weeks`; a number may then be (W, K), which stands for K of them.
    """

    @property
    def name(self) -> str:
        """What the numbers are called."""
        ...

    @property
    def week(self) -> int:
        """The week they are taken at; a scenario that ends before is not asked."""
        ...

    def __call__(self, run: Run) -> Array:
        """The numbers, float (W,)."""
        ...


def snapshots(asked: Iterable[Measure]) -> set[float]:
    """The weeks whose states a run must keep to be asked all this."""
    return {float(week) for one in asked for week in getattr(one, "weeks", (one.week,))}


def measured(
    run: Run, asked: Iterable[Measure], varied: Mapping[str, Array] | None = None, threads: int = 1
) -> dict[str, Array]:
    """All numbers that are asked of a run, float (W,) by name.

    A measure with an `intervention` is taken with and without it, on the same luck, and the result
    is the difference. Each distinct intervention is run once, no longer than needed. varied: as in
    `simulate_block`, for the run that was given; so is threads.
    """
    numbers: dict[str, Array] = {}
    changed: list[tuple[Any, list[tuple[Measure, Array]]]] = []  # each intervention, who asks
    for one in asked:
        several = getattr(one, "several", None)
        if several is not None:
            numbers |= _apart(several(run, varied))
            continue
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
            scenario,
            run.worlds.tolist(),
            run.seed,
            snapshots=weeks,
            events=False,
            series=(),
            varied=varied,
            threads=threads,
        )
        for one, without in who:
            with np.errstate(invalid="ignore"):  # never less never is no number
                numbers[one.name] = one(other) - without
    return numbers


def _apart(numbers: Mapping[str, Array]) -> dict[str, Array]:
    """``name`` of (W,), or ``name[0]``, ``name[1]`` and so on of (W, K)."""
    found: dict[str, Array] = {}
    for name, values in numbers.items():
        if values.ndim == 1:
            found[name] = values
        else:
            found |= {f"{name}[{k}]": values[:, k] for k in range(values.shape[1])}
    return found


def check(
    scenarios: Iterable[Scenario], asked: Iterable[Measure], varied: Sequence[str] = ()
) -> None:
    """Every intervention must be possible in every scenario, in time, and set nothing that varies.

    InputError with all that are not.
    """
    wrong: list[Problem] = []
    for one in asked:
        does = getattr(one, "intervention", None)
        if does is None:
            continue
        for scenario in scenarios:
            try:
                late = list(does.unreached(scenario, min(int(one.week), scenario.horizon_weeks)))
            except InputError as error:
                wrong += [Problem(one.name, p.path, p.message) for p in error.problems]
            else:
                wrong += [Problem(one.name, f"intervention.timeline.{n}", why) for n, why in late]
        for path in does.paths:
            for name in varied:
                if f"{name}.".startswith(f"{path}.") or f"{path}.".startswith(f"{name}."):
                    text = f"is set by the intervention of {one.name}, so it cannot vary"
                    wrong.append(Problem("", name, text))
    if wrong:
        raise InputError(dict.fromkeys(wrong))
