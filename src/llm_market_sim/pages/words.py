"""What pages say, in both languages, and templates that escape everything they are given."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from llm_market_sim.pages.letters import faces
from llm_market_sim.scenario.texts import Passage, passage
from llm_market_sim.summary.said import load_texts
from llm_market_sim.words import Language

if TYPE_CHECKING:
    from markupsafe import Markup

Say = Callable[..., str]
MARK = "llm-market-sim page"  # by which a page of ours is known
_FONTS = "/* fonts */"  # where they go in the style sheet


def texts() -> Mapping[str, Mapping[Language, str]]:
    """All texts of the frame by key."""
    return load_texts("pages")


def sayer(language: Language) -> Say:
    """say("key", name=value): a text with values in its places. KeyError where one is missing."""

    def say(key: str, **values: Any) -> str:
        return texts()[key][language].format_map(values)

    return say


def texts_of(name: str, facts: Mapping[str, Any], language: Language) -> dict[str, Passage]:
    """The texts of a scenario as they are shown; empty where its manifest holds none."""
    texts = facts.get("words", {}).get("texts", {})
    return {text: passage(words, name, language) for text, words in texts.items()}


def render(template: str, language: Language, **values: Any) -> str:
    """A page from its template; whatever is put in is escaped unless it is Markup."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("llm_market_sim.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["prose"] = _prose
    html = made.get_template(template).render(
        say=sayer(language), language=language, mark=MARK, **values
    )
    return html.replace(_FONTS, faces(html), 1)


def _prose(text: str) -> Markup:
    """A text of a scenario: blank lines part paragraphs, back quotes hold code."""
    from markupsafe import Markup, escape

    def line(part: str) -> Markup:
        pieces = re.split(r"`([^`]+)`", " ".join(part.split()))
        return Markup("").join(
            Markup("<code>{}</code>").format(piece) if place % 2 else escape(piece)
            for place, piece in enumerate(pieces)
        )

    parts = [line(part) for part in text.strip().split("\n\n")]
    return Markup("").join(Markup("<p>{}</p>").format(part) for part in parts)
