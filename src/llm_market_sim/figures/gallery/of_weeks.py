"""Figures of weekly quantities over all worlds, read from the stored series."""

from __future__ import annotations

from matplotlib.figure import Figure

from llm_market_sim.figures import Happening, fan_chart, lives_chart, race_chart
from llm_market_sim.figures.gallery.entry import Asked
from llm_market_sim.results.results import Weekly
from llm_market_sim.summary import bands

__all__ = ["fan_of", "lives_of", "race_of", "timeline_of", "why_no_timeline"]


def _weekly(asked: Asked) -> Weekly:
    return asked.results.weekly(asked.scenario)


def fan_of(asked: Asked) -> Figure:
    """One series."""
    return fan_chart(_fan(asked), asked.origin(), asked.language)


def _fan(asked: Asked) -> bands.Fan:
    weekly = _weekly(asked)
    ends = asked.results.column("worlds", asked.series, asked.scenario)
    return bands.fan(asked.series, weekly.weeks, weekly[asked.series], ends)


def why_no_timeline(asked: Asked) -> str | None:
    """Why not: where the scenario makes nothing happen."""
    if asked.facts(asked.scenario)["resolved"]["timeline"]:
        return None
    return f"{asked.scenario} has no dated events"


def timeline_of(asked: Asked) -> Figure:
    """One series, and under it what the scenario makes happen."""
    happenings = [
        Happening(event.about, event.week, event.end_week)
        for event in asked.results.scenario(asked.scenario).timeline.values()
    ]
    return fan_chart(_fan(asked), asked.origin(), asked.language, happenings)


def lives_of(asked: Asked) -> Figure:
    """How firms come and go."""
    weekly = _weekly(asked)
    return lives_chart(bands.lives(weekly.weeks, weekly), asked.origin(), asked.language)


def race_of(asked: Asked) -> Figure:
    """Capabilities and licences."""
    weekly = _weekly(asked)
    return race_chart(bands.race(weekly.weeks, weekly), asked.origin(), asked.language)
