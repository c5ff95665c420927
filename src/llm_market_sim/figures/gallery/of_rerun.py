"""Figures that need more than the tables hold, from the first worlds, run again."""

from __future__ import annotations

from matplotlib.figure import Figure

from llm_market_sim.figures import Origin, concentration_chart, money_chart, share_chart
from llm_market_sim.figures.gallery.entry import Asked, figure
from llm_market_sim.figures.gallery.rerun import rerun, why_no_rerun
from llm_market_sim.simulation import Run
from llm_market_sim.summary import bands
from llm_market_sim.summary.said import say


def why_not(asked: Asked) -> str | None:
    """Why the scenario cannot be run again."""
    return why_no_rerun(asked.results, asked.scenario)


def doubts(asked: Asked) -> str | None:
    """Whether the worlds that are run again may be others than those stored."""
    return rerun(asked.results, asked.scenario).warning


def first_worlds(asked: Asked) -> tuple[Run, Origin]:
    """The worlds, and the small print, which tells that they are the first ones."""
    found = rerun(asked.results, asked.scenario)
    worlds, there = len(found.run.worlds), asked.worlds[asked.scenario]
    first = say("gallery.first", asked.language, worlds=f"{worlds:,}", there=f"{there:,}")
    doubt = "" if found.same else say("gallery.doubt", asked.language)
    return found.run, asked.origin(worlds, remark=first * (worlds < there) + doubt)


@figure("shares", why_not=why_not, doubts=doubts, reads="worlds run again", place=10)
def shares_of(asked: Asked) -> Figure:
    """Firms by their shares, in the first world and on average."""
    run, origin = first_worlds(asked)
    return share_chart(bands.market_shares(run), origin, asked.language)


@figure("concentration", why_not=why_not, doubts=doubts, reads="worlds run again", place=11)
def concentration_of(asked: Asked) -> Figure:
    """How concentrated each segment is."""
    run, origin = first_worlds(asked)
    return concentration_chart(bands.concentration(run), origin, asked.language)


@figure("money", why_not=why_not, doubts=doubts, reads="worlds run again", place=12)
def money_of(asked: Asked) -> Figure:
    """Money in and out, by kind of firm."""
    run, origin = first_worlds(asked)
    return money_chart(bands.money(run), origin, asked.language)
