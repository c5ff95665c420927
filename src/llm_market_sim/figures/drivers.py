"""Which assumptions move an answer, after Morris, and how its variance is shared, after Sobol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from llm_market_sim.experiments.morris import Screening
from llm_market_sim.experiments.sensitivity import LUCK, Drivers
from llm_market_sim.experiments.sobol import Indices
from llm_market_sim.figures.lettering import drawable, wrap
from llm_market_sim.figures.marks import KeyEntry, dot_mark, whisker, whisker_mark
from llm_market_sim.figures.page import Origin, Words, new_page, words_of
from llm_market_sim.figures.style import (
    BLACK,
    BLUE,
    GREY,
    ORANGE,
    SIZES,
    VERMILLION,
    drawing,
    few,
    projected,
)
from llm_market_sim.summary.said import number, say
from llm_market_sim.words import Language, listed, percent

_MARGIN = 3.6  # inches for the names of factors
_EFFECT: Any = {"marker": "o", "color": BLUE}
_SIGMA: Any = {"marker": "D", "color": ORANGE, "mfc": "white", "mew": 2.0}
_LUCK: Any = {"marker": "|", "color": VERMILLION, "ms": 15, "mew": 3.0}
_FIRST: Any = {"marker": "s", "color": ORANGE}


@drawing
def drivers_chart(
    found: Drivers,
    origin: Origin,
    question: str,
    unit: str = "",
    language: Language = "en",
    labels: Mapping[str, str] | None = None,
) -> Figure:
    """One row a factor, the most important on top.

    question: whose answer is moved. unit: of the answer, empty where it is a share of worlds.
    labels: what factors are called, where not by their paths.
    """
    names = [_name(found.factors[k], language, labels or {}) for k in few(found.order)]
    if isinstance(found.result, Indices):
        return _sobol(found, found.result, names, origin, question, language)
    return _morris(found, found.result, names, origin, question, unit, language)


def _name(factor: str, language: Language, labels: Mapping[str, str]) -> str:
    return say("factor.luck", language) if factor == LUCK else drawable(labels.get(factor, factor))


def _morris(
    found: Drivers,
    result: Screening,
    names: list[str],
    origin: Origin,
    question: str,
    unit: str,
    language: Language,
) -> Figure:
    order, scale = few(found.order), 1.0 if unit else 100.0
    told = [k for k in order if result.told_apart[k]]
    top = (told or order)[0]
    measure = unit or say("morris.points", language)
    size = scale * float(result.mu_star[top])
    values = {
        "question": question,
        "first": names[order.index(top)],
        "unit": measure,
        "size": number(size if unit else float(round(size)), language),
        "n": len(names),
        "told": len(told),
        "top": listed([names[order.index(k)] for k in told[:3]], language) or "–",
    }
    words = words_of("morris", origin, language, values, "title" if told else "title_none")
    key = [
        dot_mark(say("morris.mu_star", language), **_EFFECT),
        whisker_mark(language),
        dot_mark(say("morris.sigma", language), **_SIGMA),
        dot_mark(say("morris.luck_level", language), **_LUCK),
    ]
    axes, figure = _page(names, words, key)
    for y, k in enumerate(order):
        size, margin = scale * result.mu_star[k], scale * result.margin[k]
        whisker(axes, max(0.0, size - margin), size + margin, y)
        shade = BLUE if result.told_apart[k] else GREY
        axes.plot(size, y, ls="", zorder=6, **_EFFECT | {"ms": 9, "color": shade})
        if projected():
            continue
        axes.plot(scale * result.sigma[k], y, ls="", zorder=4, ms=8, **_SIGMA)
        axes.plot(scale * result.luck[k], y, ls="", zorder=3, **_LUCK)
    axes.set_xlim(left=0.0)
    _label(axes, say("morris.axis", language, **values))
    return figure


def _sobol(
    found: Drivers,
    result: Indices,
    names: list[str],
    origin: Origin,
    question: str,
    language: Language,
) -> Figure:
    order = few(found.order)
    luck = next((k for k, factor in enumerate(found.factors) if factor == LUCK), None)
    clear = [k for k in order if k != luck and result.first[k] > result.first_margin[k]]
    values = {
        "question": question,
        "n": len(order) - (luck is not None),
        "luck": "–" if luck is None else _part(result.total[luck], language),
    }
    if clear:
        best = max(clear, key=lambda k: float(result.first[k]))
        own = _part(result.first[best], language)
        settled = say("sobol.settled", language, best=names[order.index(best)], own=own)
    else:
        settled = say("sobol.unsettled", language)
    values["settled"] = settled
    key = [
        dot_mark(say("sobol.total", language), **_EFFECT),
        dot_mark(say("sobol.first", language), **_FIRST),
        whisker_mark(language),
    ]
    axes, figure = _page(names, words_of("sobol", origin, language, values), key)
    for y, k in enumerate(order):
        for dy, at, margin, mark in (
            (-0.17, result.total[k], result.total_margin[k], _EFFECT),
            (0.17, result.first[k], result.first_margin[k], _FIRST),
        ):
            whisker(axes, 100 * (at - margin), 100 * (at + margin), y + dy)
            axes.plot(100 * at, y + dy, ls="", ms=9, zorder=6, **mark)
    axes.axvline(0.0, color=BLACK, lw=1.0)
    _label(axes, say("sobol.axis", language))
    return figure


def _part(share: float, language: Language) -> str:
    """A share of the variance in words; the estimate may lie outside of 0 to 1."""
    return percent(min(max(float(share), 0.0), 1.0), language)


def _label(axes: Axes, text: str) -> None:
    """What is across, in a line; or two, for a projector."""
    told = wrap(text, 8.2, SIZES["text"], most=2) if projected() else text
    axes.set_xlabel(told, size=SIZES["text"])


def _page(names: list[str], words: Words, key: list[KeyEntry]) -> tuple[Axes, Figure]:
    rows = len(names)
    room = max(1.2, min(0.6, 0.24 + 2.0 / rows) * rows)
    margin = 4.6 if projected() else _MARGIN
    page = new_page(
        room, words, key[:2] if projected() else key, above=0.1, below=1.35 if projected() else 0.85
    )
    axes = page.axes(margin + 0.3, 12.9 if projected() else 11.6)
    axes.set_ylim(rows - 0.4, -0.6)
    short = [name.rpartition(".")[2] if projected() else name for name in names]
    told = [wrap(name, margin - 0.1, SIZES["ticks"], most=1) for name in short]
    axes.set_yticks(range(rows), told)
    axes.tick_params(axis="y", length=0, pad=8)
    axes.spines["left"].set_visible(False)
    axes.grid(color="#E4E4E4", lw=0.8)
    axes.set_axisbelow(True)
    return axes, page.figure
