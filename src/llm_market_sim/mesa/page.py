"""One world in the browser, by Mesa's own SolaraViz: step, play, and a few sliders.

    solara run llm_market_sim.mesa.page

Needs the extra ``viz``. A slider acts on the next Reset, as on every page of Mesa. This is a view
of a single world for people who know Mesa; a result is a distribution over many worlds, for which
there is ``llm-market-sim batch``.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar

from matplotlib.figure import Figure
from mesa.visualization import SolaraViz

from llm_market_sim.mesa.model import MarketModel
from llm_market_sim.scenario import load
from llm_market_sim.words import date

solara: Any = import_module("solara")  # an extra, which exports half of its names untyped
_SEED = 1
_LINES = 8  # firms shown by name
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999")
_STYLES = ("-", "--")  # a line differs from its neighbours by more than its colour
_COUNTS = {
    "firms_alive": "firms alive",
    "general_developers": "general developers",
    "licensed": "licensed so far",
}


class PageModel(MarketModel):
    """A world that remembers each week's share of each firm that is alive."""

    model_reporters: ClassVar[Mapping[str, Any]] = {
        **MarketModel.model_reporters,
        "shares": "share_by_firm",
    }

    def __init__(self, scenario: Any = None, **kwargs: Any) -> None:
        del scenario  # on Reset, Mesa 3.5 gives one of its own
        super().__init__("baseline", **kwargs)

    @property
    def share_by_firm(self) -> dict[str, float]:
        """Composite share of each firm alive, by name."""
        return {firm.name: firm.share for firm in self.agents if firm.share > 0.0}


def _axes(model: PageModel) -> tuple[Figure, Any]:
    figure = Figure(figsize=(6.4, 4.2))
    axes = figure.add_axes((0.1, 0.13, 0.87, 0.85))  # a layout engine would take twice the time
    axes.set(xlabel="week", xlim=(0, model.script.horizon_weeks))
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def shares_chart(model: PageModel) -> None:
    """The largest firms of today and how they came there."""
    solara.Text(f"Shares of use in world {model.world}, {date(model.week)}")
    figure, axes = _axes(model)
    weeks = model.datacollector.model_vars["week"]
    history = model.datacollector.model_vars["shares"]
    largest = sorted(history[-1], key=history[-1].__getitem__, reverse=True)[:_LINES]
    for i, firm in enumerate(largest):
        values = [100.0 * shares.get(firm, 0.0) for shares in history]
        axes.plot(weeks, values, _STYLES[i % len(_STYLES)], color=_COLOURS[i], label=firm)
    axes.set(ylabel="composite share, %", ylim=(0, None))
    if largest:
        axes.legend(frameon=False, fontsize="small", ncols=2)
    solara.FigureMatplotlib(figure, format="svg")


def counts_chart(model: PageModel) -> None:
    """How many firms there are, and how many may open their products."""
    solara.Text(f"{model.firms_alive:.0f} firms alive, {model.licensed:.0f} licensed so far")
    figure, axes = _axes(model)
    weeks = model.datacollector.model_vars["week"]
    for i, (name, label) in enumerate(_COUNTS.items()):
        values = model.datacollector.model_vars[name]
        axes.plot(weeks, values, _STYLES[i % len(_STYLES)], color=_COLOURS[i], label=label)
    axes.set(ylabel="firms", ylim=(0, None))
    axes.legend(frameon=False, fontsize="small")
    solara.FigureMatplotlib(figure, format="svg")


def _sliders() -> dict[str, dict[str, Any]]:
    """Some of the baseline's parameters, from nothing to about twice their default."""
    baseline = load("baseline")
    chosen = (
        ("regulation", "review_delay_weeks", "Review, weeks", 52.0, 1.0),
        ("entry", "intensity_per_week", "Entry, firms a week", 10.0, 0.2),
        ("frontier", "open_lag_weeks", "Open weights, weeks behind", 104.0, 1.0),
    )
    sliders: dict[str, dict[str, Any]] = {
        f"{section}.{name}": {
            "type": "SliderFloat",
            "label": label,
            "value": getattr(getattr(baseline, section), name),
            "min": 0.0,
            "max": largest,
            "step": step,
        }
        for section, name, label, largest, step in chosen
    }
    world = {"type": "SliderInt", "label": "World", "value": 0, "min": 0, "max": 99, "step": 1}
    return sliders | {"world": world}


def page() -> None:
    """One world, its charts, its controls and its sliders."""
    model = solara.use_memo(lambda: PageModel(seed=_SEED), [])
    SolaraViz(
        solara.use_reactive(model),
        components=[shares_chart, counts_chart],
        model_params={"seed": _SEED, **_sliders()},
        name="llm-market-sim: one world",
    )


Page = solara.component(page)  # the name that ``solara run`` looks for
