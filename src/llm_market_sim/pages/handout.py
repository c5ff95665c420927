"""Two printed pages for a class, from a stored batch, and the teacher's notes to them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from llm_market_sim.claims import Verdict
from llm_market_sim.errors import mistake, nearest
from llm_market_sim.figures.gallery.of_claims import PLATFORMS
from llm_market_sim.pages.differences import Batch, Change, differences
from llm_market_sim.pages.figures import pictures
from llm_market_sim.pages.page import Question, questions, told
from llm_market_sim.pages.words import render, sayer, texts_of
from llm_market_sim.results import Results
from llm_market_sim.results.manifest import about
from llm_market_sim.scenario import load
from llm_market_sim.scenario.texts import Passage
from llm_market_sim.words import Language, percent

ROOT = "baseline"  # where a story begins that a scenario only goes on with
_BETS = 5
_LETTERS: dict[Language, dict[str, int]] = {  # a Chinese letter is twice as wide
    "en": {"about": 620, "before": 330, "claim": 170, "definition": 330, "change": 90},
    "zh": {"about": 300, "before": 160, "claim": 85, "definition": 330, "change": 60},
}
_SHORT = 0.5  # of the letters there is room for: below, the story begins with the baseline's
_CHANGES = 3  # values of a scenario that are told on the sheet
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
        raise mistake(where, f'holds no scenario "{name}"; {nearest(name, made.scenarios)}')
    worlds = next(one.there for one in results.status if one.scenario == name)
    if not worlds:
        raise mistake(where, f"holds no worlds of {name} yet")
    bets = _bets(questions(results, verdicts, language), name, _LETTERS[language]["claim"])
    if not bets:
        text = f"holds no claim that {name} could fail, so there is nothing to bet on"
        raise mistake(where, text)
    situation = _situation(made.scenarios, name, language)
    bets = bets[: _BETS + 1 - max(1, len(situation))]  # what is told longer leaves room for fewer
    say = sayer(language)
    label = made.scenarios[name]["label"][language]
    words = texts_of(name, made.scenarios[name], language)
    shown = ("survivors", "fan") if len(made.scenarios) <= _CROWD else ("survivors",)
    counted = next((one for one in bets if one.claim.metric == PLATFORMS), None)
    common = {
        "scenario": name,
        "label": label,
        "words": words,
        "situation": situation,
        "changes": _changes(made.scenarios, name, language),
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
            pictures=pictures(results, shown, language, name, projected=True),
            several=len(made.scenarios) > 1,
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


def _bets(asked: Sequence[Question], scenario: str, letters: int) -> list[Question]:
    """About five claims that can fail, with the verdict of one scenario first; each sentence once,
    and none that has to be cut while there are shorter ones."""
    found: dict[str, Question] = {}
    for one in asked:
        rows = sorted(one.rows, key=lambda row: row.scenario != scenario)
        if one.claim.tested and rows[0].scenario == scenario and rows[0].held:
            found.setdefault(one.claim.text, replace(one, rows=rows))
    short = [one for one in found.values() if len(one.text) <= letters]
    long = [one for one in found.values() if len(one.text) > letters]
    return [*short, *long][:_BETS]


def _situation(batch: Batch, name: str, language: Language) -> list[tuple[Passage, int]]:
    """What the scenario is about; from the baseline on, where its own text is short. With the
    letters that there is room for."""
    own = texts_of(name, batch[name], language).get("about")
    if own is None:
        return []
    room = _LETTERS[language]["about"]
    if name == ROOT or len(own.text) > _SHORT * room:
        return [(own, room)]
    facts = batch[ROOT] if ROOT in batch else about([load(ROOT)])[ROOT]
    before = texts_of(ROOT, facts, language)["about"]
    return [(before, _LETTERS[language]["before"]), (own, room)]


def _changes(batch: Batch, name: str, language: Language) -> list[Change]:
    """The first values in which the scenario differs from its parent."""
    found = next(one for one in differences(batch, language) if one.scenario == name)
    return found.changes[:_CHANGES]


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
