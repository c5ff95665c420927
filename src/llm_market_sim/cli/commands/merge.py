"""``merge``: the parts of a batch that several machines have done, as one."""

from __future__ import annotations

from pathlib import Path

import click

from llm_market_sim.cli import options

__all__ = ["merge"]

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
@options.guests
def merge(out: Path, parts: tuple[Path, ...], guests: tuple[str, ...]) -> None:
    """Copy the result folders PART... of one batch into the folder OUT, and judge its claims."""
    from llm_market_sim.batch import load_guests
    from llm_market_sim.cli.keep import claims_of
    from llm_market_sim.cli.kept_batch import finish
    from llm_market_sim.cli.verdicts import print_verdicts
    from llm_market_sim.results import open_results
    from llm_market_sim.results.merge import merge as merge_folders

    load_guests(guests)
    merge_folders(out, parts)
    results = open_results(out)
    print_verdicts(finish(out, claims_of(results)))
    for one in results.status:
        if one.there < one.asked:
            click.echo(f"{one.scenario}: {one.there:,} of {one.asked:,} worlds are there", err=True)
    click.echo(f"Merged into {out}")
