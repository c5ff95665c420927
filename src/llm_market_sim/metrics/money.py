"""Money: who earns, who has lost how much, and who has a share price but no users."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from llm_market_sim.market.observation import general, shares
from llm_market_sim.market.state import Array
from llm_market_sim.metrics.firms import AnyKind, of_kind, plural, ratio
from llm_market_sim.metrics.registry import SHARE, Definition, metric
from llm_market_sim.simulation import Run


class Earning(Definition):
    """Who counts, and what it is to earn."""

    least: int = Field(24, ge=0, description="least number of contestants that is meant")
    most: int = Field(72, ge=0, description="largest number of contestants that is meant")
    profit: Literal["trailing", "since_start"] = Field(
        "trailing",
        description="operating profit, training included: its mean of about half a "
        "year, or its sum since week 0",
    )

    def words(self) -> str:
        """Who counts, and what it is to earn."""
        when = "of about half a year" if self.profit == "trailing" else "since week 0"
        return (
            f"operating profit {when} above 0, training included (own chips at what they cost "
            "their owner), among general developers alive that have shown a product; no number "
            f"where these are fewer than {self.least} or more than {self.most}"
        )


@metric(
    "earning_share", "share of contestants that earn money", unit="1", params=Earning, within=SHARE
)
def earning_share(run: Run, week: float, p: Earning) -> Array:
    """Share that earns, NaN where the field is smaller or larger than meant; (W,)."""
    state = run.at(week)
    field = general(state, run.firms) & (state.launched_at <= week)
    profit = state.trailing_profit if p.profit == "trailing" else state.profit_total
    n = np.sum(field, axis=-1)
    return np.where((n >= p.least) & (n <= p.most), ratio(profit > 0.0, field), np.nan)


class Purse(Definition):
    """Whose profit."""

    kind: AnyKind = Field("bigtech", description="kind of firm")
    of: Literal["worst", "best", "all"] = Field(
        "worst", description="the lowest or the highest of the firms', or their sum"
    )

    def words(self) -> str:
        """Whose profit."""
        return (
            {"worst": "the lowest of", "best": "the highest of", "all": "the sum over"}[self.of]
            + f" all {plural(self.kind)} that entered, training included (own chips at what they "
            "cost their owner), not discounted"
        )


@metric("cumulative_profit", "operating profit since week 0", unit="million USD", params=Purse)
def cumulative_profit(run: Run, week: float, p: Purse) -> Array:
    """Operating profit since week 0, not discounted, NaN where nobody has entered; (W,)."""
    state = run.at(week)
    entered = (state.entered_at <= week) & of_kind(run.firms, p.kind)
    if p.of == "all":
        number = np.sum(np.where(entered, state.profit_total, 0.0), axis=-1)
    elif p.of == "worst":
        number = np.min(np.where(entered, state.profit_total, np.inf), axis=-1)
    else:
        number = np.max(np.where(entered, state.profit_total, -np.inf), axis=-1)
    return np.where(np.any(entered, axis=-1), number, np.nan)


class WithoutUsers(Definition):
    """When a listed firm counts as one without users."""

    theta: float = Field(0.01, gt=0, lt=1, description="share of a segment that counts as users")
    price: Literal["any", "up"] = Field(
        "any", description="all listed firms, or those whose share price is above that of week 0"
    )

    def words(self) -> str:
        """When a listed firm counts as one without users."""
        which = "" if self.price == "any" else " and stand above their share price of week 0"
        return (
            f"of those that have entered{which}, the ones with less than {100 * self.theta:g} % "
            "of every segment (who is gone has none)"
        )


@metric(
    "listed_without_users",
    "share of listed firms without users",
    unit="1",
    params=WithoutUsers,
    within=SHARE,
)
def listed_without_users(run: Run, week: float, p: WithoutUsers) -> Array:
    """Listed firms without users over all that count, NaN where none does; (W,)."""
    state = run.at(week)
    counted = (state.entered_at <= week) & of_kind(run.firms, "listed")
    if p.price == "up":
        counted = counted & (state.log_stock > 0.0)
    return ratio(np.max(shares(state), axis=1) < p.theta, counted)
