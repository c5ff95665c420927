"""From a scenario's name to one merged tree: the roster, its parents, itself, the overrides."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from llm_market_sim.errors import nearest
from llm_market_sim.scenario import files
from llm_market_sim.scenario.tree import Mark, Mistake, Node, show
from llm_market_sim.scenario.tree import Path as Keys
from llm_market_sim.scenario.yaml_nodes import parse

__all__ = ["OPTION", "Resolved", "chain", "keys_of", "merge", "override", "resolve"]

OPTION = "--set"
_OPEN = ("timeline", "players")  # mappings from which null takes out what a parent has


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
    for text in overrides:
        tree = override(tree, text, mistakes)
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
        line.append((file, tree))
        parent = tree.get(("extends",))
        if parent is None or parent.value is None:
            return line, True, mistakes
        if not isinstance(parent.value, str):  # its type is checked with all the others
            return line, False, mistakes
        try:
            file = files.named(parent.value, [file.parent, files.data_folder()])
            seen = [known for known, _ in line]
            if file.resolve() in [known.resolve() for known in seen]:
                names = " > ".join([*(known.stem for known in seen), file.stem])
                raise files.Refused(f"goes round in a circle: {names}")
        except files.Refused as refused:
            return line, False, [*mistakes, Mistake(parent.mark, ("extends",), str(refused))]


def _roster(folder: Path, mistakes: list[Mistake]) -> tuple[Node, bool]:
    """The players beside a scenario, or else the shipped ones; whether they could be read."""
    name = f"{files.ROSTER}.yaml"
    file = folder / name if (folder / name).is_file() else files.data_folder() / name
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
    if len(path) == 3 and path[0] == "players":
        return _merge_cell(parent, child, mistakes, path)
    if not isinstance(parent.value, dict) or not isinstance(child.value, dict):
        return child
    value, keys = dict(parent.value), dict(parent.keys)
    for key, node in child.value.items():
        at = (*path, key)
        if node.value is None and len(at) == 2 and at[0] in _OPEN:
            if value.pop(key, None) is None:
                hint = f"; {nearest(key, parent.value)}" if parent.value else ""
                message = f"is null, but there is nothing to take out{hint}"
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


def override(tree: Node, text: str, mistakes: list[Mistake]) -> Node:
    """The tree with one value of the command line (``section.name=value``) merged over it."""
    mark = Mark(OPTION)
    path, equals, value = text.partition("=")
    keys = keys_of(path.strip())
    wrong = ""
    if not equals or not all(keys):
        example = "regulation.review_delay_weeks=26"
        wrong = f"{show(text)} must be a name and a value, such as {example}"
    elif keys[0] in ("extends", "name"):
        wrong = "cannot be set on the command line"
    elif keys[0] in _OPEN and len(keys) > 1 and tree.get(keys[:2]) is None:
        known = tree.reach(keys[:1])[0].keys
        wrong = f"no such entry of {keys[0]}; {nearest(keys[1], known)}"
    if wrong:
        mistakes.append(Mistake(mark, keys if equals else (), wrong))
        return tree
    read, found = parse(f"value: {value}".encode("utf-8", "surrogatepass"), OPTION)
    if read is None or found or list(read.value) != ["value"]:
        reasons = [mistake.message for mistake in found] or ["not one value"]
        mistakes += [Mistake(mark, keys, f"{show(value)}: {reason}") for reason in reasons]
        return tree
    node = Node.of(read.plain()["value"], mark)
    for key in reversed(keys):
        node = Node({key: node}, mark, {key: mark})
    return merge(tree, node, mistakes)


def keys_of(path: str) -> tuple[str, ...]:
    """The parts of a dotted path; below an event's set and scale stands a dotted path again."""
    keys = path.split(".")
    if keys[0] == "timeline" and len(keys) > 4 and keys[2] in ("set", "scale"):
        keys[3:] = [".".join(keys[3:])]
    return tuple(keys)
