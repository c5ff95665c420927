"""The SolaraViz page, in a real browser: it draws, steps, plays, and obeys its sliders."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of a solara server that shows the page."""
    for module, where in (("solara", "extra: viz"), ("playwright", "extra: test")):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed ({where})")
    if not CHROMIUM:
        pytest.skip("no chromium on this machine")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "solara",
            "run",
            "llm_market_sim.mesa.page",
            "--no-open",
            "--production",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
        ],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert server.poll() is None, server.communicate()[0]
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.communicate(timeout=20)


def test_the_page_steps_plays_and_obeys_its_sliders(address: str, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1400, "height": 850})
        page.set_default_timeout(60_000)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)

        def shows(text: str) -> None:
            page.get_by_text(re.compile(text)).first.wait_for()

        def at_week(week: int) -> None:
            shows(rf"^(Step: {week}|Time: {week}\.0)$")  # Mesa 3.3, Mesa 3.5

        at_week(0)
        shows("in world 0, 17 Apr 2023")
        page.get_by_role("button", name="Step").click()
        at_week(1)
        shows("in world 0, 24 Apr 2023")
        page.get_by_role("button", name="▶").click()
        shows(r"^(Step|Time): ([4-9]|\d\d)")  # it may skip some when the machine is busy
        page.get_by_role("button", name="❚❚").click()
        page.locator(".v-slider__thumb-container").last.focus()
        page.keyboard.press("ArrowRight")
        page.get_by_role("button", name="Reset").click()
        at_week(0)
        shows("in world 1, 17 Apr 2023")
        page.get_by_role("button", name="Step").click()
        at_week(1)
        page.screenshot(path=os.environ.get("PAGE_SHOT", tmp_path / "page.png"))
        assert page.get_by_text("error").count() == 0
        assert errors == []
        browser.close()
