"""What a rule reads and writes, found from its source, so that nobody has to say it twice.

A rule calls the world `w`, its firms `firms`, and the parameters `p`; what it takes from them keeps
its role under any other name. An attribute that no mechanism declares is a mistake, told with its
file and line before anything is compiled.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from llm_market_sim.errors import MarketSimError, nearest
from llm_market_sim.market.columns import COLUMNS, FACTS

__all__ = ["Touched", "touched"]

_ROLES = {"w": "world", "firms": "firms", "f": "firm", "b": "firm", "p": "p"}
_FIRM, _WORLD = ("firm", "use"), ("world", "segment")
_HOME = "llm_market_sim.market"


@dataclass(frozen=True)
class Touched:
    """Columns that a rule looks at, and those that it may change, in the order of the tables."""

    reads: tuple[str, ...]
    writes: tuple[str, ...]


def touched(rule: Callable[..., Any]) -> Touched:
    """Of a rule and of all words that it uses. MarketSimError for a column that there is not."""
    reads: set[str] = set()
    writes: set[str] = set()
    seen: set[Callable[..., Any]] = set()
    waiting = [rule]
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            finder = _Finder(one)
            reads |= finder.reads
            writes |= finder.writes
            waiting += finder.words
    return Touched(
        tuple(name for name in COLUMNS if name in reads),
        tuple(name for name in COLUMNS if name in writes),
    )


class _Finder(ast.NodeVisitor):
    """Walks one function: its columns, and the words that it calls."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.reads: set[str] = set()
        self.writes: set[str] = set()
        self.words: list[Callable[..., Any]] = []
        self._globals: dict[str, Any] = getattr(function, "__globals__", {})
        self._file = inspect.getsourcefile(function) or "?"
        lines, self._first = inspect.getsourcelines(function)
        self._roles = dict(_ROLES)
        self.visit(ast.parse(textwrap.dedent("".join(lines))))

    def visit_For(self, node: ast.For) -> None:
        """``for f in firms``: each of them is a firm."""
        if self._role(node.iter) == "firms" and isinstance(node.target, ast.Name):
            self._roles[node.target.id] = "firm"
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        """``f = firms[i]``: another name for the same."""
        for target in node.targets:
            if isinstance(target, ast.Name) and self._role(node.value):
                self._roles[target.id] = self._role(node.value)
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """``f.cash += x`` reads and writes."""
        for part in ast.walk(node.target):
            if isinstance(part, ast.Attribute) and self._role(part.value) in ("firm", "world"):
                self.reads.add(part.attr)
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """``f.users[g] = x`` writes the column."""
        if isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Attribute):
            self._note(node.value, stored=True)
            self.visit(node.slice)
        else:
            self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """A column of a firm or of the world."""
        self._note(node, stored=isinstance(node.ctx, ast.Store))
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        """A word, if it is a function of the rule's module."""
        value = self._globals.get(node.id)
        homes = (_HOME, str(self._globals.get("__name__")))
        if inspect.isfunction(value) and value.__module__.startswith(homes):
            self.words.append(value)

    def _role(self, node: ast.AST) -> str:
        if isinstance(node, ast.Name):
            return self._roles.get(node.id, "")
        if isinstance(node, ast.Subscript) and self._role(node.value) == "firms":
            return "firm"
        return ""

    def _note(self, node: ast.Attribute, stored: bool) -> None:
        role = self._role(node.value)
        if role not in ("firm", "world"):
            return
        shapes = _FIRM if role == "firm" else _WORLD
        known = {n: c for n, c in {**FACTS, **COLUMNS}.items() if c.shape in shapes}
        if node.attr not in known:
            line = self._first + node.lineno - 1
            hint = nearest(node.attr, known)
            raise MarketSimError(
                f'{self._file}:{line}: a {role} has no column "{node.attr}"; {hint}'
            )
        if node.attr in COLUMNS:
            (self.writes if stored else self.reads).add(node.attr)
