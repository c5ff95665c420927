"""The file of facts: where it lies, and every mistake in it with its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from llm_market_sim.errors import nearest
from llm_market_sim.scenario import data_folder
from llm_market_sim.scenario.reading import load_file
from llm_market_sim.scenario.tree import Mark, Mistake, Node
from llm_market_sim.scenario.tree import Path as Keys
from llm_market_sim.stylised_facts.fact import Book
from llm_market_sim.stylised_facts.statistic import STATISTICS
from llm_market_sim.support.chinese import said
from llm_market_sim.words import Language


def load_facts(file: Path | None = None) -> Book:
    """The facts of a file, the shipped one by default. InputError with all mistakes in it."""
    return load_file(file or data_folder() / "stylised_facts.yaml", Book, _unknown)[0]


def stated(text: str, language: Language) -> str:
    """A title of a fact, or what a statistic is, in a language; as it is where it has no other."""
    return said(text, language, __package__)


def _unknown(tree: Node) -> Iterator[Mistake]:
    """Statistics that do not exist, and those that cannot constrain."""
    for id in _keys(tree, ("facts",)):
        path: Keys = ("facts", id, "parts")
        for name, mark in _keys(tree, path).items():
            if name not in STATISTICS:
                yield Mistake(
                    mark, (*path, name), f"no such statistic; {nearest(name, STATISTICS)}"
                )
            elif "constrains" in _keys(tree, (*path, name)) and not STATISTICS[name].weeks:
                able = [one for one in STATISTICS if STATISTICS[one].weeks]
                text = f"takes five years, which no fit does; {nearest(name, able)}"
                yield Mistake(_keys(tree, (*path, name))["constrains"], (*path, name), text)


def _keys(tree: Node, path: Keys) -> dict[str, Mark]:
    node = tree.get(path)
    return node.keys if node is not None else {}
