"""Two scenarios on the same luck: one dot a world, and the mean difference with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from llm_market_sim.experiments.comparison import Comparison, Outcome
from llm_market_sim.figures.lettering import wrap
from llm_market_sim.figures.marks import KeyEntry, dot_mark, whisker, whisker_mark
from llm_market_sim.figures.page import Origin, Page, Words, named, new_page, words_of
from llm_market_sim.figures.style import (
    BLACK,
    BLUE,
    GREY,
    LEAST,
    VERMILLION,
    drawing,
    few,
    projected,
)
from llm_market_sim.market.observation import SERIES
from llm_market_sim.summary.said import estimate, number, say, say_or
from llm_market_sim.summary.statistics import proportion
from llm_market_sim.words import Language, date, listed

_ROW = 0.84  # inches
_DOTS = 500  # worlds drawn; more are a smear
_AXES = (3.05, 8.15)  # inches, and the middles or right ends of the columns beside them
_MEAN, _COUNTS = 9.15, (10.35, 11.0, 11.7)
_GOLDEN = 0.6180339887498949  # its multiples, modulo one, spread dots evenly
_WORLD: Any = {"marker": "o", "color": "#9A9A9A", "alpha": 0.55, "mec": "none"}
_LOOKS: dict[str, dict[str, Any]] = {
    "higher_mean": {"color": BLUE, "marker": "o"},
    "lower_mean": {"color": VERMILLION, "marker": "s"},
    "unsure": {"color": GREY, "marker": "D"},
}


@drawing
def paired_differences(found: Comparison, origin: Origin, language: Language = "en") -> Figure:
    """One row an outcome that differs, each with a scale of its own around zero.

    ValueError where none differs in any world.
    """
    shown = list(few([one for one in found.outcomes if one.differs]))
    if not shown:
        raise ValueError("no outcome differs, so there is nothing to draw")
    drawn = min(found.worlds, _DOTS)
    looks = {_look(one) for one in shown}
    key: list[KeyEntry] = [
        dot_mark(say("paired.world", language, n=f"{drawn:,}"), **_WORLD),
        *(
            dot_mark(say(f"paired.{name}", language), **look)
            for name, look in _LOOKS.items()
            if name in looks
        ),
        whisker_mark(language),
    ]
    title, values = _values(found, shown, language)
    if projected():
        return _projected(
            found, shown, words_of("paired", origin, language, values, title), language
        )
    room = _ROW * len(shown)
    page = new_page(room, words_of("paired", origin, language, values, title), key, 0.75, 0.1)
    for place, one in enumerate(shown):
        top = 1.0 - place / len(shown)
        axes = page.axes(*_AXES, top - 0.62 / len(shown), top - 0.02 / len(shown))
        _row(axes, one, drawn, language)
        _beside(page, one, page.high - _ROW * (place + 0.36), language)
    _heads(page, language)
    return page.figure


def _projected(
    found: Comparison, shown: Sequence[Outcome], words: Words, language: Language
) -> Figure:
    """A row an outcome: worlds, the mean with its interval, and the mean in figures."""
    page = new_page(0.0, words, [whisker_mark(language)], 0.15, 0.1)
    count = len(shown)
    for place, one in enumerate(shown):
        top = 1.0 - place / count
        axes = page.axes(5.7, 10.2, top - 0.92 / count, top - 0.08 / count)
        _row(axes, one, min(found.worlds, _DOTS), language)
        axes.set_xticks([])
        name = wrap(SERIES[one.name].label[language], 5.3, LEAST, "bold", most=2)
        look: Any = {"transform": axes.transAxes, "size": LEAST, "va": "center"}
        axes.text(-5.4 / 4.5, 0.5, name, weight="bold", linespacing=1.0, **look)
        unit = say_or(_unit(one)[1], f"paired.unit.{_unit(one)[1]}", language)
        told = _signed(one, one.pairs.mean, language)
        told += f" {unit}" if SERIES[one.name].unit != "1" else ""
        axes.text(1.03, 0.5, wrap(told, 2.8, LEAST, most=2), linespacing=1.0, **look)
    return page.figure


def _look(one: Outcome) -> str:
    if one.pairs.low <= 0.0 <= one.pairs.high:
        return "unsure"
    return "higher_mean" if one.pairs.mean > 0.0 else "lower_mean"


def _values(
    found: Comparison, shown: list[Outcome], language: Language
) -> tuple[str, dict[str, object]]:
    """Which title, and what is filled into the words."""
    clear = [one for one in shown if one.adjusted < 0.05]
    means = [
        f"{SERIES[o.name].label[language]} {_signed(o, o.pairs.mean, language)}" for o in shown
    ]
    values: dict[str, object] = {
        "before": named(found.before.label, language),
        "after": named(found.after.label, language),
        "date": date(found.week, language),
        "made": found.made,
        "n": len(shown),
        "means": listed(means, language),
    }
    if not clear:
        return "title_none", values
    pairs, name = max(
        ((one.pairs, one.name) for one in clear), key=lambda one: abs(one[0].rose - one[0].fell)
    )
    moves = "higher" if pairs.rose > pairs.fell else "lower"
    share = estimate(proportion(max(pairs.rose, pairs.fell), pairs.worlds), language)
    values |= {
        "what": SERIES[name].label[language],
        "share": share,
        "moves": say(f"paired.{moves}", language),
    }
    return "title", values


def _unit(one: Outcome) -> tuple[float, str]:
    """What to multiply an outcome by, and the unit that it then has."""
    unit = SERIES[one.name].unit
    whole = unit.removeprefix("million ")
    return (1.0, unit) if unit == whole else (1e6, whole)


def _signed(one: Outcome, value: float, language: Language) -> str:
    size = _unit(one)[0]
    ends = (one.pairs.mean * size, one.pairs.low * size, one.pairs.high * size)
    text = number(value * size, language, *ends)
    return text if text.startswith("−") or text == "0" else f"+{text}"


def _row(axes: Axes, one: Outcome, drawn: int, language: Language) -> None:
    pairs, differences = one.pairs, (one.after - one.before)[:drawn]
    furthest = 1.08 * max(abs(differences).max(), abs(pairs.low), abs(pairs.high))
    axes.set_xlim(-furthest, furthest)
    axes.set_ylim(0.0, 1.0)
    axes.axvline(0.0, color=BLACK, lw=1.0, zorder=1)
    heights = [(k * _GOLDEN) % 1.0 * 0.84 + 0.08 for k in range(drawn)]
    axes.plot(differences, heights, ls="", ms=3.4, zorder=2, **_WORLD)
    look = _LOOKS[_look(one)]
    whisker(axes, pairs.low, pairs.high, 0.5, look["color"])
    axes.plot(pairs.mean, 0.5, ms=6.5, mec="white", mew=0.8, zorder=6, **look)
    ticks = MaxNLocator(5, symmetric=True).tick_values(-furthest, furthest)
    inside = [float(tick) for tick in ticks if abs(tick) <= 0.97 * furthest]
    axes.set_xticks(inside, [_signed(one, tick, language) for tick in inside])
    axes.set_yticks([])
    axes.tick_params(labelsize=11, length=3, pad=2)
    axes.spines["left"].set_visible(False)


def _beside(page: Page, one: Outcome, middle: float, language: Language) -> None:
    """The name and unit on the left, and the numbers on the right; middle: inches from below."""
    high, wide = page.figure.get_figheight(), page.figure.get_figwidth()
    pairs, text = one.pairs, page.figure.text
    name = wrap(SERIES[one.name].label[language], 2.5, 12, "bold", most=2)
    lines = name.count("\n") + 1
    top = middle + 0.11 * (lines + 1)
    text(0.3 / wide, top / high, name, size=12, weight="bold", va="top", linespacing=1.1)
    unit = _unit(one)[1]
    unit = say_or(unit, f"paired.unit.{unit}", language)
    text(0.3 / wide, (top - 0.24 * lines) / high, unit, size=11, va="top", color=GREY)
    mean = _signed(one, pairs.mean, language)
    ends = say(
        "paired.interval",
        language,
        low=_signed(one, pairs.low, language),
        high=_signed(one, pairs.high, language),
    )
    text(_MEAN / wide, middle / high, mean, size=13, va="bottom", ha="center", weight="bold")
    text(_MEAN / wide, (middle - 0.02) / high, ends, size=11, va="top", ha="center")
    for x, count in zip(_COUNTS, (pairs.fell, pairs.same, pairs.rose), strict=True):
        text(x / wide, middle / high, f"{count:,}", size=13, va="center", ha="right")


def _heads(page: Page, language: Language) -> None:
    high, wide = page.figure.get_figheight(), page.figure.get_figwidth()
    look: Any = {"size": 11, "color": GREY, "va": "bottom"}
    y = (page.high + 0.1) / high
    page.figure.text(_MEAN / wide, y, say("paired.mean", language), ha="center", **look)
    for x, word in zip(_COUNTS, ("lower", "same", "higher"), strict=True):
        page.figure.text(x / wide, y, say(f"paired.{word}", language), ha="right", **look)
    page.figure.text(
        _COUNTS[-1] / wide, y + 0.22 / high, say("paired.worlds", language), ha="right", **look
    )
