"""One parameter or two turned through some values: an outcome, and in how many worlds a claim
holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from llm_market_sim.experiments.sweep import Row, Sweep
from llm_market_sim.figures.lettering import wrap
from llm_market_sim.figures.marks import (
    area_mark,
    dot_mark,
    line_mark,
    value_axis,
    whisker,
    whisker_mark,
)
from llm_market_sim.figures.page import Origin, Words, named, new_page, words_of
from llm_market_sim.figures.style import BLACK, COLOURS, GREY, SIZES, drawing, projected
from llm_market_sim.summary.said import estimate, number, say, say_or
from llm_market_sim.summary.statistics import QUANTILES
from llm_market_sim.words import Language, date

_MARKERS = "osD^vPX"
_LEFT, _RIGHT = (0.95, 6.3), (7.55, 11.7)  # inches
_SEEN_LEFT, _SEEN_RIGHT = (1.5, 6.6), (8.3, 12.9)


@drawing
def sweep_chart(
    found: Sweep, values: Sequence[Sequence[str]], origin: Origin, language: Language = "en"
) -> Figure:
    """Left: the outcome over worlds at each value; right: the share in which the claim holds.

    values: those of each row, as they are written. A second parameter is told apart by colour.
    """
    first, *second = found.turned
    across = list(dict.fromkeys(one[0] for one, row in _given(found, values)))
    groups = list(dict.fromkeys(one[1] for one, row in _given(found, values))) if second else [""]
    words = _words(found, values, origin, language)
    key = [area_mark(say("sweep.spread", language), GREY, alpha=0.3), whisker_mark(language)]
    if second:
        looks = zip(groups, COLOURS, _MARKERS, strict=False)
        name = second[0].path.partition(".")[2]
        key += [dot_mark(f"{name} = {g}", color=c, marker=m) for g, c, m in looks]
    if not found.usual.point.values:
        key.append(line_mark(say("sweep.usual", language), BLACK, (0, (4, 3)), 1.6))
    if projected():
        page = new_page(4.2, words, key[2:], above=1.05, below=0.95)
        left, right = page.axes(*_SEEN_LEFT), page.axes(*_SEEN_RIGHT)
    else:
        page = new_page(4.2, words, key, below=1.0)
        left, right = page.axes(*_LEFT), page.axes(*_RIGHT)
    for axes, draw in ((left, _outcome), (right, _claim)):
        for one, row in _given(found, values):
            at = groups.index(one[1]) if second else 0
            shift = (at - (len(groups) - 1) / 2) * 0.7 / len(groups) if second else 0.0
            colour, marker = COLOURS[at % len(COLOURS)], _MARKERS[at % len(_MARKERS)]
            draw(axes, across.index(one[0]) + shift, row, colour, marker, 0.5 / len(groups))
        axes.set_xticks(range(len(across)), across)
        axes.set_xlim(-0.6, len(across) - 0.4)
        unit = f" ({first.unit})" if first.unit else ""
        name = first.path.rpartition(".")[2] if projected() else f"{first.path}{unit}"
        axes.set_xlabel(wrap(name, 5.0, SIZES["ticks"], most=1), size=SIZES["ticks"])
    value_axis(left, language)
    value_axis(right, language, percent=True)
    right.set_ylim(0.0, 1.0)
    right.axhline(0.5, color=BLACK, lw=1.0, ls=(0, (1, 2)), zorder=0)
    usual = found.usual
    if not usual.point.values:
        for axes, y in ((left, float(np.nanmean(usual.x))), (right, usual.held.share)):
            axes.axhline(y, color=BLACK, lw=1.6, ls=(0, (4, 3)), zorder=1)
    head, unit = found.outcome.label[language], found.outcome.unit
    if unit not in ("1", "its own"):
        head += f" ({say_or(unit, f'unit.{unit}', language)})"
    lines = 2 if projected() else 1
    for axes, text, room in ((left, head, 5.3), (right, say("sweep.holds", language), 4.1)):
        axes.set_title(wrap(text, room, SIZES["text"], most=lines), loc="left", size=SIZES["text"])
    return page.figure


def _given(found: Sweep, values: Sequence[Sequence[str]]) -> list[tuple[Sequence[str], Row]]:
    """Rows of values that were given, with these."""
    return [(v, row) for v, row in zip(values, found.rows, strict=True) if row.point.values]


def _outcome(axes: Axes, x: float, row: Row, colour: str, marker: str, half: float) -> None:
    """Nine of ten worlds pale, half of them dark, and the mean with its interval."""
    there = row.x[np.isfinite(row.x)]
    if not len(there):
        return
    low, first, _, third, high = np.quantile(there, QUANTILES)
    for a, b, alpha in ((low, high, 0.17), (first, third, 0.30)):
        axes.fill_between([x - half / 2, x + half / 2], a, b, color=colour, alpha=alpha, lw=0)
    mean = float(np.mean(there))
    margin = 1.96 * float(np.std(there, ddof=1)) / len(there) ** 0.5 if len(there) > 1 else 0.0
    whisker(axes, mean - margin, mean + margin, x, colour, upright=True)
    axes.plot(x, mean, **_dot(colour, marker))


def _claim(axes: Axes, x: float, row: Row, colour: str, marker: str, half: float) -> None:
    whisker(axes, row.held.low, row.held.high, x, colour, upright=True)
    axes.plot(x, row.held.share, clip_on=False, **_dot(colour, marker))


def _dot(colour: str, marker: str) -> dict[str, Any]:
    look = {"marker": marker, "color": colour, "mec": "white", "mew": 0.8}
    return look | {"ms": 14 if projected() else 8, "zorder": 6}


def _words(
    found: Sweep, values: Sequence[Sequence[str]], origin: Origin, language: Language
) -> Words:
    given = _given(found, values)
    (first_values, first), (last_values, last) = given[0], given[-1]
    filled = {
        "what": found.outcome.label[language],
        "name": " + ".join(one.path for one in found.turned),
        "start": number(float(np.nanmean(first.x)), language),
        "end": number(float(np.nanmean(last.x)), language),
        "from": ", ".join(first_values),
        "to": ", ".join(last_values),
        "share_start": estimate(first.held, language),
        "share_end": estimate(last.held, language),
        "claim": found.claim.sentence(language),
        "date": date(found.week, language),
        "scenario": named(found.usual.point.scenario.label, language),
        "points": len(given),
    }
    return words_of("sweep", origin, language, filled)
