"""A scenario from the plain facts that a result folder keeps of it, also an older version's."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from llm_market_sim.errors import mistake
from llm_market_sim.market.roster import Player, Population
from llm_market_sim.scenario.model import SECTIONS, TEXTS, Scenario
from llm_market_sim.scenario.timeline import split

__all__ = ["completed", "from_facts"]

_WORDS = ("name", "product")  # of a firm, which are no facts
_PARTS: dict[str, type[BaseModel]] = {**SECTIONS, "population": Population}
_WHOLE = ("horizon_weeks", "ticks_per_week", "players", "timeline")


def completed(facts: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Facts (`Scenario.facts`) as this version has them, and what had to be done, in words.

    A parameter that was added since takes its default; one that is gone is left out, also where
    an event changes it.
    """
    found: dict[str, Any] = copy.deepcopy(dict(facts))
    added: list[str] = []
    gone = [name for name in found if name not in (*_PARTS, *_WHOLE)]
    for name in gone:
        del found[name]
    for section, model in _PARTS.items():
        values = found.setdefault(section, {})
        gone += [f"{section}.{name}" for name in _drop(values, model.model_fields)]
        defaults = model().model_dump(mode="json")
        missing = {name: value for name, value in defaults.items() if name not in values}
        added += [f"{section}.{name}" for name in missing]
        values |= missing
        for name, default in defaults.items():
            if isinstance(default, dict) and "all" not in default:
                gone += [f"{section}.{name}.{key}" for key in _drop(values[name], default)]
                added += [f"{section}.{name}.{key}" for key in default if key not in values[name]]
                values[name] = default | values[name]
    for player in found.get("players", {}).values():
        fields = {name: one for name, one in Player.model_fields.items() if name not in _WORDS}
        gone += [f"players.*.{name}" for name in _drop(player, fields)]
        missing = {n: one for n, one in fields.items() if n not in player and not one.is_required()}
        added += [f"players.*.{name}" for name in missing]
        for name, one in missing.items():
            value = one.get_default(call_default_factory=True)
            player[name] = getattr(value, "value", value)
    for event in found.get("timeline", {}).values():
        for verb in ("set", "scale"):
            lost = [path for path in event.get(verb, {}) if not _is_parameter(path)]
            gone += lost
            for path in lost:
                del event[verb][path]
    return found, list(_told(added, gone))


def _drop(values: dict[str, Any], known: Mapping[str, Any]) -> list[str]:
    lost = [name for name in values if name not in known]
    for name in lost:
        del values[name]
    return lost


def _is_parameter(path: str) -> bool:
    section, name, _ = split(path)
    return section in SECTIONS and name in SECTIONS[section].model_fields


def _told(added: list[str], gone: list[str]) -> Iterator[str]:
    for paths, what in (
        (added, "parameters added since, which take their defaults"),
        (gone, "parameters that are gone, which are ignored"),
    ):
        if paths:
            yield f"{what}: {', '.join(dict.fromkeys(paths))}"


def from_facts(name: str, facts: Mapping[str, Any]) -> Scenario:
    """A scenario from what a manifest says of it: completed facts, label and words.

    InputError where they do not fit this version.
    """
    resolved, words = facts["resolved"], facts.get("words", {})
    texts = {text: words.get("texts", {}).get(text) or "not kept" for text in TEXTS}
    players = {
        firm: {"name": words.get("firms", {}).get(firm, {"en": firm, "zh": firm})} | values
        for firm, values in resolved["players"].items()
    }
    timeline = {
        event: {
            "about": words.get("events", {}).get(event) or event.replace("_", " "),
            "source": "the manifest",
        }
        | values
        for event, values in resolved["timeline"].items()
        if any(values.get(verb) for verb in ("set", "scale", "shock", "enter"))
    }
    try:
        return Scenario.model_validate(
            texts
            | resolved
            | {
                "name": name,
                "label": facts["label"],
                "extends": facts["extends"],
                "players": players,
                "timeline": timeline,
            }
        )
    except ValidationError as error:
        first = error.errors()[0]
        text = f"is of a version that this one cannot read: {first['msg']}"
        path = ".".join(map(str, first["loc"]))
        raise mistake(name, text, path) from error
