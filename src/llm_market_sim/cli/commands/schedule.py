"""``schedule``: the order of a week."""

from __future__ import annotations

import click

__all__ = ["schedule"]

PLACE = 30  # in the list of commands


@click.command(short_help="Print the order of a week.")
def schedule() -> None:
    """Print the order of a week: what happens in each phase, and what it may change."""
    from llm_market_sim.cli.show import paragraph
    from llm_market_sim.market.schedule import SCHEDULE

    paragraph(
        "Every week these phases follow each other. Each reads the state that the one before "
        "left, for all firms of all worlds at once, and may write only the columns named."
    )
    click.echo()
    width = max(len(phase.name) for phase in SCHEDULE)
    for place, phase in enumerate(SCHEDULE, 1):
        click.echo(
            f"{place:2d}  {click.style(phase.name.ljust(width), bold=True)}  {phase.sentence}"
        )
        paragraph(f"writes {', '.join(phase.writes)}", indent=6 + width)
