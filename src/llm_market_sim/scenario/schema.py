"""A JSON Schema of scenario files, for editors: it completes names and underlines mistakes.

A file says only what differs from its parent, so nothing is required. The schema knows types,
bounds and names; what needs the whole scenario (do firms exist, is an end after its beginning, is
a text there at last) is the loader's to say.
"""

from __future__ import annotations

import copy
from typing import Any, get_origin

from llm_market_sim.market.state import SHOCKS
from llm_market_sim.scenario.model import SECTIONS, TEXTS, Scenario
from llm_market_sim.scenario.reading import ID
from llm_market_sim.scenario.texts import declared
from llm_market_sim.words import Language

__all__ = ["json_schema"]

_NULL = "takes out what the parent scenario has here"
_UNIT = {"en": " ({})", "zh": "（{}）"}
_SOURCE = {"en": ". Default from: {}", "zh": "。默认值来源：{}"}


def json_schema(language: Language = "en") -> dict[str, Any]:
    """The schema of one scenario file; the same text every time. language: of its descriptions."""
    schema = copy.deepcopy(Scenario.model_json_schema())
    kinds = schema["$defs"]
    del schema["properties"]["name"]
    for model in (schema, *kinds.values()):
        _loosen(model, language)
    null = {"type": "null", "description": declared(_NULL, language)}
    for name in ("players", "timeline"):
        entries = schema["properties"][name]
        entries["propertyNames"] = {"pattern": ID}
        below = entries.pop("patternProperties", {}).get(ID) or entries["additionalProperties"]
        entries["additionalProperties"] = {"anyOf": [below, null]}
    schema["properties"]["extends"]["anyOf"][0]["pattern"] = ID
    for name in TEXTS:
        _or_plain(schema["properties"][name])
    _open_cells(kinds)
    _complete_event(kinds, schema["properties"], language)
    title = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Scenario file"}
    return title | {key: value for key, value in schema.items() if key != "title"}


def _loosen(model: dict[str, Any], language: Language) -> None:
    """Nothing is required and no default is stated; units stand in the descriptions."""
    model.pop("required", None)
    if "description" in model:
        model["description"] = declared(model["description"], language)
    for entry in model.get("properties", {}).values():
        entry.pop("default", None)
        entry.pop("title", None)
        entry.pop("symbol", None)
        entry.pop("plausible", None)
        unit, source = entry.pop("unit", "1"), entry.pop("source", "")
        if meaning := entry.get("description"):
            entry["description"] = _told(meaning, unit, language)
        if source:
            entry["description"] += _SOURCE[language].format(declared(source, language))


def _told(meaning: str, unit: str, language: Language) -> str:
    """What an entry means, and its unit where it has one."""
    bare = unit in ("1", "name", "yes/no")
    told = declared(meaning, language)
    return told if bare else told + _UNIT[language].format(declared(unit, language).strip("（）"))


def _or_plain(text: dict[str, Any]) -> None:
    """A text may stand alone, in English, or in several languages, English among them."""
    both = {key: text.pop(key) for key in [*text] if key != "description"}
    plain = both["additionalProperties"]
    text["anyOf"] = [plain, both | {"required": ["en"]}]


def _open_cells(kinds: dict[str, Any]) -> None:
    """A fact of a firm may be written as its bare value, too."""
    for entry in kinds["Player"]["properties"].values():
        cell = entry.get("$ref", "").removeprefix("#/$defs/")
        if cell.startswith("Cell"):
            del entry["$ref"]
            bare = kinds[cell]["properties"]["value"]
            entry["anyOf"] = [bare, {"$ref": f"#/$defs/{cell}"}]


def _complete_event(kinds: dict[str, Any], top: dict[str, Any], language: Language) -> None:
    """The dotted paths that an event may set and scale, and the states it may shock."""
    places: dict[str, Any] = {}
    patterns: dict[str, Any] = {}
    scales: dict[str, Any] = {}
    number = {"type": "number"}
    for section, model in SECTIONS.items():
        kind = top[section]["$ref"].removeprefix("#/$defs/")
        for name, field in model.model_fields.items():
            path, ref = f"{section}.{name}", f"#/$defs/{kind}/properties/{name}"
            places[path] = {"$ref": ref}
            mapping = get_origin(field.annotation) is dict
            if mapping or field.annotation in (int, float):
                scales[path] = number
            if mapping:
                below = {"$ref": f"{ref}/additionalProperties"}
                keys = kinds[kind]["properties"][name].get("propertyNames", {}).get("enum", [])
                for key in keys:
                    places[f"{path}.{key}"], scales[f"{path}.{key}"] = below, number
                if not keys:
                    patterns[rf"^{section}\.{name}\.[\w-]+$"] = below
    entries = kinds["Event"]["properties"]
    entries["set"] |= {
        "properties": places,
        "patternProperties": patterns,
        "additionalProperties": False,
    }
    entries["scale"] |= {
        "properties": scales,
        "patternProperties": dict.fromkeys(patterns, number),
        "additionalProperties": False,
    }
    entries["shock"] |= {
        "properties": {
            name: {"type": "number", "description": _told(meaning, unit, language)}
            for name, (unit, meaning) in SHOCKS.items()
        },
        "additionalProperties": False,
    }
