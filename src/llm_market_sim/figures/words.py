"""What figures say, in both languages: texts, dates and numbers."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from llm_market_sim.scenario import WEEK_0
from llm_market_sim.summary.statistics import Proportion

__all__ = [
    "LANGUAGES", "Language", "date", "estimate", "listed", "load_texts", "month", "number",
    "percent", "say", "say_or", "texts",
]  # fmt: skip

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_SCALES: dict[Language, tuple[tuple[float, float, str], ...]] = {  # from, unit, word
    "en": ((1e9, 1e9, " bn"), (1e6, 1e6, " m")),
    "zh": ((1e8, 1e8, "亿"), (1e5, 1e4, "万")),
}


@cache
def load_texts(package: str) -> Mapping[str, Mapping[Language, str]]:
    """All texts by key, from the YAML files in the folder `texts` of a package.

    ValueError where two files have the same key.
    """
    found: dict[str, Mapping[Language, str]] = {}
    for file in files(package).joinpath("texts").iterdir():
        if file.name.endswith(".yaml"):
            new = yaml.safe_load(file.read_text("utf-8"))
            if twice := sorted(found.keys() & new):
                raise ValueError(f"{file.name}: {', '.join(twice)} stand in another file, too")
            found |= new
    return found


def texts() -> Mapping[str, Mapping[Language, str]]:
    """All texts of figures by key."""
    return load_texts(__package__)


def say(key: str, language: Language, **values: Any) -> str:
    """A text, with values in its places. KeyError without it, or where a value is missing."""
    return texts()[key][language].format_map(values)


def say_or(plain: str, key: str, language: Language) -> str:
    """A text without places, or plain words where none is known, as of what a person adds."""
    return say(key, language) if key in texts() else plain


def listed(parts: list[str], language: Language) -> str:
    """Parts one after the other."""
    return ("、" if language == "zh" else ", ").join(parts)


def _day(week: float) -> dt.date:
    return WEEK_0 + dt.timedelta(days=math.floor(week * 7 + 1e-6))


def date(week: float, language: Language) -> str:
    """``14 Oct 2024``: the day that lies so many weeks after week 0."""
    day = _day(week)
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def month(week: float, language: Language) -> str:
    """``Oct 2024``."""
    day = _day(week)
    return (
        f"{day.year}年{day.month}月" if language == "zh" else f"{_MONTHS[day.month - 1]} {day.year}"
    )


def number(value: float, language: Language) -> str:
    """A number for people: three figures, large ones in the units of the language."""
    for least, unit, word in _SCALES[language]:
        if abs(value) >= least:
            return _figures(value / unit) + word
    return _figures(value)


def _figures(value: float) -> str:
    """Three figures, or all of a whole number, and a minus sign that is one."""
    whole = abs(value) >= 100.0 or value == round(value)
    text = f"{value:,.0f}" if whole else f"{value:.3g}"
    return "0" if text == "-0" else text.replace("-", "−")


def percent(share: float, language: Language) -> str:
    """A share in per cent; what is not quite 0 or 1 is not called so."""
    shown = round(100.0 * share)
    mark = "%" if language == "zh" else " %"
    if shown == 0 and share > 0.0:
        return f"<1{mark}"
    return f">99{mark}" if shown == 100 and share < 1.0 else f"{shown}{mark}"


def estimate(held: Proportion, language: Language) -> str:
    """A share of worlds in per cent; never 0 or 100, since only some worlds were looked at."""
    bound = min(1.0, 3.0 / held.worlds)
    if held.hits == 0:
        return "<" + percent(math.ceil(100.0 * bound) / 100.0, language)
    if held.hits == held.worlds:
        return ">" + percent(math.floor(100.0 - 100.0 * bound) / 100.0, language)
    return percent(held.share, language)
