"""The phones' port: what students may ask. It has no route by which a class is led, so that nothing
a phone sends can do so."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import OrderedDict
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from llm_market_sim.classroom.class_server import (
    COOKIE_SECONDS,
    ClassRoom,
    no,
    ok,
    posting,
    streaming,
    text_of,
)
from llm_market_sim.classroom.room import Member, tidy
from llm_market_sim.classroom.server import LOCAL, guarded, page, static_routes
from llm_market_sim.classroom.views import for_phone

_SEAT = "seat"  # the cookie of a phone
_STREAMS = 4  # of one phone at a time


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


class _Students:
    """Routes of phones; who sends too much is slowed down."""

    def __init__(self, classroom: ClassRoom) -> None:
        self.classroom, self.keeper = classroom, classroom.keeper
        self.posts, self.joins, self.returns = _Rates(20, 3), _Rates(60, 2), _Rates(6, 0.1)
        self.streams: dict[str, list[object]] = {}

    def who(self, request: Request) -> Member | None:
        """The member whose phone it is."""
        return self.classroom.room.member(_digest(request.cookies.get(_SEAT, "")))

    async def home(self, request: Request) -> Response:
        """The phones' page."""
        self.classroom.note(request)
        return page("phone", request)

    async def me(self, request: Request) -> Response:
        """Whether this phone has joined."""
        return JSONResponse({"joined": self.who(request) is not None})

    async def join(self, request: Request, given: dict[str, Any]) -> Response:
        """Come in, or come back with the four digits."""
        if self.who(request) is not None:
            return ok()
        name, code = tidy(text_of(given, "name")), text_of(given, "code").strip().upper()
        secret = text_of(given, "secret", 8)
        client = request.client.host if request.client else ""
        if not self.joins.allow(client) or (secret and not self.returns.allow(client)):
            return no("refused.slowly", 429)
        if code != self.classroom.room.code:
            return no("refused.code", 403)
        token = secrets.token_urlsafe(18)
        await self.keeper.tell(
            {
                "kind": "join",
                "token": _digest(token),
                "name": name,
                "secret": secret,
                "new_secret": f"{secrets.randbelow(10000):04}",
            }
        )
        answer = ok()
        answer.set_cookie(_SEAT, token, max_age=COOKIE_SECONDS, httponly=True, samesite="strict")
        return answer

    def seated(self, kind: str, *taken: str) -> Any:
        """A route for members only, which tells the room what one of them does."""

        async def call(request: Request, given: dict[str, Any]) -> Response:
            member = self.who(request)
            if member is None:
                return no("refused.nobody", 403)
            if not self.posts.allow(str(member.number)):
                return no("refused.slowly", 429)
            if set(given) != set(taken):
                return no("refused.given", 400)
            await self.keeper.tell({**given, "kind": kind, "member": member.number})
            return ok()

        return posting(call)

    async def stream(self, request: Request) -> Response:
        """What a member knows."""
        member = self.who(request)
        if member is None:
            return no("refused.nobody", 403)
        token, mine = _digest(request.cookies[_SEAT]), object()
        known = self.streams.setdefault(token, [])
        known.append(mine)
        del known[:-_STREAMS]  # whoever opens many pages keeps the last ones
        view = partial(self._view, member)
        return streaming(self.keeper, view, lambda: mine in known)

    def _view(self, member: Member) -> dict[str, Any]:
        return for_phone(self.classroom.room, member)


def students_app(classroom: ClassRoom) -> ASGIApp:
    """What phones may ask: to join, to bet, to decide, and what they may know."""
    do = _Students(classroom)
    routes: list[BaseRoute] = [
        Route("/", do.home),
        Route("/me", do.me),
        Route("/join", posting(do.join), methods=["POST"]),
        Route("/bet", do.seated("bet", "round", "bet"), methods=["POST"]),
        Route("/team", do.seated("team", "team"), methods=["POST"]),
        Route("/goal", do.seated("goal", "goal"), methods=["POST"]),
        Route("/decide", do.seated("decide", "quarter", "decision"), methods=["POST"]),
        Route("/stream", do.stream),
        *static_routes(),
    ]
    return guarded(Starlette(routes=routes), [*LOCAL, *classroom.reach.names])
