"""Figures of what the worlds say of claims."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from llm_market_sim.claims import Claim, Verdict, claims_of, verdicts_of
from llm_market_sim.figures import Origin, SurvivorRow, claim_matrix, survivors
from llm_market_sim.figures.gallery.entry import Asked, figure
from llm_market_sim.results import Manifest, Results
from llm_market_sim.words import Language

PLATFORMS = "n_general_platforms"


def _within_reach(results: Results) -> list[Claim]:
    """The claims about the number of platforms that some scenario with worlds reaches."""
    there = [one.scenario for one in results.status if one.there]
    last = max(results.manifest.scenarios[one]["horizon_weeks"] for one in there)
    return [c for c in claims_of(results) if c.metric == PLATFORMS and c.horizon_week <= last]


def why_no_survivors(asked: Asked) -> str | None:
    """Why not: where nothing was said of the number of platforms."""
    if _within_reach(asked.results):
        return None
    return "the batch judged no claim about the number of platforms in a week that it reaches"


@figure("survivors", "all", why_not=why_no_survivors, needs=("claims",), place=1)
def survivors_of(asked: Asked) -> Figure:
    """How many platforms are left, scenario by scenario, and whether the claim holds."""
    claim = _within_reach(asked.results)[0]
    verdicts = verdicts_of(asked.results, [claim])
    return survivors_figure(asked.results.manifest, claim, verdicts, asked.language)


def survivors_figure(
    batch: Manifest, claim: Claim, verdicts: Sequence[Verdict], language: Language = "en"
) -> Figure:
    """One claim about the number of platforms; some verdict must have counts."""
    mine = [v for v in verdicts if v.counts is not None]
    numbers = [n for n in claim.test.operands if n is not None]
    size = max(*(len(v.counts or ()) for v in mine), int(max(numbers)) + 2)
    return survivors(
        [_row(batch, verdict, size) for verdict in _ordered(batch, mine)],
        claim.test.holds(np.arange(size)).tolist(),
        claim.sentence(language),
        claim.predicate.replace("x", "n"),
        claim.horizon_week,
        Origin(
            max(v.held.worlds for v in mine if v.held),
            batch.seed,
            definition=claim.measurement.params.words(),
        ),
        language,
    )


def _ordered(batch: Manifest, verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The one that extends no other (or was given first) on top, the others by their shares."""
    roots = [v for v in verdicts if batch.scenarios[v.scenario]["extends"] is None]
    first = [*roots, *verdicts][0]
    rest = [v for v in verdicts if v is not first]
    return [first, *sorted(rest, key=lambda v: -v.held.share if v.held else 0.0)]


def _row(batch: Manifest, verdict: Verdict, size: int) -> SurvivorRow:
    assert verdict.counts is not None and verdict.held is not None
    counts = [*verdict.counts, *[0] * (size - len(verdict.counts))]
    return SurvivorRow(
        label=batch.scenarios[verdict.scenario]["label"],
        shares=[count / verdict.held.worlds for count in counts],
        held=verdict.held,
        verdict=verdict.wording,
    )


def why_no_claims(asked: Asked) -> str | None:
    """Why not: where no claim was judged."""
    return None if asked.results.manifest.claims else "the batch judged no claim"


@figure("claims", "all", why_not=why_no_claims, needs=("claims",), place=2)
def matrix_of(asked: Asked) -> Figure:
    """All scenarios by all claims."""
    claims = claims_of(asked.results)
    return claim_matrix(
        verdicts_of(asked.results, claims),
        {name: asked.label(name) for name in asked.scenarios},
        {one.id: one.said for one in claims},
        Origin(max(asked.worlds.values()), asked.results.manifest.seed),
        asked.language,
    )
