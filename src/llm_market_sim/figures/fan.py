"""A weekly quantity over worlds, as a fan; and under it, if wanted, what happens when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from llm_market_sim.figures.lettering import drawable, width, wrap
from llm_market_sim.figures.marks import bands, line_mark, note, spread_mark, value_axis, week_axis
from llm_market_sim.figures.page import Origin, Words, new_page, words_of
from llm_market_sim.figures.style import (
    BLACK,
    BLUE,
    GREY,
    SIZES,
    SKY,
    VERMILLION,
    drawing,
    few,
    projected,
)
from llm_market_sim.market.observation import SERIES
from llm_market_sim.summary.bands import Fan
from llm_market_sim.summary.said import number, say, say_or
from llm_market_sim.words import Language, date, percent

_STRIP = 0.36  # inches of a row of happenings
_SHARES = ("top_share", "startup_share", "gpu_utilisation")  # series shown in per cent
_COUNTED = ("firms", "accounts")  # units of whole things


@dataclass(frozen=True)
class Happening:
    """An event of a scenario: what it is, when it begins and ends (weeks, infinity for never), and
    its name, where there is no room for more."""

    words: str
    start: float
    end: float
    name: str = ""


@drawing
def fan_chart(
    fan: Fan, origin: Origin, language: Language = "en", happenings: Sequence[Happening] = ()
) -> Figure:
    """Median, 50 and 90 % of worlds, the first worlds one by one, and the end at the right edge.

    happenings: are drawn as bars under the fan, on the same weeks.
    """
    low, middle, high = (_value(fan.name, v, language) for v in fan.quantiles[[0, 2, 4], -1])
    values = {
        "what": SERIES[fan.name].label[language],
        "date": date(fan.weeks[-1], language),
        "low": low,
        "middle": middle,
        "high": high,
        "worlds": f"{origin.worlds:,}",
        "start": _value(fan.name, fan.quantiles[2, 0], language),
    }
    words = words_of("fan", origin, language, values)
    if happenings:
        words = replace(words, alt=words.alt + say("fan.alt_events", language, n=len(happenings)))
    if projected():
        return _projected(fan, words, few(happenings)[:4], language)
    strip = _STRIP * len(happenings) + (0.6 if happenings else 0.0)
    singles = line_mark(say("mark.singles", language, n=len(fan.singles)), GREY, lw=0.9)
    page = new_page(5.0 + strip, words, [spread_mark(language), singles])
    part = strip / (5.0 + strip)
    axes = page.axes(0.95, 9.75, low=part)
    edge = page.axes(9.85, 11.35, low=part)
    axes.plot(fan.weeks, fan.singles.T, color=GREY, lw=0.8, alpha=0.75, zorder=3)
    bands(axes, fan.weeks, fan.quantiles)
    value_axis(axes, language, percent=fan.name in _SHARES)
    week_axis(axes, fan.weeks, language)
    _limits(axes, fan)
    unit = SERIES[fan.name].unit
    unit = say_or(unit, f"unit.{unit}", language)
    note(axes, 0.0, 1.02, unit, size=SIZES["text"])
    _edge(edge, axes, fan, language)
    if happenings:
        below = page.axes(0.95, 9.75, high=(strip - 0.5) / (5.0 + strip))
        axes.set_xticklabels([])
        _strip(below, happenings, fan)
        note(below, 0.0, 1.0, say("fan.events", language), color=BLACK)
        week_axis(below, fan.weeks, language)
        for one in happenings:
            if fan.weeks[0] <= one.start <= fan.weeks[-1]:
                axes.axvline(one.start, color=VERMILLION, lw=1.2, ls=(0, (2, 2)), zorder=2)
    return page.figure


def _projected(
    fan: Fan, words: Words, happenings: Sequence[Happening], language: Language
) -> Figure:
    """The fan alone, or with the names of events at the weeks in which they begin."""
    page = new_page(0.0, words, [spread_mark(language)], above=0.6, below=0.55)
    axes, edge = page.axes(1.6, 11.0), page.axes(11.1, 13.0)
    bands(axes, fan.weeks, fan.quantiles)
    value_axis(axes, language, percent=fan.name in _SHARES)
    week_axis(axes, fan.weeks, language)
    _limits(axes, fan)
    unit = SERIES[fan.name].unit
    note(axes, 0.0, 1.02, say_or(unit, f"unit.{unit}", language), size=SIZES["text"])
    _edge(edge, axes, fan, language)
    shown = [one for one in happenings if fan.weeks[0] <= one.start <= fan.weeks[-1]]
    for place, one in enumerate(shown):
        axes.axvline(one.start, color=VERMILLION, lw=2.0, ls=(0, (2, 2)), zorder=2)
        right = one.start < (fan.weeks[0] + fan.weeks[-1]) / 2
        axes.annotate(
            wrap(drawable(one.name), 6.0, SIZES["ticks"], most=1),
            (one.start, 0.06 + 0.1 * place),
            xycoords=axes.get_xaxis_transform(),
            xytext=(8 if right else -8, 0),
            textcoords="offset points",
            ha="left" if right else "right",
            va="center",
            size=SIZES["ticks"],
            bbox={"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 2.0},
            zorder=8,
        )
    return page.figure


def _value(name: str, value: float, language: Language) -> str:
    """As it is said: the median of a count is rounded to a whole number."""
    if name in _SHARES:
        return percent(float(value), language)
    return number(float(round(value) if SERIES[name].unit in _COUNTED else value), language)


def _limits(axes: Axes, fan: Fan) -> None:
    """Room for all that is drawn, from 0 where that costs little."""
    least = min(float(fan.quantiles.min()), float(fan.singles.min()), float(fan.edges[0]))
    most = max(float(fan.quantiles.max()), float(fan.singles.max()), float(fan.edges[-1]))
    room = 0.04 * (most - least) or 0.5
    start = 0.0 if -0.5 <= least < 0.5 * most else least - room
    axes.set_ylim(start, most + room)


def _edge(edge: Axes, axes: Axes, fan: Fan, language: Language) -> None:
    """The distribution of the last week, lying on its side, on the scale of the fan."""
    heights = [b - a for a, b in zip(fan.edges, fan.edges[1:], strict=False)]
    edge.barh(
        fan.edges[:-1],
        fan.heights,
        height=[0.9 * h for h in heights],
        align="edge",
        color=SKY,
        lw=0,
    )
    edge.axhline(fan.quantiles[2, -1], color=BLUE, lw=2.6)
    edge.set_ylim(axes.get_ylim())
    edge.set_xlim(0.0, 1.05 * float(fan.heights.max()))
    edge.set_axis_off()
    if not projected():
        note(edge, 0.0, 1.02, say("fan.edge", language), color=BLACK)


def _strip(axes: Axes, happenings: Sequence[Happening], fan: Fan) -> None:
    """A row an event: a bar as long as it lasts, with its words where there is room."""
    first, last = float(fan.weeks[0]), float(fan.weeks[-1])
    per_week = 8.8 / max(last - first, 1.0)  # inches
    axes.set_ylim(len(happenings) - 0.5, -0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    for row, one in enumerate(happenings):
        start, end = (min(max(week, first), last) for week in (one.start, one.end))
        axes.barh(row, end - start, left=start, height=0.72, color=VERMILLION, alpha=0.30, lw=0)
        if first <= one.start <= last:
            axes.plot([start, start], [row - 0.36, row + 0.36], color=VERMILLION, lw=2.4)
        to_right = (last - start) * per_week - 0.15
        to_left = (start - first) * per_week - 0.15
        right = to_right >= min(to_left, width(one.words, SIZES["ticks"]))
        words = wrap(drawable(one.words), max(to_right, to_left), SIZES["ticks"], most=1)
        axes.annotate(
            words,
            (start, row),
            xytext=(6 if right else -6, 0),
            textcoords="offset points",
            ha="left" if right else "right",
            va="center",
            size=SIZES["ticks"],
            color=BLACK,
        )
