"""Figures at their extremes: nothing cut, nothing overlapping, in both languages."""

import re
from itertools import pairwise

import matplotlib
import numpy as np
import pytest
from drawn import by_turns, faults, texts, words
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex

from llm_market_sim import __version__
from llm_market_sim.claims import judge, load_claims
from llm_market_sim.experiments.morris import Screening
from llm_market_sim.experiments.sensitivity import LUCK, Drivers
from llm_market_sim.experiments.sobol import Indices
from llm_market_sim.figures import (
    Happening,
    Origin,
    alt_text,
    claim_matrix,
    concentration_chart,
    drivers_chart,
    fan_chart,
    lives_chart,
    money_chart,
    race_chart,
    save,
    share_chart,
)
from llm_market_sim.summary.bands import Concentration, Fan, Lives, MarketShares, Money, Race, fan
from llm_market_sim.summary.statistics import QUANTILES

LONG = {"en": "A firm with quite a long name indeed", "zh": "一家名字相当相当长的人工智能公司"}
ORIGIN = Origin(200, 7, {"en": "A scenario", "zh": "某情景"}, definition="a long one " * 20)
BOTH = pytest.mark.parametrize("language", ["en", "zh"])


def quantiles(end, weeks, start=0.0, spread=0.3):
    """From a start to an end, (Q, T + 1)."""
    middle = np.linspace(start, end, weeks)
    return middle * (1.0 + spread * (np.array(QUANTILES)[:, None] - 0.5))


def fan_of(worlds, weeks, name="general_developers"):
    rng = np.random.default_rng(1)
    values = 40.0 + np.cumsum(rng.integers(-2, 3, (worlds, weeks)), axis=1)
    return fan(name, np.arange(weeks), values)


def shares_of(firms, weeks=79):
    rows = np.full((firms + 1, weeks), 1.0 / (firms + 1))
    names = tuple({"en": f"{LONG['en']} {k}", "zh": f"{k}{LONG['zh']}"} for k in range(firms))
    return MarketShares(np.arange(weeks), 0, names, rows, rows[::-1])


def race_of(weeks, licences=2.0):
    granted = np.where(np.arange(weeks) % 4 == 3, licences, 0.0)
    return Race(
        np.arange(weeks),
        quantiles(26.3, weeks, 25.0, 0.0),
        quantiles(26.25, weeks, 23.7, 0.01),
        quantiles(26.2, weeks, 23.7, 0.0),
        granted,
        np.full(5, 70.0),
    )


def lives_of(weeks, end=40.0):
    rise = quantiles(70, weeks, 40)
    exits = np.linspace(0.0, 1.0, weeks) * np.array([[10.0], [10.0], [0.0]])
    return Lives(np.arange(weeks), quantiles(end, weeks, 60), rise, rise, exits)


def money_of(scale):
    flow = np.stack([quantiles(scale * k, 5) for k in (1.0, 1.0, 1.01)], axis=1)
    return Money(np.linspace(0, 78, 5), flow, -flow)


def concentration_of(weeks=79):
    hhi = np.stack([quantiles(0.1 + 0.2 * k, weeks, 1.0) for k in range(4)])
    return Concentration(
        np.arange(weeks),
        hhi,
        np.minimum(1.0, 2 * hhi),
        (LONG,) * 4,
        (50,) * 4,
        np.array([0.1, 0.2, 0.3, 0.4]),
    )


def found_of(count, method):
    size = np.linspace(1.0, 0.0, count)
    names = tuple(f"section.a_parameter_with_a_long_name_{k}" for k in range(count))
    if method == "morris":
        result = Screening(size, 0.3 * size, size, size / 2, np.full(count, 0.5))
        return Drivers(names, result, 100, 1000, 0.5)
    result = Indices(size / 2 - 0.1, 0.2 * size, size, 0.2 * size)
    return Drivers((*names[:-1], LUCK), result, 100, 1000, 0.5)


def matrix_of(scenarios, claims, language, worlds=200):
    [claim] = load_claims(["three_to_five_survive"])
    rng = np.random.default_rng(1)
    labels = {f"s{k}": {"en": f"A scenario with a long name {k}", "zh": f"名字很长的情景之{k}"}
              for k in range(scenarios)}  # fmt: skip
    heads = {f"c{k}": {"en": "A sentence that somebody said", "zh": "某人说过的一句话"}
             for k in range(claims)}  # fmt: skip
    verdicts = [
        judge(claim.model_copy(update={"id": c}), s,
              None if (a + b) % 7 == 6 else rng.integers(0, 8, worlds))
        for a, s in enumerate(labels) for b, c in enumerate(heads)
    ]  # fmt: skip
    return verdicts, claim_matrix(verdicts, labels, heads, Origin(worlds, 1), language)


HAPPENINGS = [
    Happening("Something happens that takes a sentence to say, and then another one. " * k,
              9.0 * k - 5.0, float("inf") if k % 2 else 9.0 * k)
    for k in range(1, 10)
]  # fmt: skip

CASES = {
    "fan": lambda la: fan_chart(fan_of(200, 79), ORIGIN, la),
    "one world": lambda la: fan_chart(fan_of(1, 79), ORIGIN, la),
    "one week": lambda la: fan_chart(fan_of(20, 2), ORIGIN, la),
    "ten years": lambda la: fan_chart(fan_of(20, 521, "users_consumer"), ORIGIN, la),
    "shares": lambda la: fan_chart(
        Fan("top_share", np.arange(9), quantiles(0.4, 9), np.ones((1, 9)) / 3, np.array([0.3, 0.5]),
            np.array([1.0])), ORIGIN, la),
    "timeline": lambda la: fan_chart(fan_of(50, 79), ORIGIN, la, HAPPENINGS),
    "seven firms": lambda la: share_chart(shares_of(7), ORIGIN, la),
    "no firm": lambda la: share_chart(shares_of(0), ORIGIN, la),
    "race": lambda la: race_chart(race_of(79), ORIGIN, la),
    "no licence": lambda la: race_chart(race_of(9, 0.0), ORIGIN, la),
    "shake-out": lambda la: lives_chart(lives_of(79), ORIGIN, la),
    "no shake-out": lambda la: lives_chart(lives_of(261, 99.0), ORIGIN, la),
    "money": lambda la: money_chart(money_of(1e5), ORIGIN, la),
    "gain": lambda la: money_chart(money_of(-1e3), ORIGIN, la),
    "no money": lambda la: money_chart(money_of(0.0), ORIGIN, la),
    "concentration": lambda la: concentration_chart(concentration_of(), ORIGIN, la),
    **{f"{n} by {method}": lambda la, n=n, method=method: drivers_chart(
        found_of(n, method), ORIGIN, "What is asked, at some length?", language=la)
       for n in (2, 60) for method in ("morris", "sobol")},
    **{f"{s} by {c}": lambda la, s=s, c=c: matrix_of(s, c, la)[1]
       for s, c in ((1, 1), (25, 4), (9, 14))},
}  # fmt: skip


@by_turns("case", CASES)
def test_no_text_is_cut_and_no_two_texts_overlap(case, language):
    figure = CASES[case](language)
    assert faults(figure) == []
    said = " ".join(words(figure))
    assert __version__ in said and ("7" in said or "1" in said)
    assert alt_text(figure) and "{" not in alt_text(figure) + said
    chinese = re.findall("[一-鿿]", alt_text(figure))
    assert bool(chinese) == (language == "zh")


def test_an_assumption_that_cannot_be_told_from_nothing_gets_no_headline():
    names = ("a.b", "c.d", LUCK)
    for margin, said in ((0.05, "c.d explains most: 20 %"), (0.5, "can be told apart from 0")):
        result = Indices(np.array([0.1, 0.2, 0.6]), np.full(3, margin), np.ones(3), np.zeros(3))
        figure = drivers_chart(Drivers(names, result, 9, 9, 0.5), ORIGIN, "?")
        assert said in " ".join(words(figure)) and said in alt_text(figure)
    screen = Screening(np.array([0.3, 0.2]), *np.zeros((3, 2)), np.array([0.4, 0.1]))
    figure = drivers_chart(Drivers(names[:2], screen, 9, 9, 0.5), ORIGIN, "?")
    said = " ".join(words(figure))
    assert (
        "c.d moves the answer most: by 20 points" in said and "1 of 2 assumptions move it" in said
    )
    screen = Screening(np.array([0.3, 0.2]), *np.zeros((3, 2)), np.array([0.4, 0.4]))
    figure = drivers_chart(Drivers(names[:2], screen, 9, 9, 0.5), ORIGIN, "?")
    assert "None of the 2 assumptions" in " ".join(words(figure))


@BOTH
def test_the_main_texts_can_be_read_from_the_last_row(language):
    for case in ("fan", "race", "25 by 4", "60 by morris"):
        figure = CASES[case](language)
        assert figure.get_figwidth() == 12.0
        sizes = sorted(size for _, _, size in texts(figure))
        assert sizes[0] < 11 <= sizes[1]  # only the small print is smaller


def test_a_fan_shows_the_first_ten_worlds_and_the_last_week():
    values = np.arange(40.0)[:, None] + np.arange(5.0)
    figure = fan_chart(fan("general_developers", np.arange(5), values), ORIGIN)
    axes, edge = figure.axes[1:3]
    thin = [line for line in axes.lines if line.get_linewidth() < 1.0]
    assert [line.get_ydata()[0] for line in thin] == list(range(10))
    bars = [(bar.get_y() + 0.5, bar.get_width()) for bar in edge.patches]
    assert bars == [(4.0 + k, 1 / 40) for k in range(40)]
    assert "between 6 and 41" in alt_text(figure)


def test_events_are_bars_as_long_as_they_last():
    events = [Happening("a", 10.0, 20.0), Happening("b", -5.0, 30.0), Happening("c", 70.0, 99.0),
              Happening("d", 99.0, float("inf"))]  # fmt: skip
    strip = fan_chart(fan_of(9, 79), ORIGIN, "en", events).axes[3]
    bars = [(bar.get_x(), bar.get_width()) for bar in strip.patches]
    assert bars == [(10.0, 10.0), (0.0, 30.0), (70.0, 8.0), (78.0, 0.0)]
    assert [line.get_xdata()[0] for line in strip.lines] == [10.0, 70.0]  # a beginning that shows


def test_spread_is_a_band_and_uncertainty_a_whisker_with_caps():
    def bands(figure):
        return [c for a in figure.axes[1:] for c in a.collections if isinstance(c, PolyCollection)]

    def whiskers(figure):
        lines = [line for axes in figure.axes[1:] for line in axes.lines]
        return [tuple(line.get_xdata()) for line in lines if line.get_marker() == "|"
                and len(line.get_xdata()) == 2]  # fmt: skip

    for case in ("fan", "race", "shake-out", "money", "concentration"):
        assert len(bands(CASES[case]("en"))) >= 2 and whiskers(CASES[case]("en")) == []
    assert bands(CASES["60 by morris"]("en")) == []
    assert len(whiskers(CASES["60 by morris"]("en"))) == 60
    assert len(whiskers(CASES["60 by sobol"]("en"))) == 120
    verdicts, figure = matrix_of(3, 2, "en")
    held = [one.held for one in verdicts if one.held is not None]
    widths = sorted((b - a) for a, b in whiskers(figure))
    ratio = widths[-1] / max(one.high - one.low for one in held)
    assert widths == pytest.approx(sorted(ratio * (one.high - one.low) for one in held))


def test_lines_are_told_apart_without_colour():
    for case in ("race", "money", "shake-out"):
        for axes in CASES[case]("en").axes[1:]:
            thick = [line for line in axes.lines if line.get_linewidth() == 2.6]
            styles = {str(line._dash_pattern) for line in thick}
            assert len(styles) == len(thick)


def test_stacked_areas_differ_from_their_neighbours_without_colour():
    areas = share_chart(shares_of(7), ORIGIN).axes[0].collections
    looks = [(area.get_hatch(), to_hex(area.get_facecolor()[0])) for area in areas]
    assert len(set(looks)) == 8
    assert all(a[0] != b[0] for a, b in pairwise(looks[:7]))


def test_verdicts_have_a_marker_of_their_own():
    verdicts, figure = matrix_of(9, 4, "en")
    marks = [line.get_marker() for line in figure.axes[1].lines]
    for wording, mark in (("holds", "o"), ("fails", "s"), ("undecided", "D")):
        assert marks.count(mark) == sum(one.wording == wording for one in verdicts)
    assert words(figure).count("not reached") == sum(one.held is None for one in verdicts) > 0


@BOTH
def test_a_name_is_drawn_in_its_language(language):
    names = ({"en": "Baidu", "zh": "百度"}, {"en": "Ant", "zh": "蚂蚁集团"})
    rows = np.array([[0.5, 0.5], [0.3, 0.3], [0.2, 0.2]])
    figure = share_chart(MarketShares(np.arange(2), 3, names, rows, rows), ORIGIN, language)
    said = " ".join(words(figure))
    for name in names:
        assert name[language] in said and name["zh" if language == "en" else "en"] not in said


def test_a_name_without_letters_falls_back_to_the_other(monkeypatch):
    names = ({"en": "Tangut", "zh": "𗼇𗟲"},)  # no font of ours has Tangut
    rows = np.array([[0.5, 0.5], [0.5, 0.5]])
    monkeypatch.setattr("llm_market_sim.figures.lettering._told", set())
    with pytest.warns(UserWarning, match="no font here has 𗼇 .*drawn instead: Tangut"):
        figure = share_chart(MarketShares(np.arange(2), 0, names, rows, rows), ORIGIN, "zh")
    assert "Tangut" in " ".join(words(figure))


def test_no_matplotlibrc_changes_a_figure(tmp_path):
    theirs = {
        "font.size": 22, "savefig.bbox": "tight", "savefig.transparent": True, "figure.dpi": 50,
        "axes.grid": True, "axes.facecolor": "red", "lines.linewidth": 9, "xtick.direction": "in",
        "lines.antialiased": False, "text.antialiased": False, "axes.labelcolor": "green",
        "svg.fonttype": "none", "patch.linewidth": 5, "legend.frameon": True, "hatch.color": "red",
        "path.simplify_threshold": 1.0, "axes.unicode_minus": False, "pdf.compression": 0,
    }  # fmt: skip
    for place, given in (("ours", {}), ("theirs", theirs)):
        (tmp_path / place).mkdir()
        with matplotlib.rc_context(given):
            figure = CASES["timeline"]("en")
            save(figure, *(tmp_path / place / f"a.{one}" for one in ("png", "svg", "pdf")))
    for file in (tmp_path / "ours").iterdir():
        assert file.read_bytes() == (tmp_path / "theirs" / file.name).read_bytes(), file.name


def test_what_is_assumed_is_counted_and_marked_apart():
    [open_claim] = load_claims(["three_to_five_survive"])
    claims = {one: open_claim.model_copy(update={"id": one, "status": status})
              for one, status in (("a", "emergent"), ("b", "input"))}  # fmt: skip
    worlds = {"s": np.full(40, 4), "t": np.arange(40) % 2 * 4}
    verdicts = [judge(claim, name, x) for name, x in worlds.items() for claim in claims.values()]
    labels = {one: {"en": one, "zh": one} for one in (*worlds, *claims)}
    for language, counted, key in (
        ("en", "1 are open, 2 are not tested", "assumed or fitted, not tested"),
        ("zh", "1格未定，2格不检验", "属于假设或已据以校准，不检验"),
    ):
        figure = claim_matrix(
            verdicts,
            {one: labels[one] for one in worlds},
            {one: labels[one] for one in claims},
            Origin(40, 1),
            language,
        )
        said = words(figure)
        assert any(one.endswith(counted) for one in said) and key in said
        assert [line.get_marker() for line in figure.axes[1].lines].count("^") == 2
    _, figure = matrix_of(3, 3, "en")  # nothing is assumed, and nothing is said of it
    assert "not tested" not in " ".join(words(figure))


def fingerprint(figure, columns=20, rows=12):
    """Which parts of a page are darker than most: a bit each, coarse enough for any machine."""
    figure.draw(figure.canvas.get_renderer())
    grey = np.asarray(figure.canvas.buffer_rgba())[..., :3].mean(axis=2)
    high, wide = (size // n for size, n in zip(grey.shape, (rows, columns), strict=True))
    cells = grey[: high * rows, : wide * columns].reshape(rows, high, columns, wide).mean((1, 3))
    return (cells < np.median(cells)).ravel()


PICTURES = {
    "fan": "0x1ffff0ffce04000c00008403fc7fffe7fffe40ffc00008400005ad68ffffe",
    "race": "0x1ffffcffff84003c005ee48f000780078000400007f5f07fff05ebd07fffe",
    "25 by 4": "0x17ffe00666e3aaec1e26e32aee12ae432eee12aee3aaee3228e3faee10000",
}


@pytest.mark.parametrize("case", ["fan", "race", "25 by 4"])
def test_the_picture_is_the_one_that_was_looked_at(case):
    seen = np.array([int(bit) for bit in bin(int(PICTURES[case], 16))[3:]], dtype=bool)
    assert np.mean(fingerprint(CASES[case]("en")) != seen) < 0.06
