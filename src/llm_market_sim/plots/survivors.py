"""How many general platforms are left, scenario by scenario, and whether the claim holds."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

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

__all__ = ["SurvivorRow", "survivors"]

_COLOURS = {"holds": BLUE, "fails": VERMILLION, "undecided": GREY}
_FEW = 8  # scenarios up to which every bar has its number
_MARKS = {"holds": "o", "fails": "s", "undecided": "D"}  # told apart in black and white, too


@dataclass(frozen=True)
class SurvivorRow:
    """One scenario: its label (and name, if the font has no letters for the label), the share of
    worlds (0 to 1) by number of platforms, the share in which the claim holds with its interval
    (0 to 1), both also in words, and the verdict."""

    name: str
    label: str
    shares: Sequence[float]
    share: float
    low: float
    high: float
    estimate: str
    interval: str
    verdict: str


@drawing
def survivors(
    rows: Sequence[SurvivorRow], band: Sequence[bool], title: str, subtitle: str, footnote: str
) -> Figure:
    """Left: bars, one row a scenario. Right: in how many worlds the claim holds, against one half.

    band: whether 0, 1, 2 … platforms are what the claim says; as long as each row's shares.
    """
    few = len(rows) <= _FEW
    height = 2.9 + len(rows) * (max(0.8, 2.0 / len(rows)) if few else 0.42)
    figure = new_figure(12.0, height)
    low, high = 1.5 / height, 1.0 - 1.25 / height
    left = figure.add_axes((0.235, low, 0.295, high - low))
    right = figure.add_axes((0.555, low, 0.12, high - low))
    _counts(left, rows, band, few and len(band) <= 12)
    _shares(right, rows)
    for axes in (left, right):
        axes.set_ylim(len(rows) - 0.4, -0.62)
        axes.tick_params(left=False, labelsize=12)
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
    figure.text(0.02, 1.0 - 0.3 / height, drawable(title), size=17, weight="bold", va="top")
    figure.text(0.02, 1.0 - 0.7 / height, drawable(subtitle), size=12, va="top", color=BLACK)
    figure.text(
        0.02, 0.12 / height, drawable(footnote), size=8, va="bottom", color="#555555",
        linespacing=1.35,
    )  # fmt: skip
    return figure


def _counts(
    axes: Axes, rows: Sequence[SurvivorRow], band: Sequence[bool], percentages: bool
) -> None:
    for n, inside in enumerate(band):
        if inside:
            axes.axvspan(n - 0.5, n + 0.5, color=SKY, alpha=0.22, lw=0, zorder=0)
    tallest = max(max(row.shares) for row in rows)
    room = 0.66 if percentages else 0.82
    for y, row in enumerate(rows):
        axes.axhline(y + 0.4, color="#cccccc", lw=0.6, zorder=1)
        heights = [-room * share / tallest for share in row.shares]
        colours = [BLUE if inside else "#B8B8B8" for inside in band]
        axes.bar(range(len(band)), heights, bottom=y + 0.4, width=0.82, color=colours, zorder=2)
        for n, (share, rise) in enumerate(zip(row.shares, heights, strict=True)):
            if percentages and share > 0.0:
                text = f"{100 * share:.0f}" if share > 0.005 else "<1"
                axes.text(n, y + 0.36 + rise, text, ha="center", va="bottom", size=11, color=BLACK)
    axes.set_yticks(range(len(rows)), [_label(row) for row in rows], linespacing=0.95)
    axes.tick_params(axis="y", length=0, pad=8)
    axes.get_yticklabels()[0].set_fontweight("bold" if len(rows) > 1 else "normal")
    axes.set_xlim(-0.6, len(band) - 0.4)
    axes.set_xticks(range(0, len(band), 1 if len(band) <= 14 else 5))
    axes.set_xlabel("number of general platforms; bars: % of worlds", size=11)


def _label(row: SurvivorRow) -> str:
    """The label in at most two lines of the margin's width, also in bold."""
    lines = textwrap.wrap(drawable(row.label, row.name), 24)
    return "\n".join(lines if len(lines) <= 2 else [lines[0], f"{lines[1][:23]}…"])


def _shares(axes: Axes, rows: Sequence[SurvivorRow]) -> None:
    axes.axvline(0.5, color=BLACK, lw=1.0, ls=(0, (4, 3)), zorder=0)
    for y, row in enumerate(rows):
        colour = _COLOURS.get(row.verdict, GREY)
        axes.plot([row.low, row.high], [y, y], color=colour, lw=2.6, solid_capstyle="butt")
        axes.plot(row.share, y, marker=_MARKS.get(row.verdict, "D"), color=colour, ms=6.5,
                  markeredgecolor="white", markeredgewidth=0.8, clip_on=False)  # fmt: skip
        _beside(axes, 1.12, y, row.estimate, weight="bold")
        _beside(axes, 1.82, y, row.interval)
        _beside(axes, 2.76, y, row.verdict.replace(", ", ",\n"), color=colour, weight="bold")
    for x, head in ((1.12, "holds in"), (1.82, "interval"), (2.76, "verdict")):
        axes.text(x, 1.01, head, transform=axes.transAxes, va="bottom", size=10, color="#555555")
    axes.set_xlim(0.0, 1.0)
    axes.set_xticks([0.0, 0.5, 1.0], ["0", "50", "100 %"])
    axes.set_yticks([])
    axes.set_xlabel("worlds in which it holds", size=11)


def _beside(
    axes: Axes, x: float, y: float, text: str, color: str = BLACK, weight: str = "normal"
) -> None:  # fmt: skip
    """Text at the right of the axes; x in their widths, y in rows."""
    axes.text(
        x, y, text, va="center", ha="left", size=12, color=color, weight=weight,
        transform=axes.get_yaxis_transform(),
    )  # fmt: skip
