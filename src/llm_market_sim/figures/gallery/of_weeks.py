"""Figures of weekly quantities over all worlds, read from the stored series."""

from __future__ import annotations

from matplotlib.figure import Figure

from llm_market_sim.figures import Happening, fan_chart, lives_chart, race_chart
from llm_market_sim.figures.gallery.entry import Asked, figure
from llm_market_sim.results.results import Weekly
from llm_market_sim.scenario.texts import declared
from llm_market_sim.summary import bands


def _weekly(asked: Asked) -> Weekly:
    return asked.results.weekly(asked.scenario)


@figure("fan", of_series=True, needs=("worlds", "series"), place=5)
def fan_of(asked: Asked) -> Figure:
    """A weekly series."""
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


@figure("timeline", why_not=why_no_timeline, of_series=True, needs=("worlds", "series"), place=6)
def timeline_of(asked: Asked) -> Figure:
    """A weekly series, with the events of the scenario below."""
    happenings = [
        Happening(
            declared(event.about, asked.language),
            event.week,
            event.end_week,
            name.replace("_", " "),
        )
        for name, event in asked.results.scenario(asked.scenario).timeline.items()
    ]
    return fan_chart(_fan(asked), asked.origin(), asked.language, happenings)


@figure("entry_exit", needs=("series",), place=7)
def lives_of(asked: Asked) -> Figure:
    """How firms come and go."""
    weekly = _weekly(asked)
    return lives_chart(bands.lives(weekly.weeks, weekly), asked.origin(), asked.language)


@figure("race", needs=("series",), place=9)
def race_of(asked: Asked) -> Figure:
    """Capabilities and licences."""
    weekly = _weekly(asked)
    return race_chart(bands.race(weekly.weeks, weekly), asked.origin(), asked.language)
