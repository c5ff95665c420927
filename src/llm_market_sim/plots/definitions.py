"""In what share of worlds a claim holds, definition by definition, all read off the same worlds."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil, prod

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from llm_market_sim.plots.lettering import drawable
from llm_market_sim.plots.style import BLACK, VERMILLION, house_style, new_figure
from llm_market_sim.state import Array

__all__ = ["Choice", "DefinitionPanel", "definitions_map"]

_COLOURS = "Blues"  # from light to dark, so also in black and white
_HATCH = "////"
_WIDTH = 13.33  # inches, a slide
_MOST = (7.5, 10.0)  # inches high, with one row of panels and with more
_LARGEST, _LEAST = (1.8, 0.95), 3.0  # inches, of a cell, and of what stands beside the key
_ROOM = 24  # letters of a line at the left
_DARK = 0.55  # share above which letters are white


@dataclass(frozen=True)
class Choice:
    """Something that a definition chooses: its name, what it is, and the values in words."""

    name: str
    meaning: str
    values: Sequence[str]


@dataclass(frozen=True)
class DefinitionPanel:
    """One block of cells, rows from above: shares (R, C), 0 to 1, NaN where there is none; the
    same in words; undecided cells, bool (R, C); and the place of the default, if it is here."""

    title: str
    shares: Array
    texts: Sequence[Sequence[str]]
    undecided: Array
    default: tuple[int, int] | None


@house_style()
def definitions_map(
    panels: Sequence[DefinitionPanel], across: Sequence[Choice], down: Sequence[Choice],
    title: str, subtitle: str, footnote: str,
) -> Figure:  # fmt: skip
    """Cells by the choices across and down, the outer choice first; one panel a title."""
    rows, columns = _shape(len(panels))
    lines = textwrap.wrap(drawable(title), 74, max_lines=2, placeholder=" …")
    note = textwrap.wrap(drawable(footnote), 190)
    told = "; ".join(f"{one.name}: {one.meaning}" for one in (*across, *down) if one.meaning)
    means = textwrap.wrap(drawable(told), 150)
    above = 1.17 + 0.37 * len(lines) + 0.2 * len(means)
    below = 0.3 + 0.17 * len(note) + 0.42 * (len(across) + 1)
    inside = _LARGEST[1] * rows * len(panels[0].shares) + 0.6 * (rows - 1)
    tall = above + below + min(max(inside, _LEAST), _MOST[rows > 1] - above - below)
    figure = new_figure(_WIDTH, tall)
    figure.text(0.02, 1.0 - 0.2 / tall, "\n".join(lines), size=19, weight="bold", va="top",
                linespacing=1.2)  # fmt: skip
    figure.text(
        0.02,
        1.0 - (0.32 + 0.37 * len(lines)) / tall,
        drawable(subtitle),
        size=14,
        va="top",
        color=BLACK,
    )
    figure.text(0.02, 1.0 - (0.66 + 0.37 * len(lines)) / tall, "\n".join(means), size=11, va="top",
                linespacing=1.25)  # fmt: skip
    figure.text(0.02, 0.12 / tall, "\n".join(note), size=8.5, va="bottom", color="#555555",
                linespacing=1.35)  # fmt: skip
    top, bottom = 1.0 - above / tall, below / tall
    left = 0.045 + 0.0078 * _longest(down) + (0.041 * (len(down) - 1) if down else -0.01)
    wide = (0.855 - left - 0.02 * (columns - 1)) / columns
    wide = min(wide, _LARGEST[0] * panels[0].shares.shape[1] / _WIDTH)
    high = (top - bottom - 0.6 / tall * (rows - 1)) / rows
    high = min(high, _LARGEST[1] * panels[0].shares.shape[0] / tall)
    for place, panel in enumerate(panels):
        row, column = divmod(place, columns)
        corner = (left + column * (wide + 0.02), top - (row + 1) * high - row * 0.6 / tall)
        axes = figure.add_axes((*corner, wide, high))
        _cells(axes, panel, across, down, (_WIDTH * wide, tall * high))
        axes.set_title(drawable(panel.title), size=14, loc="left", pad=6)
        if place + columns >= len(panels):
            _labels_below(axes, across, _WIDTH * wide / panel.shares.shape[1])
        if column == 0:
            _labels_left(axes, down)
    _key(figure, bottom, top, any(panel.undecided.any() for panel in panels),
         any(panel.default is not None for panel in panels))  # fmt: skip
    return figure


def _shape(panels: int) -> tuple[int, int]:
    """Rows and columns of panels."""
    columns = panels if panels <= 3 else ceil(panels / 2)
    return ceil(panels / columns), columns


def _cells(
    axes: Axes, panel: DefinitionPanel, across: Sequence[Choice], down: Sequence[Choice],
    inches: tuple[float, float],
) -> None:  # fmt: skip
    rows, columns = panel.shares.shape
    colours = colormaps[_COLOURS]
    size = max(7.0, min(16.0, 72 * inches[0] / columns / 3.2, 72 * inches[1] / rows / 1.9))
    for i, j in product(range(rows), range(columns)):
        share = panel.shares[i, j]
        if np.isnan(share):
            continue
        fill = colours(share)
        hatch = _HATCH if panel.undecided[i, j] else None
        axes.add_patch(
            Rectangle((j, i), 1, 1, facecolor=fill, linewidth=0.0, hatch=hatch, edgecolor="#777777")
        )
        axes.text(
            j + 0.5, i + 0.5, panel.texts[i][j], size=size, ha="center", va="center",
            color="white" if share > _DARK else BLACK, zorder=4,
            bbox={"facecolor": fill, "edgecolor": "none", "pad": 1.5} if hatch else None,
        )  # fmt: skip
    for count, draw, choices in ((columns, axes.axvline, across), (rows, axes.axhline, down)):
        group = len(choices[-1].values) if choices else 1
        for edge in range(1, count):
            draw(edge, color="white", lw=5.0 if edge % group == 0 else 1.2, zorder=2)
    if panel.default is not None:
        i, j = panel.default
        for colour, width in (("white", 6.0), (VERMILLION, 3.5)):
            axes.add_patch(
                Rectangle((j, i), 1, 1, fill=False, edgecolor=colour, linewidth=width, zorder=5,
                          clip_on=False)
            )  # fmt: skip
    axes.set(xlim=(0, columns), ylim=(rows, 0), xticks=[], yticks=[])
    for side in axes.spines.values():
        side.set_visible(False)


def _labels_below(axes: Axes, across: Sequence[Choice], cell: float) -> None:
    """The values of the choices, the inner one next to the cells (inches), and what that one is."""
    depth = 6.0  # points
    for level, (choice, places) in enumerate(_places(across)):
        texts = [value if level == 0 else f"{choice.name}: {value}" for _, value in places]
        word = max(len(part) for text in texts for part in text.split())
        size = max(8.0, min(12.0, 72 * cell / (0.66 * word)))
        room = max(word, int(72 * cell / (0.62 * size)))
        wrapped = [textwrap.wrap(drawable(text), room) for text in texts]
        for (middle, _), lines in zip(places, wrapped, strict=True):
            _beside(axes, "\n".join(lines), (middle, 0.0), (0.0, -depth), "below", size=size)
        depth += 7 + 15 * max(map(len, wrapped))
        cell *= len(choice.values)
    if across:
        _beside(axes, drawable(across[-1].name), None, (0.0, -depth - 2), "below", "bold")


def _labels_left(axes: Axes, down: Sequence[Choice]) -> None:
    wide = 6.0  # points
    for level, (choice, places) in enumerate(_places(down)):
        for middle, value in places:
            lines = textwrap.wrap(value, _ROOM) if level == 0 else [f"{choice.name}:", value]
            text = drawable("\n".join(lines))
            _beside(axes, text, (0.0, middle), (-wide, 0.0), "left" if level == 0 else "turned")
        wide += 7.4 * _longest(down) + 4 if level == 0 else 37
    if down:
        _beside(axes, drawable(down[-1].name), None, (-wide, 0.0), "turned", "bold")


def _beside(
    axes: Axes, text: str, cell: tuple[float, float] | None, away: tuple[float, float],
    where: str, weight: str = "normal", size: float = 12,
) -> None:  # fmt: skip
    """A label below or left of the axes, at a place in cells or at the middle; away in points."""
    below = where == "below"
    along = axes.get_xaxis_transform() if below else axes.get_yaxis_transform()
    middle = (0.5, 0.0) if below else (0.0, 0.5)
    axes.annotate(
        text, middle if cell is None else cell, away, size=size, weight=weight,
        xycoords="axes fraction" if cell is None else along, textcoords="offset points",
        ha="center" if below else "right", va="top" if below else "center",
        rotation=90 if where == "turned" else 0, linespacing=1.0,
    )  # fmt: skip


def _longest(choices: Sequence[Choice]) -> int:
    """Letters of the longest line of the values of the inner choice."""
    values = choices[-1].values if choices else []
    return max((len(line) for one in values for line in textwrap.wrap(one, _ROOM)), default=0)


def _places(choices: Sequence[Choice]) -> list[tuple[Choice, list[tuple[float, str]]]]:
    """From the inner choice to the outer one: where the middle of each value's cells is."""
    found = []
    for level in range(len(choices)):
        inside = prod(len(one.values) for one in choices[len(choices) - level :])
        choice = choices[len(choices) - 1 - level]
        times = prod(len(one.values) for one in choices[: len(choices) - 1 - level])
        values = [*choice.values] * times
        found.append((choice, [((k + 0.5) * inside, value) for k, value in enumerate(values)]))
    return found


def _key(figure: Figure, bottom: float, top: float, undecided: bool, default: bool) -> None:
    scale = ScalarMappable(Normalize(0.0, 1.0), _COLOURS)
    middle = bottom + 0.38 * (top - bottom)
    bar = figure.colorbar(scale, cax=figure.add_axes((0.883, middle, 0.022, top - middle)))
    bar.set_ticks([0.0, 0.25, 0.5, 0.75, 1.0], labels=["0", "25", "50", "75", "100 %"])
    bar.ax.tick_params(labelsize=12)
    bar.ax.axhline(0.5, color=BLACK, lw=1.5)
    bar.ax.set_title("worlds in which\nit holds", size=11, loc="left", pad=10)
    entries, words = [], []
    if undecided:
        entries.append(Patch(facecolor="#9DC5E3", edgecolor="#555555", hatch=_HATCH, linewidth=0.0))
        words.append("undecided:\nthe interval\ncovers one half")
    if default:
        entries.append(Patch(facecolor="white", edgecolor=VERMILLION, linewidth=3.0))
        words.append("the default")
    figure.legend(
        entries, words, loc="upper left", bbox_to_anchor=(0.872, middle - 0.03), frameon=False,
        fontsize=11, handlelength=1.4, handleheight=1.6, labelspacing=0.9, borderpad=0.0,
    )  # fmt: skip
