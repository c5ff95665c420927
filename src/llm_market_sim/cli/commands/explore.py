"""``explore``: the live page for one person, in the browser."""

from __future__ import annotations

import time
from pathlib import Path

import click

from llm_market_sim.cli import options
from llm_market_sim.cli.tell import tell
from llm_market_sim.errors import mistake

__all__ = ["explore"]

PLACE = 32  # in the list of commands


@click.command(
    short_help="Turn a knob in the browser, and see hundreds of worlds answer.",
    epilog="""\b
Examples:
  llm-market-sim explore
  llm-market-sim explore --language zh --port 9000
  llm-market-sim explore --freeze lesson.html

The page is served on this machine only and loads nothing from anywhere else.
Its address holds what is asked: copy it to come back to the same numbers.
A frozen lesson is one file, in English and Chinese, that any browser opens
without this program: sentences to bet on, the scenarios, three sliders.""",
)
@click.option(
    "--port",
    type=click.IntRange(1024, 65500),
    default=8123,
    show_default=True,
    help="The port of the page; if it is taken, the next free one.",
)
@click.option("--open/--no-open", "show", default=True, help="Open a browser.  [default: open]")
@click.option(
    "--freeze",
    "file",
    type=options.PATH,
    metavar="FILE.html",
    help="Serve nothing: write a lesson with answers computed now into one file.",
)
@options.language
def explore(port: int, show: bool, file: Path | None, language: str) -> None:
    """Serve the live page on 127.0.0.1 until Ctrl-C: a scenario, its parameters and events as
    sliders, and what the same 256 worlds answer, beside the baseline."""
    from llm_market_sim.cli.serving import needs_class

    needs_class()
    if file is not None:
        _freeze(file)
        return
    from llm_market_sim.classroom.live import explore_app
    from llm_market_sim.classroom.server import listen, serve
    from llm_market_sim.classroom.solver import Solver

    solver = Solver()
    place = listen("127.0.0.1", port)
    click.echo(tell("Solving the baseline (half a minute the first time on a machine) …"))
    solver.warm()
    address = f"http://127.0.0.1:{place.getsockname()[1]}/?language={language}"
    click.echo(tell("Open {address}", address=address))
    click.echo(tell("Ctrl-C ends it."))
    if show:
        import webbrowser

        webbrowser.open(address)
    serve({place: explore_app(solver)})


def _freeze(file: Path) -> None:
    """Write the lesson into a file, whole or not at all."""
    from llm_market_sim.classroom.frozen import freeze, worlds_of
    from llm_market_sim.classroom.solver import Solver
    from llm_market_sim.cli.progress import progress

    if file.suffix != ".html":
        raise mistake("--freeze", f'"{file}" must end in .html')
    if not file.absolute().parent.is_dir():
        raise mistake("--freeze", f"no folder {file.absolute().parent}")
    begun = time.perf_counter()
    left = worlds_of()
    told = "Computing {worlds} worlds: some minutes. Ctrl-C writes nothing."
    click.echo(tell(told, worlds=f"{sum(left.values()):,}"), err=True)
    with progress(left) as done:
        page = freeze(Solver(), told=done)
    file.write_text(page, encoding="utf-8")
    size, took = file.stat().st_size / 1e6, time.perf_counter() - begun
    told = "Written to {file}: {size} MB, {seconds} s."
    click.echo(tell(told, file=file, size=f"{size:.1f}", seconds=f"{took:.0f}"))
