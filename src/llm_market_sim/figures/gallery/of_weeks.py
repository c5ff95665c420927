"""Figures of weekly quantities over all worlds, read from the stored series."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from llm_market_sim.figures import Happening, fan_chart, lives_chart, race_chart
from llm_market_sim.figures.gallery.again import scenario_of
from llm_market_sim.figures.gallery.entry import Asked, figure
from llm_market_sim.market.state import Array
from llm_market_sim.results import Results
from llm_market_sim.summary import bands

__all__ = ["Weekly", "fan_of", "lives_of", "no_timeline", "race_of", "timeline_of"]


@dataclass(frozen=True)
class Weekly(Mapping[str, Array]):
    """The stored series of a scenario (W, T + 1) by name; one is in memory while it is used."""

    results: Results
    scenario: str

    def __getitem__(self, name: str) -> Array:
        values = self.results.column("series", name, self.scenario)
        return values.astype(float).reshape(-1, len(self.weeks))

    def __iter__(self) -> Iterator[str]:
        return iter(self.results.series)

    def __len__(self) -> int:
        return len(self.results.series)

    @property
    def weeks(self) -> Array:
        """(T + 1,)."""
        return np.arange(self.results.manifest.scenarios[self.scenario]["horizon_weeks"] + 1)


def _weekly(asked: Asked) -> Weekly:
    return Weekly(asked.results, asked.scenario)


@figure("fan", of_series=True, reads="series, worlds", place=5)
def fan_of(asked: Asked) -> Figure:
    """A weekly series."""
    return fan_chart(_fan(asked), asked.origin(), asked.language)


def _fan(asked: Asked) -> bands.Fan:
    weekly = _weekly(asked)
    ends = asked.results.column("worlds", asked.series, asked.scenario)
    return bands.fan(asked.series, weekly.weeks, weekly[asked.series], ends)


def no_timeline(asked: Asked) -> str | None:
    """Whether the scenario makes anything happen."""
    if asked.facts(asked.scenario)["resolved"]["timeline"]:
        return None
    return f"{asked.scenario} has no dated events"


@figure("timeline", why_not=no_timeline, of_series=True, reads="series, worlds", place=6)
def timeline_of(asked: Asked) -> Figure:
    """A weekly series, with the events of the scenario below."""
    happenings = [
        Happening(event.about, event.week, event.end_week)
        for event in scenario_of(asked.results, asked.scenario).timeline.values()
    ]
    return fan_chart(_fan(asked), asked.origin(), asked.language, happenings)


@figure("entry_exit", reads="series", place=7)
def lives_of(asked: Asked) -> Figure:
    """How firms come and go."""
    weekly = _weekly(asked)
    return lives_chart(bands.lives(weekly.weeks, weekly), asked.origin(), asked.language)


@figure("race", reads="series", place=9)
def race_of(asked: Asked) -> Figure:
    """Capabilities and licences."""
    weekly = _weekly(asked)
    return race_chart(bands.race(weekly.weeks, weekly), asked.origin(), asked.language)
