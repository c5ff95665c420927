"""Other markets: simulated survivors over those that were counted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from llm_market_sim.figures.marks import area_mark, bands, dot_mark, spread_mark
from llm_market_sim.figures.page import Origin, new_page, words_of
from llm_market_sim.figures.style import BLACK, GREEN, SIZES, drawing
from llm_market_sim.market.state import Array
from llm_market_sim.summary.said import say
from llm_market_sim.words import Language

__all__ = ["docking_chart"]

_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@drawing
def docking_chart(
    survivors: Array,
    counted: Sequence[tuple[float, float, str]],
    asked: Sequence[tuple[float, float, float]],
    years: Sequence[tuple[float, int]],
    origin: Origin,
    language: Language = "en",
    words: str = "group_buying",
) -> Figure:
    """Firms alive over the peak, by week (W, T + 1), and what was counted: week, share, and whose
    where the points are no series of one market.

    asked: (week, low, high) of each band on survivors. years: the week in which each begins. words:
    the set of texts.
    """
    weeks = np.arange(survivors.shape[1])
    middle = np.median(survivors, axis=0)
    inside = sum(low <= middle[int(week)] <= high for week, low, high in asked)
    values: dict[str, object] = {
        "inside": inside,
        "asked": len(asked),
        "model": f"{100 * middle[-1]:.0f}",
        "counted": f"{100 * counted[-1][1]:.0f}",
        "most": f"{100 * max(share for _, share, _ in counted):.0f}",
        "least": f"{100 * min(share for _, share, _ in counted):.0f}",
    }
    key = [
        spread_mark(language),
        dot_mark(say(f"{words}.counted", language), marker="o", color=BLACK),
        area_mark(say("docking.band", language), GREEN, alpha=0.4),
    ]
    page = new_page(4.2, words_of(words, origin, language, values), key, below=0.6)
    axes = page.axes(0.95, 11.7)
    bands(axes, weeks, np.quantile(survivors, _QUANTILES, axis=0))
    for week, low, high in asked:
        axes.bar(week, high - low, 5.0, low, color=GREEN, alpha=0.4, lw=0, zorder=3)
    x, y, names = zip(*counted, strict=True)
    line = "none" if any(names) else ":"
    axes.plot(x, y, ls=line, lw=1.4, color=BLACK, marker="o", ms=8, zorder=6)
    for one in counted:
        axes.annotate(one[2], one[:2], (0, 8), textcoords="offset points", ha="center", zorder=6)
    axes.set(xlim=(0.0, float(weeks[-1])), ylim=(0.0, 1.05))
    axes.set_xticks([week for week, _ in years], [str(year) for _, year in years])
    axes.set_yticks(np.linspace(0.0, 1.0, 6), [f"{one:.0f} %" for one in np.linspace(0, 100, 6)])
    axes.set_ylabel(say("docking.axis", language), size=SIZES["text"])
    return page.figure
