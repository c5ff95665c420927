"""Users: who hears of a product, who tries, who chooses what, who stays.

Nested logit with one nest of products against an outside option (McFadden; Berry 1994), reach as
availability (Goeree 2008), inertia as a bonus for the product in use (Dubé, Hitsch & Rossi 2010),
and entry of non-users after Bass (1969). All flows are expected flows, whose cost grows with the
number of firms and not with the number of users; small segments can be sampled instead.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from llm_market_sim.market.parameters import ByKind, BySegment, Section, parameter
from llm_market_sim.market.phase import Changes, Phase, by_use
from llm_market_sim.market.state import REFERENCE_OOM, Array, Setting, State, Status

__all__ = ["PHASES", "Params", "adopt", "learned_capability", "utility"]

_WEEKS = 52.0
_MOST = 300.0  # a utility whose exponential a number can still hold many times over
_LEAST = 1e-300  # the weight of no product at all, where there is nothing to choose
_TREND_WEEKS = 13.0  # memory of `share_trend` (by a factor e): investors see growth over it
_TASTE_GRID = 4.0  # weeks between draws of taste, on the calendar whatever the tick


class Params(Section):
    """Four segments: how many, what they want, how fast they move."""

    # fmt: off
    population: BySegment = parameter(
        {"consumer": 4e8, "developer": 6e6, "enterprise": 4e4, "public": 4e3},
        unit="accounts", gt=0, le=1e12, symbol="N_g", meaning="possible users",
        source="assumption",
    )
    quality_weight: BySegment = parameter(
        {"consumer": 1.8, "developer": 2.6, "enterprise": 2.2, "public": 1.8},
        plausible=(0.4, 1.5),
        unit="utility/OOM", ge=0, le=20, symbol="beta_q", meaning="utility of capability",
        source="100 Elo points are 0.58 of utility in one comparison, and use repeats; assumption",
    )
    nest_scale: BySegment = parameter(
        {"consumer": 0.45, "developer": 0.45, "enterprise": 0.6, "public": 0.6},
        plausible=(0.65, 1.6), unit="1", ge=0.05, le=1, symbol="lambda_g",
        meaning="how different products are to a user; 1 is plain logit, near 0 winner takes all",
        source="assumption",
    )
    inertia: BySegment = parameter(
        {"consumer": 2.5, "developer": 1.5, "enterprise": 2.5, "public": 3.0},
        plausible=(0.5, 1.5),
        unit="utility", ge=0, le=15, symbol="kappa_g", meaning="bonus of the product in use",
        source="assumption; inertia of this kind is measured in other markets",
    )
    reconsider_per_year: BySegment = parameter(
        {"consumer": 6.0, "developer": 3.0, "enterprise": 1.0, "public": 0.7},
        plausible=(0.4, 2.5), unit="1/year", ge=0, le=365, symbol="rho_g",
        meaning="how often a user chooses again", source="assumption",
    )
    innovation_per_year: BySegment = parameter(
        {"consumer": 0.22, "developer": 0.10, "enterprise": 0.25, "public": 0.06},
        plausible=(0.2, 2),
        unit="1/year", ge=0, le=50, symbol="p_g", meaning="non-users who try of their own accord",
        source="fitted to the facts of 2023 (accounts, revenue); developers: assumption",
    )
    imitation_per_year: BySegment = parameter(
        {"consumer": 1.6, "developer": 2.0, "enterprise": 2.4, "public": 1.2},
        plausible=(0.5, 2),
        unit="1/year", ge=0, le=50, symbol="q_g", meaning="non-users who try because others do",
        source="fitted to the facts of 2023 (accounts, revenue); developers: assumption",
    )
    price_weight: BySegment = parameter(
        {"consumer": 0.6, "developer": 0.02, "enterprise": 8e-6, "public": 6e-6},
        plausible=(0.2, 2),
        unit="utility year/USD", gt=0, le=100, symbol="beta_p", meaning="disutility of a price",
        source="assumption; enterprises and public bodies fitted to the revenue of 2023",
    )
    outside_utility: BySegment = parameter(
        {"consumer": 4.9, "developer": 1.2, "enterprise": -0.8, "public": 0.0},
        unit="utility", ge=-1000, le=1000, symbol="V_0",
        meaning="utility of using nothing, over that of a product of reference capability",
        source="assumption; enterprises and public bodies fitted to the revenue of 2023",
    )
    affinity_weight: float = parameter(
        1.8, plausible=(0.2, 3), unit="utility", ge=0, le=20, symbol="w_a",
        meaning="utility of a firm that fits the segment fully",
        source="fitted to the facts of 2023 (shares of revenue)",
    )
    vertical_bonus: float = parameter(
        1.2, plausible=(0.3, 2),
        unit="utility", ge=0, le=20, meaning="utility of a vertical product in its segment",
        source="assumption",
    )
    flywheel: float = parameter(
        0.2, plausible=(0, 0.3), unit="OOM/decade", ge=0, le=2, symbol="phi",
        meaning="capability gained by ten times the use (learning from data)",
        source="assumption",
    )
    flywheel_start: float = parameter(
        1e7, unit="unit weeks", gt=0, le=1e12, symbol="D_0", meaning="use at which that sets in",
        source="assumption",
    )
    taste_spread: float = parameter(
        0.6, plausible=(0.3, 1.2), unit="utility", ge=0, le=10, symbol="sigma_xi",
        meaning="standard deviation of a product's unobserved appeal",
        source="assumption, first-order and weakly identified",
    )
    taste_memory_weeks: float = parameter(
        52.0, unit="weeks", gt=0, le=5200, meaning="time in which appeal is forgotten (factor e)",
        source="assumption",
    )
    word_of_mouth_per_year: BySegment = parameter(
        {"consumer": 2.0, "developer": 2.0, "enterprise": 1.5, "public": 1.5},
        plausible=(0.3, 3),
        unit="1/year", ge=0, le=50, symbol="omega_g", meaning="reach gained through users",
        source="assumption",
    )
    marketing_per_year: ByKind = parameter(
        {"bigtech": 1.2, "listed": 0.35, "startup": 0.3, "foreign": 0.0},
        plausible=(0.3, 3),
        unit="1/year", ge=0, le=50, symbol="m", meaning="reach gained through distribution",
        source="assumption",
    )
    reach_start: ByKind = parameter(
        {"bigtech": 0.30, "listed": 0.05, "startup": 0.01, "foreign": 1.0},
        unit="1", ge=0, le=1, symbol="r_0",
        meaning="share that an unnamed firm of a kind reaches on its first day",
        source="assumption",
    )
    thin_market_share: float = parameter(
        0.001, unit="1", gt=0, le=1,
        meaning="share of a segment that must use some product before shares count for more",
        source="assumption: leading ten public bodies is not relevance",
    )
    foreign_access: float = parameter(
        0.0, unit="1", ge=0, le=1, meaning="share of users who can get the foreign frontier",
        source="not open to users at home (the article)",
    )
    sampled_below_accounts: float = parameter(
        0.0, unit="accounts", ge=0, le=1e6,
        meaning="segments with fewer accounts are drawn user by user, the others in expectation",
        source="assumption: expected flows are exact to 1 % from about 10,000 users on",
    )
    # fmt: on


def utility(state: State, p: Any, setting: Setting, g: int, learned: Array) -> Array:
    """Utility in segment g of each product over the outside option, over the nest's scale; (W, F).

    learned: capability served, with what use has taught (`learned_capability`).
    """
    u, scale = p.users, p.users.nest_scale[g]
    fixed = (u.affinity_weight * setting.firms.affinity[:, g] - u.outside_utility[g]) / scale
    return np.asarray(
        (u.quality_weight[g] / scale) * (learned - REFERENCE_OOM)
        + (1.0 / scale) * state.taste[:, g]
        - (u.price_weight[g] / scale) * state.price[:, g]
        + (u.vertical_bonus / scale) * (state.niche == g)
        + fixed
    )


def learned_capability(state: State, p: Any) -> Array:
    """Capability of the product plus phi log10(1 + D/D_0) from its use; (W, F)."""
    u = p.users
    return np.asarray(
        state.served + (u.flywheel / np.log(10.0)) * np.log(1.0 + state.data / u.flywheel_start)
    )


def adopt(state: State, p: Any, setting: Setting) -> Changes:
    """One tick of adoption, reconsideration and choice, segment by segment, in O(firms)."""
    u, dt, firms = p.users, setting.dt, setting.firms
    learned = learned_capability(state, p)
    access = state.live * np.where(firms.domestic, 1.0, u.foreign_access)
    general = state.live & (state.niche < 0)
    shown = state.alive & (state.launched_at <= setting.after(state.week))
    telling = (dt / _WEEKS) * shown
    closed = (state.status == Status.BETA) & firms.domestic
    use, best, spending = (np.zeros_like(state.data) for _ in range(3))
    segments = []
    for g in range(state.users.shape[1]):
        one = _segment(state, p, setting, g, learned, general, access, telling, closed)
        segments.append(one)
        users = one["users"]
        size = np.sum(users, axis=-1, keepdims=True)
        size = np.maximum(size, u.thin_market_share * u.population[g])
        best = np.maximum(best, users / size)
        use = use + users * p.pricing.units_per_account[g]
        spending = spending + users * state.price[:, g]
    return {
        **{name: np.stack([one[name] for one in segments], axis=1) for name in segments[0]},
        "taste": _taste(state, u, setting),
        "use": use,
        "spending": spending,
        "data": state.data + use * dt,
        "best_share": best,
        "share_trend": best + (state.share_trend - best) * np.exp(-dt / _TREND_WEEKS),
    }


def _segment(state: State, p: Any, setting: Setting, g: int, learned: Array, general: Array,
             access: Array, telling: Array, closed: Array) -> Changes:  # fmt: skip
    """Users, idle, unaware and reach of one segment after the tick; (W, F) or (W, 1).

    general: has a product for everybody. access: share of users to whom it is open. telling: time
    in which it was shown, years. closed: in closed beta.
    """
    u = p.users
    value = np.exp(np.minimum(utility(state, p, setting, g, learned), _MOST))
    attraction = value * (general | (state.live & (state.niche == g)))
    weight = state.reach[:, g] * attraction * access
    choice = np.sum(weight, axis=-1, keepdims=True) + _LEAST
    stay = (np.exp(u.inertia[g] / u.nest_scale[g]) - 1.0) * attraction

    # those who choose in this tick
    years = setting.dt / _WEEKS
    again = 1.0 - np.exp(-u.reconsider_per_year[g] * years)
    first = _first_try(1.0 - state.unaware[:, g] / u.population[g], u, g, years)
    small = np.all(u.population[g] < u.sampled_below_accounts)
    flows = _sampled if small else _expected
    users, unaware, idle = flows(state, u, setting, g, weight, choice, stay, again, first)

    if np.any(p.regulation.licence_needed[g] > 0.0):
        kept = np.minimum(users, np.where(closed, p.regulation.beta_cap[g], np.inf))
        idle = idle + np.sum(users - kept, axis=-1, keepdims=True)
        users = kept

    told = (u.word_of_mouth_per_year[g] / u.population[g]) * users + u.marketing_per_year
    missed = (1.0 - state.reach[:, g]) * np.exp(-told * telling)
    return {"users": users, "unaware": unaware, "idle": idle, "reach": 1.0 - missed}


def _first_try(tried: Array, u: Any, g: int, years: float) -> Array:
    """Share of those who have never tried that do so in a time: Bass (1969) in closed form.

    tried: share of segment g that has tried a product before, (W, 1).
    """
    p, q = u.innovation_per_year[g], u.imitation_per_year[g]
    rate, rest = p + q * tried, 1.0 - tried
    decay = np.exp(-(p + q) * years)
    after = (rate - p * rest * decay) / np.maximum(rate + q * rest * decay, 1e-300)
    return np.where((rate > 0.0) & (rest > 0.0), (after - tried) / np.maximum(rest, 1e-300), 0.0)


def _inside(denominator: Array, scale: Array) -> Array:
    """Chance of choosing a product at all, given the sum of weights that a user sees (above 0)."""
    value = np.exp(scale * np.log(denominator))
    return np.asarray(value / (1.0 + value))


def _expected(state: State, u: Any, setting: Setting, g: int, weight: Array, choice: Array,
              stay: Array, again: Array, first: Array) -> tuple[Array, Array, Array]:  # fmt: skip
    """Users, unaware, idle by expected flows: nothing is lost, nobody is drawn."""
    users, unaware, idle = state.users[:, g], state.unaware[:, g], state.idle[:, g]
    moving = users * again
    seen = choice + stay
    inside = moving * _inside(seen, u.nest_scale[g])
    per_weight = inside / seen
    fresh, drifting = unaware * first, idle * again
    inside_new = (fresh + drifting) * _inside(choice, u.nest_scale[g])
    pulled = np.sum(per_weight, axis=-1, keepdims=True) + inside_new / choice
    lost = np.sum(moving - inside, axis=-1, keepdims=True)
    return (
        users - moving + weight * pulled + stay * per_weight,
        unaware - fresh,
        idle - drifting + lost + (fresh + drifting) - inside_new,
    )


def _sampled(state: State, u: Any, setting: Setting, g: int, weight: Array, choice: Array,
             stay: Array, again: Array, first: Array) -> tuple[Array, Array, Array]:  # fmt: skip
    """As `_expected`, but whole users move, drawn exactly."""
    seen = choice + stay
    inside = _inside(seen, u.nest_scale[g])
    return setting.luck.flows(
        f"flows {g}", state.tick, state.users[:, g], state.unaware[:, g], state.idle[:, g],
        np.broadcast_to(again, first.shape), first,
        keeps=inside * stay / seen, inside=inside,
        inside_new=_inside(choice, u.nest_scale[g]), parts=weight / choice,
    )  # fmt: skip


def _taste(state: State, u: Any, setting: Setting) -> Array:
    """Appeal wanders (Ornstein-Uhlenbeck) on a fixed four-week grid."""
    k = int(setting.after(state.week) / _TASTE_GRID)
    if k == int(state.week / _TASTE_GRID):
        return state.taste
    kept = np.exp(-_TASTE_GRID / by_use(u.taste_memory_weeks))
    noise = setting.luck.segment_normals("taste", k)
    return kept * state.taste + by_use(u.taste_spread) * np.sqrt(1.0 - kept**2) * noise


PHASES = (
    Phase(
        "adopt", "Users hear of products, try, choose, stay or leave.", adopt,
        ("users", "unaware", "idle", "reach", "taste", "use", "spending", "data", "best_share",
         "share_trend"),
    ),
)  # fmt: skip
