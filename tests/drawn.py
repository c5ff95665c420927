"""What can be read off a figure: its texts, whether each is inside, and whether two overlap."""

from functools import lru_cache
from itertools import combinations
from unittest.mock import patch

import pytest
from matplotlib.text import Text


def by_turns(name, values, first="en"):
    """Each value in one language, by turns, and in the other one with the slow tests."""
    turns = [
        pytest.param(
            value,
            language,
            id=f"{getattr(value, 'id', value)}-{language}",
            marks=[pytest.mark.slow] * ((k + (language != first)) % 2),
        )
        for k, value in enumerate(values)
        for language in ("en", "zh")
    ]
    return pytest.mark.parametrize((name, "language"), turns)


@lru_cache(maxsize=1)  # drawing takes long, and most tests ask several times
def texts(figure):
    """Every text that is drawn, with its box in pixels and its size in points."""
    renderer, drawn, draw = figure.canvas.get_renderer(), [], Text.draw

    def note(text, *args, **kwargs):
        drawn.append(text)
        draw(text, *args, **kwargs)

    with patch.object(Text, "draw", note):
        figure.draw(renderer)
    return [
        (text.get_text(), text.get_window_extent(renderer), text.get_fontsize())
        for text in drawn
        if text.get_visible() and text.get_text().strip()
    ]


def words(figure):
    """All texts, each in one line."""
    return [" ".join(text.split()) for text, _, _ in texts(figure)]


def faults(figure):
    """Texts that leave the page, and pairs of texts that overlap."""
    found, page = texts(figure), figure.bbox
    out = [
        text
        for text, box, _ in found
        if box.x0 < 0 or box.y0 < 0 or box.x1 > page.x1 or box.y1 > page.y1
    ]
    return out + [(a[0], b[0]) for a, b in combinations(found, 2) if a[1].overlaps(b[1])]
