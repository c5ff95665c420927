"""What a metric is, and all of them by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from llm_market_sim.errors import InputError, Problem, nearest
from llm_market_sim.market.state import Array
from llm_market_sim.simulation import Run
from llm_market_sim.support.registry import Registry


class Definition(BaseModel):
    """What a metric lets one choose. A subclass's `words` say the choice as a noun phrase."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    def words(self) -> str:
        """The choice in words."""
        return ", ".join(f"{name} = {value}" for name, value in self)


@dataclass(frozen=True)
class Bounds:
    """The values that a number can take: low to high, both included; whole: whole numbers only."""

    low: float
    high: float
    whole: bool = False

    @property
    def differences(self) -> Bounds:
        """What one such number less another can be."""
        return Bounds(self.low - self.high, self.high - self.low, self.whole)

    def __str__(self) -> str:
        kind = "whole numbers" if self.whole else "numbers"
        return f"{kind} from {self.low:g} to {self.high:g}"


_MOST_FIRMS = 2000  # more than a scenario can hold
ANY = Bounds(float("-inf"), float("inf"))
COUNT = Bounds(0, _MOST_FIRMS, whole=True)
SHARE = Bounds(0, 1)

Rule = Callable[[Run, float, Any], Array]


@dataclass(frozen=True)
class Metric:
    """A rule with its name, what it gives in words, its unit, its params and what it can give.

    less_is_better: whether a change that makes it smaller helps.
    """

    name: str
    meaning: str
    unit: str
    params: type[Definition]
    rule: Rule
    within: Callable[[Any], Bounds]
    less_is_better: bool = False


METRICS: Registry[Metric] = Registry("metric")


def metric(
    name: str,
    meaning: str,
    *,
    unit: str,
    params: type[Definition] = Definition,
    within: Bounds | Callable[[Any], Bounds] = ANY,
    less_is_better: bool = False,
) -> Callable[[Rule], Rule]:
    """Register a rule under a name. ValueError if the name is taken.

    within: the values that it can take, or a function from the params to them. A claim that no
    such value could make true, or false, is refused.
    """
    bounds = (lambda _: within) if isinstance(within, Bounds) else within
    return METRICS.registering(
        name, lambda rule: Metric(name, meaning, unit, params, rule, bounds, less_is_better)
    )


def get_metric(name: str) -> Metric:
    """The metric of a name. InputError if there is none."""
    return METRICS.find(name)


def slot(run: Run, firm: str) -> int:
    """Place of a firm. InputError where the scenario does not have it."""
    if firm not in run.firms.ids:
        text = f'no firm "{firm}"; {nearest(firm, run.scenario.players)}'
        raise InputError([Problem(run.scenario.name, "params", text)])
    return run.firms.slot(firm)
