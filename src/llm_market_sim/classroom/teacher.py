"""The teacher's port: what leads the class, the projector's page and the live page."""

from __future__ import annotations

import asyncio
import io
import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

import segno
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from llm_market_sim.claims.headline import READINGS
from llm_market_sim.classroom import bets
from llm_market_sim.classroom.answer import OUTCOMES, definitions
from llm_market_sim.classroom.class_export import TABLES, as_csv, as_workbook
from llm_market_sim.classroom.class_server import (
    COOKIE_SECONDS,
    ClassRoom,
    no,
    ok,
    posting,
    streaming,
    text_of,
)
from llm_market_sim.classroom.game import GAME_WORLDS, firms
from llm_market_sim.classroom.live import live_routes
from llm_market_sim.classroom.question import Question, parse
from llm_market_sim.classroom.room import REGULATOR, Refused, Room
from llm_market_sim.classroom.server import LOCAL, guarded, page, refusing, static_routes
from llm_market_sim.classroom.solver import posterior
from llm_market_sim.classroom.views import for_screen, for_teacher
from llm_market_sim.errors import InputError, mistake
from llm_market_sim.words import LANGUAGES

PICTURES = "worlds bets assumptions readings calibration scores live paths ranking".split()
_KEY = "key"  # the cookie of a teacher


class _Teacher:
    """Routes of the teacher's page and the projector's."""

    def __init__(self, classroom: ClassRoom) -> None:
        self.classroom = classroom
        self.keeper, self.reach = classroom.keeper, classroom.reach

    async def home(self, request: Request) -> Response:
        """The teacher's page."""
        return page("teacher", request)

    async def screen(self, request: Request) -> Response:
        """The projector's page."""
        return page("screen", request)

    def seen(self) -> dict[str, Any]:
        """By which address the class is reached, and whether it has been."""
        return {
            "typed": self.reach.address().removeprefix("http://"),
            "addresses": [self.reach.address(k) for k in range(len(self.reach.names))],
            "chosen": self.reach.chosen,
            "came": len(self.reach.came),
            "alone": self.reach.alone,
        }

    async def stream(self, request: Request) -> Response:
        """What the teacher knows."""

        def view() -> dict[str, Any]:
            return for_teacher(self.classroom.room) | {"reach": self.seen()}

        return streaming(self.keeper, view, lambda: True)

    async def screen_stream(self, request: Request) -> Response:
        """What the projector shows."""

        def view() -> dict[str, Any]:
            return for_screen(self.classroom.room) | {"reach": self.seen()}

        return streaming(self.keeper, view, lambda: True)

    async def claims(self, request: Request) -> Response:
        """The sentences that can be asked."""
        return JSONResponse(
            [
                {
                    "name": name,
                    "said": bets.said_of(name),
                    "by": dict(one.speaker),
                    "week": one.horizon_week,
                    "means": {language: one.defined(language) for language in LANGUAGES},
                    "reading": name in READINGS,
                }
                for name, one in bets.bettable().items()
            ]
        )

    async def qr(self, request: Request) -> Response:
        """The phones' address as a QR code."""
        address = f"{self.reach.address()}/?code={self.classroom.room.code}"
        code = segno.make(address, error="m", micro=False)
        out = io.BytesIO()
        code.save(out, kind="svg", border=2, light="#fff")
        return Response(out.getvalue(), media_type="image/svg+xml")

    async def ask(self, request: Request, given: dict[str, Any]) -> Response:
        """Ask a sentence of a question, or which way a move goes; the answer is begun."""
        question = _question(text_of(given, "question", 4000))
        self.classroom.solver.scenario(question)
        if given.get("kind") == "claim":
            name = _one_of(given, "claim", tuple(bets.bettable()))
            about = bets.about_claim(name, question)
        else:
            before = _question(text_of(given, "before", 4000))
            outcome = _one_of(given, "outcome", OUTCOMES)
            about = bets.about_move(outcome, before, question)
            if not about["changes"]:
                return no("refused.nothing_moved")
        await self.keeper.tell({"kind": "ask", "about": about})
        self.classroom.prepare()
        return ok()

    async def step(self, request: Request, given: dict[str, Any]) -> Response:
        """Go to another step."""
        await self.keeper.tell({"kind": "step", "to": given.get("to")})
        return ok()

    async def reveal(self, request: Request, given: dict[str, Any]) -> Response:
        """Show what the worlds say, once that is known."""
        now = self.classroom.room.now
        if now is None or now.answer is not None:
            return no("refused.step")
        place = len(self.classroom.room.rounds) - 1
        answer = await self.classroom.answer()

        def same(room: Room) -> None:
            if len(room.rounds) - 1 != place:
                raise Refused("refused.step")

        await self.keeper.tell({"kind": "reveal", "answer": answer}, same)
        return ok()

    async def paper(self, request: Request, given: dict[str, Any]) -> Response:
        """Bets that were typed in."""
        rows = given.get("bets")
        if not isinstance(rows, list) or not all(
            isinstance(row, list) and len(row) == 2 for row in rows
        ):
            return no("refused.paper", 400)
        place = len(self.classroom.room.rounds) - 1
        await self.keeper.tell({"kind": "paper", "round": place, "bets": rows})
        return ok()

    async def rename(self, request: Request, given: dict[str, Any]) -> Response:
        """Take a name away."""
        number = given.get("member")
        if type(number) is not int:
            return no("refused.nobody", 400)
        await self.keeper.tell({"kind": "rename", "member": number, "name": f"#{number}"})
        return ok()

    async def show(self, request: Request, given: dict[str, Any]) -> Response:
        """Another picture on the projector."""
        what: dict[str, Any] = {"picture": _one_of(given, "picture", PICTURES)}
        if what["picture"] == "live":
            what["link"] = text_of(given, "link", 4000)
            _question(what["link"])
        now = self.classroom.room.now
        if what["picture"] in ("assumptions", "readings"):
            if now is None or now.answer is None or now.about["kind"] != "claim":
                return no("refused.shown")
            try:
                posterior()
            except InputError:
                return no("refused.no_sample")
        if what["picture"] == "assumptions":
            what["bands"] = await self.classroom.over_assumptions()
        elif what["picture"] == "readings":
            if now is None or now.about["claim"] not in READINGS:
                return no("refused.shown")
            what["readings"] = await self.classroom.readings()
        await self.keeper.tell({"kind": "show", "what": what})
        return ok()

    async def address(self, request: Request, given: dict[str, Any]) -> Response:
        """Show another of the addresses."""
        place = given.get("place")
        if type(place) is not int or not 0 <= place < len(self.reach.names):
            return no("refused.step", 400)
        self.reach.chosen = place
        self.keeper.wake()
        return ok()

    async def play(self, request: Request, given: dict[str, Any]) -> Response:
        """Begin a game."""
        question = _question(text_of(given, "question", 4000))
        scenario = self.classroom.solver.scenario(question)
        firm = _one_of(given, "firm", tuple(whom()))
        about = {
            "firm": firm,
            "name": dict(whom()[firm]),
            "question": question.link(),
            "label": dict(scenario.label),
            "worlds": GAME_WORLDS,
        }
        await self.keeper.tell({"kind": "play", "about": about})
        return ok()

    async def quarter(self, request: Request, given: dict[str, Any]) -> Response:
        """End a quarter and play it."""
        if self.classroom.room.game is None:
            return no("refused.no_game")
        place = self.classroom.room.game.quarter
        room = await self.keeper.tell({"kind": "close", "quarter": place})
        assert room.game is not None
        found = await asyncio.to_thread(self.classroom.table(room.game).quarter, room.game)
        await self.keeper.tell({"kind": "quarter", "quarter": place, "results": found})
        return ok()

    async def firm_names(self, request: Request) -> Response:
        """Whom teams can be."""
        return JSONResponse(list(whom().items()))

    async def export(self, request: Request) -> Response:
        """A table, or all of them as a workbook."""
        name = request.path_params["name"]
        stem, _, ending = name.partition(".")
        if name == "class.xlsx":
            body = await asyncio.to_thread(as_workbook, self.classroom.room)
            kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        elif stem in TABLES and ending == "csv":
            body, kind = as_csv(self.classroom.room, stem), "text/csv"
        else:
            return no("no such table", 404)
        named = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(body, media_type=kind, headers=named)


def teacher_app(classroom: ClassRoom, key: str = "", hosts: tuple[str, ...] = LOCAL) -> ASGIApp:
    """What leads the class, the projector's page and the live page.

    key: where given, only who opened a link with it is let in, as is needed when the page is served
    to other machines.
    """
    do = _Teacher(classroom)
    posted = (
        do.ask,
        do.step,
        do.reveal,
        do.paper,
        do.rename,
        do.show,
        do.address,
        do.play,
        do.quarter,
    )
    routes: list[BaseRoute] = [
        Route("/", do.home),
        Route("/screen", do.screen),
        Route("/stream", do.stream),
        Route("/screen/stream", do.screen_stream),
        Route("/claims.json", do.claims),
        Route("/firms.json", do.firm_names),
        Route("/qr.svg", do.qr),
        Route("/export/{name}", refusing(do.export)),
        *(Route(f"/{one.__name__}", posting(one), methods=["POST"]) for one in posted),
        *static_routes(),
        *live_routes(classroom.solver),
    ]
    app: ASGIApp = Starlette(routes=routes)
    return guarded(_keyed(app, key) if key else app, hosts)


def whom() -> dict[str, Mapping[Any, str]]:
    """Whom teams can be, by id, with their names: the firms, and the regulator."""
    return firms() | {REGULATOR: {"en": "the regulator", "zh": "监管部门"}}


def _question(link: str) -> Question:
    """What is asked, of a link that may also say how it is looked at."""
    look = ("outcome", "session", "language", *definitions()[0].choices)
    rows = parse_qsl(link.lstrip("?"), keep_blank_values=True)
    return parse(urlencode([row for row in rows if row[0] not in look]))


def _keyed(app: ASGIApp, key: str) -> ASGIApp:
    """An application for those who once opened a link with the key."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        answer: ASGIApp = app
        if secrets.compare_digest(request.query_params.get("key", "").encode(), key.encode()):
            rest = urlencode([row for row in request.query_params.multi_items() if row[0] != "key"])
            answer = RedirectResponse(f"{request.url.path}?{rest}", 303)
            answer.set_cookie(_KEY, key, max_age=COOKIE_SECONDS, httponly=True, samesite="strict")
        elif not secrets.compare_digest(request.cookies.get(_KEY, "").encode(), key.encode()):
            answer = no("refused.key", 403)
        await answer(scope, receive, send)

    return call


def _one_of(given: dict[str, Any], name: str, allowed: Sequence[str]) -> str:
    found = given.get(name)
    if found not in allowed:
        raise mistake("body", f"must be one of {', '.join(allowed)}", name)
    return str(found)
