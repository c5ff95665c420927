"""Routes and products: what each firm can serve, and the week it shows it."""

from __future__ import annotations

from typing import Literal

import numpy as np

from llm_market_sim.market.arithmetic import between, exp
from llm_market_sim.market.codes import (
    BETA,
    BUILDING,
    FINE_TUNE,
    FOUNDATION,
    NEVER,
    NO_MODEL,
    NO_NICHE,
    NOBODY,
    VERTICAL,
    WAITING,
    WRAPPER,
)
from llm_market_sim.market.columns import Columns, column, event
from llm_market_sim.market.firm import Book, Day, F, Firms, P, W, draw_segment, gone, live, tell
from llm_market_sim.market.luck import normal, stream, uniform
from llm_market_sim.market.parameters import ByRoute, Section, parameter
from llm_market_sim.market.prospects import tuned
from llm_market_sim.market.rule import phase, start, word

__all__ = ["Params", "launch", "plan_products"]

_PREPARATION_SPREAD = 0.5  # standard deviation of its log
_OPEN, _GREY, _BLOCKED = range(3)  # the foreign interface, in the order of its values
LAUNCHED = event("launched", "shows its product", stamp="launched_at")
ROUTE, NICHE = stream("route"), stream("niche")
PREPARATION, HEAD_START = stream("preparation"), stream("head start")


class Params(Section):
    """How long a route takes to a first product, and how good that product is."""

    # fmt: off
    preparation_weeks: ByRoute = parameter(
        {"foundation": 10.0, "fine_tune": 12.0, "wrapper": 5.0, "vertical": 14.0},
        plausible=(0.5, 1.5), unit="weeks", ge=0, le=520,
        meaning="median time from entry to the first run (foundation) or product (others)",
        source="a wrapper was built in one month (the article); others assumption",
    )
    fine_tune_gain_oom: float = parameter(
        0.05, plausible=(0, 0.3),
        unit="OOM", ge=0, le=2, meaning="gain of fine-tuning over the open weights",
        source="assumption",
    )
    foreign_api: Literal["open", "grey", "blocked"] = parameter(
        "grey", unit="name", meaning="whether wrappers can sell the foreign frontier",
        source="one vendor's model stood behind a wrapper of April 2023, though the service was "
        "not open to users at home (the article)",
    )
    grey_loss_oom: float = parameter(
        1.0, plausible=(0.5, 1.5), unit="OOM", ge=0, le=5,
        meaning="loss through an interface that is slow, limited and may vanish",
        source="assumption",
    )
    # fmt: on


class World(Columns):
    """Whose model is for sale."""

    supplier = column(
        "slot",
        "firm whose model wrappers sell, -1 if abroad",
        public=True,
        start=NOBODY,
        dtype=np.int16,
    )


class Firm(Columns):
    """A firm's product."""

    served = column("OOM", "capability of the product", public=True, start=NO_MODEL)
    preparation = column("weeks", "left until the first run or product")
    launched_at = column("week", "first product shown", public=True, start=NEVER)


@start("Unnamed firms have a route, a niche, and some way to go.", "未具名企业的路线、领域与进度。")
def plan_products(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """A star team trains; the others' route is drawn, and what is left of their preparation."""
    mix, r = p.population.route_mix, p.products
    for f in firms:
        if f.named:
            continue
        x = uniform(w, f.key, ROUTE, 0) * (mix[0] + mix[1] + mix[2] + mix[3])
        f.route, passed = FOUNDATION, 0.0
        for route in range(len(mix) - 1):
            passed += mix[route]
            if x > passed and not f.star:
                f.route = route + 1
        f.niche = NO_NICHE
        if f.route == VERTICAL:
            f.niche = draw_segment(uniform(w, f.key, NICHE, 0))
        luck = exp(_PREPARATION_SPREAD * normal(w, f.key, PREPARATION, 0))
        f.preparation = r.preparation_weeks[f.route] * luck
        if f.stealth:
            f.preparation *= uniform(w, f.key, HEAD_START, 0)


@word
def _offer(w: W, firms: Firms, p: P) -> float:
    """The best model that a wrapper can sell, noting whose it is; open weights do as well."""
    best, seller = -NEVER, NOBODY
    for f in firms:
        if f.route == FOUNDATION and live(f) and f.domestic and f.capability > best:
            best, seller = f.capability, f.slot
    abroad = -NEVER
    if p.products.foreign_api == _OPEN:
        abroad = w.frontier
    elif p.products.foreign_api == _GREY:
        abroad = w.frontier - p.products.grey_loss_oom
    w.supplier = NOBODY if abroad >= best else seller
    return max(max(best, abroad), w.open_weights)


@word
def _capability_served(w: W, f: F, p: P, wrapped: float) -> float:
    """What a firm can serve by its route."""
    if not f.domestic:
        return w.frontier
    if f.route == FOUNDATION:  # who came back from tuning serves that until its own is better
        return max(f.capability, tuned(w, f, p)) if f.pivots > 0.0 else f.capability
    if f.route == WRAPPER:
        return wrapped
    return max(f.capability, tuned(w, f, p) if f.route == FINE_TUNE else w.open_weights + f.skill)


@phase(
    "Firms serve the best model their route gives; those that are ready show it.",
    "各企业提供其路线所能得到的最好模型；准备就绪者发布产品。",
)
def launch(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Serve the best model that each route can get; show the first product when it is ready."""
    wrapped = _offer(w, firms, p)
    for f in firms:
        if gone(f):
            continue
        f.served = _capability_served(w, f, p, wrapped)
        if f.status == WAITING:
            continue
        f.preparation -= between(w.end - f.entered_at, 0.0, w.dt)  # since it entered
        trains = f.route == FOUNDATION
        if f.status != BUILDING or f.preparation > 0.0 or (trains and f.capability <= NO_MODEL):
            continue
        ready = w.end + f.preparation
        if trains and f.runs > 0.0:
            ready = max(ready, f.run_at)
        f.status = BETA
        f.launched_at = ready if w.week < ready <= w.end else w.end
        tell(w, book, LAUNCHED, f, f.launched_at, np.nan, -1)
