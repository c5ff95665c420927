"""What many tests share: a baseline small enough to run often, and a browser."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from llm_market_sim.scenario import Scenario, load

os.environ.pop("COLUMNS", None)  # of whatever runs the tests: into a pipe, a table has all its room


@pytest.fixture(autouse=True)
def interrupts() -> Iterator[None]:
    """Ctrl-C as it was before: an interrupted command leaves it ignored, to all later children."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def short() -> Callable[..., Scenario]:
    """short("a.b=1", ...): the baseline with a smaller population and these parameters."""

    def make(*sets: str, stealth: int = 6, pool: int = 20) -> Scenario:
        return load(
            "baseline",
            [f"population.stealth_firms={stealth}", f"population.pool_firms={pool}", *sets],
        )

    return make


CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, driven by Playwright; skips where one of them is missing."""
    if importlib.util.find_spec("playwright") is None:
        pytest.skip("playwright is not installed (extra: test)")
    if not CHROMIUM:
        pytest.skip("no chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield made
        made.close()
