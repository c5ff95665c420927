"""Pieces over a Dask cluster; a worker that dies costs no more than what it had in hand."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any

from llm_market_sim.batch.plugins import load_plugins
from llm_market_sim.batch.work import Failed, Piece, Task, Written
from llm_market_sim.errors import MarketSimError, mistake
from llm_market_sim.results.rules import code_version

_PATIENCE = 15  # seconds until a scheduler must have answered
_AHEAD = 4  # pieces that wait beside those at work, so that no worker is ever idle


def on_cluster(
    where: str, task: Task, pieces: Sequence[Piece], plugins: Sequence[str]
) -> Iterator[tuple[Piece, Written | Failed | None]]:
    """Each piece with its result, in any order; None where several workers died over it.

    where: address of the scheduler (``tcp://host:8786``), or the file that it wrote. Plug-ins must
    lie at the same path on all workers. MarketSimError where Dask is missing or the scheduler is
    lost.
    """
    try:
        from distributed import KilledWorker, as_completed
    except ImportError:
        text = "--cluster needs Dask: pip install 'llm-market-sim[cluster]'"
        raise MarketSimError(text) from None
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # we tell it ourselves
    packed = task.packed()
    code = code_version(tuple(plugins))
    waiting = deque(pieces)
    running: dict[Any, Piece] = {}
    with _client(where) as client:
        coming = as_completed([], loop=client.loop)
        try:
            while waiting or running:
                room = sum(client.nthreads().values()) + _AHEAD
                while waiting and len(running) < room:
                    piece = waiting.popleft()
                    future = client.submit(
                        _work, packed.only(piece.case), piece, code, plugins, pure=False
                    )
                    running[future] = piece
                    coming.add(future)
                future = next(coming)
                piece = running.pop(future)
                try:
                    yield piece, future.result()
                except KilledWorker:
                    yield piece, None
                future.release()
        except (CancelledError, OSError) as error:
            text = f"the cluster at {where} was lost; the same command goes on with what is kept"
            raise MarketSimError(text) from error
        finally:
            client.cancel(list(running), force=True)


def _client(where: str) -> Any:
    from distributed import Client

    try:
        if "://" in where:
            return Client(where, timeout=_PATIENCE, set_as_default=False)
        if Path(where).is_file():
            return Client(scheduler_file=where, timeout=_PATIENCE, set_as_default=False)
    except OSError as error:
        raise MarketSimError(f"no scheduler answers at {where}") from error
    text = f"{where} is neither an address such as tcp://host:8786 nor a scheduler file"
    raise mistake("--cluster", text)


def _work(task: Task, piece: Piece, code: str, plugins: Sequence[str]) -> Written | Failed:
    """On a worker. MarketSimError where it has other rules than the batch was begun with."""
    load_plugins(plugins)
    mine = code_version(tuple(plugins))
    if mine != code:
        raise MarketSimError(f"a worker has other rules ({mine}) than the batch ({code})")
    return task.work(piece)
