"""How a number is spread over worlds, scenario by scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from llm_market_sim.figures.lettering import drawable, wrap
from llm_market_sim.figures.marks import KeyEntry, area_mark, line_mark
from llm_market_sim.figures.page import Origin, named, new_page, words_of
from llm_market_sim.figures.rows import MARGIN, SEEN_MARGIN, column, names, row_height
from llm_market_sim.figures.style import BLUE, PALE, SIZES, SKY, VERMILLION, drawing, few, projected
from llm_market_sim.market.state import Array
from llm_market_sim.summary.bands import Label, edges_of
from llm_market_sim.summary.said import number, say
from llm_market_sim.summary.statistics import QUANTILES, Effect
from llm_market_sim.words import Language

_TALL = 0.8  # of a row, that the highest bar takes


@dataclass(frozen=True, eq=False)
class DistributionRow:
    """A scenario: its name, the number in each world (W,), and how much its mean differs from the
    first one's in the same worlds (None for that one, and where it cannot be said)."""

    label: Label
    values: Array
    change: Effect | None = None


@drawing
def distribution_chart(
    rows: Sequence[DistributionRow],
    what: str,
    unit: str,
    when: str,
    origin: Origin,
    language: Language = "en",
) -> Figure:
    """Bars of worlds, one row a scenario, all on one scale; median, middle and difference beside.

    what: the number. unit: its unit in words, or empty. when: the moment it is taken at, in words.
    """
    rows = few(rows)
    numbers = np.concatenate([row.values for row in rows])
    edges = edges_of(numbers)
    middles = [float(np.median(row.values)) for row in rows]
    most, least = int(np.argmax(middles)), int(np.argmin(middles))
    values = {
        "what": what,
        "when": when,
        "n": len(rows),
        "first": named(rows[0].label, language),
        "middle": number(middles[0], language),
        "most": named(rows[most].label, language),
        "most_value": number(middles[most], language),
        "least": named(rows[least].label, language),
        "least_value": number(middles[least], language),
    }
    title = "title_one" if values["least_value"] == values["most_value"] else "title"
    page = new_page(
        0.25 + len(rows) * row_height(len(rows)),
        words_of("distribution", origin, language, values, title),
        _key(rows, language),
        below=0.95 if projected() else 0.85,
    )
    axes = page.axes(SEEN_MARGIN, 10.3) if projected() else page.axes(MARGIN, 6.7)
    for y, row in enumerate(rows):
        _bars(axes, row, y, edges, middles[0])
    axes.set_xlim(float(edges[0]), float(edges[-1]))
    label = unit or what if language == "zh" else f"{what} ({unit})" if unit else what
    axes.set_xlabel(wrap(drawable(label), 6.0, SIZES["ticks"], most=1), size=SIZES["ticks"])
    axes.xaxis.set_major_formatter(lambda value, place: number(value, language))
    names(axes, [row.label for row in rows], language)
    told = [number(one, language) for one in middles]
    column(axes, 0.25, say("distribution.median", language), told, weight="bold")
    if projected():
        axes.xaxis.set_major_locator(MaxNLocator(4))
        return page.figure
    column(axes, 1.2, say("distribution.middle", language), [_nine(r, language) for r in rows])
    if len(rows) > 1:
        told = [_change(row, language) for row in rows]
        column(axes, 2.6, say("distribution.change", language), told, inches=2.5)
    return page.figure


def _key(rows: Sequence[DistributionRow], language: Language) -> list[KeyEntry]:
    marks = [
        area_mark(say("distribution.half", language), BLUE),
        area_mark(say("distribution.rest", language), SKY),
    ]
    if len(rows) > 1 and not projected():
        marks.append(line_mark(say("distribution.first", language), VERMILLION, (0, (4, 3)), 1.6))
    return marks


def _bars(axes: Axes, row: DistributionRow, y: int, edges: Array, first: float) -> None:
    """Worlds by the number; those in the middle half are dark."""
    heights, _ = np.histogram(row.values, edges)
    low, high = np.quantile(row.values, (QUANTILES[1], QUANTILES[3]))
    centres = (edges[:-1] + edges[1:]) / 2
    step = float(edges[1] - edges[0])
    inside = (centres >= low - step / 2) & (centres <= high + step / 2)
    tall = -_TALL * heights / max(1, int(heights.max()))
    colours = [BLUE if one else SKY for one in inside]
    axes.bar(centres, tall, bottom=y + 0.4, width=0.9 * step, color=colours, zorder=2)
    axes.axhline(y + 0.4, color=PALE, lw=0.6, zorder=1)
    axes.axvline(first, color=VERMILLION, lw=1.2, ls=(0, (4, 3)), zorder=1)


def _nine(row: DistributionRow, language: Language) -> str:
    low, high = np.quantile(row.values, (QUANTILES[0], QUANTILES[-1])).tolist()
    return f"{number(low, language, high)} – {number(high, language, low)}"


def _change(row: DistributionRow, language: Language) -> str:
    if row.change is None:
        return ""
    ends = (row.change.mean, row.change.low, row.change.high)
    mean, low, high = (("+" if x > 0 else "") + number(x, language, *ends) for x in ends)
    return f"{mean} ({low}, {high})"
