"""What a batch leaves beside its tables: verdicts, weekly bands, and the figure."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from llm_market_sim.claims import Claim, Verdict, judge
from llm_market_sim.commands.figure import survivors_figures
from llm_market_sim.commands.show import day_of
from llm_market_sim.errors import MarketSimError
from llm_market_sim.observation import SERIES
from llm_market_sim.statistics import CONFIDENCE, QUANTILES, spread
from llm_market_sim.store import Results

__all__ = ["claims_of", "keep", "verdicts_of"]

_AT_ONCE = 8_000_000  # numbers of a series that are held in memory


def claims_of(results: Results) -> list[Claim]:
    """The claims that a batch was asked to judge."""
    return [Claim.model_validate_json(json.dumps(one)) for one in results.manifest.claims.values()]


def verdicts_of(results: Results, claims: Sequence[Claim]) -> list[Verdict]:
    """What the worlds that are there say of each claim; nothing of a scenario without any."""
    there = {one.scenario: one.there for one in results.status}
    found = []
    for claim in claims:
        for name, facts in results.manifest.scenarios.items():
            values = None
            if claim.horizon_week <= facts["horizon_weeks"]:
                values = results.column("claims", "x", name, f"claim = '{claim.id}'")
            if there[name] > 0:
                found.append(judge(claim, name, values))
    return found


def keep(results: Results, verdicts: Sequence[Verdict]) -> None:
    """Write everything, each file at once. MarketSimError if the folder cannot be written."""
    try:
        with tempfile.TemporaryDirectory(prefix=".part-", dir=results.folder) as place:
            _write(Path(place), results, verdicts)
            for file in Path(place).iterdir():
                file.replace(results.folder / file.name)
    except OSError as error:
        text = f"{results.folder} could not be written: {error.strerror}; its tables are safe"
        raise MarketSimError(text) from error


def _write(place: Path, results: Results, verdicts: Sequence[Verdict]) -> None:
    seed = results.manifest.seed
    _table(place / "verdicts.csv", _VERDICT, (_verdict(one, seed) for one in verdicts))
    quantiles = (f"p{round(100 * q):02d}" for q in QUANTILES)
    head = ("scenario", "series", "unit", "week", "date", "mean", *quantiles)
    _table(place / "bands.csv", head, _bands(results))
    path: Callable[[str], Path] = place.joinpath
    survivors_figures(path, results.manifest, verdicts)


def _table(file: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _bands(results: Results) -> Iterator[list[Any]]:
    """Mean and quantiles over worlds by week, a few weeks at a time where worlds are many."""
    for one in results.status:
        if one.there == 0:
            continue
        horizon = results.manifest.scenarios[one.scenario]["horizon_weeks"]
        step = max(1, _AT_ONCE // one.there)
        for name, series in SERIES.items():
            for first in range(0, horizon + 1, step):
                weeks = range(first, min(first + step, horizon + 1))
                where = f"week BETWEEN {weeks[0]} AND {weeks[-1]}"
                values = results.column("series", name, one.scenario, where)
                summary = spread(values.reshape(one.there, len(weeks)))
                for week, numbers in zip(weeks, summary.T.tolist(), strict=True):
                    short = [float(f"{value:.6g}") for value in numbers]
                    date = day_of(week).isoformat()
                    yield [one.scenario, name, series.unit, week, date, *short]


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
