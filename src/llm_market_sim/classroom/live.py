"""The live page: what it asks of the server, and the application for one person.

A question is its link (`question`), to which may be added how it is looked at: ``outcome``, the
definition by which platforms are counted (``theta``, ``share``, ...), ``language``, and the
``session`` in which only the latest question is answered to the end.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

import numpy as np
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from llm_market_sim.claims import Variant
from llm_market_sim.classroom.alone import Alone, read
from llm_market_sim.classroom.answer import (
    OUTCOMES,
    Block,
    definitions,
    main_claim,
    picture,
    sizes,
    uncertainty,
)
from llm_market_sim.classroom.export import as_csv, as_json
from llm_market_sim.classroom.game import FIRM, firms
from llm_market_sim.classroom.question import PINNED, Question, events, knobs, parse
from llm_market_sim.classroom.room import CHOICES, QUARTERS
from llm_market_sim.classroom.server import (
    LOCAL,
    TYPES,
    guarded,
    packed,
    page,
    refusing,
    static_routes,
)
from llm_market_sim.classroom.solver import DRAWS, WORLDS, Solver, posterior
from llm_market_sim.errors import InputError, Problem, mistake, nearest
from llm_market_sim.market.observation import SERIES
from llm_market_sim.pages.stories import story_of
from llm_market_sim.results.rules import code_version
from llm_market_sim.scenario import current, load, scenarios
from llm_market_sim.simulation import simulate_block
from llm_market_sim.support.chinese import chinese
from llm_market_sim.words import LANGUAGES, WEEK_0, Language

__all__ = ["explore_app", "live_routes"]

_SESSION = re.compile(r"[\w-]{1,64}")


def live_routes(solver: Solver) -> list[BaseRoute]:
    """What the live page asks: the facts once, then an answer to each question as it comes.

    A mistake in a question is answered with 400 and what is wrong.
    """

    async def facts(request: Request) -> Response:
        return packed(_facts(), TYPES[".json"], request)

    async def answers(request: Request) -> Response:
        asked = _asked(solver, request)
        found = solver.answers(asked.question, asked.session)
        return _lines(_pictures(found, asked, picture))

    async def assumptions(request: Request) -> Response:
        asked = _asked(solver, request)
        posterior()  # or it is said what is wrong with the sample
        found = solver.over_assumptions(asked.question, asked.session)
        return _lines(_pictures(found, asked, _two_bands))

    async def moves(request: Request) -> Response:
        knob = knobs().get(request.query_params.get("path", ""))
        if knob is None:
            raise mistake("link", "no such parameter", "path")
        ends = [Question(changes={knob.path: end}) for end in (knob.low, knob.high)]
        base, *both = [await solver.first_worlds(one) for one in (Question(), *ends)]
        return JSONResponse({"path": knob.path, "sizes": [sizes(base, one) for one in both]})

    async def world(request: Request) -> Response:
        asked = _asked(solver, request)
        given = request.query_params.get("world", "")
        if not (given.isascii() and given.isdecimal() and int(given[:9]) < WORLDS):
            raise mistake("link", f"must be 0 to {WORLDS - 1}", "world")
        number = int(given)

        def told() -> list[list[str]]:
            return [
                story_of(simulate_block(solver.scenario(one), [number], one.seed), asked.language)
                for one in (asked.question.baseline(), asked.question)
            ]

        before, after = await asyncio.to_thread(told)
        return JSONResponse({"world": number, "before": before, "after": after})

    async def worlds(request: Request) -> Response:
        asked = _asked(solver, request)
        ending = request.url.path.rpartition(".")[2]
        mine = await asyncio.to_thread(solver.solve, asked.question)
        ghost = await asyncio.to_thread(solver.solve, asked.question.baseline())
        make = as_csv if ending == "csv" else as_json
        name = f"{asked.outcome}_{asked.question.preset}.{ending}"
        return Response(
            make(asked.question, asked.outcome, mine, ghost, asked.definition),
            media_type=TYPES[f".{ending}"],
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    return [
        Route("/facts.json", facts),
        Route("/answers", refusing(answers)),
        Route("/assumptions", refusing(assumptions)),
        Route("/moves", refusing(moves)),
        Route("/world", refusing(world)),
        Route("/worlds.csv", refusing(worlds)),
        Route("/worlds.json", refusing(worlds)),
    ]


@dataclass(frozen=True)
class _Asked:
    """A question, and how it is looked at."""

    question: Question
    outcome: str
    definition: int
    session: str
    language: Language


def _asked(solver: Solver, request: Request) -> _Asked:
    """What a request asks. InputError with what may not be asked."""
    rows = request.query_params.multi_items()
    choices = _choices(definitions()[0])
    own = ("outcome", "session", "language", "world", *choices)
    question = parse(urlencode([row for row in rows if row[0] not in own]))
    solver.scenario(question)
    look = dict(rows)
    outcome, session = look.get("outcome", OUTCOMES[0]), look.get("session", "none")
    language = look.get("language", "en")
    wrong = []
    if outcome not in OUTCOMES:
        wrong.append(Problem("link", "outcome", f"no such outcome; {nearest(outcome, OUTCOMES)}"))
    if not _SESSION.fullmatch(session):
        wrong.append(Problem("link", "session", "must be up to 64 letters and digits"))
    if language not in LANGUAGES:
        wrong.append(Problem("link", "language", "must be en or zh"))
    chosen = {name: look.get(name, value) for name, value in choices.items()}
    places = [k for k, one in enumerate(definitions()) if _choices(one) == chosen]
    if not places:
        wrong.append(Problem("link", "definition", "is not one of those that can be chosen"))
    if wrong:
        raise InputError(wrong)
    return _Asked(question, outcome, places[0], session, "zh" if language == "zh" else "en")


def _choices(definition: Variant) -> dict[str, str]:
    """What a definition chooses besides the week, as it stands in a link."""
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in definition.choices.items()
        if name != "week"
    }


def _lines(found: AsyncIterator[bytes]) -> Response:
    return StreamingResponse(found, media_type="application/x-ndjson")


async def _pictures(
    blocks: AsyncIterator[tuple[Block, Block]], asked: _Asked, make: Callable[..., dict[str, Any]]
) -> AsyncIterator[bytes]:
    """A line of JSON after each block of worlds."""
    async for mine, ghost in blocks:
        found = make(asked.outcome, mine, ghost, asked.definition)
        found |= {"of": WORLDS, "link": asked.question.link()}
        yield json.dumps(found, separators=(",", ":")).encode() + b"\n"


def _two_bands(outcome: str, mine: Block, ghost: Block, definition: int) -> dict[str, Any]:
    return {
        "outcome": outcome,
        "draws_of": DRAWS,
        "after": uncertainty(outcome, mine, definition),
        "before": uncertainty(outcome, ghost, definition),
    }


@cache
def _facts() -> bytes:
    """What the page offers, with its words: presets, outcomes, parameters, events, definitions."""
    presets = sorted(map(load, scenarios()), key=lambda one: one.name != Question().preset)
    base, claim = presets[0], main_claim()
    found = {
        "version": code_version(),
        "worlds": WORLDS,
        "start": WEEK_0.isoformat(),
        "weeks": base.horizon_weeks,
        "pinned": PINNED,
        "presets": [
            {
                "name": one.name,
                "label": one.label,
                "about": {language: one.text("about", language) for language in one.about},
                "values": {
                    path: v for path, k in knobs().items() if (v := current(one, path)) != k.value
                },
                "events": {name: event.week for name, event in one.events},
            }
            for one in presets
        ],
        "outcomes": [
            {"name": name, "label": dict(SERIES[name].label), "unit": SERIES[name].unit}
            for name in OUTCOMES
        ],
        "knobs": {path: vars(one) for path, one in knobs().items()},
        "events": {
            name: {"about": one.about, "goes_with_all": not one.enter}
            for name, one in events().items()
        },
        "chinese": dict(chinese("llm_market_sim.scenario")),
        "claim": {
            "said": dict(claim.said),
            "by": dict(claim.speaker),
            "holds": [n for n in range(40) if claim.test.holds(np.array(n))],
            "choices": {
                name: list(dict.fromkeys(_choices(one)[name] for one in definitions()))
                for name in _choices(definitions()[0])
            },
            "usual": _choices(definitions()[0]),
        },
    }
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()


def explore_app(solver: Solver) -> ASGIApp:
    """The live page for one person at this machine."""

    async def home(request: Request) -> Response:
        return page("explore", request)

    async def firm(request: Request) -> Response:
        return page("alone", request)

    alone = Alone(solver.threads)

    async def homework(request: Request) -> Response:
        rows = request.query_params.multi_items()
        asked = read([row for row in rows if row[0] != "language"] or [("firm", FIRM)])
        solver.scenario(asked.question)
        results = await asyncio.to_thread(alone.results, asked)
        return JSONResponse(
            {
                "link": asked.link(),
                "version": code_version(),
                "firm": asked.firm,
                "preset": asked.question.preset,
                "seed": asked.question.seed,
                "firms": firms(),
                "presets": {name: dict(load(name).label) for name in scenarios()},
                "choices": CHOICES,
                "decisions": asked.decisions,
                "quarters": QUARTERS,
                "results": results,
            }
        )

    routes: list[BaseRoute] = [
        Route("/", home),
        Route("/firm", firm),
        Route("/homework", refusing(homework)),
        *static_routes(),
        *live_routes(solver),
    ]
    return guarded(Starlette(routes=routes), LOCAL)
