"""What a comparison writes beside its tables: differences, a summary and the figure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from llm_market_sim.experiments.comparison import ClaimChange, Comparison, Outcome
from llm_market_sim.figures import Origin, paired_differences, save
from llm_market_sim.market.observation import SERIES
from llm_market_sim.summary.statistics import CONFIDENCE
from llm_market_sim.support.files import whole_files, write_csv
from llm_market_sim.words import Language


def write_comparison(folder: Path, found: Comparison, seed: int, language: Language) -> None:
    """Write everything into a folder."""
    columns = ("replication", "what", "before", "after", "difference")
    with whole_files(folder) as place:
        write_csv(place / "differences.csv", columns, _differences(found))
        write_csv(place / "summary.csv", _SUMMARY, _summary(found, seed))
        if any(one.differs for one in found.outcomes):
            figure = paired_differences(found, Origin(found.worlds, seed), language)
            save(figure, place / "differences.png", place / "differences.svg")


def _differences(found: Comparison) -> Iterator[list[Any]]:
    named: list[tuple[str, Outcome | ClaimChange]] = [(one.name, one) for one in found.outcomes]
    named += [(f"claim_{one.claim.id}", one) for one in found.answers]
    for name, one in named:
        for world, (a, b) in enumerate(zip(one.before.tolist(), one.after.tolist(), strict=True)):
            yield [world, name, a, b, b - a]


_SUMMARY = (
    "what unit before after difference low high confidence interval rose fell same "
    "differs_in_any_week test p p_holm correlation pairing_gain seed meaning status"
).split()


def _summary(found: Comparison, seed: int) -> Iterator[list[Any]]:
    """Outcomes, then claims: a claim rises where it becomes true."""
    for one in found.outcomes:
        x, series = one.pairs, SERIES[one.name]
        means = (x.before, x.after, x.mean, x.low, x.high, CONFIDENCE, "t")
        worlds = (x.rose, x.fell, x.same, one.ever)
        test = ("paired t", x.p_value, one.adjusted, _blank(x.correlation), _blank(x.gain))
        yield [one.name, series.unit, *means, *worlds, *test, seed, series.meaning, ""]
    for answer in found.answers:
        y, claim = answer.pairs, answer.claim
        ends = (y.difference, y.low, y.high, CONFIDENCE, "newcombe 10")
        worlds = (y.became_true, y.became_false, y.both + y.neither, answer.ever)
        told = ("mcnemar exact", y.p_value, answer.adjusted) if claim.tested else ("", "", "")
        yield [
            *(f"claim_{claim.id}", "share of worlds", y.before.share, y.after.share),
            *(*ends, *worlds, *told, "", "", seed, claim.definition, claim.status),
        ]


def _blank(value: float | None) -> float | str:
    return "" if value is None else value
