"""The live page as a person meets it: one command, a browser, both languages, a phone, keys."""

import json
import os
import re
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import pytest

from llm_market_sim.words import LANGUAGES

pytestmark = pytest.mark.browser

BOTH = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where the page is served, from an empty folder."""
    server = subprocess.Popen(
        [sys.executable, "-m", "llm_market_sim", "explore", "--no-open", "--port", "8350"],
        cwd=tmp_path_factory.mktemp("empty"),
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        said = ""
        for line in server.stdout:
            said += line
            if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
                yield found.group()
                break
        else:
            raise AssertionError(said)
    finally:
        server.terminate()
        server.communicate(timeout=20)


@pytest.fixture
def shown(opened, address):
    """shown(query, width) -> a page whose answer is whole; nothing is asked of anybody else."""

    def show(query, width=1280, height=720):
        page = opened(f"{address}?{query}", width, height)
        whole(page)
        return page

    yield show
    assert opened.strangers(address) == opened.said == opened.faults == []


def until(page, wanted, arg=None):
    """Wait for something to be true; the page's own rules forbid Playwright's way to do so."""
    for _ in range(600):
        if page.evaluate(wanted, arg):
            return
        page.wait_for_timeout(100)
    raise AssertionError(wanted)


def whole(page):
    """Wait until all worlds are there."""
    until(
        page,
        """() => document.querySelector('.charts:not(.busy) svg') &&
        /256.*256/.test(document.querySelector('.key').textContent)""",
    )


CHANGED = "text => document.querySelector('.said').textContent !== text"


def link_of(page):
    return {key: value[0] for key, value in parse_qs(urlsplit(page.url).query).items()}


@BOTH
def test_a_slider_is_turned_with_keys_and_the_picture_follows(shown, language):
    page = shown(f"language={language}")
    assert page.evaluate("document.documentElement.lang")[:2] == language
    before = page.locator(".said").inner_text()
    assert page.locator(".pair").inner_text().count("256") == 1  # no world differs from itself
    slider = page.locator("[data-path='users.foreign_access'] input")
    slider.focus()
    page.keyboard.press("End")
    until(page, CHANGED, before)
    whole(page)
    assert link_of(page)["users.foreign_access"] == "1"
    assert "256" in page.locator(".pair").inner_text()
    assert slider.get_attribute("aria-valuetext") in ("100\u00a0%", "100%")
    for picture in page.locator(".charts svg").all():
        assert len(picture.get_attribute("aria-label")) > 20


@BOTH
def test_until_the_first_answer_the_headline_says_to_wait(shown, language):
    page = shown(f"language={language}")
    page.route("**/answers*", lambda route: None)  # an answer that never comes
    page.reload()
    until(page, "() => document.querySelector('.said')")
    assert page.locator(".said").inner_text() == {"en": "One moment …", "zh": "请稍候……"}[language]
    page.unroute_all(behavior="ignoreErrors")


@BOTH
def test_a_copied_link_brings_the_same_question_back(shown, language):
    asked = "preset=funding_winter&seed=3&event.winter=20&users.inertia=1.2&outcome=startup_share"
    page = shown(f"{asked}&language={language}")
    said, there = page.locator(".said").inner_text(), link_of(page)
    again = shown(urlsplit(page.url).query)
    assert again.locator(".said").inner_text() == said and link_of(again) == there
    assert there["event.winter"] == "20" and there["users.inertia"] == "1.2"
    assert again.locator("[data-path='users.inertia'].moved").count() == 1


@BOTH
def test_a_world_that_changed_is_told_before_and_after(shown, language):
    page = shown(f"preset=strict_review&language={language}")
    page.locator(".rest button", has_text="→").first.click()
    columns = page.locator(".two ol")
    columns.nth(1).wait_for()
    first = columns.nth(0).locator("li").first
    assert first.get_attribute("class") == "same"  # all begin on the same Monday
    assert columns.nth(1).locator("li:not(.same)").count() > 2


def test_a_definition_is_chosen_on_the_same_worlds(shown):
    page = shown("language=en")
    before = page.locator(".said").inner_text()
    page.get_by_label("least share").select_option("0.01")
    until(page, CHANGED, before)
    whole(page)
    assert link_of(page)["theta"] == "0.01"
    assert page.locator(".charts svg").count() == 1


def test_a_parameter_is_found_and_put_away(shown):
    page = shown("language=en")
    page.get_by_role("button", name="Put away: Licence review").click()
    page.get_by_role("searchbox").fill("marketing share")
    page.locator("ul.plain button").first.click()
    page.locator("[data-path='users.marketing_share']").wait_for()
    page.get_by_role("searchbox").fill("inertia")
    page.locator("ul.plain button").first.click()
    page.get_by_text("6 sliders at a time").wait_for()


def test_an_event_is_added_moved_and_taken_out(shown):
    page = shown("language=en")
    page.get_by_label("Add an event").select_option("export_rule")
    until(page, "location.search.includes('event.export_rule=26')")
    page.get_by_label("Export rule: no more cards: begins").fill("3")
    until(page, "location.search.includes('event.export_rule=3')")
    page.locator(".knob.moved").get_by_role("button", name="Take out").click()
    until(page, "!location.search.includes('export_rule')")


@BOTH
def test_a_picture_is_taken_along_with_its_provenance(shown, language, tmp_path):
    page = shown(f"preset=strict_review&language={language}")
    with page.expect_download() as png:
        page.locator(".rest .row button").nth(-2).click()
    png.value.save_as(tmp_path / "picture.png")
    data = (tmp_path / "picture.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(data[16:20]) == 2560 and len(data) > 50_000
    with page.expect_download() as kept:
        page.get_by_role("link", name="JSON").click()
    kept.value.save_as(tmp_path / "worlds.json")
    found = json.loads((tmp_path / "worlds.json").read_text("utf-8"))
    assert found["question"].startswith("preset=strict_review&seed=1&version=")
    assert len(found["worlds"]) == 256


@BOTH
@pytest.mark.parametrize("width", [390, 640])
def test_a_phone_never_scrolls_sideways(shown, language, width):
    page = shown(f"preset=strict_review&language={language}", width, 800)
    page.locator(".rest button", has_text="→").first.click()
    page.locator(".two ol").nth(1).wait_for()
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_everything_has_a_name_and_the_dark_page_is_dark(shown):
    page = shown("language=en")
    unnamed = page.evaluate(
        "[...document.querySelectorAll('button, select, input, a, svg[role=img]')].filter(one => !("
        "one.getAttribute('aria-label') || one.textContent.trim() || (one.labels || []).length"
        ")).map(one => one.outerHTML)"
    )
    assert unnamed == []
    page.get_by_role("button", name="Dark").click()
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", light))) < 40


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        ("event.giants_enter=9", "presence"),
        ("preset=strict_reviw", '"strict_review"'),
        ("users.qualty_weight=1", '"users.quality_weight"'),
    ],
)
def test_a_link_with_a_mistake_says_so(opened, address, mistake, said):
    page = opened(f"{address}?{mistake}&language=en")
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert said in alert.inner_text()
    if not mistake.startswith("event"):  # what is not known is left out from the next move on
        page.locator("input[type=range]").first.press("ArrowRight")
        alert.wait_for(state="hidden")


@BOTH
def test_a_firm_is_run_as_homework_and_the_link_hands_it_in(opened, address, language):
    page = opened(f"{address}firm?seed=4&firm=zhipu&language={language}", 390, 800)
    page.select_option("#choose-price", "free")
    for quarter in (1, 2):
        page.locator("#end").focus()
        page.keyboard.press("Enter")
        until(page, f"location.search.includes('q{quarter}=')")
    page.locator("svg").nth(1).wait_for()
    assert link_of(page)["q2"] == "price.free"  # as last quarter
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    told = page.locator("table").inner_text()
    again = opened(page.url, 390, 800)  # by the teacher
    again.locator("svg").nth(1).wait_for()
    assert again.locator("table").inner_text() == told
    if shots := os.environ.get("PAGE_SHOTS"):
        page.screenshot(path=f"{shots}/alone_{language}.png", full_page=True)
        again.set_viewport_size({"width": 1280, "height": 720})
        again.wait_for_timeout(1500)
        again.screenshot(path=f"{shots}/alone_wide_{language}.png")
    again.goto(f"{address}firm?firm=zhipo&language={language}")
    again.get_by_role("alert").wait_for()
    assert [one for one in opened.said if "400" not in one] == opened.faults == []
