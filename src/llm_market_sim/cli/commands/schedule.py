"""``schedule``: the order of a week."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from llm_market_sim.cli import options

if TYPE_CHECKING:
    from llm_market_sim.words import Language

PLACE = 30  # in the list of commands
_WORLDS = 64  # timed together


@click.command(short_help="Print the order of a week.")
@click.option(
    "--time", "timed", is_flag=True, help="Run some worlds, and say how long each phase takes."
)
@options.language
def schedule(timed: bool, language: Language) -> None:
    """Print the order of a week: what happens in each phase, what it reads and may change.

    With --time, also the processor time of each phase in microseconds a world and week, of 64
    worlds of the baseline. Each rule is timed by itself, the cost of calling it included.
    """
    from llm_market_sim.cli.show import paragraph
    from llm_market_sim.cli.tell import tell
    from llm_market_sim.market.schedule import schedule as order

    times = _times() if timed else {}
    told = (
        "Every week these phases follow each other, in one world after the other. Each is a loop "
        "over the firms, and reads what the one before left. What it looks at and changes is "
        "found from its source."
    )
    paragraph(tell(told))
    click.echo()
    width = max(len(phase.name) for phase in order())
    for place, phase in enumerate(order(), 1):
        took = tell("{time} us", time=f"{times[phase.name]:6.2f}") + "  " if timed else ""
        name = click.style(phase.name.ljust(width), bold=True)
        said = phase.sentence if language == "en" else phase.sentence_zh
        click.echo(f"{place:2d}  {name}  {took}{said}")
        paragraph(tell("reads {names}", names=", ".join(phase.reads)), indent=6 + width)
        paragraph(tell("writes {names}", names=", ".join(phase.writes)), indent=6 + width)
    if timed:
        total = f"{sum(times.values()):.2f}"
        click.echo("\n" + tell("{total} us a world and week in all.", total=total))


def _times() -> dict[str, float]:
    """Microseconds a world and week, by phase."""
    from llm_market_sim.scenario import load
    from llm_market_sim.simulation import Worlds

    worlds = Worlds(load("baseline"), range(_WORLDS), 1)
    spent = worlds.timed()
    return {name: 1e6 * seconds / _WORLDS / worlds.ticks for name, seconds in spent.items()}
