"""Two applications of one class: the phones' port, and the teacher's with the projector.

The phones' application has no route by which a class is led, so that nothing a phone sends can do
so. What pages know comes as a stream of views (`views`), each whole, so that whoever lost one, or
slept, is right again with the next.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import secrets
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlencode

import segno
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from llm_market_sim.claims.headline import READINGS
from llm_market_sim.classroom import bets
from llm_market_sim.classroom.answer import OUTCOMES, definitions
from llm_market_sim.classroom.class_export import TABLES, as_csv, as_workbook
from llm_market_sim.classroom.game import GAME_WORLDS, Table
from llm_market_sim.classroom.live import live_routes
from llm_market_sim.classroom.log import Keeper
from llm_market_sim.classroom.question import Question, parse
from llm_market_sim.classroom.reach import Reach
from llm_market_sim.classroom.room import REGULATOR, Game, Member, Refused, Room, tidy
from llm_market_sim.classroom.server import LOCAL, guarded, page, refusing, static_routes
from llm_market_sim.classroom.solver import Solver, posterior
from llm_market_sim.classroom.views import for_phone, for_screen, for_teacher
from llm_market_sim.errors import InputError, MarketSimError, Problem
from llm_market_sim.scenario import load

CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # without I and O, which look like numbers
_SEAT, _KEY = "seat", "key"  # cookies: of a phone, of the teacher
_WEEK = 7 * 86400
_QUIET = 15.0  # seconds after which a stream says that it is there
_STREAMS = 4  # of one phone at a time
_ANSWERS = 12  # kept
_PICTURES = (
    "worlds",
    "bets",
    "assumptions",
    "readings",
    "calibration",
    "scores",
    "live",
    "paths",
    "ranking",
)
Answer = asyncio.Task[dict[str, Any]]


class ClassRoom:
    """A class that is going on: its log, the worlds that answer, the addresses.

    first: called once with the address of the first phone that comes.
    """

    def __init__(
        self,
        keeper: Keeper,
        solver: Solver,
        reach: Reach,
        first: Callable[[str], None] = lambda client: None,
    ) -> None:
        self.keeper, self.solver, self.reach, self.first = keeper, solver, reach, first
        self._answers: dict[tuple[str, ...], Answer] = {}
        self._working: asyncio.Task[Any] | None = None
        self._table: tuple[Mapping[str, Any], Table] | None = None

    @property
    def room(self) -> Room:
        """As it is, with what is written only."""
        return self.keeper.room

    def note(self, request: Request) -> None:
        """Somebody opened the phones' page."""
        if request.client is not None and self.reach.note(request.client.host):
            self.first(request.client.host)
            self.keeper.wake()

    def prepare(self) -> None:
        """Begin to answer the last question, and then what it is over other assumptions; of the
        main claim both readings."""
        asked = self.room.rounds[-1].about
        if asked["kind"] == "claim":
            names = READINGS if asked["claim"] in READINGS else ()
            todo = dict.fromkeys([asked["claim"], *names])
            self._working = asyncio.create_task(self._beforehand(list(todo), asked["question"]))
        else:
            self._working = self._move(asked)

    async def _beforehand(self, names: list[str], link: str) -> None:
        with suppress(InputError):  # it is told to who asks
            for name in names:
                await self._claim(name, link)
            for name in names:
                await self._over(name, link)

    async def answer(self) -> dict[str, Any]:
        """What the worlds say of the last question."""
        asked = self.room.rounds[-1].about
        if asked["kind"] == "claim":
            return await self._claim(asked["claim"], asked["question"])
        return await self._move(asked)

    async def over_assumptions(self) -> dict[str, Any]:
        """What they say of its claim over other assumptions. InputError where none can be."""
        asked = self.room.rounds[-1].about
        return await self._over(asked["claim"], asked["question"])

    async def readings(self) -> list[dict[str, Any]]:
        """Both readings of the main claim, each at the defaults and over other assumptions."""
        link, found = self.room.rounds[-1].about["question"], []
        for name in READINGS:
            at, over = await self._claim(name, link), await self._over(name, link)
            kept = {part: at[part] for part in ("worlds", "hits", "low", "high")}
            found.append({"claim": name, **kept, "over": over})
        return found

    def _claim(self, name: str, link: str) -> Answer:
        return self._once(bets.of_claim, name, link)

    def _over(self, name: str, link: str) -> Answer:
        return self._once(bets.over_assumptions, name, link)

    def _move(self, asked: Mapping[str, Any]) -> Answer:
        return self._once(bets.of_move, asked["outcome"], asked["before"], asked["question"])

    def _once(self, find: Callable[..., dict[str, Any]], name: str, *links: str) -> Answer:
        """What is found by a function of bets, begun when it is first asked for and then kept."""
        key = (find.__name__, name, *links)
        task = self._answers.pop(key, None)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            asked = [parse(link) for link in links]
            task = asyncio.create_task(asyncio.to_thread(find, name, *asked, self.solver))
        self._answers[key] = task
        while len(self._answers) > _ANSWERS:
            del self._answers[next(iter(self._answers))]
        return task

    def table(self, game: Game) -> Table:
        """The worlds of a game, as they stand after the last quarter that was played here."""
        if self._table is None or self._table[0] is not game.about:
            question = parse(game.about["question"])
            worlds = range(game.about["worlds"])
            scenario = self.solver.scenario(question)
            made = Table(scenario, game.about["firm"], question.seed, worlds, self.solver.threads)
            self._table = game.about, made
        return self._table[1]


class _Rates:
    """So many requests at once and so many a second, of each who asks."""

    def __init__(self, burst: float, a_second: float) -> None:
        self.burst, self.a_second = burst, a_second
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allow(self, who: str) -> bool:
        now = time.monotonic()
        left, then = self._left.pop(who, (self.burst, now))
        left = min(self.burst, left + (now - then) * self.a_second)
        self._left[who] = (left - 1.0 if left >= 1.0 else left, now)
        while len(self._left) > 2000:
            self._left.popitem(last=False)
        return left >= 1.0


def _digest(token: str) -> str:
    """What of a phone's cookie is kept; the cookie cannot be had back from it."""
    return hashlib.sha256(token.encode()).hexdigest()[:32]


def _ok(**more: Any) -> Response:
    return JSONResponse({"ok": True, **more})


def _no(why: str, status: int = 409) -> Response:
    return JSONResponse({"error": why}, status)


async def _body(request: Request) -> dict[str, Any]:
    """A JSON object. InputError for anything else."""
    try:
        found = json.loads(await request.body())
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InputError([Problem("body", "", "must be a JSON object")])
    return found


def _text(given: dict[str, Any], name: str, most: int = 200) -> str:
    found = given.get(name, "")
    if not isinstance(found, str) or len(found) > most:
        raise InputError([Problem("body", name, f"must be a text of up to {most} letters")])
    return found


def _posts(answer: Callable[[Request, dict[str, Any]], Awaitable[Response]]) -> Any:
    """A route that takes a JSON object, and says in words what does not fit."""

    async def call(request: Request) -> Response:
        try:
            return await answer(request, await _body(request))
        except Refused as why:
            return _no(str(why))
        except InputError as error:
            return JSONResponse({"error": [str(one) for one in error.problems]}, 400)
        except MarketSimError as error:
            return _no(str(error), 500)

    return call


def _stream(keeper: Keeper, view: Callable[[], Any], going: Callable[[], bool]) -> Response:
    """Server-sent events: the view as it is, and again whenever it is another one."""

    async def lines() -> AsyncIterator[str]:
        sent = ""
        while going():
            version = keeper.version
            text = json.dumps(view(), ensure_ascii=False, separators=(",", ":"))
            yield f"data: {text}\n\n" if text != sent else ": still here\n\n"
            sent = text
            await keeper.change(version, _QUIET)

    return StreamingResponse(lines(), media_type="text/event-stream")


def students_app(classroom: ClassRoom) -> ASGIApp:
    """What phones may ask: to join, to bet, and what they may know."""
    keeper = classroom.keeper
    posts, joins, returns = _Rates(20, 3), _Rates(60, 2), _Rates(6, 0.1)
    streams: dict[str, list[object]] = {}

    def client(request: Request) -> str:
        return request.client.host if request.client else ""

    def who(request: Request) -> Member | None:
        return classroom.room.member(_digest(request.cookies.get(_SEAT, "")))

    async def home(request: Request) -> Response:
        classroom.note(request)
        return page("phone.html", request)

    async def me(request: Request) -> Response:
        return JSONResponse({"joined": who(request) is not None})

    async def join(request: Request, given: dict[str, Any]) -> Response:
        if who(request) is not None:
            return _ok()
        name, code = tidy(_text(given, "name")), _text(given, "code").strip().upper()
        secret = _text(given, "secret", 8)
        if not joins.allow(client(request)) or (secret and not returns.allow(client(request))):
            return _no("refused.slowly", 429)
        if code != classroom.room.code:
            return _no("refused.code", 403)
        token = secrets.token_urlsafe(18)
        await keeper.tell(
            {
                "kind": "join",
                "token": _digest(token),
                "name": name,
                "secret": secret,
                "new_secret": f"{secrets.randbelow(10000):04}",
            }
        )
        answer = _ok()
        answer.set_cookie(_SEAT, token, max_age=_WEEK, httponly=True, samesite="strict")
        return answer

    def seated(kind: str, *taken: str) -> Any:
        """A route for members only, which tells the room what one of them does."""

        async def call(request: Request, given: dict[str, Any]) -> Response:
            member = who(request)
            if member is None:
                return _no("refused.nobody", 403)
            if not posts.allow(str(member.number)):
                return _no("refused.slowly", 429)
            if set(given) != set(taken):
                return _no("refused.given", 400)
            await keeper.tell({**given, "kind": kind, "member": member.number})
            return _ok()

        return _posts(call)

    async def stream(request: Request) -> Response:
        member = who(request)
        if member is None:
            return _no("refused.nobody", 403)
        token, mine = _digest(request.cookies[_SEAT]), object()
        known = streams.setdefault(token, [])
        known.append(mine)
        del known[:-_STREAMS]  # whoever opens many pages keeps the last ones
        return _stream(keeper, lambda: for_phone(classroom.room, member), lambda: mine in known)

    routes: list[BaseRoute] = [
        Route("/", home),
        Route("/me", me),
        Route("/join", _posts(join), methods=["POST"]),
        Route("/bet", seated("bet", "round", "bet"), methods=["POST"]),
        Route("/team", seated("team", "team"), methods=["POST"]),
        Route("/goal", seated("goal", "goal"), methods=["POST"]),
        Route("/decide", seated("decide", "quarter", "decision"), methods=["POST"]),
        Route("/stream", stream),
        *static_routes(),
    ]
    return guarded(Starlette(routes=routes), [*LOCAL, *classroom.reach.names])


def teacher_app(classroom: ClassRoom, key: str = "", hosts: tuple[str, ...] = LOCAL) -> ASGIApp:
    """What leads the class, the projector's page and the live page.

    key: where given, only who opened a link with it is let in, as is needed when the page is served
    to other machines.
    """
    keeper, reach = classroom.keeper, classroom.reach

    async def home(request: Request) -> Response:
        return page("teacher.html", request)

    async def screen(request: Request) -> Response:
        return page("screen.html", request)

    def seen() -> dict[str, Any]:
        return {
            "typed": reach.address().removeprefix("http://"),
            "addresses": [reach.address(k) for k in range(len(reach.names))],
            "chosen": reach.chosen,
            "came": len(reach.came),
            "alone": reach.alone,
        }

    async def stream(request: Request) -> Response:
        return _stream(
            keeper, lambda: for_teacher(classroom.room) | {"reach": seen()}, lambda: True
        )

    async def screen_stream(request: Request) -> Response:
        return _stream(keeper, lambda: for_screen(classroom.room) | {"reach": seen()}, lambda: True)

    async def claims(request: Request) -> Response:
        return JSONResponse(
            [
                {
                    "name": name,
                    "said": dict(one.said),
                    "by": dict(one.speaker),
                    "week": one.horizon_week,
                    "means": one.definition,
                    "reading": name in READINGS,
                }
                for name, one in bets.bettable().items()
            ]
        )

    async def qr(request: Request) -> Response:
        code = segno.make(f"{reach.address()}/?code={classroom.room.code}", error="m", micro=False)
        out = io.BytesIO()
        code.save(out, kind="svg", border=2, light="#fff")
        return Response(out.getvalue(), media_type="image/svg+xml")

    async def ask(request: Request, given: dict[str, Any]) -> Response:
        question = _question(_text(given, "question", 4000))
        classroom.solver.scenario(question)
        if given.get("kind") == "claim":
            name = _one_of(given, "claim", tuple(bets.bettable()))
            about = bets.about_claim(name, question)
        else:
            before = _question(_text(given, "before", 4000))
            outcome = _one_of(given, "outcome", OUTCOMES)
            about = bets.about_move(outcome, before, question)
            if not about["changes"]:
                return _no("refused.nothing_moved")
        await keeper.tell({"kind": "ask", "about": about})
        classroom.prepare()
        return _ok()

    async def step(request: Request, given: dict[str, Any]) -> Response:
        await keeper.tell({"kind": "step", "to": given.get("to")})
        return _ok()

    async def reveal(request: Request, given: dict[str, Any]) -> Response:
        now = classroom.room.now
        if now is None or now.answer is not None:
            return _no("refused.step")
        place = len(classroom.room.rounds) - 1
        answer = await classroom.answer()

        def same(room: Room) -> None:
            if len(room.rounds) - 1 != place:
                raise Refused("refused.step")

        await keeper.tell({"kind": "reveal", "answer": answer}, same)
        return _ok()

    async def paper(request: Request, given: dict[str, Any]) -> Response:
        rows = given.get("bets")
        if not isinstance(rows, list) or not all(isinstance(r, list) and len(r) == 2 for r in rows):
            return _no("refused.paper", 400)
        await keeper.tell({"kind": "paper", "round": len(classroom.room.rounds) - 1, "bets": rows})
        return _ok()

    async def rename(request: Request, given: dict[str, Any]) -> Response:
        number = given.get("member")
        if type(number) is not int:
            return _no("refused.nobody", 400)
        await keeper.tell({"kind": "rename", "member": number, "name": f"#{number}"})
        return _ok()

    async def show(request: Request, given: dict[str, Any]) -> Response:
        what: dict[str, Any] = {"picture": _one_of(given, "picture", _PICTURES)}
        if what["picture"] == "live":
            what["link"] = _text(given, "link", 4000)
            _question(what["link"])
        now = classroom.room.now
        if what["picture"] in ("assumptions", "readings"):
            if now is None or now.answer is None or now.about["kind"] != "claim":
                return _no("refused.shown")
            try:
                posterior()
            except InputError:
                return _no("refused.no_sample")
        if what["picture"] == "assumptions":
            what["bands"] = await classroom.over_assumptions()
        elif what["picture"] == "readings":
            if now is None or now.about["claim"] not in READINGS:
                return _no("refused.shown")
            what["readings"] = await classroom.readings()
        await keeper.tell({"kind": "show", "what": what})
        return _ok()

    async def address(request: Request, given: dict[str, Any]) -> Response:
        place = given.get("place")
        if type(place) is not int or not 0 <= place < len(reach.names):
            return _no("refused.step", 400)
        reach.chosen = place
        keeper.wake()
        return _ok()

    async def play(request: Request, given: dict[str, Any]) -> Response:
        question = _question(_text(given, "question", 4000))
        scenario = classroom.solver.scenario(question)
        firm = _one_of(given, "firm", tuple(firms()))
        about = {
            "firm": firm,
            "name": dict(firms()[firm]),
            "question": question.link(),
            "label": dict(scenario.label),
            "worlds": GAME_WORLDS,
        }
        await keeper.tell({"kind": "play", "about": about})
        return _ok()

    async def quarter(request: Request, given: dict[str, Any]) -> Response:
        if classroom.room.game is None:
            return _no("refused.no_game")
        place = classroom.room.game.quarter
        room = await keeper.tell({"kind": "close", "quarter": place})
        assert room.game is not None
        found = await asyncio.to_thread(classroom.table(room.game).quarter, room.game)
        await keeper.tell({"kind": "quarter", "quarter": place, "results": found})
        return _ok()

    async def firm_names(request: Request) -> Response:
        return JSONResponse(firms())

    async def export(request: Request) -> Response:
        name = request.path_params["name"]
        stem, _, ending = name.partition(".")
        if name == "class.xlsx":
            body = await asyncio.to_thread(as_workbook, classroom.room)
            kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        elif stem in TABLES and ending == "csv":
            body, kind = as_csv(classroom.room, stem), "text/csv"
        else:
            return _no("no such table", 404)
        named = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(body, media_type=kind, headers=named)

    posted = {
        "/ask": ask,
        "/step": step,
        "/reveal": reveal,
        "/paper": paper,
        "/rename": rename,
        "/show": show,
        "/address": address,
        "/play": play,
        "/quarter": quarter,
    }
    routes: list[BaseRoute] = [
        Route("/", home),
        Route("/screen", screen),
        Route("/stream", stream),
        Route("/screen/stream", screen_stream),
        Route("/claims.json", claims),
        Route("/firms.json", firm_names),
        Route("/qr.svg", qr),
        Route("/export/{name}", refusing(export)),
        *(Route(path, _posts(answer), methods=["POST"]) for path, answer in posted.items()),
        *static_routes(),
        *live_routes(classroom.solver),
    ]
    app: ASGIApp = Starlette(routes=routes)
    return guarded(_keyed(app, key) if key else app, hosts)


def firms() -> dict[str, Mapping[Any, str]]:
    """Whom a team can run, by id, with their names: firms that are there on week 0, and the
    regulator."""
    players = load(Question().preset).players
    found: dict[str, Mapping[Any, str]] = {
        k: one.name
        for k, one in players.items()
        if one.presence != "pool" and one.kind != "foreign" and one.enters
    }
    return found | {REGULATOR: {"en": "the regulator", "zh": "监管部门"}}


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
            answer.set_cookie(_KEY, key, max_age=_WEEK, httponly=True, samesite="strict")
        elif not secrets.compare_digest(request.cookies.get(_KEY, "").encode(), key.encode()):
            answer = _no("refused.key", 403)
        await answer(scope, receive, send)

    return call


def _one_of(given: dict[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    found = given.get(name)
    if found not in allowed:
        raise InputError([Problem("body", name, f"must be one of {', '.join(allowed)}")])
    return str(found)
