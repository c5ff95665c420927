"""Figures of paired differences and of lives: legible, nothing overlapping, the same every time."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from matplotlib.text import Text

from llm_market_sim.plots import LifeRow, PairedRow, endings, paired_differences, save
from llm_market_sim.plots import survival_curves as curves

NOTE = "\n".join(["200 worlds of 78 weeks, seed 1; a footnote as long as they are " * 3] * 3)


def drawn_texts(figure):
    """Every text that shows, with its box in pixels."""
    renderer = figure.canvas.get_renderer()
    figure.draw(renderer)
    texts = [one for one in figure.findobj(Text) if one.get_visible() and one.get_text().strip()]
    return [(one.get_text(), one.get_window_extent(renderer)) for one in texts]


def paired_row(k, size=1.0):
    differences = size * (np.sin(np.arange(80.0) * (k + 1)) + 0.3 * (k - 2))
    mean, half = float(differences.mean()), float(differences.std()) / 4
    lower, higher = int((differences < 0).sum()), int((differences > 0).sum())
    return PairedRow(
        label="Number of consumers using a product" if k % 2 else "Share of startups",
        unit="million USD/year", differences=differences, mean=mean, low=mean - half,
        high=mean + half, estimate=f"{mean:+.3g}", interval=f"{mean - half:.3g} to {mean:.3g}",
        lower=lower, same=80 - lower - higher, higher=higher,
    )  # fmt: skip


def life_row(k, label=None, weeks=78, rate=0.01):
    survival = np.exp(-rate * (1 + 0.1 * k) * np.arange(weeks + 1.0))
    gone = 1.0 - survival
    return LifeRow(
        label=label or f"faster_cluster_{k}", survival=survival, low=survival - 0.02,
        high=np.minimum(survival + 0.02, 1.0),
        alive=np.rint(20_000 * survival * np.linspace(1, 0.4, weeks + 1)),
        incidence=np.stack([0.5 * gone, 0.45 * gone, 0.05 * gone]),
    )  # fmt: skip


def figures():
    for count in (1, 5, 12):
        rows = [paired_row(k, 10.0 ** (k - 3)) for k in range(count)]
        yield (
            f"paired-{count}",
            lambda rows=rows: paired_differences(
                rows, "What changes from “A” to “B”", "Each dot is a world.\nLine: the mean.", NOTE
            ),
        )
    for count in (1, 3, 4, 6):
        rows = [life_row(k) for k in range(count)]
        ticks = range(0, 79, 13)
        yield (
            f"curves-{count}",
            lambda rows=rows, ticks=ticks: curves(
                rows, ticks, "How long firms last: 6 scenarios", "Share still there.", NOTE
            ),
        )
        yield (
            f"endings-{count}",
            lambda rows=rows, ticks=ticks: endings(
                rows,
                ["bought", "bankrupt", "closed"],
                ticks,
                "How firms end",
                "Share of firms.",
                NOTE,
            ),
        )
    long = [life_row(k, "a scenario with a very long name", rate=0.05) for k in range(3)]
    yield "curves-low-and-long", lambda: curves(long, range(0, 79, 13), "T", "S", NOTE)


FIGURES = dict(figures())


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_is_cut_and_no_two_texts_overlap(name):
    figure = FIGURES[name]()
    texts = drawn_texts(figure)
    page = figure.bbox
    for text, box in texts:
        inside = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= page.x1 and box.y1 <= page.y1
        assert inside, text
    clash = [(a[0], b[0]) for a, b in combinations(texts, 2) if a[1].overlaps(b[1])]
    assert clash == []


def test_every_world_is_a_dot_and_the_mean_a_line():
    row = paired_row(3)
    [axes] = paired_differences([row], "T", "S", NOTE).axes
    [dots] = axes.collections
    assert sorted(dots.get_offsets()[:, 0]) == pytest.approx(sorted(row.differences))
    assert row.mean in [line.get_xdata()[0] for line in axes.lines]
    left, right = axes.get_xlim()
    assert left == -right and right > abs(row.differences).max()


def test_curves_are_told_apart_without_colour_and_have_their_numbers():
    rows = [life_row(k) for k in range(6)]
    figure = curves(rows, [0, 26, 52, 78], "T", "S", NOTE)
    styles = {str(line._dash_pattern) for line in figure.axes[0].lines}
    assert len(styles) == 6
    words = [text for text, _ in drawn_texts(figure)]
    for row in rows:
        for week in (0, 26, 52, 78):
            assert f"{int(row.alive[week]):,}" in words
        assert f"{row.label}, {100 * row.survival[78]:.0f} %" in words


def test_a_curve_ends_where_nobody_is_watched():
    row = life_row(0)
    row.alive[60:] = 0
    figure = curves([row, life_row(1)], [0, 26, 52, 78], "T", "S", NOTE)
    assert figure.axes[0].lines[0].get_xdata()[-1] == 59


@pytest.mark.parametrize("name", ["paired-5", "curves-3", "endings-3"])
def test_the_files_repeat_byte_for_byte(tmp_path, name):
    for copy in ("one", "two"):
        save(FIGURES[name](), *(tmp_path / f"{copy}.{ending}" for ending in ("png", "svg")))
    for ending in ("png", "svg"):
        one, two = ((tmp_path / f"{copy}.{ending}").read_bytes() for copy in ("one", "two"))
        assert one == two and len(one) > 10_000
