"""A page on paper: a browser of this machine prints it, without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from llm_market_sim.errors import MarketSimError
from llm_market_sim.support.files import whole

_NAMES = (
    "chromium chromium-browser google-chrome google-chrome-stable chrome msedge microsoft-edge "
    "microsoft-edge-stable brave-browser"
).split()
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
_VARIABLE = "CHROME_PATH"
_QUIET = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
_SECONDS = 180


def browser() -> str:
    """The program that prints. MarketSimError, which says what was looked for, without one."""
    given = os.environ.get(_VARIABLE)
    if given:
        found = shutil.which(given)
        if found is None:
            raise MarketSimError(f"{_VARIABLE} is {given}, which is not a program that can be run")
        return found
    for name in (*_NAMES, *_PLACES):
        found = shutil.which(name)
        if found is not None:
            return found
    raise MarketSimError(
        "a PDF is printed by a browser of the Chromium family, and none was found. Looked for: "
        f"the variable {_VARIABLE}, {', '.join(_NAMES)} on the path, {', '.join(_PLACES)}. "
        f"Install one, set {_VARIABLE}, or open the page in any browser and print it there"
    )


def print_pdf(page: Path, pdf: Path) -> None:
    """Print an HTML file into a PDF. MarketSimError where the browser cannot."""
    program = browser()
    with tempfile.TemporaryDirectory(prefix="llm-market-sim-") as place:
        made = Path(place) / "page.pdf"
        command = [
            program,
            *_QUIET,
            f"--user-data-dir={place}/profile",
            f"--print-to-pdf={made}",
            "--no-pdf-header-footer",
            *(["--no-sandbox"] if _is_root() else []),
            page.absolute().as_uri(),
        ]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            text = f"{program} did not print {page} within {_SECONDS} seconds"
            raise MarketSimError(text) from None
        if done.returncode or not made.is_file():
            said = done.stderr.strip().splitlines()
            why = said[-1] if said else f"it ended with code {done.returncode}"
            raise MarketSimError(f"{program} could not print {page}: {why}")
        with whole(pdf) as part:
            shutil.copyfile(made, part)


def _is_root() -> bool:
    """Chromium starts no sandbox for root, as which programs run in containers."""
    return hasattr(os, "geteuid") and os.geteuid() == 0
