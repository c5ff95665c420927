"""A number over uncertain assumptions: what luck spreads and what assumptions spread, apart."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend_handler import HandlerLine2D
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from llm_market_sim.plots.lettering import drawable
from llm_market_sim.plots.style import (
    BLACK,
    BLUE,
    GREY,
    SKY,
    VERMILLION,

    drawing,
    new_figure,
)
from llm_market_sim.statistics import Bands

__all__ = ["UncertainRow", "uncertainty"]

_COLOURS = {"holds": BLUE, "fails": VERMILLION}
_MARKS = {"holds": "o", "fails": "s"}  # told apart in black and white, too
_MEAN: Any = {"ls": "none", "marker": "D", "ms": 7, "mfc": "white", "mec": BLACK, "mew": 1.8}
_PALE, _SMALL = "#BDBDBD", "#555555"
_FEW = 8  # scenarios up to which rows are high


@dataclass(frozen=True)
class UncertainRow:
    """One scenario: its label (and name, if the font has no letters for the label), the number
    with its bands (None where some world has none), the share of worlds (0 to 1) in which the claim
    holds with the band of parameters, both also in words, and the verdict."""

    name: str
    label: str
    number: Bands | None
    share: float
    low: float
    high: float
    estimate: str
    interval: str
    verdict: str


@drawing
def uncertainty(
    rows: Sequence[UncertainRow], claimed: Sequence[tuple[float, float]], quantity: str,
    title: str, subtitle: str, footnote: str,
) -> Figure:  # fmt: skip
    """Left: the number, one row a scenario. Right: the share of worlds in which the claim holds.

    claimed: where the claim says that the number lies, (from, to), infinite where it has no end.
    quantity: what the number is.
    """
    per_row = max(0.75, 1.6 / len(rows)) if len(rows) <= _FEW else 0.42
    height = 3.6 + len(rows) * per_row
    figure = new_figure(12.0, height)
    low, high = 1.55 / height, 1.0 - 1.9 / height
    left = figure.add_axes((0.228, low, 0.26, high - low))
    right = figure.add_axes((0.517, low, 0.11, high - low))
    _numbers(left, rows, claimed, quantity)
    _shares(right, rows)
    for axes in (left, right):
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.tick_params(left=False, labelsize=12)
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
    figure.text(0.02, 1.0 - 0.3 / height, drawable(title), size=17, weight="bold", va="top")
    figure.text(0.02, 1.0 - 0.7 / height, drawable(subtitle), size=12, va="top", color=BLACK)
    _legend(figure, 1.0 - 1.0 / height)
    figure.text(
        0.02, 0.12 / height, drawable(footnote), size=8, va="bottom", color=_SMALL,
        linespacing=1.35,
    )  # fmt: skip
    return figure


def _legend(figure: Figure, top: float) -> None:
    """The marks, and what they mean in words."""
    thin = Line2D([], [], color=BLACK, lw=2.4, marker="|", ms=11, mew=2.4)
    marks: dict[str, Artist] = {
        "luck: worlds of one and the same set of assumptions": Patch(color=_PALE, lw=0),
        "assumptions: what different sets give on average": thin,
        "mean of all worlds": Line2D([], [], **_MEAN),
        "what the claim says": Patch(fc=SKY, ec=SKY, alpha=0.3),
    }
    figure.legend(
        list(marks.values()), list(marks), handler_map={thin: HandlerLine2D(numpoints=2)},
        loc="upper left", bbox_to_anchor=(0.02, top), ncols=2, frameon=False, fontsize=12,
        borderpad=0.0, borderaxespad=0.0, handlelength=3.0, columnspacing=2.0, labelspacing=0.35,
    )  # fmt: skip


def _numbers(
    axes: Axes, rows: Sequence[UncertainRow], claimed: Sequence[tuple[float, float]],
    quantity: str,
) -> None:  # fmt: skip
    numbers = [row.number for row in rows if row.number is not None]
    ends = [end for one in numbers for end in (*one.worlds, *one.parameters)]
    ends += [end for part in claimed for end in part if abs(end) != float("inf")]
    least, most = min(ends), max(ends)
    room = 0.06 * (most - least) or 1.0
    start = 0.0 if 0.0 <= least < 0.4 * most else least - room
    axes.set_xlim(start, most + room)
    for low, high in claimed:
        inside = max(low, start), min(high, most + room)
        axes.axvspan(*inside, facecolor=SKY, alpha=0.3, lw=0, zorder=0)
        for end in {low, high} - {start, most + room}:
            axes.axvline(end, color=SKY, lw=1.4, zorder=3)
    for y, row in enumerate(rows):
        if y:
            axes.axhline(y - 0.5, color="#dddddd", lw=0.6, zorder=1)
        if row.number is None:
            axes.text(
                0.5, y, "not every world has a number", ha="center", va="center", size=10,
                color=_SMALL, transform=axes.get_yaxis_transform(),
            )  # fmt: skip
            continue
        low, high = row.number.worlds
        axes.barh(y, high - low, left=low, height=0.62, color=_PALE, lw=0, zorder=2)
        _capped(axes, row.number.parameters, y, BLACK)
        axes.plot(row.number.mean, y, **_MEAN, zorder=5, clip_on=False)
    axes.set_yticks(range(len(rows)), [_label(row) for row in rows], linespacing=0.95)
    axes.tick_params(axis="y", length=0, pad=8)
    axes.get_yticklabels()[0].set_fontweight("bold" if len(rows) > 1 else "normal")
    ticks = MaxNLocator(8, steps=[1, 2, 5, 10]).tick_values(start, most + room)
    axes.set_xticks([tick for tick in ticks if start <= tick <= most + room])
    axes.set_xlabel("\n".join(textwrap.wrap(drawable(quantity), 40)), size=11)


def _capped(axes: Axes, ends: tuple[float, float], y: float, colour: str) -> None:
    """The thin line with end caps that always stands for assumptions."""
    axes.plot(ends, [y, y], color=colour, lw=2.4, marker="|", ms=11, mew=2.4, zorder=4,
              solid_capstyle="butt", clip_on=False)  # fmt: skip


def _label(row: UncertainRow) -> str:
    """The label in at most two lines of the margin's width, also in bold."""
    lines = textwrap.wrap(drawable(row.label, row.name), 24)
    return "\n".join(lines if len(lines) <= 2 else [lines[0], f"{lines[1][:23]}…"])


def _shares(axes: Axes, rows: Sequence[UncertainRow]) -> None:
    axes.axvline(0.5, color=BLACK, lw=1.0, ls=(0, (4, 3)), zorder=0)
    for y, row in enumerate(rows):
        colour = _COLOURS.get(row.verdict, GREY)
        _capped(axes, (row.low, row.high), y, colour)
        axes.plot(row.share, y, marker=_MARKS.get(row.verdict, "D"), color=colour, ms=7,
                  mec="white", mew=0.8, clip_on=False, zorder=5)  # fmt: skip
        words = row.verdict.replace("on the ", "on the\n").replace(", ", ",\n")
        for x, text, shade, weight in (
            (1.12, row.estimate, BLACK, "bold"), (1.93, row.interval, BLACK, "normal"),
            (2.88, words, colour, "bold"),
        ):  # fmt: skip
            axes.text(
                x, y, text, va="center", size=12, color=shade, weight=weight, linespacing=0.95,
                transform=axes.get_yaxis_transform(),
            )  # fmt: skip
    for x, head in ((1.12, "holds in"), (1.93, "assumptions"), (2.88, "verdict")):
        axes.text(x, 1.01, head, transform=axes.transAxes, va="bottom", size=10, color=_SMALL)
    axes.set_xlim(0.0, 1.0)
    axes.set_xticks([0.0, 0.5, 1.0], ["0", "50", "100 %"])
    axes.set_yticks([])
    axes.set_xlabel("worlds in which it holds", size=11)
