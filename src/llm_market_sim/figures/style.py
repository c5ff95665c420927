"""What all figures share: colours, letters, and files that come out the same every time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from functools import wraps
from io import BytesIO
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from llm_market_sim.figures.lettering import FAMILIES, other_families, register
from llm_market_sim.support.files import whole

_READ = {"title": 20, "subtitle": 14, "key": 12, "text": 13, "ticks": 12, "small": 9.5}  # points
LEAST = 24.0  # points of any letter on a page for a projector, which is 13.33 by 7.5 inches
_SEEN = {"title": 30.0, **dict.fromkeys(("subtitle", "key", "text", "ticks", "small"), LEAST)}
SHEET = (40 / 3, 7.5)  # inches of such a page
MOST_ROWS = 7  # on such a page
_SHOWN = ContextVar("projector", default=False)
# Okabe & Ito's palette, which the colour-blind can tell apart
BLUE, SKY, VERMILLION, ORANGE = "#0072B2", "#56B4E9", "#D55E00", "#E69F00"
GREEN, PURPLE, YELLOW = "#009E73", "#CC79A7", "#F0E442"
BLACK, GREY, PALE = "#222222", "#5F5F5F", "#BDBDBD"
COLOURS = (BLUE, ORANGE, GREEN, VERMILLION, SKY, PURPLE, YELLOW)
LINES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (7, 2, 1.5, 2)))

_SETTINGS: Any = {  # what matplotlib brings, whatever file of a person's own it has read, and ours
    **{name: value for name, value in matplotlib.rcParamsDefault.items() if name != "backend"},
    "font.family": FAMILIES,
    "svg.fonttype": "path",
    "svg.hashsalt": "llm-market-sim",
    "text.parse_math": False,
    "axes.unicode_minus": True,
    "hatch.linewidth": 0.8,
}
_UNSAID: dict[str, dict[str, None]] = {  # what differs from day to day, or by the version
    ".png": {"Software": None},
    ".svg": {"Date": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
P = ParamSpec("P")
T = TypeVar("T")


class _Sizes(Mapping[str, float]):
    """Points of each kind of letters, on a page to read or for a projector."""

    def __getitem__(self, kind: str) -> float:
        return (_SEEN if projected() else _READ)[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(_READ)

    def __len__(self) -> int:
        return len(_READ)


SIZES = _Sizes()


@contextmanager
def projector(on: bool = True) -> Iterator[None]:
    """Figures drawn inside are for a projector: 16:9, large letters, few rows, no small print."""
    before = _SHOWN.set(on)
    try:
        yield
    finally:
        _SHOWN.reset(before)


def projected() -> bool:
    """Whether the figure that is drawn is for a projector."""
    return _SHOWN.get()


def points(size: float) -> float:
    """A size of letters, or the least that a projector needs."""
    return max(size, LEAST) if projected() else size


def few(rows: Sequence[T]) -> Sequence[T]:
    """The rows that there is room for."""
    return rows[:MOST_ROWS] if projected() else rows


@contextmanager
def house_style() -> Iterator[None]:
    """Our settings and matplotlib's own, whatever a person's matplotlibrc says."""
    register()
    with matplotlib.rc_context(_SETTINGS):
        yield


def drawing(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """A function that draws in the house style; also the numbers on axes, which come last, and
    letters that only other fonts of this machine have."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with house_style():
            figure = draw(*args, **kwargs)
            texts: list[Any] = figure.findobj(Text)
            for text in texts:
                if more := other_families(text.get_text()):
                    text.set_family([*FAMILIES, *more])
            for axes in figure.axes:
                for axis in (axes.xaxis, axes.yaxis):
                    axis.get_ticklabels()
        return figure

    return drawn


class ShownFigure(Figure):
    """A figure that a notebook shows although pyplot does not know it."""

    def _repr_png_(self) -> bytes:
        file = BytesIO()
        with house_style():
            self.savefig(file, format="png", dpi=100)
        return file.getvalue()


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, inches; without pyplot, which keeps figures and costs a second."""
    figure = ShownFigure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def alt_text(figure: Figure) -> str:
    """What a figure shows, in a sentence or two, for those who cannot see it."""
    return str(figure.get_label())


def save(figure: Figure, *files: Path) -> None:
    """Write a figure into files, by their endings (.png, .svg or .pdf), with its text inside;
    always the same bytes. MarketSimError where one cannot be written."""
    with house_style(), ExitStack() as all_or_none:
        parts = [all_or_none.enter_context(whole(file)) for file in files]
        for file, part in zip(files, parts, strict=True):
            about: dict[str, str | None] = dict(_UNSAID[file.suffix])
            if alt_text(figure):
                about["Subject" if file.suffix == ".pdf" else "Description"] = alt_text(figure)
            dpi = 144 if figure.get_figwidth() == SHEET[0] else 150  # 1920 by 1080
            figure.savefig(part, format=file.suffix[1:], dpi=dpi, metadata=about)
