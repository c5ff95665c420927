"""Scenario files: YAML in, one frozen and validated `Scenario` out, mistakes with their place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from llm_market_sim.errors import InputError, Problem, mistake
from llm_market_sim.scenario import card
from llm_market_sim.scenario.change import change
from llm_market_sim.scenario.check import build
from llm_market_sim.scenario.files import data_folder, scenarios
from llm_market_sim.scenario.model import SECTIONS, TEXTS, Scenario, Sections, compared, difference
from llm_market_sim.scenario.resolve import chain, resolve
from llm_market_sim.scenario.schema import json_schema
from llm_market_sim.scenario.timeline import Event
from llm_market_sim.scenario.tree import Mistake, problems
from llm_market_sim.scenario.vary import current, entries, plausible, under, variable, wrong_with

__all__ = [
    "SECTIONS", "TEXTS", "Event", "Scenario", "Sections", "card", "change", "compared", "current",
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
    names = _listed("names", names, (str, Path), "baseline")
    overrides = _listed("overrides", overrides, (str,), "regulation.review_delay_weeks=26")
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


def _listed(what: str, given: Iterable[Any], kinds: tuple[type, ...], example: str) -> list[Any]:
    """A person's list. InputError where it is none, such as the one text that belongs in it."""
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        raise mistake("", f'{given!r} must be a list, such as ["{example}"]', what)
    values = list(given)
    either = "a text or a path" if Path in kinds else "a text"
    wrong = [
        Problem("", what, f"{value!r} must be {either}")
        for value in values
        if not isinstance(value, kinds)
    ]
    if wrong:
        raise InputError(wrong)
    return values


def load_parent(scenario: str | Path) -> Scenario | None:
    """The scenario that a scenario extends, without overrides; None where it extends nothing."""
    line, _, mistakes = chain(scenario)
    if mistakes:
        raise InputError(problems(mistakes))
    return load(line[1][0]) if len(line) > 1 else None
