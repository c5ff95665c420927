"""The teaching package says what the class sees, in both languages, in letters that can be read."""

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest
from matplotlib.text import Text
from programs import load_program

from llm_market_sim.classroom import bets
from llm_market_sim.classroom.teacher import whom
from llm_market_sim.market.observation import SERIES

ROOT = Path(__file__).parents[1]


teaching = load_program(ROOT / "docs" / "teaching.py")
PAGES = teaching.pages()
ENGLISH = [page for page in PAGES if teaching.language_of(page) == "en"]
LESSONS = [
    (f"{one}{end}.md", lang)
    for one in teaching.LESSONS
    for end, lang in (("", "en"), (".zh", "zh"))
]


def keys(page):
    return re.findall(r"<!--=(\w.+?)-->", page.read_text("utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_numbers_are_what_the_worlds_say(page):
    text = page.read_text("utf-8")
    assert teaching.render(text, teaching.language_of(page)) == text, "run: make slides"


@pytest.mark.parametrize("page", ENGLISH, ids=lambda page: page.stem)
def test_chinese_has_the_same_numbers_figures_and_commands(page):
    other = page.with_name(f"{page.stem}.zh.md")
    texts = [one.read_text("utf-8") for one in (page, other)]
    numbers = [
        sorted(key for key in keys(one) if not key.startswith("said")) for one in (page, other)
    ]
    assert numbers[0] == numbers[1]
    for pattern in (r"<!-- figure: (.+?) -->", r"<!-- lines: (\d) -->", r"^### ", r"^\| \d+ \|"):
        found = [re.findall(pattern, text, re.MULTILINE) for text in texts]
        assert found[0] == found[1], pattern
    commands = [
        {re.sub(" --language zh", "", one) for one in re.findall(r"`(llm-[^`]+)`", text)}
        for text in texts
    ]
    assert commands[0] == commands[1]


def on_screen(language):
    """What the pages of the class say."""
    folder = files("llm_market_sim.classroom") / "texts"
    said = set()
    for name in (f"{language}.json", f"class_{language}.json"):
        said |= set(json.loads((folder / name).read_text("utf-8")).values())
    said |= {one.label[language] for one in SERIES.values()}
    said |= {whom()["regulator"][language]}
    return said | {bets.said_of(name)[language] for name in bets.bettable()}


@pytest.mark.parametrize(("name", "language"), LESSONS)
def test_what_a_script_calls_by_its_name_is_on_the_screen(name, language):
    text = (teaching.HERE / name).read_text("utf-8")
    rows = re.findall(r"^\| \d+ \|(.+?) \|", text, re.MULTILINE)
    named = [teaching.plain(one) for row in rows for one in re.findall(r"\*([^*]+)\*", row)]
    words = [one for one in named if not re.search(r"\d", one)]
    assert len(words) > 3 and [one for one in words if one not in on_screen(language)] == []


@pytest.mark.parametrize(("name", "language"), LESSONS)
def test_a_slide_can_be_read_from_the_last_row(name, language):
    text = (teaching.HERE / name).read_text("utf-8")
    shown = list(teaching.slides_of(text, language))
    assert len(shown) >= 6 and sum(bool(figure) for *_, figure in shown) >= 2
    for title, points, lines, figure in shown:
        page = teaching.slide(title, points, lines, figure, language)
        wide, high = page.get_size_inches()
        assert wide / high == pytest.approx(16 / 9)
        page.canvas.draw()
        for one in page.findobj(Text):
            if one.get_text().strip() and one.get_visible():
                box = one.get_window_extent()
                assert one.get_fontsize() >= teaching.LEAST, (title, one.get_text())
                assert box.x0 >= 0 and box.y0 >= 0, (title, one.get_text())
                assert box.x1 <= page.bbox.x1 and box.y1 <= page.bbox.y1, (title, one.get_text())


@pytest.mark.parametrize(("name", "language"), LESSONS)
def test_a_worksheet_is_one_page(name, language):
    text = (teaching.HERE / name).read_text("utf-8")
    assert len(list(teaching.sheets(text, "A title", language))) == 1


def test_a_glossary_has_twenty_words():
    for name in ("glossary.md", "glossary.zh.md"):
        rows = re.findall(r"^\| (?!---)", (teaching.HERE / name).read_text("utf-8"), re.MULTILINE)
        assert len(rows) == 1 + 20


def test_an_unknown_key_is_an_error():
    with pytest.raises(KeyError):
        teaching.value("claims three_to_five_survive", "en")
