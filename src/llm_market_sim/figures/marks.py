"""The marks of all figures. The spread of worlds is always a translucent band around a line; how
well a number is known is always a whisker with caps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.ticker import MaxNLocator

from llm_market_sim.figures.lettering import wrap
from llm_market_sim.figures.style import BLACK, BLUE, SIZES, projected
from llm_market_sim.market.state import Array
from llm_market_sim.summary.said import number, say
from llm_market_sim.words import Language, month, percent

CELLS = "Blues"  # shares of worlds from light to dark, so also in black and white


@dataclass(frozen=True)
class KeyEntry:
    """An entry of the key: words, and how to draw a sample from x0 to x1 at a height y."""

    text: str
    draw: Callable[[Axes, float, float, float], object]


def bands(axes: Axes, x: Array, quantiles: Array, colour: str = BLUE, style: Any = "-") -> None:
    """The spread of worlds: 90 % pale, 50 % darker, and the median as a line; quantiles (5, X)."""
    for low, high, alpha in ((0, 4, 0.17), (1, 3, 0.30)):
        axes.fill_between(x, quantiles[low], quantiles[high], color=colour, alpha=alpha, lw=0)
    axes.plot(x, quantiles[2], color=colour, lw=2.6, ls=style, zorder=4)


def spread_mark(language: Language, colour: str = BLUE) -> KeyEntry:
    """The key of `bands`."""

    def draw(axes: Axes, x0: float, x1: float, y: float) -> None:
        for half, alpha in ((0.42, 0.17), (0.22, 0.30)):
            axes.fill_between([x0, x1], y - half, y + half, color=colour, alpha=alpha, lw=0)
        axes.plot([x0, x1], [y, y], color=colour, lw=2.6)

    return KeyEntry(say("mark.spread", language), draw)


def whisker(
    axes: Axes, low: float, high: float, at: float, colour: str = BLACK, upright: bool = False
) -> None:
    """How well a number is known: a thin line with caps."""
    ends: tuple[Sequence[float], Sequence[float]] = ([low, high], [at, at])
    x, y = ends[::-1] if upright else ends
    caps: Any = {"marker": "_" if upright else "|", "ms": 10, "mew": 2.0, "solid_capstyle": "butt"}
    axes.plot(x, y, color=colour, lw=2.0, zorder=5, clip_on=False, **caps)


def whisker_mark(language: Language, key: str = "mark.whisker") -> KeyEntry:
    """The key of `whisker`."""
    return KeyEntry(say(key, language), lambda axes, x0, x1, y: whisker(axes, x0, x1, y))


def line_mark(text: str, colour: str = BLACK, style: Any = "-", lw: float = 2.6) -> KeyEntry:
    """The key of a line."""
    return KeyEntry(
        text, lambda axes, x0, x1, y: axes.plot([x0, x1], [y, y], c=colour, ls=style, lw=lw)
    )


def area_mark(text: str, colour: str, hatch: str = "", alpha: float = 1.0) -> KeyEntry:
    """The key of bars or areas."""
    look: Any = {"facecolor": colour, "hatch": hatch, "edgecolor": "white", "alpha": alpha, "lw": 0}
    return KeyEntry(
        text, lambda axes, x0, x1, y: axes.fill_between([x0, x1], y - 0.3, y + 0.3, **look)
    )


def dot_mark(text: str, **look: Any) -> KeyEntry:
    """The key of single points, by matplotlib's names for their look."""
    whole: dict[str, Any] = {"ms": 9, "ls": ""} | look
    return KeyEntry(text, lambda axes, x0, x1, y: axes.plot((x0 + x1) / 2, y, **whole))


def week_axis(axes: Axes, weeks: Array, language: Language, most: int = 7) -> None:
    """Weeks with their months below; at most so many of them, only two within the axes' ends."""
    first, last = float(weeks[0]), float(weeks[-1])
    if projected():
        most = max(2, min(most, int(wide(axes) / 2.0)))
    steps = (1, 2, 4, 13, 26, 52, 104, 208)
    step = next((s for s in steps if (last - first) / s <= most - 1), 520)
    ticks = [float(week) for week in np.arange(np.ceil(first / step) * step, last + 1e-9, step)]
    if len(ticks) < 2:
        ticks = sorted({first, last})
    words = [
        month(t, language)
        if projected() and wide(axes) >= 4.0
        else say("axis.week", language, week=f"{t:g}")
        if projected()
        else f"{say('axis.week', language, week=f'{t:g}')}\n{month(t, language)}"
        for t in ticks
    ]
    axes.set_xticks(ticks, words)
    axes.tick_params(axis="x", pad=8)
    axes.set_xlim(first, last if last > first else first + 1.0)
    if most == 2 or projected():
        labels = axes.get_xticklabels()
        labels[0].set_horizontalalignment("left")
        labels[-1].set_horizontalalignment("right")


def value_axis(axes: Axes, language: Language, percent: bool = False) -> None:
    """Numbers in the language, and quiet lines across."""
    mark = "%" if language == "zh" else " %"
    if projected():
        axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(
        lambda value, place: f"{100 * value:g}{mark}" if percent else number(value, language)
    )
    axes.grid(axis="y", color="#E4E4E4", lw=0.8)
    axes.set_axisbelow(True)


def wide(axes: Axes) -> float:
    """Inches between the two ends of axes."""
    return float(axes.bbox.width / axes.figure.dpi)


def spread_apart(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places at least `gap` apart and inside [low, high] if there is room, near those wanted."""
    order = sorted(range(len(wanted)), key=lambda k: wanted[k])
    gap = min(gap, (high - low) / max(1, len(wanted) - 1))
    placed: list[float] = []
    for k in order:  # upwards, each above the one before
        placed.append(max(wanted[k], low, placed[-1] + gap if placed else low))
    ceiling = high
    for place in reversed(range(len(placed))):  # and down again from the top
        placed[place] = min(placed[place], ceiling)
        ceiling = placed[place] - gap
    places = [0.0] * len(wanted)
    for k, y in zip(order, placed, strict=True):
        places[k] = y
    return places


def note(axes: Axes, x: float, y: float, text: str, **look: Any) -> None:
    """Words at a place of the axes, 0 to 1 from their lower left corner."""
    usual: dict[str, Any] = {"size": SIZES["ticks"], "va": "bottom"}
    axes.text(x, y, text, transform=axes.transAxes, **usual | look)


def centred(axes: Axes, x: float, y: float, text: str, **look: Any) -> None:
    """Words around a point."""
    usual: dict[str, Any] = {"size": SIZES["ticks"], "ha": "center", "va": "center"}
    axes.text(x, y, text, **usual | look)


def head(axes: Axes, text: str, inches: float, most: int | None = None) -> None:
    """What is seen in these axes, bold above their left end."""
    words = wrap(text, inches, SIZES["text"], "bold", most=most)
    axes.set_title(words, size=SIZES["text"], weight="bold", loc="left", pad=8)


def stacked(
    axes: Axes, weeks: Array, rows: Array, looks: Sequence[tuple[str, str]], words: Sequence[str]
) -> list[tuple[float, str, str]]:
    """Areas, one upon the other, of colours and hatches; their words at the right, as `end_labels`
    takes them."""
    floor, ends = 0.0 * weeks, []
    for row, (colour, hatch), text in zip(rows, looks, words, strict=True):
        look: Any = {"facecolor": colour, "hatch": hatch, "edgecolor": "white", "lw": 0.8}
        axes.fill_between(weeks, floor, floor + row, **look)
        ends.append((float(floor[-1] + row[-1] / 2), text, BLACK))
        floor = floor + row
    return ends


def share_scale(cax: Axes, words: str, size: float, language: Language) -> None:
    """What the colours of `CELLS` say: in what share of worlds; a line marks one half."""
    bar = cax.figure.colorbar(ScalarMappable(Normalize(0.0, 1.0), CELLS), cax=cax)
    labels = ["0", "25", "50", "75", percent(1.0, language)]
    bar.set_ticks([0.0, 0.25, 0.5, 0.75, 1.0], labels=labels)
    bar.ax.tick_params(labelsize=SIZES["ticks"])
    bar.ax.axhline(0.5, color=BLACK, lw=1.5)
    bar.set_label(words, size=size)


def end_labels(
    axes: Axes, ends: Sequence[tuple[float, str, str]], size: float, gap: float = 0.075
) -> None:
    """Names at the right of lines: (height in data, words, colour of the line); kept `gap` of the
    axes' height apart, each led to its line in the line's colour."""
    low, high = axes.get_ylim()
    inches = wide(axes)
    gap = max(
        gap, size * (1.35 if projected() else 1.15) / 72 / (axes.bbox.height / axes.figure.dpi)
    )
    at = [(y - low) / (high - low) for y, _, _ in ends]
    for y, place, (_, words, colour) in zip(
        at, spread_apart(at, gap, gap / 2, 1.0), ends, strict=True
    ):
        x = [1.0, 1.0 + 0.05 / inches, 1.0 + 0.2 / inches]
        axes.plot(x, [y, y, place], color=colour, lw=1.8, transform=axes.transAxes, clip_on=False)
        note(axes, 1.0 + 0.25 / inches, place, words, color=BLACK, size=size, va="center")
