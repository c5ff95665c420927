"""Who there is: the firms named in the article, and the populations behind them.

Every fact of a firm's initial state is a cell: a value, where it comes from, and how sure we
are. A roster is data (``scenarios/players.yaml``); this module says what it may hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from llm_market_sim.market.parameters import (
    SEGMENTS,
    ByKind,
    ByRoute,
    Kind,
    Route,
    Section,
    Segment,
    parameter,
)

__all__ = ["Cell", "Player", "Population"]

Confidence = Literal["high", "medium", "low"]
T = TypeVar("T")
Amount = Annotated[float, Field(ge=0, le=1e7)]
Shares = dict[Segment, Annotated[float, Field(ge=0, le=1)]]


class Cell(BaseModel, Generic[T]):
    """One fact: its value, its source (or "assumption: …"), and a confidence."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    value: T
    source: str
    confidence: Confidence


class Player(BaseModel):
    """One named firm and its state on 17 April 2023 (week 0).

    In YAML a scenario may give a bare value for a cell (``cash_musd: 500``): it keeps the
    cell's form with the source "set by the scenario".
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: dict[Literal["en", "zh"], str]
    kind: Kind
    presence: Literal["active", "stealth", "pool"] = Field(
        description="active: known on week 0; stealth: exists, product not shown; "
        "pool: a potential entrant, in the order of the file"
    )
    enters: bool = Field(True, description="false: it takes no part, and its place stays empty")
    route: Cell[Route] = Field(description="how the firm comes by a model")
    niche: Cell[Literal["none", "developer", "enterprise", "public"]] = Field(
        description="the one segment that a vertical firm serves"
    )
    product: str = Field("", description="product name as in the article")
    launched: Cell[bool] = Field(description="a product was shown by week 0 (closed beta)")
    weeks_to_ready: Cell[Amount] = Field(
        description="weeks of preparation left before the first run or product"
    )
    capability_oom: Cell[Annotated[float, Field(ge=20, le=40)]] = Field(
        description="log10 training FLOP at the algorithms of week 0 of the best own model; "
        "20 means that there is none"
    )
    gpus: Cell[Amount] = Field(description="own accelerators, H100 equivalents")
    cloud: Cell[bool] = Field(description="rents idle accelerators to others")
    cash_musd: Cell[Amount] = Field(description="cash for models, million USD")
    raised_musd: Cell[Amount] = Field(description="venture money raised so far, million USD")
    stage: Cell[Annotated[int, Field(ge=0, le=5)]] = Field(
        description="venture rounds done (0 to 5)"
    )
    market_value_musd: Cell[Amount] = Field(
        description="market value of a listed firm, million USD"
    )
    burn_musd_per_year: Cell[Amount] = Field(
        description="running cost of the model unit, million USD"
    )
    star: Cell[bool] = Field(description="a founder or team that investors and talent follow")
    affinity: Cell[Shares] = Field(description="fit with each segment, 0 to 1")
    reach: Cell[Shares] = Field(
        description="share of each segment that knows and can get it, 0 to 1"
    )
    backer: str = Field("", description="id of a firm behind it, or empty")
    alliance: str = Field("", description="who shares the work on the model, outside the roster")
    policy: str = Field("standard", description="what rule the firm's wishes follow")

    @field_validator("name")
    @classmethod
    def _both_names(cls, name: dict[Literal["en", "zh"], str]) -> dict[Literal["en", "zh"], str]:
        if len(name) < 2:
            raise PydanticCustomError("incomplete", "needs a name in English (en) and Chinese (zh)")
        return name

    @field_validator("affinity", "reach")
    @classmethod
    def _all_segments(cls, cell: Cell[Shares]) -> Cell[Shares]:
        absent = [segment for segment in SEGMENTS if segment not in cell.value]
        if absent:
            text = f"needs a share for {', '.join(absent)} too"
            raise PydanticCustomError("incomplete", text, {"key": "value"})
        return cell

    @model_validator(mode="before")
    @classmethod
    def _bare_values(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        return {
            name: {"value": value, "source": "set by the scenario", "confidence": "low"}
            if name in _CELLS and not (isinstance(value, Mapping) and "value" in value)
            else value
            for name, value in given.items()
        }


_CELLS = {name for name, f in Player.model_fields.items() if "Cell" in str(f.annotation)}


class Population(Section):
    """The unnamed firms: those at work in silence on week 0, and the pool of potential entrants."""

    stealth_firms: int = parameter(
        40,
        unit="firms",
        ge=0,
        le=400,
        meaning="unnamed firms that already build a model on week 0",
        source="fitted to the facts of 2023 (models of January to July, approvals)",
    )
    pool_firms: int = parameter(
        63,
        unit="firms",
        ge=0,
        le=800,
        meaning="unnamed potential entrants, an ordered pool",
        source="assumption: large enough not to run dry in the default horizon",
    )
    named_entrant_every: int = parameter(
        6,
        unit="entrants",
        ge=1,
        le=100,
        meaning="unnamed entrants of the pool between one named entrant and the next",
        source="assumption: firms outside the article came in months later",
    )
    affinity: float = parameter(
        0.3,
        unit="1",
        ge=0,
        le=1,
        meaning="fit of an unnamed firm with every segment",
        source="assumption: their origins are not known",
    )
    bigtech_share: float = parameter(
        0.0,
        unit="1",
        ge=0,
        le=1,
        meaning="share of unnamed firms that are big tech",
        source="assumption: they are named",
    )
    listed_share: float = parameter(
        0.15,
        unit="1",
        ge=0,
        le=1,
        meaning="share of unnamed firms that are listed",
        source="assumption",
    )
    star_share: float = parameter(
        0.01,
        unit="1",
        ge=0,
        le=1,
        meaning="share of unnamed startups with a star team",
        source="assumption",
    )
    route_mix: ByRoute = parameter(
        {"foundation": 0.3, "fine_tune": 0.3, "wrapper": 0.15, "vertical": 0.25},
        unit="1",
        ge=0,
        le=1,
        meaning="relative frequency of routes among unnamed firms",
        source="assumption",
    )
    seed_cash_musd: ByKind = parameter(
        {"bigtech": 300.0, "listed": 60.0, "startup": 8.0, "foreign": 0.0},
        unit="million USD",
        ge=0,
        le=100000,
        meaning="median cash of an unnamed firm when it starts (log-normal)",
        source="50 M USD was called the least budget of a foundation startup (iFeng, Feb 2023); "
        "others assumption",
    )
    seed_cash_spread: float = parameter(
        0.6,
        unit="1",
        ge=0,
        le=3,
        meaning="standard deviation of log seed cash",
        source="assumption",
    )
