"""HTTP: who may ask, what a page may load, and several ports at once.

Every application is wrapped by `guarded`. `serve` runs applications on sockets of their own in one
process; which of them answers depends on the socket alone, so that what one does not have cannot be
reached through another.
"""

from __future__ import annotations

import gzip
import logging
import re
import socket
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from functools import lru_cache
from importlib.resources import files

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from llm_market_sim.errors import InputError
from llm_market_sim.support.chinese import mistakes

__all__ = [
    "LOCAL", "MOST_BYTES", "TYPES", "by_port", "guarded", "listen", "packed", "page", "refusing",
    "serve", "static_routes",
]  # fmt: skip

Answer = Callable[[Request], Awaitable[Response]]
LOCAL = ("127.0.0.1", "localhost")
MOST_BYTES = 4096  # of a body
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".csv": "text/csv",
}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>llm-market-sim</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/app.css">
<link rel="stylesheet" href="/static/class.css">
<script type="module" src="/static/{name}.js"></script>
</head>
<body class="{name}">
<header><h1></h1></header>
<main></main>
</body>
</html>
"""
_NAME = re.compile(r"[a-z_]+\.[a-z]+")


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
                kept = "max-age=86400" if scope["path"].startswith("/fonts/") else "no-store"
                own = [(k.encode(), v.encode()) for k, v in _HEADERS.items()]
                own.append((b"cache-control", kept.encode()))
                message["headers"] = [*message["headers"], *own]
            await send(message)

        await app(scope, receive, answer)

    return call


def _host(given: str) -> str:
    """Of ``Host``, without its port; an IPv6 address keeps its brackets."""
    name, colon, port = given.rpartition(":")
    return (name if colon and port.isdecimal() else given).lower()


def page(name: str, request: Request) -> Response:
    """A page that a module of ours of this name makes."""
    return packed(_PAGE.format(name=name).encode(), TYPES[".html"], request)


def _file(folder: str, name: str, request: Request) -> Response:
    place = files(__package__) / folder / name
    if not _NAME.fullmatch(name) or not place.is_file():
        return JSONResponse({"error": "no such file"}, 404)
    return packed(place.read_bytes(), TYPES[name[name.rindex(".") :]], request)


def packed(body: bytes, kind: str, request: Request) -> Response:
    """An answer, compressed where the browser takes that."""
    found = Response(body, media_type=kind)
    if "gzip" in request.headers.get("accept-encoding", ""):
        found = Response(_gzip(body), media_type=kind, headers={"Content-Encoding": "gzip"})
    found.headers["Vary"] = "Accept-Encoding"
    return found


@lru_cache(maxsize=64)
def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


def static_routes() -> list[BaseRoute]:
    """Style, modules, texts, and Chinese letters for machines without: what all pages share."""

    async def static(request: Request) -> Response:
        return _file("static", request.path_params["name"], request)

    async def texts(request: Request) -> Response:
        return _file("texts", request.path_params["name"], request)

    async def chinese(request: Request) -> Response:
        font = files("llm_market_sim.figures") / "fonts" / "MarketSansSC-Regular.otf"
        return Response(font.read_bytes(), media_type="font/otf")

    return [
        Route("/static/{name}", static),
        Route("/texts/{name}", texts),
        Route("/fonts/chinese.otf", chinese),
    ]


def refusing(answer: Answer) -> Answer:
    """A route that answers mistakes in what is asked with 400 and what is wrong, in the language
    that the page asks for."""

    async def call(request: Request) -> Response:
        try:
            return await answer(request)
        except InputError as error:
            chinese = request.headers.get("accept-language", "").startswith("zh")
            return JSONResponse({"error": mistakes(error, "zh" if chinese else "en")}, 400)

    return call


def listen(host: str, port: int) -> socket.socket:
    """A socket on an address; the next free port where that one is taken. OSError without any."""
    for place in range(port, port + 20):
        found = socket.socket()
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((host, place))
            found.listen(256)  # who comes before it is served waits
            return found
        except OSError as error:
            found.close()
            failed = error
    raise failed


def by_port(apps: Mapping[int, ASGIApp]) -> ASGIApp:
    """One application of several: which of them answers is said by the port that was reached."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        await apps[scope["server"][1]](scope, receive, send)

    return call


def serve(apps: Mapping[socket.socket, ASGIApp]) -> None:
    """Serve each application on its socket, until Ctrl-C."""
    config = uvicorn.Config(
        by_port({one.getsockname()[1]: app for one, app in apps.items()}),
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
        limit_concurrency=400,
    )
    server = uvicorn.Server(config)
    # what is still open at the end is no error
    logging.getLogger("uvicorn.error").addFilter(lambda _: not server.should_exit)
    with suppress(KeyboardInterrupt):
        server.run(sockets=list(apps))
