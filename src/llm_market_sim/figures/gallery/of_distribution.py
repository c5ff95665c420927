"""A number over the worlds of every scenario."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from llm_market_sim.claims.outcome import Outcome, read_outcome
from llm_market_sim.errors import mistake
from llm_market_sim.figures import DistributionRow, Origin, distribution_chart
from llm_market_sim.figures.gallery.entry import Asked, figure
from llm_market_sim.figures.gallery.rerun import rerun, why_no_rerun
from llm_market_sim.market.state import Array
from llm_market_sim.summary.said import say, say_or
from llm_market_sim.summary.statistics import Effect, effect
from llm_market_sim.words import date


def why_not(asked: Asked) -> str | None:
    """Why not: where worlds must be run again, and cannot."""
    if _stored(asked):
        return None
    found = (why_no_rerun(asked.results, one) for one in asked.scenarios)
    return next((why for why in found if why), None)


def doubts(asked: Asked) -> str | None:
    """Whether worlds that are run again may be others than those stored."""
    if _stored(asked):
        return None
    found = (rerun(asked.results, one).warning for one in asked.scenarios)
    return next((why for why in found if why), None)


def _stored(asked: Asked) -> bool:
    """Whether the tables hold the number of every world."""
    found = read_outcome(asked.outcome)
    return found.series is not None or found.text in asked.results.manifest.claims


@figure("distribution", "all", why_not=why_not, doubts=doubts, of_outcome=True, place=3)
def distribution_of(asked: Asked) -> Figure:
    """Any series, metric or claim's number, by scenario."""
    outcome = read_outcome(asked.outcome)
    found = {name: _values(asked, outcome, name) for name in asked.scenarios}
    found = {name: pair for name, pair in found.items() if np.isfinite(pair[1]).any()}
    if not found:
        raise mistake(asked.results.folder, f"no world has a value of {outcome.text}")
    first = found[next(iter(found))]
    rows = [
        DistributionRow(
            asked.label(name), x[np.isfinite(x)], None if pair is first else _change(first, pair)
        )
        for name, pair in found.items()
        for x in [pair[1]]
    ]
    return distribution_chart(
        rows,
        outcome.label[asked.language],
        _unit(asked, outcome),
        _when(asked, outcome),
        _origin(asked, found),
        asked.language,
    )


def _values(asked: Asked, outcome: Outcome, name: str) -> tuple[Array, Array]:
    """The ids of worlds, and the number in each, (W,) both."""
    results = asked.results
    ids = results.column("worlds", "replication", name).astype(int)
    if outcome.series is not None:
        return ids, results.column("worlds", outcome.series, name).astype(float)
    if outcome.text in results.manifest.claims:
        x = results.numbers(name).get(outcome.text)
        return ids, np.full(len(ids), np.nan) if x is None else x
    run = rerun(results, name).run
    last = int(run.scenario.horizon_weeks)
    return run.worlds, outcome.measurement(last)(run)


def _change(first: tuple[Array, Array], other: tuple[Array, Array]) -> Effect | None:
    """The mean difference, in the same worlds."""
    both, mine, theirs = np.intersect1d(first[0], other[0], return_indices=True)
    difference = other[1][theirs] - first[1][mine]
    return effect(difference[np.isfinite(difference)]) if len(both) else None


def _unit(asked: Asked, outcome: Outcome) -> str:
    unit = outcome.unit
    return "" if unit in ("1", "its own") else say_or(unit, f"unit.{unit}", asked.language)


def _when(asked: Asked, outcome: Outcome) -> str:
    weeks = {asked.facts(one)["horizon_weeks"] for one in asked.scenarios}
    if outcome.week is None and len(weeks) > 1:
        return say("distribution.end", asked.language)
    week = max(weeks) if outcome.week is None else outcome.week
    return say("distribution.on", asked.language, date=date(week, asked.language))


def _origin(asked: Asked, found: dict[str, tuple[Array, Array]]) -> Origin:
    worlds = max(len(x) for _, x in found.values())
    there = max(asked.worlds.values())
    first = say("gallery.first", asked.language, worlds=f"{worlds:,}", there=f"{there:,}")
    return Origin(worlds, asked.results.manifest.seed, remark=first * (worlds < there))
