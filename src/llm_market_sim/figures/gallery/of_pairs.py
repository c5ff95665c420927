"""Two scenarios of a batch in the same worlds."""

from __future__ import annotations

from functools import lru_cache

from matplotlib.figure import Figure

from llm_market_sim.errors import InputError
from llm_market_sim.experiments.comparison import compare_stored
from llm_market_sim.figures import Origin, paired_differences
from llm_market_sim.figures.gallery.entry import Asked, figure

comparison = lru_cache(maxsize=2)(compare_stored)


def why_not_paired(asked: Asked) -> str | None:
    """Why not: where no two differ and end in the same week."""
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


@figure("paired", why_not=why_not_paired, needs=("worlds", "series"), against=True, place=4)
def paired_of(asked: Asked) -> Figure:
    """What differs from the first scenario, in the same worlds."""
    found = comparison(asked.results, asked.scenarios[0], asked.scenario)
    return paired_differences(
        found, Origin(found.worlds, asked.results.manifest.seed), asked.language
    )
