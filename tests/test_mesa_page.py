"""The example of a page by Mesa's SolaraViz: it draws, steps, plays, and obeys its sliders."""

from __future__ import annotations

import importlib.util
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of a solara server that shows the page."""
    if importlib.util.find_spec("solara") is None:
        pytest.skip("solara is not installed (extra: viz)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = f"--no-open --production --host 127.0.0.1 --port {port}".split()
    server = subprocess.Popen(
        [sys.executable, "-m", "solara", "run", "experiments/one_world.py", *options],
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


def test_the_page_steps_plays_and_obeys_its_sliders(address: str, opened: Any) -> None:
    page = opened(address, 1400, 850)

    def at_week(first: str) -> None:
        found = re.compile(rf"^(Step: {first}|Time: {first}\.0)$")  # Mesa 3.3, Mesa 3.5
        page.get_by_text(found).first.wait_for()

    at_week("0")
    page.locator("img, svg").nth(1).wait_for()  # both charts
    page.get_by_role("button", name="Step").click()
    at_week("1")
    page.get_by_role("button", name="▶").click()
    at_week(r"([4-9]|\d\d)")  # it may skip some when the machine is busy
    page.get_by_role("button", name="❚❚").click()
    page.locator(".v-slider__thumb-container").first.focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Reset").click()
    at_week("0")
    page.get_by_role("button", name="Step").click()
    at_week("1")
    assert page.get_by_text("error").count() == 0
    assert opened.faults == []
