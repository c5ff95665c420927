"""``sensitivity``: which assumptions carry an answer, and how much of it is luck."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options

if TYPE_CHECKING:
    from llm_market_sim.experiments import Loaded
    from llm_market_sim.experiments.sensitivity import Found, Sensitivity
    from llm_market_sim.figures import Language

__all__ = ["sensitivity"]

PLACE = 150  # in the list of commands

_PACKAGES = ("numpy", "SALib", "matplotlib")


@click.command(
    short_help="Say which assumptions carry an answer.",
    epilog="""\b
Examples:
  llm-market-sim sensitivity experiments/sensitivity_morris.yaml
  llm-market-sim sensitivity experiments/sensitivity_morris.yaml --worlds 8
  llm-market-sim sensitivity experiments/sensitivity_sobol.yaml --out results

\b
The folder of --out holds the figure sensitivity.png and .svg, the table
sensitivity.csv, manifest.json, and in rows the numbers of every world. If it
is interrupted, the same command goes on from there.""",
)
@options.experiment
@options.language
def sensitivity(
    file: Path, worlds: int | None, seed: int | None, jobs: int | None, out: Path | None,
    language: Language, guests: tuple[str, ...],
) -> None:  # fmt: skip
    """Say which assumptions move an answer, and how much of it is luck.

    FILE is a YAML file that names a claim, parameters with their ranges, and a method: morris
    screens many parameters; sobol shares out the variance between a few of them, and luck.
    """
    from llm_market_sim.batch import Table, all_cores, load_guests
    from llm_market_sim.cli.drivers import print_found
    from llm_market_sim.cli.experiment import keep, pieces, progress
    from llm_market_sim.experiments import load_spec
    from llm_market_sim.experiments.sensitivity import Sensitivity, table
    from llm_market_sim.experiments.sensitivity import sensitivity as find

    begun = time.perf_counter()
    load_guests(guests)
    loaded = load_spec(file, Sensitivity, {"worlds": worlds, "seed": seed})
    folder = pieces(out)
    with progress() as told:
        found = find(
            loaded, jobs=all_cores() if jobs is None else jobs, folder=folder, progress=told,
            guests=guests,
        )  # fmt: skip
    if out is not None:
        _draw(out, loaded, found, language)
        tables = {"sensitivity.csv": Table(*table(found))}
        keep(out, loaded, tables, ("sensitivity.png", "sensitivity.svg"), _PACKAGES)
    print_found(loaded, found)
    seconds = time.perf_counter() - begun
    click.echo(
        f"Seed {loaded.spec.seed}, {found.points:,} points, {found.runs:,} worlds in all, "
        f"{seconds:.1f} s."
    )
    if out is not None:
        click.echo(f"Written to {out}")


def _draw(out: Path, loaded: Loaded[Sensitivity], found: Found, language: Language) -> None:
    from llm_market_sim.figures import Origin, drivers_chart, save
    from llm_market_sim.figures.words import say
    from llm_market_sim.metrics import get_metric

    claim, spec = loaded.claim, loaded.spec
    changed = say("note.settings", language, settings=", ".join(spec.settings))
    origin = Origin(
        found.runs, spec.seed, loaded.scenario.label, over="ranges", definition=claim.definition,
        remark=changed if spec.settings else "",
    )  # fmt: skip
    unit = "" if spec.outcome == "share" else get_metric(claim.metric).unit
    text = f"“{claim.said[language]}”"
    figure = drivers_chart(found, origin, text, unit, language)
    save(figure, out / "sensitivity.png", out / "sensitivity.svg")
