"""What a batch writes beside its tables: verdicts, weekly bands, and the figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from llm_market_sim.claims import Claim, Verdict
from llm_market_sim.experiments.headline import Headline
from llm_market_sim.figures import save
from llm_market_sim.figures.gallery.of_claims import PLATFORMS, survivors_figure
from llm_market_sim.figures.gallery.of_headline import headline_figure
from llm_market_sim.market.observation import SERIES
from llm_market_sim.market.state import Array
from llm_market_sim.results import Coverage, Results
from llm_market_sim.summary.statistics import CONFIDENCE, QUANTILES, Proportion, spread
from llm_market_sim.support.files import whole_files, write_csv
from llm_market_sim.words import Language, day_of

_AT_ONCE = 8_000_000  # numbers of a series that are held in memory


def write_batch(
    results: Results,
    verdicts: Sequence[Verdict],
    language: Language = "en",
    found: Headline | None = None,
) -> None:
    """Write everything into the folder; found: the main claim in full. OSError if it cannot be
    written."""
    seed = results.manifest.seed
    quantiles = (f"p{round(100 * q):02d}" for q in QUANTILES)
    head = ("scenario", "series", "unit", "week", "date", "mean", *quantiles)
    with whole_files(results.folder) as place:
        write_csv(place / "verdicts.csv", _VERDICT, ([*judged(one), seed] for one in verdicts))
        write_csv(place / "bands.csv", head, _bands(results))
        _draw(place, results, verdicts, language, found)


def _draw(
    place: Path,
    results: Results,
    verdicts: Sequence[Verdict],
    language: Language,
    found: Headline | None,
) -> None:
    """Every claim about the number of platforms; the first one is survivors.png. The main claim in
    full is headline.png."""
    if found is not None:
        figure = headline_figure(results.manifest, found, language)
        save(figure, place / "headline.png", place / "headline.svg")
    claims = {v.claim.id: v.claim for v in verdicts if v.claim.metric == PLATFORMS}
    for number, claim in enumerate(claims.values()):
        if any(v.claim.id == claim.id and v.counts is not None for v in verdicts):
            figure = survivors_figure(results.manifest, claim, verdicts, language, found)
            stem = "survivors" if number == 0 else f"survivors_{claim.id}"
            save(figure, place / f"{stem}.png", place / f"{stem}.svg")


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


def _spreads(
    results: Results, one: Coverage, names: Sequence[str], weeks: range
) -> dict[str, Array]:
    where = f"week BETWEEN {weeks[0]} AND {weeks[-1]}"
    values = results.columns("series", names, one.scenario, where)
    return {name: spread(x.reshape(one.there, len(weeks))) for name, x in values.items()}


_VERDICT = (
    "claim scenario worlds hits share low high confidence method verdict status metric predicate "
    "horizon_week definition seed"
).split()


def judged(verdict: Verdict) -> list[Any]:
    """What is written of every verdict, in the order of `_VERDICT`."""
    numbers = shares(verdict.held)
    how = (CONFIDENCE, "wilson", verdict.wording)
    return [verdict.claim.id, verdict.scenario, *numbers, *how, *tested(verdict.claim)]


def shares(held: Proportion | None) -> list[Any]:
    """Worlds, hits, and the share with its interval; empty cells where there is none."""
    return [held.worlds, held.hits, held.share, held.low, held.high] if held else [""] * 5


def tested(claim: Claim) -> list[Any]:
    """Status, metric, predicate, week and definition."""
    return [claim.status, claim.metric, claim.predicate, claim.horizon_week, claim.definition]
