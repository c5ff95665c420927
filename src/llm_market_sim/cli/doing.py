"""``compare --do``: one change of a scenario, in words, in the place of a second scenario."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llm_market_sim.errors import InputError, mistake, nearest
from llm_market_sim.scenario import Scenario, load
from llm_market_sim.scenario.explain import validate_tree
from llm_market_sim.scenario.interventions import KINDS, Intervention, Set
from llm_market_sim.scenario.resolve import setting
from llm_market_sim.scenario.tree import Mark, Node

_FORMS = {
    "remove": "remove FIRM",
    "head_start": "head_start FIRM WEEKS",
    "route": "route FIRM[,FIRM] ROUTE",
    "set": "set PATH=VALUE",
}


def changed(scenario: str, settings: Sequence[str], text: str) -> Scenario:
    """A scenario in which one thing is otherwise; its name and label say what.

    settings: as after ``--set``. text: one of the forms, such as ``head_start tencent 8``.
    InputError where it cannot be read, or speaks of what the scenario does not have.
    """
    kind, _, rest = text.strip().partition(" ")
    if kind not in _FORMS:
        forms = "; ".join(_FORMS.values())
        raise _wrong(text, f"no such change; {nearest(kind, _FORMS)} There are: {forms}")
    before = load(scenario, settings)
    does = _set(text, rest) if kind == "set" else _read(text, kind, rest.split())
    try:
        after, said = does.apply(before), does.words()
    except InputError as error:
        raise _wrong(text, "; ".join(one.message for one in error.problems)) from None
    for _, late in does.unreached(before, after.horizon_weeks):
        raise _wrong(text, late)
    return after.model_copy(
        update={
            "name": f"{before.name}, {said}",
            "label": {language: f"{name}: {said}" for language, name in before.label.items()},
            "extends": before.name,
        }
    )


def _set(text: str, rest: str) -> Set:
    keys, node, wrong = setting(rest)
    if wrong:
        raise _wrong(text, "; ".join(wrong))
    return Set(kind="set", about=rest, values={".".join(keys): node.plain()})


def _read(text: str, kind: str, words: list[str]) -> Intervention:
    given: dict[str, Any] = {}
    try:
        if kind == "remove":
            [given["firm"]] = words
        elif kind == "head_start":
            given["firm"], weeks = words
            given["weeks"] = float(weeks)
        else:
            firms, given["to"] = words
            given["firms"] = firms.split(",")
    except ValueError:
        raise _wrong(text, f"write it as: {_FORMS[kind]}") from None
    does, wrong = validate_tree(KINDS[kind], Node.of({"kind": kind, **given}, Mark("--do")))
    if wrong or does is None:
        raise _wrong(text, "; ".join(one.message for one in wrong))
    return does


def _wrong(text: str, why: str) -> InputError:
    return mistake("--do", f'"{text}": {why}')
