"""What a batch leaves in a folder: manifest, tables and the figure."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from llm_market_sim import __version__
from llm_market_sim.batch import BatchResult, ResultFolder, Table
from llm_market_sim.claims import Verdict
from llm_market_sim.commands.figure import survivors_figures
from llm_market_sim.commands.show import day_of
from llm_market_sim.observation import SERIES
from llm_market_sim.scenario import Scenario
from llm_market_sim.statistics import CONFIDENCE, QUANTILES

__all__ = ["keep"]

_PACKAGES = ("numpy", "scipy", "pydantic", "pyyaml", "matplotlib")


def keep(folder: ResultFolder, result: BatchResult, verdicts: Sequence[Verdict]) -> None:
    """Write everything; the manifest comes last."""
    asked = list(dict.fromkeys(verdict.claim.id for verdict in verdicts))
    columns = ("scenario", "replication", *SERIES, *(f"claim_{one}" for one in asked))
    folder.table("worlds.csv", Table(columns, _worlds(result, asked)))
    head = ("scenario", "series", "unit", "week", "date", "mean")
    quantiles = tuple(f"p{round(100 * q):02d}" for q in QUANTILES)
    folder.table("series.csv", Table((*head, *quantiles), _series(result)))
    folder.table("verdicts.csv", Table(_VERDICT, (_verdict(v, result.seed) for v in verdicts)))
    survivors_figures(folder, result, verdicts)
    folder.manifest(_facts(result, verdicts))


def _worlds(result: BatchResult, asked: Sequence[str]) -> Iterator[list[Any]]:
    for one in result.scenarios:
        outcomes = [one.outcomes[name].tolist() for name in SERIES]
        measured = [
            one.measures[name].tolist() if name in one.measures else [""] * result.worlds
            for name in asked
        ]
        for world, values in enumerate(zip(*outcomes, *measured, strict=True)):
            yield [one.scenario.name, world, *values]


def _series(result: BatchResult) -> Iterator[list[Any]]:
    for one in result.scenarios:
        weeks = [(week, day_of(week).isoformat()) for week in one.weeks.tolist()]
        for name, summary in one.summary.items():
            for (week, date), values in zip(weeks, summary.T.tolist(), strict=True):
                short = [float(f"{value:.6g}") for value in values]
                yield [one.scenario.name, name, SERIES[name].unit, week, date, *short]


_VERDICT = (
    "claim", "scenario", "worlds", "hits", "share", "low", "high", "confidence", "method",
    "verdict", "status", "metric", "predicate", "horizon_week", "definition", "seed",
)  # fmt: skip


def _verdict(verdict: Verdict, seed: int) -> list[Any]:
    claim, held = verdict.claim, verdict.held
    numbers = [held.worlds, held.hits, held.share, held.low, held.high] if held else [""] * 5
    return [
        claim.id, verdict.scenario, *numbers, CONFIDENCE, "wilson", verdict.wording, claim.status,
        claim.metric, claim.predicate, claim.horizon_week, claim.definition, seed,
    ]  # fmt: skip


def _facts(result: BatchResult, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    claims = {verdict.claim.id: verdict.claim for verdict in verdicts}
    return {
        "command": ["llm-market-sim", *sys.argv[1:]],
        "seed": result.seed,
        "worlds": result.worlds,
        "version": __version__,
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "machine": {"system": platform.platform(), "cores": os.cpu_count()},
        "claims": {name: claim.model_dump(mode="json") for name, claim in claims.items()},
        "scenarios": {one.scenario.name: _scenario(one.scenario) for one in result.scenarios},
    }


def _scenario(scenario: Scenario) -> dict[str, Any]:
    return {
        "digest": scenario.digest(),
        "extends": scenario.extends,
        "label": dict(scenario.label),
        "resolved": scenario.facts(),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
