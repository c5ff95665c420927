"""Do this and leave all else as it is: one change of a scenario, and the difference it makes.

An intervention is a pure function of a scenario. Luck belongs to firms and worlds by name, so it
is the same with an intervention and without, and the difference in a world is the intervention's
doing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from llm_market_sim.errors import InputError, nearest
from llm_market_sim.market.parameters import Route
from llm_market_sim.market.roster import Player
from llm_market_sim.scenario.change import change
from llm_market_sim.scenario.model import Scenario
from llm_market_sim.scenario.reading import Entry, Text
from llm_market_sim.scenario.timeline import too_late
from llm_market_sim.scenario.tree import Mark, Mistake, Node, problems, show

__all__ = ["KINDS", "HeadStart", "Intervention", "Remove", "Reroute", "Set"]


class _Intervention(Entry):
    """A change of a scenario. `apply` raises InputError where the scenario does not allow it."""

    @property
    def paths(self) -> Sequence[str]:
        """Parameters that it sets."""
        return ()

    def changed(self, scenario: Scenario, node: Node) -> tuple[Scenario | None, list[Mistake]]:
        """The changed scenario, and what is wrong with it; node: the entries with their places."""
        raise NotImplementedError

    def apply(self, scenario: Scenario) -> Scenario:
        """The changed scenario. InputError where it speaks of what the scenario does not have."""
        node = Node.of(self.model_dump(mode="json"), Mark(scenario.name))
        new, mistakes = self.changed(scenario, node)
        if mistakes or new is None:
            at = [m._replace(path=("intervention", *m.path)) for m in mistakes]
            raise InputError(problems(at))
        return new

    def unreached(self, scenario: Scenario, week: int) -> Iterator[tuple[str, str]]:
        """Names of its events that lie after a week, with which the run ends, and why not."""
        for name, event in self.apply(scenario).timeline.items():
            late = too_late(event.date, week)
            if late and event != scenario.timeline.get(name):
                yield name, late

    def words(self) -> str:
        """What it does, as a phrase."""
        raise NotImplementedError


class Set(_Intervention):
    """Entries of the scenario hold other values, as after ``--set``."""

    kind: Literal["set"]
    about: Text = Field(description="what it means, as a phrase")
    values: dict[str, Any] = Field(
        min_length=1, description="values by path; a whole entry of the timeline is one value"
    )

    @property
    def paths(self) -> Sequence[str]:
        """Parameters that it sets."""
        return tuple(self.values)

    def changed(self, scenario: Scenario, node: Node) -> tuple[Scenario | None, list[Mistake]]:
        """As in `_Intervention`."""
        return change(scenario, node.value["values"])

    def words(self) -> str:
        """What it means."""
        return self.about


class HeadStart(_Intervention):
    """A firm is ready some weeks earlier, on week 0 (from the pool: on entry) at the earliest."""

    kind: Literal["head_start"]
    firm: str = Field(description="id of a firm of the roster that is not ready on week 0")
    weeks: float = Field(
        gt=0,
        le=104,
        description="how much earlier it is ready",
        json_schema_extra={"unit": "weeks"},
    )

    def changed(self, scenario: Scenario, node: Node) -> tuple[Scenario | None, list[Mistake]]:
        """As in `_Intervention`."""
        mistakes = list(_unknown(scenario, node, ("firm",)))
        if mistakes:
            return None, mistakes
        left = scenario.players[self.firm].weeks_to_ready.value
        if left <= 0.0:
            message = f"{self.firm} is ready on week 0, so a head start would change nothing"
            return None, [Mistake(node.value["firm"].mark, ("firm",), message)]
        return _with(scenario, self.firm, weeks_to_ready=max(0.0, left - self.weeks)), []

    def words(self) -> str:
        """Who is favoured, and by how much."""
        return f"{self.firm} is ready {self.weeks:g} weeks earlier"


class Reroute(_Intervention):
    """Firms come by a model in another way.

    Their time to be ready and their running cost change as the model has them differ between
    routes; money, chips, reach and luck stay. A firm that turns vertical serves the segment that
    fits it best, consumers apart. One that turns to training keeps the model it has.
    """

    kind: Literal["route"]
    firms: list[str] = Field(min_length=1, description="ids of firms of the roster")
    to: Route = Field(description="the route")

    def changed(self, scenario: Scenario, node: Node) -> tuple[Scenario | None, list[Mistake]]:
        """As in `_Intervention`."""
        mistakes = [
            mistake
            for k in range(len(self.firms))
            for mistake in _unknown(scenario, node, ("firms", k))
        ]
        for firm in self.firms if not mistakes else ():
            scenario = _with(scenario, firm, **self._facts(scenario, scenario.players[firm]))
        return (None if mistakes else scenario), mistakes

    def _facts(self, scenario: Scenario, player: Player) -> dict[str, Any]:
        old, fits = player.route.value, player.affinity.value
        if old == self.to:
            return {}
        weeks = scenario.products.preparation_weeks
        burn = scenario.accounts.burn_factor
        niches = [segment for segment in fits if segment != "consumer"]
        return {
            "route": self.to,
            "niche": max(niches, key=lambda g: fits[g]) if self.to == "vertical" else "none",
            "weeks_to_ready": _scaled(player.weeks_to_ready.value, weeks[old], weeks[self.to]),
            "burn_musd_per_year": _scaled(
                player.burn_musd_per_year.value, burn[old], burn[self.to]
            ),
        }

    def words(self) -> str:
        """Who turns to what."""
        to = {
            "foundation": "training from scratch",
            "fine_tune": "fine-tuning open weights",
            "wrapper": "another's model",
            "vertical": "one industry",
        }[self.to]
        return f"{', '.join(self.firms)} turn to {to} at the start"


class Remove(_Intervention):
    """A firm never enters. Everybody else keeps luck and place in the order of entry."""

    kind: Literal["remove"]
    firm: str = Field(description="id of a firm of the roster")

    def changed(self, scenario: Scenario, node: Node) -> tuple[Scenario | None, list[Mistake]]:
        """As in `_Intervention`."""
        mistakes = list(_unknown(scenario, node, ("firm",)))
        if mistakes:
            return None, mistakes
        players = {
            firm: player.model_copy(
                update={
                    "enters": player.enters and firm != self.firm,
                    "backer": "" if player.backer == self.firm else player.backer,
                }
            )
            for firm, player in scenario.players.items()
        }
        return scenario.model_copy(update={"players": players}), []

    def words(self) -> str:
        """Who is missing."""
        return f"{self.firm} never enters"


Intervention = Annotated[Set | HeadStart | Reroute | Remove, Field(discriminator="kind")]
KINDS: dict[str, type[Set] | type[HeadStart] | type[Reroute] | type[Remove]] = {
    "set": Set,
    "head_start": HeadStart,
    "route": Reroute,
    "remove": Remove,
}


def _unknown(scenario: Scenario, node: Node, path: tuple[str | int, ...]) -> Iterable[Mistake]:
    """The firm at a path must be in the roster."""
    firm = node.get(path)
    if firm is not None and firm.value not in scenario.players:
        message = f"no firm {show(firm.value)}; {nearest(str(firm.value), scenario.players)}"
        yield Mistake(firm.mark, path, message)


def _with(scenario: Scenario, firm: str, **facts: Any) -> Scenario:
    """The scenario with some facts of a firm replaced."""
    player = scenario.players[firm]
    cells = {
        name: getattr(player, name).model_copy(update={"value": value})
        for name, value in facts.items()
    }
    return scenario.model_copy(
        update={"players": {**scenario.players, firm: player.model_copy(update=cells)}}
    )


def _scaled(value: float, old: float, new: float) -> float:
    return value * new / old if old > 0.0 else value
