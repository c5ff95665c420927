"""Every figure of a stored batch, by its name, in two languages."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure

from llm_market_sim.errors import InputError, Problem, nearest
from llm_market_sim.gallery import of_claims, of_firms, of_weeks
from llm_market_sim.gallery.entry import Asked, Entry
from llm_market_sim.observation import SERIES
from llm_market_sim.plots import Language
from llm_market_sim.store import Results

__all__ = ["FIGURES", "Asked", "Entry", "available", "check", "draw"]

FIGURES: Mapping[str, Entry] = {
    one.name: one
    for one in (
        Entry("survivors", "all", of_claims.survivors_of, of_claims.no_survivors),
        Entry("claims", "all", of_claims.matrix_of, of_claims.no_claims),
        Entry("fan", "one", of_weeks.fan_of),
        Entry("timeline", "one", of_weeks.timeline_of, of_weeks.no_timeline),
        Entry("entry_exit", "one", of_weeks.lives_of),
        Entry("race", "one", of_weeks.race_of),
        Entry("shares", "one", of_firms.shares_of, of_firms.no_worlds_again),
        Entry("concentration", "one", of_firms.concentration_of, of_firms.no_worlds_again),
        Entry("money", "one", of_firms.money_of, of_firms.no_worlds_again),
    )
}  # fmt: skip


def available(results: Results) -> list[str]:
    """The names of the figures that a folder holds enough for, in the order to show."""
    asked = Asked(results)
    if not asked.scenarios:
        return []
    return [name for name, entry in FIGURES.items() if entry.why_not(asked) is None]


def check(results: Results, name: str, scenario: str | None = None) -> Asked:
    """What a figure would be made from. InputError where there is no such figure or scenario, or
    where the folder does not hold enough for it."""
    asked = Asked(results, scenario)
    if name not in FIGURES:
        raise InputError([Problem("", "", f'no figure "{name}"; {nearest(name, FIGURES)}')])
    if not asked.scenarios:
        raise InputError([Problem(str(results.folder), "", "holds no worlds yet")])
    if scenario is not None and scenario not in asked.scenarios:
        text = f'holds no scenario "{scenario}"; {nearest(scenario, asked.scenarios)}'
        raise InputError([Problem(str(results.folder), "", text)])
    why = FIGURES[name].why_not(asked)
    if why is not None:
        raise InputError([Problem(str(results.folder), "", f"no figure {name}: {why}")])
    return asked


def draw(
    results: Results, name: str, *, scenario: str | None = None, language: Language = "en",
    series: str = "general_developers",
) -> Figure:  # fmt: skip
    """Draw a figure of what a folder holds; `plots.alt_text` says in words what it shows.

    scenario: that of a figure of one scenario; the first one if it is not given. series: what
    "fan" and "timeline" show. InputError as of `check`, or where there is no such series.
    """
    if series not in SERIES:
        raise InputError([Problem("", "", f'no series "{series}"; {nearest(series, SERIES)}')])
    check(results, name, scenario)
    return FIGURES[name].make(Asked(results, scenario, language, series))
