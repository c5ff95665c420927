"""Accounts: every payment of the tick, each with its payer and its payee."""

from __future__ import annotations

from llm_market_sim.market.arithmetic import exp
from llm_market_sim.market.codes import API_MARGIN, BIGTECH, NOBODY, SEGMENT_COUNT, WEEKS, WRAPPER
from llm_market_sim.market.columns import Columns, column
from llm_market_sim.market.firm import Book, Day, F, Firms, P, W, alive, here
from llm_market_sim.market.luck import normal, stream
from llm_market_sim.market.parameters import ByKind, ByRoute, Section, parameter
from llm_market_sim.market.rule import phase, start, word

__all__ = ["Params", "free_money", "open_books", "settle"]

_HALF_A_YEAR = 26.0  # weeks: memory of the trailing profit (by a factor e)
SEED_CASH, BURN = stream("seed cash"), stream("burn")


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
        0.4, unit="1", ge=0, le=3, meaning="standard deviation of the log of running cost",
        source="assumption",
    )
    burn_factor: ByRoute = parameter(
        {"foundation": 1.0, "fine_tune": 0.6, "wrapper": 0.4, "vertical": 0.6},
        unit="1", ge=0, le=10, meaning="running cost of a route, as a multiple of foundation's",
        source="assumption",
    )
    reserve_weeks: float = parameter(
        26.0, plausible=(0, 52), unit="weeks", ge=0, le=520,
        meaning="running cost that is kept back; shares of the rest go into runs, cards and reach",
        source="assumption",
    )
    # fmt: on


class World(Columns):
    """Everybody else's money, so that nothing is lost."""

    account_users = column("million USD", "users' outside wealth")
    account_outside = column("million USD", "staff, energy, other vendors")


class Firm(Columns):
    """A firm's money."""

    cash = column("million USD", "cash")
    credits = column("million USD", "set aside by a backer for compute")
    burn = column("million USD/year", "staff and other running cost")
    revenue = column("million USD/year", "revenue this tick, annualised")
    revenue_total = column("million USD", "revenue since week 0")
    profit = column("million USD/year", "operating profit this tick, annualised")
    trailing_profit = column("million USD/year", "operating profit, mean of about half a year")
    profit_total = column("million USD", "operating profit since week 0")


@start(
    "Unnamed firms have a first sum of cash, and every firm its running cost.",
    "启动资金与日常开支。",
)
def open_books(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Seed cash and burn are log-normal; a firm without revenue loses its burn."""
    a, population = p.accounts, p.population
    for f in firms:
        if not f.named:
            luck = exp(population.seed_cash_spread * normal(w, f.key, SEED_CASH, 0))
            f.cash = population.seed_cash_musd[f.kind] * luck
            if f.star:
                f.cash *= p.funding.size_factor_star
            f.burn = a.burn_musd_per_year[f.kind] * a.burn_factor[f.route]
            f.burn *= exp(a.burn_spread * normal(w, f.key, BURN, 0))
        f.trailing_profit = -f.burn
        f.earmark = f.cash if f.kind == BIGTECH else 0.0


@word
def free_money(f: F, p: P) -> float:
    """What a firm can spend on growth: cash and credits beyond its reserve."""
    return max(f.cash + f.credits - f.burn * p.accounts.reserve_weeks / WEEKS, 0.0)


@word
def _service(f: F, p: P) -> float:
    """Cost of looking after accounts, USD a year: advice, fitting, support."""
    cost = 0.0
    for g in range(SEGMENT_COUNT):
        cost += f.users[g] * p.pricing.service_usd[g]
    return cost


@word
def _fees(w: W, firms: Firms, f: F, p: P) -> float:
    """What a wrapper pays in the tick for the model that it sells, as far as it is served."""
    if f.route != WRAPPER:
        return 0.0
    hours = f.unit_hours if w.supplier == NOBODY else firms[w.supplier].unit_hours
    served = f.use * f.compute_share
    return served * hours * (w.dt * w.gpu_price * (1.0 + API_MARGIN) * 1e-6)


@phase(
    "Users pay; firms pay compute, suppliers, staff and cards; clouds earn rent.",
    "用户付费；企业支付算力、供应商、员工与加速卡；云厂商收租。",
)
def settle(w: W, firms: Firms, p: P, day: Day, book: Book) -> None:
    """Every payment of the tick, each with its payer and its payee.

    Operating profit is subscriptions and interface fees less compute, fees paid, service,
    advertising and burn; cards are paid but are no cost of the week, and the rent that a cloud
    earns with idle accelerators reaches its cash but is not model business. A firm is paid for the
    share of use that it serves.
    Money is in million USD; the sum over all accounts does not change.
    """
    rent_price = w.gpu_price * 1e-6
    own_price = min(p.compute.own_cost_usd * 1e-6, rent_price)
    year = w.dt / WEEKS
    all_fees, all_rent, all_rented = 0.0, 0.0, 0.0
    for f in firms:
        if here(f):
            all_fees += _fees(w, firms, f, p)
            all_rent += f.hours_rented * rent_price
            all_rented += f.hours_rented
    let_price = all_rent / max(all_rented, 1e-12)
    kept = exp(-w.dt / _HALF_A_YEAR)
    all_paid, abroad, outside, all_let = 0.0, 0.0, 0.0, 0.0
    for f in firms:
        if not alive(f):
            f.revenue = 0.0
            f.profit = 0.0
            continue
        paid = f.spending * f.compute_share * (1e-6 * year)
        all_paid += paid
        if not f.domestic:
            abroad += paid
            continue
        fees = _fees(w, firms, f, p)
        own_cost, let_cost = f.hours_own * own_price, f.hours_let * own_price
        rent, let = f.hours_rented * rent_price, f.hours_let * let_price
        prepaid = min(rent, f.credits)
        running = f.burn * year + _service(f, p) * 1e-6 * year + f.marketing * year
        cards = f.card_spending * year
        revenue = paid + all_fees if f.slot == w.supplier else paid
        profit = (revenue - (fees + own_cost + rent + running)) / year
        f.cash += revenue - fees - own_cost - (rent - prepaid) - running - cards + let - let_cost
        f.credits -= prepaid
        f.revenue = revenue / year
        f.revenue_total += revenue
        f.profit = profit
        f.profit_total += profit * year
        f.trailing_profit = profit + (f.trailing_profit - profit) * kept
        outside += own_cost + let_cost + running + cards
        all_let += let
    if w.supplier == NOBODY:
        abroad += all_fees
    w.account_users -= all_paid
    w.account_outside += abroad + outside + all_rent - all_let
