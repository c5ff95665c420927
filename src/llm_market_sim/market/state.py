"""What there is at one moment of some worlds, column by column.

Inside, a world is a record and a firm is a record (`layout`). Outside they are read as arrays, by
the names of their columns: of a world (W, 1), of a firm (W, F), of a segment (W, S, 1), of a firm
in a segment (W, S, F), for W worlds, F firm slots and the S = 4 user segments. A firm keeps its
slot after its death.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llm_market_sim.errors import MarketSimError, nearest
from llm_market_sim.market import mechanisms as _mechanisms  # noqa: F401  declare their columns
from llm_market_sim.market import policies as _policies  # noqa: F401
from llm_market_sim.market.codes import (
    DEAD,
    FLOP_PER_HOUR,
    NEVER,
    NO_MODEL,
    REFERENCE_OOM,
    Kind,
    Route,
    Segment,
    Status,
)
from llm_market_sim.market.columns import COLUMNS, FACTS, Column
from llm_market_sim.market.layout import FIRM, WORLD, blank, dtype_of, dtype_of_series
from llm_market_sim.market.rule import OBSERVERS

__all__ = [
    "COLUMNS", "DEAD", "FACTS", "FLOP_PER_HOUR", "NEVER", "NO_MODEL", "REFERENCE_OOM", "SHOCKS",
    "Array", "Column", "Firms", "Kind", "Route", "Segment", "State", "Status", "put",
]  # fmt: skip

Array = NDArray[Any]

SHOCKS: dict[str, tuple[str, str]] = {
    name: (COLUMNS[name].unit, COLUMNS[name].meaning)
    for name in ("log_hype", "vc_pool_musd", "open_weights")
}


class State:
    """One moment of a block of worlds; every column is an attribute, a read-only array.

    world_records: (W,). firm_records: (W, F). They belong to the state and do not change.
    """

    def __init__(
        self,
        week: float,
        tick: int,
        world_records: Array,
        firm_records: Array,
        series: Array | None = None,
    ) -> None:
        self.week = week
        self.tick = tick
        self.world_records = world_records
        self.firm_records = firm_records
        if series is not None:
            self.__dict__["series"] = series

    @classmethod
    def at_rest(cls, worlds: int, firms: int, week: float = 0.0, **columns: Any) -> State:
        """Every column at the value from which it starts, but for those given."""
        records = blank(dtype_of(WORLD), (worlds,)), blank(dtype_of(FIRM), (worlds, firms))
        records[1]["slot"] = np.arange(firms)
        return cls(week, 0, *records).replace(**columns)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or (name not in COLUMNS and name not in FACTS):
            raise AttributeError(f"a state has no column {name!r}")
        array = np.array(_column_of(name, self.world_records, self.firm_records), order="C")
        array.flags.writeable = False
        self.__dict__[name] = array
        return array

    @cached_property
    def series(self) -> Array:
        """What is written down of this moment: a record of the series for each world (W,)."""
        rows = np.zeros(self.worlds, dtype_of_series())
        for w, firms, row in zip(self.world_records, self.firm_records, rows, strict=True):
            for one in OBSERVERS.values():
                one(w, firms, row)
        return rows

    @property
    def worlds(self) -> int:
        """Number of worlds."""
        return len(self.world_records)

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

    def replace(self, **changes: Any) -> State:
        """The same moment with some columns (or `week`, `tick`) changed, spread to their shapes."""
        week, tick = changes.pop("week", self.week), changes.pop("tick", self.tick)
        new = State(week, tick, self.world_records.copy(), self.firm_records.copy())
        new.world_records["week"], new.world_records["tick"] = week, tick
        put(new.world_records, new.firm_records, changes)
        return new


def put(world_records: Array, firm_records: Array, columns: Mapping[str, Any]) -> None:
    """Set columns of records (W,) and (W, F) by their names; values spread to a column's shape."""
    for name, value in columns.items():
        array = _column_of(name, world_records, firm_records)
        array[...] = np.broadcast_to(value, array.shape)


def _column_of(name: str, world_records: Array, firm_records: Array) -> Array:
    """A column of records as it is read from outside: a view in which firms are the last axis."""
    shape = (COLUMNS.get(name) or FACTS[name]).shape
    if shape in ("firm", "use"):
        return np.moveaxis(firm_records[name], 1, -1)
    return np.asarray(world_records[name][..., None])


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
        """Place of a firm in the arrays; MarketSimError if there is none of that id."""
        if firm not in self.ids:
            raise MarketSimError(f'no firm "{firm}"; {nearest(firm, self.ids)}')
        return self.ids.index(firm)

    @cached_property
    def buyers(self) -> tuple[int, ...]:
        """Slots of the domestic big techs, which buy and back others."""
        return tuple(int(i) for i in np.flatnonzero(self.kind[0] == Kind.BIGTECH))

    @cached_property
    def domestic(self) -> Array:
        """Not the foreign frontier; (1, F)."""
        return self.kind != Kind.FOREIGN
