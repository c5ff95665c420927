"""What figures say: both languages say everything, in letters that can be drawn."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest
import yaml

from llm_market_sim.claims import load_claims
from llm_market_sim.claims.verdict import Wording
from llm_market_sim.figures.lettering import balanced, drawable, width, wrap
from llm_market_sim.figures.marks import spread_apart
from llm_market_sim.figures.words import LANGUAGES, date, estimate, month, number, percent, texts
from llm_market_sim.market.codes import Segment
from llm_market_sim.market.observation import SERIES
from llm_market_sim.scenario import data_folder
from llm_market_sim.summary.bands import EXITS, KINDS
from llm_market_sim.summary.statistics import proportion

SOURCE = Path(__file__).parents[1] / "src" / "llm_market_sim" / "figures"


def holes(text):
    return sorted(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("key", texts())
def test_both_languages_say_the_same_with_the_same_values(key):
    said = texts()[key]
    assert set(said) == set(LANGUAGES)
    assert holes(said["en"]) == holes(said["zh"])
    for text in said.values():
        assert drawable(text) == text


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


@pytest.mark.parametrize("file", sorted(data_folder().rglob("*.yaml")), ids=lambda f: f.name)
def test_all_shipped_names_can_be_drawn(file):
    chinese = re.findall(r"[一-鿿]+", file.read_text("utf-8"))
    assert [part for part in chinese if drawable(part) != part] == []


def test_the_fonts_have_common_chinese_and_their_licence():
    common = bytes(b for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)
                   for b in (row, cell)).decode("gb2312", "ignore")  # fmt: skip
    assert len(common) == 3755 and drawable(common) == common
    assert "SIL Open Font License" in (SOURCE / "fonts" / "OFL.txt").read_text("utf-8")


def test_a_letter_that_the_fonts_lack_is_never_drawn_as_a_box():
    assert drawable("基准", "strategy") == "基准"
    assert drawable("𗼇", "strategy") == "strategy"
    assert drawable("𗼇", "𗟲") == "?"
    assert drawable("naïve – “ok” ≤ μ*", "x") == "naïve – “ok” ≤ μ*"


@pytest.mark.parametrize(
    ("value", "en", "zh"),
    [
        (0.0, "0", "0"),
        (-0.0, "0", "0"),
        (46.0, "46", "46"),
        (0.1234, "0.123", "0.123"),
        (1234.5, "1,234", "1,234"),
        (-2.5e6, "−2.5 m", "−250万"),
        (121_400_000.0, "121 m", "1.21亿"),
        (3e9, "3 bn", "30亿"),
        (93_200_000.0, "93.2 m", "9,320万"),
    ],
)
def test_numbers(value, en, zh):
    assert (number(value, "en"), number(value, "zh")) == (en, zh)


def test_shares_and_dates():
    assert [percent(x, "en") for x in (0.0, 0.001, 0.5, 0.999, 1.0)] == [
        "0 %", "<1 %", "50 %", ">99 %", "100 %",
    ]  # fmt: skip
    assert percent(0.726, "zh") == "73%"
    assert (date(78, "en"), date(78, "zh")) == ("14 Oct 2024", "2024年10月14日")
    assert (month(0, "en"), month(0, "zh")) == ("Apr 2023", "2023年4月")


@pytest.mark.parametrize(
    ("hits", "worlds", "said"),
    [
        (0, 200, "<2 %"), (200, 200, ">98 %"), (0, 100_000, "<1 %"), (100_000, 100_000, ">99 %"),
        (0, 1, "<100 %"), (1, 1, ">0 %"), (1, 400, "<1 %"), (399, 400, ">99 %"), (3, 4, "75 %"),
    ],
)  # fmt: skip
def test_a_share_of_some_worlds_is_never_all_or_nothing(hits, worlds, said):
    assert estimate(proportion(hits, worlds), "en") == said
    assert estimate(proportion(hits, worlds), "zh") == said.replace(" ", "")


class TestLines:
    TEXT = "A sentence, in which words are of quite different lengths: a, incomprehensibility."
    ZH = "一个句子，其中没有空格，（括号）也有；百分数如25%不拆开。"

    @pytest.mark.parametrize("text", [TEXT, ZH, f"{ZH}MiniMax and {ZH}"])
    @pytest.mark.parametrize("inches", [1.6, 2.5, 4.0])
    def test_no_line_is_too_wide_and_nothing_is_lost(self, text, inches):
        lines = wrap(text, inches, 12).split("\n")
        assert all(width(line, 12) <= inches for line in lines)
        assert "".join("".join(lines).split()) == "".join(text.split())
        assert len(lines) > 1
        for line in lines:
            assert line[0] not in "，。；：）%" and line[-1] not in "（"

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


@pytest.mark.parametrize(
    "wanted", [[0.0, 0.0, 0.0], [1.0, 1.0, 0.99], [0.5, 0.5], [0.1, 0.9], [0.4] * 30, []]
)
def test_names_are_kept_apart_inside_and_in_order(wanted):
    places = spread_apart(wanted, 0.1, 0.0, 1.0)
    assert all(-1e-9 <= y <= 1.0 + 1e-9 for y in places)
    least = min(0.1, 1.0 / max(1, len(wanted) - 1))
    assert all(b - a >= least - 1e-9 for a, b in pairwise(sorted(places)))
    assert all(a <= b for (w, a), (v, b) in pairwise(sorted(zip(wanted, places, strict=True)))
               if w < v)  # fmt: skip


def test_no_text_has_its_key_twice():
    files = [file.read_text("utf-8") for file in (SOURCE / "texts").glob("*.yaml")]
    keys = [node.value for text in files for node, _ in yaml.compose(text).value]
    assert len(keys) == len(set(keys)) == len(texts())


def test_a_shipped_claim_speaks_both_languages():
    for claim in load_claims():
        for said in (claim.said, claim.speaker, claim.place):
            assert bool(re.search("[一-鿿]", said["zh"])) and not re.search("[一-鿿]", said["en"])
