"""``merge``: the parts of a batch that several machines have done, as one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.tell import tell

if TYPE_CHECKING:
    from llm_market_sim.words import Language

PLACE = 140  # in the list of commands


@click.command(
    short_help="Make one result folder of the parts of a batch.",
    epilog="""\b
Example, on two machines and then on one:
  llm-market-sim batch baseline -n 10000 --seed 1 --shard 1/2 --out part-1
  llm-market-sim batch baseline -n 10000 --seed 1 --shard 2/2 --out part-2
  llm-market-sim merge results part-1 part-2

The tables are then the same bytes as if one machine had done it all. What is
still missing is computed by the batch's command with --out results.""",
)
@click.argument("out", type=options.PATH)
@click.argument("parts", nargs=-1, required=True, type=options.PATH, metavar="PART...")
@options.language
@options.plugins
def merge(out: Path, parts: tuple[Path, ...], language: Language, plugins: tuple[str, ...]) -> None:
    """Copy the result folders PART... of one batch into the folder OUT, and judge its claims."""
    from llm_market_sim.batch import load_plugins
    from llm_market_sim.claims import claims_of, verdicts_of
    from llm_market_sim.cli.verdicts import print_verdicts
    from llm_market_sim.cli.write_batch import write_batch
    from llm_market_sim.results import TABLES, open_results
    from llm_market_sim.results.merge import merge as merge_folders

    load_plugins(plugins)
    made = merge_folders(out, parts)
    results = open_results(out)
    if made.drawn or set(made.tables) != set(TABLES):
        told = "For what they say together, give the command that made them with --out {folder}."
        click.echo(tell(told, folder=out))
    else:
        verdicts = verdicts_of(results, claims_of(results))
        write_batch(results, verdicts, language)
        print_verdicts(verdicts)
    for one in results.status:
        if one.there < one.asked:
            told = "{scenario}: {there} of {asked} worlds are there"
            counts = {"there": f"{one.there:,}", "asked": f"{one.asked:,}"}
            click.echo(tell(told, scenario=one.scenario, **counts), err=True)
    click.echo(tell("Merged into {folder}", folder=out))
