"""A plan: which worlds of which scenarios are run, under which parameters, and what is kept.

It is a list of rows, each a scenario, a draw of parameters and a world. A batch at the defaults is
a plan without draws; one over the posterior sample, a design of experiments and a survey have
them. Whatever works a plan off, keeps it or reads it knows no other difference between them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from llm_market_sim.batch.work import Piece
from llm_market_sim.errors import InputError, Problem, nearest
from llm_market_sim.market.policies import policy_names
from llm_market_sim.market.state import Array
from llm_market_sim.results.tables import TABLES
from llm_market_sim.scenario import Scenario
from llm_market_sim.simulation.front_door import MOST_SEED, MOST_WORLDS, wrong_whole
from llm_market_sim.simulation.measuring import Measure, check


@dataclass(frozen=True, eq=False)
class Case:
    """A scenario and its rows.

    names, values: paths, and D draws of them (P, D), where parameters differ from row to row.
    draw: which draw each row has, (rows,). world: the id of each row's world, (rows,); row k is
    world k without it.
    """

    scenario: Scenario
    rows: int
    names: tuple[str, ...] = ()
    values: Array | None = None
    draw: Array | None = None
    world: Array | None = None

    def piece(self, case: int, start: int, stop: int) -> Piece:
        """Rows start to stop - 1; case: the place of this one in its plan."""
        worlds = range(start, stop) if self.world is None else self.world[start:stop]
        if self.draw is None:
            return Piece(case, start, stop, worlds)
        draws = self.draw[start:stop]
        return Piece(case, start, stop, worlds, draws, self.names, self.values, draws)

    def digest(self, start: int = 0, stop: int | None = None) -> str:
        """SHA-256 of draws and worlds in some rows; empty where all of it is as usual."""
        if self.values is None and self.world is None:
            return ""
        rows = slice(start, self.rows if stop is None else stop)
        found = hashlib.sha256(repr(self.names).encode())
        if self.values is not None and self.draw is not None:
            found.update(np.ascontiguousarray(self.values[self.draw[rows]], dtype=float).tobytes())
        worlds = np.arange(self.rows) if self.world is None else self.world
        found.update(np.ascontiguousarray(worlds[rows], dtype=np.int64).tobytes())
        return found.hexdigest()


@dataclass(frozen=True, eq=False)
class Plan:
    """What is to be run.

    make: the cases for a number of worlds. seed: None for that of the folder, or a drawn one.
    measures: numbers to take in every row. tables: what is kept. design: what was asked for, by
    name, where parameters differ. claims: what is told of the measures, by name. about: facts for
    the manifest. a_world: rows of a world; fewer worlds are the first rows of more.
    up: to the next number of worlds that there can be.
    series: whether a measure reads weekly series, which are there anyway for tables of them and
    for plug-ins. at_once: rows that fit into memory together.
    """

    make: Callable[[int], Sequence[Case]]
    worlds: int
    seed: int | None = None
    measures: Sequence[Measure] = ()
    tables: Sequence[str] = ("claims",)
    design: Mapping[str, Any] = field(default_factory=dict)
    claims: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    a_world: int = 1
    up: Callable[[int], int] = int
    series: bool = False
    at_once: int = 512

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        """One a scenario, in their order."""
        return tuple(self.make(self.worlds))

    @property
    def scenarios(self) -> list[Scenario]:
        """Those of the cases."""
        return [case.scenario for case in self.cases]

    @property
    def drawn(self) -> bool:
        """Whether parameters differ from row to row."""
        return any(case.values is not None for case in self.cases)

    def of(self, worlds: int) -> Plan:
        """The same with at least so many worlds."""
        return replace(self, worlds=self.up(worlds))


def plan_batch(
    scenarios: Sequence[Scenario],
    worlds: int,
    seed: int | None = None,
    measures: Sequence[Measure] = (),
    *,
    first: int = 0,
    **more: Any,
) -> Plan:
    """Worlds `first` to first + worlds - 1 of every scenario, at its own parameters.

    World k has the same luck in all of them. more: as in `Plan`.
    """

    def cases(count: int) -> list[Case]:
        world = np.arange(first, first + count) if first else None
        return [Case(one, count, world=world) for one in scenarios]

    return Plan(cases, worlds, seed, measures, **more)


def check_plan(plan: Plan) -> None:
    """InputError with all that is wrong with what was asked for."""
    wrong: list[Problem] = []
    if not plan.cases:
        wrong.append(Problem("", "scenarios", "none is given"))
    for name, times in Counter(one.name for one in plan.scenarios).items():
        if times > 1:
            wrong.append(Problem("", "scenarios", f'"{name}" is given {times} times'))
    wrong += wrong_whole("worlds", plan.worlds, 1, MOST_WORLDS)
    if plan.seed is not None:
        wrong += wrong_whole("seed", plan.seed, 0, MOST_SEED)
    for name in plan.tables:
        if name not in TABLES:
            wrong.append(Problem("", "tables", f'no table "{name}"; {nearest(name, TABLES)}'))
    if wrong:
        raise InputError(wrong)
    check_policies(plan.scenarios)
    for case in plan.cases:
        check([case.scenario], plan.measures, case.names)


def check_policies(scenarios: Iterable[Scenario]) -> None:
    """Every firm's policy must be known. InputError with all that are not."""
    known = policy_names()
    wrong = [
        Problem(
            one.name,
            f"players.{firm}.policy",
            f'no policy "{player.policy}"; {nearest(player.policy, known)} '
            "(a policy of your own: --with my_module.py)",
        )
        for one in scenarios
        for firm, player in one.players.items()
        if player.policy not in known
    ]
    if wrong:
        raise InputError(wrong)
