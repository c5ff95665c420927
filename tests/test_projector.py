"""Every figure for a projector: 16:9, letters of 24 points and more, few rows, no small print."""

import numpy as np
import pytest
from drawn import by_turns, faults, texts
from PIL import Image

from llm_market_sim import load, open_results
from llm_market_sim.claims import load_claims
from llm_market_sim.claims.outcome import read_outcome
from llm_market_sim.cli.app import main
from llm_market_sim.experiments.levers import OUTCOMES, WEEKS
from llm_market_sim.experiments.sweep import Row, Sweep, points_of, read_turned
from llm_market_sim.figures import Origin, gallery, lever_map, levers_chart, projector, sweep_chart
from llm_market_sim.figures.style import LEAST, SHEET
from llm_market_sim.summary.statistics import proportion

BOTH = pytest.mark.parametrize("language", ["en", "zh"])
NAMES = (
    "baseline strict_review price_war no_review funding_winter cheap_compute chip_squeeze "
    "faster_cluster_owner"
).split()
SETS = ["population.stealth_firms=3", "population.pool_firms=4"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """6 worlds of eight scenarios: one more than fit."""
    out = tmp_path_factory.mktemp("projector") / "kept"
    sets = [word for one in SETS for word in ("--set", one)]
    assert main(["batch", *NAMES, "-n", "6", "-j", "1", "--out", str(out), *sets]) == 0
    return out


def check(figure):
    """All that a page for a projector promises."""
    assert tuple(figure.get_size_inches()) == pytest.approx(SHEET)
    small = [(text, size) for text, _, size in texts(figure) if size < LEAST]
    assert small == []
    assert faults(figure) == []
    said = " ".join(text for text, _, _ in texts(figure))
    assert "llm-market-sim" not in said  # no small print
    return said


@by_turns("name", gallery.FIGURES)
def test_every_figure_of_the_gallery(folder, name, language):
    with projector():
        figure = gallery.draw(open_results(folder), name, language=language)
    said = check(figure)
    labels = [load(one).label[language] for one in NAMES]
    if gallery.FIGURES[name].of == "all" and name not in ("headline", "claims"):
        assert sum(label in said.replace("\n", " ") for label in labels) == 7
    assert figure.get_label()  # said to those who cannot see it


@BOTH
def test_levers_and_their_map(language):
    draw = np.random.default_rng(1)
    labels = {name: load(name).label for name in NAMES}
    sizes = {
        name: {(o, w): float(draw.normal()) for o in OUTCOMES for w in WEEKS} for name in NAMES
    }
    origin = Origin(6, 1, load("baseline").label)
    with projector():
        check(levers_chart(labels, sizes, list(OUTCOMES), WEEKS, origin, language))
        cells = {(o, w): draw.normal(size=(6, 6)) for o in ("platforms", "revenue") for w in WEEKS}
        check(
            lever_map(
                [0.5, 1, 1.5, 2, 3, 4],
                [4, 6, 12, 20, 34, 52],
                cells,
                (1, 1),
                ("platforms", "revenue"),
                WEEKS,
                origin,
                language,
            )
        )


@BOTH
@pytest.mark.parametrize(
    "turned",
    [
        ["hype.spread=0.1,0.2,0.3,0.4"],
        ["regulation.review_delay_weeks=6,26", "hype.spread=0.1,0.4"],
    ],
)
def test_a_sweep(turned, language):
    through = read_turned(turned)
    draw = np.random.default_rng(1)
    rows = [
        Row(point, draw.normal(size=20), proportion(9, 20), None, None)
        for point in points_of("baseline", [], through)
    ]
    [claim] = load_claims(["three_to_five_survive"])
    found = Sweep(through, read_outcome("revenue"), claim, 78, tuple(rows))
    values = [tuple(map(str, row.point.values or ("9", "9"))) for row in rows]
    with projector():
        check(sweep_chart(found, values, Origin(20, 1), language))


def test_the_command_writes_pictures_of_1920_by_1080_under_their_own_name(folder, tmp_path):
    words = ["plot", str(folder), "fan", "survivors", "--projector", "--format", "png"]
    assert main([*words, "--out", str(tmp_path)]) == 0
    names = ["fan_general_developers_baseline_projector.png", "survivors_projector.png"]
    assert sorted(one.name for one in tmp_path.iterdir()) == names
    for one in names:
        with Image.open(tmp_path / one) as picture:
            assert picture.size == (1920, 1080)


def test_it_ends_with_the_command(folder, tmp_path):
    test_the_command_writes_pictures_of_1920_by_1080_under_their_own_name(folder, tmp_path)
    figure = gallery.draw(open_results(folder), "fan")
    assert figure.get_figwidth() == 12.0 and min(size for _, _, size in texts(figure)) < LEAST
