"""What else a claim could have meant: every combination of its variants, the default first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from llm_market_sim.claims.claim import Claim, Measurement
from llm_market_sim.metrics import get_metric

__all__ = ["Variant", "read_off", "variants_all"]


@dataclass(frozen=True)
class Variant:
    """One definition. choices: values by name where there is a choice, of params and of "week"."""

    choices: Mapping[str, Any]
    measurement: Measurement
    default: bool


def variants_all(claim: Claim) -> list[Variant]:
    """The default definition, then all others, the last choice running fastest."""
    default = claim.measurement
    usual = {**dict(default.params), "week": claim.horizon_week}
    others: dict[str, list[Any]] = {**claim.variants, "week": claim.horizon_variants}
    open_ = {
        name: [usual[name], *(value for value in values if value != usual[name])]
        for name, values in others.items()
    }
    every = (dict(zip(open_, one, strict=True)) for one in product(*open_.values()))
    return list(_measured(claim, every, {name for name in open_ if len(open_[name]) > 1}))


def read_off(claim: Claim) -> list[Variant]:
    """Those that need no run which the default does not need, the default first.

    An intervention is a run of its own: only the default one, to its own week.
    """
    every = variants_all(claim)
    default = every[0].measurement
    does = getattr(default, "intervention", None)
    return [
        one for one in every
        if does is None
        or (getattr(one.measurement, "intervention", None) == does
            and one.measurement.week <= default.week)
    ]  # fmt: skip


def _measured(claim: Claim, every: Iterator[dict[str, Any]], open_: set[str]) -> Iterator[Variant]:
    model = get_metric(claim.metric).params
    for place, one in enumerate(every):
        values = {name: value for name, value in one.items() if name != "week"}
        params = model.model_validate({**claim.params, **values})
        name = f"{claim.id}#{place}" if place else claim.id
        choices = {name: value for name, value in one.items() if name in open_}
        yield Variant(choices, Measurement(name, claim.metric, params, one["week"]), not place)
