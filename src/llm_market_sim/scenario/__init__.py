"""Scenario files: YAML in, one frozen and validated `Scenario` out, mistakes with their place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from llm_market_sim.errors import InputError, Problem
from llm_market_sim.scenario.change import change
from llm_market_sim.scenario.check import build
from llm_market_sim.scenario.files import data_folder, scenarios
from llm_market_sim.scenario.model import SECTIONS, TEXTS, Scenario, Sections, compared, difference
from llm_market_sim.scenario.resolve import chain, resolve
from llm_market_sim.scenario.schema import json_schema
from llm_market_sim.scenario.timeline import WEEK_0, Event
from llm_market_sim.scenario.tree import Mistake, problems
from llm_market_sim.scenario.vary import current, entries, plausible, under, variable, wrong_with

__all__ = [
    "SECTIONS", "TEXTS", "WEEK_0", "Event", "Scenario", "Sections", "change", "compared", "current",
    "data_folder", "difference", "entries", "json_schema", "load", "load_all", "load_parent",
    "plausible", "scenarios", "under", "variable", "wrong_with",
]  # fmt: skip


def load(scenario: str | Path, overrides: Sequence[str] = ()) -> Scenario:
    """One scenario, by the name of a shipped one or by the path of a file.

    overrides: ``section.name=value``, as after ``--set``. Raises InputError with every mistake.
    """
    return load_all([scenario], overrides)[0]


def load_all(names: Sequence[str | Path], overrides: Sequence[str] = ()) -> list[Scenario]:
    """Several scenarios; the mistakes of all their files are raised at once, as one InputError."""
    _check_lists(names, overrides)
    loaded: list[Scenario] = []
    mistakes: list[Mistake] = []
    for name in names:
        found = resolve(name, overrides)
        mistakes += found.mistakes
        if found.tree is not None:
            scenario, more = build(found.tree, found.name, found.whole)
            mistakes += more
            loaded += [scenario] if scenario is not None else []
    if mistakes:
        raise InputError(problems(mistakes))
    return loaded


def _check_lists(names: Sequence[str | Path], overrides: Sequence[str]) -> None:
    """InputError where a list is none, such as the one text that should stand in it."""
    wrong: list[Problem] = []
    for what, given, kinds, example in (
        ("names", names, (str, Path), '["baseline"]'),
        ("overrides", overrides, (str,), '["regulation.review_delay_weeks=26"]'),
    ):
        if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
            wrong.append(Problem("", what, f"{given!r} must be a list, such as {example}"))
            continue
        for one in given:
            if not isinstance(one, kinds):
                text = f"{one!r} must be a text" + (" or a path" if Path in kinds else "")
                wrong.append(Problem("", what, text))
    if wrong:
        raise InputError(wrong)


def load_parent(scenario: str | Path) -> Scenario | None:
    """The scenario that a scenario extends, without overrides; None where it extends nothing."""
    line, _, mistakes = chain(scenario)
    if mistakes:
        raise InputError(problems(mistakes))
    return load(line[1][0]) if len(line) > 1 else None
