"""Live pages for everybody: axe finds nothing serious, light or dark; at 200 %; by keys alone."""

import importlib.util
from pathlib import Path

import pytest
from test_class_lesson import CLAIM, fits, lesson, pages  # noqa: F401 (fixtures)
from test_explore_in_browser import address, until  # noqa: F401
from test_frozen_lesson import lesson as frozen  # noqa: F401

pytestmark = pytest.mark.browser
_RUN = """() => axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]})"""


@pytest.fixture(scope="module")
def serious():
    """serious(page) -> what axe finds serious or critical on it, light and dark."""
    found = importlib.util.find_spec("axe_playwright_python")
    if found is None:
        pytest.skip("axe-playwright-python is not installed (extra: test)")
    axe = (Path(found.origin).parent / "axe.min.js").read_text("utf-8")

    def look(page):
        faults = []
        page.emulate_media(reduced_motion="reduce")
        page.evaluate(axe)
        for theme in ("light", "dark"):
            page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
            page.wait_for_timeout(200)
            for one in page.evaluate(_RUN)["violations"]:
                if one["impact"] in ("serious", "critical"):
                    where = [
                        (node["html"][:120], node["failureSummary"][-160:])
                        for node in one["nodes"][:3]
                    ]
                    faults.append((theme, one["id"], where))
        page.evaluate("() => { document.documentElement.dataset.theme = 'light' }")
        return faults

    return look


def test_pages_of_a_class(lesson, pages, serious):  # noqa: F811
    teacher, screen = pages(lesson.teacher, "/"), pages(lesson.teacher, "/screen")
    phone = pages(lesson.phones, f"/?code={lesson.code}", 390, 780)
    teacher.wait_for_selector(".live svg")
    assert serious(phone) == []
    phone.locator("input").nth(1).fill("Maria")
    phone.locator("button.sure").click()
    for path, body in (("/ask", CLAIM), ("/step", {"to": "bet"})):
        lesson.lead(path, body)
    phone.wait_for_selector("#chance")
    screen.wait_for_selector(".count")
    for page in (teacher, screen, phone):
        assert serious(page) == []
    phone.locator("#chance").fill("40")
    phone.click("#sure")
    lesson.lead("/reveal", {})
    lesson.lead("/show", {"picture": "readings"})
    screen.wait_for_selector("main svg")
    phone.wait_for_selector(".verdict")
    for page in (teacher, screen, phone):
        assert serious(page) == []
    lesson.lead("/play", {"firm": "regulator", "question": "seed=3"})
    phone.click(".teams button >> nth=0")
    phone.wait_for_selector("#decide")
    for page in (teacher, screen, phone):
        assert serious(page) == []
    for page in (teacher, screen, phone):  # 200 %: half as many pixels of the page's own
        room = page.viewport_size
        page.set_viewport_size({"width": max(320, room["width"] // 2), "height": 400})
        assert fits(page)


def test_pages_for_one_person(address, opened, serious):  # noqa: F811
    page = opened(f"{address}?language=en")
    page.wait_for_selector(".charts:not(.busy) svg")
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert serious(page) == []
    page.set_viewport_size({"width": 640, "height": 400})
    assert fits(page)
    page.goto(f"{address}firm?firm=zhipu&q1=&language=zh")
    page.wait_for_selector("svg")
    assert serious(page) == [] and fits(page)
    page.keyboard.press("Tab")
    reached = set()
    for _ in range(16):  # by keys alone to all that can be done
        reached.add(page.evaluate("document.activeElement.id"))
        page.keyboard.press("Tab")
    assert {"choose-price", "choose-weights", "end"} <= reached


def test_a_lesson_in_one_file(frozen, opened, serious, tmp_path):  # noqa: F811
    file = tmp_path / "lesson.html"
    file.write_text(frozen.page, "utf-8")
    page = opened(file.as_uri(), 390, 780, bypass_csp=True)
    assert serious(page) == []
    page.locator("#chance").fill("40")
    page.click("#sure")
    assert serious(page) == [] and fits(page)
    page.set_viewport_size({"width": 320, "height": 400})
    assert fits(page)
