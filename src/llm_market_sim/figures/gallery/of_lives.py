"""How long the firms of a batch last, read from the stored table of firms."""

from __future__ import annotations

from functools import reduce
from operator import add

import numpy as np
from matplotlib.figure import Figure

from llm_market_sim.experiments.lives import CAUSES
from llm_market_sim.figures import LifeRow, survival_curves
from llm_market_sim.figures.gallery.entry import Asked, figure
from llm_market_sim.figures.words import LANGUAGES, say
from llm_market_sim.market.parameters import KINDS
from llm_market_sim.results import Results
from llm_market_sim.results.blocks import Block
from llm_market_sim.results.parquet import interruptible, listed
from llm_market_sim.summary.survival import LifeTable, count_lives, resampled

__all__ = ["life_table", "survival_of"]

_STEPS = (1, 4, 13, 26, 52, 104)  # weeks between those that are marked
_COLUMNS = ", ".join((
    "replication",
    f"CASE WHEN entered IS NULL OR kind = 'foreign' THEN -1 "
    f"ELSE list_position({list(KINDS)}, kind) - 1 END AS kind",
    "coalesce(entered, 'inf'::FLOAT) AS entered", "coalesce(closed, 'inf'::FLOAT) AS closed",
    f"coalesce(list_position({[one.name.lower() for one in CAUSES.values()]}, cause), 1) - 1 "
    "AS cause",
))  # fmt: skip


def life_table(results: Results, scenario: str) -> LifeTable:
    """The lives of domestic firms by kind (`KINDS`), as `experiments.lives.live` has them; one
    block of worlds is in memory at a time."""
    horizon = results.manifest.scenarios[scenario]["horizon_weeks"]
    mine = [one for one in results.blocks if one.scenario == scenario]
    return reduce(add, (_block(results, one, horizon) for one in mine))


def _block(results: Results, block: Block, horizon: int) -> LifeTable:
    file = listed([block.file(results.folder, "firms")])
    with interruptible():
        found = results.sql(f"SELECT {_COLUMNS} FROM read_parquet({file})").fetchnumpy()
    worlds = np.unique(found["replication"])
    entered, closed, cause, kind = (
        np.ma.getdata(found[name]).reshape(len(worlds), -1).astype(float)
        for name in ("entered", "closed", "cause", "kind")
    )
    lives = count_lives(entered, closed, cause, kind, horizon, len(KINDS), len(CAUSES))
    return resampled(lives, worlds.tolist(), results.manifest.seed)


@figure("survival", reads="firms", place=8)
def survival_of(asked: Asked) -> Figure:
    """How long firms last, by kind."""
    table, horizon = (
        life_table(asked.results, asked.scenario), asked.facts(asked.scenario)["horizon_weeks"],
    )  # fmt: skip
    step = next(step for step in _STEPS if horizon <= 6 * step)
    low, high = table.band
    rows = [
        LifeRow(
            {language: say(f"life.{kind}", language) for language in LANGUAGES},
            table.survival[0, place], low[place], high[place], table.alive[0, place],
            table.incidence[0, place],
        )
        for place, kind in enumerate(KINDS)
        if table.alive[0, place, 0]
    ]  # fmt: skip
    return survival_curves(
        rows, range(0, horizon + 1, step), asked.label(asked.scenario), asked.origin(),
        asked.language, [say("life.all", asked.language)],
    )  # fmt: skip
