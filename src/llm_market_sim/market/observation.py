"""ODD "observation": what is written down every week of every world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from llm_market_sim.market.state import NO_MODEL, Array, Firms, Kind, Route, Segment, State, Status
from llm_market_sim.registry import Registry

__all__ = [
    "COMPOSITE", "EVENTS", "SERIES", "EventKind", "Series", "Week", "composite_shares",
    "general", "general_route", "series", "shares",
]  # fmt: skip

COMPOSITE = (0.40, 0.25, 0.20, 0.15)  # weight of each segment in a firm's composite share


@dataclass(frozen=True)
class Series:
    """A weekly quantity of the market: unit, meaning, its name in both languages, and how it is
    read, (W,)."""

    unit: str
    meaning: str
    label: Mapping[str, str]
    read: Callable[[Week], Array]


SERIES: Registry[Series] = Registry("series")


def series(
    name: str, meaning: str, *, unit: str, en: str, zh: str
) -> Callable[[Callable[[Week], Array]], Callable[[Week], Array]]:
    """Register what is read every week, (W,), under a name. ValueError if the name is taken.

    meaning: in words, for tables. en, zh: what figures call it, in English and in Chinese.
    """
    return SERIES.registering(name, lambda read: Series(unit, meaning, {"en": en, "zh": zh}, read))


@dataclass(frozen=True)
class EventKind:
    """Something that happens to a firm: it did where `column` changed (and `status` is given).

    stamp: column with the exact week, empty for the end of the tick. amount, other: columns whose
    change or value goes with the event (money raised, slot of a backer or buyer).
    """

    column: str
    sentence: str
    stamp: str = ""
    amount: str = ""
    other: str = ""
    status: int | None = None


EVENTS: dict[str, EventKind] = {
    "entered": EventKind("entered_at", "enters", stamp="entered_at"),
    "trained": EventKind("runs", "completes a training run", stamp="run_at", amount="capability"),
    "run_failed": EventKind("run_failures", "has a training run thrown back"),
    "launched": EventKind("launched_at", "shows its product", stamp="launched_at"),
    "filed": EventKind("filed_at", "files for a licence", stamp="filed_at"),
    "licensed": EventKind("licensed_at", "is licensed", stamp="licensed_at"),
    "suspended": EventKind("incidents", "has an incident and is suspended", stamp="incident_at"),
    "raised": EventKind("stage", "raises money", stamp="round_at", amount="round_musd"),
    "backed": EventKind("backer", "is backed", stamp="round_at", other="backer"),
    "pivoted": EventKind("pivots", "changes route", other="route"),
    "acquired": EventKind(
        "status", "is sold", stamp="closed_at", other="acquirer", status=Status.ACQUIRED
    ),
    "bankrupt": EventKind("status", "runs out of money", stamp="closed_at", status=Status.BANKRUPT),
    "closed": EventKind("status", "is shut down", stamp="closed_at", status=Status.CLOSED),
}


def shares(state: State) -> Array:
    """Share of each firm in the users of each segment, 0 where nobody uses anything; (W, S, F)."""
    total = np.sum(state.users, axis=-1, keepdims=True)
    return np.asarray(state.users / np.maximum(total, 1e-300))


def composite_shares(state: State) -> Array:
    """Weighted mean of a firm's segment shares; (W, F)."""
    total = np.sum(state.users, axis=-1, keepdims=True)
    weights = np.array(COMPOSITE)[:, None] / np.maximum(total, 1e-300)
    return np.sum(state.users * weights, axis=1)


def general_route(state: State) -> Array:
    """Neither wrapper nor vertical: the routes of a general developer; (W, F)."""
    return (state.route == Route.FOUNDATION) | (state.route == Route.FINE_TUNE)


def general(state: State, firms: Firms) -> Array:
    """Alive, domestic, and on the route of a general developer; (W, F)."""
    return state.alive & general_route(state) & firms.domestic


class Week:
    """A state as an observer reads it; what several quantities need is worked out once."""

    def __init__(self, state: State, firms: Firms) -> None:
        self.state = state
        self.firms = firms

    @cached_property
    def composite(self) -> Array:
        """Composite shares (W, F)."""
        return composite_shares(self.state)

    @cached_property
    def runway(self) -> Array:
        """Runways (W, F)."""
        return self.state.runway

    def count(self, mask: Array) -> Array:
        """Domestic firms of which something is true; (W,)."""
        return np.count_nonzero(mask & self.firms.domestic, axis=-1).astype(float)

    def users(self, segment: Segment) -> Array:
        """Accounts that use some product; (W,)."""
        return np.sum(self.state.users[:, segment], axis=-1)

    def total(self, column: Array) -> Array:
        """Sum over domestic firms; (W,)."""
        return np.sum(column * self.firms.domestic, axis=-1)

    def hhi(self) -> Array:
        """Herfindahl index of the composite shares, which it first brings to a sum of one; (W,)."""
        total = np.maximum(np.sum(self.composite, axis=-1, keepdims=True), 1e-300)
        return np.sum((self.composite / total) ** 2, axis=-1)

    def best(self) -> Array:
        """Best own model of a domestic firm that is alive; (W,)."""
        ours = self.state.alive & self.firms.domestic
        return np.max(np.where(ours, self.state.capability, NO_MODEL), axis=-1)


@series(
    "firms_alive",
    "domestic firms alive",
    unit="firms",
    en="Domestic firms alive",
    zh="存活的国内企业",
)
def _firms_alive(o: Week) -> Array:
    return o.count(o.state.alive)


@series(
    "general_developers",
    "alive and neither wrapper nor vertical",
    unit="firms",
    en="Developers of general models",
    zh="通用大模型开发商",
)
def _general_developers(o: Week) -> Array:
    return o.count(general(o.state, o.firms))


@series(
    "entered", "firms entered so far", unit="firms", en="Firms entered so far", zh="累计入场企业"
)
def _entered(o: Week) -> Array:
    return o.count(o.state.entered_at <= o.state.week)


@series(
    "launched",
    "firms that have shown a product so far",
    unit="firms",
    en="Firms with a product so far",
    zh="累计发布产品的企业",
)
def _launched(o: Week) -> Array:
    return o.count(o.state.launched_at <= o.state.week)


@series(
    "licensed", "firms licensed so far", unit="firms", en="Firms licensed so far", zh="累计获批企业"
)
def _licensed(o: Week) -> Array:
    return o.count(o.state.licensed_at <= o.state.week)


@series(
    "in_beta",
    "products in closed beta",
    unit="firms",
    en="Products in closed beta",
    zh="内测中的产品",
)
def _in_beta(o: Week) -> Array:
    return o.count(o.state.status == Status.BETA)


@series("acquired", "firms sold so far", unit="firms", en="Firms sold so far", zh="累计被收购企业")
def _acquired(o: Week) -> Array:
    return o.count(o.state.status == Status.ACQUIRED)


@series(
    "bankrupt",
    "firms out of money so far",
    unit="firms",
    en="Firms out of money so far",
    zh="累计资金耗尽的企业",
)
def _bankrupt(o: Week) -> Array:
    return o.count(o.state.status == Status.BANKRUPT)


@series(
    "closed",
    "units shut down so far",
    unit="firms",
    en="Units shut down so far",
    zh="累计关停的业务",
)
def _closed(o: Week) -> Array:
    return o.count(o.state.status == Status.CLOSED)


@series(
    "users_consumer",
    "consumers using a product",
    unit="accounts",
    en="Consumers who use a product",
    zh="使用产品的个人用户",
)
def _users_consumer(o: Week) -> Array:
    return o.users(Segment.CONSUMER)


@series(
    "users_developer",
    "developers using a product",
    unit="accounts",
    en="Developers who use a product",
    zh="使用产品的开发者",
)
def _users_developer(o: Week) -> Array:
    return o.users(Segment.DEVELOPER)


@series(
    "users_enterprise",
    "enterprises using a product",
    unit="accounts",
    en="Enterprises that use a product",
    zh="使用产品的企业客户",
)
def _users_enterprise(o: Week) -> Array:
    return o.users(Segment.ENTERPRISE)


@series(
    "users_public",
    "public bodies using a product",
    unit="accounts",
    en="Public bodies that use a product",
    zh="使用产品的公共机构",
)
def _users_public(o: Week) -> Array:
    return o.users(Segment.PUBLIC)


@series(
    "tried_consumer",
    "consumers who have ever tried a product",
    unit="accounts",
    en="Consumers who have ever tried a product",
    zh="试用过产品的个人用户",
)
def _tried_consumer(o: Week) -> Array:
    return o.users(Segment.CONSUMER) + o.state.idle[:, Segment.CONSUMER, 0]


@series(
    "hhi",
    "concentration of composite shares (Herfindahl)",
    unit="1",
    en="Concentration of the market (Herfindahl index)",
    zh="市场集中度（赫芬达尔指数）",
)
def _hhi(o: Week) -> Array:
    return o.hhi()


@series(
    "top_share",
    "largest composite share",
    unit="1",
    en="Largest share of the market",
    zh="最大企业的市场份额",
)
def _top_share(o: Week) -> Array:
    return np.max(o.composite, axis=-1)


@series(
    "startup_share",
    "composite share of startups",
    unit="1",
    en="Share of startups",
    zh="创业公司的市场份额",
)
def _startup_share(o: Week) -> Array:
    return np.sum(o.composite * (o.firms.kind == Kind.STARTUP), axis=-1)


@series(
    "best_capability",
    "best domestic model",
    unit="OOM",
    en="Best domestic model",
    zh="国内最强模型",
)
def _best_capability(o: Week) -> Array:
    return o.best()


@series("frontier", "best model abroad", unit="OOM", en="Best model abroad", zh="国外最强模型")
def _frontier(o: Week) -> Array:
    return o.state.frontier[:, 0]


@series("open_weights", "best open weights", unit="OOM", en="Best open weights", zh="最强开源模型")
def _open_weights(o: Week) -> Array:
    return o.state.open_weights[:, 0]


@series(
    "gpu_price",
    "rent of an accelerator",
    unit="USD/hour",
    en="Rent of an accelerator",
    zh="加速卡租金",
)
def _gpu_price(o: Week) -> Array:
    return o.state.gpu_price[:, 0]


@series(
    "gpu_utilisation",
    "demand over usable accelerators",
    unit="1",
    en="Demand over usable accelerators",
    zh="加速卡需求与可用量之比",
)
def _gpu_utilisation(o: Week) -> Array:
    return o.state.gpu_utilisation[:, 0]


@series(
    "hype", "hype, 1 in April 2023", unit="1", en="Hype (April 2023: 1)", zh="热度（2023年4月为1）"
)
def _hype(o: Week) -> Array:
    return np.exp(o.state.log_hype[:, 0])


@series(
    "vc_pool",
    "venture money waiting",
    unit="million USD",
    en="Venture money waiting",
    zh="待投的风险资金",
)
def _vc_pool(o: Week) -> Array:
    return o.state.vc_pool_musd[:, 0]


@series(
    "raised",
    "venture money raised by firms so far",
    unit="million USD",
    en="Venture money raised so far",
    zh="累计风险融资",
)
def _raised(o: Week) -> Array:
    return o.total(o.state.raised)


@series(
    "revenue", "revenue of firms", unit="million USD/year", en="Revenue of firms", zh="企业收入"
)
def _revenue(o: Week) -> Array:
    return o.total(o.state.revenue)


@series(
    "revenue_total",
    "revenue of firms since week 0",
    unit="million USD",
    en="Revenue of firms since week 0",
    zh="累计企业收入",
)
def _revenue_total(o: Week) -> Array:
    return o.total(o.state.revenue_total)


@series(
    "profit_total",
    "operating profit of firms since week 0",
    unit="million USD",
    en="Operating profit since week 0",
    zh="累计经营利润",
)
def _profit_total(o: Week) -> Array:
    return o.total(o.state.profit_total)
