"""What there is: every state variable once, with its shape, unit and meaning.

Shapes are named: ``world`` is (W, 1), ``firm`` is (W, F), ``segment`` is (W, S, 1) and ``use`` is
(W, S, F), for W worlds, F firm slots and the S = 4 user segments. Firms are the last axis in
memory because every hot sum runs over firms. A state is frozen and its arrays are read-only; a
firm keeps its slot after its death. A new column is one line in `State`.

Times are weeks since Monday 17 April 2023; money is million USD; compute is H100-equivalent
hours; capability is log10 of training FLOP at the algorithms of week 0 ("OOM").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from llm_market_sim.market.codes import DEAD, Kind, Route, Segment, Status
from llm_market_sim.market.luck import Luck, key_of

__all__ = [
    "COLUMNS", "DEAD", "FLOP_PER_HOUR", "NEVER", "NO_MODEL", "REFERENCE_OOM", "SHOCKS", "Array",
    "Column", "Firms", "Kind", "Route", "Segment", "Setting", "State", "Status", "blank",
]  # fmt: skip

Array = NDArray[Any]
Shape = Literal["world", "firm", "segment", "use"]
NEVER = float("inf")  # the week of something that has not happened
NO_MODEL = 20.0  # the capability of a firm that has no model of its own
REFERENCE_OOM = 24.4  # the capability that counts as 0 to users, between GPT-3.5 and GPT-4
FLOP_PER_HOUR = 1.42e18  # one H100 hour at 40 % utilisation


@dataclass(frozen=True)
class Column:
    """A state variable: its shape, unit, meaning, and who sees it.

    public: every firm sees it of all firms. hidden: not even the firm sees it of itself.
    """

    name: str
    shape: Shape
    unit: str
    meaning: str
    public: bool
    hidden: bool
    start: float
    dtype: type

    @property
    def seen_by(self) -> Literal["everybody", "the firm", "nobody"]:
        """Who may build a decision on it."""
        if self.public:
            return "everybody"
        return "the firm" if self.shape in ("firm", "use") and not self.hidden else "nobody"


def _column(
    shape: Shape, unit: str, meaning: str, *, public: bool = False, hidden: bool = False,
    start: float = 0.0, dtype: type = float,
) -> Any:  # fmt: skip
    return field(
        metadata={"shape": shape, "unit": unit, "meaning": meaning, "public": public,
                  "hidden": hidden, "start": start, "dtype": dtype}
    )  # fmt: skip


@dataclass(frozen=True)
class State:
    """One moment of a block of worlds."""

    week: float  # now; the same in all worlds
    tick: int  # ticks done

    # the world
    frontier: Array = _column("world", "OOM", "best capability abroad", public=True)
    open_weights: Array = _column("world", "OOM", "best capability free to download", public=True)
    log_hype: Array = _column("world", "log", "log of hype, 0 in April 2023", public=True)
    vc_pool_musd: Array = _column("world", "million USD", "venture money waiting to be placed")
    entry_hazard: Array = _column("world", "1", "integrated intensity of entry so far")
    gpu_supply: Array = _column("world", "GPUs", "accelerators in the country", public=True)
    gpu_price: Array = _column("world", "USD/hour", "rent of an accelerator", public=True)
    gpu_ration: Array = _column("world", "1", "share of rented demand that is met", public=True)
    gpu_utilisation: Array = _column("world", "1", "demand over usable supply", public=True)

    # everybody's money, so that nothing is lost: each account in million USD
    account_users: Array = _column("world", "million USD", "users' outside wealth")
    account_partners: Array = _column("world", "million USD", "those who fill the venture pool")
    account_parents: Array = _column("world", "million USD", "parent companies")
    account_shareholders: Array = _column("world", "million USD", "public shareholders")
    account_outside: Array = _column("world", "million USD", "staff, energy, other vendors")
    account_owners: Array = _column("world", "million USD", "owners and creditors of dead firms")

    # a firm's life
    status: Array = _column("firm", "code", "where the firm stands", public=True, dtype=np.int8)
    route: Array = _column("firm", "code", "how it comes by a model", public=True, dtype=np.int8)
    niche: Array = _column(
        "firm", "code", "the one segment a vertical serves, else -1", public=True, dtype=np.int8
    )
    entry_threshold: Array = _column(
        "firm", "1", "entry hazard at which it enters", hidden=True, start=NEVER
    )
    entered_at: Array = _column("firm", "week", "entered", public=True, start=NEVER)
    launched_at: Array = _column("firm", "week", "first product shown", public=True, start=NEVER)
    filed_at: Array = _column("firm", "week", "filed for a licence", start=NEVER)
    reviewed_at: Array = _column("firm", "week", "review completed", start=NEVER)
    licensed_at: Array = _column("firm", "week", "licensed", public=True, start=NEVER)
    suspended_until: Array = _column("firm", "week", "end of the suspension", public=True)
    incidents: Array = _column("firm", "count", "safety incidents so far", public=True)
    incident_at: Array = _column("firm", "week", "last incident", public=True, start=NEVER)
    pivots: Array = _column("firm", "count", "changes of route so far", public=True)
    closed_at: Array = _column("firm", "week", "died or was sold", public=True, start=NEVER)
    offers: Array = _column("firm", "count", "times it was for sale")
    acquirer: Array = _column(
        "firm", "slot", "who bought it, -1 for nobody", public=True, start=-1, dtype=np.int16
    )

    # its model
    capability: Array = _column("firm", "OOM", "best own model", start=NO_MODEL)
    served: Array = _column("firm", "OOM", "capability of the product", public=True, start=NO_MODEL)
    skill: Array = _column("firm", "OOM", "gain over others at the same compute")
    lag: Array = _column("firm", "weeks", "delay in knowing new algorithms")
    preparation: Array = _column("firm", "weeks", "left until the first run or product")
    run_hours: Array = _column("firm", "GPU hours", "size of the run under way, 0 for none")
    run_target: Array = _column("firm", "OOM", "capability the run is expected to give")
    run_compute_left: Array = _column("firm", "weeks", "left of the run at nominal speed")
    run_tuning_left: Array = _column("firm", "weeks", "left of data work, alignment, evaluation")
    run_weeks: Array = _column("firm", "weeks", "time on the cluster booked this tick")
    run_at: Array = _column("firm", "week", "last run completed", start=NEVER)
    runs: Array = _column("firm", "count", "runs completed")
    run_failures: Array = _column("firm", "count", "runs thrown back")
    spending: Array = _column("firm", "USD/year", "what its users pay")
    use: Array = _column("firm", "units", "of use, all segments together")
    data: Array = _column("firm", "unit weeks", "use of the product so far")

    unit_hours: Array = _column("firm", "GPU hours", "to serve one unit of use for a week")
    supplier: Array = _column(
        "world",
        "slot",
        "firm whose model wrappers sell, -1 if abroad",
        public=True,
        start=-1,
        dtype=np.int16,
    )

    # its wishes (what the policy asks for this week)
    wish_training_musd: Array = _column("firm", "million USD", "to spend on a run begun now")
    wish_discount: Array = _column("firm", "1", "share of the list price given away")
    wish_funding: Array = _column("firm", "0/1", "wants to raise money")
    wish_filing: Array = _column("firm", "0/1", "wants a licence")

    # its compute this week
    hours_own: Array = _column("firm", "GPU hours", "used of its own")
    hours_rented: Array = _column("firm", "GPU hours", "rented from others")
    hours_let: Array = _column("firm", "GPU hours", "own, rented out to others")
    compute_share: Array = _column("firm", "1", "share of its wanted compute that it got")

    # its money
    cash: Array = _column("firm", "million USD", "cash")
    credits: Array = _column("firm", "million USD", "set aside by a backer for compute")
    burn: Array = _column("firm", "million USD/year", "staff and other running cost")
    raised: Array = _column("firm", "million USD", "venture money raised so far", public=True)
    stage: Array = _column("firm", "count", "venture rounds so far", public=True)
    meetings: Array = _column("firm", "count", "agreements with investors so far")
    round_ask: Array = _column("firm", "million USD", "round sought this tick")
    round_musd: Array = _column("firm", "million USD", "raised this tick", public=True)
    round_at: Array = _column("firm", "week", "last round", public=True, start=NEVER)
    backer: Array = _column(
        "firm", "slot", "firm behind it, -1 for nobody", public=True, start=-1, dtype=np.int16
    )
    log_stock: Array = _column("firm", "log", "share price against week 0", public=True)
    revenue: Array = _column("firm", "million USD/year", "revenue this tick, annualised")
    revenue_total: Array = _column("firm", "million USD", "revenue since week 0")
    profit: Array = _column("firm", "million USD/year", "operating profit this tick, annualised")
    trailing_profit: Array = _column(
        "firm", "million USD/year", "operating profit, mean of about half a year"
    )
    profit_total: Array = _column("firm", "million USD", "operating profit since week 0")

    # its place in the market
    best_share: Array = _column("firm", "1", "largest share of use in any segment", public=True)
    share_trend: Array = _column("firm", "1", "best share, mean of about a quarter")
    irrelevant: Array = _column("firm", "weeks", "on end below the relevance threshold")

    # clocks: exponential time left until the next event of each kind
    clock_failure: Array = _column("firm", "1", "until the run is thrown back", hidden=True)
    clock_incident: Array = _column("firm", "1", "until the next incident", hidden=True)
    clock_round: Array = _column("firm", "1", "until an investor agrees", hidden=True)
    clock_pivot: Array = _column("firm", "1", "until a change of route", hidden=True)
    clock_sale: Array = _column("firm", "1", "until it is for sale", hidden=True)
    clock_shutdown: Array = _column("firm", "1", "until the owner gives up", hidden=True)

    # users
    unaware: Array = _column("segment", "accounts", "have never tried any product")
    idle: Array = _column("segment", "accounts", "in the market, using none")
    users: Array = _column("use", "accounts", "use the firm's product", public=True)
    reach: Array = _column("use", "1", "share that knows it and can get it", public=True)
    taste: Array = _column("use", "utility", "unobserved appeal", hidden=True)
    price: Array = _column("use", "USD/year", "price of an account", public=True)

    @property
    def worlds(self) -> int:
        """Number of worlds."""
        return int(self.status.shape[0])

    @property
    def alive(self) -> Array:
        """Has entered and not died; (W, F)."""
        return (self.status > Status.WAITING) & (self.status < DEAD)

    @property
    def live(self) -> Array:
        """Has a product that can be chosen; (W, F)."""
        return (self.status == Status.BETA) | (self.status == Status.OPEN)

    @property
    def runway(self) -> Array:
        """Weeks that cash and credits last at the trailing loss, inf for who earns; (W, F)."""
        loss = -self.trailing_profit / 52.0
        means = self.cash + self.credits
        return np.where(loss > 0.0, means / np.where(loss > 0.0, loss, 1.0), np.inf)

    def runway_below(self, weeks: float | Array) -> Array:
        """Whether cash and credits last for less than so many weeks; bool (W, F)."""
        return (self.cash + self.credits) * 52.0 < self.trailing_profit * -weeks

    def replace(self, **changes: Any) -> State:
        """The next moment: columns swapped for others of the same shape, made read-only."""
        values = self.__dict__ | changes
        for array in changes.values():
            if isinstance(array, np.ndarray):
                array.flags.writeable = False
        new = object.__new__(State)
        new.__dict__.update(values)
        return new


COLUMNS: dict[str, Column] = {
    f.name: Column(f.name, **f.metadata) for f in fields(State) if "shape" in f.metadata
}

SHOCKS: dict[str, tuple[str, str]] = {
    name: (COLUMNS[name].unit, COLUMNS[name].meaning)
    for name in ("log_hype", "vc_pool_musd", "open_weights")
}


@dataclass(frozen=True, eq=False)
class Firms:
    """What never changes about the firm slots; every array is (1, F) unless noted."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    names_zh: tuple[str, ...]
    keys: NDArray[np.integer]  # (F,) luck's key of each firm
    policies: tuple[str, ...]
    kind: Array  # code of Kind
    gpus: Array  # own accelerators at week 0, H100 equivalents
    cloud: Array  # rents idle accelerators out, bool
    star: Array  # a team that investors follow, bool
    affinity: Array  # (1, S, F) fit with each segment, 0 to 1
    market_value: Array  # million USD at week 0, 0 if not listed

    def slot(self, firm: str) -> int:
        """Place of a firm in the arrays; ValueError if there is none of that id."""
        return self.ids.index(firm)

    @cached_property
    def buyers(self) -> tuple[int, ...]:
        """Slots of the domestic big techs, which buy and back others."""
        return tuple(int(i) for i in np.flatnonzero(self.kind[0] == Kind.BIGTECH))

    @cached_property
    def domestic(self) -> Array:
        """Not the foreign frontier; (1, F)."""
        return self.kind != Kind.FOREIGN


@dataclass(frozen=True, eq=False)
class Setting:
    """What a rule may use besides state and parameters."""

    firms: Firms
    luck: Luck
    ticks_per_week: int = 1
    orders: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    """Checked wishes that somebody outside has for single firms this tick: slot, wish, value."""
    standing: bool = False  # time stands still: rules look, nothing passes

    @cached_property
    def for_policies(self) -> Setting:
        """The same, with luck that moves nothing in the market, and without others' wishes."""
        luck = Luck(self.luck.seed ^ key_of("policies"), self.luck.worlds, self.luck.firms)
        return replace(self, luck=luck, orders={})

    @property
    def dt(self) -> float:
        """Weeks in a tick."""
        return 0.0 if self.standing else 1.0 / self.ticks_per_week

    def after(self, week: float) -> float:
        """The end of the tick that begins in a week: exact, where sums of sevenths are not."""
        if self.standing:
            return week
        return (round(week * self.ticks_per_week) + 1) / self.ticks_per_week


def blank(worlds: int, firms: int) -> Mapping[str, Array]:
    """Every column at its start value."""
    sizes: dict[Shape, tuple[int, ...]] = {
        "world": (worlds, 1), "firm": (worlds, firms),
        "segment": (worlds, len(Segment), 1), "use": (worlds, len(Segment), firms),
    }  # fmt: skip
    return {c.name: np.full(sizes[c.shape], c.start, dtype=c.dtype) for c in COLUMNS.values()}
