"""ODD "process overview and scheduling": the order of a week, one phase a line."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from llm_market_sim.market.mechanisms import (
    accounts,
    alliances,
    calendar,
    compute,
    entry,
    exits,
    frontier,
    funding,
    hype,
    pricing,
    products,
    regulation,
    training,
    users,
)
from llm_market_sim.market.phase import Changes, Phase
from llm_market_sim.market.state import Array, Setting, State
from llm_market_sim.market.wishes import WISHES, wishes_of

__all__ = ["SCHEDULE", "decide", "step"]


def decide(state: State, p: Any, setting: Setting) -> Changes:
    """Every firm's policy says what it wants; nothing happens yet."""
    firms = setting.firms
    names = np.array(firms.policies)[None, :]
    wishes: dict[str, Array] = {}
    for name in dict.fromkeys(firms.policies):
        mine = names == name
        told = wishes_of(name, state, p, setting, mine)
        wishes = {w: np.where(mine, told[w], wishes[w]) if wishes else told[w] for w in WISHES}
    slots = np.arange(len(firms.ids))
    for slot, order in setting.orders.items():
        for wish, value in order.items():
            wishes[wish] = np.where(slots == slot, value, wishes[wish])
    most = {"wish_training_musd": np.clip(state.cash + state.credits, 0.0, None)}
    return {wish: np.clip(wishes[wish], 0.0, most.get(wish, 1.0)) for wish in WISHES}


SCHEDULE: tuple[Phase, ...] = (
    *calendar.PHASES,
    *frontier.PHASES,
    Phase("decide", "Every firm says what it wants; nothing happens yet.", decide, WISHES),
    *entry.PHASES,
    training.BEGIN,
    *compute.PHASES,
    training.TRAIN,
    *products.PHASES,
    *regulation.PHASES,
    *users.PHASES,
    *accounts.PHASES,
    *pricing.PHASES,
    funding.SEEK,
    *alliances.PHASES,
    funding.CLOSE,
    *hype.PHASES,
    *exits.PHASES,
)


def step(state: State, p: SimpleNamespace, setting: Setting) -> State:
    """One tick: each phase reads the state that the one before left."""
    for phase in SCHEDULE:
        state = state.replace(**phase.rule(state, p, setting))
    return state.replace(tick=state.tick + 1, week=setting.after(state.week))
