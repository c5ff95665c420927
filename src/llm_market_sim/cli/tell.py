"""What commands say, in the language that was asked for with ``--language``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, cast

import click

from llm_market_sim.support.chinese import said
from llm_market_sim.words import Language, number

_UNIT = re.compile(r"(?<=\d) ([A-Za-z][A-Za-z/ ]*)(?= \(|$)")
_KEY = f"{__name__}.language"  # where click keeps it for the command that runs


def speak(context: click.Context, option: click.Parameter, language: str) -> str:
    """A callback of ``--language``: what the command prints is in this language from now on."""
    context.meta[_KEY] = language
    return language


def spoken() -> Language:
    """The language of the command that runs; English where none was asked for."""
    context = click.get_current_context(silent=True)
    return cast(Language, context.meta.get(_KEY, "en") if context else "en")


def tell(text: str, **values: Any) -> str:
    """A sentence with values in its places, in Chinese where ``zh.yaml`` of this room has it."""
    found = said(text, spoken(), __package__)
    return found.format(**values) if values else found


def counted(n: int, one: str, many: str, **values: Any) -> str:
    """The same of one thing or of several, ``n``; Chinese has one text for both, by that of
    several."""
    return tell(one if n == 1 and spoken() == "en" else many, n=n, **values)


def joined(sentences: Iterable[str]) -> str:
    """One after the other; Chinese leaves no space."""
    return (" " if spoken() == "en" else "").join(sentences)


def amount(value: float) -> str:
    """A number of four figures; a large one in the units of the language."""
    if spoken() == "zh" and 1e6 <= abs(value) < float("inf"):
        from llm_market_sim.summary.said import number as large

        return large(value, "zh")
    return tell(number(value, 4))


def with_unit(value: str, unit: str) -> str:
    """``13 weeks``; Chinese leaves no space."""
    return value + (" " if unit and spoken() == "en" else "") + unit


def span(text: str) -> str:
    """A share, an interval or an effect in words: ``67 to 86 %`` is ``67至86%``."""
    if spoken() == "en":
        return text
    for english, chinese in ((" to ", "至"), (" %", "%"), ("below ", "<"), ("above ", ">")):
        text = text.replace(english, chinese)
    return _UNIT.sub(lambda unit: named(unit[1]), text)


def named(text: str) -> str:
    """What is declared in English once, a meaning, a unit or an event, as the command says it."""
    from llm_market_sim.scenario.texts import declared

    return declared(text, spoken())
