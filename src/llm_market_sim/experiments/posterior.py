"""The posterior sample: assumptions that 2023 does not rule out, and scenarios run over them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from llm_market_sim import __version__
from llm_market_sim.batch import Case, Plan
from llm_market_sim.errors import InputError, Problem, mistake
from llm_market_sim.market.state import Array
from llm_market_sim.scenario import Scenario, data_folder, difference, load, wrong_with

WORLDS_A_DRAW = 10  # worlds at each draw of parameters; more draws tell more than more worlds
_FILE = "posterior_2023.csv"
_GOLDEN = (5.0**0.5 - 1.0) / 2.0


@dataclass(frozen=True)
class Posterior:
    """N weighted draws of D parameters."""

    names: tuple[str, ...]
    values: Array  # (N, D)
    weights: Array  # (N,), sum 1

    def draw(self, count: int) -> Array:
        """Draws (count, D), each about as often as its weight asks; of more, these are the first.

        Places go on by the golden ratio, which spreads any number of them evenly.
        """
        places = (0.5 + np.arange(count) * _GOLDEN) % 1.0
        rows = np.searchsorted(np.cumsum(self.weights), places * np.sum(self.weights))
        return self.values[np.minimum(rows, len(self.weights) - 1)]

    @property
    def facts(self) -> dict[str, str]:
        """What tells it from another one."""
        return {"sample": sha256(self.values.tobytes() + self.weights.tobytes()).hexdigest()}

    def without(self, paths: Sequence[str]) -> Posterior:
        """The same draws of the other parameters: those that no path given touches."""
        keep = [
            k for k, name in enumerate(self.names) if not any(_touch(name, path) for path in paths)
        ]
        return Posterior(tuple(self.names[k] for k in keep), self.values[:, keep], self.weights)

    def write(self, file: Path, notes: Sequence[str] = ()) -> None:
        """A CSV file whose first lines, after #, say what it is."""
        with file.open("w", encoding="utf-8", newline="") as stream:
            stream.writelines(f"# {note}\n" for note in notes)
            stream.write(f"# llm-market-sim {__version__}\n")
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(("weight", *self.names))
            for weight, row in zip(self.weights, self.values, strict=True):
                writer.writerow([f"{weight:.6g}", *(f"{value:.6g}" for value in row)])


def _touch(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


def load_posterior(file: str | Path | None = None) -> Posterior:
    """The shipped posterior sample, or that of a file. InputError where it cannot be used."""
    path = data_folder() / _FILE if file is None else Path(file)
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(line for line in stream if not line.startswith("#")))
        head, numbers = rows[0], np.array([[float(cell) for cell in row] for row in rows[1:]])
        if head[0] != "weight" or numbers.shape != (len(rows) - 1, len(head)) or len(rows) < 2:
            raise ValueError("it has no column weight, or rows of different lengths")
    except (OSError, ValueError, IndexError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise mistake(path, f"is not a file of weighted draws: {reason}") from None
    base = load("baseline")
    wrong = [
        Problem(str(path), name, why)
        for k, name in enumerate(head[1:], start=1)
        if (why := wrong_with(base, name, (float(np.min(numbers[:, k])), np.max(numbers[:, k]))))
    ]
    if wrong:
        raise InputError(wrong)
    return Posterior(tuple(head[1:]), numbers[:, 1:], numbers[:, 0] / np.sum(numbers[:, 0]))


def case_over(scenario: Scenario, posterior: Posterior, rows: int, each: int) -> Case:
    """A scenario over the sample: world k has draw k // each, all draws with worlds of their own.

    What the scenario sets differently from the baseline it keeps in all draws. Two scenarios meet
    the same parameters and the same luck, draw by draw and world by world.
    """
    mine = posterior.without([path for path, _, _ in difference(scenario, load("baseline"))])
    draws = np.arange(rows) // each
    return Case(scenario, rows, mine.names, mine.draw(rows // each), draws)


def _whole_draws(worlds: int) -> int:
    return -(-worlds // WORLDS_A_DRAW) * WORLDS_A_DRAW


def plan_over(
    scenarios: Sequence[Scenario], posterior: Posterior, worlds: int, seed: int | None, **more: Any
) -> Plan:
    """So many worlds of every scenario, `WORLDS_A_DRAW` at each draw. more: as in `Plan`."""

    def cases(count: int) -> list[Case]:
        rows = count // WORLDS_A_DRAW * WORLDS_A_DRAW
        return [case_over(one, posterior, rows, WORLDS_A_DRAW) for one in scenarios]

    return Plan(cases, worlds, seed, up=_whole_draws, design=posterior.facts, **more)
