"""Figures: data in, a matplotlib Figure out. They compute no numbers of their own."""

from __future__ import annotations

from llm_market_sim.plots.claim_map import Axis, claim_map
from llm_market_sim.plots.claim_matrix import claim_matrix
from llm_market_sim.plots.concentration import concentration_chart
from llm_market_sim.plots.definitions import Choice, DefinitionPanel, definitions_map
from llm_market_sim.plots.drivers import drivers_chart
from llm_market_sim.plots.fan import Happening, fan_chart
from llm_market_sim.plots.lives import lives_chart
from llm_market_sim.plots.market_shares import share_chart
from llm_market_sim.plots.money import money_chart
from llm_market_sim.plots.page import Origin
from llm_market_sim.plots.paired import paired_differences
from llm_market_sim.plots.race import race_chart
from llm_market_sim.plots.style import alt_text, save
from llm_market_sim.plots.survival import LifeRow, endings, survival_curves
from llm_market_sim.plots.survivors import SurvivorRow, survivors
from llm_market_sim.plots.two_bands import UncertainRow, uncertainty
from llm_market_sim.plots.words import Language

__all__ = [
    "Axis",
    "Choice",
    "DefinitionPanel",
    "Happening",
    "Language",
    "LifeRow",
    "Origin",
    "SurvivorRow",
    "UncertainRow",
    "alt_text",
    "claim_map",
    "claim_matrix",
    "concentration_chart",
    "definitions_map",
    "drivers_chart",
    "endings",
    "fan_chart",
    "lives_chart",
    "money_chart",
    "paired_differences",
    "race_chart",
    "save",
    "share_chart",
    "survival_curves",
    "survivors",
    "uncertainty",
]  # fmt: skip
