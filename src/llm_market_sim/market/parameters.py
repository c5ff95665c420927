"""What a parameter is: a value with unit, bounds, meaning and source, declared once."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

__all__ = [
    "KINDS", "PARAMS", "ROUTES", "SEGMENTS", "TELL", "ByFirm", "ByKind", "ByRoute", "BySegment",
    "Kind", "Route", "Section", "Segment", "parameter",
]  # fmt: skip

Segment = Literal["consumer", "developer", "enterprise", "public"]
Kind = Literal["bigtech", "listed", "startup", "foreign"]
Route = Literal["foundation", "fine_tune", "wrapper", "vertical"]
SEGMENTS: tuple[Segment, ...] = ("consumer", "developer", "enterprise", "public")
KINDS: tuple[Kind, ...] = ("bigtech", "listed", "startup", "foreign")
ROUTES: tuple[Route, ...] = ("foundation", "fine_tune", "wrapper", "vertical")

BySegment = dict[Segment, float]
ByKind = dict[Kind, float]
ByRoute = dict[Route, float]
ByFirm = dict[str, float]  # a firm's id, or "all"

_BOUNDS = (
    ("minimum", "at least", operator.lt),
    ("exclusiveMinimum", "more than", operator.le),
    ("maximum", "at most", operator.gt),
)


PARAMS: dict[str, type[Section]] = {}
"""The sections of parameters by their names, in the order of their mechanisms."""

TELL: list[Callable[[str, type[Section]], None]] = []
"""Who is told of a section that comes later."""


class Section(BaseModel):
    """One section of a scenario: the parameters of one mechanism.

    Frozen; unknown names, NaN and infinities are refused.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """A class called Params is the section that has the name of its file."""
        if cls.__name__ == "Params":
            name = cls.__module__.rpartition(".")[2]
            PARAMS[name] = cls
            for tell in TELL:
                tell(name, cls)

    @model_validator(mode="before")
    @classmethod
    def _complete_mappings(cls, given: Any) -> Any:
        """A mapping that is given in part keeps its default for the rest."""
        if not isinstance(given, Mapping):
            return given
        completed = dict(given)
        for name, field in cls.model_fields.items():
            if isinstance(field.default, dict) and isinstance(given.get(name), Mapping):
                completed[name] = {**field.default, **given[name]}
        return completed

    @field_validator("*")
    @classmethod
    def _check_mapping_bounds(cls, value: Any, info: ValidationInfo) -> Any:
        """The bounds of a mapping hold for each of its values."""
        extra = cls.model_fields[str(info.field_name)].json_schema_extra
        if not isinstance(value, dict) or not isinstance(extra, dict):
            return value
        bounds: Any = extra["additionalProperties"]
        for key, number in value.items():
            for name, sign, breaks in _BOUNDS:
                if name in bounds and breaks(number, bounds[name]):
                    raise PydanticCustomError(
                        "bound", f"{number} must be {sign} {bounds[name]:g}", {"key": key}
                    )
        return value


def parameter(
    default: Any,
    *,
    unit: str,
    meaning: str,
    source: str,
    symbol: str = "",
    ge: float | None = None,
    le: float | None = None,
    gt: float | None = None,
    plausible: tuple[float, float] | None = None,
) -> Any:
    """A field of a mechanism's Params; the bounds hold for every value of a mapping too.

    unit: "1" where there is none. source: where the default comes from, or "assumption: …".
    plausible: the range that experiments vary it over; of a mapping, the factors on its values.
    """
    extra: dict[str, Any] = {"unit": unit, "source": source, "symbol": symbol}
    if plausible is not None:
        extra["plausible"] = list(plausible)
    if isinstance(default, dict):
        bounds = {"minimum": ge, "maximum": le, "exclusiveMinimum": gt}
        extra["additionalProperties"] = {"type": "number"} | _given(bounds)
        return Field(default, description=meaning, json_schema_extra=extra)
    return Field(
        default,
        description=meaning,
        json_schema_extra=extra,
        **_given({"ge": ge, "le": le, "gt": gt}),
    )


def _given(bounds: dict[str, float | None]) -> dict[str, Any]:
    return {name: bound for name, bound in bounds.items() if bound is not None}
