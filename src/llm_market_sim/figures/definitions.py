"""In what share of worlds a claim holds, definition by definition, all read off the same worlds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil, prod
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from llm_market_sim.figures.lettering import drawable, widest, width, wrap
from llm_market_sim.figures.marks import CELLS, KeyEntry, area_mark, centred, share_scale
from llm_market_sim.figures.page import Origin, new_page, words_of
from llm_market_sim.figures.rows import SEEN_MARGIN
from llm_market_sim.figures.rows import names as names_of
from llm_market_sim.figures.style import BLACK, BLUE, SIZES, VERMILLION, drawing, few, projected
from llm_market_sim.market.state import Array
from llm_market_sim.summary.bands import Label
from llm_market_sim.summary.said import say
from llm_market_sim.words import Language, date, listed, percent

_HATCH = "////"
_RIGHT = 10.2  # inches up to which cells may go; the scale stands to the right
_LARGEST = (1.8, 0.95)  # inches of a cell
_MOST = (4.6, 6.6)  # inches of all cells, with one row of panels and with more
_LEAST = 2.2  # inches, for the scale
_BETWEEN = (0.25, 0.5)  # inches between panels
_LABEL = 2.1  # inches of a value at the left
_TURNED = 0.5  # inches of an outer choice at the left
_LINE = 12.0 * 1.2 / 72
_DARK = 0.55  # share above which letters are white


@dataclass(frozen=True)
class Choice:
    """Something that a definition chooses, and its values, in words."""

    name: str
    values: Sequence[str]


@dataclass(frozen=True)
class DefinitionPanel:
    """One block of cells, rows from above: shares (R, C), 0 to 1, NaN where there is none; the
    same in words; undecided cells, bool (R, C); the place of the default, if it is here; and the
    week, None where weeks are a choice of their own."""

    week: int | None
    shares: Array
    texts: Sequence[Sequence[str]]
    undecided: Array
    default: tuple[int, int] | None


@drawing
def definitions_map(
    panels: Sequence[DefinitionPanel],
    across: Sequence[Choice],
    down: Sequence[Choice],
    claim: str,
    told: str,
    origin: Origin,
    language: Language = "en",
    remarks: Sequence[str] = (),
) -> Figure:
    """Cells by the choices across and down, the outer choice first; one panel a week.

    told: what all definitions say together, in a sentence. remarks: for the small print.
    """
    if projected():
        return _projected(panels, across, down, claim, told, origin, language)
    rows, columns = _shape(len(panels))
    high, wide = panels[0].shares.shape
    left = 0.4 + _room_left(down)
    cell = min(_LARGEST[0], (_RIGHT - left - _BETWEEN[0] * (columns - 1)) / columns / wide)
    tall = min(_LARGEST[1], (_MOST[rows > 1] - _BETWEEN[1] * (rows - 1)) / rows / high)
    inside = rows * tall * high + _BETWEEN[1] * (rows - 1)
    room = max(inside, _LEAST)
    names = listed([drawable(one.name) for one in (*across, *down)], language)
    values = {"claim": claim, "told": told, "choices": names}
    words = words_of("definitions", origin, language, values, remarks=remarks)
    labels = _labels_below(across, cell)
    above = 0.3 if panels[0].week is None else 0.6
    below = 0.2 + sum(depth for *_, depth in labels) + _LINE
    page = new_page(room, words, _key(panels, language), above, below)
    for place, panel in enumerate(panels):
        row, column = divmod(place, columns)
        corner = left + column * (cell * wide + _BETWEEN[0])
        top = room - row * (tall * high + _BETWEEN[1])
        axes = page.axes(corner, corner + cell * wide, (top - tall * high) / room, top / room)
        _cells(axes, panel, across, down, (cell, tall))
        if panel.week is not None:
            title = say(
                "definitions.panel", language, week=panel.week, date=date(panel.week, language)
            )
            fitted = wrap(title, cell * wide, SIZES["text"], most=1)
            axes.set_title(fitted, size=SIZES["text"], loc="left", pad=6)
        if place + columns >= len(panels):
            _write_below(axes, across, labels)
        if column == 0:
            _write_left(axes, down)
    scale = say("map.scale", language)
    share_scale(page.axes(10.65, 10.95), scale, SIZES["ticks"], language)
    return page.figure


def _projected(
    panels: Sequence[DefinitionPanel],
    across: Sequence[Choice],
    down: Sequence[Choice],
    claim: str,
    told: str,
    origin: Origin,
    language: Language,
) -> Figure:
    """A dot a definition on a scale of shares; a row a value of the choice that moves it most."""
    weeks = [panel.week for panel in panels if panel.week is not None]
    choices = [*down, *across]
    if weeks:
        shown = [date(week, language) for week in weeks]
        choices = [Choice(say("choice.week", language), shown), *choices]
    shape = [len(one.values) for one in choices]
    cells = np.stack([panel.shares for panel in panels]).reshape(shape or (1,))
    usual = np.zeros(cells.shape, dtype=bool)
    for place, panel in enumerate(panels):
        if panel.default is not None:
            flat = np.zeros(panel.shares.shape, dtype=bool)
            flat[panel.default] = True
            usual.reshape(len(panels), -1)[place] = flat.ravel()
    spread = [
        np.ptp(np.nanmean(np.moveaxis(cells, k, 0).reshape(n, -1), 1)) for k, n in enumerate(shape)
    ]
    most = int(np.argmax(spread)) if spread else 0
    labels = few(choices[most].values) if choices else [""]
    by_value = np.moveaxis(cells, most, 0).reshape(cells.shape[most], -1)
    mine = np.moveaxis(usual, most, 0).reshape(cells.shape[most], -1)
    names = listed([drawable(one.name) for one in (*across, *down)], language)
    words = words_of(
        "definitions", origin, language, {"claim": claim, "told": told, "choices": names}
    )
    page = new_page(0.0, words, [], 0.7, 0.95)
    axes = page.axes(SEEN_MARGIN, 12.9)
    for y in range(len(labels)):
        here = ~np.isnan(by_value[y])
        lift = np.linspace(-0.25, 0.25, max(2, int(here.sum())))[: int(here.sum())]
        axes.plot(by_value[y][here], y + lift, ls="", marker="o", ms=11, color=BLUE, alpha=0.6)
        ring: Any = {
            "ls": "",
            "marker": "o",
            "ms": 20,
            "mfc": "none",
            "mec": VERMILLION,
            "mew": 4.0,
        }
        axes.plot(by_value[y][here & mine[y]], (y + lift)[mine[y][here]], zorder=6, **ring)
    labelled: list[Label] = [{"en": drawable(one), "zh": drawable(one)} for one in labels]
    names_of(axes, labelled, language)
    axes.axvline(0.5, color=BLACK, lw=1.5, ls=(0, (4, 3)), zorder=0)
    axes.set_xlim(-0.02, 1.02)
    axes.set_xticks([0.0, 0.5, 1.0], ["0", "50", percent(1.0, language)])
    axes.set_xlabel(say("map.scale", language), size=SIZES["ticks"])
    if choices:
        head = wrap(drawable(choices[most].name), 12.0, SIZES["ticks"], "bold", most=1)
        page.figure.text(
            0.3 / 40 * 3, page.high / 7.5 + 0.02, head, size=SIZES["ticks"], weight="bold"
        )
    return page.figure


def _shape(panels: int) -> tuple[int, int]:
    """Rows and columns of panels."""
    columns = panels if panels <= 3 else ceil(panels / 2)
    return ceil(panels / columns), columns


def _key(panels: Sequence[DefinitionPanel], language: Language) -> list[KeyEntry]:
    marks = []
    if any(panel.undecided.any() for panel in panels):
        marks.append(area_mark(say("map.undecided", language), "#9DC5E3", _HATCH))
    if any(panel.default is not None for panel in panels):

        def outline(axes: Axes, x0: float, x1: float, y: float) -> None:
            axes.add_patch(
                Rectangle(
                    (x0, y - 0.3), x1 - x0, 0.6, fill=False, edgecolor=VERMILLION, linewidth=3.0
                )
            )

        marks.append(KeyEntry(say("definitions.default", language), outline))
    return marks


def _cells(
    axes: Axes,
    panel: DefinitionPanel,
    across: Sequence[Choice],
    down: Sequence[Choice],
    inches: tuple[float, float],
) -> None:
    rows, columns = panel.shares.shape
    colours = colormaps[CELLS]
    size = max(7.0, min(16.0, 72 * inches[0] / 3.2, 72 * inches[1] / 1.9))
    for i, j in product(range(rows), range(columns)):
        share = panel.shares[i, j]
        if np.isnan(share):
            continue
        fill = colours(share)
        hatch = _HATCH if panel.undecided[i, j] else None
        axes.add_patch(
            Rectangle((j, i), 1, 1, facecolor=fill, linewidth=0.0, hatch=hatch, edgecolor="#777777")
        )
        look: Any = {"size": size, "color": "white" if share > _DARK else BLACK, "zorder": 4}
        if hatch:
            look["bbox"] = {"facecolor": fill, "edgecolor": "none", "pad": 1.5}
        centred(axes, j + 0.5, i + 0.5, panel.texts[i][j], **look)
    for count, draw, choices in ((columns, axes.axvline, across), (rows, axes.axhline, down)):
        group = len(choices[-1].values) if choices else 1
        for edge in range(1, count):
            draw(edge, color="white", lw=5.0 if edge % group == 0 else 1.2, zorder=2)
    if panel.default is not None:
        i, j = panel.default
        for colour, thick in (("white", 6.0), (VERMILLION, 3.5)):
            frame: Any = {"edgecolor": colour, "linewidth": thick, "zorder": 5, "clip_on": False}
            axes.add_patch(Rectangle((j, i), 1, 1, fill=False, **frame))
    axes.set(xlim=(0, columns), ylim=(rows, 0), xticks=[], yticks=[])
    for side in axes.spines.values():
        side.set_visible(False)


def _labels_below(
    across: Sequence[Choice], cell: float
) -> list[tuple[list[tuple[float, str]], float, float]]:
    """From the inner choice to the outer: middles (cells) and lines of values, points, inches."""
    found = []
    for level, (choice, places) in enumerate(_places(across)):
        texts = [drawable(value if level == 0 else _chosen(choice, value)) for _, value in places]
        room = 0.86 * cell
        word = max(widest(text, 1.0) for text in texts)
        size = max(8.0, min(SIZES["ticks"], room / word))
        lines = [wrap(text, room, size) for text in texts]
        depth = (1 + max(text.count("\n") for text in lines)) * size * 1.2 / 72 + 0.09
        middles = [middle for middle, _ in places]
        found.append((list(zip(middles, lines, strict=True)), size, depth))
        cell *= len(choice.values)
    return found


def _write_below(
    axes: Axes,
    across: Sequence[Choice],
    labels: Sequence[tuple[list[tuple[float, str]], float, float]],
) -> None:
    down = 0.08  # inches
    for texts, size, depth in labels:
        for middle, text in texts:
            _beside(axes, text, (middle, 0.0), -72 * down, "below", size=size)
        down += depth
    if across:
        _beside(axes, drawable(across[-1].name), None, -72 * down, "below", "bold")


def _chosen(choice: Choice, value: str, space: str = " ") -> str:
    """Name and value; a Chinese colon brings its own space."""
    if choice.name.isascii():
        return f"{choice.name}:{space}{value}"
    return f"{choice.name}：{space.strip(' ')}{value}"


def _room_left(down: Sequence[Choice]) -> float:
    """Inches for the labels of rows."""
    return _inner(down) + _TURNED * (len(down) - 1) + 0.35 if down else 0.0


def _inner(down: Sequence[Choice]) -> float:
    """Inches of the longest line of the values of the inner choice."""
    lines = [
        line
        for value in down[-1].values
        for line in wrap(drawable(value), _LABEL, SIZES["ticks"]).split("\n")
    ]
    return max(width(line, SIZES["ticks"]) for line in lines) + 0.15


def _write_left(axes: Axes, down: Sequence[Choice]) -> None:
    if not down:
        return
    away = 0.08  # inches
    for level, (choice, places) in enumerate(_places(down)):
        for middle, value in places:
            text = wrap(drawable(value), _LABEL, SIZES["ticks"])
            if level:
                text = drawable(_chosen(choice, value, "\n"))
            _beside(axes, text, (0.0, middle), -72 * away, "turned" if level else "left")
        away += _TURNED if level else _inner(down)
    _beside(axes, drawable(down[-1].name), None, -72 * away, "turned", "bold")


def _beside(
    axes: Axes,
    text: str,
    cell: tuple[float, float] | None,
    away: float,
    where: str,
    weight: str = "normal",
    size: float = 12.0,
) -> None:
    """A label below or left of the axes, at a place in cells or at the middle; away in points."""
    below = where == "below"
    along = axes.get_xaxis_transform() if below else axes.get_yaxis_transform()
    middle = (0.5, 0.0) if below else (0.0, 0.5)
    axes.annotate(
        text,
        middle if cell is None else cell,
        (0.0, away) if below else (away, 0.0),
        size=size,
        weight=weight,
        xycoords="axes fraction" if cell is None else along,
        textcoords="offset points",
        ha="center" if below else "right",
        va="top" if below else "center",
        rotation=90 if where == "turned" else 0,
        linespacing=1.0,
        rotation_mode="default",
    )


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
