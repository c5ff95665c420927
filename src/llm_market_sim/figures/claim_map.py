"""In what share of worlds a claim holds, cell by cell, over two parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import Axis as Line
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from llm_market_sim.figures.lettering import drawable, wrap
from llm_market_sim.figures.marks import CELLS, share_scale
from llm_market_sim.figures.page import Page, Words, new_page
from llm_market_sim.figures.style import BLACK, SIZES, VERMILLION, drawing, projected
from llm_market_sim.market.state import Array
from llm_market_sim.summary.said import say
from llm_market_sim.words import Language, percent

_HATCH = "///"
_MARK: Any = {
    "marker": "*",
    "ms": 24,
    "color": VERMILLION,
    "markeredgecolor": "white",
    "markeredgewidth": 1.5,
    "ls": "",
    "clip_on": False,
    "zorder": 5,
}


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
    shares: Array,
    undecided: Array,
    across: Axis,
    up: Axis,
    title: str,
    subtitle: str,
    footnote: str,
    language: Language = "en",
) -> Figure:
    """Shares (0 to 1) and undecided cells (bool), both (N, N), `across` along the first axis."""
    alt = say(
        "map.alt",
        language,
        title=title,
        across=across.label,
        up=up.label,
        least=percent(float(shares.min()), language),
        most=percent(float(shares.max()), language),
        undecided=int(undecided.sum()),
        cells=shares.size,
    )
    page = new_page(
        6.2, Words(title, subtitle, footnote, alt), above=0.25, below=1.35 if projected() else 0.95
    )
    axes = page.axes(1.7, 9.3) if projected() else page.axes(1.5, 8.7)
    for side in ("top", "right"):
        axes.spines[side].set_visible(True)
    look: Any = {"cmap": CELLS, "vmin": 0.0, "vmax": 1.0, "edgecolors": "white", "linewidth": 0.5}
    axes.pcolormesh(across.edges, up.edges, shares.T, **look)
    _hatch(axes, undecided, across, up)
    here = across.covers and up.covers
    if here:
        axes.plot(across.default, up.default, **_MARK)
    axes.set_xscale("log" if across.logarithmic else "linear")
    axes.set_yscale("log" if up.logarithmic else "linear")
    for line, one, inches in (
        (axes.xaxis, across, 7.4),
        (axes.yaxis, up, 4.6 if projected() else 5.6),
    ):
        _ticks(line, one, inches)
    axes.set_xlim(across.edges[0], across.edges[-1])
    axes.set_ylim(up.edges[0], up.edges[-1])
    _key(page, bool(undecided.any()), here, language)
    return page.figure


def _hatch(axes: Axes, undecided: Array, across: Axis, up: Axis) -> None:
    look: Any = {"fill": False, "hatch": _HATCH, "edgecolor": BLACK, "linewidth": 0.0, "zorder": 3}
    for i, j in zip(*undecided.nonzero(), strict=True):
        left, low = across.edges[i], up.edges[j]
        wide, high = across.edges[i + 1] - left, up.edges[j + 1] - low
        axes.add_patch(Rectangle((left, low), wide, high, **look))


def _ticks(line: Line, one: Axis, inches: float) -> None:
    """Few round numbers."""
    if one.logarithmic:
        line.set_major_locator(LogLocator(subs=(1.0, 2.0, 3.0, 5.0)))
        line.set_minor_locator(NullLocator())
    else:
        line.set_major_locator(MaxNLocator(6))
    line.set_major_formatter(FuncFormatter(lambda value, place: f"{value:,.10g}"))
    line.set_tick_params(labelsize=SIZES["ticks"])
    line.set_label_text(
        wrap(drawable(one.label), inches, SIZES["text"], most=2), size=SIZES["text"]
    )


def _key(page: Page, undecided: bool, here: bool, language: Language) -> None:
    """The scale of shares, and under it the other marks."""
    cax = page.axes(9.9, 10.3) if projected() else page.axes(9.15, 9.5, low=0.4)
    label = wrap(say("map.scale", language), 4.2 if projected() else 9.0, SIZES["text"])
    share_scale(cax, label, SIZES["text"], language)
    if projected():
        return
    entries: list[Patch | Line2D] = []
    words = []
    if undecided:
        entries.append(Patch(facecolor="#9DC5E3", edgecolor=BLACK, hatch=_HATCH, linewidth=0.0))
        words.append(wrap(say("map.undecided", language), 2.0, SIZES["ticks"]))
    if here:
        entries.append(Line2D([], [], **_MARK))
        words.append(say("map.defaults", language))
    below = page.axes(9.0, 11.8, high=0.34)
    below.set_axis_off()
    below.legend(
        entries,
        words,
        loc="upper left",
        frameon=False,
        fontsize=SIZES["ticks"],
        handlelength=1.8,
        handleheight=1.8,
        labelspacing=1.0,
        borderaxespad=0.0,
    )
