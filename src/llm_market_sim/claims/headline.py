"""What stands beside the main claim: its second reading, who is left, and null models."""

from __future__ import annotations

from collections.abc import Sequence

from llm_market_sim.claims.claim import Claim, Measurement
from llm_market_sim.claims.files import MAIN
from llm_market_sim.metrics import SeriesAt
from llm_market_sim.metrics.null_models import Null

READINGS = (MAIN, "three_to_five_carry")  # one sentence, read two ways
WHO = (
    "platforms_bigtech platforms_listed platforms_startup trainers effective_firms "
    "top_three_share top_five_share"
).split()
NULLS: dict[str, tuple[str, str]] = {  # null models of each reading, by their measurements
    MAIN: ("null.reach.platforms", "null.dirichlet.platforms"),
    "three_to_five_carry": ("null.reach.g67", "null.dirichlet.g67"),
}


def beside(claims: Sequence[Claim]) -> list[Measurement]:
    """What is measured beside the readings among some claims, in the week they speak of."""
    main = [one for one in claims if one.id == MAIN]
    if not main:
        return []
    week = main[0].horizon_week
    asked = [Measurement(name, "series", SeriesAt(name=name), week) for name in WHO]
    for claim in claims:
        for name in NULLS.get(claim.id, ()):
            _, model, of = name.split(".")
            params = Null.model_validate({"model": model, "of": of})
            asked.append(Measurement(name, "null_count", params, week))
    return asked
