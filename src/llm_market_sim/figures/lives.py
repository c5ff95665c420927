"""How firms come and go: who is there, who has shown a product, and how the others ended."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from llm_market_sim.figures.marks import (
    bands,
    end_labels,
    head,
    spread_mark,
    stacked,
    value_axis,
    week_axis,
)
from llm_market_sim.figures.page import Origin, new_page, words_of
from llm_market_sim.figures.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    LINES,
    ORANGE,
    PURPLE,
    SIZES,
    VERMILLION,
    drawing,
    projected,
)
from llm_market_sim.summary.bands import EXITS, Lives
from llm_market_sim.summary.said import number, say
from llm_market_sim.words import Language, date

_EXITS = ((VERMILLION, ""), (ORANGE, "///"), (PURPLE, "..."))


@drawing
def lives_chart(lives: Lives, origin: Origin, language: Language = "en") -> Figure:
    """Left: general developers. Right: entries and launches; below them exits by cause."""
    peak = int(lives.alive[2].argmax())
    exits = {
        name: number(round(float(lives.exits[k, -1]), 1), language) for k, name in enumerate(EXITS)
    }
    values = {
        "peak": _firms(lives.alive[2, peak], language),
        "peak_date": date(lives.weeks[peak], language),
        "date": date(lives.weeks[-1], language),
        "end": _firms(lives.alive[2, -1], language),
        "worlds": f"{origin.worlds:,}",
        "entered": _firms(lives.entered[2, -1], language),
        "launched": _firms(lives.launched[2, -1], language),
        **exits,
    }
    trend = "falls" if lives.alive[2, -1] < 0.95 * lives.alive[2, peak] else "rises"
    words = words_of("lives", origin, language, values, f"title_{trend}")
    room = {"above": 0.65, "below": 0.55} if projected() else {}
    page = new_page(5.6, words, key=[spread_mark(language, GREY)], **room)
    if projected():
        axes, below = page.axes(1.3, 5.7), page.axes(7.1, 9.8)
        bands(axes, lives.weeks, lives.alive, BLUE)
        axes.set_ylim(bottom=0.0)
        _exits(below, lives, language)
        for one, key in ((axes, "alive"), (below, "going")):
            value_axis(one, language)
            week_axis(one, lives.weeks, language, most=2)
            head(one, say(f"lives.{key}_head", language), 5.9, most=1)
        return page.figure
    left = page.axes(0.7, 5.3)
    above, below = page.axes(6.3, 10.0, low=0.57), page.axes(6.3, 10.0, high=0.43)
    bands(left, lives.weeks, lives.alive, BLUE)
    left.set_ylim(bottom=0.0)
    ends = []
    for name, quantiles, colour, style in (
        ("entered", lives.entered, BLACK, LINES[1]),
        ("launched", lives.launched, GREEN, LINES[0]),
    ):
        bands(above, lives.weeks, quantiles, colour, style)
        ends.append((float(quantiles[2, -1]), say(f"lives.{name}", language), colour))
    above.set_ylim(bottom=0.0)
    end_labels(above, ends, SIZES["text"], gap=0.16)
    _exits(below, lives, language)
    for axes, key in ((left, "alive"), (above, "coming"), (below, "going")):
        value_axis(axes, language)
        week_axis(axes, lives.weeks, language, most=4)
        head(axes, say(f"lives.{key}_head", language), 5.4)
    above.set_xticklabels([])
    return page.figure


def _firms(median: float, language: Language) -> str:
    return number(float(round(median)), language)


def _exits(axes: Axes, lives: Lives, language: Language) -> None:
    words = [
        say(f"lives.{name}", language, n=number(round(float(row[-1]), 1), language))
        for name, row in zip(EXITS, lives.exits, strict=True)
    ]
    ends = stacked(axes, lives.weeks, lives.exits, _EXITS, words)
    axes.set_ylim(0.0, max(1.0, 1.05 * float(lives.exits.sum(0).max())))
    end_labels(axes, ends, SIZES["text"], gap=0.16)
