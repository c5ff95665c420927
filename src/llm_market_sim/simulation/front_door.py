"""What a person may ask of a simulation; every mistake is told before anything is computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np

from llm_market_sim.errors import InputError, Problem
from llm_market_sim.scenario import Scenario, entries, wrong_with

MOST_SEED = 2**64 - 1
MOST_WORLDS = 2**32


def refuse(wrong: Iterable[Problem]) -> None:
    """InputError with all problems; nothing where there is none."""
    problems = tuple(wrong)
    if problems:
        raise InputError(problems)


def wrong_request(
    scenario: Scenario,
    worlds: int | None,
    seed: int,
    snapshots: Iterable[float],
    varied: Mapping[str, Any] | None,
) -> list[Problem]:
    """What is wrong with what is asked of so many worlds (None: any) of a scenario."""
    wrong = wrong_whole("seed", seed, 0, MOST_SEED)
    if not isinstance(scenario, Scenario):
        how = 'load one by its name or path: load("baseline")'
        text = f"{scenario!r} is not a loaded scenario; {how}"
        return [Problem("", "scenario", text), *wrong]
    wrong += wrong_snapshots(scenario, snapshots)
    return wrong + wrong_varied(scenario, varied or {}, worlds)


def listed(values: Any) -> Any:
    """Values to be gone through more than once; what is no list stays what it is."""
    mistaken = isinstance(values, (str, bytes)) or not isinstance(values, Iterable)
    return values if mistaken else tuple(values)


def wrong_whole(name: str, value: Any, least: int, most: int | None = None) -> list[Problem]:
    """What is wrong with a whole number, Python's or NumPy's, from least to most."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        return [Problem("", name, f"{value!r} must be a whole number")]
    if int(value) < least or (most is not None and int(value) > most):
        allowed = f"at least {least}" if most is None else f"{least} to {most}"
        return [Problem("", name, f"{value} must be {allowed}")]
    return []


def wrong_list(name: str, value: Any, example: str) -> list[Problem]:
    """What is wrong with a list, where a person may have given its only entry."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        return [Problem("", name, f"{value!r} must be a list, such as {example}")]
    return []


def wrong_ids(worlds: Sequence[int]) -> list[Problem]:
    """What is wrong with ids of worlds."""
    if not isinstance(worlds, (Sequence, np.ndarray)) or isinstance(worlds, (str, bytes)):
        return [Problem("", "worlds", f"{worlds!r} must be a list of ids, such as range(10)")]
    if len(worlds) == 0:
        return [Problem("", "worlds", "none is given; at least one is needed")]
    ends = (worlds[0], worlds[-1]) if isinstance(worlds, range) else worlds
    for one in ends:
        wrong = wrong_whole("worlds", one, 0, MOST_WORLDS - 1)
        if wrong:
            return wrong
    return []


def wrong_snapshots(scenario: Scenario, snapshots: Iterable[float]) -> list[Problem]:
    """Which weeks have no state to keep: those past the horizon, and those between two ticks."""
    wrong = wrong_list("snapshots", snapshots, "[26, 52]")
    if wrong:
        return wrong
    horizon, per_week = scenario.horizon_weeks, scenario.ticks_per_week
    for week in snapshots:
        text = ""
        if isinstance(week, bool) or not isinstance(week, Real):
            text = f"{week!r} must be a number of weeks"
        elif not 0 <= week <= horizon:
            text = f"week {week:g} must be 0 to {horizon}, the horizon of {scenario.name}"
        elif round(week * per_week) / per_week != week:
            text = f"week {week:g} is between two ticks, of which a week has {per_week}"
        wrong += [Problem("", "snapshots", text)] if text else []
    return wrong


def wrong_varied(
    scenario: Scenario, varied: Mapping[str, Any], worlds: int | None
) -> list[Problem]:
    """What is wrong with values that differ from world to world, by the path of a parameter."""
    if not isinstance(varied, Mapping):
        text = f"{varied!r} must be a mapping from paths to values, one a world"
        return [Problem("", "varied", text)]
    wrong: list[Problem] = []
    for path, values in varied.items():
        text = _wrong_values(values, worlds)
        if text is None:
            numbers = np.asarray(values, dtype=float)
            ends = (float(numbers.min()), float(numbers.max()))  # bounds are intervals
            text = wrong_with(scenario, str(path), ends)
        wrong += [Problem("", str(path), text)] if text else []
    if not wrong:
        try:
            entries(scenario, {path: np.asarray(values) for path, values in varied.items()})
        except ValueError as error:
            wrong.append(Problem("", "varied", str(error)))
    return wrong


def _wrong_values(values: Any, worlds: int | None) -> str | None:
    try:
        numbers = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        return f"{values!r} must be numbers, one a world"
    needed = (numbers.size if worlds is None else worlds,)
    if numbers.shape != needed:
        return f"values have the shape {numbers.shape}; one a world is needed, {needed}"
    if not np.all(np.isfinite(numbers)):
        return f"{numbers[~np.isfinite(numbers)][0]} is not a finite number"
    return None
