"""Accounts: every payment of the tick, each with its payer and its payee."""

from __future__ import annotations

from typing import Any

import numpy as np

from llm_market_sim.market.parameters import ByKind, ByRoute, Section, parameter
from llm_market_sim.market.phase import Changes, Phase
from llm_market_sim.market.state import Route, Setting, State

__all__ = ["PHASES", "Params", "settle"]

_WEEKS = 52.0


class Params(Section):
    """Running costs besides compute."""

    # fmt: off
    burn_musd_per_year: ByKind = parameter(
        {"bigtech": 70.0, "listed": 12.0, "startup": 9.0, "foreign": 0.0},
        plausible=(0.5, 2), unit="million USD/year", ge=0, le=1e5,
        meaning="median staff and other running cost of an unnamed firm of a kind",
        source="20 M USD for people was named as a startup's least budget (iFeng, Feb 2023); "
        "others assumption",
    )
    burn_spread: float = parameter(
        0.4, unit="1", ge=0, le=3, meaning="standard deviation of the log of that cost",
        source="assumption",
    )
    burn_factor: ByRoute = parameter(
        {"foundation": 1.0, "fine_tune": 0.6, "wrapper": 0.4, "vertical": 0.6},
        unit="1", ge=0, le=10, meaning="running cost of a route against foundation",
        source="assumption",
    )
    smoothing_weeks: float = parameter(
        26.0, unit="weeks", gt=0, le=520, meaning="memory of the trailing operating profit",
        source="assumption",
    )
    # fmt: on


def settle(state: State, p: Any, setting: Setting) -> Changes:
    """Users pay firms; firms pay compute, suppliers and staff; clouds are paid for idle hours.

    Operating profit is subscriptions and interface fees less compute, fees paid and burn; the
    rent that a cloud earns with idle accelerators reaches its cash but is not model business. A
    firm is paid for the share of use that it serves.
    Money is in million USD; the sum over all accounts does not change.
    """
    dt, firms = setting.dt, setting.firms
    alive = state.alive & firms.domestic
    price = state.gpu_price
    slots = np.arange(state.cash.shape[-1])

    paid = state.spending * state.compute_share * (1e-6 * dt / _WEEKS)
    wraps = state.route == Route.WRAPPER
    seller = state.supplier == slots
    fee_hours = np.sum(np.where(seller, state.unit_hours, 0.0), axis=-1, keepdims=True)
    fee_hours = fee_hours + (state.supplier < 0) * state.unit_hours
    fee = dt * price * (1.0 + p.pricing.api_margin) * 1e-6  # for an hour a week
    fees = np.where(wraps & alive, state.use, 0.0) * fee_hours * fee
    all_fees = np.sum(fees, axis=-1, keepdims=True)
    earned_fees = np.where(seller, all_fees, 0.0)

    own_cost = state.hours_own * (price * p.compute.own_cost_share * 1e-6)
    let_cost = state.hours_let * (price * p.compute.own_cost_share * 1e-6)
    rent = state.hours_rented * (price * 1e-6)
    prepaid = np.minimum(rent, state.credits)
    rent_cash = rent - prepaid
    all_rent = np.sum(rent, axis=-1, keepdims=True)
    hours_sold = np.sum(state.hours_rented, axis=-1, keepdims=True)
    let_income = state.hours_let * (all_rent / np.maximum(hours_sold, 1e-12))
    burn = np.where(alive, state.burn, 0.0) * dt / _WEEKS

    revenue = np.where(alive, paid, 0.0) + earned_fees
    cost = fees + own_cost + rent + burn
    profit = (revenue - cost) * (_WEEKS / dt)
    change = revenue - fees - own_cost - rent_cash - burn + let_income - let_cost
    total = {
        "in": np.sum(paid, axis=-1, keepdims=True),
        "abroad": np.sum(np.where(alive, 0.0, paid), axis=-1, keepdims=True)
        + all_fees - np.sum(earned_fees, axis=-1, keepdims=True),
        "outside": np.sum(own_cost + let_cost + burn, axis=-1, keepdims=True)
        + all_rent - np.sum(let_income, axis=-1, keepdims=True),
    }  # fmt: skip
    kept = np.exp(-dt / p.accounts.smoothing_weeks)
    return {
        "cash": state.cash + change,
        "credits": state.credits - prepaid,
        "account_users": state.account_users - total["in"],
        "account_outside": state.account_outside + total["abroad"] + total["outside"],
        "revenue": revenue * (_WEEKS / dt),
        "revenue_total": state.revenue_total + revenue,
        "profit": profit,
        "trailing_profit": np.where(
            alive, profit + (state.trailing_profit - profit) * kept, state.trailing_profit
        ),
        "profit_total": state.profit_total + profit * dt / _WEEKS,
    }


PHASES = (
    Phase(
        "settle", "Users pay; firms pay compute, suppliers and staff; clouds earn rent.", settle,
        ("cash", "credits", "account_users", "account_outside", "revenue",
         "revenue_total", "profit", "trailing_profit", "profit_total"),
    ),
)  # fmt: skip
