"""Many points in the space of assumptions, some worlds at each, as a plan.

A row of the plan is a point in a world, and every row has its own parameters, so a point of ten
worlds costs no more than ten worlds. World k has the same luck at every point. All points of world
0 come first, then those of world 1, so that more worlds are more rows at the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from llm_market_sim.batch import Case, Order, Plan, results_of
from llm_market_sim.errors import MarketSimError, mistake
from llm_market_sim.experiments.spec import Loaded
from llm_market_sim.market.state import Array
from llm_market_sim.results import Results
from llm_market_sim.scenario import Scenario
from llm_market_sim.simulation.measuring import Measure


def plan_design(
    scenario: Scenario,
    names: Sequence[str],
    values: Array,
    worlds: int,
    seed: int,
    measures: Sequence[Measure],
    *,
    ids: Array | None = None,
    **more: Any,
) -> Plan:
    """Worlds 0 to worlds - 1 at every point, or one world a point, given by its id (P,).

    values: (P, D), one column a path in names. more: as in `Plan`. The worlds run to the last week
    measured; InputError where the scenario ends before.
    """
    last = max(measure.week for measure in measures)
    if last > scenario.horizon_weeks:
        text = (
            f"{scenario.name} ends in week {scenario.horizon_weeks}, before week {last}, which the "
            "claim is about"
        )
        raise mistake(scenario.name, text, "horizon_weeks")
    shorter = scenario.model_copy(update={"horizon_weeks": last})
    points = len(values)

    def cases(count: int) -> list[Case]:
        rows = np.arange(points if ids is not None else points * count)
        world = ids if ids is not None else rows // points
        return [Case(shorter, len(rows), tuple(names), values, rows % points, world)]

    return Plan(cases, worlds, seed, measures, a_world=points if ids is None else 1, **more)


def plan_points(loaded: Loaded[Any], unit: Array, **more: Any) -> Plan:
    """The number of a file's claim at points of its space, unit (P, D) from 0 to 1; more: as in
    `plan_design`."""
    spec, space, measures = loaded.spec, loaded.space, [loaded.claim.measurement]
    at = (space.names, space.at(unit))
    return plan_design(loaded.scenario, *at, spec.worlds, spec.seed, measures, **more)


def numbers_at(results: Results, points: int) -> Mapping[str, Array]:
    """Numbers of every measure at every point, float (P, R) by the measure's name.

    MarketSimError where some rows are missing, without which nothing can be said.
    """
    [one] = results.status
    if one.there < one.asked:
        text = f"{one.asked - one.there:,} of {one.asked:,} worlds are missing in {results.folder}"
        raise MarketSimError(f"{text}; the same command computes them")
    numbers = results.numbers(one.scenario)
    return {name: x.reshape(-1, points).T for name, x in numbers.items()}


def run_design(
    scenario: Scenario,
    names: Sequence[str],
    values: Array,
    worlds: int,
    seed: int,
    measures: Sequence[Measure],
    *,
    ids: Array | None = None,
    out: str | Path | None = None,
    order: Order | None = None,
) -> Mapping[str, Array]:
    """The numbers of such a plan, float (P, R) by the measure's name.

    out: a folder in which rows are kept, and from which the same design goes on. Raises as
    `results_of` does.
    """
    plan = plan_design(scenario, names, values, worlds, seed, measures, ids=ids)
    with results_of(plan, out, order or Order()) as (results, _):
        return numbers_at(results, len(values))
