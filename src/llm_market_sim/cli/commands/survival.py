"""``survival``: how long firms last, and how they end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.tell import span, spoken, tell
from llm_market_sim.words import listed, p_value, percent, percents, points

if TYPE_CHECKING:
    from llm_market_sim.cli.life_study import LifeStudy
    from llm_market_sim.cli.options import How
    from llm_market_sim.experiments.lives import By, Cohort
    from llm_market_sim.words import Language

PLACE = 80  # in the list of commands

_MOST = 6  # curves in a figure

_HEADS = {
    "kind": "How long firms last, by kind: {names}",
    "route": "How long firms last, by route: {names}",
    "scenario": "How long firms last, by scenario: {names}",
}

FIRMS = {
    "all": "Firms that were there in week 0 count from week 0, as nobody knows their age; those "
    "that came later, from their entry.",
    "entrants": "Only firms that entered after week 0, whose age is known.",
    "incumbents": "Only firms that were there in week 0, counted from then: their age is unknown.",
}


@click.command(
    short_help="Measure how long firms last, and how they end.",
    epilog="""\b
Examples:
  llm-market-sim survival baseline
  llm-market-sim survival baseline --by route --weeks 260
  llm-market-sim survival baseline funding_winter --worlds 1000 --seed 1
  llm-market-sim survival baseline --firms entrants --out results

Firms of a world share its luck, so intervals and the test are by drawing other
worlds, never other firms. A sale ends a firm, but may be a success for its
owners: causes are told apart.

\b
The folder of --out holds the table firms, survival.csv (by group and week of
life), exits.csv (by group, cause and week of life), and the figures survival
and exits, each as .png and .svg. The same command goes on from it, also with
another --by or --firms.""",
)
@click.argument("names", nargs=-1, required=True, metavar="SCENARIO...")
@click.option(
    "--by",
    type=click.Choice(["kind", "route", "scenario"]),
    help="What the curves are split by; a firm's route is that of its entry.  [default: "
    "kind; scenario if there are several]",
)
@click.option(
    "--firms",
    type=click.Choice(["all", "entrants", "incumbents"]),
    default="all",
    show_default=True,
    help="Which firms: entrants came after week 0; incumbents were "
    "there, for an unknown time, and count from week 0.",
)
@click.option(
    "--weeks",
    type=click.IntRange(1, 520),
    help="Weeks to simulate.  [default: those of the scenario, the shortest of several]",
)
@options.order(least=10)
@options.language
@options.projector
@options.settings
@options.plugins
def survival(
    names: tuple[str, ...],
    by: By | None,
    firms: Cohort,
    weeks: int | None,
    how: How,
    language: Language,
    settings: tuple[str, ...],
    plugins: tuple[str, ...],
) -> None:
    """Follow all domestic firms from their entry to their end, in many worlds.

    SCENARIO is a shipped scenario or the path of a .yaml file; several are compared.
    """
    from llm_market_sim.cli.life_study import study
    from llm_market_sim.cli.working import close, worked
    from llm_market_sim.experiments.lives import plan_lives
    from llm_market_sim.scenario import load_all

    by = by or ("scenario" if len(names) > 1 else "kind")
    if by != "scenario" and len(names) > 1:
        raise click.UsageError(f"--by {by} takes one scenario at a time")
    if len(names) > _MOST:
        raise click.UsageError(
            f"{len(names)} scenarios are more curves than one can tell apart; name at most {_MOST}"
        )
    if len(set(names)) < len(names):
        raise click.UsageError("a scenario is given twice")
    how = how.start(len(names), plugins)
    loaded = load_all(names, settings)
    horizon = weeks or min(one.horizon_weeks for one in loaded)
    loaded = [one.model_copy(update={"horizon_weeks": horizon}) for one in loaded]
    with worked(plan_lives(loaded, how.worlds or 0, how.seed), how) as (results, outcome):
        if how.order.shard is None:
            found = study(results, loaded, by, firms)
            if how.out is not None and found.groups:
                from llm_market_sim.cli.write_lives import write_lives

                write_lives(how.out, found, language)
            _print(found)
        told = "{worlds} worlds of {weeks} weeks"
        close(outcome, how, tell(told, worlds=outcome.manifest.worlds, weeks=horizon))


def _print(found: LifeStudy) -> None:
    from llm_market_sim.cli.show import heading, paragraph, print_table
    from llm_market_sim.experiments.lives import CAUSES

    names = [_called(found, one.name) for one in found.scenarios]
    heading(tell(_HEADS[found.name], names=listed(names, spoken())))
    told = tell("{worlds} worlds of {weeks} weeks. ", worlds=found.worlds, weeks=found.horizon)
    paragraph(told + tell(FIRMS[found.firms]))
    click.echo()
    for sentence in (*_sentences(found), *(_apart(found) if found.name == "scenario" else ())):
        paragraph(sentence, indent=2, label="-")
    if not found.groups:
        none = "There was no such firm in any of these worlds, so nothing can be said of them."
        paragraph(tell(none))
        click.echo()
        return
    click.echo()
    heads = ("week of life", "watched", "still there", "95 % interval")
    columns = ("", *map(tell, heads), *(tell(f"{cause}, %") for cause in CAUSES))
    print_table(columns, list(_rows(found)), right=columns[1:])
    for note in _notes(found):
        click.echo()
        paragraph(note)
    click.echo()


def _called(found: LifeStudy, label: str) -> str:
    """A group, or a scenario, in the language of the command."""
    if spoken() == "en":
        return label
    return {one.name: one.label["zh"] for one in found.scenarios}.get(label, tell(label))


def _rows(found: LifeStudy) -> Iterator[tuple[str, ...]]:
    table, (low, high) = found.table, found.table.band
    for place, label in found.groups:
        for line, week in enumerate(found.weeks(place)):
            gone = table.incidence[0, place, :, week].tolist()
            yield (
                "" if line else _called(found, label),
                str(week),
                f"{table.alive[0, place, week]:,}",
                percent(table.survival[0, place, week], spoken(), digits=1),
                span(percents(low[place, week], high[place, week], digits=1)),
                *(points(share, 1) for share in gone),
            )


def _sentences(found: LifeStudy) -> Iterator[str]:
    """``Of startups, 68 % last 78 weeks; 16 % are bought, 16 % go bankrupt, …``"""
    from llm_market_sim.experiments.lives import CAUSES

    for place, label in found.groups:
        weeks = found.weeks(place)
        if weeks:
            week = weeks[-1]
            gone = found.table.incidence[0, place, :, week].tolist()
            ends = [
                tell("{share} {cause}", share=percent(share, spoken()), cause=tell(cause))
                for cause, share in zip(CAUSES, gone, strict=True)
            ]
            yield tell(
                "In {label}, {share} of firms last {weeks} weeks; {ends}."
                if found.name == "scenario"
                else "{share} of {label} last {weeks} weeks; {ends}.",
                label=_called(found, label),
                share=percent(found.table.survival[0, place, week], spoken()),
                weeks=week,
                ends=(", " if spoken() == "en" else "，").join(ends),
            )


def _apart(found: LifeStudy) -> Iterator[str]:
    """How much each further scenario differs from the first, on the same luck."""
    if not found.groups:
        return
    (first, name), *others = found.groups
    for place, label in others:
        week = min(found.weeks(place)[-1:] + found.weeks(first)[-1:], default=0)
        mean, low, high = (100 * x for x in found.table.difference(place, first, week))
        yield tell(
            "{label} less {name}, {week} weeks after entry: {mean} points ({low} to {high}), on "
            "the same luck.",
            label=_called(found, label),
            name=_called(found, name),
            week=week,
            mean=f"{mean:+.1f}",
            low=f"{low:+.1f}",
            high=f"{high:+.1f}",
        )


def _notes(found: LifeStudy) -> Iterator[str]:
    from llm_market_sim.summary.survival import REPLICATES, log_rank

    test = log_rank(found.table)
    if test is not None:
        excess = [
            f"{_called(found, label)} {test.excess[place]:+,.0f}" for place, label in found.groups
        ]
        yield tell(
            "Log-rank test that all exit at the same rate: p {p}; exits beyond what equal rates "
            "would give: {excess}. Its variance is that over worlds; taking every firm for a draw "
            "of its own would misstate how sure this is.",
            p=p_value(test.p_value),
            excess=listed(excess, spoken()),
        )
    yield tell(
        "A sale ends a firm, but may be a success for its owners; closed: a parent gave its unit "
        "up. Causes compete, so shares of a week add up to 100 % with those still there. A firm "
        "that is alive at the end is watched no longer (censored), and late entrants are watched "
        "for few weeks: the curves take it that they would have fared like the earlier ones. "
        "Intervals: {replicates} replicates of drawing other worlds. Conditional on the "
        "scenario's parameters: the model says, not the world.",
        replicates=REPLICATES,
    )
