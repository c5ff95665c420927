"""Prices: a static mark-up over the cost of serving, less what a firm gives away for growth."""

from __future__ import annotations

from typing import Any

import numpy as np

from llm_market_sim.market.parameters import ByKind, BySegment, Section, parameter
from llm_market_sim.market.phase import Changes, Phase
from llm_market_sim.market.state import REFERENCE_OOM, Array, Route, Setting, State

__all__ = ["PHASES", "Params", "markup", "set_prices"]


class Params(Section):
    """What an answer costs to serve, and what firms charge for it."""

    # fmt: off
    unit_gpu_hours: float = parameter(
        0.0125, unit="GPU hours", ge=0, le=10, symbol="c_0/p_0",
        meaning="accelerator time to serve one unit for a week, for a model of reference size",
        source="assumption: 0.05 USD a week at 4 USD an hour",
    )
    reference_oom: float = parameter(
        REFERENCE_OOM, unit="OOM", ge=10, le=40, meaning="capability of that model",
        source="assumption",
    )
    size_exponent: float = parameter(
        0.5, unit="1", ge=0, le=2,
        meaning="growth of serving cost with training compute (model size goes with its root)",
        source="Hoffmann et al. 2022: parameters grow with about the root of compute",
    )
    decline_per_year: float = parameter(
        2.0, plausible=(1, 3), unit="1/year", ge=0, le=10,
        meaning="rate at which accelerator time per unit falls at fixed quality",
        source="prices at fixed quality fell 10 times a year (a16z 2024), 9 to 900 times (Epoch AI "
        "2025); exp(2) is 7 times",
    )
    units_per_account: BySegment = parameter(
        {"consumer": 1.0, "developer": 40.0, "enterprise": 4000.0, "public": 8000.0},
        plausible=(0.3, 3),
        unit="units", ge=0, le=1e7, meaning="use of one account", source="assumption",
    )
    price_cap: BySegment = parameter(
        {"consumer": 3.0, "developer": 250.0, "enterprise": 1e5, "public": 2.5e5},
        plausible=(0.5, 4),
        unit="USD/year", ge=0, le=1e8, meaning="most that an account pays",
        source="fitted to the facts of 2023 (revenue); assumption",
    )
    discount: ByKind = parameter(
        {"bigtech": 0.6, "listed": 0.3, "startup": 0.3, "foreign": 0.0},
        plausible=(0.5, 1.4), unit="1", ge=0, le=1, symbol="psi",
        meaning="share of the list price given away to win users", source="assumption",
    )
    api_margin: float = parameter(
        0.3, unit="1", ge=0, le=20, meaning="mark-up of the model that wrappers buy",
        source="assumption",
    )
    # fmt: on


def markup(users: Array, p: Any, g: int) -> Array:
    """Static Bertrand mark-up of a single-product firm under nested logit (USD a year); (W, F).

    lambda / (beta_p [1 - (1 - lambda) s_in - lambda s]) with s_in the share in the nest and s the
    share in the population of segment g (Anderson & de Palma 1992).
    """
    u, scale = p.users, p.users.nest_scale[g]
    total = np.maximum(np.sum(users, axis=-1, keepdims=True), 1e-300)
    steep = 1.0 - users * ((1.0 - scale) / total + scale / u.population[g])
    return np.asarray((scale / u.price_weight[g]) / np.maximum(steep, 1e-6))


def set_prices(state: State, p: Any, setting: Setting) -> Changes:
    """Prices that users meet next tick, and the accelerator time of serving one unit."""
    c = p.pricing
    size = np.exp(np.log(10.0) * c.size_exponent * (state.served - c.reference_oom))
    hours = c.unit_gpu_hours * size * np.exp(-c.decline_per_year * state.week / 52.0)
    rent = state.gpu_price * np.where(setting.firms.gpus > 0.0, p.compute.own_cost_share, 1.0)
    wrapper = state.route == Route.WRAPPER
    unit_cost = 52.0 * hours * np.where(wrapper, state.gpu_price * (1.0 + c.api_margin), rent)
    charged = 1.0 - state.wish_discount
    prices = []
    for g in range(state.users.shape[1]):
        listed = c.units_per_account[g] * unit_cost + markup(state.users[:, g], p, g)
        prices.append(np.minimum(listed * charged, c.price_cap[g]))
    return {"unit_hours": hours, "price": np.stack(prices, axis=1)}


PHASES = (
    Phase(
        "set prices", "Firms mark up the cost of serving and give part of it away.", set_prices,
        ("unit_hours", "price"),
    ),
)  # fmt: skip
