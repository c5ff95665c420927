"""Alliances: a big tech leads a startup's round, pays part of it in compute, and lends its reach."""

from __future__ import annotations

from typing import Any

import numpy as np

from llm_market_sim.parameters import Section, parameter
from llm_market_sim.phase import Changes, Phase
from llm_market_sim.state import Array, Setting, State

__all__ = ["PHASES", "Params", "ally"]


class Params(Section):
    """One kind of tie only: the strategic round."""

    strategic_share: float = parameter(
        0.25, unit="1", ge=0, le=1, meaning="share of rounds that a big tech would lead",
        source="assumption: big techs led rounds of Zhipu and Baichuan in 2023 (SCMP, Reuters)",
    )
    credits_share: float = parameter(
        0.5, unit="1", ge=0, le=1,
        meaning="share of the money that comes as prepaid compute from a backer with a cloud",
        source="assumption",
    )
    compute_discount: float = parameter(
        0.3, unit="1", ge=0, le=1, meaning="rebate on rented compute for a backed firm",
        source="assumption",
    )
    reach_gain: float = parameter(
        0.1, unit="1", ge=0, le=1,
        meaning="share of those not yet reached that a backer brings in its best segment",
        source="assumption",
    )
    cash_multiple: float = parameter(
        3.0, unit="1", ge=1, le=100, meaning="cash a backer must have, in rounds asked",
        source="assumption",
    )  # fmt: skip


def ally(state: State, p: Any, setting: Setting) -> Changes:
    """Some of the rounds asked for this tick are led by a big tech; the rest stay with the pool.

    The backer is drawn among big techs with cash enough by the largest of keyed Gumbel variates,
    so that one candidate's fall does not reshuffle the others.
    """
    a, firms, luck = p.alliances, setting.firms, setting.luck
    asks = state.round_ask > 0.0
    unchanged = {name: getattr(state, name) for name in PHASES[0].writes}
    if not np.any(asks):
        return unchanged
    draw = luck.uniform("strategic round", state.meetings.astype(np.uint64), where=asks)
    strategic = asks & (draw < a.strategic_share) & (state.backer < 0)
    best, backer = np.full(asks.shape, -np.inf), np.full(asks.shape, -1)
    for slot in firms.buyers:
        rich = state.alive[:, slot, None] & (
            state.cash[:, slot, None] > a.cash_multiple * state.round_ask
        )
        stream = f"backer {firms.ids[slot]}"
        taste = -np.log(
            np.maximum(
                luck.exponential(stream, state.meetings.astype(np.uint64), where=strategic), 1e-300
            )
        )
        wins = strategic & rich & (taste > best)
        best, backer = np.where(wins, taste, best), np.where(wins, slot, backer)

    led = backer >= 0
    cash, credits, reach = state.cash, state.credits, state.reach
    slots = np.arange(asks.shape[-1])
    for slot in firms.buyers:
        mine = led & (backer == slot)
        own = slots == slot
        asked = np.sum(np.where(mine, state.round_ask, 0.0), axis=-1, keepdims=True)
        limit = cash[:, slot, None] / a.cash_multiple
        scale = np.minimum(1.0, limit / np.maximum(asked, 1e-12))
        given = np.where(mine, state.round_ask * scale, 0.0)
        in_kind = given * (a.credits_share * firms.cloud[0, slot])
        spent = np.sum(given - in_kind, axis=-1, keepdims=True)
        cash = cash + (given - in_kind) - spent * own
        credits = credits + in_kind
        reach = _lend_reach(reach, mine, firms.affinity[0, :, slot], a.reach_gain)
        state = state.replace(round_musd=state.round_musd + given, raised=state.raised + given)
    return {
        "backer": np.where(led, backer, state.backer).astype(np.int16),
        "cash": cash,
        "credits": credits,
        "reach": reach,
        "raised": state.raised,
        "stage": state.stage + led,
        "round_ask": np.where(led, 0.0, state.round_ask),
        "round_musd": state.round_musd,
    }


def _lend_reach(reach: Array, mine: Array, affinity: Array, gain: Any) -> Array:
    best = affinity == np.max(affinity)
    return reach + np.where(mine[:, None, :] & best[None, :, None], gain * (1.0 - reach), 0.0)


PHASES = (
    Phase(
        "ally", "Big techs lead some of these rounds, partly in compute, and lend their reach.",
        ally,
        ("backer", "cash", "credits", "reach", "raised", "stage", "round_ask", "round_musd"),
    ),
)  # fmt: skip
