"""Routes and products: what each firm can serve, and the week it shows it."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from llm_market_sim.market.parameters import ByRoute, Section, parameter
from llm_market_sim.market.phase import Changes, Phase
from llm_market_sim.market.state import NO_MODEL, Route, Setting, State, Status

__all__ = ["PHASES", "Params", "launch"]


class Params(Section):
    """How long a route takes to a first product, and how good that product is."""

    # fmt: off
    preparation_weeks: ByRoute = parameter(
        {"foundation": 10.0, "fine_tune": 12.0, "wrapper": 5.0, "vertical": 14.0},
        plausible=(0.5, 1.5), unit="weeks", ge=0, le=520,
        meaning="median time from entry to the first run (foundation) or product (others)",
        source="a wrapper was built in one month (the article); others assumption",
    )
    preparation_spread: float = parameter(
        0.5, unit="1", ge=0, le=3, meaning="standard deviation of the log of that time",
        source="assumption",
    )
    fine_tune_gain_oom: float = parameter(
        0.1, plausible=(0, 0.3),
        unit="OOM", ge=0, le=2, meaning="gain of fine-tuning over the open weights",
        source="assumption",
    )
    wrapper_loss_oom: float = parameter(
        0.05, unit="OOM", ge=0, le=2, meaning="loss of a wrapper against the model it sells",
        source="assumption",
    )
    foreign_api: Literal["open", "grey", "blocked"] = parameter(
        "grey", unit="name", meaning="whether wrappers can sell the foreign frontier",
        source="one vendor's model stood behind a wrapper of April 2023, though the service was "
        "not open to users at home (the article)",
    )
    grey_loss_oom: float = parameter(
        0.8, unit="OOM", ge=0, le=5,
        meaning="loss through an interface that is slow, limited and may vanish",
        source="assumption",
    )
    # fmt: on


def launch(state: State, p: Any, setting: Setting) -> Changes:
    """Serve the best model that each route can get; show the first product when it is ready."""
    r = p.products
    foreign = ~setting.firms.domestic
    open_weights, own = state.open_weights, state.capability
    trained = state.route == Route.FOUNDATION
    wraps = state.route == Route.WRAPPER
    for_sale = trained & state.live & ~foreign
    offers = np.where(for_sale, own, -np.inf)
    best = np.max(offers, axis=-1, keepdims=True)
    seller = np.argmax(offers, axis=-1)[:, None]
    abroad = {"open": state.frontier, "grey": state.frontier - r.grey_loss_oom}.get(
        r.foreign_api, np.full_like(state.frontier, -np.inf)
    )
    from_abroad = abroad >= best
    wrapped = np.maximum(np.maximum(best, abroad), open_weights) - r.wrapper_loss_oom
    gain = r.fine_tune_gain_oom * (state.route == Route.FINE_TUNE)
    adapted = np.maximum(own, open_weights + gain + state.skill)
    served = np.where(trained, own, np.where(wraps, wrapped, adapted))
    served = np.where(foreign, state.frontier, served)

    end = setting.after(state.week)
    worked = np.clip(end - state.entered_at, 0.0, setting.dt) * state.alive  # since it entered
    preparation = state.preparation - worked
    ready = (state.status == Status.BUILDING) & (preparation <= 0.0)
    ready = ready & (~trained | (own > NO_MODEL))
    when = end + preparation
    when = np.where(trained & (state.runs > 0), np.maximum(when, state.run_at), when)
    when = np.where((when > state.week) & (when <= end), when, end)
    return {
        "served": served,
        "supplier": np.where(from_abroad, -1, seller).astype(np.int16),
        "preparation": preparation,
        "status": np.where(ready, np.int8(Status.BETA), state.status),
        "launched_at": np.where(ready, when, state.launched_at),
    }


PHASES = (
    Phase(
        "launch", "Firms serve the best model their route gives; those that are ready show it.",
        launch, ("served", "supplier", "preparation", "status", "launched_at"),
    ),
)  # fmt: skip
