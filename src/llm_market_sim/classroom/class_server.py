"""A class that is going on, and what its two applications share (`students`, `teacher`).

What pages know comes as a stream of views (`views`), each whole, so that whoever lost one, or
slept, is right again with the next.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from llm_market_sim.claims.headline import READINGS
from llm_market_sim.classroom import bets
from llm_market_sim.classroom.game import Table
from llm_market_sim.classroom.log import Keeper
from llm_market_sim.classroom.question import parse
from llm_market_sim.classroom.reach import Reach
from llm_market_sim.classroom.room import Game, Refused, Room
from llm_market_sim.classroom.solver import Solver
from llm_market_sim.errors import InputError, MarketSimError, mistake

CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # without I and O, which look like numbers
COOKIE_SECONDS = 7 * 86400
_QUIET = 15.0  # seconds after which a stream says that it is there
_ANSWERS = 12  # kept
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


def ok(**more: Any) -> Response:
    """What was asked is done, and more about it."""
    return JSONResponse({"ok": True, **more})


def no(why: str, status: int = 409) -> Response:
    """What was asked is refused; why: the key of what a page says."""
    return JSONResponse({"error": why}, status)


async def _body(request: Request) -> dict[str, Any]:
    """A JSON object. InputError for anything else."""
    try:
        found = json.loads(await request.body())
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise mistake("body", "must be a JSON object")
    return found


def text_of(given: dict[str, Any], name: str, most: int = 200) -> str:
    """A text of what was sent, empty where there is none. InputError for one too long."""
    found = given.get(name, "")
    if not isinstance(found, str) or len(found) > most:
        raise mistake("body", f"must be a text of up to {most} letters", name)
    return found


def posting(answer: Callable[[Request, dict[str, Any]], Awaitable[Response]]) -> Any:
    """A route that takes a JSON object, and says in words what does not fit."""

    async def call(request: Request) -> Response:
        try:
            return await answer(request, await _body(request))
        except Refused as why:
            return no(str(why))
        except InputError as error:
            return JSONResponse({"error": [str(one) for one in error.problems]}, 400)
        except MarketSimError as error:
            return no(str(error), 500)

    return call


def streaming(keeper: Keeper, view: Callable[[], Any], going: Callable[[], bool]) -> Response:
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
