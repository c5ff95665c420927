"""``class``: a lesson with a teacher's page, a projector and phones."""

from __future__ import annotations

from pathlib import Path

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.tell import tell

PLACE = 33  # in the list of commands


@click.command(
    "class",
    short_help="Teach a class: a teacher's page, a projector and phones.",
    epilog="""\b
Examples:
  llm-market-sim class
  llm-market-sim class --language zh --code TKAJ
  llm-market-sim class --room tuesday.sqlite

Phones reach this machine over the school's network or a hotspot; nothing is
needed from the internet. All that happens is kept in one file: the same command
goes on from it, after a crash, too. docs/class.md tells how to run a lesson.""",
)
@click.option(
    "--room",
    "file",
    type=options.PATH,
    default="class.sqlite",
    show_default=True,
    help="The file in which the class is kept; a new one is a new class.",
)
@click.option(
    "--code",
    metavar="LETTERS",
    help="Four letters with which phones join; they are the seed, too: the same code, the same "
    "worlds.  [default: drawn]",
)
@click.option(
    "--port",
    type=click.IntRange(1024, 65000),
    default=8123,
    show_default=True,
    help="The port of the phones; the teacher's is the next free one.",
)
@click.option(
    "--address",
    "names",
    multiple=True,
    metavar="NAME",
    help="Another name or address by which phones reach this machine.",
)
@click.option(
    "--teacher-anywhere",
    is_flag=True,
    help="Let other machines open the teacher's page, by a link with a key.",
)
@click.option("--open/--no-open", "show", default=True, help="Open a browser.  [default: open]")
@options.language
def class_(
    file: Path,
    code: str | None,
    port: int,
    names: tuple[str, ...],
    teacher_anywhere: bool,
    show: bool,
    language: str,
) -> None:
    """Serve a class until Ctrl-C: the teacher's page and the projector's on this machine, the
    phones' page for all who reach it."""
    from llm_market_sim.cli.serving import needs_class

    needs_class()
    import secrets
    import webbrowser
    from threading import Thread

    from llm_market_sim.classroom.class_server import ClassRoom
    from llm_market_sim.classroom.log import Keeper, Log
    from llm_market_sim.classroom.reach import Reach, own_addresses
    from llm_market_sim.classroom.server import LOCAL, listen, serve
    from llm_market_sim.classroom.solver import Solver
    from llm_market_sim.classroom.students import students_app
    from llm_market_sim.classroom.teacher import teacher_app
    from llm_market_sim.cli.classes import begin, told

    keeper = Keeper(Log(file))
    click.echo(begin(keeper, code))
    phones = listen("0.0.0.0", port)
    key = secrets.token_urlsafe(12) if teacher_anywhere else ""
    teacher = listen("0.0.0.0" if teacher_anywhere else "127.0.0.1", port + 1)
    known = list(dict.fromkeys([*names, *own_addresses()]))
    reach = Reach(known, phones.getsockname()[1])
    solver = Solver()
    Thread(target=solver.warm, daemon=True).start()  # half a minute, once on a machine
    came = tell(
        "A phone has connected from {client}.", client="{}"
    )  # in the language of this thread
    room = ClassRoom(keeper, solver, reach, lambda client: click.echo(came.format(client)))
    apps = {
        phones: students_app(room),
        teacher: teacher_app(room, key, (*LOCAL, *known) if teacher_anywhere else LOCAL),
    }
    place = teacher.getsockname()[1]
    here = f"http://127.0.0.1:{place}/?language={language}"
    click.echo(told(reach, room.room.code, place, key, language))
    if show:
        webbrowser.open(f"{here}&key={key}" if key else here)
    serve(apps)
