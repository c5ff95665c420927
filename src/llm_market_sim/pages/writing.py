"""Where pages are written: never over a file that somebody else made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from llm_market_sim.errors import mistake
from llm_market_sim.pages.printing import browser, print_pdf
from llm_market_sim.pages.words import MARK
from llm_market_sim.support.files import whole

_HEAD = 4096  # characters in which our mark stands


class Pages:
    """HTML files to write and, if wanted, to print beside them.

    InputError, before anything is computed, where a file is there that is no page of ours, and
    MarketSimError where no browser prints.
    """

    def __init__(self, files: Sequence[Path], pdf: bool, force: bool) -> None:
        self.files, self.pdf = list(files), pdf
        for file in self.files:
            if file.suffix not in (".html", ".htm"):
                raise mistake("--out", f"{file} must end in .html; the PDF gets the same name")
            if file.is_dir():
                raise mistake("--out", f"{file} is a folder; name a file in it")
            for other in [file, file.with_suffix(".pdf")][: 1 + pdf]:
                if other.exists() and not force and not _is_ours(file):
                    text = "exists and was not written by this command"
                    raise mistake("--out", f"{other} {text}; name another, or add --force")
        if pdf:
            browser()

    def write(self, pages: Sequence[str]) -> Iterator[Path]:
        """Write each page at once, and yield every file that is done."""
        for file, html in zip(self.files, pages, strict=True):
            with whole(file) as part:
                part.write_text(html, encoding="utf-8")
            yield file
            if self.pdf:
                print_pdf(file, file.with_suffix(".pdf"))
                yield file.with_suffix(".pdf")


def _is_ours(file: Path) -> bool:
    """By its mark; of a PDF the page beside it has it."""
    if not file.is_file():
        return False
    with file.open(encoding="utf-8", errors="replace") as stream:
        return f'content="{MARK}"' in stream.read(_HEAD)
