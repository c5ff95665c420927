"""The main claim in full, as one picture to be read from the last row of a room."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from llm_market_sim.claims import claims_of
from llm_market_sim.experiments.headline import Headline, Reading, headline_in
from llm_market_sim.figures import Origin, SurvivorRow, survivors
from llm_market_sim.figures.gallery.entry import Asked, figure
from llm_market_sim.results import Manifest
from llm_market_sim.summary.said import estimate, say, texts
from llm_market_sim.words import Language, listed, percents


def why_no_headline(asked: Asked) -> str | None:
    """Why not: where the batch did not judge the main claim in a week that it reaches."""
    if headline_in(asked.results, claims_of(asked.results)) is not None:
        return None
    return "the batch did not judge the main claim in a week that it reaches"


@figure("headline", "all", why_not=why_no_headline, needs=("claims",), of_chosen=False, place=0)
def headline_of(asked: Asked) -> Figure:
    """The main claim in two readings, at the defaults and over what 2023 leaves open."""
    found = headline_in(asked.results, claims_of(asked.results))
    assert found is not None
    return headline_figure(asked.results.manifest, found, asked.language)


def headline_figure(batch: Manifest, found: Headline, language: Language = "en") -> Figure:
    """A row a reading: how many, in what share of worlds three to five, and both uncertainties."""
    claim = found.readings[0].claim
    size = max(len(one.verdict.counts or ()) for one in found.readings)
    rows = [_row(one, max(size, 8), language) for one in found.readings]
    label = batch.scenarios[found.scenario]["label"]
    worlds = max(row.held.worlds for row in rows)
    carried = [
        say(
            "headline.carried",
            language,
            reading=row.label[language],
            names=listed(list(one.drivers), language),
        )
        for row, one in zip(rows, found.readings, strict=True)
        if one.drivers
    ]
    more = {
        "first": label[language],
        "verdict": say(f"verdict.{found.wording}", language),
        "carried": " ".join(carried),
        "who": _who(found, language),
        "draws": f"{found.draws:,}",
        "nulls": " ".join(_nulls(one, language) for one in found.readings),
        "shares": listed(
            [f"{row.label[language]} {estimate(row.held, language)}" for row in rows], language
        ),
    }
    return survivors(
        rows,
        claim.test.holds(np.arange(max(size, 8))).tolist(),
        claim.sentence(language),
        claim.predicate.replace("x", "n"),
        claim.horizon_week,
        Origin(worlds, batch.seed, label, definition=claim.counted(language)),
        language,
        "headline",
        more,
    )


def _row(one: Reading, size: int, language: Language) -> SurvivorRow:
    held, counts = one.verdict.held, one.verdict.counts or ()
    assert held is not None
    over = one.over.share if one.over is not None else None
    return SurvivorRow(
        label=texts()[f"headline.{_key(one)}"],
        shares=[n / held.worlds for n in (*counts, *[0] * (size - len(counts)))],
        held=held,
        verdict=one.wording,
        bands=[over.parameters] if over else (),
        over=percents(*over.parameters).replace(" to ", "–") if over else "",
    )


def _key(one: Reading) -> str:
    return "g67" if one.claim.metric == "g67" else "platforms"


def _who(found: Headline, language: Language) -> str:
    if found.who is None:
        return ""
    kinds: dict[str, Any] = {
        kind: f"{found.who.means[f'platforms_{kind}']:.1f}"
        for kind in ("bigtech", "listed", "startup")
    }
    return say("headline.who", language, share=estimate(found.who.startup, language), **kinds)


def _nulls(one: Reading, language: Language) -> str:
    """What null models say of a reading, or that one gives its verdict as well."""
    if not one.nulls:
        return ""
    reading = say(f"headline.{_key(one)}", language)
    if one.same:
        return say("headline.null_same", language, reading=reading)
    told = [f"{say(f'null.{n}', language)} {estimate(x, language)}" for n, x in one.nulls.items()]
    return say("headline.null", language, reading=reading, list=listed(told, language))
