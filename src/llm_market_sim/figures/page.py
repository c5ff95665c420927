"""The frame of every figure: title, key of the marks, room for axes, and the small print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from llm_market_sim import __version__
from llm_market_sim.figures.lettering import balanced, drawable, width, wrap
from llm_market_sim.figures.marks import KeyEntry
from llm_market_sim.figures.style import BLACK, GREY, SHEET, SIZES, new_figure, projected
from llm_market_sim.summary.bands import Label
from llm_market_sim.summary.said import say
from llm_market_sim.words import Language

WIDTH = 12.0  # inches
_SIDE = 0.3  # inches free at both sides
_GAP = 0.07  # between blocks of text, inches


class _Size(NamedTuple):
    """Of the key, in inches: a row's height, a mark's width, and what is free behind it and behind
    its words."""

    row: float
    sample: float
    gap: float
    apart: float


_PRINTED, _SEEN = _Size(0.29, 0.42, 0.1, 0.35), _Size(0.48, 0.6, 0.15, 0.4)


@dataclass(frozen=True)
class Origin:
    """Where the numbers of a figure come from, which is said on it in small.

    scenario: its name in both languages, None where the figure shows several. over: parameters at
    their defaults, drawn from the posterior sample, or moved over the ranges of an experiment.
    definition: of what was counted, if it needs one. remark: what else must be known of these
    worlds, as sentences in the figure's language.
    """

    worlds: int
    seed: int
    scenario: Label | None = None
    over: Literal["defaults", "posterior", "ranges"] = "defaults"
    definition: str = ""
    remark: str = ""
    version: str = __version__

    def note(self, language: Language, *hints: str) -> str:
        """The small print; hints: how this kind of figure is read."""
        values = {"worlds": f"{self.worlds:,}", "seed": self.seed, "version": self.version}
        if self.scenario:
            name = named(self.scenario, language)
            parts = [say("note.scenario", language, name=name), say("note.one", language, **values)]
        else:
            parts = [say("note.several", language, **values)]
        if self.definition:
            parts.append(say("note.definition", language, definition=self.definition))
        parts += [self.remark] * bool(self.remark)
        parts += [*hints, say(f"note.{self.over}", language)]
        return ("" if language == "zh" else " ").join(parts)


def named(label: Label, language: Language) -> str:
    """A name in the language, if the fonts have its letters, else in English."""
    return drawable(label[language], label["en"])


@dataclass(frozen=True)
class Words:
    """What stands above and below, and what is said to those who cannot see the figure."""

    title: str
    subtitle: str
    note: str
    alt: str


def words_of(
    kind: str,
    origin: Origin,
    language: Language,
    values: Mapping[str, object],
    title: str = "title",
    remarks: Sequence[str] = (),
) -> Words:
    """The words of a kind of figure, by its keys in the file of texts, with values filled in.

    remarks: more of the small print.
    """
    return Words(
        say(f"{kind}.{title}", language, **values),
        say(f"{kind}.subtitle", language, **values),
        origin.note(language, say(f"{kind}.hint", language, **values), *remarks),
        say(f"{kind}.alt", language, **values),
    )


@dataclass(frozen=True)
class Page:
    """A figure with the room that is left between what stands above and below; inches."""

    figure: Figure
    low: float
    high: float

    def axes(self, left: float, right: float, low: float = 0.0, high: float = 1.0) -> Axes:
        """New axes. left, right: inches from the left; low, high: parts of the room, upwards."""
        wide, height = self.figure.get_size_inches()
        room = self.high - self.low
        bottom, top = (self.low + part * room for part in (low, high))
        box = (left / wide, bottom / height, (right - left) / wide, (top - bottom) / height)
        axes = self.figure.add_axes(box)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        axes.tick_params(labelsize=SIZES["ticks"])
        return axes


def new_page(
    room: float, words: Words, key: Sequence[KeyEntry] = (), above: float = 0.42, below: float = 0.7
) -> Page:
    """A page of 12 inches with so much room for axes (inches).

    key: the marks that need words. above, below: inches that the axes need for their labels.
    For a projector the page is 16:9 and has no small print; the axes get what room there is.
    """
    if projected():
        return _sheet(words, key, above, below)
    inside = WIDTH - 2 * _SIDE
    head = balanced(drawable(words.title), inside, SIZES["title"], most=3)
    sub = wrap(drawable(words.subtitle), inside, SIZES["subtitle"], most=3)
    small = wrap(drawable(words.note), inside, SIZES["small"])
    places = _flow(key, inside, _PRINTED)
    rows = 1 + max((row for row, _ in places), default=-1)
    top = 0.25 + _height(head, "title") + _height(sub, "subtitle") + _PRINTED.row * rows + above
    under = 0.15 + _height(small, "small") + below
    height = top + room + under
    figure = new_figure(WIDTH, height)
    figure.set_label(words.alt)
    x, y = _SIDE / WIDTH, height - 0.25
    figure.text(x, y / height, head, size=SIZES["title"], weight="bold", va="top")
    y -= _height(head, "title")
    figure.text(x, y / height, sub, size=SIZES["subtitle"], va="top")
    y -= _height(sub, "subtitle")
    _strip(figure, key, places, y, _PRINTED)
    figure.text(x, 0.1 / height, small, size=SIZES["small"], va="bottom", color=GREY)
    return Page(figure, under, under + room)


def _sheet(words: Words, key: Sequence[KeyEntry], above: float, below: float) -> Page:
    """A page for a projector: a title of two lines, a key, and axes. above, below: inches."""
    wide, height = SHEET
    inside = wide - 2 * _SIDE
    figure = new_figure(wide, height)
    figure.set_label(words.alt)
    head = balanced(drawable(words.title), inside, SIZES["title"], most=2)
    figure.text(_SIDE / wide, 1 - 0.2 / height, head, size=SIZES["title"], weight="bold", va="top")
    y = height - 0.2 - _height(head, "title")
    places = _flow(key, inside, _SEEN)
    y -= _strip(figure, key, places, y, _SEEN)
    return Page(figure, 0.15 + below, y - above)


def _height(text: str, kind: str) -> float:
    """Of some lines, in inches."""
    return (text.count("\n") + 1) * SIZES[kind] * 1.2 / 72 + _GAP if text else 0.0


def _flow(key: Sequence[KeyEntry], inside: float, size: _Size) -> list[tuple[int, float]]:
    """Row and left end (inches) of every mark, beside each other as long as there is room."""
    places, row, left = [], 0, 0.0
    for mark in key:
        long = size.sample + size.gap + width(mark.text, SIZES["key"])
        if left and left + long > inside:
            row, left = row + 1, 0.0
        places.append((row, left))
        left += long + size.apart
    return places


def _strip(
    figure: Figure,
    key: Sequence[KeyEntry],
    places: Sequence[tuple[int, float]],
    top: float,
    size: _Size,
) -> float:
    """The key, from a height on down; how many inches it took."""
    if not key:
        return 0.0
    wide, height = figure.get_size_inches()
    rows = 1 + places[-1][0]
    high = size.row * rows
    inside = wide - 2 * _SIDE
    strip = figure.add_axes((_SIDE / wide, (top - high) / height, inside / wide, high / height))
    strip.set(xlim=(0.0, inside), ylim=(rows - 0.5, -0.5))
    strip.set_axis_off()
    for mark, (row, left) in zip(key, places, strict=True):
        mark.draw(strip, left, left + size.sample, row)
        x = left + size.sample + size.gap
        strip.text(x, row, mark.text, size=SIZES["key"], va="center", color=BLACK)
    return high
