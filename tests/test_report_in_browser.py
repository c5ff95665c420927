"""The report and the handout in a real browser: offline, on a screen, on a phone and on paper."""

import re

import pytest
from conftest import CHROMIUM
from test_report import call, folder, pages  # noqa: F401 (fixtures)

from llm_market_sim.words import LANGUAGES

pytestmark = pytest.mark.browser

BOTH = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture
def shown(opened):
    """shown(file, width) -> a page, without a network; at the end nothing was asked of one."""
    yield lambda file, *size: opened(file.as_uri(), *size, offline=True)
    assert opened.strangers("file:") == opened.said == opened.faults == []


@BOTH
def test_every_figure_is_seen_and_has_a_name(shown, pages, language):  # noqa: F811
    page = shown(pages[f"report_{language}"])
    captions = page.locator("figcaption").all_inner_texts()
    assert len(captions) > 5
    for caption in captions:
        figure = page.get_by_role("img", name=caption, exact=True)
        figure.scroll_into_view_if_needed()
        box = figure.bounding_box()
        assert box["width"] > 600 and box["height"] > 200
    assert page.locator("details[open]").count() == 0
    page.locator("details.chapter summary").first.click()
    assert page.locator("details.chapter table").first.is_visible()


@BOTH
@pytest.mark.parametrize("name", ["report", "handout", "handout_notes"])
def test_a_phone_never_scrolls_sideways(shown, pages, name, language):  # noqa: F811
    stem = f"handout_{language}_notes" if name == "handout_notes" else f"{name}_{language}"
    page = shown(pages[stem], 390, 800)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_chinese_letters_come_with_the_page(shown, pages):  # noqa: F811
    page = shown(pages["report_zh"])
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check("
                         "'16px \"Market Sans SC\"', '市场'))")  # fmt: skip
    loaded = page.evaluate("[...document.fonts].filter(one => one.status == 'loaded').length")
    assert loaded == 2
    assert "@font-face" not in pages["handout_en"].read_text("utf-8")


@BOTH
def test_no_sheet_is_fuller_than_its_page(shown, pages, language):  # noqa: F811
    page = shown(pages[f"handout_{language}"], 800, 1100)
    page.emulate_media(media="print")
    sizes = page.locator(".sheet").evaluate_all(
        "sheets => sheets.map(one => [one.scrollHeight, one.clientHeight])"
    )
    assert len(sizes) == 2 and all(needed <= there + 1 for needed, there in sizes)
    heights = page.locator("figure svg").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert min(heights) > 150


@BOTH
def test_on_paper_the_handout_has_two_pages(folder, tmp_path, language, monkeypatch):  # noqa: F811
    if not CHROMIUM:
        pytest.skip("no chromium on this machine")
    monkeypatch.setenv("CHROME_PATH", CHROMIUM)
    for command in ("handout", "report"):
        file = tmp_path / f"{command}.html"
        assert call(command, folder, "--language", language, "--pdf", "--out", file) == 0
    sizes = {
        file.stem: len(re.findall(rb"/Type\s*/Page\b", file.read_bytes()))
        for file in tmp_path.glob("*.pdf")
    }
    assert sizes["handout"] == 2
    assert 1 <= sizes["handout_notes"] <= 8 and sizes["report"] > 8
