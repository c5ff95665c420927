"""Claims over the posterior sample of assumptions: what luck spreads, and what assumptions do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from llm_market_sim.batch import Plan
from llm_market_sim.claims import UNTESTED, Claim, worded
from llm_market_sim.errors import MarketSimError, mistake
from llm_market_sim.experiments.posterior import WORLDS_A_DRAW, Posterior, load_posterior, plan_over
from llm_market_sim.market.state import Array
from llm_market_sim.results import Results
from llm_market_sim.scenario import Scenario, difference, load
from llm_market_sim.summary.statistics import CONFIDENCE, Bands, scored, two_bands

__all__ = ["Finding", "Study", "find", "plan_posterior", "study_of"]


@dataclass(frozen=True)
class Finding:
    """What a scenario says about a claim over the sample; x is None where it ends before the claim.

    x: the claim's number (draws, worlds of each). number: its bands; None where some world has
    none. share: of worlds in which the claim holds; only its mean and its band of parameters mean
    anything. most: share of draws in more than half of whose worlds it holds.
    """

    claim: Claim
    scenario: Scenario
    x: Array | None
    number: Bands | None
    share: Bands | None
    most: float
    wording: str

    @property
    def estimate(self) -> str:
        """The share in words; never 0 % or 100 % where only some worlds were looked at."""
        if self.x is None:
            return ""
        return scored(self.claim.scores(self.x)).estimate


@dataclass(frozen=True)
class Study:
    """All of it, and how it was made. kept: by scenario, what it sets itself, in words."""

    findings: list[Finding]
    scenarios: list[Scenario]
    claims: list[Claim]
    posterior: Posterior
    draws: int
    seed: int
    kept: dict[str, list[str]]

    @property
    def how(self) -> str:
        """What was run, in words."""
        return (
            f"{self.draws} draws of {len(self.posterior.names)} parameters, {WORLDS_A_DRAW} worlds "
            f"each, seed {self.seed}"
        )


def plan_posterior(
    scenarios: Sequence[Scenario],
    claims: Sequence[Claim],
    worlds: int,
    seed: int | None,
    tables: Sequence[str],
) -> Plan:
    """A plan of so many worlds of each scenario, rounded down to whole draws.

    InputError where they are too few, or the sample cannot be read.
    """
    draws = worlds // WORLDS_A_DRAW
    if draws < 2:
        text = (
            f"{worlds} are too few: at least {2 * WORLDS_A_DRAW}, for two draws of parameters with "
            f"{WORLDS_A_DRAW} worlds each; a band needs hundreds"
        )
        raise mistake("--worlds", text)
    return plan_over(
        scenarios,
        load_posterior(),
        draws * WORLDS_A_DRAW,
        seed,
        tables=tables,
        measures=[claim.measurement for claim in claims],
        claims={claim.id: claim.model_dump(mode="json") for claim in claims},
    )


def study_of(results: Results, scenarios: Sequence[Scenario], claims: Sequence[Claim]) -> Study:
    """What the worlds of such a plan say. MarketSimError where some of them are missing."""
    for one in results.status:
        if one.there < one.asked:
            text = f"{one.asked - one.there:,} worlds of {one.scenario} are missing"
            raise MarketSimError(f"{text}; the same command computes them")
    posterior, findings = load_posterior(), []
    for scenario in scenarios:
        numbers = results.numbers(scenario.name)
        for claim in claims:
            x = numbers.get(claim.id)
            by_draw = None if x is None else x.reshape(-1, WORLDS_A_DRAW)
            findings.append(find(claim, scenario, by_draw))
    return Study(
        findings,
        list(scenarios),
        list(claims),
        posterior,
        results.manifest.worlds // WORLDS_A_DRAW,
        results.manifest.seed,
        {one.name: _kept(one, posterior) for one in scenarios},
    )


def find(claim: Claim, scenario: Scenario, x: Array | None) -> Finding:
    """What numbers (draws, worlds of each) say of a claim."""
    if x is None:
        return Finding(claim, scenario, None, None, None, np.nan, "not reached")
    held = claim.scores(x)
    by_draw = np.mean(held, axis=1)
    share = two_bands(held)
    error = float(np.std(by_draw, ddof=1)) / len(by_draw) ** 0.5
    return Finding(
        claim,
        scenario,
        x,
        two_bands(x) if np.all(np.isfinite(x)) else None,
        share,
        float(np.mean(by_draw > 0.5)),
        _wording(claim, share, error),
    )


def _wording(claim: Claim, share: Bands, error: float) -> str:
    """error: standard error of the share's mean, through which chance alone may cross one half."""
    low, high = share.parameters
    if not claim.tested:
        return UNTESTED[claim.status]
    if low <= 0.5 <= high and low < high:
        return "depends on the assumptions"
    if abs(share.mean - 0.5) <= NormalDist().inv_cdf(0.5 + CONFIDENCE / 2) * error:
        return worded(claim, "undecided")
    return worded(claim, "holds" if low > 0.5 else "fails")


def _kept(scenario: Scenario, posterior: Posterior) -> list[str]:
    """The parameters that do not vary in a scenario because it sets them, in words."""
    base = load("baseline")

    def lost(paths: Sequence[str]) -> list[str]:
        left = posterior.without(paths).names
        return [name for name in posterior.names if name not in left]

    own = [e for name, e in scenario.timeline.items() if base.timeline.get(name) != e]
    return lost([path for path, _, _ in difference(scenario, base)]) + [
        f"{path} while its event lasts" for event in own for path in event.set if lost([path])
    ]
