"""Laws: what holds in every tick of every world of every valid scenario, one function each.

    for tick in ticks(run):
        check(tick)         # AssertionError names the law and the week

A law reads two moments, before and after a tick, by the names of columns, and the scenario's
parameters of that week. It knows no rule, so it holds for whatever computes them. A new law is
one function with `@law`; its docstring says it in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from llm_market_sim.market.parameters import SEGMENTS
from llm_market_sim.market.state import COLUMNS, DEAD, NEVER, NO_MODEL, Kind, Route, Status
from llm_market_sim.scenario import Scenario
from llm_market_sim.simulation import Run, simulate_block

__all__ = ["LAWS", "Tick", "check", "history", "ticks"]

ACCOUNTS = tuple(name for name in COLUMNS if name.startswith("account_"))
TINY = 1e-9


@dataclass(frozen=True, eq=False, repr=False)
class Tick:
    """A tick: the moments before and after, the parameters of its week, the firms, its length."""

    before: Any
    after: Any
    p: Any
    firms: Any
    dt: float
    shocks: dict[str, float]
    always: bool  # the rule about licences has never been another one

    @cached_property
    def domestic(self) -> Any:
        """Not the foreign frontier; (1, F)."""
        return self.firms.kind != Kind.FOREIGN

    @cached_property
    def lives(self) -> Any:
        """Alive before and after; (W, F)."""
        return self.before.alive & self.after.alive

    @cached_property
    def died(self) -> Any:
        """Gone before the tick; (W, F)."""
        return self.before.status >= DEAD

    def rose(self, name: str) -> Any:
        """How much a column grew."""
        return getattr(self.after, name) - getattr(self.before, name)

    def needs(self, state: Any) -> Any:
        """Whose product needs a licence by the rule of the week; (W, F)."""
        rule = self.p.regulation
        needed = [rule.licence_needed[segment] > 0 for segment in SEGMENTS]
        return np.array([*needed, any(needed)])[state.niche] & rule.review_required  # -1 is last


def history(scenario: Scenario, worlds: int, seed: int) -> Run:
    """A run that keeps every moment."""
    per_week = scenario.ticks_per_week
    moments = [k / per_week for k in range(scenario.horizon_weeks * per_week + 1)]
    return simulate_block(scenario, range(worlds), seed, snapshots=moments, events=False, series=())


def ticks(run: Run) -> Iterator[Tick]:
    """The ticks of a run that kept every moment."""
    scenario, per_week = run.scenario, run.scenario.ticks_per_week
    rule, always, before = scenario.at(0).regulation, True, run.at(0.0)
    for tick in range(scenario.horizon_weeks * per_week):
        week = tick // per_week
        p, after = scenario.at(week), run.at((tick + 1) / per_week)
        always = always and (p.regulation.review_required, p.regulation.licence_needed) == (
            rule.review_required,
            rule.licence_needed,
        )
        shocks: dict[str, float] = {}
        for event in scenario.timeline.values():
            if tick % per_week == 0 and week - 1 < event.week <= week:
                shocks |= event.shock
        yield Tick(before, after, p, run.firms, 1 / per_week, shocks, always)
        before = after


LAWS: dict[str, Callable[[Tick], None]] = {}


def law(rule: Callable[[Tick], None]) -> Callable[[Tick], None]:
    """Make a function a law."""
    LAWS[rule.__name__] = rule
    return rule


def check(tick: Tick) -> None:
    """Every law holds in this tick. AssertionError with the law and the week otherwise."""
    for name, rule in LAWS.items():
        try:
            rule(tick)
        except AssertionError as error:
            where = f"{name} ({rule.__doc__}) does not hold in week {tick.before.week:g}"
            raise AssertionError(where) from error


same = np.array_equal

# ---- people, money, hours ----


@law
def users_sum_to_the_population(t: Tick) -> None:
    """Everybody uses something, or is in the market, or has never tried."""
    size = np.array([t.p.users.population[segment] for segment in SEGMENTS])
    people = np.sum(t.after.users, axis=-1) + t.after.idle[..., 0] + t.after.unaware[..., 0]
    assert np.all(np.abs(people - size) <= 1e-11 * size)
    for name in ("users", "idle", "unaware"):
        assert np.all(getattr(t.after, name) >= -TINY * size[:, None]), name


@law
def money_is_only_moved(t: Tick) -> None:
    """The sum over all purses and accounts stays."""
    total, scale = 0.0, 1.0
    for state, sign in ((t.after, 1.0), (t.before, -1.0)):
        parts = [np.sum(state.cash + state.credits, -1), state.vc_pool_musd[:, 0]]
        parts += [getattr(state, name)[:, 0] for name in ACCOUNTS]
        total = total + sign * sum(parts)
        scale = scale + sum(np.abs(part) for part in parts) + np.sum(np.abs(state.cash), -1)
    assert np.all(np.abs(total) <= 1e-12 * scale)


@law
def nobody_lives_on_debt(t: Tick) -> None:
    """Who lives has cash; pool and credits are never negative."""
    assert np.all(t.after.cash[t.after.alive & t.domestic] > 0.0)
    assert np.all(t.after.vc_pool_musd >= 0.0) and np.all(t.after.credits >= 0.0)


@law
def no_more_compute_is_used_than_there_is(t: Tick) -> None:
    """No firm uses more than its cards give; no more is rented than lessors and clouds let, nor
    for less than an hour costs, nor for more than the dearest rent."""
    c, state, firms = t.p.compute, t.after, t.firms
    floor = c.price_usd_per_gpu_hour * np.exp(-c.price_decline_per_year * state.week / 52.0)
    assert np.all(state.gpu_price >= floor * (1 - 1e-9))
    assert np.all(state.gpu_price <= c.dearest_rent * floor * (1 + 1e-9))
    per_card = c.usable_share * 168.0 * t.dt
    own, room = state.cards * per_card, 1 + 1e-9
    assert np.all((state.hours_own + state.hours_let)[t.lives] <= (own * room + TINY)[t.lives])
    lent = np.sum(state.hours_let, -1)
    rented, to_let = np.sum(state.hours_rented, -1), state.rental_cards[:, 0] * per_card
    assert np.all(rented <= (to_let + lent) * room + TINY)
    assert np.all(lent <= rented * room)
    for name in ("hours_own", "hours_rented", "hours_let", "hours_training", "cards",
                 "cards_ordered", "rental_cards"):  # fmt: skip
        assert np.all(getattr(state, name) >= 0.0), name
    assert np.all(state.hours_training <= (state.hours_own + state.hours_rented) * room + TINY)
    assert np.all((state.hours_let > 0.0) <= firms.cloud)
    assert np.all((state.compute_share >= 0.0) & (state.compute_share <= room))
    assert np.all((state.gpu_ration >= 0.0) & (state.gpu_ration <= 1.0))


@law
def runs_are_rented_after_customers_and_within_their_need_and_money(t: Tick) -> None:
    """Nobody gets more than its run still needs or its till may pay, and none while users wait."""
    state, got = t.after, t.after.hours_training
    ended = (t.rose("runs") > 0) | (t.rose("pivots") > 0) | (state.status >= DEAD)
    assert np.all((got <= TINY) | (state.run_hours > 0.0) | ended)
    going = state.run_hours > 0.0
    assert np.all(state.run_got[going] <= state.run_hours[going] * (1 + 1e-9))
    till = np.maximum(t.before.cash + t.before.credits, 0.0) * (1.0 - 0.5**t.dt)
    paid = (got - state.hours_own) * state.gpu_price * 1e-6  # or more: own hours serve, too
    assert np.all(paid <= np.minimum(till, state.run_bid * t.dt) * (1 + 1e-9) + TINY)
    owned = t.p.compute.usable_share * 168.0 * t.dt * state.cards
    waits = state.gpu_ration[:, 0] < 1.0 - TINY
    assert np.all((got <= owned + TINY)[waits])


@law
def cards_come_from_orders_and_orders_from_money(t: Tick) -> None:
    """Cards that came or were ordered are paid for, but those of a team that was bought; where
    nothing is delivered no card comes, and none is ordered."""
    price = t.p.cards.price_usd * np.exp(-t.p.compute.price_decline_per_year * t.before.week / 52.0)
    paid = t.after.card_spending * t.dt / 52.0 * 1e6 / price
    more = t.rose("cards") + t.rose("cards_ordered")
    own = np.array(t.lives)
    for w, f in np.argwhere((t.after.acquirer >= 0) & (t.before.acquirer < 0)):
        own[w, t.after.acquirer[w, f]] = False
    has = t.after.cards + t.after.cards_ordered
    assert np.all(np.abs(more - paid)[own] <= (1e-6 + 1e-9 * has)[own])
    assert np.all(t.rose("cards")[own] >= -TINY)
    if t.p.cards.deliveries == 0.0:
        assert np.all(paid == 0.0) and np.all(t.rose("cards")[own] <= TINY)


@law
def nothing_is_undefined(t: Tick) -> None:
    """No NaN anywhere, and no infinity but in the week of what has not happened."""
    for name, column in COLUMNS.items():
        values = getattr(t.after, name)
        assert not np.isnan(np.max(values)), name
        assert column.start == NEVER or np.isfinite(np.max(np.abs(values))), name
        assert values.shape == getattr(t.before, name).shape, name
        assert values.dtype == column.dtype, name


@law
def shares_are_shares_and_prices_within_reason(t: Tick) -> None:
    """Shares lie between 0 and 1; a price is positive, no mark-up over four fifths of it."""
    for name in ("reach", "best_share", "share_trend"):
        values = getattr(t.after, name)
        assert np.all((values >= 0.0) & (values <= 1.0 + 1e-12)), name
    scale = np.array([t.p.users.price_scale[segment] for segment in SEGMENTS])[:, None]
    most = np.maximum(t.before.price, 5.0 * (t.after.cost_per_account + scale))
    assert np.all((t.after.price >= 0.0) & (t.after.price <= most * (1 + 1e-9)))


# ---- a life ----


@law
def counters_only_grow(t: Tick) -> None:
    """What is counted, or summed of what cannot be negative, never falls."""
    for name in ("runs", "run_failures", "incidents", "pivots", "stage", "meetings", "raised",
                 "use_so_far", "entry_hazard", "offers", "revenue_total", "services", "opened",
                 "best_run"):  # fmt: skip
        assert np.all(t.rose(name) >= 0.0), name
    assert np.all(t.after.capability >= t.before.capability)


@law
def what_happened_is_stamped_in_its_tick(t: Tick) -> None:
    """The week of what happened lies in the tick in which it did."""
    names = ("entered_at", "launched_at", "filed_at", "run_at", "closed_at", "incident_at",
             "round_at", "licensed_at")  # fmt: skip
    for name in names:
        old, new = getattr(t.before, name), getattr(t.after, name)
        stamps = new[new != old]
        assert np.all(stamps >= t.before.week - TINY), name
        assert np.all(stamps <= t.after.week + TINY), name


@law
def the_order_of_a_life(t: Tick) -> None:
    """Enter, show, file, be reviewed, be licensed, close: never in another order."""
    order = ("entered_at", "launched_at", "filed_at", "reviewed_at", "licensed_at")
    state = t.after
    for earlier, later in pairwise(order):
        done = np.isfinite(getattr(state, later))
        assert np.all(getattr(state, earlier)[done] <= getattr(state, later)[done] + TINY), later
    assert np.all(state.closed_at >= t.before.closed_at.clip(max=t.before.week) - TINY)


@law
def status_follows_the_dates(t: Tick) -> None:
    """Entered or waiting, shown or building, gone or not: status and dates tell the same."""
    state = t.after
    assert same(np.isfinite(state.entered_at), state.status > Status.WAITING)
    assert same(np.isfinite(state.closed_at), state.status >= DEAD)
    shown = (state.status > Status.BUILDING) & (state.status < DEAD) & t.domestic
    assert np.all(state.launched_at[shown] <= t.after.week)
    assert np.all(state.launched_at[state.status <= Status.BUILDING] == NEVER)
    held = state.status == Status.SUSPENDED
    assert np.all(state.suspended_until[held] > t.after.week) and np.all(state.incidents[held] > 0)
    assert np.all(state.alive[:, t.firms.kind[0] == Kind.FOREIGN])


@law
def nobody_goes_back(t: Tick) -> None:
    """Out of waiting, shown, dead: each for good; skill, lag, burn and the like are for life."""
    old, new = t.before.status, t.after.status
    assert np.all(new[old > Status.WAITING] > Status.WAITING)
    assert np.all(new[old > Status.BUILDING] > Status.BUILDING)
    fell = (old == Status.OPEN) & (new == Status.BETA)
    assert not np.any(fell & np.isfinite(t.before.licensed_at))
    for name in ("burn", "lag", "skill", "earmark", "entry_threshold"):
        assert same(getattr(t.after, name), getattr(t.before, name)), name
    for name in ("entered_at", "launched_at", "filed_at", "licensed_at", "closed_at"):
        was = getattr(t.before, name)
        done = np.isfinite(was)
        assert same(getattr(t.after, name)[done], was[done]), name


@law
def the_dead_keep_their_row(t: Tick) -> None:
    """What a dead firm was, it stays."""
    for name in ("status", "closed_at", "acquirer", "route", "niche", "stage", "raised", "runs",
                 "incidents", "pivots", "capability", "backer", "revenue_total", "profit_total",
                 "trailing_profit", "offers", "meetings"):  # fmt: skip
        old, new = getattr(t.before, name), getattr(t.after, name)
        assert same(new[t.died], old[t.died]), name


@law
def no_dead_firm_earns_trains_raises_or_serves(t: Tick) -> None:
    """Who is gone has no users, money, run, hours, revenue, cost or round."""
    gone = t.after.status >= DEAD
    for name in ("cash", "credits", "run_hours", "use"):
        assert np.all(getattr(t.after, name)[gone] == 0.0), name
    for name in ("hours_own", "hours_rented", "hours_let", "revenue", "profit", "round_musd",
                 "round_ask", "spending", "wish_training_musd", "best_share"):  # fmt: skip
        assert np.all(getattr(t.after, name)[t.died] == 0.0), name
    absent = gone | (t.after.status == Status.WAITING)
    assert np.all(t.after.users.swapaxes(0, 1)[:, absent] == 0.0)


@law
def who_waits_does_nothing(t: Tick) -> None:
    """A firm that has not entered has no run, hours, users, revenue, round or incident."""
    waits = t.after.status == Status.WAITING
    for name in ("run_hours", "hours_own", "hours_rented", "hours_let", "use", "revenue", "profit",
                 "round_musd", "incidents", "runs", "pivots"):  # fmt: skip
        assert np.all(getattr(t.after, name)[waits] == 0.0), name
    for name in ("cash", "preparation", "capability"):
        assert same(getattr(t.after, name)[waits], getattr(t.before, name)[waits]), name


# ---- licences ----


@law
def who_opens_and_needs_a_licence_has_one(t: Tick) -> None:
    """Also after a suspension; and while the rule stays the same, so does everybody who is open."""
    state, has = t.after, np.isfinite(t.after.licensed_at)
    opened = (state.status == Status.OPEN) & (t.before.status != Status.OPEN) & t.domestic
    assert np.all(has[opened & t.needs(t.before)])
    if t.always:
        assert np.all(has[(state.status == Status.OPEN) & t.domestic & t.needs(state)])


@law
def a_licence_opens_a_product(t: Tick) -> None:
    """Who is licensed this tick was in beta, is open or was hit at once, and had been reviewed."""
    fresh = np.isfinite(t.after.licensed_at) & ~np.isfinite(t.before.licensed_at)
    assert np.all(t.before.status[fresh] <= Status.BETA)
    assert np.all(t.after.status[fresh] != Status.BETA)
    assert np.all(t.after.reviewed_at[fresh] <= t.after.licensed_at[fresh] + TINY)
    files = np.isfinite(t.after.filed_at) & ~np.isfinite(t.before.filed_at)
    assert t.p.regulation.filing_open or not np.any(files)
    assert np.all(t.after.wish_filing[files] > 0.0)


@law
def a_closed_beta_keeps_its_cap(t: Tick) -> None:
    """Where a segment needs a licence, a product in beta has no more users than the cap."""
    beta = (t.after.status == Status.BETA) & t.domestic
    for g, segment in enumerate(SEGMENTS):
        if t.p.regulation.licence_needed[segment] > 0:
            cap = t.p.regulation.beta_cap[segment]
            assert np.all(t.after.users[:, g][beta] <= cap), segment


@law
def what_is_not_on_show_gains_no_users(t: Tick) -> None:
    """Not while building or suspended; a vertical gains none outside its segment."""
    grew = t.after.users > t.before.users * (1 + 1e-12)
    hidden = (t.after.status == Status.SUSPENDED) | (t.after.status == Status.BUILDING)
    assert not np.any(grew & hidden[:, None, :])
    niche = t.before.niche
    for g in range(len(SEGMENTS)):
        assert not np.any(grew[:, g] & (niche >= 0) & (niche != g))


# ---- reach, backers, money ----


@law
def reach_never_falls_while_a_firm_lives(t: Tick) -> None:
    """Once heard of, never forgotten; a backer takes none away."""
    assert np.all((t.rose("reach") >= -1e-12) | ~t.lives[:, None, :])


@law
def a_backer_is_for_life_and_a_big_tech(t: Tick) -> None:
    """Once set it never changes; it is set to a big tech that lives, for a startup that asked."""
    was, now = t.before.backer, t.after.backer
    assert same(now[was >= 0], was[was >= 0])
    for w, f in np.argwhere((was < 0) & (now >= 0)):
        behind = now[w, f]
        assert t.firms.kind[0, behind] == Kind.BIGTECH and not t.died[w, behind]
        assert t.after.status[w, behind] > Status.WAITING
        assert t.firms.kind[0, f] == Kind.STARTUP and t.after.round_musd[w, f] > 0.0


@law
def a_backer_keeps_its_reserve(t: Tick) -> None:
    """Of each purse, a deal takes a third at most."""
    kept = 1.0 - 1.0 / 3.0
    budget = t.p.funding.budget_per_year * np.max(t.after.earmark) * t.dt / 52.0
    fresh = (t.before.backer < 0) & (t.after.backer >= 0)
    for w in np.flatnonzero(np.any(fresh, axis=-1)):
        behind = t.after.backer[w, fresh[w]]
        given = t.after.round_musd[w, fresh[w]]
        for big in np.unique(behind):
            if t.after.alive[w, big]:
                deals = behind == big
                purse = t.after.cash[w, big] - budget + np.sum(given[deals])
                assert t.after.cash[w, big] >= purse * kept ** np.sum(deals) - TINY


@law
def only_startups_raise_and_only_what_was_given(t: Tick) -> None:
    """A round is counted once, as what it brings, and a bridge as no stage; only who seeks has
    one."""
    startup = t.firms.kind == Kind.STARTUP
    raised, stage = t.rose("raised"), t.rose("stage")
    given = np.where(t.died, 0.0, t.after.round_musd)
    assert np.all(np.abs(raised - given) <= 1e-6 + 1e-9 * t.after.raised)
    bridged = t.after.wish_funding > 1.0
    assert same(stage > 0, (t.after.round_musd > 0.0) & ~bridged)
    assert np.all(stage <= 1) and np.all(startup | (stage == 0))
    assert np.all((t.after.wish_funding > 0.0) | (given == 0.0))
    assert np.all(t.after.round_ask == 0.0)


# ---- models and runs ----


@law
def models_come_from_runs(t: Tick) -> None:
    """Own capability changes when a run is done; only a trainer that lives runs."""
    assert np.all((t.rose("capability") == 0.0) | (t.rose("runs") == 1.0))
    assert np.all(t.rose("runs") <= 1.0)
    at_it = t.after.run_hours > 0.0
    assert np.all(t.after.alive[at_it]) and np.all(t.after.route[at_it] == Route.FOUNDATION)
    begun = at_it & (t.before.run_hours == 0.0)
    least = np.maximum(t.before.capability, NO_MODEL) + 0.15 - TINY
    assert np.all((t.after.run_target >= least)[begun])
    assert not np.any(begun & ~t.domestic)


@law
def a_moratorium_holds(t: Tick) -> None:
    """While paused, no run above the line is begun, goes on or takes hours."""
    if not t.p.training.paused:
        return
    above = (t.after.run_hours > 0.0) & (t.after.run_target > t.p.training.pause_above_oom)
    for name in ("run_hours", "run_compute_left", "run_tuning_left", "runs"):
        assert same(getattr(t.after, name)[above], getattr(t.before, name)[above]), name


@law
def routes_change_by_wish_or_between_training_and_open_weights(t: Tick) -> None:
    """From training to fine-tuning or to one segment, and from fine-tuning back to training, and
    never in big techs; to any by wish, not twice in a year."""
    turned = t.after.route != t.before.route
    assert same(turned, t.rose("pivots") == 1)
    assert same(t.after.niche >= 0, t.after.route == Route.VERTICAL)
    wished = t.rose("turned_at") > 0.0
    assert np.all(turned[wished]) and np.all(t.rose("turned_at")[wished] >= 52.0)
    assert same(t.after.route[wished], t.after.wish_route[wished])
    turned = turned & ~wished
    back = t.before.route == Route.FINE_TUNE
    assert np.all((t.before.route == Route.FOUNDATION)[turned] | back[turned])
    assert np.all(t.after.route[turned & back] == Route.FOUNDATION)
    assert np.all(np.isin(t.after.route[turned & ~back], (Route.FINE_TUNE, Route.VERTICAL)))
    assert not np.any(turned & (t.firms.kind == Kind.BIGTECH))


@law
def wrappers_sell_a_trainer_s_model(t: Tick) -> None:
    """The supplier of the tick is a domestic trainer on show, or abroad."""
    w = np.flatnonzero(t.after.supplier[:, 0] >= 0)
    slot = t.after.supplier[w, 0]
    assert np.all(t.before.live[w, slot]) and np.all(t.before.route[w, slot] == Route.FOUNDATION)
    assert np.all(t.domestic[0, slot])


# ---- ways out ----


@law
def each_kind_has_its_ways_out(t: Tick) -> None:
    """Startups are sold (to a big tech that lives) or bankrupt, units of others are shut."""
    status, startup = t.after.status, t.firms.kind == Kind.STARTUP
    sold = status == Status.ACQUIRED
    assert same(sold, t.after.acquirer >= 0)
    assert not np.any((sold | (status == Status.BANKRUPT)) & ~startup)
    assert not np.any((status == Status.CLOSED) & startup)
    for w, f in np.argwhere(sold & (t.before.status < DEAD)):
        buyer = t.after.acquirer[w, f]
        assert t.firms.kind[0, buyer] == Kind.BIGTECH and t.after.alive[w, buyer]


# ---- abroad, and wishes ----


@law
def what_is_known_abroad_stays_known(t: Tick) -> None:
    """Frontier and released weights never fall, but by a shock of the timeline; what is opened at
    home is free for all."""
    assert np.all(t.rose("frontier") >= 0.0)
    assert np.all(t.rose("open_weights") >= min(0.0, t.shocks.get("open_weights", 0.0)) - 1e-12)
    fresh = np.where(t.rose("opened") > 0.0, t.after.opened, NO_MODEL)
    assert np.all(t.after.open_weights >= fresh - TINY)


@law
def nobody_wishes_for_more_than_it_has(t: Tick) -> None:
    """Wishes are within what a firm has: all for a run, a tenth of the till a week for the rest."""
    purse = np.maximum(t.before.cash + t.before.credits, 0.0)
    assert np.all((t.after.wish_training_musd >= 0.0) & (t.after.wish_training_musd <= purse))
    assert np.all((t.after.wish_discount >= -1.0) & (t.after.wish_discount <= 1.5))
    till = 5.2 * np.maximum(t.before.cash, 0.0)
    for name in ("wish_cards_musd", "wish_marketing_musd"):
        wish = getattr(t.after, name)[t.before.alive & t.domestic]
        assert np.all((wish >= 0.0) & (wish <= till[t.before.alive & t.domestic] + TINY)), name
