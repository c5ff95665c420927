"""What a scenario is: the mechanisms' parameters, a roster, a timeline, and words for a class."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from llm_market_sim.errors import nearest
from llm_market_sim.market.mechanisms.accounts import Params as Accounts
from llm_market_sim.market.mechanisms.alliances import Params as Alliances
from llm_market_sim.market.mechanisms.cards import Params as Cards
from llm_market_sim.market.mechanisms.compute import Params as Compute
from llm_market_sim.market.mechanisms.entry import Params as Entry
from llm_market_sim.market.mechanisms.exits import Params as Exits
from llm_market_sim.market.mechanisms.frontier import Params as Frontier
from llm_market_sim.market.mechanisms.funding import Params as Funding
from llm_market_sim.market.mechanisms.hype import Params as Hype
from llm_market_sim.market.mechanisms.imitation import Params as Imitation
from llm_market_sim.market.mechanisms.pricing import Params as Pricing
from llm_market_sim.market.mechanisms.products import Params as Products
from llm_market_sim.market.mechanisms.regulation import Params as Regulation
from llm_market_sim.market.mechanisms.training import Params as Training
from llm_market_sim.market.mechanisms.users import Params as Users
from llm_market_sim.market.observation import SERIES
from llm_market_sim.market.parameters import PARAMS, TELL, Section
from llm_market_sim.market.roster import Cell, Player, Population
from llm_market_sim.scenario.reading import Id, Text
from llm_market_sim.scenario.texts import MARK, passage
from llm_market_sim.scenario.timeline import Event, apply
from llm_market_sim.support.html_repr import shown
from llm_market_sim.words import Language

__all__ = ["SECTIONS", "TEXTS", "Label", "Scenario", "Sections", "compared", "difference"]


def _no_bool(given: Any) -> Any:
    """For Python true is 1."""
    if isinstance(given, bool):
        raise PydanticCustomError("literal_error", "must be a number")
    return given


def _in_both_languages(label: dict[str, str]) -> dict[str, str]:
    absent = [language for language in ("en", "zh") if language not in label]
    if absent:
        message = f"is incomplete: {' and '.join(absent)} must be given too"
        raise PydanticCustomError("incomplete", message)
    return label


Label = Annotated[dict[Literal["en", "zh"], Text], AfterValidator(_in_both_languages)]


def _plain_is_english(given: Any) -> Any:
    if isinstance(given, str):
        return {"en": given}
    if not isinstance(given, dict):
        raise PydanticCustomError("string_type", "must be a text")
    return given


def _can_be_shown(words: dict[str, str]) -> dict[str, str]:
    if "en" not in words:
        raise PydanticCustomError("incomplete", "is incomplete: en must be given too")
    for text in words.values():
        for mark in MARK.finditer(text):
            if mark[1] not in SERIES:
                message = f"{mark[0]}: no series {mark[1]}; {nearest(mark[1], SERIES)}"
                raise PydanticCustomError("no_series", "{message}", {"message": message})
    return words


Words = Annotated[
    dict[Literal["en", "zh"], Text],
    BeforeValidator(_plain_is_english),
    AfterValidator(_can_be_shown),
]


class Sections(BaseModel):
    """One section a mechanism: the parameters that hold at some moment."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, ignored_types=(cached_property,)
    )

    frontier: Frontier = Frontier()
    compute: Compute = Compute()
    cards: Cards = Cards()
    training: Training = Training()
    products: Products = Products()
    regulation: Regulation = Regulation()
    users: Users = Users()
    pricing: Pricing = Pricing()
    accounts: Accounts = Accounts()
    hype: Hype = Hype()
    imitation: Imitation = Imitation()
    funding: Funding = Funding()
    entry: Entry = Entry()
    exits: Exits = Exits()
    alliances: Alliances = Alliances()


SECTIONS: dict[str, type[Section]] = {
    name: type(field.default) for name, field in Sections.model_fields.items()
}


class Scenario(Sections):
    """One resolved scenario: everything that a run needs besides worlds and a seed."""

    name: str = Field(description="the file's name; no entry of the file")
    label: Label = Field(description="a short name to show, in English (en) and Chinese (zh)")
    about: Words = Field(description="what this scenario is about, to read aloud")
    how: Words = Field(description="how it works: which levers are turned and why")
    notice: Words = Field(description="what to look for in the results")
    try_: Words = Field(alias="try", description="a question or a change for the class to try")
    extend: Words = Field(description="where a student could take it further")
    extends: str | None = Field(
        None, description="the one scenario that this one differs from, by name"
    )
    horizon_weeks: int = Field(
        78, ge=1, le=520, description="how long it runs", json_schema_extra={"unit": "weeks"}
    )
    ticks_per_week: Annotated[Literal[1, 2, 4, 7], BeforeValidator(_no_bool)] = Field(
        1, description="steps a week; more of them give the same distributions, more slowly"
    )
    players: dict[Id, Player] = Field(description="the named firms, by id")
    population: Population = Field(Population(), description="the unnamed firms")
    timeline: dict[Id, Event] = Field({}, description="dated events, by a name of your choice")

    def text(self, name: str, language: Language = "en") -> str:
        """One of the `TEXTS` as it is shown: in a language (English where it has no other), with
        sizes from the table of levers for marks such as ``{effect:startup_share@78}``."""
        words = self.try_ if name == "try" else getattr(self, name)
        return passage(words, self.name, language).text

    @cached_property
    def events(self) -> tuple[tuple[str, Event], ...]:
        """(name, event) by date, then by order in the files; later ones have the last word."""
        return tuple(sorted(self.timeline.items(), key=lambda item: item[1].date))

    @cached_property
    def _known(self) -> dict[tuple[str, ...], Sections]:
        return {}

    def active(self, week: float) -> tuple[str, ...]:
        """The names of the events that hold at a moment (weeks since week 0), in their order."""
        return tuple(name for name, event in self.events if event.active(week))

    def at(self, week: float) -> Sections:
        """The parameters in force at a moment (weeks since week 0), with all active events."""
        active = self.active(week)
        if active not in self._known:
            self._known[active] = self.under(active)
        return self._known[active]

    def under(self, names: tuple[str, ...]) -> Sections:
        """The parameters while exactly these events are active, in this order."""
        base = {name: getattr(self, name) for name in SECTIONS}
        changed = apply(base, [self.timeline[name] for name in names])
        new = {name: SECTIONS[name].model_validate(values) for name, values in changed.items()}
        return Sections.model_construct(**(base | new))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As in pydantic (new values are not validated); nothing that was worked out is kept."""
        copied = super().model_copy(update=update, deep=deep)
        for name in ("events", "_known"):
            copied.__dict__.pop(name, None)
        return copied

    def __reduce__(self) -> tuple[Any, ...]:
        """To another process as plain values; the roster's generic cells cannot be pickled."""
        return _rebuild, (self.model_dump(by_alias=True),)

    def __repr__(self) -> str:
        return (
            f"<Scenario {self.name}: {self.horizon_weeks} weeks, {len(self.players)} named firms>"
        )

    def _repr_html_(self) -> str:
        """In a notebook."""
        return shown(self)

    def digest(self) -> str:
        """SHA-256 of everything that can change a run; texts and comments cannot."""
        facts = self.facts()
        facts["players"] = list(facts["players"].items())  # the order of the pool counts
        facts["timeline"] = [(name, facts["timeline"][name]) for name, _ in self.events]
        text = json.dumps(_floats(facts), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def facts(self) -> dict[str, Any]:
        """Plain values of everything but the texts: no sources, names or explanations."""
        every = self.model_dump(mode="json", exclude={"name", "extends", "label", "try_", *TEXTS})
        for name, player in self.players.items():
            every["players"][name] = {
                key: value["value"] if isinstance(getattr(player, key), Cell) else value
                for key, value in every["players"][name].items()
                if key not in ("name", "product")
            }
        for event in every["timeline"].values():
            del event["about"], event["source"]
        return every


def _take_in(name: str, section: type[Section]) -> None:
    """Make the parameters of one more mechanism a section of every scenario read from now on."""
    if name in Sections.model_fields:
        return
    for model in (Sections, Scenario):
        model.__pydantic_fields__[name] = FieldInfo(annotation=section, default=section())
        model.model_rebuild(force=True)
    SECTIONS[name] = section


for _name, _section in PARAMS.items():
    _take_in(_name, _section)
TELL.append(_take_in)


def _rebuild(values: dict[str, Any]) -> Scenario:
    return Scenario.model_validate(values)


TEXTS = ("about", "how", "notice", "try", "extend")


def difference(scenario: Scenario, parent: Scenario) -> list[tuple[str, Any, Any]]:
    """(dotted path, parent's value, own value) of every fact that differs; texts do not count.

    A firm or an event that only one of the two has is one row, with None on the other side.
    """
    return compared(parent.facts(), scenario.facts())


def compared(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """The same of the facts of two scenarios, the parent's first."""
    return list(_differ("", old, new))


def _differ(path: str, old: Any, new: Any) -> list[tuple[str, Any, Any]]:
    if isinstance(old, dict) and isinstance(new, dict):
        rows = []
        for key in [*old, *(key for key in new if key not in old)]:
            below = f"{path}.{key}" if path else key
            rows += _differ(below, old.get(key), new.get(key))
        return rows
    return [] if _floats(old) == _floats(new) else [(path, old, new)]


def _floats(value: Any) -> Any:
    """26 and 26.0 are the same fact."""
    if isinstance(value, dict):
        return {key: _floats(below) for key, below in value.items()}
    if isinstance(value, (list, tuple)):
        return [_floats(below) for below in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    return value
