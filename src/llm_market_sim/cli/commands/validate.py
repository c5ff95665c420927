"""``validate``: are the files right?"""

from __future__ import annotations

from pathlib import Path

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.tell import tell
from llm_market_sim.errors import InputError, Problem

PLACE = 10  # in the list of commands


@click.command(
    short_help="Check files, and show every mistake with its place.",
    epilog="""\b
Examples:
  llm-market-sim validate                    every shipped scenario and claim
  llm-market-sim validate my/scenario.yaml   a file of yours, of either kind
  llm-market-sim validate baseline --set users.nest_scale.consumer=0.5

Exit code 2 if anything is wrong.""",
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--all", "every", is_flag=True, help="All shipped scenarios and claims, as without a NAME."
)
@options.language
@options.settings
@options.plugins
def validate(
    names: tuple[str, ...],
    every: bool,
    language: str,
    settings: tuple[str, ...],
    plugins: tuple[str, ...],
) -> None:
    """Check scenarios and claims, and print every mistake with its place.

    NAME is a shipped scenario or claim, or the path of a .yaml file of either kind.
    """
    from llm_market_sim.batch import check_policies, load_plugins
    from llm_market_sim.claims import OWN, check_claims, claims, is_claim
    from llm_market_sim.experiments import command_of
    from llm_market_sim.scenario import load_all, scenarios

    load_plugins(plugins)
    wrong: list[Problem] = []
    asked = [name for name in names if is_claim(name)]
    names = tuple(name for name in names if name not in asked)
    everything = every or not (names or asked)
    for name in names:
        command = command_of(Path(name))
        if command is not None:
            run = f"llm-market-sim {command or 'discover'} {name}"
            wrong.append(Problem(name, "", f"is an experiment, which this runs and checks: {run}"))
    names = tuple(name for name in names if name not in [one.where for one in wrong])
    for name in [*names, *(one for one in scenarios() if everything and one not in names)]:
        try:
            check_policies(load_all([name], settings))
            click.echo(tell("{name}: ok", name=name))
        except InputError as error:
            wrong += error.problems
    asked += [one for one in (*claims(), *OWN) if everything and one not in asked]
    sound, mistakes = check_claims(asked)
    for claim in sound:
        click.echo(tell("claim {id}: ok", id=claim.id))
    wrong += mistakes
    if wrong:
        raise InputError(dict.fromkeys(wrong))
