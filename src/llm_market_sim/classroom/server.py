"""HTTP: who may ask, what a page may load, the live page's routes, and several ports at once.

Every application is wrapped by `guarded`. `serve` runs applications on sockets of their own in one
process; which of them answers depends on the socket alone, so that what one does not have cannot be
reached through another.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from importlib.resources import files
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from llm_market_sim import __version__
from llm_market_sim.classroom.answer import OUTCOMES, picture
from llm_market_sim.classroom.question import Question, knobs, parse
from llm_market_sim.classroom.solver import WORLDS, Solver
from llm_market_sim.errors import InputError
from llm_market_sim.market.observation import SERIES
from llm_market_sim.results.rules import code_version
from llm_market_sim.scenario import load, scenarios

__all__ = [
    "MOST_BYTES", "explore_app", "guarded", "listen", "live_routes", "page", "serve",
    "static_routes",
]  # fmt: skip

MOST_BYTES = 4096  # of a body
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}  # fmt: skip
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript",
          ".json": "application/json", ".svg": "image/svg+xml"}  # fmt: skip
_NAME = re.compile(r"[a-z_]+\.[a-z]+")
_SESSION = re.compile(r"[\w-]{1,64}")


def guarded(app: ASGIApp, hosts: Collection[str]) -> ASGIApp:
    """An application that answers only under its own names, only JSON and short bodies.

    hosts: names and addresses by which it may be called, without ports; others, as a web page of
    somebody else's would use (DNS rebinding), are refused.
    """

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        given = {key.decode("latin-1"): v.decode("latin-1") for key, v in scope["headers"]}
        if _host(given.get("host", "")) not in hosts:
            await JSONResponse({"error": "host"}, 421)(scope, receive, send)
            return
        if scope["method"] not in ("GET", "HEAD"):
            kind = given.get("content-type", "").partition(";")[0].strip()
            size = given.get("content-length", "")
            if kind != "application/json":
                await JSONResponse({"error": "only JSON"}, 415)(scope, receive, send)
                return
            if not size.isdecimal() or int(size) > MOST_BYTES:
                await JSONResponse({"error": "too long"}, 413)(scope, receive, send)
                return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(k.encode(), v.encode()) for k, v in _HEADERS.items()]
                message["headers"] = [*message["headers"], *own]
            await send(message)

        await app(scope, receive, answer)

    return call


def _host(given: str) -> str:
    """Of ``Host``, without its port; an IPv6 address keeps its brackets."""
    name, colon, port = given.rpartition(":")
    return (name if colon and port.isdecimal() else given).lower()


def page(name: str) -> Response:
    """A file of ours, for pages that have an address of their own."""
    return _file("static", name)


def _file(folder: str, name: str) -> Response:
    place = files(__package__) / folder / name
    if not _NAME.fullmatch(name) or not place.is_file():
        return JSONResponse({"error": "no such file"}, 404)
    kind = _TYPES[name[name.rindex(".") :]]
    return Response(place.read_bytes(), media_type=kind)


def static_routes() -> list[BaseRoute]:
    """Style, modules and texts, which all pages share."""

    async def static(request: Request) -> Response:
        return _file("static", request.path_params["name"])

    async def texts(request: Request) -> Response:
        return _file("texts", request.path_params["name"])

    return [Route("/static/{name}", static), Route("/texts/{name}", texts)]


def live_routes(solver: Solver) -> list[BaseRoute]:
    """What the live page asks: the facts once, then an answer to each question as it comes."""

    async def facts(request: Request) -> Response:
        return JSONResponse(_facts())

    async def answers(request: Request) -> Response:
        own, view = _apart(request)
        try:
            question = parse(own)
            question.scenario()
        except InputError as error:
            return JSONResponse({"error": [str(one) for one in error.problems]}, 400)
        outcome, session = view.get("outcome", OUTCOMES[0]), view.get("session", "")
        if outcome not in OUTCOMES or not _SESSION.fullmatch(session):
            return JSONResponse({"error": ["outcome or session"]}, 400)
        return StreamingResponse(
            _stream(solver, question, session, outcome), media_type="application/x-ndjson"
        )

    return [Route("/facts.json", facts), Route("/answers", answers)]


def _apart(request: Request) -> tuple[str, dict[str, str]]:
    """The question of a request, and how it is to be looked at."""
    from urllib.parse import urlencode

    rows = request.query_params.multi_items()
    looks = ("outcome", "session")
    question = urlencode([row for row in rows if row[0] not in looks])
    return question, {key: value for key, value in rows if key in looks}


async def _stream(
    solver: Solver, question: Question, session: str, outcome: str
) -> AsyncIterator[bytes]:
    """A line of JSON after each block of worlds."""
    async for mine, ghost in solver.answers(question, session):
        found = picture(outcome, mine.series, ghost.series, 10**6)
        found |= {"of": WORLDS, "link": question.link()}
        yield json.dumps(found, separators=(",", ":")).encode() + b"\n"


def _facts() -> dict[str, Any]:
    """What the page offers: presets, outcomes and parameters, with their words."""
    presets = [load(name) for name in scenarios()]
    first = sorted(presets, key=lambda one: one.name != "baseline")
    return {
        "version": code_version(), "program": __version__,
        "presets": [{"name": one.name, "label": one.label} for one in first],
        "outcomes": [
            {"name": name, "label": dict(SERIES[name].label), "unit": SERIES[name].unit}
            for name in OUTCOMES
        ],
        "knobs": [vars(one) for one in knobs().values()],
    }  # fmt: skip


def explore_app(solver: Solver) -> ASGIApp:
    """The live page for one person at this machine."""

    async def home(request: Request) -> Response:
        return page("explore.html")

    routes: list[BaseRoute] = [Route("/", home), *static_routes(), *live_routes(solver)]
    return guarded(Starlette(routes=routes), ("127.0.0.1", "localhost"))


def listen(host: str, port: int) -> socket.socket:
    """A socket on an address; the next free port where that one is taken. OSError without any."""
    for place in range(port, port + 20):
        found = socket.socket()
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((host, place))
            return found
        except OSError as error:
            found.close()
            failed = error
    raise failed


def serve(apps: Mapping[socket.socket, ASGIApp]) -> None:
    """Serve each application on its socket, until Ctrl-C."""
    by_port = {one.getsockname()[1]: app for one, app in apps.items()}

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        await by_port[scope["server"][1]](scope, receive, send)

    sockets: Sequence[socket.socket] = list(apps)
    config = uvicorn.Config(
        call, lifespan="off", log_level="warning", access_log=False, server_header=False,
        timeout_graceful_shutdown=1, limit_concurrency=400,
    )  # fmt: skip
    uvicorn.Server(config).run(sockets=list(sockets))
