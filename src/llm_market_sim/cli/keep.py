"""What a batch leaves beside its tables: verdicts, weekly bands, and the figure."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from llm_market_sim.claims import Verdict
from llm_market_sim.cli.figure import survivors_figures
from llm_market_sim.cli.show import day_of
from llm_market_sim.errors import MarketSimError
from llm_market_sim.figures import Language
from llm_market_sim.figures.gallery.of_claims import claims_of, verdicts_of
from llm_market_sim.market.observation import SERIES
from llm_market_sim.market.state import Array
from llm_market_sim.results import Results, Status
from llm_market_sim.summary.statistics import CONFIDENCE, QUANTILES, spread

__all__ = ["claims_of", "keep", "verdicts_of"]

_AT_ONCE = 8_000_000  # numbers of a series that are held in memory


def keep(results: Results, verdicts: Sequence[Verdict], language: Language = "en") -> None:
    """Write everything, each file at once. MarketSimError if the folder cannot be written."""
    try:
        with tempfile.TemporaryDirectory(prefix=".part-", dir=results.folder) as place:
            _write(Path(place), results, verdicts, language)
            for file in Path(place).iterdir():
                file.replace(results.folder / file.name)
    except OSError as error:
        text = f"{results.folder} could not be written: {error.strerror}; its tables are safe"
        raise MarketSimError(text) from error


def _write(place: Path, results: Results, verdicts: Sequence[Verdict], language: Language) -> None:
    seed = results.manifest.seed
    _table(place / "verdicts.csv", _VERDICT, (_verdict(one, seed) for one in verdicts))
    quantiles = (f"p{round(100 * q):02d}" for q in QUANTILES)
    head = ("scenario", "series", "unit", "week", "date", "mean", *quantiles)
    _table(place / "bands.csv", head, _bands(results))
    path: Callable[[str], Path] = place.joinpath
    survivors_figures(path, results.manifest, verdicts, language)


def _table(file: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _bands(results: Results) -> Iterator[list[Any]]:
    """Mean and quantiles over worlds by week, in as many parts as memory asks for."""
    for one in results.status:
        if one.there == 0:
            continue
        weeks = results.manifest.scenarios[one.scenario]["horizon_weeks"] + 1
        many = max(1, _AT_ONCE // (one.there * weeks))  # series at once
        step = min(weeks, max(1, _AT_ONCE // one.there))  # weeks at once
        for names in _batches(results.series, many):
            parts = [
                _spreads(results, one, names, range(first, min(first + step, weeks)))
                for first in range(0, weeks, step)
            ]
            for name in names:
                summary = np.concatenate([part[name] for part in parts], axis=1).T.tolist()
                for week, numbers in enumerate(summary):
                    short = [float(f"{value:.6g}") for value in numbers]
                    date = day_of(week).isoformat()
                    yield [one.scenario, name, SERIES[name].unit, week, date, *short]


def _batches(names: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for first in range(0, len(names), size):
        yield names[first : first + size]


def _spreads(results: Results, one: Status, names: Sequence[str], weeks: range) -> dict[str, Array]:
    where = f"week BETWEEN {weeks[0]} AND {weeks[-1]}"
    values = results.columns("series", names, one.scenario, where)
    return {name: spread(x.reshape(one.there, len(weeks))) for name, x in values.items()}


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
