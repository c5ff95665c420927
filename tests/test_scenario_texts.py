"""Texts of scenarios: in two languages, with sizes that come from the levers' table."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenario_files import TEXTS, mistakes, write

from llm_market_sim.scenario import load, texts
from llm_market_sim.scenario.texts import Effect, Passage, passage

FOUND = {
    "mine": {
        ("startup_share", 78): Effect(0.414, 0.352, -1.2),
        ("users_consumer", 37): Effect(93_200_000.0, 8_140_000.0, -3.0),
        ("best_startup", 37): Effect(24.312, 24.25, -0.4),
        ("g67", 78): Effect(4.0, 5.25, 1.0),
    }
}


@pytest.fixture(autouse=True)
def small_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(texts, "effects", lambda: FOUND)


@pytest.mark.parametrize(
    ("mark", "en", "zh"),
    [
        ("startup_share@78", "from 41 % to 35 %", "从41%变为35%"),
        ("users_consumer@37", "from 93.2 million to 8.14 million", "从9320万变为814万"),
        ("best_startup@37", "from 24.31 to 24.25", "从24.31变为24.25"),
        ("g67@78", "from 4 to 5.25", "从4变为5.25"),
    ],
)
def test_a_size_is_filled_in(mark: str, en: str, zh: str) -> None:
    words = {"en": f"It moves {{effect:{mark}}}, see.", "zh": f"变化（{{effect:{mark}}}）。"}
    assert passage(words, "mine") == Passage(f"It moves {en}, see.", "en")
    assert passage(words, "mine", "zh") == Passage(f"变化（{zh}）。", "zh")


def test_a_sentence_without_its_size_is_left_out() -> None:
    words = {
        "en": "Look here. It falls {effect:startup_share@78} by `a.b=1.5`.\nAnd then?",
        "zh": "看这里。它下降（{effect:startup_share@78}）。然后呢？",
    }  # fmt: skip
    assert passage(words, "other").text == "Look here. And then?"
    assert passage(words, "other", "zh").text == "看这里。然后呢？"
    assert passage("It falls {effect:startup_share@12}.", "mine").text == ""


def test_a_plain_text_is_english_in_every_language() -> None:
    scenario = load(write(x=TEXTS))
    assert scenario.about == {"en": "what"}
    assert passage(scenario.about, "x", "zh") == Passage("what", "en")
    assert passage("what", "x", "zh") == Passage("what", "en")  # as in older folders


def test_lines_of_chinese_are_joined_without_spaces() -> None:
    words = {
        "en": "a\n b",
        "zh": "先看\n  用户，再运行 `llm-market-sim\n  batch baseline`。\n\n完\n",
    }
    assert (
        passage(words, "x", "zh").text == "先看用户，再运行 `llm-market-sim batch baseline`。\n\n完"
    )


def test_a_text_of_ones_own_goes_with_no_other_language_of_the_parents() -> None:
    write(base=TEXTS.replace("about: what", "about: {en: what, zh: 什么}"))
    child = load(write(child="extends: base\nabout: {en: mine}\nhow: {en: h, zh: 怎}\n"))
    assert child.about == {"en": "mine"}
    assert (child.text("about", "zh"), child.text("how", "zh")) == ("mine", "怎")


@pytest.mark.parametrize(
    ("about", "told"),
    [
        ("7", 'x.yaml:2:8: about: 7 must be a text: write "7"'),
        ("{zh: 什么}", "x.yaml:2:8: about: is incomplete: en must be given too"),
        ("{en: a, fr: b}", "x.yaml:2:16: about.fr: no such parameter; allowed: en, zh"),
        ('{en: " "}', "x.yaml:2:13: about.en: is blank: write a text"),
        ('"falls {effect:startup_shares@78}."', "startup_shares"),
    ],
)
def test_a_mistake_in_a_text_is_shown_where_it_is(about: str, told: str) -> None:
    found = mistakes(write(x=TEXTS.replace("about: what", f"about: {about}")))
    assert len(found) == 1
    assert found[0].startswith(told) or told in found[0], found
