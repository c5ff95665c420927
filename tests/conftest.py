"""What many tests share: a baseline small enough to run often, and a browser."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from llm_market_sim.cli import app, tell
from llm_market_sim.scenario import Scenario, load
from llm_market_sim.support import chinese

os.environ.pop("LLM_MARKET_SIM_LANGUAGE", None)
os.environ.pop("COLUMNS", None)  # of whatever runs the tests: into a pipe, a table has all its room


@pytest.fixture(autouse=True)
def interrupts() -> Iterator[None]:
    """Ctrl-C as it was before: an interrupted command leaves it ignored, to all later children."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


_CODE = re.compile(r"llm-market-sim [\w -]+|\"[^\"]*\"|“[^”]*”|`[^`]*`|SQL有错.*|\w+Error: .*")
_ENGLISH = re.compile(r"^[^一-龥]+$|\b[a-z]+ [a-z]+ [a-z]+\b")
_ROOMS = (".cli", ".scenario", ".claims", ".stylised_facts")  # what is told in English in one


@pytest.fixture(autouse=True)
def spoken(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a command says in a test, sentence or mistake, has Chinese."""
    lacking = set()
    said, told = tell.said, app.told

    def look(text: str, language: Any, room: str) -> str:
        plain = re.sub(r"{\w+}|llm-market-sim .*|\w+[._]\S+", "", text)
        known = (one for room in _ROOMS for one in chinese.chinese(f"llm_market_sim{room}"))
        if re.search("[a-z]{2}", plain) and " ".join(text.split()) not in known:
            lacking.add(text)
        return said(text, language, room)

    def hear(error: Any, language: Any) -> str:
        for one in getattr(error, "problems", ()) or [error]:
            what = one.message if hasattr(one, "message") else str(error)
            parts = [chinese.told(part, "zh") for part in what.split("; ")]
            lacking.update(part for part in parts if _ENGLISH.search(_CODE.sub("的", part)))
        return told(error, language)

    monkeypatch.setattr(tell, "said", look)
    monkeypatch.setattr(app, "told", hear)
    yield
    assert lacking == set()


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
