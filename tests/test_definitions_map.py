"""The heat map of definitions: every cell in its place, legible, the default outlined."""

from itertools import product

import numpy as np
import pytest
from drawn import by_turns, faults, words
from matplotlib.patches import Rectangle
from samples import claim

from llm_market_sim.claims import MAIN, load_claims, multiverse
from llm_market_sim.cli.definitions import print_definitions, summary
from llm_market_sim.figures import Choice, DefinitionPanel, Origin, alt_text, definitions_map
from llm_market_sim.figures.gallery.of_definitions import definitions_figure
from llm_market_sim.summary.said import texts
from llm_market_sim.summary.statistics import proportion

LONG = "A sentence that somebody said about the market and that goes on for rather long. " * 3
ORIGIN = Origin(400, 1, {"en": "Baseline", "zh": "基准"}, definition=LONG * 2)
BOTH = pytest.mark.parametrize("language", ["en", "zh"])
WORDS = ["a review takes a year and every incident half a year", "no licence is needed by anybody"]
SHAPES = {
    "three to five": (4, [("group backers", ["no", "yes"]),
                          ("theta", ["0.01", "0.03", "0.05", "0.1"])],
                      [("own model", ["any", "required"]),
                       ("share", ["composite", "consumer", "two segments", "any segment"])]),
    "interventions": (3, [("of", ["best", "median"]), ("to", ["gpt4", "frontier"])],
                      [("intervention", WORDS * 2)]),
    "five segments": (2, [("share", ["composite", "consumer", "developer", "enterprise",
                                     "public"])],
                      [("intervention", WORDS)]),
    "weeks only": (1, [("week", ["37", "52", "78"])], []),
    "two cells": (1, [("week", ["78"])], [("to", ["shown", "licensed"])]),
}  # fmt: skip


def choices(told):
    return [Choice(name, values) for name, values in told]


def figure_of(shape, language="en"):
    panels, across, down = SHAPES[shape]
    size = (int(np.prod([len(v) for _, v in down])), int(np.prod([len(v) for _, v in across])))
    shares = np.linspace(0.0, 1.0, size[0] * size[1]).reshape(size)
    undecided = np.abs(shares - 0.5) < 0.1
    texts = [[f"{100 * share:.0f}" for share in row] for row in shares]
    made = [
        DefinitionPanel(None if panels == 1 else 78 + k, shares, texts, undecided,
                        (size[0] - 1, 0) if k == 0 else None)
        for k in range(panels)
    ]  # fmt: skip
    return definitions_map(made, choices(across), choices(down), LONG, LONG[:90], ORIGIN, language,
                           [LONG])  # fmt: skip


@BOTH
@pytest.mark.parametrize("shape", SHAPES)
def test_no_text_is_cut_and_no_two_texts_overlap(shape, language):
    figure = figure_of(shape, language)
    assert faults(figure) == []
    assert LONG[:40] in alt_text(figure) and "{" not in alt_text(figure) + " ".join(words(figure))


@by_turns("one", load_claims())
def test_every_shipped_claim_has_a_map(one, language):
    figure = definitions_figure(answered(one, 400, 260), ORIGIN, language)
    assert faults(figure) == []


def test_params_and_their_values_have_words_in_both_languages():
    """Those of the main claim; where a new metric has none yet, the code's own words stand."""
    [one] = load_claims([MAIN])
    assert {f"choice.{name}" for name in one.variants} <= texts().keys()
    for values in one.variants.values():
        spoken = [v for v in values if isinstance(v, str)]
        assert {f"value.{value}" for value in spoken} <= texts().keys()


def patches(axes, **wanted):
    found = [p for p in axes.patches if isinstance(p, Rectangle)]
    return [p for p in found if all(getattr(p, f"get_{k}")() == v for k, v in wanted.items())]


def test_cells_are_where_they_belong_and_undecided_ones_are_hatched():
    figure = figure_of("three to five")
    axes = figure.axes[1]  # the first one is the key
    for i, j in product(range(8), range(8)):
        share = (8 * i + j) / 63
        [box] = [p for p in patches(axes, fill=True) if p.get_xy() == (j, i)]
        assert bool(box.get_hatch()) == (abs(share - 0.5) < 0.1)
        dark = 1.0 - np.mean(box.get_facecolor()[:3])
        assert dark == pytest.approx(0.02 + 0.7 * share, abs=0.12)  # also in black and white
    assert {p.get_xy() for p in patches(axes, fill=False)} == {(0, 7)}
    assert patches(figure.axes[2], fill=False) == []


def answered(one, worlds=40, until=78):
    """Planted: the k-th definition holds in k worlds."""
    variants = one.variants_all()
    values = {
        v.measurement.name: np.where(np.arange(worlds) < k, 0.0, 9.0)
        for k, v in enumerate(variants) if v.measurement.week <= until
    }  # fmt: skip
    return multiverse(one, "baseline", variants, values)


def test_a_figure_shows_each_definition_once_and_one_panel_a_week():
    one = claim(
        horizon_week=78,
        horizon_variants=[52, 104],
        variants={"theta": [0.01, 0.05, 0.1], "share": ["composite", "any_segment"]},
    )
    found = answered(one)
    figure = definitions_figure(found, ORIGIN)
    panels = figure.axes[1:-1]
    assert [axes.get_title(loc="left")[:7] for axes in panels] == ["week 52", "week 78"]
    for axes, week in zip(panels, (52, 78), strict=True):
        for i, share in enumerate(("composite", "any_segment")):
            for j, theta in enumerate((0.01, 0.05, 0.1)):
                [answer] = [a for a in found.reached if a.week == week
                            and a.choices == {"theta": theta, "share": share}]  # fmt: skip
                [shown] = [
                    t.get_text() for t in axes.texts if t.get_position() == (j + 0.5, i + 0.5)
                ]
                assert shown == answer.verdict.held.short
    said = " ".join(words(figure))
    assert "Few are left." in said and "seed 1" in said and "the share runs from" in said
    assert "Beyond the end of the run: 6 more readings, of weeks 104" in said and "x < 4" in said


def test_too_many_definitions_leave_the_last_choice_at_its_default():
    one = claim(
        horizon_week=78,
        horizon_variants=[26, 52],
        variants={
            "theta": [k / 100 for k in range(1, 30)],
            "own_model": ["any", "required"],
            "group_backers": [False, True],
        },
    )
    figure = definitions_figure(answered(one, 900), ORIGIN)
    cells = sum(len(patches(axes, fill=True)) for axes in figure.axes[1:-1])
    said = " ".join(words(figure))
    assert cells == 29 * 2 * 3
    assert "In all cells: backer and its firms count once is no." in said


def test_one_definition_is_no_figure():
    assert definitions_figure(answered(claim(horizon_week=78)), ORIGIN) is None
    assert summary(answered(claim(horizon_week=78))) == "It has one definition."


def test_a_summary_counts_and_names_the_ends(capsys):
    theta = [0.01, 0.05, 0.1, 0.2]
    one = claim(horizon_week=78, horizon_variants=[104, 156], variants={"theta": theta})
    found = answered(one)
    held = [a.verdict.held.hits for a in found.reached]
    assert len(held) == 4 and held[0] == 0
    assert summary(found) == (
        f"Over 4 definitions the share runs from below 7.5 % to {100 * max(held) / 40:.0f} %; "
        "0 hold, 4 fail, 0 undecided. Not reached: 8 more, of weeks 104 and 156."
    )
    print_definitions(found)
    assert "[<7.5]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("hits", "worlds", "shown"),
    [
        (0, 400, "<0.75"),
        (0, 100, "<3"),
        (100, 100, ">97"),
        (2500, 2500, ">99"),
        (41, 100, "41"),
        (1, 400, "0.25"),
        (399, 400, "99.8"),
        (9, 2000, "0.45"),
    ],
)
def test_a_cell_is_short_and_never_claims_certainty(hits, worlds, shown):
    assert proportion(hits, worlds).short == shown
