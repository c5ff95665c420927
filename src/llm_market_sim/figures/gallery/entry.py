"""A figure that has a name, and what it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from matplotlib.figure import Figure

from llm_market_sim.figures import Origin
from llm_market_sim.results import Results
from llm_market_sim.summary.bands import Label
from llm_market_sim.summary.said import texts
from llm_market_sim.support.registry import Registry
from llm_market_sim.words import Language

_LAST = 1000


@dataclass(frozen=True, eq=False)
class Asked:
    """A folder, and what is wanted of it. given: a scenario's name, where one was given. outcome:
    what a figure of any number shows. only: the scenarios that a figure of all is to show."""

    results: Results
    given: str | None = None
    language: Language = "en"
    series: str = "general_developers"
    outcome: str = "platforms"
    only: tuple[str, ...] = ()

    @cached_property
    def worlds(self) -> dict[str, int]:
        """How many worlds are there, by scenario; those without any are left out."""
        return {one.scenario: one.there for one in self.results.status if one.there}

    @cached_property
    def scenarios(self) -> list[str]:
        """Scenarios with worlds: first the one that extends no other, else in their order; of
        those that were named, in that order."""
        names = list(self.worlds)
        if self.only:
            return [one for one in dict.fromkeys(self.only) if one in names]
        roots = [one for one in names if self.facts(one)["extends"] is None]
        return [*roots[:1], *(one for one in names if one not in roots[:1])]

    @property
    def scenario(self) -> str:
        """The scenario of a figure of one scenario."""
        return self.given or self.scenarios[0]

    def facts(self, scenario: str) -> dict[str, Any]:
        """What the manifest says of a scenario."""
        return self.results.manifest.scenarios[scenario]

    def label(self, scenario: str) -> Label:
        """Its name in both languages."""
        found: Label = self.facts(scenario)["label"]
        return found

    def origin(self, worlds: int | None = None, remark: str = "") -> Origin:
        """The small print of a figure of one scenario; worlds: where not all that are there."""
        count = self.worlds[self.scenario] if worlds is None else worlds
        seed, label = self.results.manifest.seed, self.label(self.scenario)
        return Origin(count, seed, label, remark=remark)


def _nothing(asked: Asked) -> None:
    return None


@dataclass(frozen=True)
class Entry:
    """A figure by its name. of: one scenario, or all of them. why_not: why a folder does not hold
    enough for it, in words that follow a colon. doubts: what to know before trusting it.
    needs: tables that it is read from. against: whether the first scenario is what it sets others
    against. of_series: whether it shows a weekly series of one's choice. of_outcome: whether it
    shows any number of one's choice. of_chosen: whether it can be of scenarios that
    are named. reads: what it is made
    from, where not those tables. place: where it stands in lists, small numbers first."""

    name: str
    of: Literal["one", "all"]
    make: Callable[[Asked], Figure]
    why_not: Callable[[Asked], str | None] = _nothing
    doubts: Callable[[Asked], str | None] = _nothing
    needs: tuple[str, ...] = ("worlds",)
    against: bool = False
    of_series: bool = False
    of_outcome: bool = False
    of_chosen: bool = True
    reads: str = ""
    place: int = _LAST

    def missing(self, asked: Asked) -> str | None:
        """Why it cannot be drawn of what was asked, in words; None if it can."""
        made = asked.results.manifest
        if not asked.scenarios:
            return "no worlds are there yet"
        if made.drawn:
            return "parameters differ from world to world; the command that ran them draws it"
        lost = [name for name in self.needs if name not in made.tables]
        if lost:
            return f"the folder keeps no table {', '.join(lost)}"
        return self.why_not(self.usual(asked))

    @property
    def title(self) -> Label:
        """What it is called, in both languages."""
        return texts()[f"{self.name}.name"]

    @property
    def about(self) -> str:
        """What it shows: the docstring of what makes it, without the full stop."""
        return " ".join((self.make.__doc__ or "").split()).removesuffix(".")

    def usual(self, asked: Asked) -> Asked:
        """With the scenario that is meant where none was given."""
        if asked.given is not None or not asked.scenarios:
            return asked
        place = 1 if self.against and len(asked.scenarios) > 1 else 0
        return replace(asked, given=asked.scenarios[place])


REGISTERED: Registry[Entry] = Registry("figure")


def figure(
    name: str, of: Literal["one", "all"] = "one", **more: Any
) -> Callable[[Callable[[Asked], Figure]], Callable[[Asked], Figure]]:
    """Register what makes a figure under a name; more: as in `Entry`. ValueError if it is taken.

    Its title stands in the file of its words, as ``name.name``.
    """
    return REGISTERED.registering(name, lambda make: Entry(name, of, make, **more))
