"""What a batch over the posterior sample writes beside its tables: verdicts and figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from llm_market_sim.claims import Claim, Predicate
from llm_market_sim.cli.write_batch import tested
from llm_market_sim.experiments.over_posterior import Finding, Study
from llm_market_sim.experiments.posterior import WORLDS_A_DRAW
from llm_market_sim.figures import Origin, UncertainRow, save, uncertainty
from llm_market_sim.metrics import get_metric
from llm_market_sim.support.files import whole_files, write_csv
from llm_market_sim.words import Language, percents

_VERDICT = (
    "claim scenario draws worlds mean luck_low luck_high assumptions_low assumptions_high share "
    "share_assumptions_low share_assumptions_high share_of_draws_for verdict status metric "
    "predicate horizon_week definition seed"
).split()


def write_posterior(folder: Path, study: Study, language: Language = "en") -> None:
    """Write everything into a folder."""
    with whole_files(folder) as place:
        rows = [_verdict(one, study) for one in study.findings]
        write_csv(place / "verdicts.csv", _VERDICT, rows)
        for claim in study.claims:
            _figure(place, study, claim, language)


def _verdict(one: Finding, study: Study) -> list[Any]:
    claim, x, share = one.claim, one.number, one.share
    numbers = [x.mean, *x.worlds, *x.parameters] if x else [""] * 5
    shares = [share.mean, *share.parameters, one.most] if share else [""] * 4
    return [
        claim.id,
        one.scenario.name,
        study.draws,
        study.draws * WORLDS_A_DRAW,
        *numbers,
        *shares,
        one.wording,
        *tested(claim),
        study.seed,
    ]


def _figure(place: Path, study: Study, claim: Claim, language: Language) -> None:
    """Draw a claim; the first one is uncertainty.png."""
    mine = [one for one in study.findings if one.claim is claim and one.share is not None]
    if not any(one.number for one in mine):
        return
    worlds = study.draws * WORLDS_A_DRAW
    figure = uncertainty(
        [_row(one) for one in _ordered(mine)],
        where_true(claim.test),
        get_metric(claim.metric).meaning,
        claim.sentence(language),
        claim.predicate,
        claim.horizon_week,
        Origin(worlds, study.seed, over="posterior", definition=_how(study, claim)),
        language,
    )
    stem = "uncertainty" if claim is study.claims[0] else f"uncertainty_{claim.id}"
    save(figure, place / f"{stem}.png", place / f"{stem}.svg")


def _ordered(findings: Sequence[Finding]) -> list[Finding]:
    """The one that extends no other (or was given first) on top, the others by their shares."""
    roots = [one for one in findings if one.scenario.extends is None]
    first = [*roots, *findings][0]
    rest = [one for one in findings if one is not first]
    return [first, *sorted(rest, key=lambda one: -one.share.mean if one.share else 0.0)]


def _row(one: Finding) -> UncertainRow:
    assert one.share is not None
    return UncertainRow(
        label=one.scenario.label,
        number=one.number,
        share=one.share,
        estimate=one.estimate.replace("below", "<").replace("above", ">"),
        interval=percents(*one.share.parameters),
        verdict=one.wording,
    )


def _how(study: Study, claim: Claim) -> str:
    words = claim.measurement.params.words() or "no choices to make"
    kept = "; parameters that a scenario sets itself it keeps in all draws"
    return f"{words}; {study.how}{kept * any(study.kept.values())}"


def where_true(test: Predicate) -> list[tuple[float, float]]:
    """The parts of the line in which a predicate holds, (from, to); a single point twice."""
    points = sorted({one for one in test.operands if one is not None})
    ends = [-math.inf, *points, math.inf]
    between = [points[0] - 1.0, *((a + b) / 2 for a, b in pairwise(points)), points[-1] + 1.0]
    inside = test.holds(np.array(between))
    at = test.holds(np.array(points))
    parts = [part for part, true in zip(pairwise(ends), inside, strict=True) if true]
    alone = at & ~inside[:-1] & ~inside[1:]
    return [*parts, *((x, x) for x, true in zip(points, alone, strict=True) if true)]
