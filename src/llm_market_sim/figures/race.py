"""The race: how good the best models are, at home and abroad, and when licences are granted."""

from __future__ import annotations

import re

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from llm_market_sim.figures.marks import bands, end_labels, note, spread_mark, value_axis, week_axis
from llm_market_sim.figures.page import Origin, new_page, words_of
from llm_market_sim.figures.style import (
    BLACK,
    BLUE,
    GREEN,
    LINES,
    SIZES,
    VERMILLION,
    drawing,
    projected,
)
from llm_market_sim.summary.bands import Race
from llm_market_sim.summary.said import number, say
from llm_market_sim.words import Language, date


@drawing
def race_chart(race: Race, origin: Origin, language: Language = "en") -> Figure:
    """Above: three capabilities with their spread. Below: licences, week by week."""
    dated = [k for k, granted in enumerate(race.licences) if granted > 0.0]
    first = say("race.never", language)
    if dated:
        first = say("race.by", language, date=date(race.weeks[dated[0]], language))
    gap = float(race.frontier[2, -1] - race.best[2, -1])
    lead = float(race.best[2, -1] - race.open_weights[2, -1])
    against = say(f"race.{'ahead' if lead >= 0.0 else 'behind'}", language, gap=f"{abs(lead):.1f}")
    values = {
        "against": against,
        "date": date(race.weeks[-1], language),
        "first": first,
        "gap": f"{abs(gap):.1f}",
        "frontier": f"{race.frontier[2, -1]:.1f}",
        "best": f"{race.best[2, -1]:.1f}",
        "open": f"{race.open_weights[2, -1]:.1f}",
        "worlds": f"{origin.worlds:,}",
        "licensed": number(float(round(race.licensed[2])), language),
    }
    words = words_of("race", origin, language, values, "title" if gap > 0.0 else "title_ahead")
    if projected():
        page = new_page(0.0, words, [spread_mark(language)], above=0.6, below=0.55)
        above = page.axes(1.3, 9.0)
    else:
        page = new_page(5.6, words, key=[spread_mark(language)])
        above = page.axes(0.85, 9.35, low=0.32)
    kinds = (
        ("frontier", race.frontier, BLACK, LINES[1]),
        ("best", race.best, BLUE, LINES[0]),
        ("open", race.open_weights, GREEN, LINES[2]),
    )
    ends = []
    for name, quantiles, colour, style in kinds:
        bands(above, race.weeks, quantiles, colour, style)
        ends.append((float(quantiles[2, -1]), say(f"race.{name}", language), colour))
    above.margins(y=0.06)
    value_axis(above, language)
    week_axis(above, race.weeks, language)
    end_labels(above, ends, SIZES["text"], gap=0.13)
    head = say("race.capability", language)
    if projected():
        head = re.split(r" \(|（|，|, ", head)[0]
    note(above, 0.0, 1.03, head, size=SIZES["text"], color=BLACK)
    if projected():
        return page.figure
    above.set_xticklabels([])
    below = page.axes(0.85, 9.35, high=0.2)
    _licences(below, race, language)
    week_axis(below, race.weeks, language)
    for k in dated:
        above.axvline(race.weeks[k], color=VERMILLION, lw=0.7, alpha=0.6, ls=(0, (2, 3)), zorder=1)
    note(below, 0.0, 1.03, say("race.licences", language), size=SIZES["text"], color=BLACK)
    return page.figure


def _licences(axes: Axes, race: Race, language: Language) -> None:
    axes.bar(race.weeks, race.licences, width=0.9, color=VERMILLION)
    axes.set_ylim(0.0, 1.1 * max(1.0, float(race.licences.max())))
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    value_axis(axes, language)
    total = say("race.total", language, licensed=number(float(round(race.licensed[2])), language))
    note(axes, 1.0, 1.03, total, ha="right", size=SIZES["text"], color=BLACK)
