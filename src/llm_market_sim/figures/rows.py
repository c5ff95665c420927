"""What figures with a row a scenario share: names, columns of words, and the look of verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes

from llm_market_sim.claims import UNTESTED
from llm_market_sim.figures.lettering import width, wrap
from llm_market_sim.figures.marks import KeyEntry, dot_mark, note, whisker, wide
from llm_market_sim.figures.page import named
from llm_market_sim.figures.style import BLACK, BLUE, GREY, SIZES, VERMILLION, points, projected
from llm_market_sim.summary.bands import Label
from llm_market_sim.summary.said import say
from llm_market_sim.words import Language, percent

MARGIN = 2.75  # inches from the left to the axes, for the names of scenarios
SEEN_MARGIN = 4.6  # the same for a projector
_LOOKS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("holds", "helps, as said", "hurts, as said"), (BLUE, "o")),
    **dict.fromkeys(("fails", "helps, not as said", "hurts, not as said"), (VERMILLION, "s")),
    **dict.fromkeys(UNTESTED.values(), (GREY, "^")),
}
_FEW = 8  # scenarios up to which rows are high


def row_height(count: int) -> float:
    """Inches of a row."""
    return max(0.8, 2.0 / count) if count <= _FEW else 0.42


def verdict_look(verdict: str) -> dict[str, Any]:
    """Colour and marker, told apart in black and white, too; grey where nothing is decided."""
    colour, marker = _LOOKS.get(verdict, (GREY, "D"))
    return {"color": colour, "marker": marker}


def verdict_marks(language: Language, untested: bool) -> list[KeyEntry]:
    """The key of verdicts; untested: whether any claim is one that the model assumes, or fits."""
    marks = [
        dot_mark(say(f"verdict.{word}", language), **verdict_look(word))
        for word in ("holds", "fails", "undecided")
    ]
    if untested:
        look = verdict_look(UNTESTED["input"])
        marks.append(dot_mark(say("matrix.untested_mark", language), **look))
    return marks


def names(axes: Axes, labels: Sequence[Label], language: Language) -> None:
    """Rows from the top, the first one bold; each name in at most two lines."""
    inches = SEEN_MARGIN - 0.5 if projected() else MARGIN - 0.5
    first = "bold" if len(labels) > 1 else "normal"
    words = [
        wrap(named(label, language), inches, SIZES["ticks"], "bold" if k == 0 else "normal", 2)
        for k, label in enumerate(labels)
    ]
    axes.set_ylim(len(labels) - 0.4, -0.62)
    axes.set_yticks(range(len(labels)), words)
    axes.tick_params(axis="y", length=0, pad=8)
    axes.get_yticklabels()[0].set_fontweight(first)
    for label in axes.get_yticklabels():
        label.set_linespacing(1.0)
    axes.spines["left"].set_visible(False)


def shares(
    axes: Axes, found: Sequence[tuple[float, float, float, str]], language: Language
) -> None:
    """Share, low and high end (0 to 1) and verdict of each row, against one half."""
    axes.axvline(0.5, color=BLACK, lw=1.0, ls=(0, (4, 3)), zorder=0)
    for y, (share, low, high, verdict) in enumerate(found):
        look = verdict_look(verdict)
        whisker(axes, low, high, y, look["color"])
        axes.plot(share, y, ms=7.5, mec="white", mew=0.8, clip_on=False, zorder=6, **look)
    axes.set_xlim(0.0, 1.0)
    axes.set_xticks([0.0, 0.5, 1.0], ["0", "50", percent(1.0, language)])
    axes.set_ylim(len(found) - 0.4, -0.62)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(wrap(say("rows.share", language), 1.9, SIZES["ticks"]), size=SIZES["ticks"])


def column(
    axes: Axes,
    left: float,
    head: str,
    words: Sequence[str],
    colours: Sequence[str] = (),
    weight: str = "normal",
    inches: float = 2.0,
) -> None:
    """Words of every row beside the axes, `left` inches from their right end, under a heading."""
    x = 1.0 + left / wide(axes)
    note(axes, x, 1.0, head, size=points(11), color=GREY)
    for y, text in enumerate(words):
        fitted = (
            text
            if width(text, SIZES["ticks"], weight) <= inches
            else wrap(text, inches, SIZES["ticks"], weight, most=2)
        )
        look: Any = {"weight": weight, "color": colours[y] if colours else BLACK}
        look |= {"size": SIZES["ticks"], "va": "center", "linespacing": 1.0}
        axes.text(x, y, fitted, transform=axes.get_yaxis_transform(), **look)


def verdicts(
    axes: Axes, left: float, head: str, found: Sequence[str], inches: float, language: Language
) -> None:
    """The verdict of every row, in its colour."""
    colours = [str(verdict_look(one)["color"]) for one in found]
    words = [say(f"verdict.{one}", language) for one in found]
    column(axes, left, head, words, colours, "bold", inches)
