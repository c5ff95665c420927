"""How concentrated each segment of users is, week by week."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from llm_market_sim.figures.lettering import wrap
from llm_market_sim.figures.marks import bands, line_mark, note, spread_mark, value_axis, week_axis
from llm_market_sim.figures.page import Origin, named, new_page, words_of
from llm_market_sim.figures.style import BLACK, BLUE, GREY, LINES, ORANGE, SIZES, drawing, projected
from llm_market_sim.market.state import Segment
from llm_market_sim.summary.bands import Concentration
from llm_market_sim.summary.said import say
from llm_market_sim.words import Language, date, listed, percent


@drawing
def concentration_chart(found: Concentration, origin: Origin, language: Language = "en") -> Figure:
    """One panel a segment: Herfindahl index and share of the four largest; who leads in words."""
    segments = [say(f"segment.{segment.name.lower()}", language) for segment in Segment]
    ends = [float(found.hhi[segment, 2, -1]) for segment in Segment]
    most, least = int(np.nanargmax(ends)), int(np.nanargmin(ends))
    usual = int(found.different.argmax()) + 1
    values = {
        "date": date(found.weeks[-1], language),
        "usual": usual,
        "worlds": f"{origin.worlds:,}",
        "usual_share": percent(float(found.different[usual - 1]), language),
        "most": segments[most],
        "most_hhi": f"{ends[most]:.2f}",
        "least": segments[least],
        "least_hhi": f"{ends[least]:.2f}",
        "hhi": listed(
            [f"{name} {end:.2f}" for name, end in zip(segments, ends, strict=True)], language
        ),
    }
    title = "title" if usual > 1 else "title_one"
    page = new_page(
        5.4,
        words_of("concentration", origin, language, values, title),
        key=[
            line_mark(say("concentration.hhi", language), BLUE),
            line_mark(say("concentration.cr4", language), ORANGE, LINES[1]),
            *(() if projected() else [spread_mark(language, GREY)]),
        ],
        **({"above": 0.6, "below": 0.55} if projected() else {}),
    )
    for segment in Segment:
        left = 1.1 + 3.1 * segment if projected() else 0.75 + 2.82 * segment
        axes = (
            page.axes(left, left + 2.6) if projected() else page.axes(left, left + 2.42, high=0.85)
        )
        bands(axes, found.weeks, found.hhi[segment], BLUE)
        bands(axes, found.weeks, found.cr4[segment], ORANGE, LINES[1])
        axes.set_ylim(0.0, 1.0)
        value_axis(axes, language)
        week_axis(axes, found.weeks, language, most=2)
        if segment:
            axes.set_yticklabels([])
        if projected():
            ends = [float(found.weeks[0]), float(found.weeks[-1])]
            axes.set_xticks(ends, [say("axis.week", language, week=f"{w:g}") for w in ends])
            for label, side in zip(axes.get_xticklabels(), ("left", "right"), strict=True):
                label.set(ha=side)
            note(axes, 0.0, 1.03, segments[segment], size=SIZES["text"], weight="bold")
            continue
        leader = say(
            "concentration.leader",
            language,
            firm=named(found.leaders[segment], language),
            share=percent(found.led[segment] / origin.worlds, language),
        )
        note(axes, 0.0, 1.125, segments[segment], size=SIZES["text"] + 1, weight="bold")
        note(axes, 0.0, 1.115, wrap(leader, 2.6, SIZES["ticks"], most=2), va="top", color=BLACK)
    return page.figure
