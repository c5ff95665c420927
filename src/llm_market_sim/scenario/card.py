"""How a scenario shows itself in a notebook."""

from __future__ import annotations

from llm_market_sim.errors import InputError
from llm_market_sim.scenario.check import build
from llm_market_sim.scenario.files import scenarios
from llm_market_sim.scenario.model import Scenario, difference
from llm_market_sim.scenario.resolve import resolve
from llm_market_sim.support.html_repr import card, card_for, facts, sentence, table

__all__ = ["scenario_card"]


@card_for(Scenario)
def scenario_card(scenario: Scenario) -> str:
    """What it is about, and what differs from its parent; of one without a parent, what was set
    since it was shipped."""
    label = scenario.label
    parts = [
        sentence(scenario.text("about")),
        facts(
            weeks=scenario.horizon_weeks,
            named_firms=len(scenario.players),
            dated_events=len(scenario.timeline),
        ),
    ]
    other = scenario.extends or scenario.name
    parent = _shipped(other)
    rows = difference(scenario, parent) if parent is not None else []
    if rows:
        parts.append(table(("what differs", other, "here"), rows))
    parts.append(sentence(f"What to look for: {scenario.text('notice')}"))
    return card(f"{label['en']} · {label['zh']} ({scenario.name})", *parts)


def _shipped(name: str) -> Scenario | None:
    """A shipped scenario; None where there is none, or its file has mistakes by now."""
    if name not in scenarios():
        return None
    try:
        found = resolve(name, ())
        built = build(found.tree, found.name, found.whole)[0] if found.tree is not None else None
    except InputError:
        return None
    return None if found.mistakes else built
