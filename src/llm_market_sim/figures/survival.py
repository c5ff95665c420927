"""How long firms last, and how they end: survival curves, and stacked cumulative incidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from llm_market_sim.experiments.lives import CAUSES
from llm_market_sim.figures.lettering import wrap
from llm_market_sim.figures.marks import (
    area_mark,
    centred,
    end_labels,
    line_mark,
    note,
    spread_apart,
    whisker,
    whisker_mark,
)
from llm_market_sim.figures.page import Origin, Page, named, new_page, words_of
from llm_market_sim.figures.rows import SEEN_MARGIN
from llm_market_sim.figures.rows import names as names_of
from llm_market_sim.figures.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    PURPLE,
    SIZES,
    SKY,
    VERMILLION,
    drawing,
    points,
    projected,
)
from llm_market_sim.market.state import Array
from llm_market_sim.summary.bands import Label
from llm_market_sim.summary.said import say
from llm_market_sim.summary.survival import REPLICATES, LifeTable
from llm_market_sim.words import LANGUAGES, Language, listed, percent

_LINES: Sequence[tuple[str, Any]] = (  # told apart in black and white, too
    (BLUE, "solid"),
    (VERMILLION, (0, (6, 2))),
    (GREEN, (0, (1.5, 1.5))),
    (BLACK, (0, (6, 2, 1.5, 2))),
    (PURPLE, (0, (3, 1))),
    (GREY, (0, (10, 3))),
)
_FILLS = (  # how an ending is filled; the first is for those still there
    ("#DDE2E7", ""),
    (SKY, "///"),
    (VERMILLION, ""),
    (BLACK, ""),
)
_PANEL = 3.9  # inches from a panel to the next one below
_LINE = 0.27  # inches of a row of numbers


@dataclass(frozen=True, eq=False)
class LifeRow:
    """A group of firms: its name, and by week of life 0 to T the share still there with its 95 %
    interval, how many are watched, (T + 1,), and the share gone by each of `CAUSES`, (C, T + 1)."""

    label: Label
    survival: Array
    low: Array
    high: Array
    alive: Array
    incidence: Array

    @property
    def end(self) -> int:
        """The last week in which anybody is watched."""
        return int(self.alive.nonzero()[0].max(initial=0))


def life_row(table: LifeTable, place: int, label: Label | str) -> LifeRow:
    """A group of a life table; label: its name, or by what it is called in the texts."""
    if isinstance(label, str):
        label = {language: say(f"life.{label}", language) for language in LANGUAGES}
    low, high = table.band[:, place]
    of_all = (table.alive[0, place], table.incidence[0, place])
    return LifeRow(label, table.survival[0, place], low, high, *of_all)


@drawing
def survival_curves(
    rows: Sequence[LifeRow],
    ticks: Sequence[int],
    where: Label,
    origin: Origin,
    language: Language = "en",
    remarks: Sequence[str] = (),
) -> Figure:
    """One curve a group (six at most), with the number of firms watched below the axis.

    ticks: weeks that are marked, have a whisker, and have their numbers below. where: what was
    simulated. remarks: for the small print.
    """
    last = max(row.end for row in rows)
    ticks = [tick for tick in ticks if tick <= last]
    names = [_short(row.label, language, 3.6 if projected() else 2.3) for row in rows]
    least = min(rows, key=lambda row: float(row.survival[row.end]))
    ends = [
        f"{name} {percent(float(row.survival[row.end]), language)}"
        for name, row in zip(names, rows, strict=True)
    ]
    values = _values(least, where, ends, language)
    values["share"] = percent(values["left"], language)
    remarks = [say("life.whiskers", language, replicates=REPLICATES), *remarks]
    words = words_of("curves", origin, language, values, remarks=remarks)
    key = [
        line_mark(name, colour, style) for name, (colour, style) in zip(names, _LINES, strict=False)
    ]
    if projected():
        page = new_page(4.7, words, [], 0.3, 0.95)
        axes = page.axes(1.5, 8.0)
        ticks = ticks[:: -(-len(ticks) // 5)]
    else:
        page = new_page(4.7, words, [*key, whisker_mark(language)], 0.2, 1.2 + _LINE * len(rows))
        axes = page.axes(2.15, 8.95)
    for k, (row, (colour, style)) in enumerate(zip(rows, _LINES, strict=False)):
        left = row.survival[: row.end + 1]
        axes.step(range(row.end + 1), left, where="post", color=colour, ls=style, lw=2.6)
        beside = 0.009 * last * (k - (len(rows) - 1) / 2)
        for tick in ticks[1:]:
            if tick <= row.end:
                whisker(axes, row.low[tick], row.high[tick], tick + beside, colour, upright=True)
    axes.set_xlim(0, max(last, 1))
    axes.set_ylim(0.0, 1.02)
    axes.set_yticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0", "25", "50", "75", percent(1.0, language)])
    axes.set_xticks(ticks)
    axes.grid(axis="y", color="#E4E4E4", lw=0.8)
    axes.set_axisbelow(True)
    axes.set_xlabel(say("life.axis", language), size=SIZES["text"])
    if not projected():
        axes.set_ylabel(say("curves.axis", language), size=SIZES["text"])
    led = [
        (float(row.survival[row.end]), words, colour)
        for row, words, (colour, _) in zip(rows, ends, _LINES, strict=False)
    ]
    end_labels(axes, led, SIZES["ticks"])
    if not projected():
        _watched(axes, rows, ticks, language)
    return page.figure


def _values(row: LifeRow, where: Label, ends: list[str], language: Language) -> dict[str, Any]:
    """What is filled into the words; row: the group that the title speaks of, of its last week, as
    the numbers at the ends of the curves do."""
    return {
        "where": named(where, language),
        "group": named(row.label, language),
        "week": row.end,
        "left": float(row.survival[row.end]),
        "n": len(ends),
        "ends": listed(ends, language),
    }


def _short(label: Label, language: Language, inches: float) -> str:
    """A name that fits into its place."""
    return wrap(named(label, language), inches, SIZES["ticks"], most=1)


def _watched(axes: Axes, rows: Sequence[LifeRow], ticks: Sequence[int], language: Language) -> None:
    """How many firms are watched, a line a group, under the weeks that are marked."""
    high = axes.bbox.height / axes.figure.dpi
    left = -1.85 / (axes.bbox.width / axes.figure.dpi)  # of the axes' width
    top = -0.85 / high
    note(axes, left, top, say("life.watched", language), size=points(11), color=GREY, va="center")
    for line, row in enumerate(rows, 1):
        y = top - _LINE * line / high
        note(axes, left, y, _short(row.label, language, 1.5), va="center")
        for tick in ticks:
            watched = f"{int(row.alive[tick]):,}"
            centred(axes, tick, y, watched, transform=axes.get_xaxis_transform())


@drawing
def endings(
    rows: Sequence[LifeRow],
    ticks: Sequence[int],
    where: Label,
    origin: Origin,
    language: Language = "en",
    remarks: Sequence[str] = (),
) -> Figure:
    """One panel a group (six at most): who is still there, and who is gone by each cause.

    Arguments as in `survival_curves`.
    """
    across = len(rows) if len(rows) <= 4 else 3
    down = -(-len(rows) // across)
    causes = [say(f"life.{cause}", language) for cause in CAUSES]
    most = min(rows, key=lambda row: float(row.survival[row.end]))
    ends = [
        f"{named(row.label, language)}: "
        + listed(
            [
                f"{cause} {percent(float(gone[row.end]), language)}"
                for cause, gone in zip(causes, row.incidence, strict=True)
            ],
            language,
        )
        for row in rows
    ]
    values = _values(most, where, ends, language)
    values |= {"share": percent(1.0 - values["left"], language), "ends": "; ".join(ends)}
    words = words_of("endings", origin, language, values, remarks=remarks)
    key = [
        area_mark(word, colour, hatch)
        for word, (colour, hatch) in zip(
            (say("life.still", language), *causes), _FILLS, strict=True
        )
    ]
    if projected():
        page = new_page(0.0, words, key, 0.15, 0.55)
        _endings(page, rows, language)
        return page.figure
    room = _PANEL * down - 0.9
    page = new_page(room, words, key, 0.55, 0.7)
    wide = 10.95 / across
    for place, row in enumerate(rows):
        left = 0.85 + wide * (place % across)
        top = room - _PANEL * (place // across)
        axes = page.axes(left, left + wide - 0.75, (top - _PANEL + 0.9) / room, top / room)
        _panel(axes, row, ticks[:: 2 if across > 2 else 1], place % across == 0, language)
        axes.set_title(
            _short(row.label, language, 0.9 * wide), size=SIZES["text"], weight="bold", loc="left"
        )
    return page.figure


def _endings(page: Page, rows: Sequence[LifeRow], language: Language) -> None:
    """A bar a group, in the last week in which any of it is watched."""
    axes = page.axes(SEEN_MARGIN, 12.7)
    for y, row in enumerate(rows):
        left = 0.0
        for share, (colour, hatch) in zip([row.survival, *row.incidence], _FILLS, strict=True):
            part = float(share[row.end])
            axes.barh(y, part, left=left, height=0.7, color=colour, hatch=hatch, ec="white", lw=0)
            left += part
    names_of(axes, [row.label for row in rows], language)
    axes.set_xlim(0.0, 1.0)
    axes.set_xticks([0.0, 0.5, 1.0], ["0", "50", percent(1.0, language)])


def _panel(axes: Axes, row: LifeRow, ticks: Sequence[int], first: bool, language: Language) -> None:
    weeks = range(row.end + 1)
    below = 0.0 * row.survival[: row.end + 1]
    numbers = []
    for share, (colour, hatch) in zip([row.survival, *row.incidence], _FILLS, strict=True):
        top = below + share[: row.end + 1]
        axes.fill_between(
            weeks, below, top, step="post", facecolor=colour, hatch=hatch, edgecolor="white", lw=0.0
        )
        part = float(top[-1] - below[-1])
        if part >= 0.005:
            numbers.append((part, float(top[-1] + below[-1]) / 2))
        below = top
    heights = spread_apart([middle for _, middle in numbers], 0.08, 0.0, 1.0)
    for (part, _), height in zip(numbers, heights, strict=True):
        axes.text(row.end * 1.02, height, percent(part, language), size=SIZES["ticks"], va="center")
    axes.set_xlim(0, max(row.end, 1))
    axes.set_ylim(0.0, 1.0)
    axes.set_yticks([0.0, 0.5, 1.0], ["0", "50", percent(1.0, language)] if first else [])
    axes.set_xticks([tick for tick in ticks if tick <= row.end])
    axes.set_xlabel(say("life.axis", language), size=SIZES["ticks"])
