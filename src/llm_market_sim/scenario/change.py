"""A scenario with some entries replaced after it was resolved, checked like a file."""

from __future__ import annotations

from llm_market_sim.errors import nearest
from llm_market_sim.scenario.check import build
from llm_market_sim.scenario.model import Scenario
from llm_market_sim.scenario.resolve import OPEN, keys_of, merge
from llm_market_sim.scenario.tree import Mark, Mistake, Node

__all__ = ["change"]

_FIXED = ("extends", "name")


def change(scenario: Scenario, values: Node) -> tuple[Scenario | None, list[Mistake]]:
    """The scenario with values merged over it by their paths, and every mistake in them.

    values: a mapping of paths, dotted as after ``--set``, to values; a whole entry of the timeline
    is one value. Mistakes stand at the places of the values. What a timeline sets acts later, as
    ever.
    """
    plain = scenario.model_dump(by_alias=True, mode="json")
    del plain["name"]
    tree = Node.of(plain, Mark(scenario.name))
    mistakes: list[Mistake] = []
    for path, node in values.value.items():
        mark, keys = values.keys[path], keys_of(path)
        if not all(keys) or keys[0] in _FIXED:
            mistakes.append(Mistake(mark, (path,), "cannot be set"))
            continue
        if keys[0] in OPEN and len(keys) > 2 and tree.get(keys[:2]) is None:
            known = tree.reach(keys[:1])[0].keys
            why = f"no such entry of {keys[0]}; {nearest(keys[1], known)}"
            mistakes.append(Mistake(mark, (path,), why))
            continue
        for key in reversed(keys):
            node = Node({key: node}, mark, {key: mark})
        tree = merge(tree, node, mistakes)
    changed, more = build(tree, scenario.name)
    return changed, mistakes + more
