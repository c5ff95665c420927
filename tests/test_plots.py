"""The survivors' figure: everything legible, nothing overlapping, the same file every time."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from matplotlib.colors import to_hex

from llm_market_sim.plots import SurvivorRow, save, survivors
from llm_market_sim.plots.style import BLUE, drawable
from llm_market_sim.statistics import proportion

VERDICTS = ("holds", "fails", "undecided", "assumed, not tested")
FOOTNOTE = "\n".join(["400 worlds a scenario, seed 1; a footnote as long as they are " * 3] * 4)


def row(k, label=None, size=9):
    held = proportion(0 if k == 1 else 400 if k == 2 else 40 + 11 * k, 400)
    shares = [0.0] * size
    shares[k % size], shares[(k + 1) % size] = 0.7, 0.3
    return SurvivorRow(
        name=f"scenario_{k}", label=label or f"A scenario with a long name {k}", shares=shares,
        share=held.share, low=held.low, high=held.high,
        estimate=held.estimate.replace("above", ">").replace("below", "<"),
        interval=held.interval, verdict=VERDICTS[k % 4],
    )  # fmt: skip


def figure_of(rows, size=9):
    band = [3 <= n <= 5 for n in range(size)]
    return survivors(rows, band, "“Three to five are left.”", "n on 14 Oct 2024", FOOTNOTE)


def drawn_texts(figure):
    """Every text that shows, with its box in pixels."""
    renderer = figure.canvas.get_renderer()
    figure.draw(renderer)
    texts = [t for t in figure.findobj(match=lambda a: hasattr(a, "get_text")) if t.get_visible()]
    return [(t.get_text(), t.get_window_extent(renderer)) for t in texts if t.get_text().strip()]


@pytest.mark.parametrize("count", [1, 2, 8, 9, 25])
def test_no_text_is_cut_and_no_two_texts_overlap(count):
    figure = figure_of([row(k) for k in range(count)])
    texts = drawn_texts(figure)
    page = figure.bbox
    for text, box in texts:
        inside = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= page.x1 and box.y1 <= page.y1
        assert inside, text
    clash = [(a[0], b[0]) for a, b in combinations(texts, 2) if a[1].overlaps(b[1])]
    assert clash == []


def test_every_scenario_has_its_label_share_interval_and_verdict():
    rows = [row(k) for k in range(25)]
    words = [text for text, _ in drawn_texts(figure_of(rows))]
    for one in rows:
        assert one.label in [" ".join(text.split()) for text in words]
        for part in (one.estimate, one.interval, one.verdict.replace(", not", ",\nnot")):
            assert part in words
    assert FOOTNOTE in words


def test_a_label_of_any_length_takes_two_lines():
    label = "A scenario whose author wanted to say everything at once " * 3
    [shown] = [t for t, _ in drawn_texts(figure_of([row(0, label=label)])) if "author" in t]
    assert shown.count("\n") == 1 and shown.endswith("…")


def test_bars_in_the_band_are_coloured_and_as_high_as_their_share():
    figure = figure_of([row(3), row(7)])
    bars = [p for p in figure.axes[0].patches if 0.8 < p.get_width() < 0.9]
    heights = [round(abs(bar.get_height()), 6) for bar in bars]
    tallest = max(heights)
    assert 0.5 < tallest < 0.9  # of the row's height
    assert [h / tallest for h in heights[:9]] == pytest.approx([0, 0, 0, 1, 3 / 7, 0, 0, 0, 0])
    assert [to_hex(bar.get_facecolor()).upper() == BLUE for bar in bars[:9]] == [
        3 <= n <= 5 for n in range(9)
    ]


def test_the_files_repeat_byte_for_byte(tmp_path):
    for name in ("one", "two"):
        save(figure_of([row(k) for k in range(3)]), *(tmp_path / f"{name}.{e}" for e in
                                                      ("png", "svg")))  # fmt: skip
    for ending in ("png", "svg"):
        one, two = ((tmp_path / f"{name}.{ending}").read_bytes() for name in ("one", "two"))
        assert one == two and len(one) > 10_000


def test_a_letter_that_the_font_lacks_is_never_drawn_as_a_box():
    # matplotlib would warn of a missing glyph, and a warning is an error here
    words = [text for text, _ in drawn_texts(figure_of([row(0, label="基准"), row(1)]))]
    assert "scenario_0" in words and "基准" not in words
    assert drawable("基准", "策略") == "??"
    assert drawable("naïve – “ok” ≤", "x") == "naïve – “ok” ≤"


def test_a_wide_spread_keeps_its_numbers_apart():
    figure = figure_of([row(k, size=45) for k in range(3)], size=45)
    ticks = [box for text, box in drawn_texts(figure) if text.isdigit() and len(text) <= 2]
    ticks.sort(key=lambda box: box.x0)
    assert len(ticks) > 5
    assert all(not a.overlaps(b) for a, b in pairwise(ticks))
