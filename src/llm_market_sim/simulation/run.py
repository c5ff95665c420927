"""What a simulation leaves: series, events and states of some worlds of one scenario."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from numbers import Real

import numpy as np

from llm_market_sim.errors import InputError, MarketSimError, Problem, nearest
from llm_market_sim.market.observation import EVENTS
from llm_market_sim.market.state import Array, Firms, State
from llm_market_sim.scenario import Scenario
from llm_market_sim.support.html_repr import shown


@dataclass(frozen=True)
class EventRow:
    """One thing that happened to one firm in one world."""

    world: int
    week: float
    firm: int
    kind: str
    amount: float = float("nan")
    other: int = -1


@dataclass(frozen=True, eq=False)
class Events:
    """Many such things, N of them, one array (N,) a column; kind is a place in `EVENTS`, place one
    in the worlds of the run, of which the same may come more than once."""

    place: Array
    week: Array
    firm: Array
    kind: Array
    amount: Array
    other: Array

    def rows(self, worlds: Array) -> Iterator[EventRow]:
        """One by one, of a run with these worlds."""
        names = list(EVENTS)
        columns = (getattr(self, column.name).tolist() for column in fields(self))
        for place, week, firm, kind, amount, other in zip(*columns, strict=True):
            yield EventRow(int(worlds[place]), week, firm, names[kind], amount, other)


class NoSeries(MarketSimError, KeyError):
    """A series that a run does not have."""

    __str__ = MarketSimError.__str__  # a KeyError's own shows the text as code


class _Series(dict[str, Array]):
    def __missing__(self, name: str) -> Array:
        raise NoSeries(f'no series "{name}"; {nearest(name, self)}')


@dataclass(frozen=True, eq=False)
class Run:
    """What was kept of some worlds of one scenario; worlds are rows in the order of `worlds`."""

    scenario: Scenario
    seed: int
    firms: Firms
    worlds: Array  # (W,) ids
    weeks: Array  # (T + 1,) weeks at which series were read
    series: dict[str, Array]  # name -> (W, T + 1)
    final: State
    snapshots: dict[float, State] = field(default_factory=dict)
    happened: Events | None = None  # where asked, in the order of ticks
    share_history: Array | None = None  # (W, T + 1, S, F) in single precision, where asked

    def __post_init__(self) -> None:
        object.__setattr__(self, "series", _Series(self.series))

    @cached_property
    def events(self) -> tuple[EventRow, ...]:
        """What happened, row by row; empty where it was not asked for."""
        return tuple(self.happened.rows(self.worlds)) if self.happened else ()

    def at(self, week: float) -> State:
        """State at a week that was asked for, or at the end. InputError otherwise."""
        if week == self.final.week:
            return self.final
        if isinstance(week, Real) and week in self.snapshots:
            return self.snapshots[week]
        kept = ", ".join(f"{one:g}" for one in sorted({*self.snapshots, self.final.week}))
        text = f"{week!r} was not kept; kept: {kept} (simulate(…, snapshots=[…]) keeps more)"
        raise InputError([Problem("", "week", text)])

    def __repr__(self) -> str:
        return f"<Run of {self.scenario.name}: {len(self.worlds)} worlds, seed {self.seed}>"

    def _repr_html_(self) -> str:
        """In a notebook."""
        return shown(self)


def joined_events(parts: Sequence[Events]) -> Events:
    none = {"week": np.empty(0), "amount": np.empty(0)}  # the rest is whole numbers
    return Events(
        **{
            column.name: np.concatenate([getattr(part, column.name) for part in parts])
            if parts
            else none.get(column.name, np.empty(0, dtype=int))
            for column in fields(Events)
        }
    )


def join(runs: Iterable[Run]) -> Run:
    """Several blocks of one scenario and seed as one run, in the order given."""
    parts = list(runs)
    if len(parts) == 1:
        return parts[0]
    one = parts[0]
    return Run(
        scenario=one.scenario,
        seed=one.seed,
        firms=one.firms,
        worlds=np.concatenate([part.worlds for part in parts]),
        weeks=one.weeks,
        series={n: np.concatenate([part.series[n] for part in parts]) for n in one.series},
        final=_joined_states([part.final for part in parts]),
        snapshots={w: _joined_states([part.snapshots[w] for part in parts]) for w in one.snapshots},
        happened=_shifted_events(parts) if one.happened else None,
        share_history=None
        if one.share_history is None
        else np.concatenate(
            [part.share_history for part in parts if part.share_history is not None]
        ),
    )


def _shifted_events(parts: Sequence[Run]) -> Events:
    """Of all parts, by the places that their worlds have in the whole."""
    found, before = [], 0
    for part in parts:
        if part.happened is not None:
            found.append(replace(part.happened, place=part.happened.place + before))
        before += len(part.worlds)
    return joined_events(found)


def _joined_states(states: Sequence[State]) -> State:
    one = states[0]
    return State(
        one.week,
        one.tick,
        np.concatenate([state.world_records for state in states]),
        np.concatenate([state.firm_records for state in states]),
        np.concatenate([state.series for state in states]),
    )
