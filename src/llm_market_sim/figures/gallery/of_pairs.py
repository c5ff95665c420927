"""Two scenarios of a batch in the same worlds."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from matplotlib.figure import Figure

from llm_market_sim.batch import ScenarioResult
from llm_market_sim.errors import InputError, Problem
from llm_market_sim.experiments.comparison import Comparison, compare
from llm_market_sim.figures import Origin, paired_differences
from llm_market_sim.figures.gallery.again import scenario_of
from llm_market_sim.figures.gallery.entry import Asked, figure
from llm_market_sim.figures.gallery.of_weeks import Weekly
from llm_market_sim.results import Results

__all__ = ["comparison", "not_paired", "paired_of"]


@lru_cache(maxsize=2)
def comparison(results: Results, before: str, after: str) -> Comparison:
    """The outcomes of two scenarios in the worlds that both have. InputError where those are
    fewer than two, or a scenario cannot be made again; both must end in the same week."""
    columns = [
        results.columns("worlds", ["replication", *results.series], n) for n in (before, after)
    ]
    numbers = [one["replication"] for one in columns]
    both, *places = np.intersect1d(numbers[0], numbers[1], return_indices=True)
    if len(both) < 2:
        text = f"it takes two worlds that both {before} and {after} have"
        raise InputError([Problem(str(results.folder), "", text)])
    one, other = (
        ScenarioResult(
            scenario=scenario_of(results, name), weeks=Weekly(results, name).weeks,
            outcomes={series: ends[series][place] for series in results.series},
            measures={}, summary={}, series=Weekly(results, name),
        )
        for name, ends, place in zip((before, after), columns, places, strict=True)
    )  # fmt: skip
    return compare(one, other)


def not_paired(asked: Asked) -> str | None:
    """Whether there are two that differ and end in the same week."""
    first, after = asked.scenarios[0], asked.scenario
    if len(asked.scenarios) < 2:
        return f"it takes two scenarios, and only {first} is there"
    if after == first:
        return f"{first} is what the others are set against; name one of them"
    ends = [asked.facts(one)["horizon_weeks"] for one in (first, after)]
    if ends[0] != ends[1]:
        return f"{first} ends in week {ends[0]}, {after} in week {ends[1]}"
    try:
        found = comparison(asked.results, first, after)
    except InputError as error:
        return error.problems[0].message
    if any(one.differs for one in found.outcomes):
        return None
    return f"no outcome of {first} and {after} differs in any world"


@figure("paired", why_not=not_paired, against=True, reads="worlds", place=4)
def paired_of(asked: Asked) -> Figure:
    """What differs from the first scenario, in the same worlds."""
    found = comparison(asked.results, asked.scenarios[0], asked.scenario)
    return paired_differences(found, Origin(found.worlds, asked.results.manifest.seed),
                              asked.language)  # fmt: skip
