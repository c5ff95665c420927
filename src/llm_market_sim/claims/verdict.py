"""From numbers to a verdict: in how many worlds a claim holds, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from llm_market_sim.claims.claim import Claim
from llm_market_sim.market.state import Array
from llm_market_sim.summary.statistics import Proportion, proportion, tally
from llm_market_sim.support.html_repr import card, sentence, table

COLUMNS = ("scenario", "worlds", "holds in", "95 % interval", "verdict")
CAUTION = "Conditional on the scenario's parameters: the model says, not the world."
Wording = Literal[
    "holds", "fails", "undecided", "not reached", "assumed, not tested", "fitted, not tested"
]
UNTESTED: dict[str, Wording] = {  # by a claim's status
    "input": "assumed, not tested",
    "calibrated": "fitted, not tested",
}


@dataclass(frozen=True)
class Verdict:
    """What the worlds of one scenario say about a claim, conditional on its parameters.

    held: share of worlds with its interval; None where the scenario ends before the horizon.
    counts: in how many worlds x was 0, 1, 2 …, where x is a count.
    """

    claim: Claim
    scenario: str
    held: Proportion | None
    counts: tuple[int, ...] | None
    wording: Wording

    def _repr_html_(self) -> str:
        """In a notebook."""
        return card(self.claim.sentence(), table(COLUMNS, [self.row]), sentence(CAUTION))

    @property
    def row(self) -> tuple[str, ...]:
        """In words, by `COLUMNS`."""
        held = self.held
        told = (f"{held.worlds:,}", held.estimate, held.interval) if held else ("–", "–", "–")
        return (self.scenario, *told, self.wording)


def judge(claim: Claim, scenario: str, values: Array | None) -> Verdict:
    """The verdict on a claim, given its number in every world (W,), or None if it has none.

    A claim holds if the interval of the share lies above one half, and fails if below.
    """
    if values is None:
        return Verdict(claim, scenario, None, None, "not reached")
    held = proportion(int(np.sum(claim.test.holds(values))), len(values))
    wording = judge_share(held) if claim.tested else UNTESTED[claim.status]
    return Verdict(claim, scenario, held, tally(values), wording)


def judge_share(held: Proportion) -> Literal["holds", "fails", "undecided"]:
    """On which side of one half the interval of a share lies."""
    if held.low > 0.5:
        return "holds"
    return "fails" if held.high < 0.5 else "undecided"
