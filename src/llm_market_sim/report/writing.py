"""Where pages are written: never over a file that somebody else made."""

from __future__ import annotations

from pathlib import Path

from llm_market_sim.errors import InputError, Problem
from llm_market_sim.report.words import MARK

__all__ = ["check", "write_page"]

_HEAD = 4096  # characters in which our mark stands


def check(file: Path, force: bool) -> None:
    """InputError where a file is there that no page of ours may replace."""
    if file.is_dir():
        raise InputError([Problem("--out", "", f"{file} is a folder; name a file in it")])
    if force or not file.exists() or _is_ours(file):
        return
    text = f"{file} exists and is no page of this program; name another, or add --force"
    raise InputError([Problem("--out", "", text)])


def write_page(file: Path, html: str) -> None:
    """Write a page at once. OSError where it cannot be written."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.name}.part")
    unfinished.write_text(html, encoding="utf-8")
    unfinished.replace(file)


def _is_ours(file: Path) -> bool:
    """By its mark; a PDF, by the page of the same name beside it."""
    if file.suffix == ".pdf":
        page = file.with_suffix(".html")
        return page.is_file() and _is_ours(page)
    with file.open(encoding="utf-8", errors="replace") as stream:
        return MARK in stream.read(_HEAD)
