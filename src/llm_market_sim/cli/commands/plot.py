"""``plot``: figures of a stored batch, by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.tell import counted, reason, spoken, tell
from llm_market_sim.errors import InputError, Problem, mistake, nearest
from llm_market_sim.words import listed

if TYPE_CHECKING:
    from llm_market_sim.results import Results
    from llm_market_sim.words import Language

PLACE = 120  # in the list of commands

_FORMATS = ("png", "svg", "pdf")
_WEEKLY = ("fan", "timeline")
_SERIES = "general_developers"
_OUTCOME = "platforms"


def _formats(context: Any, option: Any, text: str) -> list[str]:
    """``png,pdf``: each once."""
    found = list(dict.fromkeys(one.strip().lower() for one in text.split(",")))
    for one in found:
        if one not in _FORMATS:
            raise click.BadParameter(f'no format "{one}"; {nearest(one, _FORMATS)}')
    return found


@click.command(
    short_help="Draw figures of a result folder.",
    epilog="""\b
Examples:
  llm-market-sim plot results                what can be drawn
  llm-market-sim plot results survivors
  llm-market-sim plot results --all --language zh --format pdf
  llm-market-sim plot results shares race --scenario strict_review
  llm-market-sim plot results fan --series hhi --out slides
  llm-market-sim plot results distribution --of startup_share
  llm-market-sim plot results distribution --of "firm_share firm=baidu"

Shares of single firms, money by kind of firm and the concentration of segments
are not kept; they come from the first 100 worlds, which are run again and
compared with what is kept of them. The same folder gives the same files, byte
for byte; a file of the same name is replaced.""",
)
@click.argument("folder", type=options.PATH)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "every", is_flag=True, help="All figures that the folder holds enough for.")
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    metavar="NAME",
    help="Whose figures, and the rows of figures of all scenarios; may be repeated.  "
    "[default: the one that extends no other; all rows]",
)
@click.option(
    "--series",
    metavar="NAME",
    help="The weekly series of fan and timeline.  [default: general_developers]",
)
@click.option(
    "--of",
    "outcome",
    metavar="NAME",
    help="What distribution shows: a series, a metric with its choices, or a claim, as in `list`."
    "  [default: platforms]",
)
@options.language
@options.projector
@click.option(
    "--format",
    "formats",
    default=",".join(_FORMATS),
    show_default=True,
    callback=_formats,
    metavar="LIST",
    help="File formats.",
)
@click.option(
    "--out",
    type=options.PATH,
    metavar="FOLDER",
    help="Where to write them.  [default: figures, in the FOLDER]",
)
@options.plugins
def plot(
    folder: Path,
    names: tuple[str, ...],
    every: bool,
    scenarios: tuple[str, ...],
    series: str | None,
    outcome: str | None,
    language: Language,
    formats: Sequence[str],
    out: Path | None,
    plugins: tuple[str, ...],
) -> None:
    """Draw figures of the FOLDER that a batch has written, finished or not.

    Without a NAME, say which there are.
    """
    from llm_market_sim.batch import load_plugins
    from llm_market_sim.cli.working import open_told
    from llm_market_sim.figures import save
    from llm_market_sim.figures.gallery import doubts, draw
    from llm_market_sim.figures.style import projected

    _check_use(names, every, scenarios, series, outcome)
    asked: dict[str, Any] = {
        "series": series or _SERIES,
        "outcome": outcome or _OUTCOME,
        "only": scenarios,
    }
    load_plugins(plugins)
    results = open_told(folder)
    if not names and not every:
        _list(results)
        return
    refused: list[Problem] = []  # of what was named, told when the others are drawn
    jobs = list(_jobs(results, names, every, list(dict.fromkeys(scenarios)), asked, refused))
    order = {name: place for place, name in enumerate(results.manifest.scenarios)}
    jobs.sort(key=lambda job: order.get(job.scenario or "", -1))  # each is run again once
    out = out or folder / "figures"
    if out.exists() and not out.is_dir():
        raise mistake("--out", f"{out} is a file; name a folder")
    told: set[str] = set()
    done = 0
    for place, job in enumerate(jobs, 1):
        stem = job.stem(asked) + ("_zh" if language == "zh" else "")
        stem += "_projector" if projected() else ""
        line = tell("{n} of {all}: {what}", n=place, all=len(jobs), what=stem)
        click.echo(line, err=True)
        try:
            figure = draw(results, job.name, scenario=job.scenario, language=language, **asked)
        except InputError as error:
            refused += error.problems
            continue
        save(figure, *(out / f"{stem}.{ending}" for ending in formats))
        doubt = doubts(results, job.name, job.scenario, asked["outcome"])
        if doubt and doubt not in told:
            click.echo(tell("Warning: {doubt}", doubt=reason(doubt)), err=True)
            told.add(doubt)
        done += 1
    if done:
        one, many = "{n} figure in {folder}", "{n} figures in {folder}"
        click.echo(counted(done, one, many, folder=out))
    if refused:
        raise InputError(refused)


def _check_use(
    names: Sequence[str],
    every: bool,
    scenarios: Sequence[str],
    series: str | None,
    outcome: str | None,
) -> None:
    """UsageError where an option would change none of the figures."""
    from llm_market_sim.figures.gallery import FIGURES

    drawn = FIGURES if every else names
    if series is not None and not {*_WEEKLY} & {*drawn}:
        raise click.UsageError(f"--series is for {listed([*_WEEKLY])}, and neither is named")
    if outcome is not None and "distribution" not in drawn:
        raise click.UsageError("--of is for the figure distribution, which is not named")
    if scenarios and not any(FIGURES[one].of_chosen for one in drawn if one in FIGURES):
        shown = listed(names) or "the list of figures"
        raise click.UsageError(f"--scenario changes nothing of {shown}")


@dataclass(frozen=True)
class _Job:
    """A figure to draw; scenario: None where it is of all of them."""

    name: str
    scenario: str | None

    def stem(self, asked: Mapping[str, Any]) -> str:
        """The name of its files, without an ending."""
        from llm_market_sim.figures.gallery import FIGURES

        what = self.name
        if FIGURES[self.name].of_series:
            what += f"_{asked['series']}"
        if FIGURES[self.name].of_outcome:
            what += "_" + re.sub(r"[^\w.,-]+", "_", asked["outcome"])
        return what if self.scenario is None else f"{what}_{self.scenario}"


def _jobs(
    results: Results,
    names: Sequence[str],
    every: bool,
    scenarios: Sequence[str],
    options: Mapping[str, Any],
    refused: list[Problem],
) -> Iterator[_Job]:
    """What is to be drawn; refused: filled with why something that was named cannot be.

    InputError where there is no such figure, scenario or series.
    """
    from llm_market_sim.figures.gallery import FIGURES, NotEnough, check

    default: list[str | None] = [None]
    for name in dict.fromkeys([*names, *(FIGURES if every else ())]):
        several = name in FIGURES and FIGURES[name].of == "all"
        for scenario in default if several else scenarios or default:
            try:
                asked = check(results, name, scenario, **options)
            except NotEnough as error:
                if name in names:
                    refused += error.problems
                else:
                    why = reason(error.problems[0].message)
                    click.echo(tell("Left out: {why}", why=why), err=True)
            else:
                yield _Job(name, None if several else asked.scenario)


def _list(results: Results) -> None:
    from llm_market_sim.cli.show import print_table
    from llm_market_sim.figures.gallery import FIGURES, Asked

    asked = Asked(results)
    rows = []
    for name, entry in FIGURES.items():
        why = entry.missing(asked)
        here = tell("not here: {why}", why=reason(why)) if why else ""
        rows.append((name, entry.title[spoken()], here))
    print_table((tell("figure"), "", ""), rows)
    click.echo(tell("Name some of them, or --all."))
