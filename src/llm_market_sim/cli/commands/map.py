"""``map``: in what share of worlds a claim holds, over two parameters."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options

if TYPE_CHECKING:
    from llm_market_sim.batch import Table
    from llm_market_sim.experiments import Loaded, Range
    from llm_market_sim.experiments.grid import Found, Map
    from llm_market_sim.figures import Axis, Language

__all__ = ["map"]

PLACE = 170  # in the list of commands


@click.command(
    short_help="Map a claim over two parameters.",
    epilog="""\b
Examples:
  llm-market-sim map experiments/map_price_delay.yaml --out results
  llm-market-sim map experiments/map_two_that_matter.yaml --worlds 20

\b
The folder of --out holds the figure map.png and .svg, cells.csv (one row a
cell), manifest.json, and in rows the numbers of every world. If it is
interrupted, the same command goes on from there.""",
)
@options.experiment
@options.language
def map(
    file: Path, worlds: int | None, seed: int | None, jobs: int | None, out: Path | None,
    language: Language, guests: tuple[str, ...],
) -> None:  # fmt: skip
    """Show in what share of worlds a claim holds, over the ranges of two parameters.

    FILE is a YAML file that names a claim and the two parameters, across and up.
    """
    from llm_market_sim.batch import all_cores, load_guests
    from llm_market_sim.cli.experiment import keep, pieces, progress
    from llm_market_sim.experiments import load_spec
    from llm_market_sim.experiments.grid import Map, chart

    begun = time.perf_counter()
    load_guests(guests)
    loaded = load_spec(file, Map, {"worlds": worlds, "seed": seed})
    folder = pieces(out)
    with progress() as told:
        found = chart(
            loaded, jobs=all_cores() if jobs is None else jobs, folder=folder, progress=told,
            guests=guests,
        )  # fmt: skip
    if out is not None:
        _draw(out, loaded, found, language)
        files = ("map.png", "map.svg")
        keep(out, loaded, {"cells.csv": _table(loaded, found)}, files, ("numpy", "matplotlib"))
    _print(loaded, found)
    seconds = time.perf_counter() - begun
    count = found.share.size
    click.echo(
        f"Seed {loaded.spec.seed}, {count:,} cells, {count * loaded.spec.worlds:,} worlds in all, "
        f"{seconds:.1f} s."
    )
    if out is not None:
        click.echo(f"Written to {out}")


def _table(loaded: Loaded[Map], found: Found) -> Table:
    import numpy as np

    from llm_market_sim.batch import Table

    side, worlds = loaded.spec.cells, loaded.spec.worlds
    places = (np.arange(side) + 0.5) / side
    middles = [one.at(places).tolist() for one in loaded.space.ranges]
    rows = [
        [x, y, worlds, round(found.share[i, j] * worlds), float(found.share[i, j]),
         float(found.low[i, j]), float(found.high[i, j]), int(found.undecided[i, j])]
        for i, x in enumerate(middles[0])
        for j, y in enumerate(middles[1])
    ]  # fmt: skip
    names = ("worlds", "hits", "share", "low", "high", "undecided")
    return Table((*loaded.space.names, *names), rows)


def _print(loaded: Loaded[Map], found: Found) -> None:
    from llm_market_sim.cli.experiment import meaning, span
    from llm_market_sim.cli.show import date_of, heading, paragraph, print_table

    claim, names = loaded.claim, loaded.space.names
    heading(f"“{claim.text}”")
    paragraph(f"Tested: {claim.definition} ({date_of(claim.horizon_week)}).")
    across, up = (f"{name} ({meaning(name)})" for name in names)
    paragraph(f"Over {across} and {up}.")
    click.echo()
    rows = [
        (one.path, span(one), f"{100 * averages[0]:.0f}",
         f"{100 * averages[-1]:.0f}", f"{100 * moves:.0f}")
        for one, averages, moves in zip(
            loaded.space.ranges, found.averages, found.moves, strict=True
        )
    ]  # fmt: skip
    right = ("at its lowest, %", "at its highest, %", "moves it by, points")
    print_table(("parameter", "range", *right), rows, right=right)
    click.echo()
    count, open_ = found.share.size, int(found.undecided.sum())
    low, high = (f"{100 * share:.0f}" for share in (found.share.min(), found.share.max()))
    share = f"in {low} %" if low == high else f"in {low} to {high} %"
    more = (
        f"{names[found.more]} moves it more than {names[1 - found.more]}."
        if found.more is not None
        else "Which of the two moves it more cannot be told by so many worlds."
    )
    paragraph(
        f"The claim holds {share} of worlds, by cell: in more than half in "
        f"{int((found.low > 0.5).sum())} of {count} cells, in less than half in "
        f"{int((found.high < 0.5).sum())}, undecided in {open_}, whose interval covers one half. "
        f"{more}"
    )
    click.echo()
    paragraph(
        "In the table: the share of worlds in the cells of a parameter's lowest and highest "
        "values, averaged over the other parameter, and the largest less the smallest such "
        f"average. {loaded.spec.worlds} worlds a cell, the same luck in all; Wilson intervals, "
        "95 %. All of it is conditional on the defaults of the other parameters."
    )
    click.echo()


def _draw(out: Path, loaded: Loaded[Map], found: Found, language: Language) -> None:
    from llm_market_sim import __version__
    from llm_market_sim.figures import claim_map, save
    from llm_market_sim.figures.page import named
    from llm_market_sim.figures.words import date, say

    claim, spec = loaded.claim, loaded.spec
    across, up = loaded.space.ranges
    note = say(
        "map.note", language, definition=claim.definition, across=across.path, up=up.path,
        scenario=named(loaded.scenario.label, language), worlds=spec.worlds, seed=spec.seed,
        version=__version__,
    )  # fmt: skip
    if spec.settings:
        note += say("note.settings", language, settings=", ".join(spec.settings))
    figure = claim_map(
        found.share, found.undecided,
        _axis(loaded, across), _axis(loaded, up),
        f"“{claim.said[language]}”",
        say("map.subtitle", language, date=date(claim.horizon_week, language)),
        note, language,
    )  # fmt: skip
    save(figure, out / "map.png", out / "map.svg")


def _axis(loaded: Loaded[Map], one: Range) -> Axis:
    import numpy as np

    from llm_market_sim.cli.experiment import meaning, unit
    from llm_market_sim.figures import Axis
    from llm_market_sim.scenario import current

    what = unit(one.path).replace("times", "times the default")
    return Axis(
        label=f"{meaning(one.path)} ({what})" if what else meaning(one.path),
        edges=one.at(np.linspace(0.0, 1.0, loaded.spec.cells + 1)).tolist(),
        logarithmic=one.logarithmic,
        default=current(loaded.scenario, one.path),
    )
