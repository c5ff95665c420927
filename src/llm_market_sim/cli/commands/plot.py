"""``plot``: figures of a stored batch, by name."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from llm_market_sim.cli import options

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from llm_market_sim.figures import Language
    from llm_market_sim.results import Results

__all__ = ["plot"]

PLACE = 120  # in the list of commands

_FORMATS = ("png", "svg", "pdf")


def _formats(context: Any, option: Any, text: str) -> list[str]:
    """``png,pdf``: each once."""
    from llm_market_sim.errors import nearest

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

Shares of single firms, money by kind of firm and the concentration of segments
are not kept; they come from the first 100 worlds, which are run again and
compared with what is kept of them. The same folder gives the same files, byte
for byte; a file of the same name is replaced.""",
)
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "every", is_flag=True, help="All figures that the folder holds enough for.")
@click.option("--scenario", "scenarios", multiple=True, metavar="NAME",
              help="Whose figures, where a figure is of one scenario; may be repeated.  [default: "
              "the one that extends no other]")  # fmt: skip
@click.option("--series", default="general_developers", show_default=True, metavar="NAME",
              help="The weekly series of fan and timeline.")  # fmt: skip
@options.language
@click.option("--format", "formats", default=",".join(_FORMATS), show_default=True,
              callback=_formats, metavar="LIST", help="Kinds of files.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), metavar="FOLDER",
              help="Where to.  [default: figures, in the FOLDER]")  # fmt: skip
@options.guests
def plot(
    folder: Path, names: tuple[str, ...], every: bool, scenarios: tuple[str, ...], series: str,
    language: Language, formats: Sequence[str], out: Path | None,
    guests: tuple[str, ...],
) -> None:  # fmt: skip
    """Draw figures of the FOLDER that a batch has written, finished or not.

    Without a NAME, say which there are.
    """
    from llm_market_sim.batch import load_guests
    from llm_market_sim.figures.gallery import doubts, draw
    from llm_market_sim.results import open_results

    load_guests(guests)
    results = open_results(folder)
    if not names and not every:
        _list(results)
        return
    jobs = list(_jobs(results, names, every, list(dict.fromkeys(scenarios)), series))
    order = {name: place for place, name in enumerate(results.manifest.scenarios)}
    jobs.sort(key=lambda job: order.get(job.scenario or "", -1))  # each is run again once
    out = out or folder / "figures"
    _make(out)
    told: set[str | None] = {None}
    for place, job in enumerate(jobs, 1):
        stem = job.stem(series) + ("_zh" if language == "zh" else "")
        click.echo(f"{place} of {len(jobs)}: {stem}", err=True)
        figure = draw(results, job.name, scenario=job.scenario, language=language, series=series)
        _save(figure, [out / f"{stem}.{ending}" for ending in formats])
        doubt = doubts(results, job.name, job.scenario)
        if doubt not in told:
            click.echo(f"Warning: {doubt}", err=True)
            told.add(doubt)
    count = f"{len(jobs)} figure{'s' if len(jobs) != 1 else ''}"
    click.echo(f"{count} in {out}")


@dataclass(frozen=True)
class _Job:
    """A figure to draw; scenario: None where it is of all of them."""

    name: str
    scenario: str | None

    def stem(self, series: str) -> str:
        """The name of its files, without an ending."""
        from llm_market_sim.figures.gallery import FIGURES

        what = f"{self.name}_{series}" if FIGURES[self.name].of_series else self.name
        return what if self.scenario is None else f"{what}_{self.scenario}"


def _jobs(
    results: Results, names: Sequence[str], every: bool, scenarios: Sequence[str], series: str
) -> Iterator[_Job]:
    """What is to be drawn. InputError where something that was named cannot be."""
    from llm_market_sim.figures.gallery import FIGURES, NotEnough, check

    default: list[str | None] = [None]
    for name in dict.fromkeys([*names, *(FIGURES if every else ())]):
        several = name in FIGURES and FIGURES[name].of == "all"
        for scenario in default if several else scenarios or default:
            try:
                asked = check(results, name, scenario, series)
            except NotEnough as error:
                if name in names:
                    raise
                click.echo(f"Left out: {error.problems[0].message}", err=True)
            else:
                yield _Job(name, None if several else asked.scenario)


def _list(results: Results) -> None:
    from llm_market_sim.cli.show import print_table
    from llm_market_sim.figures.gallery import FIGURES, Asked

    asked = Asked(results)
    rows = []
    for name, entry in FIGURES.items():
        why = entry.why_not(entry.usual(asked)) if asked.scenarios else "no worlds are there yet"
        rows.append((name, entry.title["en"], f"not here: {why}" if why else ""))
    print_table(("figure", "", ""), rows)
    click.echo("Name some of them, or --all.")


def _make(out: Path) -> None:
    """The folder, if it is not there. InputError where it cannot be."""
    from llm_market_sim.errors import InputError, Problem

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = "is a file; name a folder" if out.is_file() else f"cannot be made: {error.strerror}"
        raise InputError([Problem("--out", "", f"{out} {why}")]) from error


def _save(figure: Figure, files: Sequence[Path]) -> None:
    """Each file is there whole or not at all."""
    from llm_market_sim.figures import save

    with tempfile.TemporaryDirectory(prefix=".part-", dir=files[0].parent) as place:
        parts = [Path(place) / file.name for file in files]
        save(figure, *parts)
        for part, file in zip(parts, files, strict=True):
            part.replace(file)
