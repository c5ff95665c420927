"""What a claim is: a sentence with its source, and the number and the test that stand for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from llm_market_sim.claims import chinese
from llm_market_sim.claims.predicate import Predicate, parse
from llm_market_sim.errors import InputError, MarketSimError, Problem
from llm_market_sim.market.columns import SERIES
from llm_market_sim.market.state import Array
from llm_market_sim.metrics import Definition, get_metric
from llm_market_sim.metrics.market import SeriesAt
from llm_market_sim.scenario.interventions import Intervention
from llm_market_sim.scenario.model import Label
from llm_market_sim.scenario.reading import Entry, Text
from llm_market_sim.simulation import Run
from llm_market_sim.support.html_repr import card, facts, sentence
from llm_market_sim.words import Language


def _in_one_line(given: Any) -> Any:
    """One text stands for both languages."""
    said = {"en": given, "zh": given} if isinstance(given, str) else given
    if not isinstance(said, dict):
        raise PydanticCustomError("string_type", "must be a text")
    return {key: " ".join(v.split()) if isinstance(v, str) else v for key, v in said.items()}


Said = Annotated[Label, BeforeValidator(_in_one_line)]
Week = Annotated[int, Field(ge=0, le=520)]
_ROUNDED = 1e-9  # by which a sum of shares may be more than 1


@dataclass(frozen=True)
class Measurement:
    """One number a world to be taken from a run, at one week, by one definition.

    With an intervention, what is asked for is the difference that it makes to this number.
    """

    name: str
    metric: str
    params: Definition
    week: int
    intervention: Intervention | None = None

    def __call__(self, run: Run) -> Array:
        """The numbers, float (W,); the run must have kept the week. MarketSimError where a metric
        of one's own gives something else."""
        metric = get_metric(self.metric)
        values = np.asarray(metric.rule(run, float(self.week), self.params))
        if values.shape != run.worlds.shape or values.dtype.kind not in "biuf":
            needed = f"a number for each of {len(run.worlds)} worlds is needed"
            given = f"an array of shape {values.shape}, {values.dtype}"
            raise MarketSimError(f'metric "{self.metric}" gives {given}; {needed}')
        within = metric.within(self.params)
        outside = values[(values < within.low - _ROUNDED) | (values > within.high + _ROUNDED)]
        if outside.size:
            told = f'metric "{self.metric}" gives {outside[0]:g}; it is declared with {within}'
            raise MarketSimError(told)
        return values.astype(float)


@dataclass(frozen=True)
class Variant:
    """One way in which a claim could have been meant.

    choices: what was chosen where there is a choice: a param by its name, "week", "intervention"
    (in words). default: whether it is the claim's own definition.
    """

    choices: dict[str, Any]
    measurement: Measurement
    default: bool


class Also(Entry):
    """The same sentence of another number, firm or change; what is left out is as in the claim."""

    metric: Text | None = None
    params: dict[str, Any] | None = None
    predicate: Text | None = None
    horizon_week: Week | None = None
    intervention: Intervention | None = None


class Claim(Entry):
    """Somebody's sentence, made so precise that a world can contradict it. One YAML file each.

    What was said, by whom and where is given as ``{en: ..., zh: ...}``, or as one text that stands
    for both languages. `text`, `said_by` and `source` are the English ones.
    """

    model_config = ConfigDict(ignored_types=(cached_property,), serialize_by_alias=True)

    id: Text = Field(description="the file's name without .yaml")
    said: Said = Field(alias="text", description="what was said")
    form: Literal["quoted", "paraphrase"] = Field(
        "paraphrase", description="quoted: the speaker's own words; paraphrase: in other words"
    )
    speaker: Said = Field(alias="said_by", description="who said it, as a role")
    place: Said = Field(alias="source", description="where it was said")
    metric: Text = Field(description="the number x that stands for it, by the metric's name")
    params: dict[str, Any] = Field({}, description="the definition that is used by default")
    variants: dict[str, list[Any]] = Field(
        {}, description="other values of the params that could have been meant"
    )
    predicate: Text = Field(description='what it says of x, such as "3 <= x <= 5"')
    horizon_week: Week = Field(description="the week it speaks of")
    horizon_variants: list[Week] = Field([], description="other weeks that could have been meant")
    intervention: Intervention | None = Field(
        None, description="what is done; x is then what it changes, in each world on the same luck"
    )
    intervention_variants: list[Intervention] = Field(
        [], description="other interventions that could have been meant"
    )
    also: list[Also] = Field(
        [], description="other numbers, firms or changes; each gets a verdict beside the claim's"
    )
    status: Literal["emergent", "calibrated", "input"] = Field(
        description="emergent: can fail; calibrated: the model was fitted to it; "
        "input: the model assumes it"
    )
    reason: Text = Field(description="why it has that status")

    @field_validator("predicate")
    @classmethod
    def _can_be_read(cls, text: str) -> str:
        try:
            return parse(text).text
        except ValueError as error:
            raise PydanticCustomError("predicate", "{why}", {"why": str(error)}) from None

    @model_validator(mode="after")
    def _differences_or_not(self) -> Self:
        if self.intervention_variants and self.intervention is None:
            message = "needs an intervention that these are variants of"
            raise PydanticCustomError("variants", message, {"key": "intervention_variants"})
        return self

    @model_validator(mode="after")
    def _a_change_goes_up_or_down(self) -> Self:
        if self.intervention is not None and not (
            self.test.signs in (("<",), (">",)) and set(self.test.operands) == {None, 0.0}
        ):
            message = (
                'for the effect of a change write "x > 0" or "x < 0"; its size is shown beside '
                "the verdict"
            )
            raise PydanticCustomError("predicate", message, {"key": "predicate"})
        return self

    @property
    def text(self) -> str:
        """What was said, in English."""
        return self.said["en"]

    @property
    def said_by(self) -> str:
        """Who said it, in English."""
        return self.speaker["en"]

    @property
    def source(self) -> str:
        """Where it was said, in English."""
        return self.place["en"]

    def sentence(self, language: Language = "en") -> str:
        """What was said, in quotation marks where these are the speaker's own words."""
        return f"“{self.said[language]}”" if self.form == "quoted" else self.said[language]

    @property
    def credit(self) -> str:
        """Who said it where, and whether in these words; an English sentence."""
        form = "quoted" if self.form == "quoted" else "paraphrased"
        return f"Said by {self.said_by} ({self.source}), {form}."

    @cached_property
    def test(self) -> Predicate:
        """The predicate, ready to be asked."""
        return parse(self.predicate)

    def scores(self, x: Array) -> Array:
        """1 where it is true of x, else 0; of a change, one half where it changes nothing."""
        true = self.test.holds(x).astype(float)
        if self.intervention is None:
            return true
        return np.where(np.isnan(x) | (x == 0.0), 0.5, true)

    def _repr_html_(self) -> str:
        """In a notebook."""
        return card(
            self.sentence(),
            sentence(self.credit),
            sentence(f"Tested: {self.definition}."),
            sentence(f"{self.status.capitalize()}: {self.reason}"),
            facts(definitions=len(self.variants_all()), name=self.id),
        )

    @property
    def tested(self) -> bool:
        """Whether it can fail here; what is assumed or fitted is shown, and never judged."""
        return self.status == "emergent"

    @property
    def measurement(self) -> Measurement:
        """The number by the default definition. InputError where metric or params are unknown."""
        return self._measured(self.id, self.params, self.horizon_week, self.intervention)

    @property
    def unit(self) -> str:
        """Of its number, by the default definition: of a series, its own."""
        params = self.measurement.params
        return (
            SERIES[params.name].unit
            if isinstance(params, SeriesAt)
            else get_metric(self.metric).unit
        )

    def variants_all(self) -> list[Variant]:
        """Every way in which it could have been meant: the default first, then all others.

        All combinations of `variants`, `horizon_variants` and `intervention_variants`, each with
        a measurement of its own name. InputError where the metric is unknown.
        """
        default = self._chosen(self.params)
        axes = {
            name: _with_default(getattr(default, name), others)
            for name, others in self.variants.items()
        }
        weeks = _with_default(self.horizon_week, self.horizon_variants)
        does = _with_default(self.intervention, self.intervention_variants)
        found: list[Variant] = []
        for *values, week, act in product(*axes.values(), weeks, does):
            chosen = dict(zip(axes, values, strict=True))
            choices = {name: value for name, value in chosen.items() if len(axes[name]) > 1}
            if len(weeks) > 1:
                choices["week"] = week
            if len(does) > 1 and act is not None:
                choices["intervention"] = act.words()
            name = f"{self.id}#{len(found)}" if found else self.id
            params = {**self.params, **chosen}
            found.append(Variant(choices, self._measured(name, params, week, act), not found))
        return found

    def also_all(self) -> list[Claim]:
        """What is judged beside it, as claims with names of their own; each in one way only."""
        left = {"variants", "horizon_variants", "intervention_variants", "also"}
        mine = self.model_dump(mode="json", exclude=left)
        found = []
        for number, one in enumerate(self.also, 1):
            other = mine | one.model_dump(mode="json", exclude_none=True)
            found.append(
                Claim.model_validate_json(json.dumps(other | {"id": f"{self.id}+{number}"}))
            )
        return found

    def _measured(
        self, name: str, params: dict[str, Any], week: int, does: Intervention | None
    ) -> Measurement:
        return Measurement(name, self.metric, self._chosen(params), week, does)

    def _chosen(self, params: dict[str, Any]) -> Definition:
        """A definition of the metric. InputError where a stored claim speaks of what is not here,
        as of a series of somebody's own."""
        try:
            return get_metric(self.metric).params.model_validate(params)
        except ValidationError as error:
            wrong = error.errors(include_url=False)
            raise InputError(
                Problem(f"claim {self.id}", ".".join(map(str, ("params", *one["loc"]))), one["msg"])
                for one in wrong
            ) from error

    @property
    def definition(self) -> str:
        """What exactly is tested, in English."""
        return self.defined("en")

    def counted(self, language: Language = "en") -> str:
        """What is counted: the choices of its own definition, as a noun phrase."""
        params = self.measurement.params
        return chinese.words(self.metric, params) if language == "zh" else params.words()

    def defined(self, language: Language) -> str:
        """What exactly is tested, in words."""
        measured = self.measurement
        if language == "zh":
            week, does = self.horizon_week, self.intervention
            return chinese.tested(self.predicate, week, self.metric, measured.params, does)
        meaning = get_metric(self.metric).meaning
        what = f"{meaning}: {measured.params.words() or 'no choices to make'}"
        if self.intervention is not None:
            what = f"the change, in the same worlds, if {self.intervention.words()}, of: {what}"
        return f"{self.predicate} in week {self.horizon_week}; x = {what}"


def _with_default(default: Any, others: Sequence[Any]) -> list[Any]:
    """The default, then the others; each once."""
    found = [default]
    for other in others:
        if other not in found:
            found.append(other)
    return found
