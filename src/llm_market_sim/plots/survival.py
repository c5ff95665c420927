"""How long firms last, and how they end: survival curves, and stacked cumulative incidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from llm_market_sim.plots.lettering import drawable
from llm_market_sim.plots.style import BLACK, BLUE, GREY, SKY, VERMILLION, house_style, new_figure
from llm_market_sim.state import Array

__all__ = ["LifeRow", "endings", "survival_curves"]

_GREEN, _PURPLE = "#009E73", "#CC79A7"
_LINES: Sequence[tuple[str, Any]] = (  # told apart in black and white, too
    (BLUE, "solid"), (VERMILLION, (0, (6, 2))), (_GREEN, (0, (1.5, 1.5))),
    (BLACK, (0, (6, 2, 1.5, 2))), (_PURPLE, (0, (3, 1))), (GREY, (0, (10, 3))),
)  # fmt: skip
_FILLS = (  # how an ending is filled; the first is for those still there
    ("#E4E8EC", ""), (SKY, "///"), (VERMILLION, ""), (BLACK, ""),
)  # fmt: skip
_SMALL = "#555555"
_PANEL = 4.0  # inches of a panel with its axis
_LETTERS = 20  # of a label at most


@dataclass(frozen=True, eq=False)
class LifeRow:
    """A group of firms: its label, and by week of life 0 to T the share still there with its band,
    how many are watched, (T + 1,), and the share gone by each cause, (C, T + 1)."""

    label: str
    survival: Array
    low: Array
    high: Array
    alive: Array
    incidence: Array

    @property
    def end(self) -> int:
        """The last week in which anybody is watched."""
        return int(self.alive.nonzero()[0].max(initial=0))


@house_style()
def survival_curves(
    rows: Sequence[LifeRow], ticks: Sequence[int], title: str, subtitle: str, footnote: str
) -> Figure:
    """One curve a group (six at most), with the number of firms watched below the axis.

    ticks: weeks that are marked and have their numbers below.
    """
    height = 7.6 + 0.27 * len(rows)
    figure = new_figure(12.0, height)
    low, high = (1.75 + 0.27 * len(rows)) / height, 1.0 - 1.25 / height
    axes = figure.add_axes((0.21, low, 0.555, high - low))
    last = max(row.end for row in rows)
    for row, (colour, style) in zip(rows, _LINES, strict=False):
        weeks = range(row.end + 1)
        axes.fill_between(
            weeks, row.low[: row.end + 1], row.high[: row.end + 1], step="post", color=colour,
            alpha=0.22, lw=0,
        )  # fmt: skip
        axes.step(weeks, row.survival[: row.end + 1], where="post", color=colour, ls=style, lw=2.6)
    _name(axes, rows, last)
    axes.set_xlim(0, last)
    axes.set_ylim(0.0, 1.02)
    axes.set_yticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0", "25", "50", "75", "100 %"])
    axes.set_xticks([tick for tick in ticks if tick <= last])
    axes.tick_params(labelsize=13)
    axes.grid(axis="y", color="#dddddd", lw=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.set_xlabel("weeks since entry", size=13)
    axes.set_ylabel("firms still there", size=13)
    _at_risk(figure, axes, rows, [tick for tick in ticks if tick <= last], height)
    _texts(figure, height, title, subtitle, footnote)
    return figure


def _name(axes: Axes, rows: Sequence[LifeRow], last: int) -> None:
    """The name of each curve at its end, moved apart where two would touch."""
    ends = [float(row.survival[row.end]) for row in rows]
    places = _apart(ends, 0.055)
    for k, (row, (colour, _)) in enumerate(zip(rows, _LINES, strict=False)):
        axes.annotate(
            f"{_short(row.label)}, {100 * ends[k]:.0f} %", (row.end, ends[k]),
            (last * 1.025, places[k]), size=12, weight="bold", color=colour, va="center",
            annotation_clip=False,
        )  # fmt: skip


def _apart(heights: Sequence[float], least: float) -> list[float]:
    """Heights of texts, moved down where one would touch the one above, and up off the ground."""
    places = list(heights)
    above = max(heights) + least
    for k in sorted(range(len(heights)), key=lambda k: -heights[k]):
        above = places[k] = min(heights[k], above - least)
    lift = max(0.0, -min(places))
    return [place + lift for place in places]


def _short(label: str) -> str:
    """A label that fits into the margins."""
    text = drawable(label)
    return text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}…"


def _at_risk(
    figure: Figure, axes: Axes, rows: Sequence[LifeRow], ticks: Sequence[int], height: float
) -> None:
    box = axes.get_position()
    left, right = axes.get_xlim()
    top = box.y0 - 0.78 / height
    figure.text(0.02, top, "firms watched", size=11, color=_SMALL, va="center")
    for line, (row, (colour, _)) in enumerate(zip(rows, _LINES, strict=False), 1):
        y = top - 0.27 * line / height
        figure.text(0.02, y, _short(row.label), size=12, color=colour, weight="bold", va="center")
        for tick in ticks:
            x = box.x0 + box.width * (tick - left) / (right - left)
            figure.text(x, y, f"{int(row.alive[tick]):,}", size=12, ha="center", va="center")


@house_style()
def endings(
    rows: Sequence[LifeRow], causes: Sequence[str], ticks: Sequence[int], title: str,
    subtitle: str, footnote: str,
) -> Figure:  # fmt: skip
    """One panel a group (six at most): who is still there, and who is gone by each cause."""
    across = len(rows) if len(rows) <= 4 else 3
    down = -(-len(rows) // across)
    height = 2.5 + _PANEL * down
    figure = new_figure(12.0, height)
    width = 0.90 / across
    for place, row in enumerate(rows):
        x = 0.065 + width * (place % across)
        y = height - 1.9 - _PANEL * (place // across) - (_PANEL - 0.95)
        axes = figure.add_axes((x, y / height, width - 0.075, (_PANEL - 0.95) / height))
        _panel(axes, row, ticks[:: 2 if across > 2 else 1], first=place % across == 0)
    words = ("still there", *causes)
    patches = [
        Patch(facecolor=colour, hatch=hatch, edgecolor="white", lw=0.0)
        for colour, hatch in _FILLS[: len(words)]
    ]
    figure.legend(
        patches, words, loc="upper left", bbox_to_anchor=(0.02, 1.0 - 1.0 / height), ncols=4,
        frameon=False, fontsize=13, borderpad=0.0, borderaxespad=0.0, handlelength=1.8,
        handleheight=1.2, columnspacing=2.2,
    )  # fmt: skip
    _texts(figure, height, title, subtitle, footnote)
    return figure


def _panel(axes: Axes, row: LifeRow, ticks: Sequence[int], first: bool) -> None:
    weeks = range(row.end + 1)
    below = 0.0 * row.survival[: row.end + 1]
    parts = [row.survival, *row.incidence]
    numbers = []
    for share, (colour, hatch) in zip(parts, _FILLS, strict=False):
        top = below + share[: row.end + 1]
        axes.fill_between(
            weeks, below, top, step="post", facecolor=colour, hatch=hatch, edgecolor="white", lw=0.0
        )
        part = float(top[-1] - below[-1])
        if part >= 0.005:
            numbers.append((part, float(top[-1] + below[-1]) / 2))
        below = top
    heights = _apart([middle for _, middle in numbers], 0.062)
    for (part, _), height in zip(numbers, heights, strict=True):
        axes.text(row.end * 1.02, height, f"{100 * part:.0f}", size=12, va="center")
    axes.set_xlim(0, max(row.end, 1))
    axes.set_ylim(0.0, 1.0)
    axes.set_yticks([0.0, 0.5, 1.0], ["0", "50", "100 %"] if first else [])
    axes.set_xticks([tick for tick in ticks if tick <= row.end])
    axes.tick_params(labelsize=12)
    axes.set_xlabel("weeks since entry", size=12)
    axes.set_title(_short(row.label), size=14, weight="bold", loc="left")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _texts(figure: Figure, height: float, title: str, subtitle: str, footnote: str) -> None:
    figure.text(0.02, 1.0 - 0.25 / height, drawable(title), size=17, weight="bold", va="top")
    figure.text(0.02, 1.0 - 0.65 / height, drawable(subtitle), size=12, va="top", color=BLACK)
    figure.text(
        0.02, 0.12 / height, drawable(footnote), size=8, va="bottom", color=_SMALL,
        linespacing=1.35,
    )  # fmt: skip
