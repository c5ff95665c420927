"""What levers move: a mark for each lever, outcome and week; and a map over two of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from llm_market_sim.figures.lettering import wrap
from llm_market_sim.figures.marks import centred, dot_mark
from llm_market_sim.figures.page import Origin, Words, named, new_page, words_of
from llm_market_sim.figures.style import (
    BLACK,
    BLUE,
    PALE,
    SIZES,
    VERMILLION,
    drawing,
    few,
    points,
    projected,
)
from llm_market_sim.market.state import Array
from llm_market_sim.summary.bands import Label
from llm_market_sim.summary.said import say, say_or
from llm_market_sim.words import Language, listed

__all__ = ["lever_map", "levers_chart"]

_MARGIN = 2.75  # inches for the names of levers
_ROW = 0.29
_HEAD = 10.5  # points
_LEAST = 0.2  # standard deviations below which nothing is drawn
_STRONG = 0.5
_MOST = 2.0  # of a mark's size
_SHOWN = 3  # effects told to those who cannot see the figure
_CELL = 0.33  # inches
_DIVERGING = LinearSegmentedColormap.from_list("levers", [VERMILLION, "#FFFFFF", BLUE])
Sizes = Mapping[tuple[str, int], float]


@drawing
def levers_chart(
    levers: Mapping[str, Label],
    sizes: Mapping[str, Sizes],
    outcomes: Sequence[str],
    weeks: tuple[int, int],
    origin: Origin,
    language: Language = "en",
) -> Figure:
    """A row a lever, a column an outcome, a mark for each of two weeks.

    sizes: by lever, and by outcome and week, in standard deviations.
    """
    strong = {lever for lever in levers if _moved(sizes[lever]) >= 2}
    every = [(abs(size), lever, key) for lever in levers for key, size in sizes[lever].items()]
    largest = [
        say(
            "levers.largest",
            language,
            lever=named(levers[lever], language),
            week=key[1],
            outcome=_outcome(key[0], language),
            size=_signed(sizes[lever][key]),
        )
        for _, lever, key in sorted(every, key=lambda one: -one[0])[:_SHOWN]
    ]
    values: dict[str, object] = {
        "count": len(levers),
        "strong": len(strong),
        "outcomes": len(outcomes),
        "largest": listed(largest, language),
        "least": f"{_LEAST:g}",
    }
    if projected():
        words = words_of("levers", origin, language, values)
        return _projected(levers, sizes, outcomes, weeks, words, language)
    marks = [
        dot_mark(say("levers.up", language), marker="^", color=BLUE, ms=_points(1.0)),
        dot_mark(say("levers.down", language), marker="v", color=VERMILLION, ms=_points(1.0)),
        dot_mark(say("levers.half", language), marker="^", color=PALE, ms=_points(_STRONG)),
        dot_mark(say("levers.two", language), marker="^", color=PALE, ms=_points(_MOST)),
    ]
    page = new_page(
        len(levers) * _ROW,
        words_of("levers", origin, language, values),
        marks,
        above=0.65,
        below=0.1,
    )
    axes = page.axes(_MARGIN, 11.75)
    axes.set_xlim(0.0, float(len(outcomes)))
    axes.set_ylim(len(levers) - 0.5, -0.5)
    wide = (11.75 - _MARGIN) / len(outcomes)
    names = [wrap(_outcome(one, language), wide, _HEAD, most=3) for one in outcomes]
    axes.set_xticks(np.arange(len(outcomes)) + 0.5, names, size=_HEAD, linespacing=1.0)
    axes.xaxis.tick_top()
    axes.tick_params(length=0, pad=4)
    axes.set_yticks(
        range(len(levers)),
        [
            wrap(named(one, language), _MARGIN - 0.3, SIZES["ticks"], most=1)
            for one in levers.values()
        ],
    )
    for tick, lever in zip(axes.get_yticklabels(), levers, strict=True):
        tick.set_fontweight("bold" if lever in strong else "normal")
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    for row, lever in enumerate(levers):
        if row % 2 == 0:
            axes.axhspan(row - 0.5, row + 0.5, color="#F4F4F4", lw=0, zorder=0)
        for column, outcome in enumerate(outcomes):
            for week, place in zip(weeks, (0.3, 0.7), strict=True):
                _mark(axes, column + place, row, sizes[lever][outcome, week])
    for column in range(1, len(outcomes)):
        axes.axvline(column, color="#DDDDDD", lw=0.8, zorder=1)
    return page.figure


def _projected(
    levers: Mapping[str, Label],
    sizes: Mapping[str, Sizes],
    outcomes: Sequence[str],
    weeks: tuple[int, int],
    words: Words,
    language: Language,
) -> Figure:
    """The strongest levers, the outcomes that they move most, and by how much in the last week."""

    def moves(lever: str, outcome: str) -> float:
        return sizes[lever][outcome, weeks[-1]]

    strongest = sorted(levers, key=lambda one: -max(abs(moves(one, o)) for o in outcomes))
    rows = few(strongest)
    by_size = sorted(outcomes, key=lambda one: -sum(abs(moves(row, one)) for row in rows))
    columns = [one for one in outcomes if one in by_size[:4]]
    page = new_page(0.0, words, [], 1.35, 0.0)
    axes = page.axes(0.3, 13.1)
    axes.set_xlim(0.0, 12.8)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_axis_off()
    look: Any = {"size": SIZES["text"], "va": "center", "linespacing": 1.0}
    places = [5.4 + 2.0 * k for k in range(len(columns))]
    for x, outcome in zip(places, columns, strict=True):
        head = wrap(_outcome(outcome, language), 1.9, SIZES["text"], most=3)
        axes.text(x, -0.6, head, ha="center", **look | {"va": "bottom"})
    for y, row in enumerate(rows):
        if y % 2 == 0:
            axes.axhspan(y - 0.5, y + 0.5, color="#F4F4F4", lw=0)
        name = wrap(named(levers[row], language), 4.2, SIZES["text"], most=2)
        axes.text(0.1, y, name, **look)
        for x, outcome in zip(places, columns, strict=True):
            size = moves(row, outcome)
            colour = BLUE if size > 0 else VERMILLION
            if abs(size) >= _LEAST:
                axes.text(x, y, _signed(size), ha="center", color=colour, weight="bold", **look)
    return page.figure


def _moved(sizes: Sizes) -> int:
    """Outcomes that move by half a deviation in some week."""
    return len({outcome for (outcome, _), size in sizes.items() if abs(size) >= _STRONG})


def _points(size: float) -> float:
    """Diameter of a mark, whose area goes with the size."""
    return 13.0 * float(np.sqrt(min(abs(size), _MOST) / _MOST))


def _mark(axes: Axes, x: float, y: float, size: float) -> None:
    if abs(size) >= _LEAST:
        marker, colour = ("^", BLUE) if size > 0.0 else ("v", VERMILLION)
        axes.plot(x, y, ls="", marker=marker, ms=_points(size), mew=0, color=colour, zorder=3)


def _signed(size: float) -> str:
    return f"{size:+.1f}".replace("-", "−")


def _outcome(name: str, language: Language) -> str:
    return say_or(name, f"outcome.{name}", language)


@drawing
def lever_map(
    rents: Sequence[float],
    reviews: Sequence[float],
    sizes: Mapping[tuple[str, int], Array],
    usual: tuple[int, int],
    outcomes: Sequence[str],
    weeks: Sequence[int],
    origin: Origin,
    language: Language = "en",
) -> Figure:
    """A panel an outcome and week: rents across, reviews up; sizes (R, V) in standard deviations.

    usual: the cell of the baseline.
    """
    key = max(
        ((outcome, week) for outcome in outcomes for week in weeks),
        key=lambda one: float(np.max(np.abs(sizes[one]))),
    )
    most = sizes[key].flat[int(np.argmax(np.abs(sizes[key])))]
    told = say(
        "lever_map.largest",
        language,
        outcome=_outcome(key[0], language),
        week=key[1],
        size=_signed(float(most)),
    )
    values: dict[str, object] = {
        "outcomes": listed([_outcome(one, language) for one in outcomes], language),
        "largest": told,
        "least": f"{_LEAST:g}",
    }
    if projected():
        words = words_of("lever_map", origin, language, values)
        page = new_page(0.0, words, [], above=0.65, below=1.0)
        axes = page.axes(1.9, 12.9)
        _panel(axes, sizes[key], usual)
        axes.set_xticks(range(len(rents)), [f"{one:g}" for one in rents])
        axes.set_yticks(range(len(reviews)), [f"{one:g}" for one in reviews])
        axes.set_xlabel(say("lever_map.across", language), size=SIZES["text"])
        axes.set_ylabel(say("lever_map.up", language), size=SIZES["text"])
        head = f"{_outcome(key[0], language)}, {say('lever_map.week', language, week=key[1])}"
        axes.set_title(head, size=SIZES["text"], weight="bold", loc="left")
        return page.figure
    left, right, gap = 0.95, 11.75, 0.22
    wide = (right - left - gap * (len(outcomes) - 1)) / len(outcomes)
    panel = len(reviews) * _CELL
    room = len(weeks) * panel + (len(weeks) - 1) * 0.15
    page = new_page(room, words_of("lever_map", origin, language, values), above=0.5, below=0.75)
    for c, outcome in enumerate(outcomes):
        for r, week in enumerate(weeks):
            start = left + c * (wide + gap)
            low = (len(weeks) - 1 - r) * (panel + 0.15) / room
            axes = page.axes(start, start + wide, low, low + panel / room)
            _panel(axes, sizes[outcome, week], usual)
            bottom = r == len(weeks) - 1
            axes.set_xticks(range(len(rents)), [f"{one:g}" for one in rents] if bottom else [])
            axes.set_yticks(range(len(reviews)), [f"{one:g}" for one in reviews] if c == 0 else [])
            if r == 0:
                axes.set_title(_outcome(outcome, language), size=SIZES["text"], weight="bold")
            if c == 0:
                axes.set_ylabel(say("lever_map.week", language, week=week), size=SIZES["text"])
    frame = page.axes(left, right)  # for what all panels share
    frame.set_axis_off()
    for x, y, word, turn in ((0.5, -0.55, "across", 0.0), (-0.72, 0.5, "up", 90.0)):
        x, y = (x, y / room) if turn == 0.0 else (x / (right - left), y)
        look: Any = {"transform": frame.transAxes, "rotation": turn, "size": SIZES["text"]}
        centred(frame, x, y, say(f"lever_map.{word}", language), **look)
    return page.figure


def _panel(axes: Axes, sizes: Array, usual: tuple[int, int]) -> None:
    axes.imshow(sizes.T, origin="lower", cmap=_DIVERGING, vmin=-3.0, vmax=3.0, aspect="auto")
    for (i, j), size in np.ndenumerate(sizes):
        if abs(size) >= _LEAST:
            colour = "white" if abs(size) > 2.0 else BLACK
            centred(axes, i, j, _signed(size), size=points(9), color=colour)
    frame = (usual[0] - 0.5, usual[1] - 0.5)
    axes.add_patch(Rectangle(frame, 1.0, 1.0, fill=False, edgecolor=BLACK, lw=2.0, zorder=4))
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(length=0, labelsize=SIZES["ticks"])
