"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

__all__ = ["SEED", "guests", "seed", "settings"]

Command = TypeVar("Command", bound=Callable[..., Any])

SEED = click.IntRange(0, 2**64 - 1)


def settings(command: Command) -> Command:
    """``--set path=value``, any number of times."""
    return click.option(
        "--set", "settings", multiple=True, metavar="PATH=VALUE",
        help="Change one value, such as regulation.review_delay_weeks=26; may be repeated.",
    )(command)  # fmt: skip


def guests(command: Command) -> Command:
    """``--with my_module.py``, any number of times."""
    return click.option(
        "--with", "guests", multiple=True, metavar="FILE.py",
        help="Import your own Python file first: its policies can be named in scenarios.",
    )(command)  # fmt: skip


def seed(command: Command) -> Command:
    """``--seed``."""
    return click.option(
        "--seed", type=SEED, help="Seed of all luck; drawn, and printed, if not given."
    )(command)
