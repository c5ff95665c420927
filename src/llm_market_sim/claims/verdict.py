"""From numbers to a verdict: in how many worlds a claim holds, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from llm_market_sim.claims.claim import Claim
from llm_market_sim.market.state import Array
from llm_market_sim.metrics import get_metric
from llm_market_sim.summary.statistics import Effect, Proportion, effect, scored, tally
from llm_market_sim.support.html_repr import card, sentence, table
from llm_market_sim.words import signed

COLUMNS = ("scenario", "worlds", "holds in", "95 % interval", "verdict")
CAUTION = "Conditional on the scenario's parameters: the model says, not the world."
Side = Literal["holds", "fails", "undecided"]
Wording = Literal[
    "holds",
    "fails",
    "undecided",
    "helps, as said",
    "hurts, as said",
    "helps, not as said",
    "hurts, not as said",
    "no visible effect",
    "not reached",
    "assumed, not tested",
    "fitted, not tested",
]
UNTESTED: dict[str, Wording] = {  # by a claim's status
    "input": "assumed, not tested",
    "calibrated": "fitted, not tested",
}


@dataclass(frozen=True)
class Verdict:
    """What the worlds of one scenario say about a claim, conditional on its parameters.

    held: share of worlds with its interval; None where the scenario ends before the horizon.
    counts: in how many worlds x was 0, 1, 2 …, where x is a count. side: on which side of one half
    the share lies; None where nothing is judged. effect: of a claim about a change, its size in the
    unit of x, with its interval.
    """

    claim: Claim
    scenario: str
    held: Proportion | None
    counts: tuple[int, ...] | None
    side: Side | None
    effect: Effect | None = None

    @property
    def wording(self) -> Wording:
        """The verdict in words."""
        if self.held is None:
            return "not reached"
        return worded(self.claim, self.side) if self.side else UNTESTED[self.claim.status]

    def _repr_html_(self) -> str:
        """In a notebook."""
        return card(self.claim.sentence(), table(COLUMNS, [self.row]), sentence(CAUTION))

    @property
    def row(self) -> tuple[str, ...]:
        """In words, by `COLUMNS`."""
        held = self.held
        told = (f"{held.worlds:,}", held.estimate, held.interval) if held else ("–", "–", "–")
        return (self.scenario, *told, self.wording)

    @property
    def size(self) -> str:
        """The effect in words: ``-1.3 points (-1.9 to -0.7)``; empty without one."""
        if self.effect is None:
            return ""
        unit = self.claim.unit
        scale, unit = (100.0, "points") if unit == "1" else (1.0, unit)
        mean, low, high = (
            signed(scale * x) for x in (self.effect.mean, self.effect.low, self.effect.high)
        )
        return f"{mean} {unit} ({low} to {high})"


def judge(claim: Claim, scenario: str, values: Array | None) -> Verdict:
    """The verdict on a claim, given its number in every world (W,), or None if it has none.

    A claim holds if the interval of the share lies above one half, and fails if below. Of what a
    change does, the share is of worlds that go the way of the claim, a tie counting half, and the
    verdict says whether the change helps, hurts, or has no visible effect.
    """
    if values is None:
        return Verdict(claim, scenario, None, None, None)
    held = scored(claim.scores(values))
    side = judge_share(held) if claim.tested else None
    if claim.intervention is not None:
        return Verdict(claim, scenario, held, None, side, effect(values))
    return Verdict(claim, scenario, held, tally(values), side)


def judge_share(held: Proportion) -> Side:
    """On which side of one half the interval of a share lies."""
    if held.low > 0.5:
        return "holds"
    return "fails" if held.high < 0.5 else "undecided"


def worded(claim: Claim, side: Side) -> Wording:
    """A side in words; of a change, whether it helps: moves x to where it is better."""
    if claim.intervention is None:
        return side
    if side == "undecided":
        return "no visible effect"
    up = (claim.test.holds(np.ones(1))[0]) == (side == "holds")
    if up != get_metric(claim.metric).less_is_better:
        return "helps, as said" if side == "holds" else "helps, not as said"
    return "hurts, as said" if side == "holds" else "hurts, not as said"
