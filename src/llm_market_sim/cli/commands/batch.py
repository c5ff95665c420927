"""``batch``: many scenarios, many worlds, and what they say of the claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.tell import tell

if TYPE_CHECKING:
    from llm_market_sim.claims import Claim
    from llm_market_sim.cli.options import How
    from llm_market_sim.experiments.headline import Headline
    from llm_market_sim.results import Results
    from llm_market_sim.scenario import Scenario
    from llm_market_sim.words import Language

PLACE = 50  # in the list of commands


@click.command(
    short_help="Run many worlds, and judge claims in them.",
    epilog="""\b
Examples:
  llm-market-sim batch baseline
  llm-market-sim batch baseline strict_review --worlds 1000 --seed 1
  llm-market-sim batch --all --out results
  llm-market-sim batch baseline --set entry.intensity_per_week=1.2
  llm-market-sim batch baseline --claim open_source_levels_start
  llm-market-sim batch baseline --claim my/claim.yaml
  llm-market-sim batch baseline --uncertainty posterior --worlds 2000

World k has the same luck in every scenario, so scenarios can be compared world
by world. 400 worlds give a share within 5 points, 100 within 10.

\b
The folder of --out holds the tables worlds, series (weekly), firms, events
and claims as Parquet files, with manifest.json (what was run, and how) and
log.jsonl; beside them verdicts.csv, bands.csv (weekly mean and quantiles) and
the figures headline and survivors (.png and .svg), and a folder posterior,
the main claim over what 2023 leaves open. Stopped at any moment, the same
command goes on from what is there; with more --worlds it adds to it. See the
commands results, export and merge.
With --uncertainty posterior it also holds a table of the draws of parameters,
and the figure is uncertainty.png and .svg.""",
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "every", is_flag=True, help="All shipped scenarios.")
@options.order()
@options.claims(
    "A claim to judge and show, by name or path; may be repeated. Without it, "
    "three_to_five_survive is shown, and every shipped claim that is read off the same "
    "runs (no intervention, a horizon that is reached) is judged for --out."
)
@options.uncertainty(
    "Judge at the defaults, or over all parameters that the facts of 2023 leave open: ten worlds "
    "at each draw of them, so 400 worlds are 40 draws; 2000 give a better band."
)
@options.language
@options.projector
@options.settings
@options.plugins
def batch(
    names: tuple[str, ...],
    every: bool,
    how: How,
    chosen: tuple[str, ...],
    uncertainty: str,
    language: Language,
    settings: tuple[str, ...],
    plugins: tuple[str, ...],
) -> None:
    """Run many worlds of one or more scenarios, and judge the claims in each.

    NAME is a shipped scenario or the path of a .yaml file.
    """
    from llm_market_sim.claims import MAIN, load_claims
    from llm_market_sim.scenario import load_all, scenarios

    if not names and not every:
        raise click.UsageError("name a scenario (llm-market-sim list scenarios), or add --all.")
    wanted = [*names, *(one for one in scenarios() if every and one not in names)]
    how = how.start(len(wanted), plugins)
    loaded = load_all(wanted, settings)
    if uncertainty == "posterior":
        _over_posterior(loaded, load_claims(chosen or [MAIN]), how, language)
    else:
        _at_the_defaults(loaded, load_claims(chosen or None), how, language, bool(chosen))


def _at_the_defaults(
    scenarios: Sequence[Scenario],
    claims: Sequence[Claim],
    how: How,
    language: Language,
    chosen: bool,
) -> None:
    """chosen: whether somebody named the claims; without it, the main one is shown."""
    from llm_market_sim.claims import OWN, READINGS, on_the_way, plan_claims, verdicts_of
    from llm_market_sim.cli.verdicts import print_headline, print_shown
    from llm_market_sim.cli.working import close, worked
    from llm_market_sim.results import TABLES

    claims = claims if chosen else on_the_way(claims, scenarios)
    tables = tuple(TABLES) if how.out is not None else ("claims",)
    plan = plan_claims(scenarios, claims, how.worlds or 0, how.seed, tables)
    with worked(plan, how) as (results, outcome):
        if how.order.shard is None:
            verdicts = verdicts_of(results, claims)
            told = None if chosen else _headline(results, scenarios, claims, how)
            if how.out is not None:
                from llm_market_sim.cli.write_batch import write_batch  # draws

                write_batch(results, verdicts, language, told)
            shown = [claim.id for claim in claims] if chosen else [*READINGS, *OWN]
            print_shown(shown, how.out, verdicts)
            if told is not None:
                print_headline(told)
                if how.out is not None:
                    click.echo(tell("As a picture: {file}", file=how.out / "headline.png"))
        close(outcome, how, tell("{n} worlds a scenario", n=outcome.manifest.worlds))


def _headline(
    results: Results, scenarios: Sequence[Scenario], claims: Sequence[Claim], how: How
) -> Headline | None:
    """The main claim in full, of one scenario, which is run over the sample, too."""
    from llm_market_sim.cli.working import worked
    from llm_market_sim.experiments.headline import FOLDER, asked_of, headline, plan_beside

    made = results.manifest
    [scenario] = [one for one in scenarios if one.name == asked_of(results)]
    plan = plan_beside(scenario, claims, made.worlds, made.seed)
    if plan is None:
        return headline(results, claims, None)
    kept = how if how.out is None else replace(how, out=how.out / FOLDER)
    with worked(plan, kept) as (over, outcome):
        return headline(results, claims, None if outcome.failed else over)


def _over_posterior(
    scenarios: Sequence[Scenario], claims: Sequence[Claim], how: How, language: Language
) -> None:
    from llm_market_sim.cli.over_posterior import print_study
    from llm_market_sim.cli.working import close, worked
    from llm_market_sim.experiments.over_posterior import plan_posterior, study_of
    from llm_market_sim.results import TABLES

    tables = tuple(TABLES) if how.out is not None else ("claims",)
    plan = plan_posterior(scenarios, claims, how.worlds or 0, how.seed, tables)
    with worked(plan, how) as (results, outcome):
        if how.order.shard is None and not outcome.failed:
            study = study_of(results, scenarios, claims)
            if how.out is not None:
                from llm_market_sim.cli.write_posterior import write_posterior

                write_posterior(how.out, study, language)
            print_study(study)
        close(outcome, how, tell("{n} worlds a scenario", n=outcome.manifest.worlds))
