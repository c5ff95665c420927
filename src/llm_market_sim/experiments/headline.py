"""The main claim in full: two readings, two uncertainties, null models, and who is left.

At the defaults a share has an interval: luck, and the number of worlds. Over the posterior sample
it has a band: what 2023 leaves open. The two are never mixed; where they disagree, the verdict is
the second's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from llm_market_sim.batch import Plan
from llm_market_sim.claims import Claim, Verdict, judge, verdicts_of
from llm_market_sim.claims.headline import NULLS, READINGS, WHO
from llm_market_sim.errors import MarketSimError
from llm_market_sim.experiments.over_posterior import Finding, plan_posterior, study_of
from llm_market_sim.experiments.posterior import WORLDS_A_DRAW
from llm_market_sim.market.state import Array
from llm_market_sim.results import Results, open_results
from llm_market_sim.scenario import Scenario
from llm_market_sim.summary.statistics import Effect, Proportion, effect, scored

__all__ = [
    "FOLDER",
    "Headline",
    "Reading",
    "Who",
    "asked_of",
    "headline",
    "headline_in",
    "plan_beside",
]

FOLDER = "posterior"  # of the results over the posterior sample, in the folder of a batch
_MOST, _TIMES = 1000, 4  # worlds over the sample: so many, or so many times those of the batch


@dataclass(frozen=True)
class Reading:
    """One reading of the sentence.

    x: the mean of its number at the defaults, with its interval. over: what the posterior sample
    says, where that was run. nulls: share of worlds in which each null model makes it true. same:
    the null models whose verdict is that at the defaults. drivers: where it depends on the
    assumptions, the two parameters whose draws go most with its number, strongest first; those
    alone that chance would not explain.
    """

    claim: Claim
    verdict: Verdict
    x: Effect | None
    over: Finding | None
    nulls: Mapping[str, Proportion]
    same: tuple[str, ...]
    drivers: tuple[str, ...] = ()

    @property
    def wording(self) -> str:
        """The verdict: over the sample, where that was run."""
        return self.over.wording if self.over is not None else self.verdict.wording


@dataclass(frozen=True)
class Who:
    """Who the platforms are: mean numbers by name of the series, and the share of worlds with a
    startup among them."""

    means: Mapping[str, float]
    startup: Proportion


@dataclass(frozen=True)
class Headline:
    """All of it for one scenario. draws: of parameters, 0 where the sample was not run."""

    scenario: str
    readings: tuple[Reading, ...]
    who: Who | None
    draws: int

    @property
    def wording(self) -> str:
        """The verdict on the sentence: that of its readings, or that it depends on the reading."""
        found = {one.wording for one in self.readings}
        return found.pop() if len(found) == 1 else "depends on the reading"


def plan_beside(scenario: Scenario, claims: Sequence[Claim], worlds: int, seed: int) -> Plan | None:
    """The readings over the posterior sample; None where the scenario ends before their week."""
    asked = [one for one in claims if one.id in READINGS]
    if not asked or scenario.horizon_weeks < max(one.horizon_week for one in asked):
        return None
    count = max(min(_TIMES * worlds, _MOST) // WORLDS_A_DRAW, 2) * WORLDS_A_DRAW
    return plan_posterior([scenario], asked, count, seed, ("claims",))


def asked_of(results: Results) -> str:
    """The scenario that the main claim is told of in full: the one that extends no other, or else
    the first."""
    every = results.manifest.scenarios
    return next((name for name, one in every.items() if one["extends"] is None), next(iter(every)))


def headline(results: Results, claims: Sequence[Claim], over: Results | None) -> Headline | None:
    """Of one scenario of a batch (`asked_of`); None where it reaches no reading.

    over: the same over the posterior sample. MarketSimError where worlds of that are missing.
    """
    name = asked_of(results)
    numbers = results.numbers(name)
    asked = [one for key in READINGS for one in claims if one.id == key and key in numbers]
    if not asked:
        return None
    findings: dict[str, Finding] = {}
    carried: dict[str, tuple[str, ...]] = {}
    draws = 0
    if over is not None:
        study = study_of(over, [over.scenario(name)], asked)
        findings = {one.claim.id: one for one in study.findings}
        draws = study.draws
        used = study.posterior.without(study.kept[name])
        values = used.draw(draws)
        carried = {
            one.claim.id: _drivers(used.names, values, np.mean(one.x, axis=1))
            for one in study.findings
            if one.x is not None and one.wording == "depends on the assumptions"
        }
    verdicts = {one.claim.id: one for one in verdicts_of(results, asked) if one.scenario == name}
    readings = tuple(
        _reading(one, verdicts[one.id], numbers, findings.get(one.id), carried.get(one.id, ()))
        for one in asked
    )
    return Headline(name, readings, _who(numbers), draws)


def headline_in(results: Results, claims: Sequence[Claim]) -> Headline | None:
    """The same of a folder, with what its part over the posterior sample holds, if it is whole."""
    folder = results.folder / FOLDER
    name = asked_of(results)
    over = open_results(folder) if folder.is_dir() else None
    if over is not None and name in over.manifest.scenarios:
        try:
            return headline(results, claims, over)
        except MarketSimError:
            pass
    return headline(results, claims, None)


def _reading(
    claim: Claim,
    verdict: Verdict,
    numbers: Mapping[str, Array],
    over: Finding | None,
    drivers: tuple[str, ...],
) -> Reading:
    there = [name for name in NULLS.get(claim.id, ()) if name in numbers]
    models = {name.split(".")[1]: numbers[name] for name in there}
    same = tuple(
        name
        for name, x in models.items()
        if verdict.side is not None and judge(claim, name, x).side == verdict.side
    )
    nulls = {name: scored(claim.scores(x)) for name, x in models.items()}
    return Reading(claim, verdict, effect(numbers[claim.id]), over, nulls, same, drivers)


def _who(numbers: Mapping[str, Array]) -> Who | None:
    if any(name not in numbers for name in WHO):
        return None
    means = {name: float(np.mean(numbers[name])) for name in WHO}
    return Who(means, scored((numbers["platforms_startup"] >= 1.0).astype(float)))


def _drivers(names: Sequence[str], values: Array, x: Array) -> tuple[str, ...]:
    """Parameters (D, P) whose ranks go most with those of x (D,), two at most; beyond chance, that
    is two standard errors of a rank correlation of nothing, over the number of draws."""
    ranks = np.argsort(np.argsort(np.column_stack([values, x]), axis=0), axis=0).astype(float)
    ranks -= np.mean(ranks, axis=0)
    spread = np.sqrt(np.sum(ranks**2, axis=0))
    r = np.abs(ranks[:, :-1].T @ ranks[:, -1]) / np.maximum(spread[:-1] * spread[-1], 1e-300)
    best = np.argsort(-r, kind="stable")[:2]
    return tuple(names[k] for k in best if r[k] > 2.0 / np.sqrt(len(x)))
