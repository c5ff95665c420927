"""Claim files: where they lie, and every mistake in them with its place."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from llm_market_sim.claims.claim import Claim
from llm_market_sim.errors import InputError, Problem, nearest
from llm_market_sim.metrics import METRICS, Definition
from llm_market_sim.scenario import data_folder
from llm_market_sim.scenario.explain import validate_tree
from llm_market_sim.scenario.files import inside, read
from llm_market_sim.scenario.tree import Mark, Mistake, Node, problems, show

__all__ = ["check_claims", "claims", "load_claims"]


def claims() -> list[str]:
    """The names of the shipped claims, sorted."""
    folder = data_folder() / "claims"
    files = folder.glob("*.yaml")
    return sorted(f.stem for f in files if f.stem[0] != "." and inside(f, folder))


def load_claims(names: Sequence[str | Path] | None = None) -> list[Claim]:
    """Claims by the names of shipped ones or the paths of files; all shipped ones by default.

    Raises InputError with the mistakes of all files.
    """
    found, mistakes = check_claims(claims() if names is None else names)
    if mistakes:
        raise InputError(mistakes)
    return found


def check_claims(names: Iterable[str | Path]) -> tuple[list[Claim], list[Problem]]:
    """The claims that are sound, and the mistakes in all of them."""
    found: list[Claim] = []
    mistakes: list[Problem] = []
    taken: dict[str, str] = {}
    for name in names:
        claim, wrong = _check(name)
        mistakes += wrong
        if claim is not None and not wrong:
            if claim.id in taken:
                mistakes.append(Problem(str(name), "", f'claim "{claim.id}" is given twice'))
            taken[claim.id] = str(name)
            found.append(claim)
    return found, mistakes


def _check(name: str | Path) -> tuple[Claim | None, list[Problem]]:
    text = str(name)
    if isinstance(name, Path) or os.sep in text or "/" in text or text.endswith(".yaml"):
        file = Path(text)
    elif text in claims():
        file = data_folder() / "claims" / f"{text}.yaml"
    else:
        return None, [Problem("", "", f"no claim {show(text)}; {nearest(text, claims())}")]
    tree, mistakes = read(file)
    if tree is None:
        return None, problems(mistakes)
    claim, more = validate_tree(Claim, tree)
    mistakes = [*mistakes, *more, *_check_metric(tree)]
    given = tree.get(("id",))
    if given is not None and isinstance(given.value, str) and given.value != file.stem:
        message = f'{show(given.value)} must be the file\'s name: "{file.stem}"'
        mistakes.append(Mistake(given.mark, ("id",), message))
    return claim, problems(mistakes)


def _check_metric(tree: Node) -> Iterator[Mistake]:
    """The metric must be known, and the params and their variants must be its own."""
    given = tree.get(("metric",))
    if given is None or not isinstance(given.value, str):
        return
    if given.value not in METRICS:
        message = f"no metric {show(given.value)}; {nearest(given.value, METRICS)}"
        yield Mistake(given.mark, ("metric",), message)
        return
    model = METRICS[given.value].params
    params = tree.get(("params",))
    if params is not None and isinstance(params.value, dict):
        for mark, path, message in validate_tree(model, params)[1]:
            yield Mistake(mark, ("params", *path), message)
    variants = tree.get(("variants",))
    if variants is not None and isinstance(variants.value, dict):
        for name, values in variants.value.items():
            yield from _check_variants(model, name, values, variants.keys[name])


def _check_variants(model: type[Definition], name: str, values: Node, mark: Mark
                    ) -> Iterator[Mistake]:  # fmt: skip
    if name not in model.model_fields:
        message = f"no such param; {nearest(name, model.model_fields)}"
        yield Mistake(mark, ("variants", name), message)
    elif isinstance(values.value, list):
        for k, value in enumerate(values.value):
            one = Node({name: value}, value.mark, {name: value.mark})
            for wrong in validate_tree(model, one)[1]:
                yield Mistake(wrong.mark, ("variants", name, k), wrong.message)
