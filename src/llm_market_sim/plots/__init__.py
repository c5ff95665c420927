"""Figures: data in, a matplotlib Figure out. They compute no numbers of their own."""

from __future__ import annotations

from llm_market_sim.plots.claim_map import Axis, claim_map
from llm_market_sim.plots.definitions import Choice, DefinitionPanel, definitions_map
from llm_market_sim.plots.paired import PairedRow, paired_differences
from llm_market_sim.plots.style import save
from llm_market_sim.plots.survival import LifeRow, endings, survival_curves
from llm_market_sim.plots.survivors import SurvivorRow, survivors
from llm_market_sim.plots.two_bands import UncertainRow, uncertainty

__all__ = [
    "Axis", "Choice", "DefinitionPanel", "LifeRow", "PairedRow", "SurvivorRow", "UncertainRow",
    "claim_map", "definitions_map", "endings", "paired_differences", "save", "survival_curves",
    "survivors", "uncertainty",
]  # fmt: skip
