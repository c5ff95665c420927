"""``claims``: what many worlds say of everything that was claimed, by every definition."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options

if TYPE_CHECKING:
    from llm_market_sim.batch import ResultFolder
    from llm_market_sim.claims import Claim
    from llm_market_sim.figures import Language
    from llm_market_sim.scenario import Scenario

__all__ = ["claims"]

PLACE = 60  # in the list of commands

_WORLDS = 400
_PRECISION = (0.01, 0.2)


@click.command(
    short_help="Judge all claims, by all their definitions.",
    epilog="""\b
Examples:
  llm-market-sim claims
  llm-market-sim claims strict_review --claim three_to_five_survive
  llm-market-sim claims --claim three_to_five_survive --definitions --out map
  llm-market-sim claims baseline closed_weights --precision 0.03
  llm-market-sim claims --all --worlds 200

\b
A claim holds if the interval of its share of worlds lies above one half, and
fails if below. All definitions of all claims are read off the same worlds.

\b
The folder of --out holds verdicts.csv (one row a claim and scenario),
definitions.csv (one row a definition), together.csv (pairs of claims),
worlds.csv (each claim in each world), manifest.json (what was run, and how),
and with --definitions a figure a claim.""",
)
@click.argument("names", nargs=-1, metavar="[SCENARIO]...")
@click.option("--all", "every", is_flag=True, help="All shipped scenarios.")
@click.option("--claim", "chosen", multiple=True, metavar="NAME",
              help="A claim, by name or path; without it, all shipped ones.")  # fmt: skip
@click.option("-n", "--worlds", type=int, callback=options.bounded(1, 2**32),
              help=f"Worlds of each scenario.  [default: {_WORLDS}]")  # fmt: skip
@click.option("--precision", type=float, metavar="HALF", help="In place of --worlds: go on until "
              "half the interval of every share is at most this, such as 0.05 (5 points). Looks "
              "after 100 worlds and then every 50; ends at 10,000.")  # fmt: skip
@click.option("--definitions", is_flag=True, help="Show every definition, also those that need "
              "runs of their own (other interventions); with --out, draw them.")  # fmt: skip
@options.seed
@options.jobs
@options.folder
@options.settings
@options.guests
def claims(
    names: tuple[str, ...], every: bool, chosen: tuple[str, ...], worlds: int | None,
    precision: float | None, definitions: bool, seed: int | None, jobs: int | None,
    out: Path | None, force: bool, language: Language, settings: tuple[str, ...],
    guests: tuple[str, ...],
) -> None:  # fmt: skip
    """Judge claims in many worlds of one or more scenarios, by all their definitions.

    SCENARIO is a shipped scenario or the path of a .yaml file; baseline if left out.
    """
    _check(worlds, precision)
    from llm_market_sim.batch import ResultFolder, all_cores, load_guests, warm_up
    from llm_market_sim.claims import load_claims, survey
    from llm_market_sim.cli.claim_tables import print_survey
    from llm_market_sim.cli.progress import progress
    from llm_market_sim.cli.show import paragraph
    from llm_market_sim.scenario import load_all, scenarios

    begun = time.perf_counter()
    wanted = [*names, *(one for one in scenarios() if every and one not in names)] or ["baseline"]
    jobs = all_cores() if jobs is None else jobs
    count = _WORLDS if worlds is None else worlds
    warm_up(len(wanted), count, jobs)
    load_guests(guests)
    asked = load_claims(chosen or None)
    loaded, longer = _long_enough(load_all(wanted, settings), asked, settings)
    folder: AbstractContextManager[ResultFolder | None] = (
        nullcontext() if out is None else ResultFolder(out, force)
    )
    seed = options.drawn(seed)
    with folder as place:
        found = survey(
            loaded, asked, count, seed, precision=precision, jobs=jobs, guests=guests,
            others=definitions or len(asked) == 1,
            progress=lambda worlds: progress(worlds, len(loaded)),
        )  # fmt: skip
        if place is not None:
            from llm_market_sim.cli.keep_claims import keep

            keep(place, found, definitions, language)
    print_survey(found, precision, definitions)
    if longer:
        paragraph(longer)
    seconds = time.perf_counter() - begun
    click.echo(f"Seed {seed}, {found.worlds} worlds a scenario, {seconds:.1f} s.")
    if out is not None:
        click.echo(f"Written to {out}")


def _check(worlds: int | None, precision: float | None) -> None:
    low, high = _PRECISION
    if precision is not None and not low <= precision <= high:
        raise click.BadParameter(
            f"{precision:g} must be {low:g} to {high:g}", param_hint="'--precision'"
        )
    if precision is not None and worlds is not None:
        raise click.UsageError("--precision decides how many worlds; leave out --worlds.")


def _long_enough(
    scenarios: Sequence[Scenario], claims: Sequence[Claim], settings: Sequence[str]
) -> tuple[list[Scenario], str]:
    """Run on until the last week that is claimed, unless the length was set by hand; and say so."""
    from llm_market_sim.claims import long_enough

    if any(one.partition("=")[0].strip() == "horizon_weeks" for one in settings):
        return list(scenarios), ""
    longer = [long_enough(one, claims) for one in scenarios]
    names = [new.name for new, old in zip(longer, scenarios, strict=True) if new is not old]
    if not names:
        return longer, ""
    last = max(one.horizon_weeks for one in longer)
    who = ", ".join(names) if len(names) <= 3 else f"{len(names)} scenarios"
    return longer, (
        f"Run on to week {last}, of which a claim speaks: {who}. The model is meant for eighteen "
        "months (78 weeks), with care for five years (260)."
    )
