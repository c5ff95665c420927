"""One world as a `mesa.Model`: its agents are views on the rows of the same state.

    model = MarketModel("baseline", seed=1, world=7)
    model.run_model()
    model.agents.select(agent_type=Startup).agg("cash", sum)

No rule stands here: a step of the model is a tick of the engine on a single world, so world 7 of
seed 1 is the same, bit for bit, as in any batch. Mesa's own random numbers (``model.random``,
``model.rng``) shuffle agent sets and move nothing in the market. Written for Mesa 3.3 to 3.5.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from numbers import Integral, Real
from pathlib import Path
from typing import Any, ClassVar

import mesa
import numpy as np

from llm_market_sim.errors import MarketSimError, nearest
from llm_market_sim.market.luck import draw_seed
from llm_market_sim.market.observation import SERIES
from llm_market_sim.market.sight import FirmView, Look, quick
from llm_market_sim.market.state import Kind, State
from llm_market_sim.market.wishes import fault, order
from llm_market_sim.scenario import Scenario, load
from llm_market_sim.simulation import Worlds
from llm_market_sim.simulation.front_door import MOST_SEED, MOST_WORLDS, refuse, wrong_whole


class Firm(FirmView, mesa.Agent):  # type: ignore[misc]
    """A firm that has entered: every state variable of it is an attribute, as a plain number.

    ``agent.cash``, ``agent.status`` and the like are the firm's columns of `State`, by segment as
    a dict where they are so (``agent.price["consumer"]``); what the world shows to all can be
    read from the agent too (``agent.log_hype``). They cannot be assigned: a firm wishes, by
    `decide`, and the rules settle. A dead firm leaves ``model.agents`` but stays readable in
    ``model.firms``. Whoever looks on reads everything; while a firm decides, its rivals' private
    columns are closed to it.
    """

    _FORGETS = ""
    model: MarketModel

    def __init__(self, model: MarketModel, slot: int) -> None:
        self.slot = slot
        mesa.Agent.__init__(self, model)

    def decide(self) -> Mapping[str, float] | None:
        """Wishes for this tick (see `wishes.WISHES`; the prefix may be left out).

        What is not named here, or everything if this is None, is left to the firm's policy.
        ``self.market`` is what all firms alive show to everybody: ``self.market.share["baidu"]``.
        """
        return None

    @property
    def _look(self) -> Look:  # type: ignore[override]
        return self.model.look


class BigTech(Firm):
    """A firm with a parent, accelerators and distribution."""


class Listed(Firm):
    """A firm with shares on an exchange."""


class Startup(Firm):
    """A firm that lives on rounds of venture money."""


class Foreign(Firm):
    """The frontier abroad."""


_KINDS = {Kind.BIGTECH: BigTech, Kind.LISTED: Listed, Kind.STARTUP: Startup, Kind.FOREIGN: Foreign}


@lru_cache
def _agent_class(given: type, kind: type[Firm]) -> type[Firm]:
    """The class itself if it is a firm's, else one that adds its methods to the kind of firm."""
    if issubclass(given, Firm):
        return given

    def begin(self: Any, model: MarketModel, slot: int) -> None:
        kind.__init__(self, model, slot)
        given.__init__(self)

    return type(given.__name__, (given, kind), {"__init__": begin})


class MarketModel(mesa.Model):  # type: ignore[misc]
    """One world of a scenario; one Mesa step is one tick, a week unless the scenario divides it.

    scenario: the name of a shipped one, the path of a file, or a `Scenario`.
    world: which world of the seed, 0 to 2**32 - 1; replications differ in it.
    rng: the seed, 0 to 2**64 - 1 (``seed=`` will do as well); drawn where none is given, since
    iterations of Mesa's ``batch_run`` differ by it, and kept as ``model.seed``. Worlds of equal
    seed and number share their luck across scenarios.
    agents: a class for single firms by id, with a method ``decide(self)``; whether it derives
    from `Firm` or from nothing, its agents have all attributes of their kind of firm, and
    keep their own from step to step (a policy of a batch does not).
    kwargs: any value of the scenario by its dotted name, as after ``--set``:
    ``MarketModel("baseline", **{"regulation.review_delay_weeks": 26})``.

    Every series of `observation.SERIES` is an attribute (``model.hhi``) and, with the week, what
    ``model.datacollector`` collects on week 0 and after each step. A subclass chooses otherwise
    by ``model_reporters`` and ``agent_reporters``. The scenario is ``model.script``, since Mesa
    3.5 owns ``model.scenario`` and ``model.time``.

    ``mesa.batch_run`` works, with three habits of its own: it takes every mapping and list in its
    parameters for a range of values (so ``{"agents": [{"baichuan": Mine}]}``); in 3.5 it
    overwrites a parameter that is called rng (``seed`` is safe); in 3.3 its rows end one step
    before the last (the week is in each row).
    Raises InputError for a scenario with mistakes, MarketSimError for a wrong firm or a step
    beyond the horizon.
    """

    model_reporters: ClassVar[Mapping[str, Any]] = {"week": "week"} | {s: s for s in SERIES}
    agent_reporters: ClassVar[Mapping[str, Any]] = {}

    def __init__(
        self,
        scenario: str | Path | Scenario = "baseline",
        *,
        world: int = 0,
        rng: Any = None,
        agents: Mapping[str, type] | None = None,
        **kwargs: Any,
    ) -> None:
        # Not a parameter of its own: Mesa 3.5's batch_run would set it to None.
        seed = kwargs.pop("seed", None)
        if seed is not None and rng is not None:
            raise MarketSimError("give rng or seed, not both")
        self.seed = _whole(rng if seed is None else seed)
        refuse(wrong_whole("world", world, 0, MOST_WORLDS - 1))
        self.world = int(world)
        super().__init__(rng=self.seed)
        del self.step  # Mesa's own, which in 3.5 does nothing more after a step that has failed
        self.script = _script(scenario, kwargs)
        self.worlds = Worlds(self.script, [self.world], self.seed)
        self.firms: dict[str, Firm] = {}
        self._classes = dict(agents or {})
        for firm, given in self._classes.items():
            if not isinstance(given, type):
                raise MarketSimError(f"{firm} must be played by a class, not by {given!r}")
            if firm not in self.worlds.firms.ids:
                raise MarketSimError(f'no firm "{firm}"; {nearest(firm, self.worlds.firms.ids)}')
        self._settled()
        self.datacollector = mesa.DataCollector(
            model_reporters=dict(self.model_reporters), agent_reporters=dict(self.agent_reporters)
        )
        self.datacollector.collect(self)

    def step(self) -> None:
        """One tick: firms with a `decide` of their own say what they want, then all rules act.

        A step that is refused has not been: neither the state nor ``model.steps`` moves.
        """
        try:
            if not self.running:
                over = f"the {self.script.horizon_weeks} weeks of the scenario are over"
                raise MarketSimError(over)
            self.worlds.step(self._decide)
        finally:
            self.steps = self.worlds.tick
            self.time = float(self.steps)  # as Mesa 3.5 counts it
        self._settled()
        self.datacollector.collect(self)

    @property
    def week(self) -> float:
        """Weeks since week 0, Monday 17 April 2023; this model's own clock."""
        return self.worlds.week

    @property
    def state(self) -> State:
        """The world as it is, column by column."""
        return self.worlds.state()

    def __getattr__(self, name: str) -> Any:
        if name not in SERIES:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return self.written[name][0].item()

    def _settled(self) -> None:
        """Bring Mesa's books in line with what has happened."""
        self.look = self._look_of(None)
        self.written = self.worlds.observed()
        for slot in self.look.alive:
            firm = self.worlds.firms.ids[slot]
            if firm not in self.firms:
                kind = _KINDS[Kind(self.look.firms["kind"].item(slot))]
                make = _agent_class(self._classes[firm], kind) if firm in self._classes else kind
                self.firms[firm] = make(self, slot)
        for agent in [agent for agent in self.agents if not agent.alive]:
            agent.remove()
        self.running = self.worlds.tick < self.worlds.ticks

    def _look_of(self, slot: int | None) -> Look:
        worlds = self.worlds
        return Look(worlds.world_records[0], quick(worlds.firm_records[0]), worlds.firms, slot)

    def _decide(self) -> None:
        """Firms that decide for themselves do, and see what any policy would see."""
        self.written = self.worlds.observed()
        try:
            for firm in [one for one in self.agents if type(one).decide is not Firm.decide]:
                self.look = self._look_of(firm.slot)
                try:
                    order(self.look.firms, firm.slot, firm.decide())
                except (Exception, SystemExit) as error:
                    raise fault(error, type(firm).__name__, firm) from error
        finally:
            self.look = self._look_of(None)


def _script(scenario: str | Path | Scenario, settings: Mapping[str, Any]) -> Scenario:
    if not isinstance(scenario, (str, Path, Scenario)):
        raise MarketSimError(
            f"{scenario!r} is not a scenario of this market; if Mesa 3.5 gave it, on Reset in "
            "SolaraViz, derive a model that fixes its scenario, as experiments/one_world.py does"
        )
    if not isinstance(scenario, Scenario):
        given = {name: json.dumps(value, default=_plain) for name, value in settings.items()}
        return load(scenario, [f"{name}={value}" for name, value in given.items()])
    if settings:
        raise MarketSimError(
            f"{', '.join(settings)}: a loaded Scenario is final; give such values to "
            "scenario.load, or give the scenario here by its name"
        )
    return scenario


def _plain(value: Any) -> Any:
    """A NumPy number as Python's own."""
    return value.item()


def _whole(seed: Any) -> int:
    """The market's seed from whatever Mesa takes for one; a fresh one for None."""
    if seed is None:
        return draw_seed()
    if isinstance(seed, (str, bytes, Real)):
        refuse(wrong_whole("seed", seed, 0, MOST_SEED))
    if isinstance(seed, Integral):
        return int(seed)
    return int(np.random.default_rng(seed).integers(2**31))
