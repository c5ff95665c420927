"""``tournament``: one firm plays each policy in each scenario."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.tell import spoken, tell

if TYPE_CHECKING:
    from llm_market_sim.experiments.tournament import Game
    from llm_market_sim.words import Language

PLACE = 147  # in the list of commands


@click.command(
    short_help="One firm plays each policy in each scenario.",
    epilog="""\b
Examples:
  llm-market-sim tournament --firm baichuan
  llm-market-sim tournament --firm baidu --policies standard,bold,tuner
  llm-market-sim tournament --firm kunlun --scenarios baseline,hype_boom

Everybody else does as the scenario says, and world k has the same luck whatever
the firm plays. Value, in million USD in week 78: cash, cards, eight times what
users pay in a year, and fifteen times what serving them leaves of it; nothing
for a firm that is gone. Numbers are means. A policy stands where its worlds do,
on average, among those of all policies, so that a few lucky ones do not decide;
a star marks the best and what is level with it (the 95 % interval of the paired
difference reaches 0).""",
)
@click.option(
    "--firm", required=True, metavar="NAME", help="The firm, by its id (llm-market-sim list firms)."
)
@click.option(
    "--policies", metavar="A,B,...", help="Policies to play; without it, all shipped ones."
)
@click.option(
    "--scenarios", metavar="A,B,...", help="Scenarios to play in; without it, all shipped ones."
)
@options.worlds(64, 2, "Worlds of each game.")
@options.seed
@options.table("Write every game, with its intervals, into this file.")
@options.language
@options.plugins
def tournament(
    firm: str,
    policies: str | None,
    scenarios: str | None,
    worlds: int,
    seed: int,
    out: Path | None,
    language: Language,
    plugins: tuple[str, ...],
) -> None:
    """Let a firm play each policy in each scenario, and say which served it best."""
    from llm_market_sim.batch import all_cores, load_plugins
    from llm_market_sim.cli.progress import tell_cost, took
    from llm_market_sim.cli.show import heading
    from llm_market_sim.experiments.tournament import SCORES, presets, write
    from llm_market_sim.experiments.tournament import tournament as play
    from llm_market_sim.market.policies import SHIPPED

    begun = time.perf_counter()
    load_plugins(plugins)
    chosen = [name.strip() for name in policies.split(",")] if policies else list(SHIPPED)
    where = presets([name.strip() for name in scenarios.split(",")] if scenarios else [])
    tell_cost(len(chosen) * worlds * sum(one.horizon_weeks for one in where), all_cores())
    labels = {one.name: one.name if language == "en" else one.label[language] for one in where}
    cases: dict[str, list[Game]] = {}
    for game in play(firm, chosen, where, worlds, seed):
        cases.setdefault(labels[game.scenario], []).append(game)
    told = "{firm} plays {n} policies in {scenarios} scenarios of {worlds} worlds"
    player = where[0].players[firm].name["zh"] if language == "zh" else firm
    heading(tell(told, firm=player, n=len(chosen), scenarios=len(where), worlds=worlds))
    for score in SCORES:
        _print(score, chosen, cases)
    click.echo()
    if out is not None:
        write(out, [game for games in cases.values() for game in games])
        click.echo(tell("Written to {folder}", folder=out))
    click.echo(took(seed, begun))


def _print(score: str, policies: list[str], cases: dict[str, list[Game]]) -> None:
    """A row for each scenario, and who is best in how many."""
    import numpy as np

    from llm_market_sim.cli.show import heading, paragraph, print_table
    from llm_market_sim.experiments.tournament import leaders
    from llm_market_sim.words import listed

    title, scale, digits = (
        ("Value (M USD)", 1.0, 0) if score == "value" else ("Share (%)", 100.0, 1)
    )
    heading(tell(title))
    wins: Counter[str] = Counter()
    rows = []
    for scenario, games in cases.items():
        best, level = leaders(games, score)
        wins[best] += 1
        marks = {best: "*", **dict.fromkeys(level, "*")}
        means = {game.policy: scale * float(np.mean(getattr(game, score))) for game in games}
        cells = [f"{means[one]:,.{digits}f}{marks.get(one, ' ')}" for one in policies]
        rows.append((scenario, *cells))
    heads = [tell(one) if spoken() == "en" else f"{tell(one)} {one}" for one in policies]
    print_table((tell("scenario"), *heads), rows, right=heads)
    best_in = listed([f"{tell(name)} {times}" for name, times in wins.most_common()], spoken())
    told = "How often each was best, of {all} scenarios: {best_in}."
    paragraph(tell(told, all=len(cases), best_in=best_in))
