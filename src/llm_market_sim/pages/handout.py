"""Two printed pages for a class, from a stored batch, and the teacher's notes to them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from llm_market_sim.claims import Verdict
from llm_market_sim.errors import InputError, Problem, nearest
from llm_market_sim.figures.gallery.of_claims import PLATFORMS
from llm_market_sim.pages.figures import pictures
from llm_market_sim.pages.page import Question, questions, told
from llm_market_sim.pages.words import render, sayer, texts_of
from llm_market_sim.results import Results
from llm_market_sim.words import Language, percent

_BETS = 5
_LETTERS: dict[Language, dict[str, int]] = {  # a Chinese letter is twice as wide
    "en": {"about": 620, "notice": 480, "try": 330, "claim": 150, "definition": 330},
    "zh": {"about": 300, "notice": 240, "try": 200, "claim": 150, "definition": 330},
}
_CROWD = 8  # scenarios up to which a second figure has room on the page
_STEPS = (("read", 5), ("bet", 8), ("collect", 5), ("reveal", 10), ("discuss", 12), ("close", 5))


@dataclass(frozen=True)
class Handout:
    """Two pages to print for the class, and the teacher's own, all HTML."""

    sheets: str
    notes: str


def handout(
    results: Results, verdicts: Sequence[Verdict], scenario: str | None, language: Language
) -> Handout:
    """Of one scenario, the first of the batch without a name.

    InputError where the folder has no such scenario, no world of it, or no claim to bet on.
    """
    made = results.manifest
    name = scenario or next(iter(made.scenarios))
    where = str(results.folder)
    if name not in made.scenarios:
        text = f'holds no scenario "{name}"; {nearest(name, made.scenarios)}'
        raise InputError([Problem(where, "", text)])
    worlds = next(one.there for one in results.status if one.scenario == name)
    if not worlds:
        raise InputError([Problem(where, "", f"holds no worlds of {name} yet")])
    bets = _bets(questions(results, verdicts, language), name)
    if not bets:
        text = f"holds no claim that {name} could fail, so there is nothing to bet on"
        raise InputError([Problem(where, "", text)])
    say = sayer(language)
    label = made.scenarios[name]["label"][language]
    words = texts_of(name, made.scenarios[name], language)
    shown = ("survivors", "fan") if len(made.scenarios) <= _CROWD else ("survivors",)
    counted = next((one for one in bets if one.claim.metric == PLATFORMS), None)
    common = {
        "scenario": name,
        "label": label,
        "words": words,
        "bets": bets,
        "counted": counted,
        "worlds": f"{worlds:,}",
        "headline": told(results, language),
        "seed": made.seed,
        "code": made.code,
        "shortened": shortened,
        "letters": _LETTERS[language],
    }
    return Handout(
        render(
            "handout.html.j2",
            language,
            title=say("handout.title", scenario=label),
            pictures=pictures(results, shown, language, name),
            **common,
        ),
        render(
            "notes.html.j2",
            language,
            title=say("notes.title", scenario=label),
            counts=_counts(verdicts, counted, name, language),
            steps=_STEPS,
            others=len(made.scenarios) > 1,
            **common,
        ),
    )


def _bets(asked: Sequence[Question], scenario: str) -> list[Question]:
    """About five claims that can fail, with the verdict of one scenario first."""
    found = []
    for one in asked:
        rows = sorted(one.rows, key=lambda row: row.scenario != scenario)
        if one.claim.tested and rows[0].scenario == scenario and rows[0].held:
            found.append(replace(one, rows=rows))
    return found[:_BETS]


def _counts(
    verdicts: Sequence[Verdict], counted: Question | None, scenario: str, language: Language
) -> list[tuple[int, str]]:
    """(number of platforms, share of worlds in words), where a claim counts them."""
    for one in verdicts:
        if counted and one.claim.id == counted.claim.id and one.scenario == scenario and one.counts:
            total = sum(one.counts)
            return [(n, percent(k / total, language)) for n, k in enumerate(one.counts) if k]
    return []


def shortened(text: str, most: int) -> str:
    """As many whole sentences as fit into so many letters; a first one that does not is cut."""
    plain = " ".join(text.split())
    if len(plain) <= most:
        return plain
    kept = ""
    for part in re.split(r"(?<=[.?!:])(?=\s)|(?<=[。？！])", plain):
        if len(kept) + len(part) > most:
            break
        kept += part
    return kept.strip() or plain[:most].rsplit(" ", 1)[0] + " …"
