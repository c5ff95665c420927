"""The file of facts: where it lies, and every mistake in it with its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from llm_market_sim.errors import InputError, nearest
from llm_market_sim.scenario import data_folder
from llm_market_sim.scenario.explain import validate_tree
from llm_market_sim.scenario.files import read
from llm_market_sim.scenario.tree import Mark, Mistake, Node, problems
from llm_market_sim.scenario.tree import Path as Keys
from llm_market_sim.stylised_facts.fact import Book
from llm_market_sim.stylised_facts.statistic import STATISTICS


def load_facts(file: Path | None = None) -> Book:
    """The facts of a file, the shipped one by default. InputError with all mistakes in it."""
    tree, mistakes = read(file or data_folder() / "stylised_facts.yaml")
    if tree is None:
        raise InputError(problems(mistakes))
    book, more = validate_tree(Book, tree)
    mistakes = [*mistakes, *more, *_unknown(tree)]
    if book is None or mistakes:
        raise InputError(problems(mistakes))
    return book


def _unknown(tree: Node) -> Iterator[Mistake]:
    """Statistics that do not exist."""
    for id in _keys(tree, ("facts",)):
        path: Keys = ("facts", id, "parts")
        for name, mark in _keys(tree, path).items():
            if name not in STATISTICS:
                yield Mistake(
                    mark, (*path, name), f"no such statistic; {nearest(name, STATISTICS)}"
                )


def _keys(tree: Node, path: Keys) -> dict[str, Mark]:
    node = tree.get(path)
    return node.keys if node is not None else {}
