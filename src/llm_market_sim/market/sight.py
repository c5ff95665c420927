"""ODD "sensing": a firm sees its own columns and everybody's public ones, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np

from llm_market_sim.errors import MarketSimError, nearest
from llm_market_sim.market.codes import Kind
from llm_market_sim.market.observation import Week
from llm_market_sim.market.parameters import SEGMENTS
from llm_market_sim.market.state import COLUMNS, Array, Column, State

__all__ = ["FirmView", "MarketView", "SeenState"]

_OF_ALL = ("name", "name_zh", "kind", "gpus", "cloud", "star", "share", "users", "users_by_segment")


class SeenState(State):
    """A state as some firms see it; every column that they see has its usual shape.

    mine: who looks, bool (1, F). Where a column is private, the values of all other firms are NaN;
    to ask for a column that no firm sees is a MarketSimError.
    """

    def __init__(self, state: State, mine: Array) -> None:
        self.__dict__.update(week=state.week, tick=state.tick, mine=mine, _state=state)

    def __getattr__(self, name: str) -> Array:
        column = COLUMNS.get(name)
        if column is None:
            raise AttributeError(f"a state has no {name!r}; {nearest(name, COLUMNS)}")
        if column.seen_by == "nobody":
            raise MarketSimError(f"{name} ({column.meaning}) is seen by no firm")
        values: Array = getattr(self._state, name)
        if not column.public and not np.all(self.mine):
            values = np.where(self.mine, values, np.nan)
            values.flags.writeable = False
        self.__dict__[name] = values
        return values

    def __repr__(self) -> str:
        return f"<State of week {self.week:g} as {int(np.sum(self.mine))} firms see it>"


class FirmView:
    """One firm in one world, as plain numbers: its columns, the public ones of the world, more.

    A column by segment is a dict (``firm.price["consumer"]``). ``firm.market`` has the public
    columns of all firms alive. Nothing can be assigned.
    """

    _seen: Week
    _world: int
    slot: int

    def __init__(self, seen: Week, world: int, slot: int) -> None:
        self.__dict__.update(_seen=seen, _world=world, slot=slot)

    def __getattr__(self, name: str) -> Any:
        column = COLUMNS.get(name)
        if column is None or (column.shape in ("world", "segment") and not column.public):
            known = [one.name for one in COLUMNS.values() if one.seen_by != "nobody"]
            raise AttributeError(
                f"{type(self).__name__} has no attribute {name!r}; {nearest(name, known)}"
            )
        self._may_see(column)
        values = getattr(self._seen.state, name)
        if column.shape == "use":
            return dict(zip(SEGMENTS, values[self._world, :, self.slot].tolist(), strict=True))
        return values[self._world, self.slot if column.shape == "firm" else 0].item()

    def __setattr__(self, name: str, value: Any) -> None:
        if name in COLUMNS:
            raise AttributeError(f"{name} is settled by the market's rules; wish in decide()")
        super().__setattr__(name, value)

    def _may_see(self, column: Column) -> None:
        """MarketSimError where the state is one that somebody looks at who may not see this."""
        state = self._seen.state
        if isinstance(state, SeenState) and not column.public:
            if column.seen_by == "nobody":
                raise MarketSimError(f"{column.name} ({column.meaning}) is seen by no firm")
            if not state.mine[0, self.slot]:
                raise MarketSimError(f"{column.name} of {self.id} is not for its rivals to see")

    @property
    def id(self) -> str:
        """The firm's id, as in scenarios."""
        return self._seen.firms.ids[self.slot]

    @property
    def name(self) -> str:
        """The firm's name in English."""
        return self._seen.firms.names[self.slot]

    @property
    def name_zh(self) -> str:
        """The firm's name in Chinese."""
        return self._seen.firms.names_zh[self.slot]

    @property
    def kind(self) -> Kind:
        """Its kind."""
        return Kind(self._seen.firms.kind[0, self.slot])

    @property
    def gpus(self) -> float:
        """Own accelerators at week 0, H100 equivalents."""
        return float(self._seen.firms.gpus[0, self.slot])

    @property
    def cloud(self) -> bool:
        """Whether it rents idle accelerators out."""
        return bool(self._seen.firms.cloud[0, self.slot])

    @property
    def star(self) -> bool:
        """Whether it has a team that investors follow."""
        return bool(self._seen.firms.star[0, self.slot])

    @property
    def week(self) -> float:
        """Weeks since week 0."""
        return float(self._seen.state.week)

    @property
    def alive(self) -> bool:
        """Whether it has entered and not died."""
        return bool(self._seen.state.alive[self._world, self.slot])

    @property
    def runway(self) -> float:
        """Weeks that cash and credits last at the trailing loss; infinite if it earns money."""
        self._may_see(COLUMNS["cash"])
        return float(self._seen.runway[self._world, self.slot])

    @property
    def users(self) -> float:
        """Accounts in all segments together."""
        return float(np.sum(self._seen.state.users[self._world, :, self.slot]))

    @property
    def users_by_segment(self) -> dict[str, float]:
        """Accounts in each segment."""
        users = self._seen.state.users[self._world, :, self.slot].tolist()
        return dict(zip(SEGMENTS, users, strict=True))

    @property
    def share(self) -> float:
        """Composite share of use, 0 to 1."""
        return float(self._seen.composite[self._world, self.slot])

    @property
    def market(self) -> MarketView:
        """All firms alive, as everybody sees them."""
        return MarketView(self._seen, self._world)


class MarketView:
    """The firms alive in one world: each public column, and share, as a dict by id of a firm.

    ``market.served["baidu"]`` is a number, ``market.price["baidu"]["consumer"]`` too.
    """

    def __init__(self, seen: Week, world: int) -> None:
        self._seen = seen
        self._world = world

    def __getattr__(self, name: str) -> dict[str, Any]:
        column = COLUMNS.get(name)
        if column is not None and column.shape in ("firm", "use") and not column.public:
            raise MarketSimError(f"{name} ({column.meaning}) is not for rivals to see")
        public = [c.name for c in COLUMNS.values() if c.public and c.shape in ("firm", "use")]
        if name not in (*public, *_OF_ALL):
            hint = nearest(name, [*public, *_OF_ALL])
            raise AttributeError(f"the market shows no {name!r} of its firms; {hint}")
        alive = np.flatnonzero(self._seen.state.alive[self._world]).tolist()
        views = [FirmView(self._seen, self._world, slot) for slot in alive]
        return {view.id: getattr(view, name) for view in views}
