"""What figures and pages say, in both languages: texts, and numbers where room is short."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from llm_market_sim import words
from llm_market_sim.summary.statistics import Proportion
from llm_market_sim.words import Language

_SCALES: dict[Language, tuple[tuple[float, float, str], ...]] = {  # from, unit, word
    "en": ((1e9, 1e9, " bn"), (1e6, 1e6, " m")),
    "zh": ((1e8, 1e8, "亿"), (1e5, 1e4, "万")),
}
_PLAIN = (0.0, 1.0, "")


@cache
def load_texts(room: str) -> Mapping[str, Mapping[Language, str]]:
    """All texts by key, from the YAML files in the folder `texts` of a room.

    ValueError where two files have the same key.
    """
    found: dict[str, Mapping[Language, str]] = {}
    for file in files("llm_market_sim").joinpath(room, "texts").iterdir():  # imports no room
        if file.name.endswith(".yaml"):
            new = yaml.load(file.read_text("utf-8"), yaml.CSafeLoader)
            if twice := sorted(found.keys() & new):
                raise ValueError(f"{file.name}: {', '.join(twice)} stand in another file, too")
            found |= new
    return found


def texts() -> Mapping[str, Mapping[Language, str]]:
    """All texts of figures by key."""
    return load_texts("figures")


def say(key: str, language: Language, **values: Any) -> str:
    """A text, with values in its places. KeyError without it, or where a value is missing."""
    return texts()[key][language].format_map(values)


def say_or(plain: str, key: str, language: Language) -> str:
    """A text without places, or plain words where none is known, as of what a person adds."""
    return say(key, language) if key in texts() else plain


def number(value: float, language: Language, *beside: float) -> str:
    """Three figures, large ones in the units of the language, and a minus sign that is one.

    beside: numbers of which it is one, all of which are written in the same unit.
    """
    most = max(map(abs, (value, *beside)))
    _, unit, word = next((one for one in _SCALES[language] if most >= one[0]), _PLAIN)
    return words.number(value / unit, 3).replace("-", "−") + word


def estimate(held: Proportion, language: Language) -> str:
    """A share of worlds in per cent: ``41 %``, ``<0.75 %``."""
    return held.short + ("%" if language == "zh" else " %")


def between(interval: str, language: Language) -> str:
    """``51 to 82 %`` in a column: ``51–82 %``, and in Chinese ``51%～82%``."""
    joined = interval.replace(" to ", "–")
    return joined.replace("–", "%～").replace(" %", "%") if language == "zh" else joined


def spaced(share: str, language: Language) -> str:
    """``51 %``; Chinese leaves no space."""
    return share.replace(" %", "%") if language == "zh" else share
