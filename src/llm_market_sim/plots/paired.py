"""Two scenarios on the same luck: one dot a world, and the mean difference with its interval."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from llm_market_sim.plots.lettering import drawable
from llm_market_sim.plots.style import BLACK, BLUE, GREY, VERMILLION, house_style, new_figure
from llm_market_sim.state import Array

__all__ = ["PairedRow", "paired_differences"]

_ROW, _ABOVE, _BELOW = 0.72, 1.55, 0.75  # inches
_MEAN, _COUNTS = 0.755, (0.872, 0.92, 0.983)  # columns of text, in widths of the figure
_GOLDEN = 0.6180339887498949  # its multiples, modulo one, spread dots evenly


@dataclass(frozen=True, eq=False)
class PairedRow:
    """One outcome: what it is and its unit, differences by world (W,), their mean with interval,
    both also in words, and the worlds in which it is lower, the same and higher."""

    label: str
    unit: str
    differences: Array
    mean: float
    low: float
    high: float
    estimate: str
    interval: str
    lower: int
    same: int
    higher: int


@house_style()
def paired_differences(
    rows: Sequence[PairedRow], title: str, subtitle: str, footnote: str
) -> Figure:
    """One row an outcome, each with a scale of its own around zero."""
    height = _ABOVE + _BELOW + _ROW * len(rows)
    figure = new_figure(12.0, height)
    for place, row in enumerate(rows):
        top = height - _ABOVE - _ROW * place
        axes = figure.add_axes((0.255, (top - 0.5 * _ROW) / height, 0.42, 0.46 * _ROW / height))
        _row(axes, row)
        middle = (top - 0.27 * _ROW) / height
        name = "\n".join(textwrap.wrap(drawable(row.label), 25)[:2])
        figure.text(0.02, middle, name, size=12, va="center", weight="bold", linespacing=1.05)
        figure.text(_MEAN, middle, row.estimate, size=13, va="bottom", ha="center", weight="bold")
        figure.text(_MEAN, middle - 0.02 / height, row.interval, size=10, va="top", ha="center")
        for x, number in zip(_COUNTS, (row.lower, row.same, row.higher), strict=True):
            figure.text(x, middle, f"{number:,}", size=13, va="center", ha="right")
    top = 1.0 - (_ABOVE - 0.08) / height
    figure.text(_MEAN, top, "mean difference", size=11, ha="center", va="bottom", color=GREY)
    for x, word in zip(_COUNTS, ("lower", "same", "higher"), strict=True):
        figure.text(x, top, word, size=11, ha="right", va="bottom", color=GREY)
    figure.text(
        0.983, top + 0.22 / height, "worlds in which it is", size=11, ha="right", color=GREY
    )
    figure.text(0.02, 1.0 - 0.25 / height, drawable(title), size=17, weight="bold", va="top")
    figure.text(0.02, 1.0 - 0.65 / height, drawable(subtitle), size=12, va="top", linespacing=1.3)
    figure.text(
        0.02, 0.12 / height, drawable(footnote), size=8, va="bottom", color="#555555",
        linespacing=1.35,
    )  # fmt: skip
    return figure


def _row(axes: Axes, row: PairedRow) -> None:
    furthest = 1.08 * max(abs(row.differences).max(), abs(row.low), abs(row.high))
    axes.set_xlim(-furthest, furthest)
    axes.set_ylim(0.0, 1.0)
    axes.axvline(0.0, color=BLACK, lw=1.0, zorder=1)
    heights = [(k * _GOLDEN) % 1.0 * 0.84 + 0.08 for k in range(len(row.differences))]
    axes.scatter(row.differences, heights, s=9, color="#9A9A9A", alpha=0.55, lw=0, zorder=2)
    sure = row.low > 0.0 or row.high < 0.0
    colour = GREY if not sure else BLUE if row.mean > 0.0 else VERMILLION
    axes.axvspan(row.low, row.high, color=colour, alpha=0.35, lw=0, zorder=3)
    axes.axvline(row.mean, color=colour, lw=3.0, zorder=4)
    axes.set_yticks([])
    ticks = MaxNLocator(5, symmetric=True).tick_values(-furthest, furthest)
    axes.set_xticks([tick for tick in ticks if abs(tick) <= 0.97 * furthest])
    axes.set_xticklabels([f"{tick:+,.6g}" if tick else "0" for tick in axes.get_xticks()])
    axes.tick_params(labelsize=10, length=3, pad=2)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.text(
        1.0, 1.0, drawable(row.unit), transform=axes.transAxes, ha="right", va="bottom", size=9,
        color=GREY,
    )  # fmt: skip
