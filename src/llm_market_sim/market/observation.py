"""ODD "observation": what is written down every week of every world."""

from __future__ import annotations

from typing import Any

import numpy as np

from llm_market_sim.market.arithmetic import exp, segment_sums, total
from llm_market_sim.market.codes import (
    ACQUIRED,
    BANKRUPT,
    BETA,
    BIGTECH,
    CLOSED,
    CONSUMER,
    FINE_TUNE,
    FOUNDATION,
    LISTED,
    NO_MODEL,
    OPEN,
    SEGMENT_COUNT,
    STARTUP,
    Route,
)
from llm_market_sim.market.columns import EVENTS, SERIES, Columns, series
from llm_market_sim.market.firm import Firms as FirmRecords
from llm_market_sim.market.firm import W, alive, here
from llm_market_sim.market.rule import observer, word
from llm_market_sim.market.state import Array, Firms, State

__all__ = [
    "COMPOSITE",
    "EVENTS",
    "SERIES",
    "composite_shares",
    "general",
    "general_route",
    "note_shares",
    "shares",
]

THETA = 0.05  # composite share of a general platform
TWO_THIRDS = 2.0 / 3.0
COMPOSITE = (0.40, 0.25, 0.20, 0.15)  # weight of each segment in a firm's composite share


class Series(Columns):
    """The weekly quantities of the market."""

    firms_alive = series(
        "firms", "domestic firms alive", en="Domestic firms alive", zh="存活的国内企业"
    )
    general_developers = series(
        "firms",
        "alive and neither wrapper nor vertical",
        en="Developers of general models",
        zh="通用大模型厂商",
    )
    entered = series("firms", "firms entered so far", en="Firms entered so far", zh="累计入场企业")
    launched = series(
        "firms",
        "firms that have shown a product so far",
        en="Firms with a product so far",
        zh="累计发布产品的企业",
    )
    licensed = series(
        "firms", "firms licensed so far", en="Firms licensed so far", zh="累计获批企业"
    )
    in_beta = series(
        "firms", "products in closed beta", en="Products in closed beta", zh="内测中的产品"
    )
    acquired = series("firms", "firms sold so far", en="Firms sold so far", zh="累计被收购企业")
    bankrupt = series(
        "firms",
        "firms out of money so far",
        en="Firms out of money so far",
        zh="累计资金耗尽的企业",
    )
    closed = series(
        "firms", "units shut down so far", en="Units shut down so far", zh="累计关停的业务"
    )
    users_consumer = series(
        "accounts",
        "consumers using a product",
        en="Consumers who use a product",
        zh="使用产品的个人用户",
    )
    users_developer = series(
        "accounts",
        "developers using a product",
        en="Developers who use a product",
        zh="使用产品的开发者",
    )
    users_enterprise = series(
        "accounts",
        "enterprises using a product",
        en="Enterprises that use a product",
        zh="使用产品的企业客户",
    )
    users_public = series(
        "accounts",
        "public bodies using a product",
        en="Public bodies that use a product",
        zh="使用产品的公共机构",
    )
    tried_consumer = series(
        "accounts",
        "consumers who have ever tried a product",
        en="Consumers who have ever tried a product",
        zh="试用过产品的个人用户",
    )
    hhi = series(
        "1",
        "concentration of composite shares (Herfindahl)",
        en="Concentration of the market (Herfindahl index)",
        zh="市场集中度（赫芬达尔指数）",
    )
    effective_firms = series(
        "firms",
        "number of equal firms that would be as concentrated (1/HHI)",
        en="Firms of equal size (1/HHI)",
        zh="等效企业数（1/HHI）",
    )
    top_share = series(
        "1", "largest composite share", en="Largest share of the market", zh="最大企业的市场份额"
    )
    top_three_share = series(
        "1",
        "composite share of the largest three (CR3)",
        en="Share of the largest three (CR3)",
        zh="前三名份额（CR3）",
    )
    top_five_share = series(
        "1",
        "composite share of the largest five (CR5)",
        en="Share of the largest five (CR5)",
        zh="前五名份额（CR5）",
    )
    bigtech_share = series(
        "1", "composite share of big techs", en="Share of big techs", zh="大厂的市场份额"
    )
    listed_share = series(
        "1", "composite share of listed firms", en="Share of listed firms", zh="上市公司的市场份额"
    )
    startup_share = series(
        "1", "composite share of startups", en="Share of startups", zh="创业公司的市场份额"
    )
    platforms = series(
        "platforms",
        "general developers, open, with 5 % of composite use",
        en="General platforms",
        zh="通用平台",
    )
    platforms_bigtech = series(
        "platforms", "of these, big techs", en="General platforms of big techs", zh="大厂的通用平台"
    )
    platforms_listed = series(
        "platforms",
        "of these, listed firms",
        en="General platforms of listed firms",
        zh="上市公司的通用平台",
    )
    platforms_startup = series(
        "platforms",
        "of these, startups",
        en="General platforms of startups",
        zh="创业公司的通用平台",
    )
    g67 = series(
        "firms",
        "fewest general developers that carry two thirds of general use (G67)",
        en="Fewest developers with two thirds of use (G67)",
        zh="承载三分之二使用量的最少厂商数（G67）",
    )
    trainers = series(
        "firms",
        "general developers with a model of their own that train",
        en="Developers that train",
        zh="自研的厂商",
    )
    best_capability = series(
        "OOM", "best domestic model", en="Best domestic model", zh="国内最强模型"
    )
    best_bigtech = series(
        "OOM", "best model of a big tech", en="Best model of a big tech", zh="大厂最强模型"
    )
    best_listed = series(
        "OOM",
        "best model of a listed firm",
        en="Best model of a listed firm",
        zh="上市公司最强模型",
    )
    best_startup = series(
        "OOM", "best model of a startup", en="Best model of a startup", zh="创业公司最强模型"
    )
    frontier = series("OOM", "best model abroad", en="Best model abroad", zh="国外最强模型")
    open_weights = series("OOM", "best open weights", en="Best open weights", zh="最强开源模型")
    services = series("services", "services approved so far", en="Services approved", zh="获批服务")
    price_over_cost_consumer = series(
        "1",
        "what consumers pay over the cost of their accounts",
        en="Price over cost, consumers",
        zh="价格与成本之比（个人用户）",
    )
    price_over_cost_developer = series(
        "1",
        "what developers pay over the cost of their accounts",
        en="Price over cost, developers",
        zh="价格与成本之比（开发者）",
    )
    price_over_cost_enterprise = series(
        "1",
        "what enterprises pay over the cost of their accounts",
        en="Price over cost, enterprises",
        zh="价格与成本之比（企业客户）",
    )
    price_over_cost_public = series(
        "1",
        "what public bodies pay over the cost of their accounts",
        en="Price over cost, public bodies",
        zh="价格与成本之比（公共机构）",
    )
    cards_owned = series(
        "GPUs", "cards owned by firms", en="Cards owned by firms", zh="企业自有加速卡"
    )
    gpu_price = series(
        "USD/hour", "rent of an accelerator", en="Rent of an accelerator", zh="加速卡租金"
    )
    gpu_utilisation = series(
        "1",
        "share of usable accelerators in use",
        en="Use over usable accelerators",
        zh="加速卡用量与可用量之比",
    )
    hype = series(
        "1", "hype, 1 in April 2023", en="Hype (April 2023: 1)", zh="热度（2023年4月为1）"
    )
    vc_pool = series(
        "million USD", "venture money waiting", en="Venture money waiting", zh="待投的风险资金"
    )
    raised = series(
        "million USD",
        "venture money raised by firms so far",
        en="Venture money raised so far",
        zh="累计风险融资",
    )
    raised_top_three = series(
        "1",
        "share of venture money raised by the three firms that raised most",
        en="Venture money of the three that raised most",
        zh="融资最多的三家所占比例",
    )
    revenue = series("million USD/year", "revenue of firms", en="Revenue of firms", zh="企业收入")
    revenue_total = series(
        "million USD",
        "revenue of firms since week 0",
        en="Revenue of firms since week 0",
        zh="累计企业收入",
    )
    profit_total = series(
        "million USD",
        "operating profit of firms since week 0",
        en="Operating profit since week 0",
        zh="累计经营利润",
    )


@observer
def count_firms(w: W, firms: FirmRecords, row: Any) -> None:
    """How many domestic firms stand where, and their money together."""
    row.best_capability, row.best_bigtech = NO_MODEL, NO_MODEL
    row.best_listed, row.best_startup = NO_MODEL, NO_MODEL
    first, second, third = 0.0, 0.0, 0.0
    entered, launched, licensed = 0, 0, 0
    raised, revenue, revenue_total, profit_total = 0.0, 0.0, 0.0, 0.0
    for f in firms:
        if not f.domestic:
            continue
        if alive(f):
            row.firms_alive += 1.0
            row.best_capability = max(row.best_capability, f.capability)
            if f.kind == BIGTECH:
                row.best_bigtech = max(row.best_bigtech, f.capability)
            elif f.kind == LISTED:
                row.best_listed = max(row.best_listed, f.capability)
            else:
                row.best_startup = max(row.best_startup, f.capability)
            if f.route == FOUNDATION or f.route == FINE_TUNE:
                row.general_developers += 1.0
            if f.route == FOUNDATION and f.capability > NO_MODEL:
                row.trainers += 1.0
            row.cards_owned += f.cards
        entered += f.entered_at <= w.week
        launched += f.launched_at <= w.week
        licensed += f.licensed_at <= w.week
        row.services += np.floor(f.services)
        if f.status == BETA:
            row.in_beta += 1.0
        elif f.status == ACQUIRED:
            row.acquired += 1.0
        elif f.status == BANKRUPT:
            row.bankrupt += 1.0
        elif f.status == CLOSED:
            row.closed += 1.0
        raised += f.raised
        if f.raised > first:
            first, second, third = f.raised, first, second
        elif f.raised > second:
            second, third = f.raised, second
        elif f.raised > third:
            third = f.raised
        revenue += f.revenue
        revenue_total += f.revenue_total
        profit_total += f.profit_total
    row.entered, row.launched, row.licensed = entered, launched, licensed
    row.raised, row.raised_top_three = raised, (first + second + third) / max(raised, 1e-300)
    row.revenue, row.revenue_total, row.profit_total = revenue, revenue_total, profit_total


@observer
def measure_shares(w: W, firms: FirmRecords, row: Any) -> None:
    """Who uses anything, and how that is spread over firms; the index is of shares of one."""
    users, weight = segment_sums(), segment_sums()
    for f in firms:
        for g in range(SEGMENT_COUNT):
            users[g] += f.users[g]
    for g in range(SEGMENT_COUNT):
        weight[g] = COMPOSITE[g] / max(users[g], 1e-300)
    largest, general = np.zeros(5), np.zeros(len(firms))
    whole, squares, developers = 0.0, 0.0, 0
    for f in firms:
        share = 0.0
        for g in range(SEGMENT_COUNT):
            share += weight[g] * f.users[g]
        if share <= 0.0:
            continue
        _fall_in(largest, share)
        whole += share
        squares += share * share
        if f.kind == STARTUP:
            row.startup_share += share
        elif f.kind == BIGTECH:
            row.bigtech_share += share
        elif f.kind == LISTED:
            row.listed_share += share
        if here(f) and (f.route == FOUNDATION or f.route == FINE_TUNE):
            general[developers] = share
            developers += 1
            if f.status == OPEN and share >= THETA:
                row.platforms += 1.0
                row.platforms_startup += 1.0 if f.kind == STARTUP else 0.0
                row.platforms_bigtech += 1.0 if f.kind == BIGTECH else 0.0
                row.platforms_listed += 1.0 if f.kind == LISTED else 0.0
    row.hhi = squares / max(whole * whole, 1e-300)
    row.effective_firms = whole * whole / max(squares, 1e-300)
    row.top_share = largest[0]
    row.top_three_share = row.top_share + largest[1] + largest[2]
    row.top_five_share = row.top_three_share + largest[3] + largest[4]
    row.g67 = _fewest(general, developers, TWO_THIRDS)
    row.users_consumer, row.users_developer = users[0], users[1]
    row.users_enterprise, row.users_public = users[2], users[3]
    row.tried_consumer = users[CONSUMER] + w.idle[CONSUMER]


@word
def _fall_in(largest: Any, share: float) -> None:
    """Put a share in its place among the largest so far, in falling order, if it is one of them."""
    place = len(largest) - 1
    if share <= largest[place]:
        return
    while place > 0 and largest[place - 1] < share:
        largest[place] = largest[place - 1]
        place -= 1
    largest[place] = share


@word
def _fewest(shares: Any, n: int, part: float) -> float:
    """The fewest of n that together hold a part of the whole; 0 where there is nothing to hold."""
    least = part * total(shares)
    held, count = 0.0, 0.0
    while held < least:
        held += _take_largest(shares, n)
        count += 1.0
    return count


@word
def _take_largest(shares: Any, n: int) -> float:
    """The largest of the first n shares, which is 0 from then on: a few times that costs less than
    to sort them all."""
    largest, place = 0.0, 0
    for j in range(n):
        if shares[j] > largest:
            largest, place = shares[j], j
    shares[place] = 0.0
    return largest


@observer
def measure_prices(w: W, firms: FirmRecords, row: Any) -> None:
    """What users pay over what their accounts cost, segment by segment; 0 without users."""
    paid, cost = segment_sums(), segment_sums()
    for f in firms:
        if f.domestic:
            for g in range(SEGMENT_COUNT):
                paid[g] += f.users[g] * f.price[g]
                cost[g] += f.users[g] * f.cost_per_account[g]
    row.price_over_cost_consumer = paid[0] / max(cost[0], 1e-300)
    row.price_over_cost_developer = paid[1] / max(cost[1], 1e-300)
    row.price_over_cost_enterprise = paid[2] / max(cost[2], 1e-300)
    row.price_over_cost_public = paid[3] / max(cost[3], 1e-300)


@observer
def note_world(w: W, firms: FirmRecords, row: Any) -> None:
    """What is the same for all firms."""
    row.frontier = w.frontier
    row.open_weights = w.open_weights
    row.gpu_price = w.gpu_price
    row.gpu_utilisation = w.gpu_utilisation
    row.hype = exp(w.log_hype)
    row.vc_pool = w.vc_pool_musd


@word
def note_shares(firms: FirmRecords, row: Any) -> None:
    """Share of each firm in the users of each segment, into an array (S, F); as in `shares`."""
    users = segment_sums()
    for f in firms:
        for g in range(SEGMENT_COUNT):
            users[g] += f.users[g]
    for f in firms:
        for g in range(SEGMENT_COUNT):
            row[g, f.slot] = f.users[g] / max(users[g], 1e-300)


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
