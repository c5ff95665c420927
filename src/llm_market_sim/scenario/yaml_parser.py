"""YAML as a located tree.

Read from PyYAML's stream of events with the scalars of YAML 1.2 (``no`` is a text, ``1e3`` a
number, ``12:30`` a text). Nothing is ever constructed by PyYAML, nothing recurses inside it (its
own composer crashes the interpreter on deep nesting), and what a person may get wrong is
collected as mistakes instead of stopping at the first one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import yaml

from llm_market_sim.scenario.tree import BROKEN, Mark, Mistake, Node, Value, show

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_NODES", "parse"]

MAX_BYTES = 1_000_000
MAX_NODES = 100_000  # after every alias is written out
MAX_DEPTH = 32


class _Stop(Exception):
    """The rest of the file cannot be read."""


@lru_cache(maxsize=64)
def parse(data: bytes, file: str) -> tuple[Node | None, tuple[Mistake, ...]]:
    """A file's bytes -> its tree (None where nothing can be read) and the mistakes in it."""
    try:
        text = _decode(data, file)
        reader = _Reader(text, file)
    except _Stop as stop:
        return None, (stop.args[0],)
    try:
        root = reader.document()
    except _Stop as stop:
        return None, (*reader.mistakes, stop.args[0])
    except yaml.YAMLError as error:
        return None, (*reader.mistakes, _syntax(error, text, file))
    return root, tuple(reader.mistakes)


_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _decode(data: bytes, file: str) -> str:
    if len(data) > MAX_BYTES:
        message = f"larger than {MAX_BYTES:,} bytes, too large for a scenario"
        raise _Stop(Mistake(Mark(file, 1, 1), (), message))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        raise _Stop(
            Mistake(_place(before, file), (), "not UTF-8 text: save the file as UTF-8")
        ) from None
    bad = _FORBIDDEN.search(text)
    if bad:
        message = f"character U+{ord(bad.group()):04X} cannot stand in a YAML file"
        raise _Stop(Mistake(_place(text[: bad.start()], file), (), message))
    return text


def _place(before: str, file: str) -> Mark:
    return Mark(file, before.count("\n") + 1, len(before) - before.rfind("\n"))


def _syntax(error: yaml.YAMLError, text: str, file: str) -> Mistake:
    """PyYAML's complaint in the words of a person who never saw a parser."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or "cannot be read"
    place = Mark(file, mark.line + 1, mark.column + 1) if mark else Mark(file, 1, 1)
    lines = text.splitlines()
    line = lines[place.line - 1] if 0 < place.line <= len(lines) else ""
    indent = line[: len(line) - len(line.lstrip())]
    message = f"not valid YAML: {problem}"
    if "\t" in indent or line[place.column - 1 : place.column] == "\t":
        message += "; indent with spaces, a tab cannot indent"
    elif "mapping values are not allowed" in problem:
        message += '; put a text that holds ": " in quotes, and indent entries of one level alike'
    elif "expected ':'" in problem:
        message += "; an entry is written as name: value"
    elif "block end" in problem:
        message += "; indent all entries of one level alike"
    elif "cannot start any token" in problem:
        message += "; put a text that begins with a special character in quotes"
    return Mistake(place, (), message)


_INT = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: dict[str, bool | None] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True)
_WORDS |= dict.fromkeys(("false", "False", "FALSE"), False)


def _scalar(text: str) -> Value:
    """A plain scalar by the core schema of YAML 1.2; ValueError where it is no finite number."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INT.fullmatch(text) and len(text) <= 18:
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if not math.isfinite(number):
            raise ValueError(f"{text[:40]} is larger than any number the program can hold")
        return number
    if _NO_NUMBER.fullmatch(text):
        raise ValueError(f"{text} is not allowed: write a finite number")
    if _BASED.fullmatch(text):
        if len(text) > 14:
            raise ValueError(f"{text[:40]} is too large")
        return int(text, 0)
    return text


class _Reader:
    """Builds the tree of one document from the stream of events."""

    def __init__(self, text: str, file: str) -> None:
        self.next: Callable[[], Any] = yaml.CSafeLoader(text).get_event
        self.file = file
        self.mistakes: list[Mistake] = []
        self.anchors: dict[str, Node | None] = {}  # None: still open
        self.path: list[str | int] = []
        self.count = 0

    def mark(self, event: Any) -> Mark:
        start = event.start_mark
        return Mark(self.file, start.line + 1, start.column + 1)

    def wrong(self, mark: Mark, message: str) -> Mistake:
        mistake = Mistake(mark, tuple(self.path), message)
        self.mistakes.append(mistake)
        return mistake

    def document(self) -> Node | None:
        """The one document, which must be a mapping; None (and a mistake) where it is not."""
        self.next()
        if isinstance(self.next(), yaml.StreamEndEvent):
            self.wrong(Mark(self.file, 1, 1), "the file is empty")
            return None
        root = self.node(self.next())
        self.next()
        more = self.next()
        if isinstance(more, yaml.DocumentStartEvent):
            self.wrong(self.mark(more), "a second document begins: one file holds one document")
        if root.value is None:
            self.wrong(root.mark, "the file is empty")
        elif root.value is not BROKEN and not isinstance(root.value, dict):
            self.wrong(root.mark, f"{show(root.plain())} must be entries of the form name: value")
        return root if isinstance(root.value, dict) else None

    def node(self, event: Any) -> Node:
        mark = self.mark(event)
        kind = type(event)
        if kind is yaml.AliasEvent:
            return self.alias(event, mark)
        if event.anchor:
            self.anchors[event.anchor] = None
        self.limit(1, 1, mark)
        node: Node
        if kind is yaml.ScalarEvent:
            node = self.scalar(event, mark)
        elif kind is yaml.SequenceStartEvent:
            node = self.sequence(mark)
        else:
            node = self.mapping(mark)
        if event.tag is not None:
            self.wrong(mark, f"the tag {event.tag!r} is not allowed: write the plain value")
            node = Node(BROKEN, mark)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def alias(self, event: Any, mark: Mark) -> Node:
        node = self.anchors.get(event.anchor)
        if node is None:
            known = event.anchor in self.anchors
            why = "refers to itself" if known else "has no anchor above it"
            self.wrong(mark, f"the alias *{event.anchor} {why}")
            return Node(BROKEN, mark)
        self.limit(node.size, node.depth, mark)
        return node

    def limit(self, size: int, depth: int, mark: Mark) -> None:
        self.count += size
        if self.count > MAX_NODES:
            raise _Stop(Mistake(mark, (), f"more than {MAX_NODES:,} values with its aliases"))
        if len(self.path) + depth > MAX_DEPTH:
            raise _Stop(Mistake(mark, (), f"nested deeper than {MAX_DEPTH} levels"))

    def scalar(self, event: Any, mark: Mark) -> Node:
        if event.implicit[0]:
            try:
                return Node(_scalar(event.value), mark)
            except ValueError as error:
                self.wrong(mark, str(error))
                return Node(BROKEN, mark)
        if _FORBIDDEN.search(event.value):
            self.wrong(mark, "a control character cannot stand in a text")
            return Node(BROKEN, mark)
        return Node(event.value, mark)

    def sequence(self, mark: Mark) -> Node:
        items: list[Node] = []
        while not isinstance(event := self.next(), yaml.SequenceEndEvent):
            self.path.append(len(items))
            items.append(self.node(event))
            self.path.pop()
        return Node(items, mark)

    def mapping(self, mark: Mark) -> Node:
        value: dict[str, Node] = {}
        keys: dict[str, Mark] = {}
        while not isinstance(event := self.next(), yaml.MappingEndEvent):
            place, key = self.mark(event), self.key(event)
            self.path.append("?" if key is None else key)
            node = self.node(self.next())
            if key in value:
                self.wrong(place, f"written twice, first on line {keys[key].line}")
            elif key is not None:
                value[key], keys[key] = node, place
            self.path.pop()
        return Node(value, mark, keys)

    def key(self, event: Any) -> str | None:
        """A key is always the text that was written: the firm 360 needs no quotes."""
        mark = self.mark(event)
        if not isinstance(event, yaml.ScalarEvent) or event.tag or event.anchor:
            self.path.append("?")
            self.node(event)
            self.path.pop()
            self.wrong(mark, "a name must be a plain text")
            return None
        key: str = event.value
        if key == "<<" and event.implicit[0]:
            self.wrong(mark, 'merge keys ("<<") are not allowed: use extends:')
            return None
        if not key.strip() or _FORBIDDEN.search(key) or "\n" in key:
            self.wrong(mark, "a name must be a plain text")
            return None
        return key
