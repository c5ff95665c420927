"""Named firms: what they have earned, how long they last, how good their model is."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from llm_market_sim.market.state import NO_MODEL, Array
from llm_market_sim.metrics.firms import Among
from llm_market_sim.metrics.registry import Bounds, Definition, metric, slot
from llm_market_sim.simulation import Run

__all__ = ["Named", "firm_capability", "profit_among", "weeks_a_model", "weeks_alive"]


class Named(Definition):
    """Which firm."""

    firm: str = Field(description="id of a firm of the roster")

    def words(self) -> str:
        """The firm."""
        return f"of {self.firm}"


@metric("profit_among", "operating profit since week 0, together", unit="million USD", params=Among)
def profit_among(run: Run, week: float, p: Among) -> Array:
    """Operating profit of named firms since week 0, training included, also of the dead; (W,)."""
    return np.sum(run.at(week).profit_total[:, [slot(run, firm) for firm in p.firms]], axis=-1)


@metric(
    "weeks_alive", "weeks from entry to the end", unit="weeks", params=Named, within=Bounds(0, 520)
)
def weeks_alive(run: Run, week: float, p: Named) -> Array:
    """Weeks since entry, up to the firm's end or that week; 0 where it has not entered; (W,)."""
    state, f = run.at(week), slot(run, p.firm)
    return np.maximum(np.minimum(state.closed_at[:, f], week) - state.entered_at[:, f], 0.0)


@metric(
    "firm_capability",
    "capability of the best own model",
    unit="OOM",
    params=Named,
    within=Bounds(NO_MODEL, 40),
)
def firm_capability(run: Run, week: float, p: Named) -> Array:
    """Best own model, also of a dead firm; the value for none where it has none; (W,)."""
    return np.asarray(run.at(week).capability[:, slot(run, p.firm)])


@metric(
    "weeks_a_model",
    "mean weeks from one own model to the next",
    unit="weeks",
    params=Named,
    within=Bounds(0, 520),
    less_is_better=True,
)
def weeks_a_model(run: Run, week: float, p: Named) -> Array:
    """Weeks since entry over runs completed so far, NaN where none is; (W,)."""
    runs = run.at(week).runs[:, slot(run, p.firm)]
    weeks = weeks_alive(run, week, p)
    return np.where(runs > 0, weeks / np.maximum(runs, 1), np.nan)
