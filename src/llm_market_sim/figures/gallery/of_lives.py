"""How long the firms of a batch last, read from the stored table of firms."""

from __future__ import annotations

from matplotlib.figure import Figure

from llm_market_sim.experiments.lives import life_table
from llm_market_sim.figures import LifeRow, survival_curves
from llm_market_sim.figures.gallery.entry import Asked, figure
from llm_market_sim.market.parameters import KINDS
from llm_market_sim.summary.said import say
from llm_market_sim.words import LANGUAGES

_STEPS = (1, 4, 13, 26, 52, 104)  # weeks between those that are marked


@figure("survival", needs=("firms",), place=8)
def survival_of(asked: Asked) -> Figure:
    """How long firms last, by kind."""
    table, horizon = (
        life_table(asked.results, [asked.scenario]),
        asked.facts(asked.scenario)["horizon_weeks"],
    )
    step = next(step for step in _STEPS if horizon <= 6 * step)
    low, high = table.band
    rows = [
        LifeRow(
            {language: say(f"life.{kind}", language) for language in LANGUAGES},
            table.survival[0, place],
            low[place],
            high[place],
            table.alive[0, place],
            table.incidence[0, place],
        )
        for place, kind in enumerate(KINDS)
        if table.alive[0, place, 0]
    ]
    return survival_curves(
        rows,
        range(0, horizon + 1, step),
        asked.label(asked.scenario),
        asked.origin(),
        asked.language,
        [say("life.all", asked.language)],
    )
