"""The market for accelerators: scarcity sets the rent, a shortage is shared, owners go first."""

from __future__ import annotations

from typing import Literal

import numpy as np

from llm_market_sim.market.arithmetic import between, exp, power
from llm_market_sim.market.codes import WEEKS, WRAPPER
from llm_market_sim.market.columns import Columns, column, fact
from llm_market_sim.market.firm import Book, Day, F, Firms, P, W, alive, held_up
from llm_market_sim.market.parameters import ByFirm, Section, parameter
from llm_market_sim.market.rule import phase, start, word

__all__ = ["Params", "build", "clear_compute", "supply_at"]

_HOURS = 168.0  # in a week
_MORE_GPUS = 1  # the place of "more_gpus" in what a faster cluster can mean


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


class World(Columns):
    """The market for accelerators."""

    gpu_supply = column("GPUs", "accelerators in the country", public=True)
    gpu_price = column("USD/hour", "rent of an accelerator", public=True)
    gpu_ration = column("1", "share of rented demand that is met", public=True, start=1.0)
    gpu_utilisation = column("1", "demand over usable supply", public=True)


class Firm(Columns):
    """A firm's accelerators, and what it got this week."""

    gpus = fact("GPUs", "own accelerators at week 0, H100 equivalents")
    cloud = fact("yes/no", "rents idle accelerators out", dtype=np.bool_)
    cluster_speed = fact("1", "speed of a run on its cluster")

    hours_own = column("GPU hours", "used of its own")
    hours_rented = column("GPU hours", "rented from others")
    hours_let = column("GPU hours", "own, rented out to others")
    compute_share = column("1", "share of its wanted compute that it got", start=1.0)
    run_weeks = column("weeks", "time on the cluster booked this tick")


@word
def supply_at(week: float, p: P) -> float:
    """Accelerators in the country in a week, before the share that is usable."""
    c = p.compute
    closed = 1.0 - exp(-week / c.supply_weeks)
    return min(c.supply_start + (c.supply_end - c.supply_start) * closed, c.supply_cap)


@start("Accelerators are there, at their rent.", "加速卡及其租价就位。")
def build(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Supply and rent of week 0."""
    w.gpu_supply = supply_at(0.0, p)
    w.gpu_price = p.compute.price_usd_per_gpu_hour


@word
def _hours_of_training(f: F, p: P, dt: float) -> float:
    """Book the cluster for a run under way: the tick, or what the run still needs if the ration
    stays as it was; the hours to pay for."""
    c, t = p.compute, p.training
    f.run_weeks = 0.0
    if f.run_hours <= 0.0 or held_up(f.run_target, p):
        return 0.0
    hoped = between(f.compute_share, 0.01, 1.0)
    f.run_weeks = min(f.run_compute_left / (f.cluster_speed * hoped), dt)
    more = f.cluster_speed if c.cluster_speed_means == _MORE_GPUS else 1.0
    return t.cost_multiple * f.run_hours / t.compute_weeks * more * f.run_weeks


@phase(
    "The rent of accelerators follows scarcity; a shortage is shared.",
    "加速卡租价随稀缺程度变动；短缺按比例分摊。",
)
def clear_compute(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Price and ration of the tick.

    Demand is training (paid hours a week) and the serving of users; owners serve themselves
    first, clouds let what is idle, other sellers the rest, and all renters get the same share.
    """
    c = p.compute
    supply = supply_at(w.week, p)
    per_gpu = c.usable_share * _HOURS * w.dt
    usable = supply * per_gpu
    grown = supply / c.supply_start  # clusters grow with the country's
    resold, owned = 0.0, 0.0
    for f in firms:
        if alive(f):
            owned += f.gpus * grown * per_gpu
            if f.route == WRAPPER:
                resold += f.use
    # what the firms of the roster own is part of the supply, never more than it
    per_own_gpu = grown * per_gpu * min(1.0, usable / max(owned, 1e-12))

    owned, needed, idle, asked = 0.0, 0.0, 0.0, 0.0
    for f in firms:
        if not alive(f):
            f.hours_own, f.hours_rented, f.hours_let = 0.0, 0.0, 0.0
            continue
        need = _hours_of_training(f, p, w.dt)
        if f.domestic:
            use = 0.0 if f.route == WRAPPER else f.use
            if f.slot == w.supplier:
                use += resold
            need += use * f.unit_hours * w.dt
        own = f.gpus * per_own_gpu
        f.hours_own = min(need, own)
        f.hours_rented = need - f.hours_own  # what it would rent, until the ration is known
        f.hours_let = own - f.hours_own if f.cloud else 0.0
        owned += own
        needed += need
        idle += f.hours_let
        asked += f.hours_rented
    offered = idle + max(usable - owned, 0.0)
    w.gpu_ration = min(1.0, offered / max(asked, 1e-12))
    let = min(asked, offered) / max(offered, 1e-12)
    for f in firms:
        if not alive(f):
            continue
        need = f.hours_own + f.hours_rented
        f.hours_rented *= w.gpu_ration
        f.hours_let *= let
        f.compute_share = (f.hours_own + f.hours_rented) / need if need > 0.0 else 1.0

    w.gpu_supply = supply
    w.gpu_utilisation = needed / usable
    scarcity = power(max(1.0, w.gpu_utilisation), c.scarcity_exponent)
    falling = exp(-c.price_decline_per_year * w.week / WEEKS)
    w.gpu_price = c.price_usd_per_gpu_hour * falling * scarcity
