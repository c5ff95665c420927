"""Is the fit to be trusted: where held-back truths lie in the posteriors of their histories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import binom

from llm_market_sim.figures.marks import area_mark
from llm_market_sim.figures.page import Origin, new_page, words_of
from llm_market_sim.figures.style import BLUE, PALE, SIZES, drawing
from llm_market_sim.market.state import Array
from llm_market_sim.summary.said import say
from llm_market_sim.words import Language, percent

__all__ = ["RankPanel", "ranks"]

_ACROSS, _HIGH, _LEFT, _RIGHT, _GAP = 4, 1.25, 0.75, 11.75, 0.3
_HEAD = 0.95  # inches between rows, for the words over a panel
_NAME = 11.0  # points


@dataclass(frozen=True)
class RankPanel:
    """A parameter's path, held-back truths by tenths of their posteriors, and the share of them in
    the central 90 %."""

    path: str
    counts: Array
    covered: float


@drawing
def ranks(
    panels: Sequence[RankPanel], parameters: int, origin: Origin, language: Language = "en"
) -> Figure:
    """A histogram a parameter; even where the posterior is right.

    parameters: all that were fitted, of which these are shown. ValueError without panels.
    """
    held = int(np.sum(panels[0].counts))
    bins = len(panels[0].counts)
    low, high = binom.ppf((0.025, 0.975), held, 1.0 / bins)
    inside = [int(np.sum((one.counts >= low) & (one.counts <= high))) for one in panels]
    covers = [one.covered for one in panels]
    values: dict[str, object] = {
        "held": held,
        "count": len(panels),
        "parameters": parameters,
        "inside": sum(inside),
        "bars": bins * len(panels),
        "least": percent(min(covers), language),
        "most": percent(max(covers), language),
    }
    rows = -(-len(panels) // _ACROSS)
    room = rows * _HIGH + (rows - 1) * _HEAD
    key = [
        area_mark(say("ranks.truths", language), BLUE),
        area_mark(say("ranks.chance", language), PALE),
    ]
    page = new_page(room, words_of("ranks", origin, language, values), key, above=0.75, below=0.55)
    wide = (_RIGHT - _LEFT - _GAP * (_ACROSS - 1)) / _ACROSS
    most = max(float(np.max(one.counts)) for one in panels)
    for k, one in enumerate(panels):
        row, column = divmod(k, _ACROSS)
        left = _LEFT + column * (wide + _GAP)
        top = 1.0 - row * (_HIGH + _HEAD) / room
        axes = page.axes(left, left + wide, top - _HIGH / room, top)
        axes.axhspan(low, high, color=PALE, alpha=0.6, lw=0, zorder=0)
        axes.bar((np.arange(bins) + 0.5) / bins, one.counts, 0.9 / bins, color=BLUE, zorder=2)
        axes.set(xlim=(0.0, 1.0), ylim=(0.0, 1.1 * max(most, high)))
        axes.set_xticks([0.0, 0.5, 1.0], ["0", "0.5", "1"])
        axes.set_yticks([0, round(held / bins)])
        said = say("ranks.covered", language, share=percent(one.covered, language))
        axes.set_title(f"{one.path}\n{said}", size=_NAME, loc="left", linespacing=1.3)
        if row == rows - 1:
            axes.set_xlabel(say("ranks.axis", language), size=SIZES["ticks"])
    return page.figure
