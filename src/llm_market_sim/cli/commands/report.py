"""``report``: a stored batch as one page that carries the lesson by itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.tell import tell

if TYPE_CHECKING:
    from llm_market_sim.words import Language

PLACE = 90  # in the list of commands


@click.command(
    short_help="Write a stored batch as one page, to read, project or print.",
    epilog="""\b
Examples:
  llm-market-sim batch baseline strict_review --seed 1 --out results
  llm-market-sim report results                      results/report.html
  llm-market-sim report results --pdf                results/report.pdf too
  llm-market-sim report results --language zh --out report.zh.html

The page needs no network: it may be sent by mail, or opened from a USB stick.
A PDF is printed by chromium, Chrome or Edge; the variable CHROME_PATH names
another. The folder may be one that a batch still writes: the page says so.""",
)
@click.argument("folder", type=options.PATH)
@options.page
@options.plugins
def report(
    folder: Path,
    language: Language,
    out: Path | None,
    pdf: bool,
    force: bool,
    plugins: tuple[str, ...],
) -> None:
    """Write the batch in FOLDER as one page: what was asked, the verdicts, the figures, how the
    scenarios differ, three worlds told, all assumptions with sources, and how to make it again.
    """
    from llm_market_sim.batch import load_plugins
    from llm_market_sim.claims import claims_of, verdicts_of
    from llm_market_sim.cli.working import open_batch
    from llm_market_sim.pages.page import report
    from llm_market_sim.pages.writing import Pages

    load_plugins(plugins)
    results = open_batch(folder)
    pages = Pages([out or folder / "report.html"], pdf, force)
    html = report(results, verdicts_of(results, claims_of(results)), language)
    for file in pages.write([html]):
        click.echo(tell("Written to {folder}", folder=file))
