"""What a room says in Chinese: its file ``zh.yaml``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from llm_market_sim.errors import InputError
from llm_market_sim.words import Language


def said(text: str, language: Language, room: str) -> str:
    """A text in a language; as it is where the room's file does not have it.

    room: the package, whose file has each text by the English one. A text that was changed is not
    found any more, so that no old Chinese stands for new English.
    """
    return text if language == "en" else str(chinese(room).get(" ".join(text.split()), text))


def told(message: str, language: Language) -> str:
    """What went wrong, in a language; English where the package's ``zh.yaml`` has no Chinese."""
    return message if language == "en" else matched(message, "llm_market_sim")


def mistakes(error: InputError, language: Language) -> list[str]:
    """Each of them, as `told` says it."""
    return [str(replace(one, message=told(one.message, language))) for one in error.problems]


def matched(text: str, room: str) -> str:
    """The Chinese of a text that values have been put into; as it is where the room has no form.

    The room's file has forms such as ``no lever "{name}"``. A place called ``why`` holds such a
    text again. What stands behind a semicolon is a text of its own.
    """
    return "；".join(_matched(part, room) for part in text.split("; "))


def _matched(text: str, room: str) -> str:
    for form, said in _forms(room):
        if found := form.fullmatch(text):
            places = found.groupdict()
            return said.format(
                **{k: _matched(v, room) if k == "why" else v for k, v in places.items()}
            )
    return text


@cache
def _forms(room: str) -> list[tuple[re.Pattern[str], str]]:
    """The forms of a room and their Chinese; first those that begin with a word, or say most."""
    found = []
    for text, said in chinese(room).items():
        pieces = re.split(r"\{(\w+)\}", text)
        pattern = "".join(
            f"(?P<{piece}>.+?)" if place % 2 else re.escape(piece)
            for place, piece in enumerate(pieces)
        )
        first = (not pieces[0], -len("".join(pieces[::2])))
        found.append((first, re.compile(pattern, re.DOTALL), said))
    return [one[1:] for one in sorted(found, key=lambda one: one[0])]


@cache
def chinese(room: str) -> Mapping[str, Any]:
    """All texts of a room."""
    import yaml

    text = (files(room) / "zh.yaml").read_text(encoding="utf-8")
    return dict(yaml.load(text, yaml.CSafeLoader))
