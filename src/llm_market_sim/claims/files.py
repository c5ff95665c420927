"""Claims by their names: files, and a person's own; every mistake in them with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from llm_market_sim.claims.claim import Claim
from llm_market_sim.errors import InputError, Problem, nearest
from llm_market_sim.market.columns import SERIES
from llm_market_sim.metrics import METRICS, Definition
from llm_market_sim.scenario import Scenario, data_folder, load
from llm_market_sim.scenario.explain import validate_tree
from llm_market_sim.scenario.files import inside, is_path, read, shorten, unusable
from llm_market_sim.scenario.interventions import KINDS
from llm_market_sim.scenario.tree import Mark, Mistake, Node, problems, show
from llm_market_sim.scenario.tree import Path as Keys
from llm_market_sim.support.registry import Registry

MAIN = "three_to_five_survive"  # what is judged and shown where nobody asks for another
OWN: Registry[Claim] = Registry("claim")  # added by Python code


def claims() -> list[str]:
    """The names of the shipped claims, sorted."""
    folder = data_folder() / "claims"
    files = folder.glob("*.yaml")
    return sorted(f.stem for f in files if f.stem[0] != "." and inside(f, folder))


def is_claim(name: str | Path) -> bool:
    """Whether a name is a claim's, or a file looks like a claim rather than a scenario."""
    if str(name) in (*claims(), *OWN):
        return True
    tree = read(Path(name))[0] if Path(name).is_file() else None
    return tree is not None and {"metric", "predicate"} <= tree.keys.keys()


def add_claim(**entries: Any) -> Claim:
    """Add a claim of one's own, which is then found by its id and judged with the shipped ones.

    entries: those of a claim's file. Raises InputError with all mistakes in them, ValueError if the
    id is taken.
    """
    place = f"claim {entries.get('id', 'without an id')}"
    claim, mistakes = _check_tree(Node.of(entries, Mark(place)))
    if claim is None or mistakes:
        raise InputError(problems(mistakes))
    if claim.id in claims():
        raise ValueError(f"a claim named {claim.id!r} is shipped already")
    OWN.register(claim.id, claim)
    return claim


def load_claims(names: Sequence[str | Path] | None = None) -> list[Claim]:
    """Claims by their names or the paths of files; by default all shipped ones, then one's own.

    Where all are asked for, interventions of shipped ones are not tried on the baseline: that takes
    half a second, `check_claims` does it, and so does whoever judges one. Raises InputError with
    the mistakes of all files.
    """
    found, mistakes = _read([*claims(), *OWN] if names is None else names, names is not None)
    if mistakes:
        raise InputError(mistakes)
    return found


def check_claims(names: Iterable[str | Path]) -> tuple[list[Claim], list[Problem]]:
    """The claims that are sound, and the mistakes in all of them."""
    return _read(names, tried=True)


def _read(names: Iterable[str | Path], tried: bool) -> tuple[list[Claim], list[Problem]]:
    found: list[Claim] = []
    mistakes: list[Problem] = []
    taken: dict[str, str] = {}
    shipped = claims()
    for name in names:
        claim, wrong = _check(name, shipped, tried)
        mistakes += wrong
        if claim is not None and not wrong:
            if claim.id in taken:
                mistakes.append(Problem(str(name), "", f'claim "{claim.id}" is given twice'))
            taken[claim.id] = str(name)
            found.append(claim)
    return found, mistakes


def _check(
    name: str | Path, shipped: Sequence[str], tried: bool
) -> tuple[Claim | None, list[Problem]]:
    """tried: whether interventions are, on the baseline."""
    text = str(name)
    if is_path(name):
        file = Path(text)
    elif text in shipped:
        file = data_folder() / "claims" / f"{text}.yaml"
    elif text in OWN:
        return OWN[text], []
    else:
        hint = nearest(text, [*shipped, *OWN], "claims")
        return None, [Problem("", "", f"no claim {show(text)}; {hint}")]
    tree, mistakes = read(file)
    if tree is None:
        return None, problems(mistakes)
    claim, more = _check_tree(tree, tried)
    mistakes = [*mistakes, *more]
    if why := unusable(file):
        mistakes.append(Mistake(Mark(shorten(file)), (), why))
    given = tree.get(("id",))
    if given is not None and isinstance(given.value, str) and given.value != file.stem:
        message = f'{show(given.value)} must be the file\'s name: "{file.stem}"'
        mistakes.append(Mistake(given.mark, ("id",), message))
    return claim, problems(mistakes)


def _check_tree(tree: Node, tried: bool = True) -> tuple[Claim | None, list[Mistake]]:
    """The claim of a tree, and what is wrong with it, whatever file it is from."""
    metric = list(check_metric(tree))
    tree, acts = _check_interventions(tree) if tried else (tree, [])
    claim, more = validate_tree(Claim, tree)
    mistakes = [*more, *metric, *acts]
    if claim is not None and not mistakes:
        mistakes += _check_range(claim, tree)
        if tried:
            mistakes += [*_check_weeks(claim, tree), *_check_also(tree)]
    return claim, mistakes


def _check_also(tree: Node) -> Iterator[Mistake]:
    """Each is checked as the claim that it makes, at its own place."""
    several = tree.get(("also",))
    for name in ("also", "variants", "horizon_variants", "intervention_variants"):
        tree = tree.replace(name, None)
    for k, one in enumerate(several.value if several is not None else ()):
        other = tree
        for name, node in one.value.items():
            other = other.replace(name, node, one.keys[name])
        for mistake in _check_tree(other)[1]:
            yield mistake._replace(path=("also", k, *mistake.path))


def _check_weeks(claim: Claim, tree: Node) -> Iterator[Mistake]:
    """What an intervention puts into the timeline must come before the weeks that are asked of."""
    week = min([claim.horizon_week, *claim.horizon_variants])
    own = [
        ("intervention",),
        *(("intervention_variants", k) for k, _ in enumerate(claim.intervention_variants)),
    ]
    acts = [claim.intervention, *claim.intervention_variants]
    for path, act in zip(own, acts, strict=True):
        for name, late in act.unreached(_baseline(), week) if act is not None else ():
            event = f"timeline.{name}"
            yield Mistake(tree.reach((*path, "values", event))[0].mark, (*path, event), late)


def _check_range(claim: Claim, tree: Node) -> Iterator[Mistake]:
    """Some value of x must make the claim true, and some must make it false."""
    measured = claim.measurement
    within = METRICS[claim.metric].within(measured.params)
    if claim.intervention is not None:
        within = within.differences
    can_be = claim.test.outcomes(within.low, within.high, within.whole)
    if len(can_be) == 1:
        truth = "always" if True in can_be else "never"
        message = f"{show(claim.predicate)} is {truth} true: x ({claim.metric}) is {within}"
        yield Mistake(tree.reach(("predicate",))[0].mark, ("predicate",), message)


def _check_interventions(tree: Node) -> tuple[Node, list[Mistake]]:
    """Each intervention by itself, so that a mistake has its line; the tree without bad ones."""
    mistakes: list[Mistake] = []
    nodes: list[tuple[Keys, Node | None]] = [(("intervention",), tree.get(("intervention",)))]
    several = tree.get(("intervention_variants",))
    if several is not None and isinstance(several.value, list):
        nodes += [(("intervention_variants", k), one) for k, one in enumerate(several.value)]
    for path, node in reversed(nodes):  # the last first: taking out an item moves none to come
        if node is None or node.value is None:
            continue
        wrong = [m._replace(path=(*path, *m.path)) for m in _check_intervention(node)]
        mistakes += wrong
        if wrong:
            tree = tree.without(path)
    return tree, mistakes


def _check_intervention(node: Node) -> list[Mistake]:
    kind = node.get(("kind",))
    if kind is None:
        names = ", ".join(KINDS)
        return [Mistake(node.mark, (), f"needs a kind: one of {names}")]
    if not isinstance(kind.value, str) or kind.value not in KINDS:
        text = f"no intervention {show(kind.value)}; {nearest(str(kind.value), KINDS)}"
        return [Mistake(kind.mark, ("kind",), text)]
    found, mistakes = validate_tree(KINDS[kind.value], node)
    if found is None or mistakes:
        return mistakes
    return found.changed(_baseline(), node)[1]


@cache
def _baseline() -> Scenario:
    """The scenario whose firms and parameters a claim may speak of."""
    return load("baseline")


def check_metric(tree: Node) -> Iterator[Mistake]:
    """The metric must be known, and the params must be its own, and so their variants, if any."""
    given = tree.get(("metric",))
    if given is None or not isinstance(given.value, str):
        return
    if given.value not in METRICS:
        message = f"no metric {show(given.value)}; {nearest(given.value, METRICS, 'metrics')}"
        if given.value in SERIES:
            message = (
                f"{show(given.value)} is a weekly series; write metric: series and "
                f"params: {{name: {given.value}}}"
            )
        yield Mistake(given.mark, ("metric",), message)
        return
    model = METRICS[given.value].params
    params = tree.get(("params",)) or Node({}, tree.mark)
    if isinstance(params.value, dict):
        for mark, path, message in validate_tree(model, params)[1]:
            yield Mistake(mark, ("params", *path), message)
        yield from _check_firms(model, params, ("params",))
    variants = tree.get(("variants",))
    if variants is not None and isinstance(variants.value, dict):
        for name, values in variants.value.items():
            yield from _check_variants(model, name, values, variants.keys[name])


def _check_variants(
    model: type[Definition], name: str, values: Node, mark: Mark
) -> Iterator[Mistake]:
    if name not in model.model_fields:
        message = f"no such param; {nearest(name, model.model_fields)}"
        yield Mistake(mark, ("variants", name), message)
    elif isinstance(values.value, list):
        for k, value in enumerate(values.value):
            one = Node({name: value}, value.mark, {name: value.mark})
            wrong = [m for m in validate_tree(model, one)[1] if m.path[:1] == (name,)]
            for mark, _, message in [*wrong, *_check_firms(model, one, ())]:
                yield Mistake(mark, ("variants", name, k), message)


def _check_firms(model: type[Definition], params: Node, at: Keys) -> Iterator[Mistake]:
    """Firms that a definition names must be in the roster."""
    for name in ("firm", "firms"):
        node = params.get((name,)) if name in model.model_fields else None
        if node is None:
            continue
        for one in node.value if isinstance(node.value, list) else [node]:
            known = _baseline().players
            if isinstance(one.value, str) and one.value not in known:
                text = f"no firm {show(one.value)}; {nearest(one.value, known)}"
                yield Mistake(one.mark, (*at, name), text)
