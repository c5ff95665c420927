"""Who holds which part of the market, week by week: in one world, and on average."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from llm_market_sim.figures.lettering import width, wrap
from llm_market_sim.figures.marks import end_labels, head, stacked, value_axis, week_axis
from llm_market_sim.figures.page import Origin, named, new_page, words_of
from llm_market_sim.figures.style import COLOURS, PALE, SIZES, drawing, projected
from llm_market_sim.market.state import Array
from llm_market_sim.summary.bands import MarketShares
from llm_market_sim.summary.said import say
from llm_market_sim.words import Language, date, listed, percent

_NAMES = 1.1  # inches for a firm's name
_HATCHES = ("", "///", "", "\\\\\\", "", "...", "", "xxx")  # neighbours differ in grey, too


@drawing
def share_chart(shares: MarketShares, origin: Origin, language: Language = "en") -> Figure:
    """Areas, one upon the other: left in one world, right on average over worlds."""
    names = [named(firm, language) for firm in shares.firms] + [say("shares.others", language)]
    order = sorted(range(len(shares.firms)), key=lambda k: -shares.one[k, -1])
    nobody = say("shares.none", language)
    values = {
        "first": names[order[0]] if order else nobody,
        "leader": names[0] if order else nobody,
        "world": shares.world,
        "date": date(shares.weeks[-1], language),
        "worlds": f"{origin.worlds:,}",
        "one": _largest(shares.one, order, names, language),
        "mean": _largest(shares.mean, list(range(len(names) - 1)), names, language),
    }
    words = words_of("shares", origin, language, values)
    if projected():
        page = new_page(0.0, words, above=0.65, below=0.55)
        mean = say("shares.mean", language, **values)
        _areas(page.axes(1.6, 8.9), shares, shares.mean, names, mean, language)
        return page.figure
    page = new_page(5.0, words)
    left, right = page.axes(0.85, 4.15), page.axes(6.75, 10.05)
    _areas(left, shares, shares.one, names, say("shares.one", language, **values), language)
    _areas(right, shares, shares.mean, names, say("shares.mean", language, **values), language)
    return page.figure


def _largest(rows: Array, order: list[int], names: list[str], language: Language) -> str:
    """The three largest at the end, in words."""
    parts = [f"{names[k]} {percent(float(rows[k, -1]), language)}" for k in order[:3]]
    return listed(parts, language) if parts else say("shares.none", language)


def _short(name: str) -> str:
    """A name beside its area: without what is in brackets, or cut, where it is too long."""
    room = 2.6 if projected() else _NAMES
    if width(name, SIZES["text"]) > room:
        name = name.partition("（")[0].partition(" (")[0]
    return wrap(name, room, SIZES["text"], most=1)


def _areas(
    axes: Axes, shares: MarketShares, rows: Array, names: list[str], what: str, language: Language
) -> None:
    last = len(rows) - 1
    colours = [*(COLOURS[k % len(COLOURS)] for k in range(last)), PALE]
    hatches = [*(_HATCHES[k % len(_HATCHES)] for k in range(last)), ""]
    words = [
        f"{_short(name)} {percent(float(row[-1]), language)}"
        for name, row in zip(names, rows, strict=True)
    ]
    looks = list(zip(colours, hatches, strict=True))
    ends = stacked(axes, shares.weeks, rows, looks, words)
    axes.set_ylim(0.0, 1.0)
    value_axis(axes, language, percent=True)
    week_axis(axes, shares.weeks, language, most=4)
    end_labels(axes, ends, SIZES["text"], gap=0.062)
    head(axes, what, 10.0 if projected() else 5.0)
