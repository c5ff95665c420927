"""``explore``: the live page for one person, in the browser."""

from __future__ import annotations

import click

from llm_market_sim.cli import options

__all__ = ["explore"]

PLACE = 32  # in the list of commands


@click.command(
    short_help="Turn a knob in the browser, and see hundreds of worlds answer.",
    epilog="""\b
Examples:
  llm-market-sim explore
  llm-market-sim explore --language zh --port 9000

The page is served on this machine only and loads nothing from anywhere else.
What is asked stands in its address: copy it to come back to the same numbers.""",
)
@click.option(
    "--port",
    type=click.IntRange(1024, 65500),
    default=8123,
    show_default=True,
    help="Where to serve it; the next free one, where it is taken.",
)
@click.option("--open/--no-open", "show", default=True, help="Open a browser.  [default: open]")
@options.language
def explore(port: int, show: bool, language: str) -> None:
    """Serve the live page on 127.0.0.1 until Ctrl-C: a scenario, its parameters and events as
    sliders, and what the same 256 worlds answer, beside the baseline."""
    from llm_market_sim.cli.serving import needs_class

    needs_class()
    from llm_market_sim.classroom.live import explore_app
    from llm_market_sim.classroom.server import listen, serve
    from llm_market_sim.classroom.solver import Solver

    solver = Solver()
    place = listen("127.0.0.1", port)
    click.echo("Solving the baseline (the first time on a machine half a minute) …")
    solver.warm()
    address = f"http://127.0.0.1:{place.getsockname()[1]}/?language={language}"
    click.echo(f"Open {address}\nCtrl-C ends it.")
    if show:
        import webbrowser

        webbrowser.open(address)
    serve({place: explore_app(solver)})
