"""``mark``: the homework of a class, marked by running each student's scenario and seed again."""

from __future__ import annotations

import time
from pathlib import Path

import click

from llm_market_sim.cli import options

PLACE = 105  # in the list of commands


@click.command(
    short_help="Mark homework: run each student's seed and scenario again.",
    epilog="""\b
Examples:
  llm-market-sim mark answers.csv
  llm-market-sim mark answers.csv --out marks.csv

\b
The first line of answers.csv:
  student,scenario,seed,bet,worlds_true,direction,sentence
bet: in how many of 100 worlds three to five platforms are left, written down
before looking; worlds_true: in how many of 256 they are; direction: up, same
or down, of their number against the baseline on the same luck. Cells of what
was not handed in stay empty.

\b
Points: 1 for a bet, 3 for the number of worlds (1 where it is only within the
95 % interval), 2 for the direction. The sentence is yours to mark, 0 to 4.""",
)
@click.argument("answers", type=options.PATH, metavar="ANSWERS.csv")
@click.option(
    "--out",
    type=options.PATH,
    metavar="MARKS.csv",
    help="Where to write the marks.  [default: beside it, with _marks in its name]",
)
def mark(answers: Path, out: Path | None) -> None:
    """Run every student's seed and scenario of ANSWERS.csv again, and write a CSV of points."""
    from llm_market_sim.cli.show import paragraph, print_table
    from llm_market_sim.experiments import homework

    begun = time.perf_counter()
    file = out or answers.with_name(f"{answers.stem}_marks.csv")
    given = homework.read_answers(answers)
    click.echo(f"Running {len(given)} scenarios and seeds again, a second or two each", err=True)
    marks = [homework.mark(one) for one in given]
    homework.write_marks(file, marks)
    print_table(
        ("student", "scenario", "seed", "worlds", "rerun", "direction", "rerun", "points"),
        [
            (
                one.student,
                one.scenario,
                str(one.seed),
                "none" if one.worlds_true is None else str(one.worlds_true),
                str(one.rerun),
                one.direction or "none",
                one.rerun_direction,
                str(one.points),
            )
            for one in marks
        ],
        right=("seed", "worlds", "rerun", "points"),
    )
    most = homework.BET + homework.RERUN + homework.DIRECTION
    click.echo()
    paragraph(
        f"Points are of {most}; the sentence, 0 to {homework.SENTENCE} more, is yours to mark. "
        f"{len(marks)} students, {homework.WORLDS} worlds of each scenario and seed, "
        f"{time.perf_counter() - begun:.1f} s."
    )
    click.echo(f"Written to {file}")
