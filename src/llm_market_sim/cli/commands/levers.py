"""``levers``: what each lever moves in the baseline, on the same luck."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options
from llm_market_sim.words import date, number

if TYPE_CHECKING:
    from llm_market_sim.experiments.levers import Effect

PLACE = 145  # in the list of commands

_SENTENCES = 3  # outcomes named of each lever
_LEAST = 0.5  # standard deviations from which on an outcome is said to move


@click.command(
    short_help="What each lever moves: money, compute, rules, users.",
    epilog="""\b
Examples:
  llm-market-sim levers
  llm-market-sim levers rent_x3 review_34 --worlds 400
  llm-market-sim levers --out levers.csv

A lever changes the baseline in one way; world k has the same luck with it and
without. An effect is the mean difference between the same worlds, in the
outcome's unit and in standard deviations of the outcome between the worlds of
the baseline. The levers are listed in scenarios/levers.yaml.""",
)
@click.argument("names", nargs=-1, metavar="[LEVER]...")
@click.option(
    "-n",
    "--worlds",
    type=int,
    callback=options.bounded(2, 2**32),
    default=256,
    show_default=True,
    help="Worlds of each lever.",
)
@click.option(
    "--seed",
    type=int,
    callback=options.bounded(0, 2**64),
    default=1,
    show_default=True,
    help="Seed of all luck.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.csv",
    help="Write every effect, with its interval, into this file.",
)
def levers(names: tuple[str, ...], worlds: int, seed: int, out: Path | None) -> None:
    """Turn each LEVER (all of them by default) and say what moves, and what does not."""
    from llm_market_sim.cli.show import heading, paragraph
    from llm_market_sim.experiments.levers import effects, load_levers, write

    begun = time.perf_counter()
    chosen = load_levers(names)
    by_lever: dict[str, list[Effect]] = {}
    for one in effects(chosen.values(), worlds, seed):
        by_lever.setdefault(one.lever, []).append(one)
    heading(f"What {len(chosen)} levers move in the baseline, in {worlds} worlds")
    for name, lever in chosen.items():
        click.echo()
        paragraph(f"{name}: {lever.about}.")
        _print(by_lever[name])
    if out is not None:
        write(out, [one for found in by_lever.values() for one in found])
        click.echo(f"\nWritten to {out}")
    click.echo(f"\nSeed {seed}, {time.perf_counter() - begun:.1f} s.")


def _print(found: list[Effect]) -> None:
    """The outcomes that move most, each at the week of its larger effect; the others by name."""
    from llm_market_sim.cli.show import paragraph
    from llm_market_sim.experiments.levers import OUTCOMES

    most = {
        name: max((e for e in found if e.outcome == name), key=lambda e: abs(e.size))
        for name in OUTCOMES
    }
    order = sorted(most.values(), key=lambda e: -abs(e.size))
    moves = [one for one in order if abs(one.size) >= _LEAST]
    for one in moves[:_SENTENCES]:
        a, b = number(one.pairs.before), number(one.pairs.after)
        paragraph(
            f"{OUTCOMES[one.outcome]} {'up' if one.size > 0 else 'down'} from {a} to {b} by week "
            f"{one.week} ({date(one.week)}): {one.size:+.1f} standard deviations; difference "
            f"{number(one.pairs.low)} to {number(one.pairs.high)}",
            indent=4,
            label="  -",
        )
    rest = [OUTCOMES[one.outcome] for one in moves[_SENTENCES:]]
    still = [OUTCOMES[one.outcome] for one in order if abs(one.size) < _LEAST]
    if rest:
        paragraph(f"moves, too: {', '.join(rest)}", indent=4, label="  -")
    if still:
        paragraph(f"hardly moves: {', '.join(still)}", indent=4, label="  -")
