"""What all figures share: colours, letters, and files that come out the same every time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font

__all__ = ["BLACK", "BLUE", "GREY", "SKY", "VERMILLION", "drawable", "house_style",
    "new_figure", "save",
]  # fmt: skip

# Okabe & Ito's palette, which the colour-blind can tell apart
BLUE, SKY, VERMILLION = "#0072B2", "#56B4E9", "#D55E00"
BLACK, GREY = "#222222", "#6B6B6B"

_SETTINGS: Any = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, the same on every machine
    "svg.fonttype": "path",
    "svg.hashsalt": "llm-market-sim",
    "text.parse_math": False,
}


@contextmanager
def house_style() -> Iterator[None]:
    """Letters and SVG settings of ours, whatever a person's own matplotlibrc says."""
    with matplotlib.rc_context(_SETTINGS):
        yield


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, inches; without pyplot, which keeps figures and costs a second."""
    figure = Figure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def save(figure: Figure, *files: Path) -> None:
    """Write a figure into files, by their endings; the same bytes every time."""
    with house_style():
        for file in files:
            nothing = {"Date": None} if file.suffix == ".svg" else {"Software": None}
            figure.savefig(file, dpi=150, metadata=nothing)


@lru_cache
def _letters() -> frozenset[int]:
    font = get_font(findfont(FontProperties(family="DejaVu Sans")))
    return frozenset(font.get_charmap()) | {ord("\n")}


def drawable(text: str, otherwise: str = "") -> str:
    """The text if the font has all its letters, else the other one; a box is never drawn."""
    for one in (text, otherwise):
        if one and all(ord(letter) in _letters() for letter in one):
            return one
    return "".join(letter if ord(letter) in _letters() else "?" for letter in otherwise or text)
