"""ODD "observation": what can be asked of a run, one number a world.

A metric is a function ``(run, week, params) -> (W,)``, known by its name; its params are a
pydantic model, whose defaults are the default definition and whose sentence says it in words.
Where a world has no value, the number is NaN. Every file of this folder is imported, so that a
new metric is one function in a file of its own:

    @metric("launched", "products shown so far", unit="firms", within=COUNT)
    def launched(run, week, params):
        return np.sum(run.at(week).launched_at <= week, axis=-1)
"""

from __future__ import annotations

from llm_market_sim.metrics import firms, market, money, race
from llm_market_sim.metrics.general_platforms import (
    Platforms,
    groups,
    n_general_platforms,
    platforms,
)
from llm_market_sim.metrics.market import SeriesAt
from llm_market_sim.metrics.registry import (
    ANY,
    COUNT,
    METRICS,
    SHARE,
    Bounds,
    Definition,
    Metric,
    get_metric,
    metric,
)
from llm_market_sim.support.registry import discover

__all__ = [
    "ANY", "COUNT", "METRICS", "SHARE", "Bounds", "Definition", "Metric", "Platforms", "SeriesAt",
    "firms", "get_metric", "groups", "market", "metric", "money", "n_general_platforms",
    "platforms", "race",
]  # fmt: skip

discover(__name__)
