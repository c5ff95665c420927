"""A sweep: one parameter or two, turned to some values, in the same worlds each time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from llm_market_sim.batch import Plan
from llm_market_sim.claims import Claim, plan_claims
from llm_market_sim.claims.outcome import Outcome
from llm_market_sim.errors import InputError, Problem, mistake
from llm_market_sim.market.state import Array
from llm_market_sim.results import Results
from llm_market_sim.scenario import Scenario, load
from llm_market_sim.scenario.explain import look, unit_of
from llm_market_sim.scenario.resolve import setting
from llm_market_sim.summary.statistics import (
    PairedDifference,
    PairedShares,
    Proportion,
    holm,
    paired,
    paired_shares,
    proportion,
)

TABLES = ("worlds", "series", "claims")
_MOST = 100  # points


@dataclass(frozen=True)
class Turned:
    """A parameter by its path, and the values that it is turned to, in the order given."""

    path: str
    values: tuple[Any, ...]

    def at(self, value: Any) -> str:
        """``path=value``, as after ``--set``."""
        return f"{self.path}={_typed(value)}"

    @property
    def unit(self) -> str:
        """Its unit, empty for a pure number."""
        return unit_of(look(Scenario, tuple(self.path.split(".")))[1])

    @property
    def meaning(self) -> str:
        """What it is, in words; its path where it has none."""
        field = look(Scenario, tuple(self.path.split(".")))[1]
        return (field.description if field is not None else None) or self.path


@dataclass(frozen=True)
class Point:
    """A scenario at some values; none are given for the scenario as it is.

    usual: whether the scenario has these values anyway, so that others are set against it.
    """

    scenario: Scenario
    values: tuple[Any, ...]
    usual: bool = False


@dataclass(frozen=True, eq=False)
class Row:
    """What the worlds of a point say. x: the outcome in each world (W,); held: the claim.

    change, moved: against the usual point, in the same worlds; None for that point itself, and
    where too few worlds have a number. p_value, p_moved: theirs after Holm, over all rows.
    """

    point: Point
    x: Array
    held: Proportion
    change: PairedDifference | None
    moved: PairedShares | None
    p_value: float = 1.0
    p_moved: float = 1.0


@dataclass(frozen=True, eq=False)
class Sweep:
    """All rows, in the order given; the usual point comes first where no given value is its own."""

    turned: tuple[Turned, ...]
    outcome: Outcome
    claim: Claim
    week: int
    rows: tuple[Row, ...]

    @property
    def worlds(self) -> int:
        """Worlds at each point."""
        return len(self.rows[0].x)

    @property
    def usual(self) -> Row:
        """The row of the scenario as it is."""
        return next(row for row in self.rows if row.point.usual)


def read_turned(texts: Sequence[str]) -> tuple[Turned, ...]:
    """One or two of ``path=value,value,…``. InputError where they cannot be read."""
    wrong: list[Problem] = []
    found = []
    for text in texts:
        path, equals, values = text.partition("=")
        keys, node, why = setting(f"{path}=[{values}]")
        given = node.plain() if not why else []
        if not equals or ",," in values or (not why and (len(given) < 2 or None in given)):
            example = "regulation.review_delay_weeks=0,6,26"
            why = [f'"{text}" must be a parameter and two or more values, such as {example}']
        elif not why and len({_typed(one) for one in given}) < len(given):
            why = [f"a value is given twice in {values}"]
        elif keys and keys[0] in ("horizon_weeks", "timeline", "players") and len(keys) == 1:
            why = ["cannot be swept: points are compared in the same week, by single values"]
        wrong += [Problem("", path, one) for one in why]
        found.append(Turned(path.strip(), tuple(given)))
    if not 1 <= len(texts) <= 2:
        wrong.append(Problem("", "", f"a sweep turns one parameter or two, not {len(texts)}"))
    if not wrong and len({one.path for one in found}) < len(found):
        wrong.append(Problem("", found[0].path, "is turned twice"))
    if wrong:
        raise InputError(wrong)
    return tuple(found)


def points_of(scenario: str, settings: Sequence[str], turned: Sequence[Turned]) -> list[Point]:
    """A point for each combination of values, the first parameter's changing slowest.

    The scenario as it is comes first, where no point is the same. InputError with all values that
    cannot be.
    """
    before = load(scenario, settings)
    found: list[Point] = []
    wrong: list[Problem] = []
    for values in product(*(one.values for one in turned)):
        texts = [one.at(value) for one, value in zip(turned, values, strict=True)]
        try:
            after = load(scenario, [*settings, *texts])
        except InputError as error:
            wrong += [Problem("", one.path, one.message) for one in error.problems]
            continue
        told = ", ".join(texts)
        named = {"name": f"{before.name}, {told}", "extends": before.name}
        label = {language: f"{name}: {told}" for language, name in before.label.items()}
        usual = after.digest() == before.digest()
        found.append(Point(after.model_copy(update=named | {"label": label}), values, usual))
    if len(found) + len(wrong) > _MOST:
        wrong.append(Problem("", "", f"{len(found)} points are too many; at most {_MOST}"))
    if wrong:
        raise InputError(dict.fromkeys(wrong))
    if any(one.usual for one in found):
        return found
    return [Point(before, (), usual=True), *found]


def plan_sweep(
    points: Sequence[Point], claim: Claim, outcome: Outcome, worlds: int, seed: int | None
) -> Plan:
    """The same worlds at every point. InputError where the claim speaks of a later week."""
    week = points[0].scenario.horizon_weeks
    if claim.horizon_week > week or (outcome.week or 0) > week:
        late = max(claim.horizon_week, outcome.week or 0)
        text = f"speaks of week {late}, and the runs end with week {week}"
        raise mistake("", f"{text}; add --set horizon_weeks={late}", claim.id)
    scenarios = [one.scenario for one in points]
    plan = plan_claims(scenarios, [claim], worlds, seed, TABLES)
    taken = outcome.measurement(week)
    if taken.name != claim.id:
        plan = Plan(
            plan.make,
            plan.worlds,
            plan.seed,
            [*plan.measures, taken],
            plan.tables,
            claims=plan.claims,
        )
    return plan


def sweep_of(
    results: Results,
    turned: Sequence[Turned],
    points: Sequence[Point],
    claim: Claim,
    outcome: Outcome,
) -> Sweep:
    """What stored worlds say, in those that all points have.

    InputError where such worlds are fewer than two.
    """
    ids = [results.column("worlds", "replication", one.scenario.name).astype(int) for one in points]
    both = ids[0]
    for one in ids[1:]:
        both = np.intersect1d(both, one)
    if len(both) < 2:
        raise mistake(results.folder, "the points must have at least two worlds in common")
    found = []
    for point, mine in zip(points, ids, strict=True):
        numbers = results.numbers(point.scenario.name)
        place = np.searchsorted(mine, both)
        found.append((numbers[outcome.text][place], claim.test.holds(numbers[claim.id][place])))
    base = next(place for place, one in enumerate(points) if one.usual)
    rows = []
    for point, (x, held) in zip(points, found, strict=True):
        there = np.isfinite(x) & np.isfinite(found[base][0])
        enough = not point.usual and there.sum() > 1
        rows.append(
            Row(
                point,
                x,
                proportion(int(held.sum()), len(held)),
                paired(found[base][0][there], x[there]) if enough else None,
                None if point.usual else paired_shares(found[base][1], held),
            )
        )
    week = outcome.week or points[0].scenario.horizon_weeks
    return Sweep(tuple(turned), outcome, claim, week, _adjusted(rows))


def _adjusted(rows: Sequence[Row]) -> tuple[Row, ...]:
    """With p-values that allow for the number of rows; outcome and claim each by themselves."""
    outcome = iter(holm([row.change.p_value for row in rows if row.change]))
    claim = iter(holm([row.moved.p_value for row in rows if row.moved]))
    return tuple(
        replace(
            row,
            p_value=next(outcome) if row.change else 1.0,
            p_moved=next(claim) if row.moved else 1.0,
        )
        for row in rows
    )


def _typed(value: Any) -> str:
    """A value as a person types it, and as YAML reads it back."""
    return value if isinstance(value, str) else json.dumps(value)
