"""Figures: data in, a matplotlib Figure out. They compute no numbers of their own."""

from llm_market_sim.figures.claim_map import Axis, claim_map
from llm_market_sim.figures.claim_matrix import claim_matrix
from llm_market_sim.figures.concentration import concentration_chart
from llm_market_sim.figures.definitions import Choice, DefinitionPanel, definitions_map
from llm_market_sim.figures.distribution import DistributionRow, distribution_chart
from llm_market_sim.figures.docking import docking_chart
from llm_market_sim.figures.drivers import drivers_chart
from llm_market_sim.figures.fan import Happening, fan_chart
from llm_market_sim.figures.levers import lever_map, levers_chart
from llm_market_sim.figures.lives import lives_chart
from llm_market_sim.figures.market_shares import share_chart
from llm_market_sim.figures.money import money_chart
from llm_market_sim.figures.page import Origin
from llm_market_sim.figures.paired import paired_differences
from llm_market_sim.figures.race import race_chart
from llm_market_sim.figures.ranks import RankPanel, ranks
from llm_market_sim.figures.style import alt_text, projector, save
from llm_market_sim.figures.survival import LifeRow, endings, life_row, survival_curves
from llm_market_sim.figures.survivors import SurvivorRow, survivors
from llm_market_sim.figures.sweep import sweep_chart
from llm_market_sim.figures.two_bands import UncertainRow, uncertainty

__all__ = [
    "Axis", "Choice", "DefinitionPanel", "DistributionRow", "Happening", "LifeRow", "Origin",
    "RankPanel", "SurvivorRow", "UncertainRow", "alt_text", "claim_map", "claim_matrix",
    "concentration_chart", "definitions_map", "distribution_chart", "docking_chart",
    "drivers_chart", "endings", "fan_chart", "lever_map", "levers_chart", "life_row",
    "lives_chart", "money_chart", "paired_differences", "projector", "race_chart", "ranks", "save",
    "share_chart", "survival_curves", "survivors", "sweep_chart", "uncertainty",
]  # fmt: skip
