"""Alliances: a big tech leads a startup's round, pays partly in compute, lends its reach."""

from __future__ import annotations

from typing import Any

import numpy as np

from llm_market_sim.market.parameters import Section, parameter
from llm_market_sim.market.phase import Changes, Phase, by_use, in_turn
from llm_market_sim.market.state import Setting, State

__all__ = ["PHASES", "Params", "ally"]


class Params(Section):
    """One kind of tie only: the strategic round."""

    # fmt: off
    strategic_share: float = parameter(
        0.25, plausible=(0.05, 0.6),
        unit="1", ge=0, le=1, meaning="share of rounds that a big tech would lead",
        source="assumption: big techs led rounds of Zhipu and Baichuan in 2023 (SCMP, Reuters)",
    )
    credits_share: float = parameter(
        0.5, unit="1", ge=0, le=1,
        meaning="share of the money that a backer with a cloud sets aside for compute",
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
    )
    # fmt: on


def ally(state: State, p: Any, setting: Setting) -> Changes:
    """Some of the rounds asked for this tick are led by a big tech; the rest stay with the pool.

    The backer is drawn among the big techs that have cash enough. What it gives in compute is set
    aside for rent, whoever the accelerators belong to.
    """
    a, firms, luck = p.alliances, setting.firms, setting.luck
    asks = state.round_ask > 0.0
    k = state.meetings
    strategic = luck.uniform("strategic round", k, where=asks) < a.strategic_share
    buyers = list(firms.buyers)
    wealth = np.where(state.alive, state.cash, -np.inf)[:, buyers]
    need = a.cash_multiple * state.round_ask
    backer = luck.choose("backer", k, asks & strategic & (state.backer < 0), buyers, wealth, need)
    led = backer >= 0

    cash, credits = state.cash, state.credits
    given = np.zeros_like(cash)
    lent = np.zeros(state.reach.shape, dtype=bool)
    strongest = np.max(firms.affinity, axis=1, keepdims=True)
    fit = np.permute_dims(firms.affinity == strongest, (0, 2, 1))[0]  # best segments (F, S)
    for deal, partner in in_turn(led, state.round_at, backer):
        ask = np.sum(np.where(deal, state.round_ask, 0.0), axis=-1, keepdims=True)
        purse = np.sum(np.where(partner, cash, 0.0), axis=-1, keepdims=True)
        granted = np.minimum(ask, purse / a.cash_multiple)
        in_kind = granted * a.credits_share * np.any(partner & firms.cloud, axis=-1, keepdims=True)
        given = given + granted * deal
        credits = credits + in_kind * deal
        cash = cash + (granted - in_kind) * deal - granted * partner
        best = np.take(fit, np.argmax(partner, axis=-1), axis=0)[:, :, None]
        lent = lent | (best & deal[:, None, :])
    return {
        "backer": np.where(led, backer, state.backer),
        "cash": cash,
        "credits": credits,
        "reach": state.reach + (by_use(a.reach_gain) * lent) * (1.0 - state.reach),
        "raised": state.raised + given,
        "stage": state.stage + led,
        "round_ask": np.where(led, 0.0, state.round_ask),
        "round_musd": state.round_musd + given,
    }


PHASES = (
    Phase(
        "ally", "Big techs lead some of these rounds, partly in compute, and lend their reach.",
        ally,
        ("backer", "cash", "credits", "reach", "raised", "stage", "round_ask", "round_musd"),
    ),
)  # fmt: skip
