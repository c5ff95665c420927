"""What commands say, in the language that was asked for."""

from __future__ import annotations

from typing import Any

from llm_market_sim.support.chinese import said
from llm_market_sim.words import Language


def tell(text: str, language: Language, **values: Any) -> str:
    """A sentence with values in its places, in Chinese where ``zh.yaml`` of this room has it."""
    return said(text, language, __package__).format(**values)
