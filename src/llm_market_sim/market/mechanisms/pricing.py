"""Prices: a static mark-up over the cost of serving, less what a firm gives away for growth."""

from __future__ import annotations

import numpy as np

from llm_market_sim.market.arithmetic import LOG_TEN, exp
from llm_market_sim.market.codes import REFERENCE_OOM, SEGMENT_COUNT, WEEKS, WRAPPER
from llm_market_sim.market.columns import Columns, column
from llm_market_sim.market.firm import Book, Day, F, Firms, P, W, gone
from llm_market_sim.market.parameters import ByKind, BySegment, Section, parameter
from llm_market_sim.market.rule import phase, word

__all__ = ["Params", "set_prices"]


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


class Firm(Columns):
    """A firm's cost of serving, and its prices."""

    unit_hours = column("GPU hours", "to serve one unit of use for a week")
    price = column("USD/year", "price of an account", by_segment=True, public=True)


@word
def _rent(w: W, f: F, p: P) -> float:
    """What an hour costs: the fee of a model bought, the own cluster's cost, or the rent."""
    if f.route == WRAPPER:
        return w.gpu_price * (1.0 + p.pricing.api_margin)
    return w.gpu_price * p.compute.own_cost_share if f.gpus > 0.0 else w.gpu_price


@phase(
    "Firms mark up the cost of serving and give part of it away.",
    "公司在服务成本上加价，并让利一部分。",
)
def set_prices(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Prices that users meet next tick, and the accelerator time of serving one unit.

    The mark-up is the static one of a single-product firm under nested logit (Anderson & de Palma
    1992): lambda / (beta_p [1 - (1 - lambda) s_in - lambda s]) with s_in the share in the nest and
    s the share in the population of the segment.
    """
    c, u = p.pricing, p.users
    hours = c.unit_gpu_hours * exp(-c.decline_per_year * w.week / WEEKS)
    slots = np.empty(len(firms), np.int64)
    size = np.empty(len(firms))  # of a firm's model, against the reference
    n = 0
    for f in firms:
        if not gone(f):
            slots[n] = f.slot
            size[n] = LOG_TEN * c.size_exponent * (f.served - c.reference_oom)
            n += 1
    for j in range(n):
        size[j] = exp(size[j])

    nest = np.zeros(SEGMENT_COUNT)  # users of any product
    for j in range(n):
        f = firms[slots[j]]
        for g in range(SEGMENT_COUNT):
            nest[g] += f.users[g]
    steep, free = np.empty(SEGMENT_COUNT), np.empty(SEGMENT_COUNT)
    for g in range(SEGMENT_COUNT):
        scale = u.nest_scale[g]
        steep[g] = (1.0 - scale) / max(nest[g], 1e-300) + scale / u.population[g]
        free[g] = scale / u.price_weight[g]
    for j in range(n):
        f = firms[slots[j]]
        f.unit_hours = hours * size[j]
        unit_cost = WEEKS * f.unit_hours * _rent(w, f, p)
        charged = 1.0 - f.wish_discount
        for g in range(SEGMENT_COUNT):
            markup = free[g] / max(1.0 - f.users[g] * steep[g], 1e-6)
            price = (c.units_per_account[g] * unit_cost + markup) * charged
            f.price[g] = min(price, c.price_cap[g])
