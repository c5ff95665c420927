"""Money by kind of firm: what came from outside, and what was earned or lost."""

from __future__ import annotations

from matplotlib.figure import Figure

from llm_market_sim.figures.marks import bands, end_labels, head, spread_mark, value_axis, week_axis
from llm_market_sim.figures.page import Origin, new_page, words_of
from llm_market_sim.figures.style import (
    BLACK,
    BLUE,
    GREY,
    LINES,
    ORANGE,
    SIZES,
    VERMILLION,
    drawing,
    projected,
)
from llm_market_sim.summary.bands import KINDS, Money
from llm_market_sim.summary.said import number, say
from llm_market_sim.words import Language, date

_STYLES = ((BLUE, LINES[0]), (ORANGE, LINES[1]), (VERMILLION, LINES[2]))
_MILLION = 1e6


@drawing
def money_chart(money: Money, origin: Origin, language: Language = "en") -> Figure:
    """Left: money from outside so far. Right: operating profit so far."""
    profit = money.profit[2, :, -1] * _MILLION
    values = {
        "date": date(money.weeks[-1], language),
        "worlds": f"{origin.worlds:,}",
        **{
            f"in_{kind.name.lower()}": number(float(money.received[2, k, -1] * _MILLION), language)
            for k, kind in enumerate(KINDS)
        },
        **{
            f"out_{kind.name.lower()}": number(float(profit[k]), language)
            for k, kind in enumerate(KINDS)
        },
    }
    tone = "loss" if all(profit < 0.0) else "gain" if all(profit > 0.0) else "mixed"
    words = words_of("money", origin, language, values, f"title_{tone}")
    room = {"above": 1.05, "below": 0.55} if projected() else {}
    page = new_page(4.8, words, [spread_mark(language, GREY)], **room)
    places, wide = ((1.6, 8.2), 2.9) if projected() else ((0.95, 6.7), 3.45)
    for left, key, quantiles in (
        (places[0], "received", money.received),
        (places[1], "profit", money.profit),
    ):
        axes = page.axes(left, left + wide)
        ends = []
        for k, (kind, (colour, style)) in enumerate(zip(KINDS, _STYLES, strict=True)):
            part = quantiles[:, k] * _MILLION
            bands(axes, money.weeks, part, colour, style)
            ends.append((float(part[2, -1]), say(f"kind.{kind.name.lower()}", language), colour))
        if quantiles.min() >= 0.0:
            axes.set_ylim(bottom=0.0)
        axes.axhline(0.0, color=BLACK, lw=1.2, zorder=2)
        value_axis(axes, language)
        week_axis(axes, money.weeks, language, most=4)
        end_labels(axes, ends, SIZES["text"])
        head(axes, say(f"money.{key}_head", language), 4.7 if projected() else 5.2)
    return page.figure
