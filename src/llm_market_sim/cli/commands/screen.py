"""``screen``: what each parameter moves over its plausible range."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.tell import tell

if TYPE_CHECKING:
    from llm_market_sim.words import Language

__all__ = ["screen"]

PLACE = 147  # in the list of commands


@click.command(
    short_help="What each parameter moves over its range.",
    epilog="""\b
Examples:
  llm-market-sim screen funding.star_weight users.inertia
  llm-market-sim screen --out screen.csv

The same worlds run with the usual value and with either end of the plausible
range. The outcome that moves most is picked in one half of the worlds and
measured in the other, in standard deviations between the worlds of the
baseline; where it is less than 0.2, in the scenarios that scenarios/screen.yaml
names for the parameter.""",
)
@click.argument("paths", nargs=-1, metavar="[PARAMETER]...")
@options.worlds(256, 4, "Worlds at each value.")
@options.seed
@options.table("Write a row for each parameter into this file.")
@options.language
def screen(
    paths: tuple[str, ...], worlds: int, seed: int, out: Path | None, language: Language
) -> None:
    """Say of each PARAMETER (all of them by default) what it moves most."""
    from llm_market_sim.batch import all_cores
    from llm_market_sim.cli.progress import tell_cost, took
    from llm_market_sim.experiments import screen as screening
    from llm_market_sim.market.observation import SERIES
    from llm_market_sim.scenario import load

    begun = time.perf_counter()
    found = []
    baseline, chosen = load("baseline"), screening.known(paths)
    turned = sum(1 + len(list(screening.values_of(baseline, path))) for path in chosen)
    tell_cost(turned * worlds * baseline.horizon_weeks, all_cores())
    for one in screening.screen(baseline, worlds, seed, chosen):
        found.append(one)
        outcome = one.outcome if language == "en" else SERIES[one.outcome].label["zh"]
        if one.of == "spread":
            outcome = tell("spread of {outcome}", outcome=outcome)
        told = "{path}, {low} and {high}: {outcome} {size} by week {week}"
        facts = {"path": one.path, "low": one.low, "high": one.high, "outcome": outcome}
        line = tell(told, size=f"{one.size:+.2f}", week=one.week, **facts)
        if one.scenario != "baseline":
            line += tell(" in {scenario}", scenario=one.scenario)
        if abs(one.size) < screening.LEAST:
            line += tell("  (next to nothing)")
        click.echo(line)
    click.echo()
    if out is not None:
        screening.write(out, found)
        click.echo(tell("Written to {folder}", folder=out))
    click.echo(took(seed, begun))
