"""A hand-made market: a few firms, a few columns that matter, every other column at rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from llm_market_sim.market.luck import Luck, key_of
from llm_market_sim.market.state import Array, Firms, Kind, Route, Setting, State, Status, blank
from llm_market_sim.scenario import Scenario, load
from llm_market_sim.simulation.timetable import Timetable


@dataclass(frozen=True)
class Little:
    """A state, the parameters and the setting that rules are called with."""

    state: State
    p: Any
    setting: Setting

    def do(self, rule: Callable[[State, Any, Setting], dict[str, Array]], **columns: Any) -> Little:
        """The market after one rule; columns given are set first."""
        before = _with(self.state, columns)
        return replace(self, state=before.replace(**rule(before, self.p, self.setting)))

    def tick(self) -> Little:
        """A tick later, nothing else changed."""
        tick = self.state.tick + 1
        return replace(self, state=self.state.replace(tick=tick, week=tick * self.setting.dt))


def _with(state: State, columns: dict[str, Any]) -> State:
    """A state whose named columns hold the given values, spread to the column's shape."""
    full = {}
    for name, value in columns.items():
        old = getattr(state, name)
        if isinstance(old, np.ndarray):
            value = np.array(np.broadcast_to(value, old.shape), dtype=old.dtype, order="C")
        full[name] = value
    return state.replace(**full)


def _firms(count: int, **facts: Any) -> Firms:
    def row(name: str, default: Any, kind: type = float) -> Array:
        return np.array(np.broadcast_to(facts.get(name, default), (1, count)), dtype=kind)

    ids = tuple(facts.get("ids", [f"firm-{i}" for i in range(count)]))
    return Firms(
        ids=ids, names=ids, names_zh=ids,
        keys=np.array([key_of(one) for one in ids], dtype=np.uint64),
        policies=("standard",) * count,
        kind=row("kind", Kind.STARTUP, np.int8),
        gpus=row("gpus", 0.0), cloud=row("cloud", False, bool), star=row("star", False, bool),
        affinity=np.zeros((1, 4, count)) + facts.get("affinity", 0.0),
        market_value=row("market_value", 0.0),
    )  # fmt: skip


@pytest.fixture(scope="session")
def little() -> Callable[..., Little]:
    """little(firms=2, worlds=1, sets=["users.flywheel=0"], dt=1.0, facts={}, **columns).

    Firms are startups with an open product of capability 24 that all users know, prices are
    zero, and nobody uses anything yet. `sets` are parameters; no event of a scenario acts.
    """

    def make(
        firms: int = 2, worlds: int = 1, sets: Sequence[str] = (), dt: float = 1.0, seed: int = 1,
        facts: dict[str, Any] | None = None, **columns: Any,
    ) -> Little:  # fmt: skip
        scenario = load("baseline", list(sets)).model_copy(update={"timeline": {}})
        slots = _firms(firms, **(facts or {}))
        p = Timetable(scenario, slots).at(0)
        luck = Luck(seed, np.arange(worlds), slots.keys)
        state = State(week=0.0, tick=0, **blank(worlds, firms))
        usual = {
            "status": Status.OPEN, "route": Route.FOUNDATION, "niche": -1, "entered_at": 0.0,
            "launched_at": 0.0, "licensed_at": 0.0, "capability": 24.0, "served": 24.0,
            "reach": 1.0, "cash": 100.0, "gpu_price": 4.0, "gpu_ration": 1.0,
            "compute_share": 1.0, "idle": p.users.population, "gpu_supply": 16000.0,
            "open_weights": 23.7, "frontier": 25.0,
        }  # fmt: skip
        return Little(_with(state, usual | columns), p, Setting(slots, luck, round(1 / dt)))

    return make


@pytest.fixture(scope="session")
def short() -> Callable[..., Scenario]:
    """short("a.b=1", ...): the baseline with a smaller population and these parameters."""

    def make(*sets: str, stealth: int = 6, pool: int = 20) -> Scenario:
        return load(
            "baseline",
            [f"population.stealth_firms={stealth}", f"population.pool_firms={pool}", *sets],
        )

    return make
