"""The Mesa face: the same worlds bit for bit, and Mesa's own tools used on it for real."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, ClassVar

import mesa
import numpy as np
import pytest
from mesa.batchrunner import batch_run

from llm_market_sim.batch import load_plugins
from llm_market_sim.errors import InputError, MarketSimError
from llm_market_sim.market.observation import SERIES, composite_shares
from llm_market_sim.market.policies import policy
from llm_market_sim.market.state import COLUMNS, Status
from llm_market_sim.market.wishes import WISHES
from llm_market_sim.mesa.model import BigTech, Firm, Foreign, Listed, MarketModel, Startup
from llm_market_sim.scenario import load
from llm_market_sim.simulation import simulate_block

SEED = 5
SMALL = {"population.stealth_firms": 6, "population.pool_firms": 20, "horizon_weeks": 12}
SMALL_SETS = [f"{name}={value}" for name, value in SMALL.items()]
ROOT = Path(__file__).resolve().parents[1]


def assert_same_world(model: MarketModel, state: Any, row: int) -> None:
    for name in COLUMNS:
        alone, crowd = getattr(model.state, name)[0], getattr(state, name)[row]
        assert alone.dtype == crowd.dtype, name
        assert np.array_equal(alone, crowd, equal_nan=True), name


# ---- one truth ----


def test_a_world_of_the_engine_is_that_world_in_mesa_bit_for_bit() -> None:
    """Worlds 0, 2 and 5 of a batch, the whole horizon: every column, every weekly series."""
    run = simulate_block(load("baseline"), range(6), SEED)
    for k in (0, 2, 5):
        model = MarketModel("baseline", seed=SEED, world=k)
        model.run_model()
        assert_same_world(model, run.final, k)
        collected = model.datacollector.model_vars
        assert collected["week"] == run.weeks.tolist()
        for name in SERIES:
            assert np.array_equal(collected[name], run.series[name][k]), name


def test_finer_ticks_too() -> None:
    sets = [*SMALL_SETS, "ticks_per_week=4"]
    run = simulate_block(load("baseline", sets), range(3), SEED)
    model = MarketModel(load("baseline", sets), rng=SEED, world=1)
    model.run_model()
    assert model.week == 12.0 and len(model.datacollector.model_vars["week"]) == 4 * 12 + 1
    assert_same_world(model, run.final, 1)


def test_mesas_own_luck_moves_nothing() -> None:
    one, two = (MarketModel("baseline", seed=SEED, **SMALL) for _ in range(2))
    for _ in range(5):
        two.random.random()
        two.rng.random(3)
        two.agents.shuffle_do("decide")
        one.step()
        two.step()
    assert_same_world(one, two.state, 0)


# ---- agents are views ----


@pytest.fixture(scope="module")
def lived() -> MarketModel:
    """World 3 at its end."""
    model = MarketModel("baseline", seed=SEED, world=3)
    model.run_model()
    return model


def test_agents_show_what_a_policy_sees(lived: MarketModel) -> None:
    shares = composite_shares(lived.state)[0]
    for firm in lived.agents:
        for name, column in COLUMNS.items():
            if column.shape == "firm":
                assert getattr(firm, name) == getattr(lived.state, name)[0, firm.slot], name
        assert firm.share == shares[firm.slot]
        assert firm.users == pytest.approx(sum(firm.users_by_segment.values()))
        assert set(firm.price) == {"consumer", "developer", "enterprise", "public"}
        assert isinstance(firm.cash, float) and isinstance(firm.runway, float)
    assert lived.hhi == lived.datacollector.model_vars["hhi"][-1]


def test_agents_are_the_firms_alive(lived: MarketModel) -> None:
    ids = lived.worlds.firms.ids
    alive = {ids[slot] for slot in np.flatnonzero(lived.state.alive[0])}
    assert {firm.id for firm in lived.agents} == alive
    assert set(lived.agents_by_type) == {BigTech, Listed, Startup, Foreign}
    gone = [firm for firm in lived.firms.values() if not firm.alive]
    assert gone and all(firm.status >= Status.ACQUIRED and firm.cash == 0.0 for firm in gone)
    late = [firm for firm in lived.firms.values() if firm.entered_at > 0.0]
    assert late  # a firm becomes an agent when it enters


def test_agents_cannot_be_written_to(lived: MarketModel) -> None:
    firm = lived.firms["baichuan"]
    with pytest.raises(AttributeError, match="cash is settled by the market's rules"):
        firm.cash = 1e9
    with pytest.raises(AttributeError, match="cash is settled"):
        lived.agents.set("cash", 1e9)
    with pytest.raises(AttributeError, match="no attribute 'cush'"):
        _ = firm.cush
    with pytest.raises(AttributeError, match="no attribute 'account_users'"):
        _ = firm.account_users  # the world's, and nobody's to see
    with pytest.raises(AttributeError, match="MarketModel has no attribute 'hhh'"):
        _ = lived.hhh


def test_agent_sets_work(lived: MarketModel) -> None:
    agents = lived.agents
    assert agents.agg("share", sum) == pytest.approx(1.0)
    startups = agents.select(agent_type=Startup)
    assert len(startups) == len(lived.agents_by_type[Startup])
    rich = agents.select(lambda firm: firm.cash > 100.0).sort("cash", ascending=False)
    assert next(iter(rich)).cash == max(agents.get("cash"))
    by_route = agents.groupby("route").count()
    assert sum(by_route.values()) == len(agents)
    assert agents.do("decide") is agents
    assert agents.map("decide") == [None] * len(agents)


# ---- firms that decide for themselves ----


class Silent(Startup):
    """Says nothing, so that its policy decides."""

    def decide(self) -> None:
        return None


class Spender(Startup):
    """Names one wish and leaves the rest to the policy; remembers what it saw."""

    def decide(self) -> dict[str, float]:
        self.weeks_seen = [*getattr(self, "weeks_seen", []), self.week]
        return {"training_musd": 0.9 * self.cash}


@policy("test contrarian")
class Contrarian:
    """A class of nobody's family, whose answer hangs on all that a policy may see."""

    def decide(self: Any) -> dict[str, float]:
        behind = self.open_weights - self.capability
        return {
            "wish_training_musd": 0.05 * self.cash * (1.0 + abs(self.log_hype)),
            "discount": min(max(0.5 + behind - 0.01 * self.week, 0.0), 1.0),
            "funding": float(self.trailing_profit < 0.0),
            "filing": float(self.week >= 8.0),
        }


def test_silence_changes_nothing() -> None:
    plain = MarketModel("baseline", seed=SEED, **SMALL)
    silent = MarketModel("baseline", seed=SEED, agents={"minimax": Silent}, **SMALL)
    plain.run_model()
    silent.run_model()
    assert type(silent.firms["minimax"]) is Silent
    assert_same_world(plain, silent.state, 0)


def test_a_subclass_decides_for_its_firm_alone() -> None:
    plain = MarketModel("baseline", seed=SEED, **SMALL)
    model = MarketModel("baseline", seed=SEED, agents={"minimax": Spender}, **SMALL)
    cash = model.firms["minimax"].cash
    plain.step()
    model.step()
    slot = model.firms["minimax"].slot
    assert model.state.wish_training_musd[0, slot] == 0.9 * cash
    for wish in WISHES:
        ours, theirs = getattr(model.state, wish)[0], getattr(plain.state, wish)[0]
        differs = [slot] if wish == "wish_training_musd" else []
        assert np.flatnonzero(ours != theirs).tolist() == differs, wish
    model.run_model()
    assert model.firms["minimax"].weeks_seen == [float(week) for week in range(12)]


@pytest.mark.parametrize("ticks", [1, 2])
def test_the_same_class_by_name_and_as_an_agent(ticks: int) -> None:
    """A scenario's `policy: name` in a batch of the engine, and agents={...} in Mesa."""
    sets = [*SMALL_SETS, f"ticks_per_week={ticks}"]
    named = load("baseline", [*sets, 'players.minimax.policy="test contrarian"'])
    run = simulate_block(named, range(3), SEED)
    other = simulate_block(load("baseline", sets), range(3), SEED)
    assert not np.array_equal(run.final.cash, other.final.cash)
    for k in (0, 2):
        by_class = MarketModel(
            load("baseline", sets), seed=SEED, world=k, agents={"minimax": Contrarian}
        )
        by_name = MarketModel(named, seed=SEED, world=k)
        assert isinstance(by_class.firms["minimax"], Contrarian)
        assert isinstance(by_class.firms["minimax"], Startup)
        assert type(by_name.firms["minimax"]) is Startup
        for model in (by_class, by_name):
            model.run_model()
            assert_same_world(model, run.final, k)


def test_the_example_policy_works_both_ways() -> None:
    file = ROOT / "experiments" / "my_policy.py"
    if "my_policy" not in sys.modules:  # another test of this process may have it
        load_plugins([file])
    example = sys.modules["my_policy"]
    run = simulate_block(load("baseline", [*SMALL_SETS, "players.minimax.policy=frugal"]), [4], 1)
    model = MarketModel("baseline", seed=1, world=4, agents={"minimax": example.Frugal}, **SMALL)
    model.run_model()
    assert_same_world(model, run.final, 0)


def test_nobody_can_cheat() -> None:
    class Cheat(Startup):
        def decide(self) -> dict[str, float]:
            return {"training_musd": 1e9, "discount": -5.0}

    model = MarketModel("baseline", seed=SEED, agents={"zhipu": Cheat}, **SMALL)
    cash = model.firms["zhipu"].cash
    model.step()
    assert model.firms["zhipu"].wish_training_musd == cash
    assert model.firms["zhipu"].wish_discount == -1.0  # by the rule of prices


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ({"fee": 3.0}, 'policy "Wrong" of zhipu, week 0: wishes for "fee"; allowed: backer'),
        ({"discount": float("nan")}, "wishes wish_discount = nan; a finite number"),
    ],
)
def test_a_wrong_wish_is_named(answer: dict[str, float], complaint: str) -> None:
    class Wrong(Startup):
        def decide(self) -> dict[str, float]:
            return answer

    model = MarketModel("baseline", seed=SEED, agents={"zhipu": Wrong}, **SMALL)
    with pytest.raises(MarketSimError, match=complaint):
        model.step()
    assert model.week == 0.0  # nothing has happened


# ---- Mesa's tools ----


class Watched(MarketModel):
    """Collects what it likes."""

    model_reporters: ClassVar[Any] = {"week": "week", "agents": lambda model: len(model.agents)}
    agent_reporters: ClassVar[Any] = {
        "id": "id", "share": "share", "rich": lambda firm: firm.cash > 100.0,
    }  # fmt: skip


def test_data_collector() -> None:
    model = Watched("baseline", seed=SEED, **SMALL)
    model.run_model()
    weeks = model.datacollector.get_model_vars_dataframe()
    assert weeks["week"].tolist() == list(range(13))
    firms = model.datacollector.get_agent_vars_dataframe()
    assert firms["share"].groupby(level=0).sum().iloc[1:].to_numpy() == pytest.approx(1.0)
    assert firms.loc[12].shape[0] == len(model.agents) == weeks["agents"].iloc[-1]


def test_batch_run() -> None:
    """Worlds times a parameter by its dotted name; each row is a week of the engine's run."""
    rows = batch_run(
        MarketModel,
        {"seed": SEED, "world": range(3), "regulation.review_delay_weeks": [0, 17], **SMALL},
        data_collection_period=1,
        max_steps=100,
        display_progress=False,
    )
    for delay in (0, 17):
        sets = [*SMALL_SETS, f"regulation.review_delay_weeks={delay}"]
        run = simulate_block(load("baseline", sets), range(3), SEED)
        for world in range(3):
            mine = [
                row for row in rows
                if row["world"] == world and row["regulation.review_delay_weeks"] == delay
            ]  # fmt: skip
            assert [row["week"] for row in mine][:12] == list(range(12))
            for row in mine:
                for name in ("hhi", "users_consumer", "firms_alive"):
                    assert row[name] == run.series[name][world, int(row["week"])]


@pytest.mark.slow
def test_batch_run_in_two_processes_with_a_class() -> None:
    """A mapping stands in a list, or batch_run would run through its keys."""
    rows = batch_run(
        MarketModel,
        {"seed": SEED, "world": range(2), "agents": [{"minimax": Silent}], **SMALL},
        number_processes=2,
        max_steps=100,
        display_progress=False,
    )
    run = simulate_block(load("baseline", SMALL_SETS), range(2), SEED)
    assert {row["world"] for row in rows} == {0, 1}
    for row in rows:
        assert row["top_share"] == run.series["top_share"][row["world"], int(row["week"])]


# ---- seeds, scenarios, mistakes ----


def test_seeds() -> None:
    assert MarketModel(**SMALL).seed != MarketModel(**SMALL).seed
    assert MarketModel(rng=2**63, **SMALL).seed == 2**63
    assert MarketModel(rng=np.int64(7), **SMALL).seed == 7
    sequence = np.random.SeedSequence(1)
    assert MarketModel(rng=sequence, **SMALL).seed == MarketModel(rng=sequence, **SMALL).seed
    drawn = MarketModel(**SMALL)
    again = MarketModel(seed=drawn.seed, **SMALL)
    for _ in range(3):
        drawn.step()
        again.step()
    assert_same_world(drawn, again.state, 0)


def test_mistakes_are_named() -> None:
    with pytest.raises(MarketSimError, match='no firm "baichuam"; did you mean "baichuan"'):
        MarketModel(agents={"baichuam": Silent})
    with pytest.raises(MarketSimError, match="rng or seed"):
        MarketModel(seed=1, rng=1)
    with pytest.raises(MarketSimError, match="a loaded Scenario is final"):
        MarketModel(load("baseline"), horizon_weeks=3)
    with pytest.raises(MarketSimError, match="not a scenario of this market"):
        MarketModel(3)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="review_delay_weeks"):
        MarketModel(**{"regulation.review_delay_week": 3})
    model = MarketModel(**SMALL | {"horizon_weeks": 1})
    model.step()
    assert not model.running
    with pytest.raises(MarketSimError, match="the 1 weeks of the scenario are over"):
        model.step()


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    text = ROOT.joinpath("scenarios", "baseline.yaml").read_text("utf-8")
    file.write_text(f"{text}\nhorizon_weeks: 30\n", "utf-8")
    model = MarketModel(file, seed=SEED)
    model.run_model()
    assert model.week == 30.0 and model.script.name == "mine"


def test_a_model_is_a_mesa_model(lived: MarketModel) -> None:
    assert isinstance(lived, mesa.Model) and issubclass(Firm, mesa.Agent)
    assert lived.steps == lived.week == lived.script.horizon_weeks
