"""What was known by the end of 2023: facts with source, date and grade, as data.

A fact says what it informs. Some have a target: the number that a simulated world is compared
with, and how far the two may be apart for reasons that lie outside the model.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from llm_market_sim.claims import Measurement
from llm_market_sim.claims.files import check_metric
from llm_market_sim.errors import nearest
from llm_market_sim.market.parameters import Section
from llm_market_sim.market.roster import Population
from llm_market_sim.metrics import get_metric
from llm_market_sim.scenario import SECTIONS, data_folder
from llm_market_sim.scenario.explain import validate_tree
from llm_market_sim.scenario.reading import Day, Entry, Id, Text, load_each
from llm_market_sim.scenario.timeline import split
from llm_market_sim.scenario.tree import Mistake, Node, show

LAST_DAY = dt.date(2023, 12, 31)
Topic = Literal[
    "regulation", "entry", "money", "users", "compute", "technology", "capability", "mood"
]
TOPICS: tuple[Topic, ...] = get_args(Topic)
_ELSEWHERE = ("claims", "roster", "scenarios")
_MODELS: dict[str, type[Section]] = {**SECTIONS, "population": Population}


def _check_value(given: Any) -> Any:
    numbers = given if isinstance(given, list) and given else [given]
    real = all(isinstance(n, (int, float)) and not isinstance(n, bool) for n in numbers)
    if real or (isinstance(given, str) and given.strip()):
        return given
    message = "must be a number, a list of numbers or a text"
    raise PydanticCustomError("value", "{shown}", {"shown": f"{show(given)} {message}"})


def _check_informed(path: str) -> str:
    if path in _ELSEWHERE:
        return path
    section, name, key = split(path)
    field = _MODELS[section].model_fields.get(name) if section in _MODELS else None
    if field is None:
        known = [f"{one}.{name}" for one, model in _MODELS.items() for name in model.model_fields]
        why = f"no parameter {show(path)}; {nearest(path, [*known, *_ELSEWHERE])}"
    elif not key or (isinstance(field.default, dict) and key in field.default):
        return path
    elif isinstance(field.default, dict):
        why = f"{section}.{name} has no entry {show(key)}; {nearest(key, field.default)}"
    else:
        why = f"{section}.{name} is one value and has no entries"
    raise PydanticCustomError("informs", "{why}", {"why": why})


def _check_address(url: str) -> str:
    if re.fullmatch(r"https?://\S+", url):
        return url
    raise PydanticCustomError("address", "{shown} must be a web address", {"shown": show(url)})


Value = Annotated[float | list[float] | str, BeforeValidator(_check_value)]
Address = Annotated[str, AfterValidator(_check_address)]
Informed = Annotated[str, AfterValidator(_check_informed)]


class Target(Entry):
    """What a number of a simulated world is compared with, and how far they may be apart."""

    id: Id = Field(description="that of its fact")
    metric: Text = Field(description="the number that stands for the fact, by the metric's name")
    params: dict[str, Any] = Field({}, description="the metric's definition")
    week: int = Field(ge=0, le=37, description="the week it speaks of; 37 ends the year 2023")
    log: bool = Field(False, description="compare logarithms; both deviations are then relative")
    value: float = Field(description="what is expected, in the unit of the metric")
    observation: float = Field(ge=0, description="standard deviation of the observed value")
    discrepancy: float = Field(
        ge=0, description="standard deviation for what the model leaves out or counts otherwise"
    )
    why: Text = Field(description="how value and deviations follow from the fact")

    @field_validator("value")
    @classmethod
    def _has_a_logarithm(cls, value: float, info: ValidationInfo) -> float:
        if info.data.get("log") and value <= 0:
            why = f"{value:g} must be more than 0 where logarithms are compared"
            raise PydanticCustomError("logarithm", "{why}", {"why": why})
        return value

    @property
    def measurement(self) -> Measurement:
        """The number to take from a run, named as the fact is.

        InputError where the metric is unknown.
        """
        params = get_metric(self.metric).params.model_validate(self.params)
        return Measurement(self.id, self.metric, params, self.week)


class Fact(Entry):
    """One thing that was so on a day, in our words, with the source that says it."""

    id: Id = Field(description="its name in the file")
    topic: Topic = Field(description="where it belongs")
    about: Text = Field(description="what was so, in our words")
    value: Value = Field(description="as published: a number, a list of numbers, a date or a text")
    unit: Text = Field(description="unit of the value; date or text where it has none")
    technology: bool = Field(
        False, description="a property of technology, whose date may be later than 2023"
    )
    date: Day = Field(description="the day on which it was so")
    source: Text = Field(description="medium and what it reports")
    url: Address = Field(description="where it was read")
    grade: Literal["A", "B", "C"] = Field(
        description="A: official, or the authors' own paper or board; "
        "B: reputable press or a reprint of it; C: weak"
    )
    note: str = Field("", description="traps, conversions, other reports")
    informs: list[Informed] = Field(
        [], description="paths of parameters, or claims, roster, scenarios"
    )
    target: Target | None = Field(None, description="what simulated worlds are compared with")

    @field_validator("date")
    @classmethod
    def _is_not_held_out(cls, date: dt.date, info: ValidationInfo) -> dt.date:
        if date > LAST_DAY and not info.data.get("technology"):
            why = (
                f"{date} is later than {LAST_DAY}, which is kept for testing; "
                "only a fact with technology: true may be"
            )
            raise PydanticCustomError("held_out", "{why}", {"why": why})
        return date


def load_evidence(path: str | Path | None = None) -> dict[str, Fact]:
    """The facts of a file (the shipped one by default) by id, in the order of the file.

    Raises InputError with every mistake and its place.
    """
    return load_each(Path(path or data_folder() / "evidence.yaml"), "facts", _read_fact)


def _read_fact(node: Node, fixed: dict[str, Any]) -> tuple[Fact | None, list[Mistake]]:
    """One fact and the mistakes in it; its target is read apart, for its mistakes' sake."""
    given = node.get(("target",))
    if given is None or not isinstance(given.value, dict):
        return validate_tree(Fact, node, fixed)
    fact, mistakes = validate_tree(Fact, node.without(("target",)), fixed)
    target, wrong = validate_tree(Target, given, fixed)
    for mark, path, text in (*wrong, *check_metric(given)):
        mistakes.append(Mistake(mark, ("target", *path), text))
    return fact and fact.model_copy(update={"target": target}), mistakes
