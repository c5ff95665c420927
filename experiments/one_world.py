"""One world that moves, in the browser, by Mesa's own SolaraViz:

    pip install '.[viz]'
    solara run experiments/one_world.py

A slider acts on the next Reset. This is one world; what the market does is seen over hundreds of
them, as in `llm-market-sim explore`.
"""

from __future__ import annotations

from typing import Any

from mesa.visualization import SolaraViz, make_plot_component

from llm_market_sim.mesa.model import MarketModel


class OneWorld(MarketModel):
    """The baseline; on Reset, Mesa 3.5 gives a scenario of its own, which is left aside."""

    def __init__(self, scenario: Any = None, **kwargs: Any) -> None:
        super().__init__("baseline", **kwargs)


def slider(label: str, value: float, high: float, step: float, kind: str = "SliderFloat") -> Any:
    return {"type": kind, "label": label, "value": value, "min": 0, "max": high, "step": step}


page = SolaraViz(
    OneWorld(seed=1),
    components=[
        make_plot_component({"firms_alive": "C0", "trainers": "C1", "licensed": "C2"}),
        make_plot_component({"bigtech_share": "C0", "listed_share": "C1", "startup_share": "C2"}),
    ],
    model_params={
        "seed": 1,
        "world": slider("World", 0, 99, 1, "SliderInt"),
        "regulation.review_delay_weeks": slider("Review, weeks", 6.0, 52.0, 1.0),
        "frontier.open_lag_weeks": slider("Open weights, weeks behind", 52.0, 104.0, 1.0),
    },
    name="llm-market-sim: one world",
)
