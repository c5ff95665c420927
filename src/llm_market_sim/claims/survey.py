"""Claims over scenarios: one batch answers all of them, by every definition."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from llm_market_sim.batch import Account, Order, Plan, plan_batch, results_of
from llm_market_sim.claims.claim import Claim, Variant
from llm_market_sim.claims.joint import Together, together
from llm_market_sim.claims.multiverse import Multiverse, multiverse, read_off
from llm_market_sim.claims.sequential import FIRST, MOST, ahead, stop
from llm_market_sim.claims.verdict import CAUTION, COLUMNS, Verdict, judge
from llm_market_sim.market.state import Array
from llm_market_sim.results import Results
from llm_market_sim.scenario import Scenario
from llm_market_sim.support.html_repr import card, facts, sentence, table

Runner = Callable[[Plan, Path | None], AbstractContextManager[tuple[Results, Account]]]
Values = dict[str, dict[str, Array]]  # scenario -> measurement -> (W,)


@dataclass(frozen=True, eq=False)
class Survey:
    """What some worlds of some scenarios say of some claims.

    variants: by claim, the definitions, the default first. values: by scenario and by the name of
    a measurement, x in every world (W,); those that a scenario ends too early for are left out.
    reached: whether a precision that was asked for was reached.
    """

    seed: int
    worlds: int
    scenarios: tuple[Scenario, ...]
    claims: tuple[Claim, ...]
    variants: Mapping[str, list[Variant]]
    values: Values
    reached: bool = True

    def x(self, claim: Claim, scenario: str) -> Array | None:
        """The number by the default definition in every world (W,), if there is one."""
        return self.values[scenario].get(self.variants[claim.id][0].measurement.name)

    def verdict(self, claim: Claim, scenario: str) -> Verdict:
        """The verdict by the default definition."""
        return judge(claim, scenario, self.x(claim, scenario))

    def multiverse(self, claim: Claim, scenario: str) -> Multiverse:
        """The verdicts by all definitions."""
        return multiverse(claim, scenario, self.variants[claim.id], self.values[scenario])

    def also(self, claim: Claim, scenario: str) -> list[Verdict]:
        """The verdicts on what is judged beside it, as far as it was measured."""
        values = self.values[scenario]
        return [
            judge(one, scenario, values[one.id]) for one in claim.also_all() if one.id in values
        ]

    def __repr__(self) -> str:
        count = f"{len(self.claims)} claims, {len(self.scenarios)} scenarios"
        return f"<Survey of {count}: {self.worlds} worlds of each, seed {self.seed}>"

    def _repr_html_(self) -> str:
        """In a notebook: a row a claim and scenario."""
        verdicts = [
            self.verdict(claim, one.name) for claim in self.claims for one in self.scenarios
        ]
        rows = [(one.claim.text, *one.row) for one in verdicts]
        told = facts(worlds_of_each_scenario=f"{self.worlds:,}", seed=self.seed)
        return card(
            "What the worlds say", told, table(("claim", *COLUMNS), rows), sentence(CAUTION)
        )

    def together(self, scenario: str) -> Together | None:
        """How the claims hold together, but for those that are no test; None without any."""
        held = {
            claim.id: claim.test.holds(x)
            for claim in self.claims
            if claim.tested and (x := self.x(claim, scenario)) is not None
        }
        return together(held) if held else None


def long_enough(scenario: Scenario, claims: Sequence[Claim]) -> Scenario:
    """The scenario, run on until the last week that the claims speak of by default."""
    last = max(claim.horizon_week for claim in claims)
    if last <= scenario.horizon_weeks:
        return scenario
    return scenario.model_copy(update={"horizon_weeks": last})


def plan_survey(
    scenarios: Sequence[Scenario],
    claims: Sequence[Claim],
    worlds: int,
    seed: int | None,
    others: bool = True,
) -> Plan:
    """Many worlds of every scenario, and all claims measured in them, by every definition.

    others: also by definitions that need runs of their own, as other interventions than the
    default ones do, and what is judged beside them.
    """
    measures = [one.measurement for found in _variants(claims, others).values() for one in found]
    if others:
        measures += [one.measurement for claim in claims for one in claim.also_all()]
    told = {claim.id: claim.model_dump(mode="json") for claim in claims}
    return plan_batch(scenarios, worlds, seed, measures, claims=told)


def survey_of(
    results: Results, scenarios: Sequence[Scenario], claims: Sequence[Claim], others: bool = True
) -> Survey:
    """What stored worlds say, where all that were asked for are there."""
    values = {one.name: results.numbers(one.name) for one in scenarios}
    made = results.manifest
    variants = _variants(claims, others)
    return Survey(made.seed, made.worlds, tuple(scenarios), tuple(claims), variants, values)


def _run(plan: Plan, folder: Path | None) -> AbstractContextManager[tuple[Results, Account]]:
    return results_of(plan, folder, Order())


def survey(
    scenarios: Sequence[Scenario],
    claims: Sequence[Claim],
    worlds: int,
    seed: int | None,
    *,
    precision: float | None = None,
    most: int = MOST,
    others: bool = True,
    run: Runner = _run,
) -> Survey:
    """Run so many worlds of every scenario, and measure all claims in them; see `plan_survey`.

    precision: go on until every claim's share is known so well in every scenario (half a Wilson
    interval, 0 to 1), by the rule of `sequential`; `worlds` is not used then. most: worlds at which
    it ends anyway. run: works a plan off, in a folder where one is given. Raises as `results_of`.
    """

    def look(count: int, folder: Path | None) -> Survey:
        with run(plan_survey(scenarios, claims, count, seed, others), folder) as (results, _):
            return survey_of(results, scenarios, claims, others)

    if precision is None:
        return look(worlds, None)
    with tempfile.TemporaryDirectory(prefix="llm-market-sim-") as name:
        folder = Path(name) / "results"  # each look goes on from the one before
        done = min(FIRST, most)
        while True:
            found = look(done, folder)
            seed, scores = found.seed, _scores(found)
            ends = stop(scores, precision)
            if ends is not None:
                return replace(found, worlds=ends, values=_first(ends, found.values))
            if found.worlds >= most:
                return replace(found, reached=False)
            done = found.worlds + min(ahead(scores, precision), most - found.worlds)


def _variants(claims: Sequence[Claim], others: bool) -> dict[str, list[Variant]]:
    return {claim.id: claim.variants_all() if others else read_off(claim) for claim in claims}


def _first(count: int, values: Values) -> Values:
    """Those of the first worlds."""
    return {
        name: {measure: x[:count] for measure, x in found.items()} for name, found in values.items()
    }


def _scores(found: Survey) -> Array:
    """The score of each claim in each world, claims and scenarios as rows (K, W)."""
    rows = [
        claim.scores(x)
        for one in found.scenarios
        for claim in found.claims
        if (x := found.x(claim, one.name)) is not None
    ]
    return np.array(rows, dtype=float).reshape(len(rows), found.worlds)
