"""What many tests share: a baseline small enough to run often, and a browser."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from llm_market_sim.cli import app, tell
from llm_market_sim.cli.app import main
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
        line, rooms = " ".join(text.split()), (f"llm_market_sim{room}" for room in _ROOMS)
        if re.search("[a-z]{2}", plain) and not any(line in chinese.chinese(at) for at in rooms):
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


@pytest.fixture
def told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str, str]]:
    """told("run", "baseline") -> exit code, stdout, stderr; as into a pipe."""
    for name in ("COLUMNS", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)

    def call(*words: object) -> tuple[int, str, str]:
        code = main([str(word) for word in words])
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return code, printed.out, printed.err

    return call


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are written and read here."""
    monkeypatch.chdir(tmp_path)


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


class Pages:
    """pages(url, width) -> a page; noted are what all asked for, said in the console and broke."""

    def __init__(self, browser: Any) -> None:
        self.browser, self.contexts = browser, []
        self.asked, self.said, self.faults = [], [], []

    def __call__(self, url: str, width: int = 1280, height: int = 720, **more: Any) -> Any:
        context = self.browser.new_context(viewport={"width": width, "height": height}, **more)
        self.contexts.append(context)
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.on("request", lambda one: self.asked.append(one.url))
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("dialog", lambda dialog: self.faults.append(dialog.message))
        page.goto(url)
        return page

    def strangers(self, *ours: str) -> list[str]:
        """What was asked of others than ourselves, by how addresses begin."""
        return [url for url in self.asked if not url.startswith(("data:", "blob:", *ours))]


@pytest.fixture
def opened(browser: Any) -> Iterator[Pages]:
    """Pages that are closed at the end."""
    found = Pages(browser)
    yield found
    for context in found.contexts:
        context.close()
