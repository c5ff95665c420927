"""What `survival` asks of many worlds: one life table with what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llm_market_sim.experiments.lives import By, Cohort, life_table, marked_weeks
from llm_market_sim.market.parameters import KINDS, ROUTES
from llm_market_sim.results import Results
from llm_market_sim.scenario import Scenario
from llm_market_sim.summary.survival import LifeTable

_KINDS = {"bigtech": "big techs", "listed": "listed firms", "startup": "startups"}
_ROUTES = {
    "foundation": "own-model firms",
    "fine_tune": "fine-tuners",
    "wrapper": "wrappers",
    "vertical": "verticals",
}


@dataclass(frozen=True, eq=False)
class LifeStudy:
    """One life table with what it is about: scenarios, groups (place in the table, label)."""

    name: str
    scenarios: Sequence[Scenario]
    groups: Sequence[tuple[int, str]]
    table: LifeTable
    firms: Cohort
    worlds: int
    seed: int

    @property
    def horizon(self) -> int:
        """Weeks that were simulated."""
        return self.scenarios[0].horizon_weeks

    @property
    def ticks(self) -> list[int]:
        """The weeks of life at which numbers are told."""
        return marked_weeks(self.horizon)

    def weeks(self, group: int) -> list[int]:
        """Those after 0 at which something can be told of a group."""
        return [week for week in self.ticks[1:] if self.table.alive[0, group, week]]


def study(results: Results, scenarios: Sequence[Scenario], by: By, firms: Cohort) -> LifeStudy:
    """The lives of firms in the stored worlds; groups without any firm are left out."""
    labels = {
        "kind": [_KINDS.get(kind, kind) for kind in KINDS],
        "route": [_ROUTES.get(route, route) for route in ROUTES],
        "scenario": [one.name for one in scenarios],
    }[by]
    table = life_table(results, [one.name for one in scenarios], by, firms)
    there = table.alive[0, :, 0]
    groups = [(place, label) for place, label in enumerate(labels) if there[place]]
    made = results.manifest
    return LifeStudy(by, scenarios, groups, table, firms, made.worlds, made.seed)
