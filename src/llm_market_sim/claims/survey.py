"""Claims over scenarios: one batch answers all of them, by every definition."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from llm_market_sim.batch import run_batch
from llm_market_sim.claims.claim import Claim, Variant
from llm_market_sim.claims.joint import Together, together
from llm_market_sim.claims.multiverse import Multiverse, multiverse, read_off
from llm_market_sim.claims.sequential import FIRST, MOST, ahead, stop
from llm_market_sim.claims.verdict import CAUTION, COLUMNS, Verdict, judge
from llm_market_sim.html_repr import card, facts, sentence, table
from llm_market_sim.market.state import Array
from llm_market_sim.scenario import Scenario

__all__ = ["Survey", "long_enough", "survey"]

Told = Callable[[Scenario, int], None]
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


def survey(
    scenarios: Sequence[Scenario], claims: Sequence[Claim], worlds: int, seed: int, *,
    precision: float | None = None, most: int = MOST, others: bool = True, jobs: int = 1,
    guests: Sequence[str | Path] = (),
    progress: Callable[[int], AbstractContextManager[Told | None]] = lambda worlds: nullcontext(),
) -> Survey:  # fmt: skip
    """Run so many worlds of every scenario once, and measure all claims in them.

    precision: go on until every claim's share is known so well in every scenario (half a Wilson
    interval, 0 to 1), by the rule of `sequential`; `worlds` is not used then. most:
    worlds at which it ends anyway. others: also by definitions that need runs of their own, as
    other interventions than the default ones do. progress: makes what hears of the worlds that are
    done. Raises as `run_batch` does.
    """
    variants = {claim.id: claim.variants_all() if others else read_off(claim) for claim in claims}
    measures = [one.measurement for found in variants.values() for one in found]

    def run(first: int, count: int) -> Values:
        with progress(count) as told:
            result = run_batch(
                scenarios, count, seed, first=first, jobs=jobs, guests=guests, measures=measures,
                progress=told,
            )  # fmt: skip
        return {one.scenario.name: one.measures for one in result.scenarios}

    def made(count: int, values: Values, reached: bool = True) -> Survey:
        return Survey(
            seed, count, tuple(scenarios), tuple(claims), variants, _first(count, values), reached
        )

    if precision is None:
        return made(worlds, run(0, worlds))
    done = min(FIRST, most)
    values = run(0, done)
    while True:
        held = _held(made(done, values))
        ends = stop(held, precision)
        if ends is not None:
            return made(ends, values)
        if done >= most:
            return made(done, values, reached=False)
        more = min(ahead(held, precision), most - done)
        values = _joined(values, run(done, more))
        done += more


def _first(count: int, values: Values) -> Values:
    """Those of the first worlds."""
    return {
        name: {measure: x[:count] for measure, x in found.items()} for name, found in values.items()
    }


def _joined(values: Values, more: Values) -> Values:
    return {
        name: {measure: np.concatenate([x, more[name][measure]]) for measure, x in found.items()}
        for name, found in values.items()
    }


def _held(found: Survey) -> Array:
    """Whether each claim holds in each world, claims and scenarios as rows (K, W)."""
    rows = [
        claim.test.holds(x)
        for one in found.scenarios
        for claim in found.claims
        if (x := found.x(claim, one.name)) is not None
    ]
    return np.array(rows, dtype=bool).reshape(len(rows), found.worlds)
