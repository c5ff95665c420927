"""From a scenario's name to one merged tree: the roster, its parents, itself, the overrides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from llm_market_sim.errors import nearest
from llm_market_sim.scenario import files
from llm_market_sim.scenario.model import TEXTS, Scenario
from llm_market_sim.scenario.timeline import too_late
from llm_market_sim.scenario.tree import Mark, Mistake, Node, show
from llm_market_sim.scenario.tree import Path as Keys
from llm_market_sim.scenario.yaml_parser import parse

__all__ = ["OPEN", "OPTION", "Resolved", "chain", "keys_of", "merge", "resolve", "setting", "twice"]

OPTION = "--set"
OPEN = ("timeline", "players")  # mappings from which null takes out what a parent has


class Resolved(NamedTuple):
    """A merged tree (None where the file cannot be read) and the mistakes found so far.

    whole: every file that belongs to it was read, so that what is missing truly is.
    """

    name: str
    tree: Node | None
    whole: bool
    mistakes: list[Mistake]


def resolve(scenario: str | Path, overrides: Sequence[str] = ()) -> Resolved:
    """Merge a scenario's roster, ancestors, own file and overrides (``path=value``), in order."""
    line, whole, mistakes = chain(scenario)
    if not line:
        return Resolved(str(scenario), None, False, mistakes)
    own = line[0][0]
    tree, roster_read = _roster(own.parent, mistakes)
    for _, above in reversed(line):
        tree = merge(tree, above, mistakes)
        mistakes += _never(tree, above)
    above = Node({}, Mark(OPTION))
    for text in overrides:
        tree, given = _override(tree, text, mistakes)
        above = merge(above, given, [])
    mistakes += _never(tree, above)
    return Resolved(own.stem, tree, whole and roster_read, mistakes)


def chain(scenario: str | Path) -> tuple[list[tuple[Path, Node]], bool, list[Mistake]]:
    """A scenario's file and tree, its parent's, and so on; whether that is all; the mistakes."""
    try:
        file = files.locate(scenario)
    except files.Refused as refused:
        return [], False, [Mistake(Mark(""), (), str(refused))]
    line: list[tuple[Path, Node]] = []
    mistakes: list[Mistake] = []
    while True:
        tree, found = files.read(file)
        mistakes += found
        if tree is None:
            return line, False, mistakes
        if why := files.unusable(file):
            mistakes.append(Mistake(Mark(files.shorten(file)), (), why))
        line.append((file, tree))
        parent = tree.get(("extends",))
        if parent is None or parent.value is None:
            return line, True, mistakes
        if not isinstance(parent.value, str):  # its type is checked with all the others
            return line, False, mistakes
        try:
            file = _parent(parent.value, file)
            seen = [known for known, _ in line]
            if file.resolve() in [known.resolve() for known in seen]:
                names = " > ".join([*(known.stem for known in seen), file.stem])
                raise files.Refused(f"goes round in a circle: {names}")
        except files.Refused as refused:
            return line, False, [*mistakes, Mistake(parent.mark, ("extends",), str(refused))]


def _parent(name: str, child: Path) -> Path:
    """The file that a child's ``extends`` means: one beside it, or else a shipped one.

    A file that would meet itself means the shipped one whose name it has. Raises files.Refused.
    """
    shipped = files.data_folder()
    file = files.named(name, [child.parent, shipped])
    if file.resolve() == child.resolve() and files.beside(shipped, name) is not None:
        return files.named(name, [shipped])
    return file


def _roster(folder: Path, mistakes: list[Mistake]) -> tuple[Node, bool]:
    """The players beside a scenario, or else the shipped ones; whether they could be read."""
    own = files.beside(folder, files.ROSTER)
    file = own if own and own.is_file() else files.data_folder() / f"{files.ROSTER}.yaml"
    tree, found = files.read(file)
    if not files.inside(file, file.parent):
        tree, found = (
            None,
            [Mistake(Mark(files.shorten(file)), (), "is a link that leads out of its folder")],
        )
    mistakes += found
    if tree is None:
        return Node({}, Mark(files.shorten(file), 1, 1)), False
    for key in [key for key in tree.value if key not in ("players", "population")]:
        message = f"does not belong here; {nearest(key, ('players', 'population'))}"
        mistakes.append(Mistake(tree.keys[key], (key,), message))
        tree = tree.replace(key, None)
    return tree, True


def merge(parent: Node, child: Node, mistakes: list[Mistake], path: Keys = ()) -> Node:
    """The child's entries over the parent's, name by name; lists and single values replace.

    An event or a firm that is null in the child is taken out.
    """
    if len(path) == 1 and path[0] in TEXTS:
        return child  # a text of one's own goes with no other language of the parent's
    if len(path) == 3 and path[0] == "players":
        return _merge_cell(parent, child, mistakes, path)
    if not isinstance(parent.value, dict) or not isinstance(child.value, dict):
        return child
    value, keys = dict(parent.value), dict(parent.keys)
    for key, node in child.value.items():
        at = (*path, key)
        if node.value is None and len(at) == 2 and at[0] in OPEN:
            if value.pop(key, None) is None:
                hint = f"; {nearest(key, parent.value)}" if parent.value else ""
                message = f"is null, but there is nothing to remove{hint}"
                mistakes.append(Mistake(node.mark, at, message))
            keys.pop(key, None)
            continue
        value[key] = merge(value.get(key, Node({}, node.mark)), node, mistakes, at)
        keys[key] = child.keys[key]
    return Node(value, child.mark, keys)


def _merge_cell(parent: Node, child: Node, mistakes: list[Mistake], path: Keys) -> Node:
    """One fact of a firm: a new value does not inherit the old value's source."""
    if not isinstance(parent.value, dict) or not isinstance(child.value, dict):
        return child
    deeper = (*path, "value")
    old = parent.value.get("value", parent)
    if "value" in child.value:
        new = merge(old, child.value["value"], mistakes, deeper)
        return child.replace("value", new, child.keys["value"])
    if "value" in parent.value and not child.value.keys() <= {"source", "confidence"}:
        return merge(old, child, mistakes, deeper)
    return merge(parent, child, mistakes, deeper)


def _override(tree: Node, text: str, mistakes: list[Mistake]) -> tuple[Node, Node]:
    """The tree with one value of the command line (``section.name=value``) merged over it, and
    that value as a tree; empty where it cannot be used."""
    mark = Mark(OPTION)
    keys, node, wrong = setting(text)
    if not wrong and keys[0] in OPEN and len(keys) > 1 and tree.get(keys[:2]) is None:
        known = tree.reach(keys[:1])[0].keys
        wrong = [f"no such entry of {keys[0]}; {nearest(keys[1], known)}"]
    if wrong:
        mistakes += [Mistake(mark, keys, why) for why in wrong]
        return tree, Node({}, mark)
    for key in reversed(keys):
        node = Node({key: node}, mark, {key: mark})
    return merge(tree, node, mistakes), node


def setting(text: str) -> tuple[tuple[str, ...], Node, list[str]]:
    """``section.name=value`` as a path and a value, and what is wrong with it."""
    mark = Mark(OPTION)
    path, equals, value = text.partition("=")
    keys = keys_of(path.strip())
    if not equals or not all(keys):
        example = "regulation.review_delay_weeks=26"
        why = f"{show(text)} must be a name and a value, such as {example}"
        return keys if equals else (), Node(None, mark), [why]
    if keys[0] in ("extends", "name"):
        return keys, Node(None, mark), ["cannot be set on the command line"]
    read, found = parse(f"value: {value}".encode("utf-8", "surrogatepass"), OPTION)
    if read is None or found or list(read.value) != ["value"]:
        reasons = [mistake.message for mistake in found] or ["not one value"]
        return keys, Node(None, mark), [f"{show(value)}: {reason}" for reason in reasons]
    return keys, Node.of(read.plain()["value"], mark), []


def twice(overrides: Sequence[str]) -> Iterator[Mistake]:
    """Settings that one person gave, of which one would silently undo another, or a part of it."""
    before: list[tuple[str, Keys]] = []
    for text in overrides:
        keys, node, wrong = setting(text)
        leaves = [(text, leaf) for leaf in _leaves(keys, node)] if not wrong else []
        for _, leaf in leaves:
            for other, old in before:
                if leaf[: len(old)] == old[: len(leaf)]:
                    message = f"is set twice: {show(other)} and {show(text)}; keep one of them"
                    yield Mistake(Mark(OPTION), leaf, message)
        before += leaves


def _leaves(path: Keys, node: Node) -> Iterator[Keys]:
    if isinstance(node.value, dict) and node.value:
        for key, below in node.value.items():
            yield from _leaves((*path, key), below)
    else:
        yield path


def _never(tree: Node, layer: Node) -> Iterator[Mistake]:
    """Events that a file or the command line gives or moves, and that no week of the run reaches.

    tree: with the layer merged over it. What a later layer shortens the run to is its own affair.
    """
    horizon = tree.get(("horizon_weeks",))
    default = Scenario.model_fields["horizon_weeks"].default
    weeks = horizon.plain() if horizon is not None else default
    timeline = layer.get(("timeline",))
    for name in timeline.keys if timeline is not None else ():
        date = tree.reach(("timeline", name, "date"))[0]
        try:
            day = dt.date.fromisoformat(str(date.value))
        except ValueError:
            continue  # no date, or none that can be read: said elsewhere
        if isinstance(weeks, int) and (why := too_late(day, weeks)):
            yield Mistake(date.mark, ("timeline", name, "date"), why)


def keys_of(path: str) -> tuple[str, ...]:
    """The parts of a dotted path; below an event's set and scale stands a dotted path again."""
    keys = path.split(".")
    if keys[0] == "timeline" and len(keys) > 4 and keys[2] in ("set", "scale"):
        keys[3:] = [".".join(keys[3:])]
    return tuple(keys)
