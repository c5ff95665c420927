"""What commands say, in the language that was asked for."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Sequence
from typing import Any, cast

import click

from llm_market_sim.support.chinese import said, told
from llm_market_sim.words import Language, number

_UNIT = re.compile(r"(?<=\d) ([A-Za-z][A-Za-z/ ]*)(?= \(|$)")
_LANGUAGE = re.compile(r"^--language[=\n](en|zh)$", re.MULTILINE)
_USUAL = "LLM_MARKET_SIM_LANGUAGE"  # the variable for those who do not want to type it each time
_KEY = f"{__name__}.language"  # where click keeps it for the command that runs


def asked(given: Sequence[str]) -> Language:
    """The language that a command line asks for, wherever ``--language`` stands in it, so that
    help and mistakes are in it, too; else that of the variable, else English."""
    found = _LANGUAGE.findall("\n".join(given)) or [os.environ.get(_USUAL, "en")[:2].lower()]
    return "zh" if found[-1] == "zh" else "en"


def speak(context: click.Context, option: click.Parameter | None, language: Language) -> Language:
    """A callback: what the command and those below it print is in this language from now on."""
    context.meta[_KEY] = language
    return language


def spoken(context: click.Context | None = None) -> Language:
    """The language of the command that runs, or of a context."""
    context = context or click.get_current_context(silent=True)
    return cast(Language, context.meta.get(_KEY, "en") if context else "en")


def tell(text: str, **values: Any) -> str:
    """A sentence with values in its places, in Chinese where ``zh.yaml`` of this room has it."""
    found = said(text, spoken(), __package__)
    return found.format(**values) if values else found


def counted(n: int, one: str, many: str, **values: Any) -> str:
    """The same of one thing or of several, ``n``; Chinese has one text for both, by that of
    several."""
    if n == 1 and spoken() == "en":
        return one.format(n=n, **values)
    return tell(many, n=n, **values)


def reason(message: str) -> str:
    """What went wrong, or why something is not there, as the command says it."""
    return told(message, spoken())


def joined(sentences: Iterable[str]) -> str:
    """One after the other; Chinese leaves no space."""
    return (" " if spoken() == "en" else "").join(sentences)


def amount(value: float) -> str:
    """A number of four figures; a large one in the units of the language."""
    if not math.isfinite(value):
        return tell(number(value))
    if spoken() == "zh" and abs(value) >= 1e6:
        from llm_market_sim.summary.said import number as large

        return large(value, "zh")
    return number(value, 4)


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
