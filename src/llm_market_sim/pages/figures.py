"""Figures of a batch as SVG inside a page: nothing is fetched, and no two names are the same."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llm_market_sim.figures import alt_text, gallery, projector
from llm_market_sim.figures.style import house_style
from llm_market_sim.results import Results
from llm_market_sim.words import Language

if TYPE_CHECKING:
    from markupsafe import Markup
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Picture:
    """A figure: its name, what it says to those who cannot see it, and its drawing.

    doubt: what to know before it is trusted, empty where there is nothing. tall: whether it takes
    a printed page of its own.
    """

    name: str
    alt: str
    svg: Markup
    doubt: str
    tall: bool


def pictures(
    results: Results,
    names: Sequence[str],
    language: Language,
    scenario: str | None = None,
    projected: bool = False,
) -> list[Picture]:
    """Those of the named figures that the folder holds enough for; scenario: of those of one.
    projected: with the large letters and few rows of a projector."""
    there = gallery.available(results)
    with projector(projected):
        return [_picture(results, name, language, scenario) for name in names if name in there]


def _picture(results: Results, name: str, language: Language, scenario: str | None) -> Picture:
    of_one = gallery.FIGURES[name].of == "one" and name != "paired"  # that one sets two apart
    scenario = scenario if of_one else None
    figure = gallery.draw(results, name, scenario=scenario, language=language)
    doubt = gallery.doubts(results, name, scenario) or ""
    width, height = figure.get_size_inches()
    return Picture(name, alt_text(figure), inline(figure, name), doubt, height > 0.9 * width)


def inline(figure: Figure, name: str) -> Markup:
    """An SVG element that is named by its caption, whose id is ``{name}-caption``."""
    from markupsafe import Markup

    stream = io.StringIO()
    with house_style():
        figure.savefig(stream, format="svg", metadata={"Date": None})
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', text))
    text = re.sub(r' id="([^"]+)"', lambda m: f' id="{name}-{m[1]}"' if m[1] in used else "", text)
    text = re.sub(r'((?:xlink:)?href="#|url\(#)', rf"\g<1>{name}-", text)
    size = re.compile(r' (?:width|height)="[\d.]+pt"')
    head, rest = text.split(">", 1)
    head = size.sub("", head) + f' role="img" aria-labelledby="{name}-caption"'
    return Markup(f"{head}>{rest}")  # made by matplotlib, which escapes what it is given
