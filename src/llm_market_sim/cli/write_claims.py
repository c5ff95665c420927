"""What a survey of claims writes beside its tables: verdicts, definitions, pairs, figures."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from llm_market_sim import __version__
from llm_market_sim.claims import Survey, Verdict
from llm_market_sim.cli.write_batch import judged, shares
from llm_market_sim.figures import Origin, save
from llm_market_sim.figures.gallery.of_definitions import definitions_figure
from llm_market_sim.support.files import whole_files, write_csv
from llm_market_sim.words import Language

_VERDICTS = (
    "claim scenario worlds hits share low high confidence method verdict status metric predicate "
    "horizon_week definition definitions lowest_share highest_share hold fail undecided "
    "not_reached seed version date ties effect effect_low effect_high unit also"
).split()
_DEFINITIONS = (
    "claim scenario definition default horizon_week choices worlds hits share low high verdict"
).split()
_TOGETHER = ("scenario first second both only_first only_second neither phi low high").split()


def write_claims(folder: Path, found: Survey, figures: bool, language: Language) -> None:
    """Write everything into a folder; figures: a map of definitions a claim, too."""
    with whole_files(folder) as place:
        write_csv(place / "verdicts.csv", _VERDICTS, _verdicts(found))
        write_csv(place / "definitions.csv", _DEFINITIONS, _definitions(found))
        write_csv(place / "together.csv", _TOGETHER, _together(found))
        columns = ("scenario", "replication", "claim", "x", "holds")
        write_csv(place / "worlds.csv", columns, _worlds(found))
        if figures:
            _draw(place, found, language)


def _verdicts(found: Survey) -> Iterator[list[Any]]:
    today = dt.datetime.now(dt.UTC).date().isoformat()
    for claim in found.claims:
        for one in found.scenarios:
            verdict, answers = found.verdict(claim, one.name), found.multiverse(claim, one.name)
            reached = len(answers.reached)
            ends = [end.share for end in answers.ends] if reached else ["", ""]
            yield [
                *judged(verdict),
                reached,
                *ends,
                *(answers.sides[side] for side in ("holds", "fails", "undecided")),
                len(answers.answers) - reached,
                *(found.seed, __version__, today),
                verdict.held.ties if verdict.held else "",
                *_effect(verdict),
                json.dumps([_beside(other) for other in found.also(claim, one.name)]),
            ]


def _definitions(found: Survey) -> Iterator[list[Any]]:
    for claim in found.claims:
        for one in found.scenarios:
            for number, answer in enumerate(found.multiverse(claim, one.name).answers):
                choices = json.dumps(answer.choices, ensure_ascii=False)
                yield [
                    claim.id,
                    one.name,
                    number,
                    int(answer.variant.default),
                    answer.week,
                    choices,
                    *shares(answer.verdict.held),
                    answer.verdict.wording,
                ]


def _beside(verdict: Verdict) -> str:
    """What is judged beside a claim, in one line."""
    size = f" {verdict.size}," if verdict.size else ""
    share = verdict.held.estimate if verdict.held else "no share"
    return f"{verdict.wording}:{size} {share} of worlds. {verdict.claim.definition}"


def _effect(verdict: Verdict) -> list[Any]:
    if verdict.effect is None:
        return [""] * 4
    one = verdict.effect
    return [one.mean, one.low, one.high, verdict.claim.unit]


def _together(found: Survey) -> Iterator[list[Any]]:
    for one in found.scenarios:
        together = found.together(one.name)
        for pair in together.pairs if together else ():
            told = ["" if value is None else value for value in (pair.phi, pair.low, pair.high)]
            counts = (pair.both, pair.only_first, pair.only_second, pair.neither)
            yield [one.name, pair.first, pair.second, *counts, *told]


def _worlds(found: Survey) -> Iterator[list[Any]]:
    for one in found.scenarios:
        for claim in found.claims:
            x = found.x(claim, one.name)
            if x is not None:
                holds = claim.test.holds(x).astype(int).tolist()
                for world, (value, true) in enumerate(zip(x.tolist(), holds, strict=True)):
                    yield [one.name, world, claim.id, value, true]


def _draw(place: Path, found: Survey, language: Language) -> None:
    """A map a claim and scenario, where it has more than one definition."""
    for claim in found.claims:
        for one in found.scenarios:
            origin = Origin(found.worlds, found.seed, one.label)
            figure = definitions_figure(found.multiverse(claim, one.name), origin, language)
            if figure is not None:
                stem = "_".join(
                    ["definitions", claim.id, *([one.name] if len(found.scenarios) > 1 else [])]
                )
                save(figure, place / f"{stem}.png", place / f"{stem}.svg")
