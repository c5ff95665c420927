"""Homework: each student has a scenario and a seed, and is marked by running them again.

A student says beforehand in how many of 100 worlds the main claim will hold (`bet`), then looks in
how many of 256 it does (`worlds_true`), and which way the number of platforms goes against the
baseline on the same luck (`direction`: up, same or down). What the numbers mean they say in a
sentence, which only a teacher can mark.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from functools import cache
from pathlib import Path

import numpy as np

from llm_market_sim.claims import MAIN, load_claims
from llm_market_sim.errors import InputError, Problem, mistake, nearest
from llm_market_sim.market.state import Array
from llm_market_sim.scenario import load, scenarios
from llm_market_sim.simulation import simulate
from llm_market_sim.summary.statistics import paired, proportion
from llm_market_sim.support.files import whole, write_csv

COLUMNS = ("student", "scenario", "seed", "bet", "worlds_true", "direction", "sentence")
WORLDS = 256  # as many as the live page runs
BASE = "baseline"
MOST_SEED = 2**53 - 1  # as on that page
DIRECTIONS: Mapping[str, str] = {  # as a student may write them
    "up": "up",
    "same": "same",
    "down": "down",
    "增加": "up",
    "不变": "same",
    "减少": "down",
}
BET, RERUN, NEARLY, DIRECTION, SENTENCE = 1, 3, 1, 2, 4  # points


@dataclass(frozen=True)
class Answer:
    """What a student handed in; None or empty where a cell was. bet: per cent."""

    student: str
    scenario: str
    seed: int
    bet: float | None
    worlds_true: int | None
    direction: str | None
    sentence: str


@dataclass(frozen=True)
class Truth:
    """What the worlds of a scenario and seed say: in how many the claim holds, the 95 % interval of
    that, in worlds, and which way the number of platforms goes on average against the baseline (up
    or down where the 95 % interval of the difference leaves out 0)."""

    hits: int
    low: float
    high: float
    direction: str
    difference: float


@dataclass(frozen=True)
class Mark:
    """A row of what the teacher gets; its fields are the columns. brier: of the bet, which earns no
    points for being right: 0 is perfect, and always 50 has 0.25. points_sentence stays empty."""

    student: str
    scenario: str
    seed: int
    bet: float | None
    brier: float | None
    worlds_true: int | None
    rerun: int
    direction: str | None
    rerun_direction: str
    rerun_difference: float
    points_bet: int
    points_rerun: int
    points_direction: int
    points: int
    points_sentence: str
    sentence: str


def read_answers(file: Path) -> list[Answer]:
    """The rows of a CSV file with the columns of `COLUMNS`, in any order, between commas or, as a
    spreadsheet with decimal commas writes it, semicolons. Whoever handed nothing in
    leaves all but the first three empty. InputError with all that is wrong, by line and column."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        why = "is not UTF-8; save it as CSV UTF-8 (Excel: Save as, CSV UTF-8)"
        raise mistake(file, why) from None
    lines = text.splitlines(keepends=True)
    between = ";" if lines and ";" in lines[0] and "," not in lines[0] else ","
    reader = csv.DictReader(lines, delimiter=between, skipinitialspace=True)
    names = [name.strip().lower() for name in reader.fieldnames or ()]
    reader.fieldnames = names
    if wrong := list(_wrong_head(f"{file}:1", names)):
        raise InputError(wrong)
    found: list[Answer] = []
    seen: dict[str, int] = {}
    for row in reader:
        where = f"{file}:{reader.line_num}"
        if None in row or None in row.values():
            have = sum(1 if isinstance(v, str) else len(v or ()) for v in row.values())
            why = f'has {have} cells and not {len(names)}; a text with a comma stands in "…"'
            wrong.append(Problem(where, "", why))
            continue
        cells = {name: (row[name] or "").strip() for name in COLUMNS}
        cells["direction"] = cells["direction"].lower()  # a spreadsheet begins it large
        if not any(cells.values()):
            continue
        mistakes = [Problem(where, name, why) for name, why in _wrong_cells(cells)]
        if (student := cells["student"]) in seen:
            why = f'"{student}" stands in line {seen[student]}, too'
            mistakes.append(Problem(where, "student", why))
        seen.setdefault(student, reader.line_num)
        wrong += mistakes
        if not mistakes:
            found.append(_answer(cells))
    if not wrong and not found:
        wrong.append(Problem(str(file), "", "holds no student, only the first line"))
    if wrong:
        raise InputError(wrong)
    return found


def _wrong_head(where: str, names: Sequence[str]) -> Iterator[Problem]:
    if sorted(names) == sorted(COLUMNS):
        return
    told = [
        f'no column "{name}"; {nearest(name, COLUMNS)}' for name in names if name not in COLUMNS
    ]
    told += [f"{name} is there twice" for name in COLUMNS if names.count(name) > 1]
    if missing := [name for name in COLUMNS if name not in names]:
        told.append(f"missing: {', '.join(missing)}")
    told.append(f"the first line must name {','.join(COLUMNS)}")
    yield Problem(where, "", "; ".join(told))


def _wrong_cells(cells: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Columns and what is wrong in them."""
    if not cells["student"]:
        yield "student", "is empty"
    if (scenario := cells["scenario"]) not in scenarios():
        yield "scenario", f'no scenario "{scenario}"; {nearest(scenario, scenarios())}'
    elif scenario == BASE:
        yield "scenario", f"{BASE} is what all are compared with; name another one"
    for name, most in (("seed", MOST_SEED), ("worlds_true", WORLDS)):
        text = cells[name]
        if (text or name == "seed") and not (_whole(text) and int(text) <= most):
            yield name, f'"{text}" must be a whole number from 0 to {most}'
    try:
        bet = float(cells["bet"].removesuffix("%") or 0)
    except ValueError:
        bet = -1.0
    if not 0.0 <= bet <= 100.0:
        yield "bet", f'"{cells["bet"]}" must be a number from 0 to 100 (worlds of 100)'
    if cells["direction"] and cells["direction"] not in DIRECTIONS:
        yield "direction", f'"{cells["direction"]}" must be up, same or down (增加, 不变, 减少)'


def _whole(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 16


def _answer(cells: Mapping[str, str]) -> Answer:
    return Answer(
        cells["student"],
        cells["scenario"],
        int(cells["seed"]),
        float(cells["bet"].removesuffix("%")) if cells["bet"] else None,
        int(cells["worlds_true"]) if cells["worlds_true"] else None,
        DIRECTIONS[cells["direction"]] if cells["direction"] else None,
        cells["sentence"],
    )


@cache
def truth(scenario: str, seed: int) -> Truth:
    """What 256 worlds of a shipped scenario say, beside the same worlds of the baseline."""
    before, after = _platforms(BASE, seed), _platforms(scenario, seed)
    [claim] = load_claims([MAIN])
    held = proportion(int(np.sum(claim.test.holds(after))), WORLDS)
    pairs = paired(before, after)
    way = "up" if pairs.low > 0.0 else "down" if pairs.high < 0.0 else "same"
    return Truth(held.hits, WORLDS * held.low, WORLDS * held.high, way, pairs.mean)


@cache
def _platforms(scenario: str, seed: int) -> Array:
    """The number of the main claim in each world, (W,)."""
    [claim] = load_claims([MAIN])
    asked = claim.measurement
    run = simulate(load(scenario), WORLDS, seed, snapshots=[asked.week], events=False)
    return np.asarray(asked(run))


def mark(one: Answer) -> Mark:
    """Run a student's scenario and seed again, and give points.

    The number of worlds earns 3 where it is the same, and 1 where it lies in the 95 % interval (as
    with another seed or version); the direction 2; a bet that was written down 1, whatever it is.
    """
    found = truth(one.scenario, one.seed)
    bet = int(one.bet is not None) * BET
    rerun = 0
    if one.worlds_true is not None:
        rerun = RERUN if one.worlds_true == found.hits else 0
        rerun = rerun or NEARLY * int(found.low <= one.worlds_true <= found.high)
    way = DIRECTION * int(one.direction == found.direction)
    share = found.hits / WORLDS
    brier = None
    if one.bet is not None:
        chance = one.bet / 100.0
        brier = round(share * (1.0 - chance) ** 2 + (1.0 - share) * chance**2, 4)
    given = (one.student, one.scenario, one.seed, one.bet, brier, one.worlds_true, found.hits)
    ways = (one.direction, found.direction, round(found.difference, 3))
    return Mark(*given, *ways, bet, rerun, way, bet + rerun + way, "", one.sentence)


def write_marks(file: Path, marks: Sequence[Mark]) -> None:
    """A CSV file with a row a student; a text that a spreadsheet would compute is told as a text.
    MarketSimError where it cannot be written."""
    rows = [[_safe(cell) for cell in astuple(one)] for one in marks]
    with whole(file) as part:
        write_csv(part, [field.name for field in fields(Mark)], rows)


def _safe(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@") else cell
