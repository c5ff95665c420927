"""What a stylised fact is: a pattern of young markets, and the numbers that stand for it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from llm_market_sim.scenario.reading import Entry, Text


def _in_order(band: list[float | None]) -> list[float | None]:
    low, high = band
    if low is None and high is None:
        raise PydanticCustomError("band", "needs a bound: [low, high], null for no bound")
    if low is not None and high is not None and low > high:
        text = "[{low}, {high}] must begin with the lower bound"
        raise PydanticCustomError("band", text, {"low": f"{low:g}", "high": f"{high:g}"})
    return band


_PAIR = Field(min_length=2, max_length=2)  # [low, high], the bounds included; None for no bound
Band = Annotated[list[float | None], _PAIR, AfterValidator(_in_order)]
Share = Annotated[float, Field(ge=0, le=1)]
Shares = Annotated[list[Share | None], _PAIR, AfterValidator(_in_order)]


class Expected(Entry):
    """What other markets say of the number of one history: knowledge that the fit takes in."""

    value: float = Field(description="what is expected, in the unit of the statistic")
    deviation: float = Field(gt=0, description="standard deviation, from market to market")
    log: bool = Field(False, description="compare logarithms; the deviation is then relative")
    why: Text = Field(description="how value and deviation follow from the source")


class Part(Entry):
    """One number that a fact speaks of, and where it should lie.

    With `worlds` the band is for the number of one world, and `worlds` for the share of worlds in
    which it lies there; without, the band is for the average over worlds. A part that constrains
    takes part in the fit of the assumptions; all others test it.
    """

    band: Band = Field(description="[low, high] of the number; null for no bound")
    worlds: Shares | None = Field(
        None, description="[low, high] of the share of worlds whose number lies in the band"
    )
    status: Literal["literature", "judgement"] = Field(
        description="where the band comes from: the source, or our own judgement"
    )
    reason: Text = Field(description="why this number, and why this band")
    constrains: Expected | None = Field(
        None, description="what the fit of the assumptions takes from it, if it does"
    )


class StylisedFact(Entry):
    """A pattern, who found it, and the parts that must all hold."""

    title: Text = Field(description="two or three words")
    statement: Text = Field(description="the pattern, in a sentence")
    source: Text = Field(description="who found it")
    parts: dict[Text, Part] = Field(
        min_length=1, description="the numbers that stand for it, by the statistic's name"
    )


class FirstMovers(Entry):
    """The intervention of the fact on first movers: who is ready how much earlier."""

    weeks: float = Field(gt=0, le=104, description="how much earlier the firm is ready")
    firms: list[Text] = Field(min_length=1, description="ids; each is favoured in its own run")


class Book(Entry):
    """The file of facts."""

    head_start: FirstMovers = Field(description="the intervention of the fact on first movers")
    facts: dict[Text, StylisedFact] = Field(min_length=1, description="the facts, by id, in order")
