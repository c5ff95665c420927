"""A claim by all that could be meant by it, from the first worlds, run again."""

from __future__ import annotations

from functools import lru_cache

from matplotlib.figure import Figure

from llm_market_sim.claims import Claim, Multiverse, multiverse
from llm_market_sim.errors import InputError
from llm_market_sim.gallery.again import again
from llm_market_sim.gallery.entry import Asked
from llm_market_sim.gallery.of_again import first_worlds, not_again
from llm_market_sim.gallery.of_claims import claims_of
from llm_market_sim.store import Results

__all__ = ["definitions_of", "no_definitions"]


def _claim(asked: Asked) -> Claim | None:
    """The first claim that could be meant in several ways in weeks that the scenario reaches."""
    last = asked.facts(asked.scenario)["horizon_weeks"]
    for claim in claims_of(asked.results):
        if claim.intervention is None:
            reached = [one for one in claim.variants_all() if one.measurement.week <= last]
            if len(reached) > 1:
                return claim
    return None


def no_definitions(asked: Asked) -> str | None:
    """Whether there is such a claim, and the scenario can be run again."""
    try:
        if _claim(asked) is None:
            return "the batch judged no claim that could be meant in several ways"
    except InputError as error:  # a metric of a person's own
        return error.problems[0].message
    return not_again(asked)


def definitions_of(asked: Asked) -> Figure:
    """The heat map of the first such claim."""
    from llm_market_sim.commands.definitions import definitions_figure

    claim = _claim(asked)
    assert claim is not None  # or it would not have been asked for
    _, origin = first_worlds(asked)
    figure = definitions_figure(
        answers(asked.results, asked.scenario, claim.id), origin, asked.language
    )
    assert figure is not None  # there are several definitions
    return figure


@lru_cache(maxsize=2)
def answers(results: Results, scenario: str, claim: str) -> Multiverse:
    """A claim by all its definitions in the first worlds."""
    [asked] = [one for one in claims_of(results) if one.id == claim]
    run = again(results, scenario).run
    variants = asked.variants_all()
    values = {
        one.measurement.name: one.measurement(run)
        for one in variants
        if one.measurement.week <= run.scenario.horizon_weeks
    }
    return multiverse(asked, scenario, variants, values)
