"""The survivors' figure: everything legible, nothing overlapping, the same file every time."""

from itertools import pairwise

import pytest
from drawn import faults, texts, words
from matplotlib.colors import to_hex

from llm_market_sim.figures import Origin, SurvivorRow, survivors
from llm_market_sim.figures.style import BLUE
from llm_market_sim.summary.said import estimate
from llm_market_sim.summary.statistics import proportion

VERDICTS = ("holds", "fails", "undecided", "assumed, not tested")
ORIGIN = Origin(400, 1, definition="a definition that goes on for rather long " * 9)
BOTH = pytest.mark.parametrize("language", ["en", "zh"])


def row(k, label=None, size=9):
    shares = [0.0] * size
    shares[k % size], shares[(k + 1) % size] = 0.7, 0.3
    return SurvivorRow(
        label=label or {"en": f"A scenario with a long name {k}", "zh": f"名字很长的情景之{k}"},
        shares=shares,
        held=proportion(0 if k == 1 else 400 if k == 2 else 40 + 11 * k, 400),
        verdict=VERDICTS[k % 4],
    )


def figure_of(rows, size=9, language="en"):
    band = [3 <= n <= 5 for n in range(size)]
    return survivors(rows, band, "Three to five are left.", "3 <= n <= 5", 78, ORIGIN, language)


@BOTH
@pytest.mark.parametrize("count", [1, 2, 8, 9, 25])
def test_no_text_is_cut_and_no_two_texts_overlap(count, language):
    assert faults(figure_of([row(k) for k in range(count)], language=language)) == []


def test_every_scenario_has_its_label_share_interval_and_verdict():
    rows = [row(k) for k in range(25)]
    said = words(figure_of(rows))
    for one in rows:
        for part in (
            one.label["en"],
            estimate(one.held, "en"),
            one.held.interval.replace(" to ", "–"),
        ):
            assert part in said
        assert one.verdict in said
    assert any(ORIGIN.definition.strip() in text for text in said)
    assert "3 ≤ n ≤ 5" in " ".join(said) and "14 Oct 2024" in " ".join(said)


def test_a_chinese_figure_speaks_chinese():
    said = words(figure_of([row(k) for k in range(4)], language="zh"))
    for part in ("成立", "不成立", "未定", "属于假设，不检验", "名字很长的情景之3"):
        assert part in [text.replace(" ", "") for text in said]


@pytest.mark.parametrize("word", ["Everything at once, and more of it, ", "Donaudampfschifffahrt"])
def test_a_label_of_any_length_takes_two_lines(word):
    label = {"en": word * 9, "zh": "一"}
    figure = figure_of([row(0, label=label), row(1)])
    [shown] = [text for text, _, _ in texts(figure) if word[:6] in text]
    assert shown.count("\n") == 1 and shown.endswith("…")
    assert faults(figure) == []


def test_bars_in_the_band_are_coloured_and_as_high_as_their_share():
    figure = figure_of([row(3), row(7)])
    bars = [p for p in figure.axes[1].patches if 0.8 < p.get_width() < 0.9]
    heights = [round(abs(bar.get_height()), 6) for bar in bars]
    tallest = max(heights)
    assert 0.5 < tallest < 0.9  # of the row's height
    assert [h / tallest for h in heights[:9]] == pytest.approx([0, 0, 0, 1, 3 / 7, 0, 0, 0, 0])
    assert [to_hex(bar.get_facecolor()).upper() == BLUE for bar in bars[:9]] == [
        3 <= n <= 5 for n in range(9)
    ]


def test_a_wide_spread_keeps_its_numbers_apart():
    figure = figure_of([row(k, size=45) for k in range(3)], size=45)
    ticks = [box for text, box, _ in texts(figure) if text.isdigit() and len(text) <= 2]
    ticks.sort(key=lambda box: box.x0)
    assert len(ticks) > 5
    assert all(not a.overlaps(b) for a, b in pairwise(ticks))
