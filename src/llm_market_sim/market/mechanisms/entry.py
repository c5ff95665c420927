"""Entry: firms of an ordered pool come in while the fear of missing out is high."""

from __future__ import annotations

from typing import Any

import numpy as np

from llm_market_sim.market.parameters import Section, parameter
from llm_market_sim.market.phase import Changes, Phase
from llm_market_sim.market.state import Setting, State, Status

__all__ = ["PHASES", "Params", "enter"]


class Params(Section):
    """How fast firms come in, and what holds them back."""

    # fmt: off
    intensity_per_week: float = parameter(
        3.4,
        plausible=(1.5, 8),
        unit="firms/week",
        ge=0,
        le=50,
        symbol="lambda_0",
        meaning="entries a week at the hype of April 2023 in an empty field",
        source="assumption, of the order of 64 new models in January to July 2023 (CCID)",
    )
    hype_threshold: float = parameter(
        0.5,
        plausible=(0.3, 0.7),
        unit="1",
        ge=0,
        le=0.99,
        symbol="H_c",
        meaning="hype below which nobody enters (April 2023 is 1)",
        source="assumption: entry driven by fear of missing out stops when the fear does",
    )
    crowding_firms: float = parameter(
        220.0, plausible=(120, 400), unit="firms", gt=0, le=2000, symbol="N_cap",
        meaning="firms alive at which nobody enters any more",
        source="assumption: entry falls with the number of rivals (Klepper 1996)",
    )
    # fmt: on


def enter(state: State, p: Any, setting: Setting) -> Changes:
    """Integrate the intensity of entry; the firm whose threshold is passed comes in.

    A firm of the pool has a threshold on the integrated hazard, so a scenario with more hype
    brings the same firms earlier and then others; the k-th threshold is the sum of k unit
    exponentials (a Poisson process under time change). Firms that an event names enter on their
    day, and not before.
    """
    e = p.entry
    hype = np.exp(state.log_hype)
    crowd = np.sum(state.alive & setting.firms.domestic, axis=-1, keepdims=True)
    fear = np.clip((hype - e.hype_threshold) / (1.0 - e.hype_threshold), 0.0, None)
    room = np.clip(1.0 - crowd / e.crowding_firms, 0.0, None)
    gain = e.intensity_per_week * fear * room * setting.dt
    hazard = state.entry_hazard + gain
    waiting = state.status == Status.WAITING
    drawn = waiting & (state.entry_threshold <= hazard)
    called = waiting & p.entering
    fraction = np.where(
        drawn, (state.entry_threshold - state.entry_hazard) / np.where(gain > 0.0, gain, 1.0), 0.0
    )
    when = np.where(called, state.week, state.week + np.clip(fraction, 0.0, 1.0) * setting.dt)
    comes = drawn | called
    return {
        "entry_hazard": hazard,
        "status": np.where(comes, np.int8(Status.BUILDING), state.status),
        "entered_at": np.where(comes, when, state.entered_at),
    }


PHASES = (
    Phase(
        "enter", "Firms of the pool enter while hype lasts and the field is not full.", enter,
        ("entry_hazard", "status", "entered_at"),
    ),
)  # fmt: skip
