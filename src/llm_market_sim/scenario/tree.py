"""A tree of values in which every key and every value knows its file, line and column.

Files are merged and checked as such trees, so that a mistake found at the very end can still be
shown where a person wrote it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from llm_market_sim.errors import Problem

__all__ = ["BROKEN", "Mark", "Mistake", "Node", "Path", "Value", "dotted", "problems", "show"]

Value = Any  # None | bool | int | float | str | list[Node] | dict[str, Node] | BROKEN
Path = tuple[str | int, ...]


class Mark(NamedTuple):
    """A place in a file, counted from 1; line 0 means the source as a whole (``--set``)."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


class Mistake(NamedTuple):
    """A problem that can still be sorted by its place."""

    mark: Mark
    path: Path
    message: str


class Node:
    """One value with its place; ``keys`` holds the places of a mapping's keys. Never changed."""

    __slots__ = ("depth", "keys", "mark", "size", "value")

    def __init__(self, value: Value, mark: Mark, keys: dict[str, Mark] | None = None) -> None:
        self.value = value
        self.mark = mark
        self.keys = {} if keys is None else keys
        self.size = 1
        self.depth = 1
        if isinstance(value, (dict, list)):
            below = list(value.values()) if isinstance(value, dict) else value
            self.size += sum([node.size for node in below])
            self.depth += max([node.depth for node in below], default=0)

    @classmethod
    def of(cls, value: Any, mark: Mark) -> Node:
        """Plain values as a tree whose every node has the same place."""
        if isinstance(value, dict):
            nodes = {str(key): cls.of(below, mark) for key, below in value.items()}
            return cls(nodes, mark, dict.fromkeys(nodes, mark))
        if isinstance(value, (list, tuple)):
            return cls([cls.of(below, mark) for below in value], mark)
        return cls(value, mark)

    def plain(self) -> Any:
        """The value without places. Whole numbers are int, so that 78.0 may stand for 78."""
        value = self.value
        if isinstance(value, dict):
            return {key: node.plain() for key, node in value.items() if not node.broken}
        if isinstance(value, list):
            return [node.plain() for node in value if not node.broken]
        if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
            return int(value)
        return value

    @property
    def broken(self) -> bool:
        """Whether nothing can be made of it: refused itself, or a firm's fact whose value was."""
        if isinstance(self.value, dict) and "value" in self.value:
            return bool(self.value["value"].broken)
        return self.value is BROKEN

    def get(self, path: Path) -> Node | None:
        """The node at a path below this one, or None."""
        node, rest = self.reach(path)
        return None if rest else node

    def reach(self, path: Path) -> tuple[Node, Path]:
        """The deepest node along a path, and the part of the path that has no node."""
        node = self
        for done, part in enumerate(path):
            try:
                node = node.value[part]
            except (KeyError, IndexError, TypeError):
                return node, path[done:]
        return node, ()

    def key_mark(self, path: Path) -> Mark:
        """The place of the key at a path, or of the deepest node above it."""
        above, rest = self.reach(path[:-1])
        return above.keys.get(str(path[-1]), above.mark) if path and not rest else above.mark

    def replace(self, key: str, node: Node | None, key_mark: Mark | None = None) -> Node:
        """A copy of this mapping with one entry set, or taken out (None)."""
        value, keys = dict(self.value), dict(self.keys)
        if node is None:
            value.pop(key, None)
        else:
            value[key] = node
            keys[key] = key_mark or node.mark
        return Node(value, self.mark, keys)

    def without(self, path: Path) -> Node:
        """A copy with the entry at a path taken out."""
        key, rest = path[0], path[1:]
        if isinstance(self.value, list) and isinstance(key, int):
            return Node(self.value[:key] + self.value[key + 1 :], self.mark)
        if not isinstance(self.value, dict) or key not in self.value:
            return self
        child = self.value[key]
        deeper = bool(rest) and isinstance(child.value, (dict, list))
        return self.replace(str(key), child.without(rest) if deeper else None, self.keys[str(key)])


class _Broken:
    """Stands where a value was refused; it counts as given, and holds nothing."""

    def __repr__(self) -> str:
        return "BROKEN"


BROKEN = _Broken()


def dotted(path: Path) -> str:
    """``("enter", 0)`` -> ``enter[0]``; ``("a", "b")`` -> ``a.b``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def show(value: Any) -> str:
    """A value as a person wrote it, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "…"


def problems(mistakes: Iterable[Mistake]) -> list[Problem]:
    """In the order of the files and their lines, each once."""
    found = sorted(set(mistakes), key=lambda m: (m.mark, dotted(m.path), m.message))
    return [Problem(str(m.mark), dotted(m.path), m.message) for m in found]
