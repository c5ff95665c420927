"""What our YAML files are made of, and how one is read with every mistake at its place."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, create_model
from pydantic_core import PydanticCustomError

from llm_market_sim.errors import InputError
from llm_market_sim.scenario.explain import validate_tree
from llm_market_sim.scenario.files import read
from llm_market_sim.scenario.tree import Mistake, Node, problems


class Entry(BaseModel):
    """Entries of a file: no others, of these types, and never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def _read_day(given: Any) -> Any:
    if isinstance(given, dt.date):
        return given
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", given):
            raise ValueError
        return dt.date.fromisoformat(given)
    except (TypeError, ValueError):
        raise PydanticCustomError("date", "must be a day, written 2023-08-15") from None


ID = r"^[\w-]+$"  # names of firms and events: no dots, since paths are dotted
Text = Annotated[str, StringConstraints(pattern=r"\S")]
Id = Annotated[str, StringConstraints(pattern=ID)]
Day = Annotated[dt.date, BeforeValidator(_read_day)]

Model = TypeVar("Model", bound=BaseModel)
Read = tuple[Model | None, list[Mistake]]


def load_file(
    file: Path, model: type[Model], also: Callable[[Node], Iterable[Mistake]] = lambda tree: ()
) -> tuple[Model, Node]:
    """What a file says, and its tree. InputError with all mistakes; also: more of them."""
    tree, mistakes = read(file)
    found = None
    if tree is not None:
        found, more = validate_tree(model, tree)
        mistakes += [*more, *also(tree)]
    if tree is None or found is None or mistakes:
        raise InputError(problems(mistakes))
    return found, tree


def load_each(
    file: Path, section: str, validate: Callable[[Node, dict[str, Any]], Read[Model]]
) -> dict[str, Model]:
    """What a file says of each thing in its only section, by id, in the file's order.

    validate: given a tree and what is fixed, the id. InputError with all mistakes.
    """
    only: dict[str, Any] = {section: (dict[Id, dict[str, Any]], ...)}
    outline = create_model("File", __base__=Entry, **only)
    tree, mistakes = read(file)
    found: dict[str, Model] = {}
    if tree is not None:
        sound, more = validate_tree(outline, tree)
        mistakes += more
        for name in getattr(sound, section, ()):
            place = (section, name)
            one, wrong = validate(tree.reach(place)[0], {"id": name})
            mistakes += [m._replace(path=(*place, *m.path)) for m in wrong]
            found |= {name: one} if one is not None else {}
    if mistakes:
        raise InputError(problems(mistakes))
    return found
