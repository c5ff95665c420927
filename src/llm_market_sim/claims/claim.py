"""What a claim is: a sentence with its source, and the number and the test that stand for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from llm_market_sim.claims.predicate import Predicate, parse
from llm_market_sim.metrics import Definition, get_metric
from llm_market_sim.simulation import Run
from llm_market_sim.state import Array

__all__ = ["Claim", "Measurement"]

Text = Annotated[str, StringConstraints(pattern=r"\S")]
Week = Annotated[int, Field(ge=0, le=520)]


@dataclass(frozen=True)
class Measurement:
    """One number a world to be taken from a run, at one week, by one definition."""

    name: str
    metric: str
    params: Definition
    week: int

    def __call__(self, run: Run) -> Array:
        """The numbers, float (W,); the run must have kept the week."""
        values = get_metric(self.metric).rule(run, float(self.week), self.params)
        return values.astype(float)


class Claim(BaseModel):
    """Somebody's sentence, made so precise that a world can contradict it. One YAML file each."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False,
        ignored_types=(cached_property,),
    )  # fmt: skip

    id: Text = Field(description="the file's name without .yaml")
    text: Text = Field(description="what was said, in our words")
    said_by: Text = Field(description="who said it, as a role")
    source: Text = Field(description="where it was said")
    metric: Text = Field(description="the number x that stands for it, by the metric's name")
    params: dict[str, Any] = Field({}, description="the definition that is used by default")
    variants: dict[str, list[Any]] = Field(
        {}, description="other values of the params that could have been meant"
    )
    predicate: Text = Field(description='what it says of x, such as "3 <= x <= 5"')
    horizon_week: Week = Field(description="the week it speaks of")
    horizon_variants: list[Week] = Field([], description="other weeks that could have been meant")
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

    @cached_property
    def test(self) -> Predicate:
        """The predicate, ready to be asked."""
        return parse(self.predicate)

    @property
    def measurement(self) -> Measurement:
        """The number by the default definition. InputError where the metric is unknown."""
        params = get_metric(self.metric).params.model_validate(self.params)
        return Measurement(self.id, self.metric, params, self.horizon_week)

    @property
    def definition(self) -> str:
        """What exactly is tested, in words."""
        measured = self.measurement
        meaning = get_metric(self.metric).meaning
        return f"{self.predicate} in week {self.horizon_week}; x = {meaning}: " + (
            measured.params.words() or "no choices to make"
        )
