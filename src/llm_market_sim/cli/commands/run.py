"""``run``: one world, told as a story."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.tell import joined, named, spoken, tell
from llm_market_sim.words import date, listed, number, percent

if TYPE_CHECKING:
    from llm_market_sim.simulation import Run
    from llm_market_sim.words import Language

PLACE = 40  # in the list of commands

_LEADERS = 10
_MARGIN = {"en": 13, "zh": 15}  # room for a date


@click.command(
    short_help="Run one world and tell it week by week.",
    epilog="""\b
Examples:
  llm-market-sim run baseline
  llm-market-sim run strict_review --seed 7 --world 3
  llm-market-sim run my/scenario.yaml --with my_policy.py

World 3 of a batch with --seed 7 is the same world as here.""",
)
@click.argument("name", metavar="NAME")
@options.seed
@click.option(
    "--world",
    type=int,
    callback=options.bounded(0, 2**32),
    default=0,
    show_default=True,
    help="Which of the seed's worlds.",
)
@options.language
@options.settings
@options.plugins
def run(
    name: str,
    seed: int,
    world: int,
    language: Language,
    settings: tuple[str, ...],
    plugins: tuple[str, ...],
) -> None:
    """Run one world and tell it week by week: who launched, was licensed, raised money, turned,
    died, and why; then who leads.

    NAME is a shipped scenario or the path of a .yaml file.
    """
    from llm_market_sim.batch import check_policies, load_plugins
    from llm_market_sim.cli.chronicle import Chronicle
    from llm_market_sim.cli.show import heading, paragraph
    from llm_market_sim.scenario import load
    from llm_market_sim.simulation import simulate_block

    load_plugins(plugins)
    scenario = load(name, settings)
    check_policies([scenario])
    weeks = [float(week) for week in range(scenario.horizon_weeks + 1)]
    one = simulate_block(scenario, [world], seed, snapshots=weeks)
    told = "{label} ({name}), seed {seed}, world {world}"
    label = scenario.label[language]
    heading(tell(told, label=label, name=scenario.name, seed=seed, world=world))
    for week, sentences in Chronicle(one).weeks():
        for sentence in (s for s in sentences if s.startswith("==")):
            click.echo()
            paragraph(sentence)
            click.echo()
        news = [s for s in sentences if not s.startswith("==")]
        if news:
            paragraph(joined(news), indent=_MARGIN[language], label=date(week, language))
    _print_end(one)


def _print_end(one: Run) -> None:
    """The leaders, the platforms, and what became of the rest."""
    import numpy as np

    from llm_market_sim.claims import chinese
    from llm_market_sim.cli.show import heading, paragraph, print_table
    from llm_market_sim.market.observation import composite_shares, shares
    from llm_market_sim.market.state import Kind, Route, Segment, Status
    from llm_market_sim.metrics import Platforms, platforms

    state, firms = one.final, one.firms
    week = float(one.weeks[-1])
    held, consumers = composite_shares(state)[0], shares(state)[0, Segment.CONSUMER]
    found = platforms(one, week, Platforms())[0]
    ours = np.where(state.alive[0] & firms.domestic[0], held, -1.0)
    leaders = [int(s) for s in np.argsort(-ours, kind="stable")[:_LEADERS] if ours[s] >= 0.0]
    heading(tell("The leaders on {date}", date=date(week, spoken())))
    everybody = firms.names if spoken() == "en" else firms.names_zh
    rows = [
        (
            everybody[s],
            named(Kind(int(firms.kind[0, s])).name.lower()),
            named(Route(int(state.route[0, s])).name.lower()),
            tell(Status(int(state.status[0, s])).name.lower()),
            percent(held[s], spoken(), digits=1),
            percent(consumers[s], spoken(), digits=1),
            f"{state.served[0, s]:.1f}",
            number(round(float(state.raised[0, s]))),
            number(round(float(state.cash[0, s]))),
            number(round(float(state.profit_total[0, s]))),
            tell("yes") if found[s] else "",
        )
        for s in leaders
    ]
    names = "firm, kind, route, status, share, of consumers, model, raised, cash, profit, platform"
    columns = [tell(one) for one in names.split(", ")]
    print_table(columns, rows, right=columns[4:10])
    there = [everybody[s] for s in np.flatnonzero(found)]
    told = "General platforms: {count}, counting {words}."
    if there:
        told = "General platforms: {count} ({names}), counting {words}."
    words = (
        Platforms().words()
        if spoken() == "en"
        else chinese.words("n_general_platforms", Platforms())
    )
    paragraph(tell(told, count=len(there), names=listed(there, spoken()), words=words))
    names_of_series = ("entered", "firms_alive", "acquired", "bankrupt", "closed")
    paragraph(
        tell(
            "Of {entered} firms that entered: {firms_alive} alive, {acquired} sold, {bankrupt} out "
            "of money, {closed} shut. Money in million USD; profit since 17 April 2023; model and "
            "share as in `describe`. One world is an anecdote: `batch` tells how often.",
            **{name: int(one.series[name][0, -1]) for name in names_of_series},
        )
    )
