"""``claims``: what many worlds say of everything that was claimed, by every definition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.tell import tell

if TYPE_CHECKING:
    from llm_market_sim.batch import Account, Plan
    from llm_market_sim.claims import Claim
    from llm_market_sim.cli.options import How
    from llm_market_sim.results import Results
    from llm_market_sim.scenario import Scenario
    from llm_market_sim.words import Language

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
@options.claims("A claim, by name or path; without it, all shipped ones.")
@options.order(None, of=f"Worlds of each scenario.  [default: {_WORLDS}]")
@click.option(
    "--precision",
    type=float,
    metavar="HALF",
    help="In place of --worlds: go on until "
    "half the interval of every share is at most this, such as 0.05 (5 points). Looks "
    "after 100 worlds and then every 50; ends at 10,000.",
)
@click.option(
    "--definitions",
    is_flag=True,
    help="Show every definition, also those that need "
    "runs of their own (other interventions); with --out, draw them.",
)
@options.language
@options.projector
@options.settings
@options.plugins
def claims(
    names: tuple[str, ...],
    every: bool,
    chosen: tuple[str, ...],
    how: How,
    precision: float | None,
    definitions: bool,
    language: Language,
    settings: tuple[str, ...],
    plugins: tuple[str, ...],
) -> None:
    """Judge claims in many worlds of one or more scenarios, by all their definitions.

    SCENARIO is a shipped scenario or the path of a .yaml file; baseline if left out.
    """
    _check(how, precision)
    from llm_market_sim.claims import load_claims, survey
    from llm_market_sim.cli.claim_tables import print_survey
    from llm_market_sim.cli.show import paragraph
    from llm_market_sim.cli.working import close, worked
    from llm_market_sim.scenario import load_all, scenarios

    wanted = [*names, *(one for one in scenarios() if every and one not in names)] or ["baseline"]
    count = _WORLDS if how.worlds is None else how.worlds
    how = how.start(len(wanted), plugins, count)
    asked = load_claims(chosen or None)
    loaded, longer = _long_enough(load_all(wanted, settings), asked, settings)
    others = definitions or len(asked) == 1
    outcomes: list[Account] = []

    @contextmanager
    def run(plan: Plan, folder: Path | None) -> Iterator[tuple[Results, Account]]:
        with worked(plan, how, how.out or folder) as (results, outcome):
            outcomes.append(outcome)
            if outcome.failed and precision is not None:
                close(outcome, how, "and no more worlds")
            yield results, outcome

    found = survey(loaded, asked, count, how.seed, precision=precision, others=others, run=run)
    if how.order.shard is not None:
        close(outcomes[-1], how, tell("{n} worlds a scenario", n=found.worlds))
        return
    if how.out is not None:
        from llm_market_sim.cli.write_claims import write_claims

        write_claims(how.out, found, definitions, language)
    print_survey(found, precision, definitions)
    if longer:
        paragraph(longer)
    close(outcomes[-1], how, tell("{n} worlds a scenario", n=found.worlds))


def _check(how: How, precision: float | None) -> None:
    low, high = _PRECISION
    if precision is not None and not low <= precision <= high:
        raise click.BadParameter(
            f"{precision:g} must be {low:g} to {high:g}", param_hint="'--precision'"
        )
    if precision is not None and (how.worlds is not None or how.order.shard is not None):
        raise click.UsageError("--precision decides how many worlds; leave out --worlds, --shard.")


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
    who = ", ".join(names) if len(names) <= 3 else tell("{n} scenarios", n=len(names))
    return longer, tell(
        "Run on to week {last}, which a claim is about: {who}. The model is meant for eighteen "
        "months (78 weeks), with care for five years (260).",
        last=last,
        who=who,
    )
