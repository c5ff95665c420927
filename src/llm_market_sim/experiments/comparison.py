"""Two scenarios on the same luck, world by world: what differs, how surely, and what never does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from llm_market_sim.batch import ScenarioResult
from llm_market_sim.claims import Claim
from llm_market_sim.errors import mistake
from llm_market_sim.market.state import Array
from llm_market_sim.results import Results
from llm_market_sim.scenario import Scenario
from llm_market_sim.summary.statistics import (
    PairedDifference,
    PairedShares,
    holm,
    paired,
    paired_shares,
)

OUTCOMES: dict[str, str] = {  # what people ask about first, in words that fit "… is higher"
    "firms_alive": "the number of firms alive",
    "general_developers": "the number of general developers",
    "licensed": "the number of firms licensed so far",
    "hhi": "concentration (Herfindahl index)",
    "top_share": "the share of the largest firm",
    "startup_share": "the share of startups",
    "users_consumer": "the number of consumers using a product",
    "users_enterprise": "the number of enterprises using a product",
    "best_capability": "the capability of the best domestic model",
    "raised": "venture money raised so far",
    "revenue": "the revenue of firms",
    "profit_total": "the profit of firms since week 0",
}


@dataclass(frozen=True, eq=False)
class Outcome:
    """A series at the horizon in the same worlds of both scenarios; before and after are (W,).

    ever: whether any world differs in any week. p_value: after Holm, over all comparisons made.
    """

    name: str
    before: Array
    after: Array
    pairs: PairedDifference
    ever: bool
    adjusted: float = 1.0

    @property
    def differs(self) -> bool:
        """Whether any world differs at the horizon."""
        return self.pairs.same < self.pairs.worlds


@dataclass(frozen=True, eq=False)
class ClaimChange:
    """A claim in the same worlds of both scenarios; its number x before and after is (W,).

    adjusted: its p-value after Holm, over all comparisons made; 1 where nothing was tested.
    """

    claim: Claim
    before: Array
    after: Array
    pairs: PairedShares
    adjusted: float = 1.0

    @property
    def differs(self) -> bool:
        """Whether the claim is true in one scenario and false in the other in any world."""
        return self.pairs.became_true + self.pairs.became_false > 0

    @property
    def tested(self) -> bool:
        """Whether it could have found something: the claim can fail, and some world differs."""
        return self.claim.tested and self.differs

    @property
    def ever(self) -> bool:
        """Whether its number x differs in any world."""
        return not np.array_equal(self.before, self.after, equal_nan=True)


@dataclass(frozen=True, eq=False)
class Comparison:
    """All of it.

    untouched: series that no world changes in any week. unreached: claims that speak of a week
    after the horizon. same: whether no series differs in any world in any week.
    """

    before: Scenario
    after: Scenario
    week: int
    outcomes: tuple[Outcome, ...]
    answers: tuple[ClaimChange, ...]
    untouched: tuple[str, ...]
    unreached: tuple[Claim, ...]
    same: bool = False

    @property
    def worlds(self) -> int:
        """Worlds of each scenario."""
        return self.outcomes[0].pairs.worlds

    @property
    def made(self) -> int:
        """How many comparisons could have found something: those in which some world differs, but
        for claims that the model assumes or was fitted to."""
        outcomes = sum(one.differs for one in self.outcomes)
        return outcomes + sum(one.tested for one in self.answers)


def same_horizon(before: Scenario, after: Scenario) -> tuple[Scenario, Scenario]:
    """Both scenarios, the longer one cut to the horizon of the other. InputError if they are one.

    What is compared must be of the same week.
    """
    if before.name == after.name:
        raise mistake("", f"{before.name} is given twice; a comparison needs two scenarios")
    week = min(before.horizon_weeks, after.horizon_weeks)
    cut = {"horizon_weeks": week}
    return before.model_copy(update=cut), after.model_copy(update=cut)


def compare(
    before: ScenarioResult, after: ScenarioResult, claims: Sequence[Claim] = ()
) -> Comparison:
    """Compare two results of one batch, or of batches with the same seed and worlds.

    Both must have kept every series (``keep_series=SERIES``) and measured the claims that they
    reach. ValueError where they end in different weeks.
    """
    if before.weeks[-1] != after.weeks[-1]:
        raise ValueError(f"one ends in week {before.weeks[-1]:g}, one in week {after.weeks[-1]:g}")
    untouched = tuple(name for name in before.series if _same(name, before, after))
    outcomes = [
        Outcome(name, a, b, paired(a, b), ever=name not in untouched)
        for name in OUTCOMES
        for a, b in [(before.outcomes[name], after.outcomes[name])]
    ]
    reached = [one for one in claims if one.id in before.measures and one.id in after.measures]
    answers = [_answer(one, before.measures[one.id], after.measures[one.id]) for one in reached]
    tested = [one.pairs.p_value for one in outcomes if one.differs]
    tested += [one.pairs.p_value for one in answers if one.tested]
    larger = iter(holm(tested))
    return Comparison(
        before=before.scenario,
        after=after.scenario,
        week=int(before.weeks[-1]),
        outcomes=tuple(replace(o, adjusted=next(larger)) if o.differs else o for o in outcomes),
        answers=tuple(replace(a, adjusted=next(larger)) if a.tested else a for a in answers),
        untouched=untouched,
        unreached=tuple(one for one in claims if one not in reached),
        same=len(untouched) == len(before.series),
    )


def compare_stored(
    results: Results, before: str, after: str, claims: Sequence[Claim] = ()
) -> Comparison:
    """Compare two stored scenarios in the worlds that both have; they must end in the same week.

    Weekly series are read one at a time. InputError where such worlds are fewer than two.
    """
    columns = [
        results.columns("worlds", ["replication", *results.series], n) for n in (before, after)
    ]
    numbers = [one["replication"] for one in columns]
    both, *places = np.intersect1d(numbers[0], numbers[1], return_indices=True)
    if len(both) < 2:
        text = f"{before} and {after} must have at least two worlds in common"
        raise mistake(results.folder, text)
    one, other = (
        ScenarioResult(
            scenario=results.scenario(name),
            weeks=results.weekly(name).weeks,
            outcomes={series: ends[series][place] for series in results.series},
            measures={n: x[place] for n, x in results.numbers(name).items()} if claims else {},
            summary={},
            series=results.weekly(name),
        )
        for name, ends, place in zip((before, after), columns, places, strict=True)
    )
    return compare(one, other, claims)


def _same(name: str, before: ScenarioResult, after: ScenarioResult) -> bool:
    """Whether a series is the same, bit for bit, in every world and week as it was kept."""
    ends = np.array_equal(before.outcomes[name], after.outcomes[name])
    return ends and np.array_equal(before.series[name], after.series[name])


def _answer(claim: Claim, before: Array, after: Array) -> ClaimChange:
    test = claim.test
    return ClaimChange(claim, before, after, paired_shares(test.holds(before), test.holds(after)))
