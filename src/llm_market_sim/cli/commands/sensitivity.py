"""``sensitivity``: which assumptions carry an answer, and how much of it is luck."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.tell import tell

if TYPE_CHECKING:
    from llm_market_sim.cli.options import How
    from llm_market_sim.experiments import Loaded
    from llm_market_sim.experiments.sensitivity import Drivers, Sensitivity
    from llm_market_sim.words import Language

PLACE = 150  # in the list of commands


@click.command(
    short_help="Say which assumptions carry an answer.",
    epilog="""\b
Examples:
  llm-market-sim sensitivity experiments/sensitivity_morris.yaml
  llm-market-sim sensitivity experiments/sensitivity_morris.yaml --worlds 8
  llm-market-sim sensitivity experiments/sensitivity_sobol.yaml --out results

\b
The folder of --out holds sensitivity.csv, the figure sensitivity.png, .svg,
and the tables claims (the number of every world) and draws (the parameters).
The same command goes on from it: with morris also with more --worlds, with
sobol also with more samples in the file.""",
)
@options.experiment
@options.language
@options.projector
def sensitivity(file: Path, how: How, language: Language, plugins: tuple[str, ...]) -> None:
    """Say which assumptions move an answer, and how much of it is luck.

    FILE is a YAML file that names a claim, parameters with their ranges, and a method: morris
    screens many parameters; sobol shares out the variance between a few of them, and luck.
    """
    from llm_market_sim.cli.drivers import print_drivers
    from llm_market_sim.cli.experiment import answered
    from llm_market_sim.cli.working import close
    from llm_market_sim.experiments import load_spec
    from llm_market_sim.experiments import sensitivity as method
    from llm_market_sim.support.files import whole_files, write_csv

    how = how.start(1, plugins)
    loaded = load_spec(file, method.Sensitivity, {"worlds": how.worlds, "seed": how.seed})
    with answered(method, loaded, how) as (loaded, found, outcome):
        if found is not None:
            if how.out is not None:
                with whole_files(how.out) as place:
                    write_csv(place / "sensitivity.csv", *method.table(found))
                    _draw(place, loaded, found, language)
            print_drivers(loaded, found)
        rows = outcome.manifest.rows(loaded.scenario.name)
        points = rows // (loaded.spec.worlds if loaded.spec.method == "morris" else 1)
        told = "{points} points, {worlds} worlds in all"
        close(outcome, how, tell(told, points=f"{points:,}", worlds=f"{rows:,}"))


def _draw(out: Path, loaded: Loaded[Sensitivity], found: Drivers, language: Language) -> None:
    from llm_market_sim.figures import Origin, drivers_chart, save
    from llm_market_sim.metrics import get_metric
    from llm_market_sim.scenario.texts import declared
    from llm_market_sim.summary.said import say

    claim, spec = loaded.claim, loaded.spec
    changed = say("note.settings", language, settings=", ".join(spec.settings))
    origin = Origin(
        found.runs,
        spec.seed,
        loaded.scenario.label,
        over="ranges",
        definition=claim.defined(language),
        remark=changed if spec.settings else "",
    )
    unit = "" if spec.outcome == "share" else get_metric(claim.metric).unit
    text = claim.sentence(language)
    labels = _labels(found) if language == "zh" else None
    figure = drivers_chart(found, origin, text, declared(unit, language), language, labels)
    save(figure, out / "sensitivity.png", out / "sensitivity.svg")


def _labels(found: Drivers) -> dict[str, str]:
    """Factors in Chinese, by the short names that the live page has for them."""
    import json
    from importlib.resources import files

    from llm_market_sim.cli.experiment import meaning
    from llm_market_sim.experiments.sensitivity import LUCK

    page = files("llm_market_sim.classroom") / "texts" / "zh.json"
    short = json.loads(page.read_text(encoding="utf-8"))
    factors = [one for one in found.factors if one != LUCK]
    return {one: short.get(f"knob.{one}") or meaning(one, "zh") for one in factors}
