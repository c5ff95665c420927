"""Figures of paired differences and of lives: legible, nothing overlapping, the same every time."""

import re
from dataclasses import replace

import numpy as np
import pytest
from drawn import by_turns, faults, texts, words
from matplotlib.collections import PolyCollection

from llm_market_sim import load
from llm_market_sim.cli.app import main
from llm_market_sim.experiments.comparison import OUTCOMES, Comparison, Outcome
from llm_market_sim.experiments.lives import CAUSES
from llm_market_sim.figures import LifeRow, Origin, alt_text, endings, paired_differences, save
from llm_market_sim.figures import survival_curves as curves
from llm_market_sim.market.observation import SERIES
from llm_market_sim.market.parameters import KINDS, ROUTES
from llm_market_sim.summary import said as said_by
from llm_market_sim.summary.statistics import paired

ORIGIN = Origin(80, 7)
WHERE = {"en": "Six scenarios with a long name", "zh": "名字相当长的六个情景"}
REMARKS = ["A remark that goes on for rather long. " * 3] * 3
TICKS = range(0, 79, 13)
BOTH = pytest.mark.parametrize("language", ["en", "zh"])


def outcome(k, name, size=1.0, worlds=80):
    before = np.full(worlds, 3.0)
    after = before + size * (np.sin(np.arange(float(worlds)) * (k + 1)) + 0.3 * (k - 2))
    pairs = paired(before, after)
    return Outcome(name, before, after, pairs, True, pairs.p_value)


def comparison(count, worlds=80):
    before, after = load("baseline"), load("faster_cluster_owner")
    found = [outcome(k, name, 10.0 ** (k - 3), worlds)
             for k, name in enumerate(list(OUTCOMES)[:count])]  # fmt: skip
    return Comparison(before, after, 78, tuple(found), (), (), ())


def life_row(k, label=None, weeks=78, rate=0.01):
    survival = np.exp(-rate * (1 + 0.1 * k) * np.arange(weeks + 1.0))
    gone = 1.0 - survival
    return LifeRow(
        label=label or {"en": f"Faster cluster {k}", "zh": f"更快的集群{k}"},
        survival=survival,
        low=survival - 0.02,
        high=np.minimum(survival + 0.02, 1.0),
        alive=np.rint(20_000 * survival * np.linspace(1, 0.4, weeks + 1)),
        incidence=np.stack([0.5 * gone, 0.45 * gone, 0.05 * gone]),
    )


LONG = {"en": "A scenario with a very long name", "zh": "一个名字非常非常长的情景，长到放不下"}
LOW = [life_row(k, LONG, rate=0.05) for k in range(3)]
ROWS = [life_row(k) for k in range(6)]
FIGURES = {
    **{f"paired-{n}": lambda la, n=n: paired_differences(comparison(n), ORIGIN, la)
       for n in (1, 5, 12)},
    **{f"curves-{n}": lambda la, n=n: curves(ROWS[:n], TICKS, WHERE, ORIGIN, la, REMARKS)
       for n in (1, 3, 4, 6)},
    **{f"endings-{n}": lambda la, n=n: endings(ROWS[:n], TICKS, WHERE, ORIGIN, la, REMARKS)
       for n in (1, 3, 4, 6)},
    "curves-low": lambda la: curves(LOW, TICKS, WHERE, ORIGIN, la),
    "endings-low": lambda la: endings(LOW, TICKS, WHERE, ORIGIN, la),
}  # fmt: skip


@by_turns("name", FIGURES)
def test_no_text_is_cut_and_no_two_texts_overlap(name, language):
    figure = FIGURES[name](language)
    assert faults(figure) == []
    assert alt_text(figure) and "{" not in alt_text(figure) + " ".join(words(figure))
    sizes = sorted(size for _, _, size in texts(figure))
    assert sizes[0] < 11 <= sizes[1]  # only the small print is smaller


def test_everything_that_these_figures_name_has_words():
    units = {SERIES[name].unit.removeprefix("million ") for name in OUTCOMES}
    named = {f"paired.unit.{unit}" for unit in units}
    named |= {f"life.{one}" for one in (*CAUSES, *KINDS, *ROUTES, "all", "entrants", "incumbents")}
    assert named <= said_by.texts().keys()


def upright(axes):
    """The whiskers of axes: (place, low, high)."""
    lines = [line for line in axes.lines if line.get_marker() == "_"]
    return [(line.get_xdata()[0], *line.get_ydata()) for line in lines]


def test_every_world_is_a_dot_and_the_mean_has_its_interval_as_a_whisker():
    found = comparison(4)
    figure = paired_differences(found, ORIGIN)
    for one, axes in zip(found.outcomes, figure.axes[1:], strict=True):
        dots = next(line for line in axes.lines if len(line.get_xdata()) == 80)
        assert sorted(dots.get_xdata()) == pytest.approx(sorted(one.after - one.before))
        [ends] = [line.get_xdata() for line in axes.lines if line.get_marker() == "|"]
        assert list(ends) == [one.pairs.low, one.pairs.high]
        assert [one.pairs.mean] in [list(np.atleast_1d(line.get_xdata())) for line in axes.lines]
        left, right = axes.get_xlim()
        assert left == -right and right > abs(one.after - one.before).max()


def test_the_title_names_what_moved_one_way_in_most_worlds_or_that_nothing_did():
    found = comparison(5)
    steady = outcome(0, "hhi")
    steady = replace(steady, after=steady.before - 1.0)
    steady = replace(steady, pairs=paired(steady.before, steady.after), adjusted=0.0)
    figure = paired_differences(replace(found, outcomes=(*found.outcomes, steady)), ORIGIN)
    said = " ".join(words(figure))
    assert "“Concentration of the market (Herfindahl index)” changes most, lower in >96 %" in said
    unsure = tuple(replace(one, adjusted=0.5) for one in found.outcomes)
    figure = paired_differences(replace(found, outcomes=unsure), ORIGIN)
    assert "no outcome moves by more than luck" in " ".join(words(figure))


def test_many_worlds_are_not_all_drawn_and_the_figure_says_so():
    figure = paired_differences(comparison(1, 700), Origin(700, 1))
    assert "a world (500 drawn)" in words(figure)
    assert 500 in [len(line.get_xdata()) for line in figure.axes[1].lines]


def test_curves_are_told_apart_without_colour_and_have_their_numbers():
    figure = curves(ROWS, [0, 26, 52, 78], WHERE, ORIGIN)
    steps = [line for line in figure.axes[1].lines if len(line.get_xdata()) == 79]
    assert len({str(line._dash_pattern) for line in steps}) == 6
    said = words(figure)
    for row in ROWS:
        for week in (0, 26, 52, 78):
            assert f"{int(row.alive[week]):,}" in said
        assert f"{row.label['en']} {100 * row.survival[78]:.0f} %" in said


def test_how_sure_a_curve_is_is_a_whisker_and_never_a_band():
    figure = curves(ROWS[:2], [0, 26, 52, 78], WHERE, ORIGIN)
    axes = figure.axes[1]
    assert [c for c in axes.collections if isinstance(c, PolyCollection)] == []
    drawn = upright(axes)
    wanted = [(row.low[week], row.high[week]) for row in ROWS[:2] for week in (26, 52, 78)]
    assert [ends[1:] for ends in drawn] == wanted
    assert len({place for place, *_ in drawn}) == 6  # beside each other


def test_a_curve_ends_where_nobody_is_watched():
    row = life_row(0)
    row.alive[60:] = 0
    figure = curves([row, life_row(1)], [0, 26, 52, 78], WHERE, ORIGIN)
    assert figure.axes[1].lines[0].get_xdata()[-1] == 59


@pytest.mark.parametrize("name", ["paired-5", "curves-3", "endings-3"])
def test_the_files_repeat_byte_for_byte(tmp_path, name):
    for copy in ("one", "two"):
        save(FIGURES[name]("zh"), *(tmp_path / f"{copy}.{ending}" for ending in ("png", "svg")))
    for ending in ("png", "svg"):
        one, two = ((tmp_path / f"{copy}.{ending}").read_bytes() for copy in ("one", "two"))
        assert one == two and len(one) > 10_000


SMALL = ("-n", "12", "--seed", "5", "--set", "horizon_weeks=40", "--set",
         "population.pool_firms=10")  # fmt: skip


@pytest.mark.parametrize(
    ("command", "figures"),
    [
        (("compare", "baseline", "no_review"), ["differences"]),
        (("survival", "baseline"), ["survival", "exits"]),
        (
            ("claims", "--claim", "hundred_by_december", "--definitions"),
            ["definitions_hundred_by_december"],
        ),
    ],
)
def test_the_commands_draw_in_the_language_that_is_asked_for(tmp_path, capsys, command, figures):
    ask = [*command, *SMALL, "-j", "1", "--language", "zh"]
    assert main([*ask, "--out", str(tmp_path / "out")]) == 0
    capsys.readouterr()
    for figure in figures:
        text = (tmp_path / "out" / f"{figure}.svg").read_text("utf-8")
        assert re.search("<dc:description>[^<]*[一-鿿]{4}", text)
