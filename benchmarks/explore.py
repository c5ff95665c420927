"""How fast the live page answers: slider to first picture and to all worlds; prints Markdown.

python benchmarks/explore.py [--moves 60] [--streams 30]

A server like that of `llm-market-sim explore` runs in a process of its own, and every picture is
also sent to so many open event streams, as to the phones of a class. One client moves one of the
pinned sliders to a new place, reads the answer to its end, and waits a little. Then it drags:
ten moves in a third of a second, of which only the last is timed.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from scale import memory
from speed import machine

from llm_market_sim.classroom.answer import picture
from llm_market_sim.classroom.live import explore_app
from llm_market_sim.classroom.question import PINNED, Question, knobs
from llm_market_sim.classroom.server import LOCAL, guarded, listen, serve
from llm_market_sim.classroom.solver import Solver


class Shown(Solver):
    """A solver whose pictures go to all streams as well."""

    def __init__(self) -> None:
        super().__init__()
        self.watching: set[asyncio.Queue[bytes]] = set()

    async def answers(
        self, question: Question, session: str, against: Question | None = None
    ) -> AsyncIterator[Any]:
        async for mine, ghost in super().answers(question, session, against):
            yield mine, ghost
            line = f"data: {json.dumps(picture('platforms', mine, ghost))}\n\n".encode()
            for one in self.watching:
                one.put_nowait(line)


def run_server() -> None:
    """Serve the page, and the streams on the next port; print both ports."""
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response, StreamingResponse
    from starlette.routing import Route

    solver = Shown()
    solver.warm()

    async def stream(request: Request) -> Response:
        own: asyncio.Queue[bytes] = asyncio.Queue()
        solver.watching.add(own)

        async def lines() -> AsyncIterator[bytes]:
            while True:
                yield await own.get()

        return StreamingResponse(lines(), media_type="text/event-stream")

    page, phones = listen("127.0.0.1", 8400), listen("127.0.0.1", 8450)
    print(page.getsockname()[1], phones.getsockname()[1], flush=True)
    others = guarded(Starlette(routes=[Route("/", stream)]), LOCAL)
    serve({page: explore_app(solver), phones: others})


def watch(port: int) -> None:
    """Hold a stream open and read what comes."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/")
    answer = connection.getresponse()
    with suppress(OSError, http.client.HTTPException):  # it ends with the server
        while answer.readline():
            pass


def ask(port: int, rng: random.Random, whole: bool = True) -> tuple[float, float]:
    """Move a slider; seconds to the first picture and to the last."""
    knob = knobs()[rng.choice(PINNED)]
    value = f"{rng.uniform(knob.low, knob.high):.6g}"
    connection = http.client.HTTPConnection("127.0.0.1", port)
    begun = time.perf_counter()
    connection.request("GET", f"/answers?{knob.path}={value}&session=bench")
    answer = connection.getresponse()
    if not whole:
        return 0.0, 0.0
    answer.readline()
    first = time.perf_counter() - begun
    answer.read()
    return first, time.perf_counter() - begun


def row(name: str, seconds: list[float]) -> str:
    ordered = sorted(1000 * one for one in seconds)
    high = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return f"| {name} | {statistics.median(ordered):.0f} | {high:.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moves", type=int, default=60)
    parser.add_argument("--streams", type=int, default=30)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        run_server()
        return
    print(machine())
    server = subprocess.Popen(
        [sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True
    )
    try:
        page, phones = map(int, server.stdout.readline().split())
        for _ in range(given.streams):
            threading.Thread(target=watch, args=(phones,), daemon=True).start()
        rng = random.Random(1)
        for _ in range(3):
            ask(page, rng)
        before, moves = memory(server.pid), []
        for _ in range(given.moves):
            moves.append(ask(page, rng))
            time.sleep(0.1)
        drags = []
        for _ in range(max(1, given.moves // 6)):
            for _ in range(9):
                ask(page, rng, whole=False)
                time.sleep(0.033)
            drags.append(ask(page, rng)[0])
            time.sleep(0.2)
        after = memory(server.pid)
    finally:
        server.terminate()
        server.wait(20)
    print(f"\n{given.moves} moves, {given.streams} streams.\n")
    print("| from a move of a slider | median, ms | 95 %, ms |\n|---|---|---|")
    print(row("to the first picture (64 worlds)", [first for first, _ in moves]))
    print(row("to all 256 worlds", [last for _, last in moves]))
    print(row("to the first picture at the end of a drag", drags))
    print(f"\nMemory of the server, MB: {before:.0f} before, {after:.0f} after.")


if __name__ == "__main__":
    main()
