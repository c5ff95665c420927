"""Every figure of a stored batch, by its name, in two languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from matplotlib.figure import Figure

from llm_market_sim.claims.outcome import read_outcome
from llm_market_sim.errors import InputError, Problem, mistake, nearest
from llm_market_sim.figures.gallery.entry import REGISTERED, Asked, Entry
from llm_market_sim.figures.gallery.of_definitions import definitions_figure
from llm_market_sim.results import Results
from llm_market_sim.support.registry import discover
from llm_market_sim.words import Language

__all__ = [
    "FIGURES", "Asked", "Entry", "NotEnough", "available", "check", "definitions_figure", "doubts",
    "draw",
]  # fmt: skip


class NotEnough(InputError):
    """A folder does not hold what a figure takes."""


discover(__name__)
FIGURES: Mapping[str, Entry] = dict(
    sorted(REGISTERED.items(), key=lambda one: (one[1].place, one[0]))
)


def available(results: Results) -> list[str]:
    """The names of the figures that a folder holds enough for, in the order to show."""
    asked = Asked(results)
    return [name for name, entry in FIGURES.items() if entry.missing(asked) is None]


def check(
    results: Results,
    name: str,
    scenario: str | None = None,
    series: str = "general_developers",
    outcome: str = "platforms",
    only: Sequence[str] = (),
) -> Asked:
    """What a figure would be made from. InputError where there is no such figure, scenario or
    series; NotEnough where the folder does not hold what it takes."""
    if name not in FIGURES:
        raise mistake("", f'no figure "{name}"; {nearest(name, FIGURES, "figures")}')
    known = results.series
    if series not in known:
        raise mistake("", f'no series "{series}"; {nearest(series, known, "series")}')
    if FIGURES[name].of_outcome:
        read_outcome(outcome)
    asked = Asked(results, scenario, series=series, outcome=outcome)
    folder = str(results.folder)
    if not asked.scenarios:
        raise mistake(folder, "holds no worlds yet")
    for one in only if scenario is None else [scenario]:
        if one not in asked.scenarios:
            raise mistake(folder, f'holds no worlds of "{one}"; {nearest(one, asked.scenarios)}')
    asked = replace(asked, only=tuple(only))
    asked = FIGURES[name].usual(asked)
    why = FIGURES[name].missing(asked)
    if why is not None:
        raise NotEnough([Problem(folder, "", f"no figure {name}: {why}")])
    return asked


def draw(
    results: Results,
    name: str,
    *,
    scenario: str | None = None,
    language: Language = "en",
    series: str = "general_developers",
    outcome: str = "platforms",
    only: Sequence[str] = (),
) -> Figure:
    """Draw a figure of what a folder holds; `plots.alt_text` says in words what it shows.

    scenario: that of a figure of one scenario; without it the one that extends no other. series:
    what "fan" and "timeline" show. outcome: what "distribution" shows. only: the scenarios that a
    figure of all is to show. Raises as `check` does.
    """
    asked = check(results, name, scenario, series, outcome, only)
    return FIGURES[name].make(replace(asked, language=language))


def doubts(
    results: Results, name: str, scenario: str | None = None, outcome: str = "platforms"
) -> str | None:
    """What to know before trusting a figure, once drawn: whether its worlds, run again, are
    others."""
    entry = FIGURES[name]
    return entry.doubts(entry.usual(Asked(results, scenario, outcome=outcome)))
