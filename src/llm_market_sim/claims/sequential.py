"""How many worlds: a rule that is fixed beforehand, and what more of them would buy.

The rule: look after 100 worlds, and then every 50; stop at the first look at which half of the
Wilson interval of every share is at most the precision asked for. It never looks at which side of
one half a share lies, so that stopping does not favour a verdict.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from llm_market_sim.claims.verdict import Verdict, judge_share
from llm_market_sim.market.state import Array
from llm_market_sim.summary.statistics import Proportion, proportion, scored

FIRST, STEP, MOST = 100, 50, 10_000  # worlds


def half_width(held: Proportion) -> float:
    """Half of the interval of a share, 0 to 1."""
    return (held.high - held.low) / 2


def stop(scores: Array, precision: float) -> int | None:
    """After how many worlds the rule stops, given their scores; (K, W). None: later."""
    for worlds in range(FIRST, scores.shape[1] + 1, STEP):
        if _widest(scores[:, :worlds]) <= precision:
            return worlds
    return None


def ahead(scores: Array, precision: float) -> int:
    """A guess of how many more worlds the rule will ask for, in steps of its looks.

    The rule looks at the same places whatever is run ahead; this saves only starts.
    """
    worlds = scores.shape[1]
    needed = worlds * (_widest(scores) / precision) ** 2
    return STEP * max(1, math.ceil((needed - worlds) / STEP))


def decided_by_more(verdicts: Sequence[Verdict], times: int) -> list[Verdict]:
    """The undecided ones that so many times the worlds would probably decide.

    That is, with a chance of about one half or more: whose share, if it stayed what it is, would
    have an interval on one side of one half.
    """
    return [
        one
        for one in verdicts
        if one.side == "undecided"
        and (held := one.held) is not None
        and judge_share(proportion(times * held.hits, times * held.worlds, times * held.ties))
        != "undecided"
    ]


def _widest(scores: Array) -> float:
    """Half of the widest interval; 0 without any share. scores: 1, 0, or ½ for a tie; (K, W)."""
    return max((half_width(scored(one)) for one in scores), default=0.0)
