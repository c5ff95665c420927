"""From numbers of worlds to verdicts: every part of every fact against its band.

Worlds are what is drawn anew, never firms: a share of worlds has a Wilson interval, an average a
percentile interval over resampled worlds. Both at 95 %. A part holds if its whole interval lies
within the band, fails if all of it lies outside, and is undecided otherwise: more worlds help.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from llm_market_sim.market.state import Array
from llm_market_sim.stylised_facts.fact import Part, StylisedFact
from llm_market_sim.stylised_facts.runs import Runs
from llm_market_sim.stylised_facts.statistic import Statistic, get_statistic
from llm_market_sim.summary.statistics import CONFIDENCE, proportion

FactVerdict = Literal["holds", "fails", "undecided", "not measured"]
_RESAMPLES = 2000
_ORDER: tuple[FactVerdict, ...] = ("fails", "undecided", "not measured", "holds")  # worst first


@dataclass(frozen=True)
class PartResult:
    """A part of a fact in a run.

    value: share of worlds, or average over worlds; low and high bound it. typical: median of the
    worlds' own numbers, NaN where only all worlds together have one. worlds: in which it could be
    measured.
    """

    part: Part
    statistic: Statistic
    worlds: int
    value: float
    low: float
    high: float
    typical: float
    verdict: FactVerdict


@dataclass(frozen=True)
class FactResult:
    """A fact with its parts; it holds if all of them do."""

    id: str
    fact: StylisedFact
    parts: tuple[PartResult, ...]

    @property
    def verdict(self) -> FactVerdict:
        """The worst verdict of its parts."""
        found = {part.verdict for part in self.parts}
        return next(one for one in _ORDER if one in found)


def asked_of(facts: Mapping[str, StylisedFact]) -> tuple[str, ...]:
    """The statistics that some facts are judged by, sorted."""
    return tuple(sorted({name for fact in facts.values() for name in fact.parts}))


def numbers_of(runs: Runs, statistics: Sequence[str]) -> dict[str, Array]:
    """The numbers of each world by statistic, (W, K).

    Those of several blocks of worlds may be put one under the other.
    """
    return {name: get_statistic(name).numbers(runs) for name in statistics}


def judge(facts: Mapping[str, StylisedFact], numbers: Mapping[str, Array]) -> list[FactResult]:
    """The verdicts, in the order of the facts, given the numbers of their statistics."""
    return [
        FactResult(
            id,
            fact,
            tuple(
                _judge(part, get_statistic(name), numbers[name])
                for name, part in fact.parts.items()
            ),
        )
        for id, fact in facts.items()
    ]


def _judge(part: Part, one: Statistic, numbers: Array) -> PartResult:
    there = numbers[~np.any(np.isnan(numbers), axis=1)]
    typical = float(np.median(there)) if one.combine is None and len(there) else float("nan")
    if len(there) == 0:
        value = low = high = float("nan")
    elif part.worlds is not None:
        held = proportion(int(np.sum(_within(there[:, 0], part.band))), len(there))
        value, low, high = held.share, held.low, held.high
    else:
        value, low, high = _average(one, there)
    verdict = _verdict(low, high, part.band if part.worlds is None else part.worlds)
    return PartResult(part, one, len(there), value, low, high, typical, verdict)


def _average(one: Statistic, numbers: Array) -> tuple[float, float, float]:
    """Mean over worlds, or what their sums combine to, with its interval over resampled worlds."""
    worlds = len(numbers)
    chosen = np.random.default_rng(0).integers(worlds, size=(_RESAMPLES, worlds))
    times = np.stack([np.bincount(row, minlength=worlds) for row in chosen])
    every = np.concatenate([np.ones((1, worlds)), times]) @ numbers
    with np.errstate(all="ignore"):
        values = every[:, 0] / worlds if one.combine is None else one.combine(every)
        tails = (0.5 - CONFIDENCE / 2, 0.5 + CONFIDENCE / 2)
        low, high = np.quantile(values[1:], tails)
    return float(values[0]), float(low), float(high)


def _within(values: Array, band: Sequence[float | None]) -> Array:
    low, high = band
    above = values >= (-np.inf if low is None else low)
    return np.asarray(above & (values <= (np.inf if high is None else high)))


def _verdict(low: float, high: float, band: Sequence[float | None]) -> FactVerdict:
    if np.isnan(low) or np.isnan(high):
        return "not measured"
    least, most = (-np.inf if band[0] is None else band[0], np.inf if band[1] is None else band[1])
    if least <= low and high <= most:
        return "holds"
    return "fails" if high < least or low > most else "undecided"
