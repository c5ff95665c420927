"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from llm_market_sim.files import typable

__all__ = [
    "PATH",
    "bounded",
    "drawn",
    "experiment",
    "folder",
    "guests",
    "jobs",
    "language",
    "page",
    "seed",
    "settings",
]

Command = TypeVar("Command", bound=Callable[..., Any])


class _Path(click.Path):
    """A path that can be typed again: not empty, in UTF-8, without line breaks and the like."""

    def convert(self, value: Any, option: Any, context: Any) -> Any:
        text = os.fspath(value)
        if not text.strip():
            self.fail("is empty; name a file or a folder, or . for this one", option, context)
        if not typable(text):
            self.fail(f"{text!r} has a line break or bytes that are no text", option, context)
        return super().convert(value, option, context)


PATH = _Path(path_type=Path)


def bounded(least: int, below: int) -> Callable[[Any, Any, int | None], int | None]:
    """A callback for bounds that are too wide to be worth printing in a help text."""

    def check(context: Any, option: Any, number: int | None) -> int | None:
        if number is not None and not least <= number < below:
            raise click.BadParameter(f"{number} must be {least} to {below - 1}")
        return number

    return check


def _once(context: Any, option: Any, given: tuple[str, ...]) -> tuple[str, ...]:
    """A callback: no value is set twice."""
    if len(given) > 1:
        from llm_market_sim.errors import InputError
        from llm_market_sim.scenario.resolve import twice
        from llm_market_sim.scenario.tree import problems

        if mistakes := list(twice(given)):
            raise InputError(problems(mistakes))
    return given


def settings(command: Command) -> Command:
    """``--set path=value``, any number of times."""
    return click.option(
        "--set", "settings", multiple=True, metavar="PATH=VALUE", callback=_once,
        help="Change one value, such as regulation.review_delay_weeks=26; may be repeated.",
    )(command)  # fmt: skip


def guests(command: Command) -> Command:
    """``--with my_module.py``, any number of times."""
    return click.option(
        "--with", "guests", multiple=True, metavar="FILE.py",
        help="Import your own Python file first: its policies, metrics, series and claims are "
             "then known.",
    )(command)  # fmt: skip


def seed(command: Command) -> Command:
    """``--seed``."""
    text = "Seed of all luck; drawn, and printed, if not given."
    return click.option("--seed", type=int, callback=bounded(0, 2**64), help=text)(command)


def jobs(command: Command) -> Command:
    """``--jobs``."""
    text = "Processes.  [default: all cores]"
    return click.option("-j", "--jobs", type=click.IntRange(1), help=text)(command)


def language(command: Command) -> Command:
    """``--language en|zh``."""
    return click.option(
        "--language", type=click.Choice(["en", "zh"]), default="en", show_default=True,
        help="English or Chinese.",
    )(command)  # fmt: skip


def page(command: Command) -> Command:
    """What commands that write a page have in common."""
    for option in (
        click.option("--force", is_flag=True, help="Overwrite a file that is no such page."),
        click.option("--pdf", is_flag=True, help="Print it into a PDF beside it, too."),
        click.option("--out", type=PATH, metavar="FILE.html",
                     help="Where to write it."),
        language,
    ):  # fmt: skip
        command = option(command)
    return command


def folder(command: Command) -> Command:
    """What commands that write a folder at the end have in common."""
    for option in (
        language,
        click.option("--force", is_flag=True, help="Replace the folder of an earlier run."),
        click.option("--out", type=PATH, metavar="FOLDER",
                     help="Write tables and figures into this new folder."),
    ):  # fmt: skip
        command = option(command)
    return command


def experiment(command: Command) -> Command:
    """What commands that run an experiment file have in common."""
    for option in (
        guests,
        click.option("--out", type=PATH, metavar="FOLDER",
                     help="Keep what is done in this folder, and write what is found there."),
        jobs,
        click.option("--seed", type=int, help="Seed of luck and design, in place of the file's."),
        click.option("-n", "--worlds", type=int,
                     help="Worlds at each point, in place of the file's."),
        click.argument("file", type=PATH),
    ):  # fmt: skip
        command = option(command)
    return command


def drawn(seed: int | None) -> int:
    """The seed given, or one that is drawn and told."""
    from llm_market_sim.market.luck import draw_seed

    if seed is None:
        seed = draw_seed()
        click.echo(f"Seed {seed}, drawn", err=True)
    return seed
