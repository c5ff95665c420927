"""Figures of what the worlds say of claims."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from llm_market_sim.claims import READINGS, Claim, Verdict, claims_of, verdicts_of
from llm_market_sim.experiments.headline import Headline, headline_in
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
    verdicts = [
        one
        for one in verdicts_of(asked.results, claims_of(asked.results))
        if one.scenario in asked.scenarios
    ]
    found = headline_in(asked.results, claims_of(asked.results))
    return survivors_figure(asked.results.manifest, claim, verdicts, asked.language, found)


def survivors_figure(
    batch: Manifest,
    claim: Claim,
    verdicts: Sequence[Verdict],
    language: Language = "en",
    found: Headline | None = None,
) -> Figure:
    """One claim about the number of platforms; some verdict on it must have counts.

    found: the main claim in full; where it is that one, its second reading is shown, too.
    """
    mine = [v for v in verdicts if v.claim.id == claim.id and v.counts is not None]
    main = claim.id == READINGS[0]
    second = {v.scenario: v for v in verdicts if main and v.claim.id == READINGS[1]}
    numbers = [n for n in claim.test.operands if n is not None]
    size = max(*(len(v.counts or ()) for v in mine), int(max(numbers)) + 2)
    return survivors(
        [
            _row(batch, one, size, second.get(one.scenario), found if main else None)
            for one in _ordered(batch, mine)
        ],
        claim.test.holds(np.arange(size)).tolist(),
        claim.sentence(language),
        claim.predicate.replace("x", "n"),
        claim.horizon_week,
        Origin(
            max(v.held.worlds for v in mine if v.held),
            batch.seed,
            definition=claim.counted(language),
        ),
        language,
    )


def _ordered(batch: Manifest, verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The one that extends no other (or was given first) on top, the others by their shares."""
    roots = [v for v in verdicts if batch.scenarios[v.scenario]["extends"] is None]
    first = [*roots, *verdicts][0]
    rest = [v for v in verdicts if v is not first]
    return [first, *sorted(rest, key=lambda v: -v.held.share if v.held else 0.0)]


def _row(
    batch: Manifest, verdict: Verdict, size: int, second: Verdict | None, found: Headline | None
) -> SurvivorRow:
    assert verdict.counts is not None and verdict.held is not None
    mine = found.readings if found is not None and found.scenario == verdict.scenario else None
    counts = [*verdict.counts, *[0] * (size - len(verdict.counts))]
    return SurvivorRow(
        label=batch.scenarios[verdict.scenario]["label"],
        shares=[count / verdict.held.worlds for count in counts],
        held=verdict.held,
        verdict=found.wording if mine is not None and found else _both(verdict, second),
        second=second.held if second else None,
        bands=[one.over.share.parameters for one in mine or () if one.over and one.over.share],
    )


def _both(first: Verdict, second: Verdict | None) -> str:
    """The verdict at the defaults, where both readings give it."""
    if second is None or second.wording == first.wording:
        return first.wording
    return "depends on the reading"


def why_no_claims(asked: Asked) -> str | None:
    """Why not: where no claim was judged."""
    return None if asked.results.manifest.claims else "the batch judged no claim"


@figure("claims", "all", why_not=why_no_claims, needs=("claims",), place=2)
def matrix_of(asked: Asked) -> Figure:
    """All scenarios by all claims."""
    claims = claims_of(asked.results)
    return claim_matrix(
        [v for v in verdicts_of(asked.results, claims) if v.scenario in asked.scenarios],
        {name: asked.label(name) for name in asked.scenarios},
        {one.id: one.said for one in claims},
        Origin(max(asked.worlds.values()), asked.results.manifest.seed),
        asked.language,
    )
