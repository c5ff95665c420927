"""From a located tree to a Scenario, or to all the mistakes that are in it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, get_args, get_origin

from pydantic import ValidationError

from llm_market_sim.errors import nearest
from llm_market_sim.market.parameters import Section
from llm_market_sim.market.state import SHOCKS
from llm_market_sim.scenario.explain import explain, look, validate_tree
from llm_market_sim.scenario.model import SECTIONS, TEXTS, Scenario
from llm_market_sim.scenario.renamed import renamed
from llm_market_sim.scenario.timeline import Event, apply, split
from llm_market_sim.scenario.tree import Mark, Mistake, Node, Path, dotted, show

__all__ = ["build"]

_FILLERS: dict[str, Any] = dict.fromkeys(TEXTS, "missing") | {
    "label": {"en": "missing", "zh": "missing"},
    "players": {},
}


def build(tree: Node, name: str, whole: bool = True) -> tuple[Scenario | None, list[Mistake]]:
    """The scenario of a merged tree. With mistakes, the scenario is what is left without them.

    whole: whether all files of it were read; if not, nothing is said about what may stand there.
    """
    scenario, mistakes = validate_tree(Scenario, tree, {"name": name}, _FILLERS, whole)
    if not whole:
        return scenario, mistakes
    firms = _firms(tree)
    mistakes += _check_firms(tree, firms)
    mistakes += _check_timeline(tree, firms)
    if scenario is not None:
        mistakes += _check_effective(tree, scenario, firms)
    return scenario, mistakes


def _firms(tree: Node) -> dict[str, Any]:
    """Id -> presence of every firm that the tree names, sound or not."""
    players = _entries(tree, ("players",)).items()
    return {firm: getattr(node.get(("presence",)), "value", None) for firm, node in players}


def _check_firms(tree: Node, firms: Collection[str]) -> Iterator[Mistake]:
    """Firms that other entries speak of must exist."""
    if "all" in firms:
        path: Path = ("players", "all")
        yield Mistake(tree.key_mark(path), path, '"all" stands for every firm and cannot name one')
    for firm in firms:
        path = ("players", firm, "backer")
        node = tree.get(path)
        if node is not None and isinstance(node.value, str) and node.value:
            if node.value == firm:
                yield Mistake(node.mark, path, "a firm cannot be its own backer")
            elif node.value not in firms:
                yield Mistake(node.mark, path, _no_firm(node.value, firms))
    for section, model in SECTIONS.items():
        for name in model.model_fields:
            for firm in _entries(tree, (section, name)) if _by_firm(model, name) else ():
                if firm not in firms and firm != "all":
                    path = (section, name, firm)
                    yield Mistake(tree.key_mark(path), path, _no_firm(firm, firms))


def _no_firm(firm: str, firms: Collection[str]) -> str:
    return f"no firm {show(firm)} in the roster; {nearest(firm, firms)}"


def _by_firm(model: type[Section], name: str) -> bool:
    return bool(model.model_fields[name].annotation == dict[str, float])


def _check_timeline(tree: Node, firms: dict[str, Any]) -> Iterator[Mistake]:
    """What events speak of must exist: parameters, states of the world, firms that can enter."""
    timeline = tree.get(("timeline",))
    for name in timeline.keys if timeline is not None else ():
        at: Path = ("timeline", name)
        for verb in ("set", "scale"):
            for path, value in _entries(tree, (*at, verb)).items():
                complaint = _wrong(verb, path, value.plain(), firms)
                if complaint:
                    yield Mistake(tree.key_mark((*at, verb, path)), (*at, verb), complaint)
        for shock in _entries(tree, (*at, "shock")):
            if shock not in SHOCKS:
                mark = tree.key_mark((*at, "shock", shock))
                message = f"no state {show(shock)} that can be shocked; {nearest(shock, SHOCKS)}"
                yield Mistake(mark, (*at, "shock"), message)
        yield from _check_entrants(tree, (*at, "enter"), firms)


def _entries(tree: Node, path: Path) -> dict[str, Node]:
    node = tree.get(path)
    return node.value if node is not None and isinstance(node.value, dict) else {}


def _check_entrants(tree: Node, path: Path, firms: dict[str, Any]) -> Iterator[Mistake]:
    node = tree.get(path)
    entrants = node.value if node is not None and isinstance(node.value, list) else []
    for k, entrant in enumerate(entrants):
        firm = entrant.value
        if isinstance(firm, str) and firm not in firms:
            pool = [known for known, presence in firms.items() if presence == "pool"]
            yield Mistake(entrant.mark, (*path, k), _no_firm(firm, pool))
        elif isinstance(firm, str) and firms[firm] != "pool":
            message = f'{show(firm)} is {firms[firm]}; only firms with presence "pool" enter'
            yield Mistake(entrant.mark, (*path, k), message)


def _sound(event: Event, firms: Collection[str]) -> Event:
    """The event without entries that change no parameter."""
    kept = {
        verb: {path: value for path, value in given.items() if not _wrong(verb, path, value, firms)}
        for verb, given in (("set", event.set), ("scale", event.scale))
    }
    return event.model_copy(update=kept)


def _wrong(verb: str, path: str, value: Any, firms: Collection[str]) -> str:
    """What is wrong with a dotted path that an event sets or scales; empty where nothing is."""
    section, name, key = split(path)
    model = SECTIONS.get(section)
    if model is None or name not in model.model_fields:
        every = [f"{one}.{field}" for one in SECTIONS for field in SECTIONS[one].model_fields]
        same = [known for known in every if name and known.endswith(f".{name}")]
        hint = f'did you mean "{same[0]}"?' if same else nearest(path, every)
        if renamed(path):
            return f'"{path}" is not a parameter any more; {renamed(path)}'
        if not same and model is not None and hint.startswith("allowed"):
            hint = nearest(name, model.model_fields)
        return f'"{path}" is not a parameter; {hint}'
    annotation = look(model, (name,))[0]
    mapping = get_origin(annotation) is dict
    if verb == "scale" and not (mapping or annotation in (int, float)):
        return f'"{path}" is not a number, so it cannot be scaled; use set'
    if not mapping:
        return f'"{section}.{name}" is a single value and has no "{key}" below it' if key else ""
    keys = [key] if key else list(value) if isinstance(value, dict) else []
    allowed = [*firms, "all"] if _by_firm(model, name) else list(get_args(get_args(annotation)[0]))
    for one in keys:
        if one not in allowed:
            return f'"{section}.{name}.{one}" is not a parameter; {nearest(one, allowed)}'
    return ""


def _check_effective(tree: Node, scenario: Scenario, firms: Collection[str]) -> Iterator[Mistake]:
    """The parameters must be valid under every set of events that is ever active together."""
    base = {section: getattr(scenario, section) for section in SECTIONS}
    events = [(name, _sound(event, firms)) for name, event in scenario.events]
    moments = {event.week for _, event in events} | {event.end_week for _, event in events}
    sets = {tuple(name for name, event in events if event.active(when)) for when in moments}
    told: set[tuple[Mark, Path]] = set()
    for names in sorted(sets, key=len):  # the fewer events, the clearer whose mistake it is
        active = [(name, event) for name, event in events if name in names]
        for section, values in apply(base, [event for _, event in active]).items():
            try:
                SECTIONS[section].model_validate(values)
            except ValidationError as error:
                for mistake in _blame(tree, section, values, error, active):
                    if (mistake.mark, mistake.path) not in told:
                        told.add((mistake.mark, mistake.path))
                        yield mistake


def _blame(
    tree: Node,
    section: str,
    values: dict[str, Any],
    error: ValidationError,
    active: list[tuple[str, Event]],
) -> Iterator[Mistake]:
    """Put each error at the line of the last event that changed the parameter."""
    for path, mistake in explain(error, SECTIONS[section], Node.of(values, tree.mark)):
        wrong = dotted((section, *path))
        for name, event in reversed(active):
            verb, key = _changed(event, wrong)
            if key and mistake is not None:
                at: Path = ("timeline", name, verb, key)
                node = tree.reach(at)[0]
                others = [
                    other for other, too in active if other != name and _changed(too, wrong)[1]
                ]
                more = f" (together with {', '.join(others)})" if others else ""
                if verb == "scale":
                    more = f" after scaling by {show(node.plain())}" + more
                yield Mistake(node.mark, at, mistake.message + more)
                break


def _changed(event: Event, wrong: str) -> tuple[str, str]:
    """The entry of an event that changed a parameter: ("set" or "scale", its path)."""
    for verb, given in (("scale", event.scale), ("set", event.set)):
        for key in given:
            if f"{wrong}.".startswith(f"{key}.") or f"{key}.".startswith(f"{wrong}."):
                return verb, key
    return "", ""
