"""In what share of worlds a claim holds, cell by cell, over two parameters."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import Axis as Line
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from llm_market_sim.plots.lettering import drawable
from llm_market_sim.plots.style import BLACK, VERMILLION, drawing, new_figure
from llm_market_sim.state import Array

__all__ = ["Axis", "claim_map"]

_COLOURS = "Blues"  # from light to dark, so also in black and white
_HATCH = "///"
_MARK: Any = {
    "marker": "*", "ms": 24, "color": VERMILLION, "markeredgecolor": "white",
    "markeredgewidth": 1.5, "ls": "", "clip_on": False, "zorder": 5,
}  # fmt: skip


@dataclass(frozen=True)
class Axis:
    """A parameter: what it is, with its unit, the edges of the cells, and its default."""

    label: str
    edges: Sequence[float]
    logarithmic: bool
    default: float

    @property
    def covers(self) -> bool:
        """Whether the default lies inside."""
        return self.edges[0] <= self.default <= self.edges[-1]


@drawing
def claim_map(
    shares: Array, undecided: Array, across: Axis, up: Axis, title: str, subtitle: str,
    footnote: str,
) -> Figure:  # fmt: skip
    """Shares (0 to 1) and undecided cells (bool), both (N, N), `across` along the first axis."""
    figure = new_figure(12.0, 9.0)
    lines = textwrap.wrap(drawable(title), 76, max_lines=3, placeholder=" …")
    under = 0.965 - 0.034 * len(lines)
    low, high = 0.18, under - 0.045
    axes = figure.add_axes((0.125, low, 0.60, high - low))
    axes.pcolormesh(
        across.edges, up.edges, shares.T, cmap=_COLOURS, vmin=0.0, vmax=1.0, edgecolors="white",
        linewidth=0.5,
    )  # fmt: skip
    _hatch(axes, undecided, across, up)
    here = across.covers and up.covers
    if here:
        axes.plot(across.default, up.default, **_MARK)
    axes.set_xscale("log" if across.logarithmic else "linear")
    axes.set_yscale("log" if up.logarithmic else "linear")
    for line, one, width in ((axes.xaxis, across, 70), (axes.yaxis, up, 56)):
        _ticks(line, one, width)
    axes.set_xlim(across.edges[0], across.edges[-1])
    axes.set_ylim(up.edges[0], up.edges[-1])
    _key(figure, high, bool(undecided.any()), here)
    figure.text(0.02, 0.975, "\n".join(lines), size=18, weight="bold", va="top", linespacing=1.2)
    figure.text(0.02, under, drawable(subtitle), size=14, va="top", color=BLACK)
    note = "\n".join(textwrap.wrap(drawable(footnote), 172))
    figure.text(0.02, 0.015, note, size=9, va="bottom", color="#555555", linespacing=1.35)
    return figure


def _hatch(axes: Axes, undecided: Array, across: Axis, up: Axis) -> None:
    for i, j in zip(*undecided.nonzero(), strict=True):
        left, low = across.edges[i], up.edges[j]
        axes.add_patch(
            Rectangle(
                (left, low), across.edges[i + 1] - left, up.edges[j + 1] - low, fill=False,
                hatch=_HATCH, edgecolor=BLACK, linewidth=0.0, zorder=3,
            )
        )  # fmt: skip


def _ticks(line: Line, one: Axis, width: int) -> None:
    """Few round numbers."""
    if one.logarithmic:
        line.set_major_locator(LogLocator(subs=(1.0, 2.0, 3.0, 5.0)))
        line.set_minor_locator(NullLocator())
    else:
        line.set_major_locator(MaxNLocator(6))
    line.set_major_formatter(FuncFormatter(lambda value, place: f"{value:,.10g}"))
    line.set_tick_params(labelsize=13)
    line.set_label_text("\n".join(textwrap.wrap(drawable(one.label), width)), size=14)


def _key(figure: Figure, top: float, undecided: bool, here: bool) -> None:
    scale = ScalarMappable(Normalize(0.0, 1.0), _COLOURS)
    bar = figure.colorbar(scale, cax=figure.add_axes((0.765, 0.40, 0.03, top - 0.40)))
    bar.set_ticks([0.0, 0.25, 0.5, 0.75, 1.0], labels=["0", "25", "50", "75", "100 %"])
    bar.ax.tick_params(labelsize=13)
    bar.ax.axhline(0.5, color=BLACK, lw=1.5)
    bar.set_label("worlds in which it holds", size=13)
    entries: list[Patch | Line2D] = []
    words = []
    if undecided:
        entries.append(Patch(facecolor="#9DC5E3", edgecolor=BLACK, hatch=_HATCH, linewidth=0.0))
        words.append("undecided: the interval\ncovers one half")
    if here:
        entries.append(Line2D([], [], **_MARK))
        words.append("the defaults")
    figure.legend(
        entries, words, loc="upper left", bbox_to_anchor=(0.752, 0.36), frameon=False, fontsize=12,
        handlelength=1.8, handleheight=1.8, labelspacing=1.0,
    )  # fmt: skip
