"""The market for accelerators: scarcity sets the rent, a shortage is shared, owners go first."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from llm_market_sim.market.parameters import ByFirm, Section, parameter
from llm_market_sim.market.phase import Changes, Phase, held_up
from llm_market_sim.market.state import Array, Route, Setting, State

__all__ = ["PHASES", "Params", "clear_compute", "supply_at"]


class Params(Section):
    """Supply, price and speed of accelerators (H100 equivalents)."""

    # fmt: off
    price_usd_per_gpu_hour: float = parameter(
        4.0,
        plausible=(1.5, 12),
        unit="USD/hour",
        gt=0,
        le=1000,
        symbol="p_0",
        meaning="rent of an accelerator in April 2023 without scarcity",
        source="rents abroad were about 5 USD in 2023, 5 to 8 at main clouds (Jiemian 2024)",
    )
    price_decline_per_year: float = parameter(
        0.55,
        plausible=(0.2, 0.9),
        unit="1/year",
        ge=0,
        le=5,
        symbol="delta",
        meaning="rate at which that rent falls",
        source="5 USD in 2023 to 2 USD in October 2024 abroad (Jiemian 2024)",
    )
    supply_start: float = parameter(
        16000.0,
        plausible=(8000, 30000),
        unit="GPUs",
        gt=0,
        le=1e7,
        symbol="S_0",
        meaning="accelerators in the country on week 0",
        source="assumption",
    )
    supply_end: float = parameter(
        150000.0,
        plausible=(40000, 300000),
        unit="GPUs",
        gt=0,
        le=1e8,
        symbol="S_1",
        meaning="accelerators that supply moves towards",
        source="fitted to the facts of 2023 (rent, best model); four firms ordered about 100,000 "
        "A800 for 2023 and for 4 bn USD more for 2024 (TechNode on FT)",
    )
    supply_weeks: float = parameter(
        60.0,
        unit="weeks",
        gt=0,
        le=1000,
        symbol="tau_S",
        meaning="time in which the gap to that supply closes (by a factor e)",
        source="assumption",
    )
    supply_cap: float = parameter(
        1e9,
        unit="GPUs",
        gt=0,
        le=1e9,
        symbol="S_cap",
        meaning="most accelerators that can be had (an export control lowers it)",
        source="assumption: no cap unless a scenario sets one",
    )
    usable_share: float = parameter(
        0.6,
        plausible=(0.4, 0.8),
        unit="1",
        gt=0,
        le=1,
        symbol="u",
        meaning="share of accelerators at work for language models",
        source="assumption",
    )
    scarcity_exponent: float = parameter(
        0.5,
        plausible=(0, 1),
        unit="1",
        ge=0,
        le=3,
        symbol="eta",
        meaning="how much demand beyond supply raises the rent",
        source="assumption",
    )
    own_cost_share: float = parameter(
        0.55,
        plausible=(0.35, 1),
        unit="1",
        gt=0,
        le=1,
        symbol="omega",
        meaning="cost of an hour on one's own cluster against the rent",
        source="assumption: a cluster of one's own cost 0.51 M USD where the cloud cost 1.7 "
        "(Sinolink, March 2023)",
    )
    cluster_speed: ByFirm = parameter(
        {"all": 1.0},
        unit="1",
        gt=0,
        le=100,
        symbol="m",
        meaning="speed of a run on a firm's cluster, by firm id or all",
        source="assumption; 11 days became 4 (factor 2.75) in one firm's notice of April 2023",
    )
    cluster_speed_means: Literal["throughput", "more_gpus"] = parameter(
        "throughput", unit="name",
        meaning="a faster run pays for fewer hours (throughput) or the same hours on more GPUs",
        source="assumption",
    )
    # fmt: on


def supply_at(week: float, p: Any) -> Array:
    """Accelerators in the country in a week, before the share that is usable."""
    c = p.compute
    grown = c.supply_start + (c.supply_end - c.supply_start) * (
        1.0 - np.exp(-week / c.supply_weeks)
    )
    return np.asarray(np.minimum(grown, c.supply_cap))


def clear_compute(state: State, p: Any, setting: Setting) -> Changes:
    """Price and ration of the tick.

    Demand is training (paid hours a week) and the serving of users; owners serve themselves
    first, clouds let what is idle, other sellers the rest, and all renters get the same share.
    """
    c, t, dt = p.compute, p.training, setting.dt
    firms = setting.firms
    supply = supply_at(state.week, p)
    usable = supply * c.usable_share * 168.0 * dt

    more = p.compute.cluster_speed if c.cluster_speed_means == "more_gpus" else 1.0
    running = (state.run_hours > 0.0) & state.alive & ~held_up(state.run_target, t)
    left = np.where(running, state.run_compute_left, 0.0)
    # booked: the tick, or what a run still needs if the ration stays as it was
    hoped = np.clip(state.compute_share, 0.01, 1.0)
    weeks = np.minimum(left / (c.cluster_speed * hoped), dt)
    training = t.cost_multiple * state.run_hours / t.compute_weeks * more * weeks

    wrapped = np.where(state.route == Route.WRAPPER, state.use, 0.0)
    slots = np.arange(wrapped.shape[-1])
    carried = np.sum(wrapped, axis=-1, keepdims=True) * ((state.supplier == slots) & state.alive)
    serving = (state.use - wrapped + carried) * state.unit_hours * dt * firms.domestic

    need = training + serving
    own = firms.gpus * (supply / c.supply_start) * c.usable_share * 168.0 * dt * state.alive
    # what the firms of the roster own is part of the supply, never more than it
    own = own * np.minimum(1.0, usable / np.maximum(np.sum(own, axis=-1, keepdims=True), 1e-12))
    used = np.minimum(need, own)
    idle = (own - used) * firms.cloud
    wanted = need - used
    others = np.clip(usable - np.sum(own, axis=-1, keepdims=True), 0.0, None)
    offered = np.sum(idle, axis=-1, keepdims=True) + others
    asked = np.sum(wanted, axis=-1, keepdims=True)
    ration = np.minimum(1.0, offered / np.maximum(asked, 1e-12))
    rented = wanted * ration
    sold = np.minimum(asked, offered) / np.maximum(offered, 1e-12)

    utilisation = np.sum(need, axis=-1, keepdims=True) / usable
    scarcity = np.maximum(1.0, utilisation) ** c.scarcity_exponent
    falling = np.exp(-c.price_decline_per_year * state.week / 52.0)
    return {
        "gpu_supply": supply + 0.0 * state.gpu_price,
        "gpu_price": c.price_usd_per_gpu_hour * falling * scarcity,
        "gpu_ration": ration,
        "gpu_utilisation": utilisation,
        "hours_own": used,
        "hours_rented": rented,
        "hours_let": idle * sold,
        "run_weeks": weeks,
        "compute_share": np.where(
            need > 0.0, (used + rented) / np.where(need > 0.0, need, 1.0), 1.0
        ),
    }


PHASES = (
    Phase(
        "clear compute", "The rent of accelerators follows scarcity; a shortage is shared.",
        clear_compute,
        ("gpu_supply", "gpu_price", "gpu_ration", "gpu_utilisation", "hours_own", "hours_rented",
         "hours_let", "run_weeks", "compute_share"),
    ),
)  # fmt: skip
