"""What figures say: both languages say everything, in letters that can be drawn."""

import re
from itertools import pairwise, product
from pathlib import Path
from typing import get_args

import pytest
import yaml
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib.font_manager import fontManager

from llm_market_sim import words
from llm_market_sim.claims import load_claims
from llm_market_sim.claims.verdict import Wording
from llm_market_sim.figures import lettering, style
from llm_market_sim.figures.lettering import balanced, drawable, width, wrap
from llm_market_sim.figures.marks import spread_apart
from llm_market_sim.market.codes import Segment
from llm_market_sim.market.observation import SERIES
from llm_market_sim.pages import words as pages
from llm_market_sim.scenario import data_folder
from llm_market_sim.summary.bands import EXITS, KINDS
from llm_market_sim.summary.said import estimate, number, texts
from llm_market_sim.summary.statistics import proportion
from llm_market_sim.words import LANGUAGES, date, month, percent

SOURCE = Path(__file__).parents[1] / "src" / "llm_market_sim" / "figures"


def holes(text):
    return sorted(re.findall(r"\{(\w+)\}", text))


def test_both_languages_say_the_same_with_the_same_values():
    assert [
        key for key, said in (*texts().items(), *pages.texts().items())
        if set(said) != set(LANGUAGES) or holes(said["en"]) != holes(said["zh"])
    ] == []  # fmt: skip
    assert all(all(said.values()) for said in pages.texts().values())
    drawn = [text for said in texts().values() for text in said.values()]
    assert [text for text in drawn if drawable(text) != text] == []


def test_everything_that_has_a_name_has_one_in_both_languages():
    names = {f"unit.{one.unit}" for one in SERIES.values()}
    names |= {f"segment.{one.name.lower()}" for one in Segment}
    names |= {f"kind.{one.name.lower()}" for one in KINDS} | {f"lives.{cause}" for cause in EXITS}
    names |= {f"verdict.{wording}" for wording in get_args(Wording)}
    assert names <= texts().keys()
    for label in [one.label for one in SERIES.values()]:
        assert set(label) == set(LANGUAGES) and drawable(label["zh"]) == label["zh"]


def test_every_key_that_the_code_names_exists():
    code = "".join(file.read_text("utf-8") for file in SOURCE.glob("*.py"))
    named = set(re.findall(r'say\(\s*"([\w. ]+)"', code))
    kinds = set(re.findall(r'words_of\("(\w+)"', code))
    named |= {f"{kind}.{part}" for kind in kinds for part in ("subtitle", "hint", "alt")}
    assert len(named) > 60 and named <= texts().keys()


def test_all_shipped_names_can_be_drawn():
    text = "".join(file.read_text("utf-8") for file in data_folder().rglob("*.yaml"))
    chinese = set(re.findall(r"[一-鿿]+", text))
    assert len(chinese) > 70 and [part for part in chinese if drawable(part) != part] == []


def test_the_fonts_have_common_chinese_and_their_licence():
    common = bytes(b for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)
                   for b in (row, cell)).decode("gb2312", "ignore")  # fmt: skip
    assert len(common) == 3755 and drawable(common) == common
    assert "SIL Open Font License" in (SOURCE / "fonts" / "OFL.txt").read_text("utf-8")


@pytest.fixture
def bare(monkeypatch):
    """Our fonts alone, on a machine that nobody was warned on."""
    monkeypatch.setattr(lettering, "_told", set())
    monkeypatch.setattr(lettering, "_other_fonts", list)
    lettering._other_family.cache_clear()
    yield
    lettering._other_family.cache_clear()


def test_a_letter_that_the_fonts_lack_is_drawn_in_latin_ones_and_told(bare):
    for text in ("基准", "naïve – “ok” ≤ μ*"):
        assert drawable(text, "x") == text
    readable = {
        ("𗼇", "strategy"): "strategy", ("𗼇", "𗟲"): "[U+177F2]", ("नमस्ते", ""): "namaste",
        ("홍길동 基准", ""): "honggildong 基准", ("🚀 Rocket", ""): "(rocket) Rocket",
        ("ไทย", "ปู 2"): "puu 2",
    }  # fmt: skip
    for (text, otherwise), drawn in readable.items():
        lettering._told.clear()
        with pytest.warns(UserWarning, match=f"no font here has {text[0]} .*{re.escape(drawn)}$"):
            assert drawable(text, otherwise) == drawn
        assert drawable(text, otherwise) == drawn  # and does not warn again


def test_another_font_of_the_machine_draws_what_ours_lack(bare, tmp_path, monkeypatch):
    pen = TTGlyphPen(None)
    for point in ((0, 0), (0, 700), (900, 700), (900, 0)):
        (pen.lineTo if pen.points else pen.moveTo)(point)
    pen.closePath()
    font = FontBuilder(1000)
    font.setupGlyphOrder([".notdef", "han"])
    font.setupCharacterMap({ord("한"): "han"})
    font.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "han": pen.glyph()})
    font.setupHorizontalMetrics({".notdef": (500, 0), "han": (900, 0)})
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": "A Font of Mine", "styleName": "Regular"})
    font.setupOS2()
    font.setupPost()
    font.save(tmp_path / "mine.ttf")
    monkeypatch.setattr(fontManager, "ttflist", [*fontManager.ttflist])
    fontManager.addfont(tmp_path / "mine.ttf")
    mine = [("A Font of Mine", str(tmp_path / "mine.ttf"))]
    monkeypatch.setattr(lettering, "_other_fonts", lambda: mine)
    assert drawable("한 1", "x") == "한 1"
    assert width("한", 72.0) == pytest.approx(0.9, abs=0.01)

    @style.drawing
    def drawn():
        figure = style.new_figure(1.0, 1.0)
        figure.text(0.1, 0.4, "한", size=40)
        return figure

    drawn().canvas.draw()  # matplotlib warns, which is an error here, where it has no glyph


def test_numbers():
    said = (
        (0.0, "0", "0"),
        (-0.0, "0", "0"),
        (46.0, "46", "46"),
        (0.1234, "0.123", "0.123"),
        (1234.5, "1,234", "1,234"),
        (-2.5e6, "−2.5 m", "−250万"),
        (121_400_000.0, "121 m", "1.21亿"),
        (3e9, "3 bn", "30亿"),
        (93_200_000.0, "93.2 m", "9,320万"),
    )
    assert [(x, number(x, "en"), number(x, "zh")) for x, *_ in said] == list(said)


def test_numbers_without_a_language():
    said = {
        0.0: "0", 3.0: "3", -2.5: "-2.5", 0.012345: "0.01235", 999.95: "1000", 1234.5: "1,234",
        1234567.0: "1,234,567", 1234567.8: "1.235 million", 2.5e7: "25 million",
        float("inf"): "never",
    }  # fmt: skip
    assert {value: words.number(value) for value in said} == said
    assert words.number(float("nan")) == "none" and words.number(0.012345, 3) == "0.0123"
    assert [words.signed(x) for x in (1234.5, 0.0, -0.25)] == ["+1,234", "0", "-0.25"]
    assert [words.p_value(p) for p in (0.0, 0.0123, 0.456)] == ["<0.001", "0.012", "0.46"]
    assert [words.listed(list(names)) for names in ("", "a", "ab", "abc")] == [
        "", "a", "a and b", "a, b and c",
    ]  # fmt: skip
    assert words.listed(["甲", "乙"], "zh") == "甲、乙"


def test_shares_and_dates():
    assert [words.points(x, 1) for x in (0.0, 1e-4, 0.351, 0.9999, 1.0, -1e-9)] == [
        "0.0", "<0.1", "35.1", ">99.9", "100.0", "0.0",
    ]  # fmt: skip
    assert [words.points(x, None) for x in (0.5, 0.05, 0.005, 1e-5, 0.995, 1.0)] == [
        "50", "5.0", "0.50", "0.0010", "99.50", "100",
    ]  # fmt: skip
    assert words.percents(0.001, 0.9) == "<1 to 90 %"
    assert [percent(x, "en") for x in (0.0, 0.001, 0.5, 0.999, 1.0)] == [
        "0 %", "<1 %", "50 %", ">99 %", "100 %",
    ]  # fmt: skip
    assert percent(0.726, "zh") == "73%"
    assert (date(78, "en"), date(78, "zh")) == ("14 Oct 2024", "2024年10月14日")
    assert (month(0, "en"), month(0, "zh")) == ("Apr 2023", "2023年4月")


def test_a_share_of_some_worlds_is_never_all_or_nothing():
    said = {
        (0, 200): "<1.5 %", (200, 200): ">98 %", (0, 100_000): "<0.003 %",
        (100_000, 100_000): ">99 %", (0, 1): "<100 %", (1, 1): ">0 %", (1, 400): "0.25 %",
        (399, 400): "99.8 %", (3, 4): "75 %",
    }  # fmt: skip
    assert {one: estimate(proportion(*one), "en") for one in said} == said
    chinese = {one: text.replace(" ", "") for one, text in said.items()}
    assert {one: estimate(proportion(*one), "zh") for one in said} == chinese


class TestLines:
    TEXT = "A sentence, in which words are of quite different lengths: a, incomprehensibility."
    ZH = "一个句子，其中没有空格，（括号）也有；百分数如25%不拆开。"

    def test_no_line_is_too_wide_and_nothing_is_lost(self):
        faults = []
        texts = (self.TEXT, self.ZH, f"{self.ZH}MiniMax and {self.ZH}")
        for text, inches in product(texts, (1.6, 2.5, 4.0)):
            lines = wrap(text, inches, 12).split("\n")
            if (
                len(lines) < 2
                or any(width(line, 12) > inches for line in lines)
                or "".join("".join(lines).split()) != "".join(text.split())
                or any(line[0] in "，。；：）%" or line[-1] in "（" for line in lines)
            ):
                faults.append((text, inches, lines))
        assert faults == []

    def test_what_has_no_room_ends_in_dots(self):
        cut = wrap(self.TEXT, 2.0, 12, most=2)
        assert cut.count("\n") == 1 and cut.endswith("…")
        assert all(width(line, 12) <= 2.0 for line in cut.split("\n"))

    def test_balanced_lines_are_no_more_and_no_stump_is_left(self):
        text = self.ZH * 2
        inches = 0.9 * width(text, 12, "bold")
        assert wrap(text, inches, 12, "bold").count("\n") == 1
        one, two = balanced(text, inches, 12, 3).split("\n")
        assert 0.5 < len(one) / len(two) < 2.0


def test_names_are_kept_apart_inside_and_in_order():
    for wanted in ([0.0] * 3, [1.0, 1.0, 0.99], [0.5, 0.5], [0.1, 0.9], [0.4] * 30, []):
        places = spread_apart(wanted, 0.1, 0.0, 1.0)
        least = min(0.1, 1.0 / max(1, len(wanted) - 1))
        in_order = pairwise(sorted(zip(wanted, places, strict=True)))
        assert all(-1e-9 <= y <= 1.0 + 1e-9 for y in places), wanted
        assert all(b - a >= least - 1e-9 for a, b in pairwise(sorted(places))), wanted
        assert all(a <= b for (w, a), (v, b) in in_order if w < v), wanted


def test_no_text_has_its_key_twice():
    files = [file.read_text("utf-8") for file in (SOURCE / "texts").glob("*.yaml")]
    keys = [node.value for text in files for node, _ in yaml.compose(text).value]
    assert len(keys) == len(set(keys)) == len(texts())


def test_a_shipped_claim_speaks_both_languages():
    for claim in load_claims():
        for said in (claim.said, claim.speaker, claim.place):
            assert bool(re.search("[一-鿿]", said["zh"])) and not re.search("[一-鿿]", said["en"])


def test_numbers_that_stand_together_are_written_in_one_unit():
    assert [number(x, "en", 1.39e6) for x in (361_215.0, 1.39e6)] == ["0.361 m", "1.39 m"]
    assert words.percents(0.1, 0.18, None) == "10 to 18 %"
    assert words.percents(0.762, 0.9911, None) == "76 to 99 %"
    assert words.percents(0.924, 0.9911, None) == "92.4 to 99.1 %"
    assert words.percents(0.0004, 0.5, None) == "<1 to 50 %"
    assert (
        words.percent(0.9, digits=None) == "90 %" and words.percent(0.95, digits=None) == "95.0 %"
    )
