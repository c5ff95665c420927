"""``handout``: two pages for a class to bet on before it looks, and the teacher's notes."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options

if TYPE_CHECKING:
    from llm_market_sim.cli.progress import Told
    from llm_market_sim.figures import Language
    from llm_market_sim.results import Manifest, Results

__all__ = ["handout"]

PLACE = 100  # in the list of commands


@click.command(
    short_help="Write two pages for a class, with the teacher's notes.",
    epilog="""\b
Examples:
  llm-market-sim handout results                     of its first scenario
  llm-market-sim handout results --scenario strict_review --pdf
  llm-market-sim handout baseline --seed 1           plays 400 worlds first
  llm-market-sim handout results --language zh --out class.html

Sheet 1: the situation, and a table in which students bet on five sentences
before they see the answer. Sheet 2, to be kept back: what the worlds say, and
questions to discuss. The notes, in a file of their own (handout_notes.html):
answers with intervals, what to point out, and a plan of 45 minutes.""",
)
@click.argument("target", metavar="FOLDER|NAME")
@click.option("--scenario", metavar="NAME", help="Which scenario of the folder.  [default: first]")
@click.option("-n", "--worlds", type=int, callback=options.bounded(1, 2**32),
              help="Worlds of a scenario that is played.  [default: 400]")  # fmt: skip
@options.seed
@options.page
@options.guests
def handout(
    target: str, scenario: str | None, worlds: int | None, seed: int | None, language: Language,
    out: Path | None, pdf: bool, force: bool, guests: tuple[str, ...],
) -> None:  # fmt: skip
    """Write two A4 pages for a class, and the teacher's notes.

    FOLDER is what a batch wrote; NAME is a shipped scenario, or the path of a .yaml file, which is
    played first.
    """
    from llm_market_sim.batch import load_guests
    from llm_market_sim.figures.gallery.of_claims import claims_of, verdicts_of
    from llm_market_sim.pages import Pages, handout
    from llm_market_sim.results import open_results

    load_guests(guests)
    folder = Path(target)
    stored = folder.is_dir()
    if stored and (worlds, seed) != (None, None):
        raise click.UsageError(f"{folder} is a folder: its worlds and its seed are what they are.")
    if not stored and scenario is not None:
        raise click.UsageError(f"--scenario is for a folder, and {target} is none.")
    sheets = out or (folder / "handout.html" if stored else Path(f"handout_{folder.stem}.html"))
    pages = Pages([sheets, sheets.with_name(f"{sheets.stem}_notes.html")], pdf, force)
    with tempfile.TemporaryDirectory(prefix="llm-market-sim-") as place:
        if stored:
            results = open_results(folder)
        else:
            results = _played(Path(place) / "batch", target, worlds or 400, seed, guests)
        verdicts = verdicts_of(results, claims_of(results))
        made = handout(results, verdicts, scenario, language)
    for file in pages.write([made.sheets, made.notes]):
        click.echo(f"Written to {file}")


def _played(
    out: Path, name: str, worlds: int, seed: int | None, guests: tuple[str, ...]
) -> Results:  # fmt: skip
    """A batch of one scenario, with the claims that can be read off its runs."""
    from llm_market_sim.batch import Order, all_cores, run_stored
    from llm_market_sim.claims import load_claims
    from llm_market_sim.cli.commands.batch import on_the_way
    from llm_market_sim.cli.progress import progress
    from llm_market_sim.results import open_results
    from llm_market_sim.scenario import load

    scenario = load(name)
    claims = on_the_way(load_claims(), [scenario])

    def watch(asked: Manifest, found: int, left: Mapping[str, int]) -> AbstractContextManager[Told]:
        click.echo(f"Seed {asked.seed}{', drawn' if seed is None else ''}", err=True)
        return progress(asked.worlds, 1, left)

    run_stored(
        out, [scenario], worlds, seed, [claim.measurement for claim in claims],
        Order(all_cores(), fail="fast", guests=guests), watch=watch,
        claims={claim.id: claim.model_dump(mode="json") for claim in claims},
    )  # fmt: skip
    return open_results(out)
