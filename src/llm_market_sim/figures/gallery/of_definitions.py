"""A claim in all its readings, from the first worlds, run again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from llm_market_sim.claims import Claim, Multiverse, claims_of, multiverse
from llm_market_sim.claims.layout import WEEK, Layout, find, lay_out, word
from llm_market_sim.errors import InputError
from llm_market_sim.figures import Choice, DefinitionPanel, Origin, definitions_map
from llm_market_sim.figures.gallery.entry import Asked, figure
from llm_market_sim.figures.gallery.of_rerun import doubts, first_worlds
from llm_market_sim.figures.gallery.rerun import rerun, why_no_rerun
from llm_market_sim.metrics import get_metric
from llm_market_sim.results import Results
from llm_market_sim.summary.said import estimate, say, say_or
from llm_market_sim.words import Language, listed


def _claim(asked: Asked) -> Claim | None:
    """The first claim that could be meant in several ways in weeks that the scenario reaches."""
    last = asked.facts(asked.scenario)["horizon_weeks"]
    for claim in claims_of(asked.results):
        if claim.intervention is None:
            reached = [one for one in claim.variants_all() if one.measurement.week <= last]
            if len(reached) > 1:
                return claim
    return None


def why_no_definitions(asked: Asked) -> str | None:
    """Why there is no such claim, or the scenario cannot be run again."""
    try:
        if _claim(asked) is None:
            return "the batch judged no claim that could be meant in several ways"
    except InputError as error:  # a metric of a person's own
        return error.problems[0].message
    return why_no_rerun(asked.results, asked.scenario)


@figure("definitions", why_not=why_no_definitions, doubts=doubts, reads="worlds run again", place=3)
def definitions_of(asked: Asked) -> Figure:
    """A claim in all its readings."""
    claim = _claim(asked)
    assert claim is not None  # or it would not have been asked for
    _, origin = first_worlds(asked)
    figure = definitions_figure(
        answers(asked.results, asked.scenario, claim.id), origin, asked.language
    )
    assert figure is not None  # there are several definitions
    return figure


@lru_cache(maxsize=2)
def answers(results: Results, scenario: str, claim: str) -> Multiverse:
    """A claim by all its definitions in the first worlds."""
    [asked] = [one for one in claims_of(results) if one.id == claim]
    run = rerun(results, scenario).run
    variants = asked.variants_all()
    values = {
        one.measurement.name: one.measurement(run)
        for one in variants
        if one.measurement.week <= run.scenario.horizon_weeks
    }
    return multiverse(asked, scenario, variants, values)


def definitions_figure(
    found: Multiverse, origin: Origin, language: Language = "en"
) -> Figure | None:
    """The heat map; None where there is no choice. origin: its definition is filled in here."""
    if len(found.reached) < 2:
        return None
    layout, claim, count = lay_out(found), found.claim, found.sides
    low, high = (estimate(one, language) for one in found.ends)
    told = say(
        "definitions.told" if claim.tested else f"definitions.{claim.status}",
        language,
        n=len(found.reached),
        low=low,
        high=high,
        holds=count["holds"],
        fails=count["fails"],
        undecided=count["undecided"],
    )
    remarks = [
        say(
            "definitions.fixed",
            language,
            name=_shown("choice", name, language),
            value=_shown("value", value, language),
        )
        for name, value in layout.fixed.items()
    ]
    more = len(found.answers) - len(found.reached)
    if more:
        weeks = listed([str(week) for week in found.weeks_not_reached], language)
        remarks.append(say("definitions.unreached", language, n=more, weeks=weeks))
    changes = "" if claim.intervention is None else "what an intervention changes in "
    counted = f"{claim.predicate}; x = {changes}{get_metric(claim.metric).meaning}"
    return definitions_map(
        [_panel(found, layout, week) for week in layout.panels],
        _choices(layout, layout.across, language),
        _choices(layout, layout.down, language),
        claim.sentence(language),
        told,
        replace(origin, definition=counted.replace("<=", "≤").replace(">=", "≥")),
        language,
        remarks,
    )


def _panel(found: Multiverse, layout: Layout, week: int | None) -> DefinitionPanel:
    rows = list(product(*(layout.values[name] for name in layout.down)))
    columns = list(product(*(layout.values[name] for name in layout.across)))
    shares = np.full((len(rows), len(columns)), np.nan)
    undecided = np.zeros(shares.shape, dtype=bool)
    texts = [[""] * len(columns) for _ in rows]
    default = None
    for (i, row), (j, column) in product(enumerate(rows), enumerate(columns)):
        chosen = dict(zip((*layout.down, *layout.across), (*row, *column), strict=True))
        chosen |= layout.fixed | ({} if week is None else {WEEK: week})
        one = find(found, chosen)
        if one is not None and (held := one.verdict.held) is not None:
            shares[i, j] = held.share
            texts[i][j] = held.short
            undecided[i, j] = one.verdict.side == "undecided"
            default = (i, j) if one.variant.default else default
    return DefinitionPanel(week, shares, texts, undecided, default)


def _choices(layout: Layout, names: Sequence[str], language: Language) -> list[Choice]:
    return [
        Choice(
            _shown("choice", name, language),
            [_shown("value", value, language) for value in layout.values[name]],
        )
        for name in names
    ]


def _shown(kind: str, value: Any, language: Language) -> str:
    """A param ("choice") or a value of one as a figure says it; in the code's words if it is new,
    as those of a metric of one's own are."""
    name = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
    return say_or(word(value), f"{kind}.{name}", language)
