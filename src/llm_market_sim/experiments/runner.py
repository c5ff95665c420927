"""Many points in the space of assumptions, some worlds at each: run, kept, and gone on with.

The rows of a design are its points times the worlds at each. They are simulated in blocks in which
every world has its own parameters, so a point of ten worlds costs no more than ten worlds. World k
has the same luck at every point.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from llm_market_sim import __version__
from llm_market_sim.claims import Measurement
from llm_market_sim.errors import InputError, Problem
from llm_market_sim.market.state import Array
from llm_market_sim.scenario import Scenario
from llm_market_sim.simulation import BLOCK, simulate_block
from llm_market_sim.simulation.measuring import check, measured

__all__ = ["run_design"]

_PIECES = 16  # a small design is cut into so many, to keep all cores busy
_LEAST = 32  # rows a piece, below which its fixed costs show
_DESIGN = "design.json"

Rows = tuple[int, int]  # from, to (not included)
Numbers = dict[str, Array]  # measure -> (rows,)


@dataclass(frozen=True)
class _Design:
    """What a process must know before it can work on any rows."""

    packed: bytes  # the scenario
    names: tuple[str, ...]
    values: Array  # (P, D)
    worlds: Array  # (P, R) ids
    seed: int
    measures: tuple[Measurement, ...]

    @cached_property
    def scenario(self) -> Scenario:
        return pickle.loads(self.packed)

    def pieces(self) -> list[Rows]:
        """All rows in blocks; the same whoever works on them."""
        rows = self.worlds.size
        size = min(BLOCK, max(_LEAST, -(-rows // _PIECES)))
        return [(start, min(start + size, rows)) for start in range(0, rows, size)]

    def work(self, piece: Rows) -> Numbers:
        """The measures in some rows."""
        start, stop = piece
        points = np.arange(start, stop) // self.worlds.shape[1]
        varied = {name: self.values[points, k] for k, name in enumerate(self.names)}
        run = simulate_block(
            self.scenario, self.worlds.ravel()[start:stop].tolist(), self.seed,
            snapshots={float(m.week) for m in self.measures}, events=False, series=(),
            varied=varied,
        )  # fmt: skip
        return measured(run, self.measures, varied)

    @property
    def facts(self) -> dict[str, object]:
        """What decides the numbers, as plain values; kept beside them."""
        numbers = hashlib.sha256(np.ascontiguousarray(self.values).tobytes())
        numbers.update(np.ascontiguousarray(self.worlds).tobytes())
        return {
            "made_by": "llm-market-sim",
            "version": __version__,
            "scenario": self.scenario.name,
            "scenario_sha256": self.scenario.digest(),
            "seed": self.seed,
            "points": len(self.values),
            "worlds": self.worlds.shape[1],
            "parameters": list(self.names),
            "values_sha256": numbers.hexdigest(),
            "measures": [f"{m.name}: {m.metric}({m.params!r}) in week {m.week}"
                         + (f" with {m.intervention!r}" if m.intervention else "")
                         for m in self.measures],
        }  # fmt: skip


def run_design(
    scenario: Scenario,
    names: Sequence[str],
    values: Array,
    worlds: int | Array,
    seed: int,
    measures: Sequence[Measurement],
    *,
    jobs: int = 1,
    folder: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    guests: Sequence[str | Path] = (),
) -> dict[str, Array]:
    """Numbers of every measure at every point: float (P, R) by the measure's name.

    values: (P, D), one column a path in names. worlds: R worlds 0 to R - 1 at every point, or
    their ids (P, R). jobs: processes; the numbers do not depend on it. folder: pieces that are
    done are kept there, and the same design goes on from them; InputError where it holds another
    design. progress: told rows done, and rows in all. The worlds run to the last week measured. A
    measure's intervention is run at every point; InputError where it sets what varies.
    """
    ids = np.tile(np.arange(worlds), (len(values), 1)) if isinstance(worlds, int) else worlds
    last = max(measure.week for measure in measures)
    if last > scenario.horizon_weeks:
        text = f"{scenario.name} ends in week {scenario.horizon_weeks}, before week {last} is asked"
        raise InputError([Problem(scenario.name, "horizon_weeks", text)])
    check([scenario], measures)
    _refuse_overlap(names, measures)
    shorter = scenario.model_copy(update={"horizon_weeks": last})
    design = _Design(
        pickle.dumps(shorter), tuple(names), np.asarray(values, dtype=float), ids, seed,
        tuple(measures),
    )  # fmt: skip
    pieces = design.pieces()
    done: dict[Rows, Numbers] = {} if folder is None else _kept(folder, design, pieces)
    told = sum(stop - start for start, stop in done)
    if progress is not None:
        progress(told, ids.size)
    missing = [piece for piece in pieces if piece not in done]
    for piece, numbers in zip(missing, _worked(design, missing, jobs, guests), strict=True):
        if folder is not None:
            _keep(folder, piece, numbers)
        done[piece] = numbers
        told += piece[1] - piece[0]
        if progress is not None:
            progress(told, ids.size)
    return {
        m.name: np.concatenate([done[piece][m.name] for piece in pieces]).reshape(ids.shape)
        for m in measures
    }


def _refuse_overlap(names: Sequence[str], measures: Sequence[Measurement]) -> None:
    """What varies cannot be set by an intervention at the same time."""
    for measure in measures:
        for path in measure.intervention.paths if measure.intervention else ():
            for name in names:
                if f"{name}.".startswith(f"{path}.") or f"{path}.".startswith(f"{name}."):
                    text = f"is set by the intervention of {measure.name}, so it cannot vary"
                    raise InputError([Problem("", name, text)])


def _worked(
    design: _Design, pieces: Sequence[Rows], jobs: int, guests: Sequence[str | Path]
) -> Iterator[Numbers]:
    if jobs == 1 or len(pieces) < 2:
        return map(design.work, pieces)
    from llm_market_sim.batch.pool import in_processes  # costs a start-up that one job needs not

    files = [str(Path(file).resolve()) for file in guests]
    return in_processes(design, pieces, min(jobs, len(pieces)), files)


def _kept(folder: Path, design: _Design, pieces: Sequence[Rows]) -> dict[Rows, Numbers]:
    """What an interrupted run of this very design has left in a folder."""
    note = folder / _DESIGN
    facts = json.loads(json.dumps(design.facts))
    if note.exists():
        try:
            there = json.loads(note.read_text(encoding="utf-8"))
        except ValueError:
            there = None
        if there != facts:
            text = f"{folder} holds another design; name another folder, or remove it"
            raise InputError([Problem("--out", "", text)])
        return {piece: numbers for piece in pieces if (numbers := _read(folder, piece))}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        note.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        text = f"{folder} cannot be written: {error.strerror}"
        raise InputError([Problem("--out", "", text)]) from error
    return {}


def _file(folder: Path, piece: Rows) -> Path:
    return folder / f"rows-{piece[0]:08d}-{piece[1]:08d}.npz"


def _keep(folder: Path, piece: Rows, numbers: Numbers) -> None:
    """Written beside and renamed, so that a piece is there whole or not at all."""
    unfinished = folder / f".{os.getpid()}.part"
    with unfinished.open("wb") as stream:
        np.savez(stream, **numbers)  # type: ignore[arg-type]
    unfinished.replace(_file(folder, piece))


def _read(folder: Path, piece: Rows) -> Numbers | None:
    """A piece that was kept; None where there is none or it cannot be read."""
    try:
        with np.load(_file(folder, piece)) as kept:
            return {name: kept[name] for name in kept.files}
    except (OSError, ValueError, KeyError, EOFError):
        return None
