"""``handout``: two pages for a class to bet on before it looks, and the teacher's notes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from llm_market_sim.cli import options
from llm_market_sim.cli.tell import tell

if TYPE_CHECKING:
    from llm_market_sim.results import Results
    from llm_market_sim.words import Language

PLACE = 100  # in the list of commands


@click.command(
    short_help="Write two pages for a class, with the teacher's notes.",
    epilog="""\b
Examples:
  llm-market-sim handout results                     of its first scenario
  llm-market-sim handout results --scenario strict_review --pdf
  llm-market-sim handout baseline                    plays 400 worlds first
  llm-market-sim handout results --language zh --out class.html

Sheet 1: the situation, and a table in which students bet on five sentences
before they see the answer. Sheet 2, to be kept back: what the worlds say, and
questions to discuss. The notes, in a file of their own (handout_notes.html):
answers with intervals, what to point out, and a plan of 45 minutes.""",
)
@click.argument("target", metavar="FOLDER|NAME")
@click.option("--scenario", metavar="NAME", help="Which scenario of the folder.  [default: first]")
@options.worlds(None, 1, "Worlds of a scenario that is played.  [default: 400]")
@options.seed
@options.page
@options.plugins
def handout(
    target: str,
    scenario: str | None,
    worlds: int | None,
    seed: int,
    language: Language,
    out: Path | None,
    pdf: bool,
    force: bool,
    plugins: tuple[str, ...],
) -> None:
    """Write two A4 pages for a class, and the teacher's notes.

    FOLDER is what a batch wrote; NAME is a shipped scenario, or the path of a .yaml file, which is
    played first.
    """
    from llm_market_sim.batch import load_plugins
    from llm_market_sim.claims import claims_of, verdicts_of
    from llm_market_sim.cli.working import open_batch
    from llm_market_sim.pages.handout import handout
    from llm_market_sim.pages.writing import Pages

    load_plugins(plugins)
    folder = Path(target)
    stored = folder.is_dir()
    asked = click.get_current_context().get_parameter_source("seed")
    if stored and (worlds is not None or asked is ParameterSource.COMMANDLINE):
        raise click.UsageError(
            f"{folder} is a folder, whose worlds and seed are fixed: leave out --worlds and --seed."
        )
    if not stored and scenario is not None:
        raise click.UsageError(f"--scenario picks one from a folder, and {target} is not a folder.")
    sheets = out or (folder / "handout.html" if stored else Path(f"handout_{folder.stem}.html"))
    pages = Pages([sheets, sheets.with_name(f"{sheets.stem}_notes.html")], pdf, force)
    played = None if stored else _played(target, worlds or 400, seed, plugins)
    with played or nullcontext(open_batch(folder)) as results:
        verdicts = verdicts_of(results, claims_of(results))
        made = handout(results, verdicts, scenario, language)
    for file in pages.write([made.sheets, made.notes]):
        click.echo(tell("Written to {folder}", folder=file))


@contextmanager
def _played(name: str, worlds: int, seed: int, plugins: Sequence[str]) -> Iterator[Results]:
    """A batch of one scenario, with the claims that can be read off its runs."""
    from llm_market_sim.batch import Order, all_cores
    from llm_market_sim.claims import load_claims, on_the_way, plan_claims
    from llm_market_sim.cli.working import worked
    from llm_market_sim.scenario import load

    scenario = load(name)
    plan = plan_claims([scenario], on_the_way(load_claims(), [scenario]), worlds, seed)
    how = options.How(worlds, seed, None, Order(all_cores(), plugins=plugins), time.perf_counter())
    with (
        tempfile.TemporaryDirectory(prefix="llm-market-sim-") as place,
        worked(plan, how, Path(place) / "batch") as (results, _),
    ):
        yield results
