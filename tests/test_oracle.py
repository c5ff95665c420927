"""The engine against an independent program: plain Mesa agents, on the same luck, firm by firm."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from llm_market_sim.market.state import Status
from llm_market_sim.simulation import Worlds

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
from core_mesa import SCENARIO, CoreModel

SEED = 2023
WORLDS = (0, 1, 7)
STATUS = {
    "building": Status.BUILDING, "beta": Status.BETA, "open": Status.OPEN,
    "bankrupt": Status.BANKRUPT, "closed": Status.CLOSED,
}  # fmt: skip
DATES = ("launched_at", "filed_at", "reviewed_at", "licensed_at", "closed_at")
ALWAYS = ("cash", "capability", "raised", "stage", "skill", "lag", "burn", *DATES)
ALIVE = (
    "served", "run_hours", "runs", "trailing_profit", "preparation", "use_so_far", "best_share",
    "unit_hours", "hours_own", "hours_rented", "meetings", "log_stock", "irrelevant",
    "clock_failure", "clock_round", "cards", "best_run", "run_got", "hours_training", "marketing",
    "internal",
)  # fmt: skip  # what is left of a dead firm in these means nothing
TOLERANCE = 1e-9


def close(told: Any, found: Any) -> Any:
    """Where two numbers are the same to the tolerance, or both infinite."""
    return np.isclose(told, found, rtol=TOLERANCE, atol=1e-12)


def check_firms(firms: list[Any], slots: list[int], state: Any, w: int) -> None:
    """Compare firms with their rows, column by column; name the first that differs."""
    alive = np.array([firm.status not in ("bankrupt", "closed") for firm in firms])

    def compare(name: str, told: list[Any], found: Any, among: Any = True) -> None:
        differ = ~close(told, found).reshape(len(firms), -1).all(axis=1) & among
        for i in np.flatnonzero(differ):
            where = f"{name} of {firms[i].name} in week {state.week:.0f}"
            raise AssertionError(f"{where}: {told[i]} in Mesa, {found[i]} in the engine")

    def column(name: str) -> Any:
        return getattr(state, name)[w, ..., slots]

    compare("status", [STATUS[firm.status] for firm in firms], column("status"))
    for names, among in ((ALWAYS, True), (ALIVE, alive)):
        for name in names:
            compare(name, [getattr(firm, name) for firm in firms], column(name), among)
    for name, among in (("users", True), ("price", alive), ("reach", alive), ("taste", alive)):
        compare(name, [getattr(firm, name) for firm in firms], column(name), among)


def check_world(model: CoreModel, state: Any, w: int) -> None:
    world = {
        "log_hype": model.log_hype, "vc_pool_musd": model.pool, "gpu_price": model.gpu_price,
        "open_weights": model.open_weights, "frontier": model.frontier,
    }  # fmt: skip
    for name, told in world.items():
        assert close(told, getattr(state, name)[w, 0]), f"{name} in week {state.week:.0f}"
    for s in model.segments:
        assert close(s.unaware, state.unaware[w, s.place, 0])
        assert s.idle == pytest.approx(
            state.idle[w, s.place, 0], rel=TOLERANCE, abs=TOLERANCE * s.population
        )


def test_the_rest_is_switched_off() -> None:
    """Core rules only: no entry, alliance, pivot, sale, incident, news, scarcity or ration."""
    worlds = Worlds(SCENARIO, WORLDS, SEED)
    assert np.all(worlds.state().status > Status.WAITING) and len(worlds.firms.ids) > 160
    for _ in range(SCENARIO.horizon_weeks):
        worlds.advance()
        state = worlds.state()
        assert np.all(state.gpu_ration == 1.0) and np.all(state.compute_share == 1.0)
    assert not np.any(state.pivots) and not np.any(state.incidents)
    assert not np.any(state.status == Status.ACQUIRED) and not np.any(state.credits)
    # and what is left on does happen
    assert np.any(state.runs > 1) and np.any(state.run_failures) and np.any(state.stage > 1)
    assert np.any(state.status == Status.BANKRUPT) and np.any(state.status == Status.CLOSED)
    assert np.any(state.cards_ordered) and np.any(state.internal) and np.any(state.marketing)
    assert np.any(np.isfinite(state.licensed_at)) and np.all(np.sum(state.users, axis=-1) > 0.0)


def test_engine_and_plain_mesa_agree_firm_by_firm() -> None:
    """Every firm, every week, in several worlds of one block: to 1e-9, status and dates alike."""
    worlds = Worlds(SCENARIO, WORLDS, SEED)
    models = [CoreModel(world=world, luck_seed=SEED) for world in WORLDS]
    slots = {firm: slot for slot, firm in enumerate(worlds.firms.ids)}
    for tick in range(SCENARIO.horizon_weeks + 1):
        state = worlds.state()
        for w, model in enumerate(models):
            check_world(model, state, w)
            every = [*model.agents, *model.dead]
            assert len(every) == np.count_nonzero(worlds.firms.domestic)
            check_firms(every, [slots[firm.name] for firm in every], state, w)
        if tick < SCENARIO.horizon_weeks:
            worlds.advance()
            for model in models:
                model.step()
    assert all(model.dead for model in models)


def test_the_check_would_notice() -> None:
    """The comparison itself can fail: a ten-millionth more cash for one firm is seen."""
    worlds = Worlds(SCENARIO, [0], SEED)
    state = worlds.state()
    model = CoreModel(world=0, luck_seed=SEED)
    firm = next(iter(model.agents))
    slot = worlds.firms.ids.index(firm.name)
    check_firms([firm], [slot], state, 0)
    firm.cash *= 1 + 1e-7
    with pytest.raises(AssertionError, match="cash of baidu in week 0"):
        check_firms([firm], [slot], state, 0)


def test_plain_mesa_runs_on_its_own_luck() -> None:
    """As in the benchmark: Mesa's own generator, batch_run, every firm's share each week."""
    from mesa.batchrunner import batch_run

    rows = batch_run(
        CoreModel,
        {"world": range(2), "weeks": 6},
        data_collection_period=1,
        max_steps=6,
        display_progress=False,
    )
    total: dict[tuple[int, int], float] = {}
    for row in rows:
        key = row["RunId"], row["Step"]
        total[key] = total.get(key, 0.0) + row["share"]
    assert {run for run, _ in total} == {0, 1}
    assert all(share == pytest.approx(1.0) for (_, week), share in total.items() if week >= 1)
