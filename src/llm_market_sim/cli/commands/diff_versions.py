"""``diff-versions``: two versions of the program on the same luck."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.tell import spoken, tell

if TYPE_CHECKING:
    from llm_market_sim.experiments.versions import Versions
    from llm_market_sim.words import Language

PLACE = 185  # in the list of commands

_ROWS = 6  # of a kind, on the terminal
_MOST_WORLDS = 100_000


@click.command(
    short_help="Run two versions on the same luck, and say what differs.",
    epilog="""\b
Examples:
  llm-market-sim diff-versions HEAD~1
  llm-market-sim diff-versions v1.0.0 HEAD --worlds 400
  llm-market-sim diff-versions ../copy --scenario baseline

OLD and NEW are folders, of a virtual environment or of a copy that make has
installed, or revisions of the git repository here. A revision is unpacked and
installed in an environment of its own, once. Without NEW it is this program.

\b
The folder of --out holds the results of both in old/ and new/, versions.csv
(one row for each number that differs) and the page versions.html.""",
)
@click.argument("old")
@click.argument("new", required=False)
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    metavar="NAME",
    help="Only this scenario; may be repeated.",
)
@options.worlds(100, 2, "Worlds of each scenario.", _MOST_WORLDS)
@click.option(
    "--seed",
    type=int,
    callback=options.bounded(0, 2**64),
    default=1,
    show_default=True,
    help="Seed of all luck.",
)
@click.option(
    "--out",
    type=options.PATH,
    metavar="FOLDER",
    default=Path("build/versions"),
    show_default=True,
    help="Where both are installed and kept.",
)
@options.language
def diff_versions(
    old: str,
    new: str | None,
    scenarios: tuple[str, ...],
    worlds: int,
    seed: int,
    out: Path,
    language: Language,
) -> None:
    """Run versions OLD and NEW in the same worlds of all scenarios, and say which claims, bands
    and firms differ, and by how much against chance.
    """
    from llm_market_sim.cli import other_version
    from llm_market_sim.cli.write_versions import write_versions
    from llm_market_sim.experiments.versions import versions
    from llm_market_sim.results import open_results

    sides = (("old", old), ("new", new or ""))
    pythons = {side: other_version.python_of(given, out) for side, given in sides}
    names = {
        side: f"{given or tell('this program')} ({other_version.told(pythons[side])})"
        for side, given in sides
    }
    for side, _ in sides:
        click.echo(tell("Running {name}", name=names[side]), err=True)
        other_version.run(pythons[side], out / side, scenarios, worlds, seed)
    found = versions(open_results(out / "old"), open_results(out / "new"))
    page = write_versions(out, found, names["old"], names["new"], language)
    _print(found, names["old"], names["new"])
    click.echo()
    click.echo(tell("Written to {folder}", folder=page))


def _print(found: Versions, old: str, new: str) -> None:
    from llm_market_sim.cli.show import heading, paragraph, print_table
    from llm_market_sim.experiments.versions import KINDS
    from llm_market_sim.pages.versions import lines, named, sentences, value
    from llm_market_sim.pages.words import sayer
    from llm_market_sim.words import p_value

    language, say = spoken(), sayer(spoken())
    heading(say("versions.title", old=old, new=new))
    for sentence in sentences(found, language):
        paragraph(sentence)
    for kind in KINDS:
        if not (most := lines(found.moved, kind)):
            continue
        heading(f"{say(f'versions.{kind}')}: {say(f'versions.what_{kind}')}")
        names = ("what", "clear", "most", "before", "after", "p")
        columns = [say(f"versions.column_{name}") for name in names]
        rows = [
            (
                named(line.most, language),
                f"{line.clear}/{line.scenarios}",
                line.most.scenario,
                value(line.most, line.most.before, language),
                value(line.most, line.most.after, language),
                p_value(line.most.adjusted),
            )
            for line in most[:_ROWS]
        ]
        print_table(columns, rows, right=(columns[1], *columns[3:]))
        if len(most) > _ROWS:
            click.echo(tell("and {n} more", n=len(most) - _ROWS))
