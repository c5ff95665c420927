"""``compare --do``: one change of a scenario, in words, in the place of a second scenario."""

from __future__ import annotations

from collections.abc import Sequence

from llm_market_sim.errors import InputError, Problem, nearest
from llm_market_sim.market.parameters import ROUTES
from llm_market_sim.scenario import Scenario, load
from llm_market_sim.scenario.interventions import HeadStart, Intervention, Remove, Reroute

__all__ = ["changed"]

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
    if kind == "set":
        after, said = load(scenario, [*settings, rest]), rest
    else:
        does = _read(text, kind, rest.split())
        try:
            after, said = does.apply(before), does.words()
        except InputError as error:
            raise _wrong(text, "; ".join(one.message for one in error.problems)) from None
    return after.model_copy(
        update={
            "name": f"{before.name}, {said}",
            "label": {language: f"{name}: {said}" for language, name in before.label.items()},
            "extends": before.name,
        }
    )


def _read(text: str, kind: str, words: list[str]) -> Intervention:
    try:
        if kind == "remove":
            [firm] = words
            return Remove(kind="remove", firm=firm)
        if kind == "head_start":
            firm, weeks = words
            return HeadStart(kind="head_start", firm=firm, weeks=float(weeks))
        firms, route = words
        to = next((one for one in ROUTES if one == route), None)
        if to is None:
            raise _wrong(text, f'no route "{route}"; {nearest(route, ROUTES)}')
        return Reroute(kind="route", firms=firms.split(","), to=to)
    except ValueError:
        raise _wrong(text, f"write it as: {_FORMS[kind]}") from None


def _wrong(text: str, why: str) -> InputError:
    return InputError([Problem("--do", "", f'"{text}": {why}')])
