"""Worlds of a batch, run again for what its tables do not hold; a world is always the same."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from llm_market_sim.batch import check_policies
from llm_market_sim.batch.plugins import loaded
from llm_market_sim.errors import InputError
from llm_market_sim.results import Results
from llm_market_sim.results.rules import code_version
from llm_market_sim.simulation import Run, simulate_block

MOST = 100  # worlds that are run again
_WEEKS = 6  # between two moments at which money is counted


@dataclass(frozen=True, eq=False)
class Rerun:
    """The first worlds of a scenario, with the history of shares and snapshots.

    same: whether they are the stored ones, bit for bit; on another machine they may not be.
    """

    run: Run
    same: bool

    @property
    def warning(self) -> str | None:
        """What to know before trusting them; None where all is well."""
        if self.same:
            return None
        return f"{self.run.scenario.name}: the worlds that were run again are NOT the stored ones"


def why_no_rerun(results: Results, name: str) -> str | None:
    """Why a scenario cannot be run again: by other rules, or without a policy of somebody's own."""
    there = results.manifest.code
    if there not in (code_version(), code_version(loaded())):
        return f"it takes worlds that are run again, and other rules wrote the folder ({there})"
    try:
        scenario = results.scenario(name)
        check_policies([scenario])
    except InputError as error:
        return error.problems[0].message
    if scenario.digest() != results.manifest.scenarios[name]["digest"]:
        return f"its scenario {name} is not what its digest says"
    return None


@lru_cache(maxsize=2)  # several figures show the same worlds, one after the other
def rerun(results: Results, name: str, most: int = MOST) -> Rerun:
    """Run the first worlds of a scenario again, and compare them with what is stored of them."""
    scenario = results.scenario(name)
    last, series = scenario.horizon_weeks, results.series
    weeks = {*range(0, last + 1, _WEEKS), *(week for week in _asked(results) if week <= last)}
    stored = results.columns("worlds", ["replication", *series], name)
    run = simulate_block(
        scenario,
        stored["replication"][:most].tolist(),
        results.manifest.seed,
        snapshots=weeks,
        events=False,
        share_history=True,
    )
    same = all(np.array_equal(run.series[one][:, -1], stored[one][:most]) for one in series)
    return Rerun(run, same)


def _asked(results: Results) -> set[int]:
    """The weeks that claims speak of, or could."""
    claims = results.manifest.claims.values()
    return {week for one in claims for week in (one["horizon_week"], *one["horizon_variants"])}
