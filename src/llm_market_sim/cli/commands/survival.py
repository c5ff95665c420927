"""``survival``: how long firms last, and how they end."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options

if TYPE_CHECKING:
    from llm_market_sim.batch import ResultFolder
    from llm_market_sim.experiments.lives import By, Firms
    from llm_market_sim.figures import Language
    from llm_market_sim.scenario import Scenario
    from llm_market_sim.summary.survival import LifeTable

__all__ = ["Lives", "survival"]

PLACE = 80  # in the list of commands

_STEPS = (1, 4, 13, 26, 52, 104)  # weeks between those at which numbers are told
_MOST = 6  # curves in a figure

_KINDS = {"bigtech": "big techs", "listed": "listed firms", "startup": "startups"}
_ROUTES = {
    "foundation": "own-model firms", "fine_tune": "fine-tuners", "wrapper": "wrappers",
    "vertical": "verticals",
}  # fmt: skip
FIRMS = {
    "all": "Firms that were there in week 0 count from week 0, as nobody knows their age; those "
    "that came later, from their entry.",
    "entrants": "Only firms that entered after week 0, whose age is known.",
    "incumbents": "Only firms that were there in week 0, counted from then: their age is unknown.",
}


@dataclass(frozen=True, eq=False)
class Lives:
    """One life table with what it is about: scenarios, groups (place in the table, label)."""

    name: str
    scenarios: Sequence[Scenario]
    groups: Sequence[tuple[int, str]]
    table: LifeTable
    firms: Firms
    worlds: int
    seed: int

    @property
    def horizon(self) -> int:
        """Weeks that were simulated."""
        return self.scenarios[0].horizon_weeks

    @property
    def ticks(self) -> list[int]:
        """The weeks of life at which numbers are told, from 0; seven at most."""
        step = next(step for step in _STEPS if self.horizon <= 6 * step)
        return list(range(0, self.horizon + 1, step))

    def weeks(self, group: int) -> list[int]:
        """Those after 0 at which something can be told of a group."""
        return [week for week in self.ticks[1:] if self.table.alive[0, group, week]]


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
The folder of --out holds manifest.json (what was run, and how), survival.csv
(by group and week of life), exits.csv (by group, cause and week of life), and
the figures survival and exits, each as .png and .svg.""",
)
@click.argument("names", nargs=-1, required=True, metavar="SCENARIO...")
@click.option("--by", type=click.Choice(["kind", "route", "scenario"]),
              help="What tells the curves apart; a firm's route is that of its entry.  [default: "
              "kind; scenario if there are several]")  # fmt: skip
@click.option("--firms", type=click.Choice(["all", "entrants", "incumbents"]), default="all",
              show_default=True, help="Which firms: entrants came after week 0; incumbents were "
              "there, for an unknown time, and count from week 0.")  # fmt: skip
@click.option(
    "--weeks",
    type=click.IntRange(1, 520),
    help="Weeks to simulate.  [default: those of the scenario, the shortest of several]",
)
@click.option("-n", "--worlds", type=int, callback=options.bounded(10, 2**32), default=400,
              show_default=True, help="Worlds of each scenario.")  # fmt: skip
@options.seed
@options.jobs
@options.folder
@options.settings
@options.guests
def survival(
    names: tuple[str, ...], by: By | None, firms: Firms, weeks: int | None, worlds: int,
    seed: int | None, jobs: int | None, out: Path | None, force: bool, language: Language,
    settings: tuple[str, ...], guests: tuple[str, ...],
) -> None:  # fmt: skip
    """Follow all domestic firms from their entry to their end, in many worlds.

    SCENARIO is a shipped scenario or the path of a .yaml file; several are compared.
    """
    from llm_market_sim.batch import ResultFolder, all_cores, load_guests, warm_up
    from llm_market_sim.cli.progress import progress
    from llm_market_sim.experiments.lives import live
    from llm_market_sim.scenario import load_all

    begun = time.perf_counter()
    by = by or ("scenario" if len(names) > 1 else "kind")
    if by != "scenario" and len(names) > 1:
        raise click.UsageError(f"--by {by} takes one scenario at a time")
    if len(names) > _MOST:
        raise click.UsageError(f"{len(names)} scenarios are more curves than one can tell apart; "
                               f"name at most {_MOST}")  # fmt: skip
    if len(set(names)) < len(names):
        raise click.UsageError("a scenario is given twice")
    jobs = all_cores() if jobs is None else jobs
    warm_up(len(names), worlds, jobs)
    load_guests(guests)
    loaded = load_all(names, settings)
    horizon = weeks or min(one.horizon_weeks for one in loaded)
    loaded = [one.model_copy(update={"horizon_weeks": horizon}) for one in loaded]
    folder: AbstractContextManager[ResultFolder | None] = (
        nullcontext() if out is None else ResultFolder(out, force)
    )
    seed = options.drawn(seed)
    with folder as place:
        with progress(worlds, len(loaded)) as told:
            table = live(
                loaded, worlds, seed, by=by, firms=firms, jobs=jobs, guests=guests, progress=told
            )
        found = Lives(by, loaded, _labels(by, loaded, table), table, firms, worlds, seed)
        if place is not None:
            from llm_market_sim.cli.keep_lives import keep_lives

            keep_lives(place, found, language)
    _print(found)
    seconds = time.perf_counter() - begun
    click.echo(f"Seed {seed}, {worlds} worlds of {horizon} weeks, {seconds:.1f} s.")
    if out is not None:
        click.echo(f"Written to {out}")


def _labels(by: By, scenarios: Sequence[Scenario], table: LifeTable) -> list[tuple[int, str]]:
    """Groups that have any firm, by their place in the table."""
    from llm_market_sim.market.parameters import KINDS, ROUTES

    labels = {
        "kind": [_KINDS.get(kind, kind) for kind in KINDS],
        "route": [_ROUTES.get(route, route) for route in ROUTES],
        "scenario": [one.name for one in scenarios],
    }[by]
    there = table.alive[0, :, 0]
    return [(place, label) for place, label in enumerate(labels) if there[place]]


def _print(found: Lives) -> None:
    from llm_market_sim.cli.show import heading, paragraph, print_table
    from llm_market_sim.experiments.lives import CAUSES

    heading(f"How long firms last, by {found.name}: {', '.join(o.name for o in found.scenarios)}")
    paragraph(f"{found.worlds} worlds of {found.horizon} weeks. {FIRMS[found.firms]}")
    click.echo()
    for sentence in (*_sentences(found), *(_apart(found) if found.name == "scenario" else ())):
        paragraph(sentence, indent=2, label="-")
    click.echo()
    columns = ("", "week of life", "watched", "still there", "95 % interval",
               *(f"{cause}, %" for cause in CAUSES))  # fmt: skip
    print_table(columns, list(_rows(found)), right=columns[1:])
    for note in _notes(found):
        click.echo()
        paragraph(note)
    click.echo()


def _rows(found: Lives) -> Iterator[tuple[str, ...]]:
    table, (low, high) = found.table, found.table.band
    for place, label in found.groups:
        for line, week in enumerate(found.weeks(place)):
            gone = table.incidence[0, place, :, week].tolist()
            yield (
                "" if line else label, str(week), f"{table.alive[0, place, week]:,}",
                f"{100 * table.survival[0, place, week]:.1f} %",
                f"{100 * low[place, week]:.1f} to {100 * high[place, week]:.1f} %",
                *(f"{100 * share:.1f}" for share in gone),
            )  # fmt: skip


def _sentences(found: Lives) -> Iterator[str]:
    """``Of startups, 68 % last 78 weeks; 16 % are bought, 16 % go bankrupt, …``"""
    from llm_market_sim.experiments.lives import CAUSES

    for place, label in found.groups:
        weeks = found.weeks(place)
        if weeks:
            week = weeks[-1]
            gone = found.table.incidence[0, place, :, week].tolist()
            ends = ", ".join(
                f"{100 * share:.0f} % {cause}" for cause, share in zip(CAUSES, gone, strict=True)
            )
            who = "firms" if found.name == "scenario" else label
            where = f"In {label}, " if found.name == "scenario" else ""
            lasted = f"{100 * found.table.survival[0, place, week]:.0f} % of {who}"
            yield f"{where}{lasted} last {week} weeks; {ends}."


def _apart(found: Lives) -> Iterator[str]:
    """How much each further scenario differs from the first, on the same luck."""
    (first, name), *others = found.groups
    for place, label in others:
        week = min(found.weeks(place)[-1:] + found.weeks(first)[-1:], default=0)
        mean, low, high = (100 * x for x in found.table.difference(place, first, week))
        yield (
            f"{label} less {name}, {week} weeks after entry: {mean:+.1f} points "
            f"({low:+.1f} to {high:+.1f}), on the same luck."
        )


def _notes(found: Lives) -> Iterator[str]:
    from llm_market_sim.cli.commands.compare import p_text
    from llm_market_sim.summary.survival import REPLICATES, log_rank

    test = log_rank(found.table)
    if test is not None:
        excess = ", ".join(f"{label} {test.excess[place]:+,.0f}" for place, label in found.groups)
        yield (
            f"Log-rank test that all exit at the same rate: p {p_text(test.p_value)}; exits beyond "
            f"what equal rates would give: {excess}. Its variance is that over worlds; taking "
            "every firm for a draw of its own would misstate how sure this is."
        )
    yield (
        "A sale ends a firm, but may be a success for its owners; closed: a parent gave its unit "
        "up. Causes compete, so shares of a week add up to 100 % with those still there. A firm "
        "that is alive at the end is watched no longer (censored), and late entrants are watched "
        "for few weeks: the curves take it that they would have fared like the earlier ones. "
        f"Intervals: {REPLICATES} replicates of drawing other worlds. Conditional on the "
        "scenario's parameters: the model says, not the world."
    )
