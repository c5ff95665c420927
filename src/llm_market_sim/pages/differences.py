"""How a scenario differs from its parent, row by row, in plain words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from llm_market_sim.market.roster import Player
from llm_market_sim.pages.words import sayer
from llm_market_sim.results.manifest import about
from llm_market_sim.scenario import Scenario, compared, load, scenarios
from llm_market_sim.scenario.explain import look, unit_of
from llm_market_sim.scenario.texts import declared
from llm_market_sim.words import WEEK_0, Language, date, listed

Batch = Mapping[str, Mapping[str, Any]]  # what a manifest says of scenarios, by name


@dataclass(frozen=True)
class Change:
    """One fact: its path, what it means, its value there and here, and the unit; old and new are
    texts, empty where one of the two does not have it."""

    path: str
    meaning: str
    old: str
    new: str
    unit: str


@dataclass(frozen=True)
class Difference:
    """Of one scenario: who its parent is (a name to show, empty where it has none), whether that
    could be looked up, and what differs."""

    scenario: str
    parent: str
    known: bool
    changes: list[Change]


def differences(batch: Batch, language: Language) -> list[Difference]:
    """Of every scenario of a batch (its manifest's), from its parent in the same batch, or else
    from the shipped one; one without a parent, from the shipped one of its name."""
    return [_difference(name, batch, language) for name in batch]


def _difference(name: str, batch: Batch, language: Language) -> Difference:
    own = batch[name]
    parent = own["extends"] or name
    if own["extends"] in batch and own["extends"] != name:
        there = batch[parent]
    elif parent in scenarios():
        there = about([load(parent)])[parent]
    else:
        known = own["extends"] is None
        return Difference(name, "" if known else parent, known, [])
    rows = compared(there["resolved"], own["resolved"])
    if own["extends"] is None and not rows:
        return Difference(name, "", True, [])
    changes = [_change(own, there, *row, language) for row in rows]
    return Difference(name, there["label"][language], True, changes)


def _change(
    own: Mapping[str, Any],
    there: Mapping[str, Any],
    path: str,
    old: Any,
    new: Any,
    language: Language,
) -> Change:
    say = sayer(language)
    kind, _, rest = path.partition(".")
    key = rest.split(".")[0]
    meaning, unit = field_of(path, language)
    if kind == "timeline":
        said = _word("events", key, own, there) or key
        meaning = say("change.event", about=declared(" ".join(said.split()), language))
    elif kind == "players":
        name = _word("firms", key, own, there)
        what = say("change.firm_itself") if rest == key else meaning or path
        meaning = say("change.firm", firm=name[language] if name else key, what=what)
    values = [
        _event(one, own, language)
        if kind == "timeline" and rest == key and one
        else shown(one, language)
        for one in (old, new)
    ]
    return Change(path, meaning or path, values[0], values[1], unit)


def _event(event: Mapping[str, Any], own: Mapping[str, Any], language: Language) -> str:
    """``from 23 Oct 2023: pace of deliveries: 0``."""
    say = sayer(language)
    acts = []
    for how in ("set", "scale", "shock"):
        for path, value in event.get(how, {}).items():
            meaning, unit = field_of(path, language)
            said = shown(value, language) if how != "shock" else f"{value:+,.10g}"
            said = f"{said} {unit if how != 'scale' else ''}".strip()
            acts.append(say(f"event.{how}", what=meaning or path, value=said))
    for firm in event.get("enter", ()):
        name = _word("firms", firm, own)
        acts.append(say("event.enter", firm=name[language] if name else firm))
    begin, end = _day(event["date"], language), event.get("until")
    when = say("event.from", date=begin)
    if end:
        when = say("event.until", date=begin, until=_day(end, language))
    return say("event.set", what=when, value=say("event.and").join(acts))


def _day(text: str, language: Language) -> str:
    return date((dt.date.fromisoformat(text) - WEEK_0).days / 7, language)


def _word(kind: str, key: str, *facts: Mapping[str, Any]) -> Any:
    """The words of one of two scenarios for a firm or an event; None if neither has any."""
    return next((w for one in facts if (w := one.get("words", {}).get(kind, {}).get(key))), None)


def field_of(path: str, language: Language) -> tuple[str, str]:
    """What a value at a path means, and its unit; both empty where it is not declared."""
    parts = tuple(path.split("."))
    model: Any = Scenario
    if parts[0] == "players" and len(parts) > 2:
        model, parts = Player, parts[2:]
    field = look(model, parts)[1]
    meaning = declared(field.description or "", language) if field else ""
    if model is Scenario and len(parts) > 2 and parts[0] != "timeline" and meaning:
        meaning = f"{meaning} ({'.'.join(parts[2:])})"
    return meaning, declared(unit_of(field), language)


def shown(value: Any, language: Language) -> str:
    """Any value of a scenario, for people; empty for what is not there."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return sayer(language)("value.yes" if value else "value.no")
    if isinstance(value, int | float):
        return f"{value:,.10g}"
    if isinstance(value, dict):
        return listed(list(_entries(value, language)), language)
    if isinstance(value, list | tuple):
        return listed([shown(one, language) for one in value], language)
    return declared(str(value), language)


def _entries(values: Mapping[str, Any], language: Language) -> Iterator[str]:
    for key, below in values.items():
        if below not in (None, {}, [], ""):
            yield f"{declared(key, language)} {shown(below, language)}"
