"""``mark``: the homework of a class, marked by running each student's scenario and seed again."""

from __future__ import annotations

import time
from pathlib import Path

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.tell import tell

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
@options.language
def mark(answers: Path, out: Path | None, language: str) -> None:
    """Run every student's seed and scenario of ANSWERS.csv again, and write a CSV of points."""
    from llm_market_sim.cli.show import paragraph, print_table
    from llm_market_sim.experiments import homework

    begun = time.perf_counter()
    file = out or answers.with_name(f"{answers.stem}_marks.csv")
    given = homework.read_answers(answers)
    told = "Running {n} scenarios and seeds again, a second or two each"
    click.echo(tell(told, n=len(given)), err=True)
    marks = [homework.mark(one) for one in given]
    homework.write_marks(file, marks)
    heads = ("student", "scenario", "seed", "worlds", "rerun", "direction", "rerun", "marks")
    columns = [tell(one) for one in heads]
    print_table(
        columns,
        [
            (
                one.student,
                one.scenario,
                str(one.seed),
                tell("none") if one.worlds_true is None else str(one.worlds_true),
                str(one.rerun),
                tell(one.direction or "none"),
                tell(one.rerun_direction),
                str(one.points),
            )
            for one in marks
        ],
        right=(*columns[2:5], columns[7]),
    )
    most = homework.BET + homework.RERUN + homework.DIRECTION
    click.echo()
    paragraph(
        tell(
            "Points are out of {most}; the sentence, 0 to {sentence} more, is yours to mark. {n} "
            "students, {worlds} worlds of each scenario and seed, {seconds} s.",
            most=most,
            sentence=homework.SENTENCE,
            n=len(marks),
            worlds=homework.WORLDS,
            seconds=f"{time.perf_counter() - begun:.1f}",
        )
    )
    click.echo(tell("Written to {folder}", folder=file))
