"""What a room says in Chinese: its file ``zh.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from llm_market_sim.words import Language


def said(text: str, language: Language, room: str) -> str:
    """A text in a language; as it is where the room's file does not have it.

    room: the package, whose file has each text by the English one. A text that was changed is not
    found any more, so that no old Chinese stands for new English.
    """
    return text if language == "en" else str(chinese(room).get(" ".join(text.split()), text))


@cache
def chinese(room: str) -> Mapping[str, Any]:
    """All texts of a room."""
    import yaml

    text = (files(room) / "zh.yaml").read_text(encoding="utf-8")
    return dict(yaml.load(text, yaml.CSafeLoader))
