"""Claims in words by which they can be told apart where one sentence is read in several ways."""

from __future__ import annotations

from collections.abc import Iterable

from llm_market_sim.claims import chinese
from llm_market_sim.claims.claim import Claim
from llm_market_sim.claims.files import MAIN
from llm_market_sim.metrics import get_metric
from llm_market_sim.words import Language


def told_apart(claims: Iterable[Claim], language: Language) -> dict[str, str]:
    """What was said, by the claim's id; a further reading of the same sentence says what it counts:
    ``Three to five … will emerge. (fewest developers that …)``. The main claim has no such end."""
    found: dict[str, str] = {}
    for claim in sorted(claims, key=lambda one: one.id != MAIN):
        said = claim.sentence(language)
        if said in found.values():
            counted = get_metric(claim.metric).meaning
            said += f"（{chinese.meaning(claim.metric)}）" if language == "zh" else f" ({counted})"
        found[claim.id] = said
    return found
