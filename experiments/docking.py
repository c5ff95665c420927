"""Does the market reproduce what others measured in other markets?

    python experiments/docking.py                  # a minute or two on two cores
    python experiments/docking.py --out docking    # tables and figures as files

Runs the scenarios of scenarios/history, lays them over what was counted or found, and judges by
bands that were fixed beforehand: China's group-buying sites, the shakeouts of four American
industries, and the payoff of getting big fast.
"""

from __future__ import annotations

import csv
import datetime as dt
import sys
from pathlib import Path

import click

from llm_market_sim.batch.plugins import load_plugins
from llm_market_sim.cli.app import told
from llm_market_sim.cli.show import heading, paragraph, print_table
from llm_market_sim.errors import MarketSimError
from llm_market_sim.experiments.docking import (
    AS_IT_IS,
    CASES,
    YEARS,
    Case,
    Docked,
    industries,
    observed,
    week_of,
)
from llm_market_sim.figures import Origin, docking_chart, save

_POLICIES = Path(__file__).parent / "get_big_fast.py"
_COLUMNS = ("case", "variant", "number", "worlds", "seed", "low", "middle", "high")


@click.command(help=__doc__.split("\n\n")[0])
@click.option("--worlds", type=click.IntRange(3), help="Worlds.  [default: by case, 40 or 200]")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of all luck.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FOLDER", help="Write files.")
def main(worlds: int | None, seed: int, out: Path | None) -> None:
    load_plugins([_POLICIES])
    rows: list[tuple[object, ...]] = []
    for case in CASES:
        many = worlds or case.worlds
        found = {name: case.dock(many, seed, sets) for name, sets in case.variants.items()}
        _show(case, found, many, seed)
        for name, one in found.items():
            for band in case.bands:
                ends = (f"{x:.4g}" for x in case.spread(one.numbers[band.name]))
                rows.append((case.name, name, band.name, many, seed, *ends))
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            _draw(case, found[AS_IT_IS], Origin(many, seed), out)
    if out is not None:
        with (out / "docking.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows([_COLUMNS, *rows])
        click.echo(f"Written: {out}")


def _show(case: Case, found: dict[str, Docked], worlds: int, seed: int) -> None:
    """Bands, what the model gives, and what it gives with other assumptions."""
    heading(case.title)
    lines, held = [], 0
    for band in case.bands:
        low, middle, high = case.spread(found[AS_IT_IS].numbers[band.name])
        verdict = case.verdict(band, low, middle, high)
        held += verdict == "holds"
        ends = f"{_short(low)} to {_short(high)}"
        lines.append((band.about, band.words, _short(middle), ends, verdict))
    columns = ("mean", "95 % interval") if case.of_mean else ("median", "5 to 95 %")
    print_table(("number", "band", *columns, "verdict"), lines)
    print_table(
        ("with other assumptions", *(band.name for band in case.bands)),
        [
            (name, *(_short(case.spread(one.numbers[band.name])[1]) for band in case.bands))
            for name, one in found.items()
        ],
    )
    paragraph(f"{held} of {len(case.bands)} bands are met. {worlds} worlds, seed {seed}.")


def _short(x: float) -> str:
    return f"{x:,.0f}" if abs(x) >= 20 else f"{x:.2f}"


def _draw(case: Case, one: Docked, origin: Origin, out: Path) -> None:
    """Survivors over what was counted, where firms come and go."""
    if one.survivors is None:
        return
    if case.name == "group_buying":
        counted = [(seen.week, seen.of_peak, "") for seen in observed()]
        bands = [(b.week, b.low, b.high) for b in case.bands if b.week is not None]
        years = [(week_of(dt.date(year, 1, 1)), year) for year in range(2011, 2015)]
    else:
        counted = [(seen.week, seen.of_peak, name) for name, seen in industries().items()]
        last = one.survivors.shape[1] - 1
        bands = [(last, case.bands[0].low, case.bands[0].high)]
        years = [(year * 52 / YEARS, year) for year in range(0, 71, 10)]
    figure = docking_chart(one.survivors, counted, bands, years, origin, words=case.name)
    save(figure, out / f"{case.name}.png")


if __name__ == "__main__":
    try:
        main()
    except MarketSimError as error:
        sys.exit(told(error))
