"""The report: one page that says what was asked, what the worlds say, and what carries it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from llm_market_sim.claims import Claim, Verdict, claims_of
from llm_market_sim.claims.readings import told_apart
from llm_market_sim.experiments.headline import headline_in
from llm_market_sim.figures.words import estimate
from llm_market_sim.pages.assumptions import assumptions
from llm_market_sim.pages.differences import differences
from llm_market_sim.pages.figures import pictures
from llm_market_sim.pages.headline import sentences
from llm_market_sim.pages.stories import stories
from llm_market_sim.pages.words import Say, render, sayer, texts_of
from llm_market_sim.results import Results
from llm_market_sim.summary.statistics import Proportion
from llm_market_sim.words import Language, date, listed, percent

_FIGURES = (
    "headline survivors definitions claims paired fan entry_exit survival shares concentration "
    "race money"
).split()
_STATUS = ("emergent", "calibrated", "input")  # what can fail first


@dataclass(frozen=True)
class Judged:
    """A verdict in words, and its numbers as they are stored; these are empty where a run ends
    before the claim's week. size: of a change's effect, in words."""

    scenario: str
    label: str
    wording: str  # as stored
    verdict: str
    held: Proportion | None
    size: str
    side: str
    share: str
    interval: str


@dataclass(frozen=True)
class Question:
    """A claim with its verdicts, one a scenario; said_by: a sentence. day: the one it speaks of."""

    claim: Claim
    text: str
    said_by: str
    definition: str
    day: str
    rows: list[Judged]


def report(results: Results, verdicts: Sequence[Verdict], language: Language) -> str:
    """The page (HTML) of a folder, finished or not; verdicts: of the worlds that are there."""
    made = results.manifest
    say = sayer(language)
    asked = questions(results, verdicts, language)
    first = next(iter(made.scenarios))
    there = results.status[0].there
    labels = {name: one["label"][language] for name, one in made.scenarios.items()}
    unfinished = [
        say(
            "report.unfinished_one", scenario=labels[one.scenario], there=one.there, asked=one.asked
        )
        for one in results.status
        if one.there < one.asked
    ]
    return render(
        "report.html.j2",
        language,
        title=say("report.title", scenario=labels[first]),
        scenarios=[
            (name, one, texts_of(name, one, language)) for name, one in made.scenarios.items()
        ],
        groups=[
            (status, mine)
            for status in _STATUS
            if (mine := [one for one in asked if one.claim.status == status])
        ],
        main=asked[0] if asked else None,
        headline=told(results, language),
        worlds=max((one.there for one in results.status), default=0),
        there=there,
        unfinished=listed(unfinished, language),
        seed=made.seed,
        code=made.code,
        folder=results.folder.name,
        labels=labels,
        firms=len(made.scenarios[first]["resolved"]["players"]),
        pictures=pictures(results, _FIGURES, language, first if there else None),
        differences=differences(made.scenarios, language),
        stories=stories(results, first, language),
        first=first,
        share=lambda value: percent(value, language),
        chapters=assumptions(made.scenarios, language),
        facts=list(_facts(results, say, language)),
        command=_command(made.made.get("command")),
    )


def told(results: Results, language: Language) -> list[str]:
    """The main claim in full, in sentences, the first with the scenario; none without a world."""
    found = headline_in(results, claims_of(results))
    if found is None:
        return []
    label = results.manifest.scenarios[found.scenario]["label"][language]
    first, *more = sentences(found, language)
    return [sayer(language)("headline.in", scenario=label) + first, *more]


def questions(results: Results, verdicts: Sequence[Verdict], language: Language) -> list[Question]:
    """Claims in the order in which they were asked, each with its verdicts."""
    say, labels = sayer(language), results.manifest.scenarios
    claims = {one.claim.id: one.claim for one in verdicts}
    said = told_apart(claims.values(), language)
    return [
        Question(
            claim,
            said[claim.id],
            say(f"asked.{claim.form}", who=claim.speaker[language], source=claim.place[language]),
            claim.defined(language).replace("<=", "≤").replace(">=", "≥"),
            date(claim.horizon_week, language),
            [
                _judged(one, labels[one.scenario]["label"][language], say, language)
                for one in verdicts
                if one.claim.id == claim.id
            ],
        )
        for claim in claims.values()
    ]


def _judged(one: Verdict, label: str, say: Say, language: Language) -> Judged:
    held = one.held
    return Judged(
        one.scenario,
        label,
        one.wording,
        say(f"verdict.{one.wording}"),
        held,
        one.size,
        one.side or "",
        estimate(held, language) if held else "",
        _interval(held, say) if held else "",
    )


def _interval(held: Proportion, say: Say) -> str:
    """``67 to 79 %``."""
    low, high = held.interval.removesuffix(" %").split(" to ")
    return say("interval", low=low, high=high)


def _facts(results: Results, say: Say, language: Language) -> Iterator[tuple[str, str]]:
    """Names and values of how it was made."""
    made = results.manifest
    about: dict[str, Any] = made.made
    worlds = listed(
        [
            f"{made.scenarios[one.scenario]['label'][language]} {one.there:,}"
            + (f"/{one.asked:,}" if one.there < one.asked else "")
            for one in results.status
        ],
        language,
    )
    times = [fact["at"][:19].replace("T", " ") + " UTC" for fact in results.log if "at" in fact]
    packages = ", ".join(f"{name} {v}" for name, v in about.get("packages", {}).items() if v)
    facts = {
        "seed": str(made.seed),
        "worlds": worlds,
        "code": made.code,
        "packages": packages,
        "python": about.get("python", ""),
        "begun": times[0] if times else "",
        "ended": times[-1] if times else "",
        "machine": " · ".join(
            str(part) for part in (about.get("node"), about.get("system")) if part
        ),
    }
    yield from ((say(f"made.{name}"), value) for name, value in facts.items() if value)
    for name, one in made.scenarios.items():
        yield say("made.digest", scenario=name), one["digest"]


def _command(given: Sequence[str] | None) -> str:
    """The command as a person types it."""
    return shlex.join(["llm-market-sim", *given[1:]]) if given else ""
