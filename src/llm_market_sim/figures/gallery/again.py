"""Worlds of a batch, run again for what its tables do not hold; a world is always the same."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from llm_market_sim.batch import check_policies
from llm_market_sim.batch.guests import loaded
from llm_market_sim.errors import InputError, Problem
from llm_market_sim.results import Results
from llm_market_sim.results.manifest import code_version
from llm_market_sim.scenario import TEXTS, Scenario, load, scenarios
from llm_market_sim.simulation import Run, simulate_block

__all__ = ["MOST", "Again", "again", "scenario_of"]

MOST = 100  # worlds that are run again
_WEEKS = 6  # between two moments at which money is counted


@lru_cache(maxsize=64)
def scenario_of(results: Results, name: str) -> Scenario:
    """A scenario as it was run. Names of firms and texts, which a manifest does not hold, are those
    of the shipped scenarios. InputError where it cannot be made again from its manifest."""
    facts = results.manifest.scenarios[name]
    try:
        like = load(name if name in scenarios() else "baseline")
        if name in scenarios() and like.digest() == facts["digest"]:
            return like
        made = _made(like, name, facts)
    except ValueError as error:  # of a version with other parameters
        text = f"its scenario {name} is of another version ({str(error).splitlines()[0]})"
        raise InputError([Problem(str(results.folder), "", text)]) from error
    if made.digest() != facts["digest"]:
        text = f"its scenario {name} is not what its digest says"
        raise InputError([Problem(str(results.folder), "", text)])
    return made


def _made(like: Scenario, name: str, facts: dict[str, Any]) -> Scenario:
    """From resolved values, and texts of a scenario like it. ValueError if they do not fit."""
    resolved = facts["resolved"]
    names = {firm: player.name for firm, player in like.players.items()}
    players = {
        firm: {"name": names.get(firm, {"en": firm, "zh": firm})} | values
        for firm, values in resolved["players"].items()
    }
    timeline = {
        event: {"about": _about(like, event), "source": "the manifest"} | values
        for event, values in resolved["timeline"].items()
    }
    return Scenario.model_validate(
        like.model_dump(by_alias=True, include={*TEXTS, "try_"})
        | resolved
        | {"name": name, "label": facts["label"], "extends": facts["extends"],
           "players": players, "timeline": timeline}
    )  # fmt: skip


def _about(like: Scenario, event: str) -> str:
    """What an event is, in a sentence, or else by its name."""
    return like.timeline[event].about if event in like.timeline else event.replace("_", " ")


@dataclass(frozen=True, eq=False)
class Again:
    """The first worlds of a scenario, with the history of shares and snapshots.

    same: whether they are the stored ones, bit for bit. other: the code that wrote those, where
    this is not it.
    """

    run: Run
    same: bool
    other: str | None

    @property
    def warning(self) -> str | None:
        """What to know before trusting them; None where all is well."""
        if self.other is None and self.same:
            return None
        name = self.run.scenario.name
        if self.same:
            return (
                f"{name} was written by other code ({self.other}); its first worlds, run again, "
                "end as the stored ones do, bit for bit"
            )
        text = f"{name}: the worlds that were run again are NOT the stored ones"
        return text + (f", which were written by other code ({self.other})" if self.other else "")


@lru_cache(maxsize=2)  # several figures show the same worlds, one after the other
def again(results: Results, name: str, most: int = MOST) -> Again:
    """Run the first worlds of a scenario again, and compare them with what is stored of them.

    InputError where the scenario cannot be made again, or a policy of a person's own is missing.
    """
    scenario = scenario_of(results, name)
    check_policies([scenario])
    last = scenario.horizon_weeks
    weeks = {*range(0, last + 1, _WEEKS), *(week for week in _asked(results) if week <= last)}
    stored = results.columns("worlds", ["replication", *results.series], name)
    run = simulate_block(
        scenario, stored["replication"][:most].tolist(), results.manifest.seed,
        snapshots=weeks, events=False, share_history=True,
    )  # fmt: skip
    same = all(np.array_equal(run.series[one][:, -1], stored[one][:most]) for one in results.series)
    ours = {code_version(), code_version(loaded())}
    there = results.manifest.code
    return Again(run, same, None if there in ours else there)


def _asked(results: Results) -> set[int]:
    """The weeks that claims speak of, or could."""
    claims = results.manifest.claims.values()
    return {week for one in claims for week in (one["horizon_week"], *one["horizon_variants"])}
