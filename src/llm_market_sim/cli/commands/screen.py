"""``screen``: what each parameter moves over its plausible range."""

from __future__ import annotations

import time
from pathlib import Path

import click

from llm_market_sim.cli import options

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
@click.option(
    "-n",
    "--worlds",
    type=int,
    callback=options.bounded(4, 2**32),
    default=256,
    show_default=True,
    help="Worlds at each value.",
)
@options.seed
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.csv",
    help="Write a row for each parameter into this file.",
)
def screen(paths: tuple[str, ...], worlds: int, seed: int, out: Path | None) -> None:
    """Say of each PARAMETER (all of them by default) what it moves most."""
    from llm_market_sim.batch import all_cores
    from llm_market_sim.cli.progress import tell_cost
    from llm_market_sim.experiments import screen as screening
    from llm_market_sim.scenario import load

    begun = time.perf_counter()
    found = []
    baseline, chosen = load("baseline"), screening.known(paths)
    turned = sum(1 + len(list(screening.values_of(baseline, path))) for path in chosen)
    tell_cost(turned * worlds * baseline.horizon_weeks, all_cores())
    for one in screening.screen(baseline, worlds, seed, chosen):
        found.append(one)
        of = "spread of " if one.of == "spread" else ""
        where = "" if one.scenario == "baseline" else f" in {one.scenario}"
        still = "" if abs(one.size) >= screening.LEAST else "  (next to nothing)"
        click.echo(
            f"{one.path}, {one.low} and {one.high}: {of}{one.outcome} {one.size:+.2f} by week "
            f"{one.week}{where}{still}"
        )
    if out is not None:
        screening.write(out, found)
        click.echo(f"\nWritten to {out}")
    click.echo(f"\nSeed {seed}, {time.perf_counter() - begun:.1f} s.")
