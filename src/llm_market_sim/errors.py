"""Every error that reaches a user: the thing, the value, what is allowed, the way out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


class MarketSimError(Exception):
    """Base of all errors of this package; its text is written for a person."""


@dataclass(frozen=True)
class Problem:
    """One mistake in what a person wrote.

    where: file, line and column (``scenarios/x.yaml:12:5``) or the option (``--set``).
    path: dotted name of the value (``regulation.review_delay_weeks``), may be empty.
    message: the value, what is allowed, and the nearest valid name where there is one.
    """

    where: str
    path: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.where, self.path, self.message) if part)


class InputError(MarketSimError):
    """One or more mistakes in files or options, all of them at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Problem, ...]]]:
        return (type(self), (self.problems,))


def mistake(where: object, message: str, path: str = "") -> InputError:
    """One mistake alone, of a file or an option."""
    return InputError([Problem(str(where), path, message)])


def nearest(name: str, allowed: Iterable[str], kind: str = "") -> str:
    """The end of an error message: ``did you mean "x"?``, or the list of what is allowed.

    kind: what the command ``list`` calls them, where it has them all.
    """
    names = sorted(allowed)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f'did you mean "{close[0]}"?'
    if kind:
        return f"all {len(names)} of them: llm-market-sim list {kind}"
    shown = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return f"allowed: {shown}" if names else "nothing is allowed here"
