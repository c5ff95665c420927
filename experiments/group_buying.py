"""Does the market reproduce China's group-buying war of 2010 to 2014?

    python experiments/group_buying.py                  # a minute on two cores
    python experiments/group_buying.py --out docking    # table and figure as files

Runs scenarios/history/group_buying.yaml, lays survivors over those that were counted
(scenarios/history/group_buying.csv), and judges by bands that were fixed beforehand.
"""

from __future__ import annotations

import csv
import datetime as dt
import sys
from pathlib import Path

import click
import numpy as np

from llm_market_sim.cli.app import told
from llm_market_sim.cli.show import heading, paragraph, print_table
from llm_market_sim.errors import MarketSimError
from llm_market_sim.experiments.docking import (
    BANDS,
    VARIANTS,
    Docked,
    dock,
    observed,
    verdict,
    week_of,
)
from llm_market_sim.figures import Origin, docking_chart, save


@click.command(help=__doc__.split("\n\n")[0])
@click.option("--worlds", type=click.IntRange(2), default=200, show_default=True, help="Worlds.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of all luck.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FOLDER", help="Write files.")
def main(worlds: int, seed: int, out: Path | None) -> None:
    found = {name: dock(worlds, seed, sets) for name, sets in VARIANTS.items()}
    asked = found["as it is"]
    heading("Bands, and what the model gives")
    columns = ("number", "band", "median", "5 to 95 %", "verdict")
    print_table(
        columns,
        [
            (
                band.about,
                f"{band.low:g} to {band.high:g}",
                f"{np.median(x):.2f}",
                "{:.2f} to {:.2f}".format(*np.quantile(x, (0.05, 0.95))),
                verdict(band, x),
            )
            for band in BANDS
            for x in [asked.numbers[band.name]]
        ],
    )
    heading("The same with other assumptions: medians")
    print_table(
        ("variant", *(band.name for band in BANDS)),
        [
            (name, *(f"{np.median(one.numbers[band.name]):.2f}" for band in BANDS))
            for name, one in found.items()
        ],
    )
    held = sum(verdict(band, asked.numbers[band.name]) == "holds" for band in BANDS)
    paragraph(
        f"{held} of {len(BANDS)} bands are met. {worlds} worlds, seed {seed}; the median's error "
        "is far smaller than its distance from a band, so more worlds would not change a verdict."
        if all(_clear(asked, k) for k in range(len(BANDS)))
        else f"{held} of {len(BANDS)} bands are met. {worlds} worlds, seed {seed}; of some a "
        "median lies close to a band's end, and more worlds would tell."
    )
    if out is None:
        return
    out.mkdir(parents=True, exist_ok=True)
    with (out / "group_buying.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("variant", "number", "worlds", "seed", "low", "median", "high"))
        for name, one in found.items():
            for band in BANDS:
                ends = np.quantile(one.numbers[band.name], (0.05, 0.5, 0.95))
                writer.writerow((name, band.name, worlds, seed, *(f"{x:.4g}" for x in ends)))
    seen = observed()
    counted = [(one.week, one.sites / seen[0].sites) for one in seen]
    bands = [(b.week, b.low, b.high) for b in BANDS if b.name.startswith("survivors")]
    years = [(week_of(dt.date(year, 1, 1)), year) for year in range(2011, 2015)]
    figure = docking_chart(asked.survivors, counted, bands, years, Origin(worlds, seed))
    save(figure, out / "group_buying.png")
    click.echo(f"Written: {out}")


def _clear(one: Docked, k: int) -> bool:
    """Whether the middle half of the worlds lies on one side of both ends of a band."""
    low, high = np.quantile(one.numbers[BANDS[k].name], (0.25, 0.75))
    return not any(low <= end <= high for end in (BANDS[k].low, BANDS[k].high))


if __name__ == "__main__":
    try:
        main()
    except MarketSimError as error:
        sys.exit(told(error))
