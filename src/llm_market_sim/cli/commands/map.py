"""``map``: in what share of worlds a claim holds, over two parameters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.tell import span as shown
from llm_market_sim.cli.tell import spoken, tell
from llm_market_sim.words import date, percent, percents, points

if TYPE_CHECKING:
    from llm_market_sim.cli.options import How
    from llm_market_sim.experiments import Loaded, Range
    from llm_market_sim.experiments.grid import ClaimMap, Map
    from llm_market_sim.figures import Axis
    from llm_market_sim.words import Language

PLACE = 170  # in the list of commands


@click.command(
    short_help="Map a claim over two parameters.",
    epilog="""\b
Examples:
  llm-market-sim map experiments/map_price_delay.yaml --out results
  llm-market-sim map experiments/map_two_that_matter.yaml --worlds 20

\b
The folder of --out holds the figure map.png and .svg, cells.csv (one row a
cell), and the tables claims (the number of every world) and draws (the
parameters). The same command goes on from it, also with more --worlds.""",
)
@options.experiment
@options.language
@options.projector
def map(file: Path, how: How, language: Language, plugins: tuple[str, ...]) -> None:
    """Show in what share of worlds a claim holds, over the ranges of two parameters.

    FILE is a YAML file that names a claim and the two parameters, across and up.
    """
    from llm_market_sim.cli.experiment import answered
    from llm_market_sim.cli.working import close
    from llm_market_sim.experiments import grid, load_spec

    how = how.start(1, plugins)
    loaded = load_spec(file, grid.Map, {"worlds": how.worlds, "seed": how.seed})
    with answered(grid, loaded, how) as (loaded, found, outcome):
        if found is not None:
            if how.out is not None:
                _write(how.out, loaded, found, language)
            _print(loaded, found)
        count = loaded.spec.cells**2
        told, runs = "{cells} cells, {worlds} worlds in all", count * loaded.spec.worlds
        close(outcome, how, tell(told, cells=f"{count:,}", worlds=f"{runs:,}"))


def _write(out: Path, loaded: Loaded[Map], found: ClaimMap, language: Language) -> None:
    """The figure, and one row a cell."""
    import numpy as np

    from llm_market_sim.support.files import whole_files, write_csv

    side, worlds = loaded.spec.cells, loaded.spec.worlds
    places = (np.arange(side) + 0.5) / side
    middles = [one.at(places).tolist() for one in loaded.space.ranges]
    rows = [
        [
            x,
            y,
            worlds,
            round(found.share[i, j] * worlds),
            float(found.share[i, j]),
            float(found.low[i, j]),
            float(found.high[i, j]),
            int(found.undecided[i, j]),
        ]
        for i, x in enumerate(middles[0])
        for j, y in enumerate(middles[1])
    ]
    names = ("worlds", "hits", "share", "low", "high", "undecided")
    with whole_files(out) as place:
        write_csv(place / "cells.csv", (*loaded.space.names, *names), rows)
        _draw(place, loaded, found, language)


def _print(loaded: Loaded[Map], found: ClaimMap) -> None:
    from llm_market_sim.cli.experiment import meaning, span, tested
    from llm_market_sim.cli.show import heading, paragraph, print_table

    claim, names = loaded.claim, loaded.space.names
    heading(claim.sentence(spoken()))
    paragraph(tested(claim))
    told = "Over {across} ({what}) and {up} ({other})."
    across, up = names
    paragraph(tell(told, across=across, what=meaning(across), up=up, other=meaning(up)))
    click.echo()
    rows = [
        (one.path, span(one), points(averages[0]), points(averages[-1]), points(moves))
        for one, averages, moves in zip(
            loaded.space.ranges, found.averages, found.moves, strict=True
        )
    ]
    heads = ("parameter", "range", "at its lowest, %", "at its highest, %", "moves it by, points")
    columns = [tell(one) for one in heads]
    print_table(columns, rows, right=columns[2:])
    click.echo()
    least, most = found.share.min(), found.share.max()
    share = shown(percents(least, most)) if least != most else percent(least, spoken())
    told = (
        "The claim holds in {share} of worlds, by cell: in more than half in {yes} of {cells} "
        "cells, in less than half in {no}, undecided in {open}, whose interval covers one half. "
    )
    counts = {
        "yes": int((found.low > 0.5).sum()),
        "no": int((found.high < 0.5).sum()),
        "open": int(found.undecided.sum()),
    }
    said = tell(told, share=share, cells=found.share.size, **counts)
    if found.more is None:
        said += tell("So few worlds cannot tell which of the two moves it more.")
    else:
        more, less = names[found.more], names[1 - found.more]
        said += tell("{more} moves it more than {less}.", more=more, less=less)
    paragraph(said)
    click.echo()
    paragraph(
        tell(
            "In the table: the share of worlds in the cells of a parameter's lowest and highest "
            "values, averaged over the other parameter, and the largest less the smallest such "
            "average. {worlds} worlds a cell, the same luck in all; Wilson intervals, 95 %. All of "
            "it is conditional on the defaults of the other parameters.",
            worlds=loaded.spec.worlds,
        )
    )
    click.echo()


def _draw(out: Path, loaded: Loaded[Map], found: ClaimMap, language: Language) -> None:
    from llm_market_sim import __version__
    from llm_market_sim.figures import claim_map, save
    from llm_market_sim.figures.page import named
    from llm_market_sim.summary.said import say

    claim, spec = loaded.claim, loaded.spec
    across, up = loaded.space.ranges
    note = say(
        "map.note",
        language,
        definition=claim.defined(language),
        across=across.path,
        up=up.path,
        scenario=named(loaded.scenario.label, language),
        worlds=spec.worlds,
        seed=spec.seed,
        version=__version__,
    )
    if spec.settings:
        note += say("note.settings", language, settings=", ".join(spec.settings))
    figure = claim_map(
        found.share,
        found.undecided,
        _axis(loaded, across, language),
        _axis(loaded, up, language),
        claim.sentence(language),
        say("map.subtitle", language, date=date(claim.horizon_week, language)),
        note,
        language,
    )
    save(figure, out / "map.png", out / "map.svg")


def _axis(loaded: Loaded[Map], one: Range, language: Language) -> Axis:
    import numpy as np

    from llm_market_sim.cli.experiment import meaning, unit
    from llm_market_sim.figures import Axis
    from llm_market_sim.scenario import current

    what = unit(one.path, language).replace("times", "times the default")
    label, brackets = meaning(one.path, language), "（{}）" if language == "zh" else " ({})"
    return Axis(
        label=label + brackets.format(what) if what else label,
        edges=one.at(np.linspace(0.0, 1.0, loaded.spec.cells + 1)).tolist(),
        logarithmic=one.logarithmic,
        default=current(loaded.scenario, one.path),
    )
