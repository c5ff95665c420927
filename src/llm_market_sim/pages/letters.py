"""Chinese letters inside a page, for machines that have none: as many of our font as it uses."""

from __future__ import annotations

import base64
import io
from importlib.resources import files

_WEIGHTS = {"Regular": "400", "Bold": "600 700"}
_FIRST = 0x2E80  # from here on letters and signs are East Asian


def faces(page: str) -> str:
    """CSS with the East Asian letters of a page in both weights; empty where it has none.

    The family goes first in the style sheet, but is asked for these letters only: a browser does
    not lay out again what it has written in a fallback before such a font was ready.
    """
    letters = {ord(letter) for letter in page if ord(letter) >= _FIRST}
    if not letters:
        return ""
    letters |= {ord(mark) for mark in "“”‘’…—·"}
    return "\n".join(_face(name, weight, letters) for name, weight in _WEIGHTS.items())


def _face(name: str, weight: str, letters: set[int]) -> str:
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    file = files("llm_market_sim.figures").joinpath(f"fonts/MarketSansSC-{name}.otf")
    with TTFont(io.BytesIO(file.read_bytes()), recalcTimestamp=False) as font:
        subsetter = Subsetter(Options(layout_features=[], hinting=False, notdef_outline=True))
        subsetter.populate(unicodes=letters)
        subsetter.subset(font)
        font.flavor = "woff"
        stream = io.BytesIO()
        font.save(stream)
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    return (
        f'@font-face {{ font-family: "Market Sans SC"; font-weight: {weight}; font-display: block; '
        f'src: url("data:font/woff;base64,{data}") format("woff"); '
        "unicode-range: U+2010-2027, U+2E80-9FFF, U+F900-FAFF, U+FE30-FE4F, U+FF00-FFEF; }"
    )
