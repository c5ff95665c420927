"""``batch --uncertainty posterior``: scenarios over the posterior sample of assumptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import click
import numpy as np

from llm_market_sim.batch import Plan
from llm_market_sim.claims import UNTESTED, Claim, worded
from llm_market_sim.cli.show import heading, paragraph, print_table
from llm_market_sim.cli.verdicts import STATUS, STYLES
from llm_market_sim.errors import InputError, MarketSimError, Problem
from llm_market_sim.experiments.posterior import WORLDS_A_DRAW, Posterior, load_posterior, plan_over
from llm_market_sim.market.state import Array
from llm_market_sim.results import Results
from llm_market_sim.scenario import Scenario, difference, load
from llm_market_sim.summary.statistics import CONFIDENCE, Bands, scored, two_bands
from llm_market_sim.words import date, number, percent, percents

_STYLES = {**STYLES, "depends on the assumptions": "yellow"}


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
        raise InputError([Problem("--worlds", "", text)])
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


def print_study(study: Study) -> None:
    """Two tables a claim: its number with both bands, and the share of worlds that agree."""
    for claim in study.claims:
        mine = [one for one in study.findings if one.claim is claim]
        heading(claim.sentence())
        paragraph(claim.credit)
        paragraph(f"Over the posterior sample of 2023, not at the defaults: {study.how}.")
        click.echo()
        numbers = [(one.scenario.name, *_number(one)) for one in mine]
        names = ("x, mean", "spread by luck", "spread by assumptions")
        print_table(("scenario", *names), numbers, right=names)
        click.echo()
        shares = [(one.scenario.name, *_share(one), one.wording) for one in mine]
        names = ("holds in", "by assumptions", "draws for it")
        print_table(("scenario", *names, "verdict"), shares, right=names, styles=_STYLES)
        paragraph(_small_print(claim))
    for name, kept in study.kept.items():
        if kept:
            paragraph(f"{name} sets, and so keeps in all draws: {', '.join(kept)}.")
    click.echo()


def _number(one: Finding) -> tuple[str, ...]:
    x = one.number
    return (number(x.mean, 3), _span(x.worlds), _span(x.parameters)) if x else ("none", "", "")


def _share(one: Finding) -> tuple[str, ...]:
    if one.share is None:
        return ("", "", "")
    return (one.estimate, percents(*one.share.parameters), percent(one.most))


def _span(ends: tuple[float, float]) -> str:
    return f"{number(ends[0], 3)} to {number(ends[1], 3)}"


def _small_print(claim: Claim) -> str:
    return (
        f"Tested: {claim.definition} ({date(claim.horizon_week)}). Status: {claim.status}, "
        f"{STATUS[claim.status]}.\n\n"
        "Luck: were the right assumptions known, chance would still put x anywhere in this band in "
        "about nine worlds of ten. Assumptions: they are not known, and nine of ten sets of them "
        "that the facts of 2023 leave open give an average in this band, chance taken out. A band "
        "without width means that luck explains all differences seen. The two are different kinds "
        "of not knowing and are never added up. Draws for it: sets of assumptions with the claim "
        "true in more than half of their worlds.\n\n"
        "Holds if the share's whole band lies above one half, fails if below; undecided where "
        "chance may have put it there. Few draws make rough bands. The model says, not the world."
    )
