"""How a run shows itself in a notebook."""

from __future__ import annotations

import numpy as np

from llm_market_sim.market.observation import SERIES
from llm_market_sim.simulation.run import Run
from llm_market_sim.support.html_repr import card, card_for, facts, table

_SHOWN = ("firms_alive", "general_developers", "licensed", "users_consumer", "hhi", "startup_share")
_SPREAD = (0.5, 0.05, 0.95)
_COLUMNS = ("at the end, over worlds", "median", "5 %", "95 %", "unit")


@card_for(Run)
def run_card(run: Run) -> str:
    """What was run, and how some numbers of the last week spread over worlds."""
    label, week = run.scenario.label["en"], run.final.week
    told = facts(worlds=len(run.worlds), seed=run.seed, last_week=f"{week:g}")
    rows = []
    for name in _SHOWN:
        if name in run.series:
            ends = np.quantile(run.series[name][:, -1].astype(float), _SPREAD).tolist()
            rows.append((f"{name}: {SERIES[name].meaning}", *ends, SERIES[name].unit))
    spread = [table(_COLUMNS, rows)] if rows else []
    return card(f"A run of “{label}” ({run.scenario.name})", told, *spread)
