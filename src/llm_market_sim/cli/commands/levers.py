"""``levers``: what each lever moves in the baseline, on the same luck."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.tell import amount, counted, spoken, tell
from llm_market_sim.words import date, listed

if TYPE_CHECKING:
    from llm_market_sim.experiments.levers import Effect, Lever
    from llm_market_sim.figures import Origin
    from llm_market_sim.words import Language

PLACE = 145  # in the list of commands

_ENDINGS = (".png", ".svg", ".pdf")
_SENTENCES = 3  # outcomes named of each lever
_HEADS = (  # one lever, several
    "What one lever moves in the baseline, in {worlds} worlds",
    "What {n} levers move in the baseline, in {worlds} worlds",
)
_MOVES = (  # down, up
    "{outcome} down from {before} to {after} by week {week} ({date}): {size} standard deviations; "
    "difference {low} to {high}",
    "{outcome} up from {before} to {after} by week {week} ({date}): {size} standard deviations; "
    "difference {low} to {high}",
)
_LEAST = 0.5  # standard deviations from which on an outcome is said to move


def _picture(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
    """A file that can hold a figure."""
    if value is not None and value.suffix not in _ENDINGS:
        raise click.BadParameter(f'"{value}" must end with {", ".join(_ENDINGS)}')
    return value


@click.command(
    short_help="What each lever moves: money, compute, rules, users.",
    epilog="""\b
Examples:
  llm-market-sim levers
  llm-market-sim levers rent_x3 review_34 --worlds 400
  llm-market-sim levers --out levers.csv --figure levers.png
  llm-market-sim levers rent_x3 review_34 --map map.png

A lever changes the baseline in one way; world k has the same luck with it and
without. An effect is the mean difference between the same worlds, in the
outcome's unit and in standard deviations of the outcome between the worlds of
the baseline. The levers are listed in scenarios/levers.yaml. --map shows what
rent and review do together, over a grid of both.""",
)
@click.argument("names", nargs=-1, metavar="[LEVER]...")
@options.worlds(256, 2, "Worlds of each lever.")
@options.seed
@options.table("Write every effect, with its interval, into this file.")
@click.option(
    "--figure",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.png",
    callback=_picture,
    help="Draw the table of levers (.png, .svg or .pdf).",
)
@click.option(
    "--map",
    "map_",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.png",
    callback=_picture,
    help="Draw a map of rent and review, and write its cells beside it.",
)
@options.language
@options.projector
def levers(
    names: tuple[str, ...],
    worlds: int,
    seed: int,
    out: Path | None,
    figure: Path | None,
    map_: Path | None,
    language: Language,
) -> None:
    """Turn each LEVER (all of them by default) and say what moves, and what does not."""
    from llm_market_sim.batch import all_cores
    from llm_market_sim.cli.progress import tell_cost, took
    from llm_market_sim.cli.show import heading, paragraph
    from llm_market_sim.experiments.levers import RENTS, REVIEWS, WEEKS, effects, load_levers, write
    from llm_market_sim.figures import Origin
    from llm_market_sim.scenario import load

    begun = time.perf_counter()
    chosen = load_levers(names)
    cells = len(RENTS) * len(REVIEWS) if map_ else 0
    tell_cost((len(chosen) + 1 + cells) * worlds * max(WEEKS), all_cores())
    by_lever: dict[str, list[Effect]] = {}
    for one in effects(chosen.values(), worlds, seed):
        by_lever.setdefault(one.lever, []).append(one)
    heading(counted(len(chosen), *_HEADS, worlds=worlds))
    for name, lever in chosen.items():
        click.echo()
        paragraph(tell("{name}: {about}.", name=name, about=lever.about[language]))
        _print(by_lever[name])
    written = []
    if out is not None:
        write(out, [one for found in by_lever.values() for one in found])
        written.append(out)
    if figure is not None:
        _draw(figure, chosen, by_lever, Origin(worlds, seed, load("baseline").label), language)
        written.append(figure)
    if map_ is not None:
        written += _map(map_, Origin(worlds, seed, load("baseline").label), language)
    if written:
        click.echo()
        click.echo(tell("Written to {folder}", folder=", ".join(map(str, written))))
    click.echo()
    click.echo(took(seed, begun))


def _draw(
    file: Path,
    levers: Mapping[str, Lever],
    found: Mapping[str, Sequence[Effect]],
    origin: Origin,
    language: Language,
) -> None:
    from llm_market_sim.experiments.levers import OUTCOMES, WEEKS
    from llm_market_sim.figures import levers_chart, save

    labels = {name: lever.name for name, lever in levers.items()}
    sizes = {name: {(e.outcome, e.week): e.size for e in found[name]} for name in levers}
    save(levers_chart(labels, sizes, list(OUTCOMES), WEEKS, origin, language), file)


def _map(file: Path, origin: Origin, language: Language) -> list[Path]:
    """The picture, and its cells in a table of the same name."""
    from llm_market_sim.experiments.levers import MAPPED, WEEKS, map_rent_and_review, write_grid
    from llm_market_sim.figures import lever_map, save

    grid = map_rent_and_review(origin.worlds, origin.seed)
    cells = file.with_suffix(".csv")
    write_grid(cells, grid)
    figure = lever_map(
        grid.rents, grid.reviews, grid.sizes, grid.usual, MAPPED, WEEKS, origin, language
    )
    save(figure, file)
    return [file, cells]


def _print(found: list[Effect]) -> None:
    """The outcomes that move most, each at the week of its larger effect; the others by name."""
    from llm_market_sim.cli.show import paragraph
    from llm_market_sim.experiments.levers import OUTCOMES
    from llm_market_sim.market.observation import SERIES

    names = OUTCOMES if spoken() == "en" else {name: SERIES[name].label["zh"] for name in OUTCOMES}
    most = {
        name: max((e for e in found if e.outcome == name), key=lambda e: abs(e.size))
        for name in OUTCOMES
    }
    order = sorted(most.values(), key=lambda e: -abs(e.size))
    moves = [one for one in order if abs(one.size) >= _LEAST]
    for one in moves[:_SENTENCES]:
        told = tell(
            _MOVES[one.size > 0],
            outcome=names[one.outcome],
            before=amount(one.pairs.before),
            after=amount(one.pairs.after),
            week=one.week,
            date=date(one.week, spoken()),
            size=f"{one.size:+.1f}",
            low=amount(one.pairs.low),
            high=amount(one.pairs.high),
        )
        paragraph(told, indent=4, label="  -")
    rest = [names[one.outcome] for one in moves[_SENTENCES:]]
    still = [names[one.outcome] for one in order if abs(one.size) < _LEAST]
    for told, some in (("also moves: {names}", rest), ("hardly moves: {names}", still)):
        if some:
            paragraph(tell(told, names=listed(some, spoken())), indent=4, label="  -")
