"""ODD "sensing": a firm sees its own columns and everybody's public ones, and nothing else."""

from __future__ import annotations

import math
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import numpy as np

from llm_market_sim.errors import MarketSimError, nearest
from llm_market_sim.market import luck
from llm_market_sim.market.codes import ACQUIRED, WAITING, Kind
from llm_market_sim.market.observation import COMPOSITE
from llm_market_sim.market.parameters import SEGMENTS
from llm_market_sim.market.state import COLUMNS, Array, Column, Firms

__all__ = ["FirmView", "Look", "MarketView", "quick"]

_OF_ALL = ("name", "name_zh", "kind", "gpus", "cloud", "star", "share", "users", "users_by_segment")


class Look:
    """One world at a moment, as somebody looks at it.

    world: its record. firms: those of its firms (F,), by `quick`. mine: the slot of the firm that
    looks, None for an onlooker, from whom nothing is hidden.
    """

    def __init__(self, world: Any, firms: Any, who: Firms, mine: int | None = None) -> None:
        self.world = world
        self.firms = firms
        self.who = who
        self.mine = mine

    def is_alive(self, slot: int) -> bool:
        """As `firm.alive`, of one of the firms."""
        return WAITING < self.firms["status"].item(slot) < ACQUIRED

    @cached_property
    def alive(self) -> list[int]:
        """Slots of the firms alive."""
        status = self.firms["status"].tolist()
        return [slot for slot, one in enumerate(status) if WAITING < one < ACQUIRED]

    @cached_property
    def scales(self) -> list[float]:
        """What an account in each segment adds to a composite share."""
        totals = np.add.reduce(np.ascontiguousarray(self.firms["users"].T), axis=-1).tolist()
        return [x / max(total, 1e-300) for x, total in zip(COMPOSITE, totals, strict=True)]

    def share(self, slot: int) -> float:
        """Composite share of use of one of the firms."""
        a, b, c, d = self.firms["users"][slot].tolist()
        of_a, of_b, of_c, of_d = self.scales
        return float(a * of_a + b * of_b + c * of_c + d * of_d)


def quick(records: Array) -> Array:
    """The same records without attributes, whose columns are then read several times as fast:
    ``firms["cash"].item(slot)``."""
    return records.view(np.dtype((np.void, records.dtype)))


class FirmView:
    """One firm in one world, as plain numbers: its columns, the public ones of the world, more.

    A column by segment is a dict (``firm.price["consumer"]``). ``firm.market`` has the public
    columns of all firms alive. Nothing can be assigned.
    """

    _FORGETS = " (a policy keeps nothing of its own between weeks)"
    _look: Look
    slot: int

    def __init__(self, look: Look, slot: int) -> None:
        self.__dict__.update(_look=look, slot=slot)

    @property
    def _firm(self) -> Any:
        return self._look.firms[self.slot]

    def __getattr__(self, name: str) -> Any:
        column, look = COLUMNS.get(name), self._look
        if column is not None:
            if not column.public:
                self._may_see(column)
            if column.shape == "firm":
                return look.firms[name].item(self.slot)
            if column.shape == "use":
                return dict(zip(SEGMENTS, look.firms[name][self.slot].tolist(), strict=True))
            if column.shape == "world" and column.public:
                return look.world[name].item()
        known = [one.name for one in COLUMNS.values() if one.seen_by != "nobody"]
        what = f"{type(self).__name__} has no attribute {name!r}"
        raise AttributeError(f"{what}; {nearest(name, known)}{self._FORGETS}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name in COLUMNS:
            raise AttributeError(f"{name} is settled by the market's rules; wish in decide()")
        super().__setattr__(name, value)

    def _may_see(self, column: Column) -> None:
        """MarketSimError where a firm looks that may not see this."""
        mine = self._look.mine
        if mine is not None and not column.public:
            if column.seen_by == "nobody":
                raise MarketSimError(f"{column.name} ({column.meaning}) is seen by no firm")
            if mine != self.slot:
                raise MarketSimError(f"{column.name} of {self.id} is not for its rivals to see")

    @property
    def id(self) -> str:
        """The firm's id, as in scenarios."""
        return self._look.who.ids[self.slot]

    @property
    def name(self) -> str:
        """The firm's name in English."""
        return self._look.who.names[self.slot]

    @property
    def name_zh(self) -> str:
        """The firm's name in Chinese."""
        return self._look.who.names_zh[self.slot]

    @property
    def kind(self) -> Kind:
        """Its kind."""
        return Kind(self._firm["kind"])

    @property
    def gpus(self) -> float:
        """Own cards now, H100 equivalents."""
        return float(self._firm["cards"])

    @property
    def cloud(self) -> bool:
        """Whether it rents idle accelerators out."""
        return bool(self._firm["cloud"])

    @property
    def star(self) -> bool:
        """Whether it has a team that investors follow."""
        return bool(self._firm["star"])

    @property
    def week(self) -> float:
        """Weeks since week 0."""
        return float(self._look.world["week"])

    @property
    def alive(self) -> bool:
        """Whether it has entered and not died."""
        return self._look.is_alive(self.slot)

    @property
    def runway(self) -> float:
        """Weeks that cash and credits last at the trailing loss; infinite if it earns money."""
        self._may_see(COLUMNS["cash"])
        f = self._firm
        loss = -f["trailing_profit"].item() / 52.0
        return float(f["cash"] + f["credits"]) / loss if loss > 0.0 else math.inf

    @property
    def users(self) -> float:
        """Accounts in all segments together."""
        return float(self._firm["users"].sum())

    @property
    def users_by_segment(self) -> dict[str, float]:
        """Accounts in each segment."""
        return dict(zip(SEGMENTS, self._firm["users"].tolist(), strict=True))

    @property
    def share(self) -> float:
        """Composite share of use, 0 to 1."""
        return self._look.share(self.slot)

    @property
    def market(self) -> MarketView:
        """All firms alive, as everybody sees them."""
        return MarketView(self._look)

    def draw(self, stream: str) -> float:
        """A uniform number between 0 and 1, for a mixed strategy: the firm's own of this tick, the
        same whenever it is drawn. It moves nothing in the market."""
        w = self._look.world
        apart = w["seed_low"] ^ luck.stream("policies")
        who = SimpleNamespace(id=w["id"], seed_low=apart, seed_high=w["seed_high"])
        return float(luck.uniform(who, self._firm["key"], luck.stream(stream), w["tick"]))


class MarketView:
    """The firms alive in one world: each public column, and share, as a dict by id of a firm.

    ``market.served["baidu"]`` is a number, ``market.price["baidu"]["consumer"]`` too.
    """

    def __init__(self, look: Look) -> None:
        self._look = look

    def __getattr__(self, name: str) -> dict[str, Any]:
        column = COLUMNS.get(name)
        of_firms = column is not None and column.shape in ("firm", "use")
        if column is not None and of_firms and not column.public:
            raise MarketSimError(f"{name} ({column.meaning}) is not for rivals to see")
        look = self._look
        if of_firms and name not in _OF_ALL:
            values = look.firms[name].tolist()
            if column is not None and column.shape == "use":
                values = [dict(zip(SEGMENTS, one, strict=True)) for one in values]
            return {look.who.ids[slot]: values[slot] for slot in look.alive}
        if name not in _OF_ALL:
            public = [c.name for c in COLUMNS.values() if c.public and c.shape in ("firm", "use")]
            hint = nearest(name, [*public, *_OF_ALL])
            raise AttributeError(f"the market shows no {name!r} of its firms; {hint}")
        return {look.who.ids[slot]: getattr(FirmView(look, slot), name) for slot in look.alive}
