"""Getting big fast, or not: capacity for a target share of forecast demand, and a price.

After Sterman, Henderson, Beinhocker & Newman (2007). A firm looks how fast its use has grown so
far, expects that to go on until what it orders now has come, and orders the cards that its target
share of all use would need. Until it has that share it asks a price by name.

    llm-market-sim batch scenarios/history/big_too_fast.yaml --with experiments/get_big_fast.py
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llm_market_sim.market.policies import policy

_LAG = 52.0  # weeks from order to delivery, as the scenario has it
_WEEKS_TO_ORDER = 13.0  # in which a gap is ordered
_HOURS = 168 * 0.6  # of a card, usable in a week
_CARD = 0.03  # million USD


def plan(target: float, price: str) -> Callable[[Any], dict[str, Any]]:
    """Capacity for a target share; a price by name until the firm has it, then one by the rule."""

    def decide(firm: Any) -> dict[str, Any]:
        now = sum(firm.market.users.values())
        growth = firm.use / firm.use_so_far if firm.use_so_far > 0.0 else 0.0  # a week
        expected = now * (1.0 + growth * _LAG)
        cards = target * expected * firm.unit_hours / _HOURS
        gap = max(cards - firm.cards - firm.cards_ordered, 0.0)
        return {
            "cards_musd": gap * _CARD * 52.0 / _WEEKS_TO_ORDER,
            "price": price if firm.users < target * now else "by_rule",
            "training_musd": 0.0,
            "marketing_musd": 0.0,
            "route": "fine_tune",
        }

    return decide


for name, target, price in (
    ("accommodate", 0.5, "by_rule"),
    ("get_big_fast", 0.8, "at_cost"),
    ("cut_prices", 0.5, "at_cost"),
    ("build_ahead", 0.8, "by_rule"),
):
    policy(name)(plan(target, price))
