"""Pydantic's errors in the words of a person, each at the place where it was written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from llm_market_sim.errors import nearest
from llm_market_sim.scenario.renamed import renamed
from llm_market_sim.scenario.tree import Mistake, Node, Path, show

__all__ = ["explain", "look", "unit_of", "validate_tree"]

Model = TypeVar("Model", bound=BaseModel)
Found = tuple[Path, Mistake | None]  # what to take out, and what to say about it
_ROUNDS = 50


def validate_tree(
    model: type[Model],
    root: Node,
    fixed: Mapping[str, Any] | None = None,
    fillers: Mapping[str, Any] | None = None,
    whole: bool = True,
) -> tuple[Model | None, list[Mistake]]:
    """Validate a tree and find all its mistakes, also those that hide behind others.

    fixed: values that no file may give. fillers: stand-ins for required entries that are missing.
    whole: whether what is missing is a mistake.
    After each round what was wrong is taken out and the rest is validated again. Returns the model
    of what is left (None where nothing is) and the mistakes.
    """
    fixed, fillers = dict(fixed or {}), fillers or {}
    mistakes = [
        Mistake(root.keys[name], (name,), "is the file's own name and cannot be given")
        for name in fixed
        if name in root.keys
    ]
    tree = root
    for _ in range(_ROUNDS):
        try:
            return model.model_validate(tree.plain() | fixed), mistakes
        except ValidationError as error:
            # the last first, so that taking out an item of a list moves none that is still to go
            for path, mistake in reversed(explain(error, model, tree, root, whole)):
                if mistake is not None:
                    mistakes.append(mistake)
                if not path:  # the whole is wrong, there is no part to take out
                    return None, mistakes
                if len(path) == 1 and path[0] in fillers and tree.get(path) is None:
                    fixed[str(path[0])] = fillers[str(path[0])]
                else:
                    tree = tree.without(path)
    return None, mistakes


def explain(
    error: ValidationError,
    model: type[BaseModel],
    tree: Node,
    root: Node | None = None,
    whole: bool = True,
) -> list[Found]:
    """Each error of a tree as (the path to take out, the mistake to show).

    root: the tree as it was read; what was in it is not called missing (mistake None).
    """
    found: list[Found] = []
    missing: dict[Path, list[str]] = {}
    for item in error.errors(include_url=False):
        location: Path = item["loc"]
        about_key = bool(location) and location[-1] == "[key]"
        if about_key:
            location = location[:-1]
        context = item.get("ctx", {})
        if "key" in context:
            location = (*location, context["key"])
        path = _in_tree(tree, location)
        if item["type"] == "missing":
            missing.setdefault(location[:-1], []).append(str(location[-1]))
        elif item["type"] == "extra_forbidden" or about_key:
            message = _unknown(model, location)
            found.append((path, Mistake(tree.key_mark(path), path, message)))
        else:
            node, _ = tree.reach(path)
            message = _message(item, node, model, location)
            after = root is not None and root.get(path) is not node  # only since a part is out
            found.append((path, None if after else Mistake(node.mark, path, message)))
    told = {path for path, _ in found}
    for above, names in missing.items():
        if _in_tree(tree, above) in told:
            continue
        for path, mistake in _missing(model, tree, root or tree, above, names):
            found.append((path, mistake if whole else None))
    return found


def _in_tree(tree: Node, location: Path) -> Path:
    """Pydantic's location as a path in the tree; a bare cell has no ``value`` of its own."""
    path: list[str | int] = []
    node = tree
    for part in location:
        below = node.get((part,))
        if below is not None:
            path.append(part)
            node = below
        elif part != "value":
            break
    return tuple(path)


def look(model: Any, path: Path) -> tuple[Any, FieldInfo | None]:
    """The type that is allowed at a path of a model, and the field that it belongs to."""
    here: Any = model
    field: FieldInfo | None = None
    for part in path:
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = _fields(here).get(str(part))
            here = field.annotation if field else None
        elif get_origin(here) in (dict, tuple):
            here = get_args(here)[1 if get_origin(here) is dict else 0]
        else:
            return None, None
    return here, field


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _names(here: Any) -> list[str]:
    """What may stand as a name in a mapping of this type; empty where anything may."""
    if isinstance(here, type) and issubclass(here, BaseModel):
        return list(_fields(here))
    return _choices(get_args(here)[0]) if get_origin(here) is dict else []


def _choices(here: Any) -> list[str]:
    return [str(choice) for choice in get_args(here)] if get_origin(here) is Literal else []


def unit_of(field: FieldInfo | None) -> str:
    """The unit to show behind a number; empty for pure numbers."""
    extra = field.json_schema_extra if field else None
    unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
    return "" if unit in ("1", "name", "yes/no") else unit


def _unknown(model: Any, location: Path) -> str:
    name = str(location[-1])
    here = look(model, location[:-1])[0]
    names = _names(here)
    if not names:  # any name of the right form
        return f"{show(name)} is not a valid name: use letters, digits, _ and - only"
    if len(location) == 1:
        inside = [
            f"{section}.{name}"
            for section in names
            if name in _names(look(model, (section,))[0])
            and "zh" not in _names(look(model, (section,))[0])
        ]
        hint = f'did you mean "{inside[0]}"?' if inside else nearest(name, names)
        return f"no such entry; {hint}"
    if renamed(".".join(map(str, location))):
        return f"not a parameter any more; {renamed('.'.join(map(str, location)))}"
    thing = "no such parameter" if len(location) == 2 else "no such entry"
    return f"{thing}; {nearest(name, names)}"


_SIGNS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}
_LENGTHS = {"too_short": ("min_length", "at least"), "too_long": ("max_length", "at most")}
_KINDS = {
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list: [first, second]",
    "tuple_type": "a list: [first, second]",
    "date": "",
    "finite_number": "a finite number",
}


def _message(item: Any, node: Node, model: Any, location: Path) -> str:
    value = node.plain()
    kind, context = item["type"], item.get("ctx", {})
    here, field = look(model, location)
    unit = unit_of(field)
    tail = f" ({unit})" if unit else ""
    if value is None:
        return "is empty: write a value, or take the line out"
    if kind in _SIGNS:
        name, sign = _SIGNS[kind]
        return f"{show(value)} must be {sign} {context[name]:g}{tail}"
    if kind in _LENGTHS:
        name, sign = _LENGTHS[kind]
        return f"must have {sign} {context[name]} entries, not {len(value)}"
    if kind == "bound":
        _, must, bound = item["msg"].partition(" must be ")
        return f"{show(value)}{must}{bound}{tail}" if must else str(item["msg"])
    if kind in ("float_type", "int_type", "int_from_float"):
        hint = ""
        if isinstance(value, str) and re.fullmatch(r"[-+0-9.,_'% ]+", value):
            hint = "; write it without quotes, spaces, commas or signs: 1000 or 0.5"
        return f"{show(value)} must be {_KINDS[kind]}{tail}{hint}"
    if kind in _KINDS:
        return f"{show(value)} {item['msg'] if kind == 'date' else 'must be ' + _KINDS[kind]}"
    if kind == "string_type":
        quoted = isinstance(value, (int, float))
        return f"{show(value)} must be a text" + (f': write "{show(value)}"' if quoted else "")
    if kind == "literal_error":
        choices = _choices(here)
        return f"{show(value)} must be one of {', '.join(choices)}" + _near(value, choices)
    if kind in ("dict_type", "model_type", "model_attributes_type", "mapping_type"):
        names = _names(here)
        one_of = f" such as {', '.join(names[:4])}" if names else ""
        return f"{show(value)} must be entries of the form name: value{one_of}"
    if kind == "string_pattern_mismatch":
        blank = isinstance(value, str) and not value.strip()
        return "is blank: write a text" if blank else f"{show(value)} is not a valid name"
    if kind in ("until", "too_early"):
        return f"{show(value)} {item['msg']}"
    return str(item["msg"])


def _near(value: Any, choices: Iterable[str]) -> str:
    hint = nearest(str(value), choices)
    return f"; {hint}" if hint.startswith("did") else ""


def _missing(model: Any, tree: Node, root: Node, above: Path, names: list[str]) -> list[Found]:
    """What is missing in one mapping: each text of a scenario by itself, else all in one line."""
    path = _in_tree(tree, above)
    given = root.reach(path)[0]
    truly = [name for name in names if name not in given.keys]
    mark = tree.reach(path)[0].mark
    if not above:
        found: list[Found] = []
        for name in names:
            field = look(model, (name,))[1]
            what = f": {field.description}" if field and field.description else ""
            mistake = Mistake(mark, (name,), f"is missing{what}")
            found.append(((name,), mistake if name in truly else None))
        return found
    if not truly:
        return [(path, None)]
    message = f"is incomplete: {', '.join(truly)} must be given too"
    siblings = tree.reach(path[:-1])[0]
    if len(truly) > 1 and isinstance(siblings.value, dict):
        message += _near(path[-1], [name for name in siblings.value if name != path[-1]])
    return [(path, Mistake(tree.key_mark(path), path, message))]
