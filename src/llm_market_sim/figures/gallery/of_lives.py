"""How long the firms of a batch last, read from the stored table of firms."""

from __future__ import annotations

from matplotlib.figure import Figure

from llm_market_sim.experiments.lives import life_table, marked_weeks
from llm_market_sim.figures import life_row, survival_curves
from llm_market_sim.figures.gallery.entry import Asked, figure
from llm_market_sim.market.parameters import KINDS
from llm_market_sim.summary.said import say


@figure("survival", needs=("firms",), place=8)
def survival_of(asked: Asked) -> Figure:
    """How long firms last, by kind."""
    table = life_table(asked.results, [asked.scenario])
    ticks = marked_weeks(asked.facts(asked.scenario)["horizon_weeks"])
    there = [(place, kind) for place, kind in enumerate(KINDS) if table.alive[0, place, 0]]
    rows = [life_row(table, place, kind) for place, kind in there]
    remarks = [say("life.all", asked.language)]
    label = asked.label(asked.scenario)
    return survival_curves(rows, ticks, label, asked.origin(), asked.language, remarks)
