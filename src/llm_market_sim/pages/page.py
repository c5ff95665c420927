"""The report: one page that says what was asked, what the worlds say, and what carries it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from llm_market_sim.claims import Claim, Verdict, claims_of
from llm_market_sim.claims.readings import told_apart
from llm_market_sim.experiments.headline import Headline, headline_in
from llm_market_sim.figures.gallery.of_claims import PLATFORMS
from llm_market_sim.pages.assumptions import assumptions
from llm_market_sim.pages.differences import differences, field_of
from llm_market_sim.pages.figures import pictures
from llm_market_sim.pages.headline import sentences
from llm_market_sim.pages.stories import stories
from llm_market_sim.pages.words import Say, render, sayer, texts_of
from llm_market_sim.results import Results
from llm_market_sim.summary.said import estimate
from llm_market_sim.summary.statistics import Proportion
from llm_market_sim.words import Language, date, listed, percent, percents

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


@dataclass(frozen=True)
class Reading:
    """A reading of the main claim: its name, the share of worlds at the defaults with the interval
    that luck leaves, the same over what 2023 leaves open with that of the assumptions (empty where
    that was not run), and the verdict; all in words."""

    name: str
    share: str
    interval: str
    over: str
    band: str
    verdict: str


def readings(found: Headline | None, language: Language) -> list[Reading]:
    """Of the main claim, one or more; none where the folder did not judge it."""
    say = sayer(language)
    told = []
    for one in found.readings if found else ():
        held, over = one.verdict.held, one.over.share if one.over else None
        if held is None:
            continue
        key = "platforms" if one.claim.metric == PLATFORMS else "g67"
        told.append(
            Reading(
                say(f"first.{key}"),
                estimate(held, language),
                _interval(held, say),
                percent(over.mean, language) if over else "",
                _ends(percents(*over.parameters), say) if over else "",
                say(f"verdict.{one.wording}"),
            )
        )
    return told


def movers(found: Headline | None, asked: Sequence[Question], language: Language) -> list[str]:
    """What moves the answer, in sentences: assumptions, then the scenarios that were run."""
    say = sayer(language)
    told = []
    for one in found.readings if found else ():
        if one.drivers:
            key = "platforms" if one.claim.metric == PLATFORMS else "g67"
            names = [_named(path, language) for path in one.drivers]
            told.append(
                say("first.drivers", what=say(f"first.{key}"), names=listed(names, language))
            )
    rows = [row for row in asked[0].rows if row.held] if asked else []
    first = rows[0].held.share if rows and rows[0].held else 0.0
    apart = [(row.held.share - first, row) for row in rows[1:] if row.held]
    apart.sort(key=lambda one: -abs(one[0]))
    for gap, row in apart[:3]:
        told.append(
            say(
                "first.moves",
                scenario=row.label,
                share=row.share,
                before=rows[0].share,
                points=f"{100 * gap:+.0f}".replace("-", "−"),
            )
        )
    return told or [say("first.nothing")]


def _named(path: str, language: Language) -> str:
    """A parameter by what it means, and its path."""
    return f"{field_of(path, language)[0]} ({path})"


def report(results: Results, verdicts: Sequence[Verdict], language: Language) -> str:
    """The page (HTML) of a folder, finished or not; verdicts: of the worlds that are there."""
    made = results.manifest
    say = sayer(language)
    asked = questions(results, verdicts, language)
    found = headline_in(results, claims_of(results))
    shown = pictures(results, _FIGURES, language, first_of(results))
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
        readings=readings(found, language),
        movers=movers(found, asked, language),
        picture=shown[0] if shown else None,
        worlds=max((one.there for one in results.status), default=0),
        there=there,
        unfinished=listed(unfinished, language),
        seed=made.seed,
        code=made.code,
        folder=results.folder.name,
        labels=labels,
        firms=len(made.scenarios[first]["resolved"]["players"]),
        pictures=shown[1:],
        differences=differences(made.scenarios, language),
        stories=stories(results, first, language),
        first=first,
        share=lambda value: percent(value, language),
        chapters=assumptions(made.scenarios, language),
        facts=list(_facts(results, say, language)),
        command=_command(made.made.get("command")),
    )


def first_of(results: Results) -> str | None:
    """The first scenario, if any of its worlds is there."""
    one = results.status[0]
    return one.scenario if one.there else None


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
    return _ends(held.interval, say)


def _ends(interval: str, say: Say) -> str:
    low, high = interval.removesuffix(" %").split(" to ")
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
