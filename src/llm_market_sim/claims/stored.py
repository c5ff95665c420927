"""Claims that are judged in the worlds of a batch, and what a result folder says of them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from llm_market_sim.batch import Plan, plan_batch
from llm_market_sim.claims.claim import Claim
from llm_market_sim.claims.headline import READINGS, beside
from llm_market_sim.claims.verdict import Verdict, judge
from llm_market_sim.results import TABLES, Results
from llm_market_sim.scenario import Scenario


def on_the_way(claims: Sequence[Claim], scenarios: Sequence[Scenario]) -> list[Claim]:
    """The main claim in its two readings, then those that can be read off the same runs."""
    last = max(one.horizon_weeks for one in scenarios)
    main = [claim for name in READINGS for claim in claims if claim.id == name]
    return main + [
        claim
        for claim in claims
        if claim.id not in READINGS and claim.intervention is None and claim.horizon_week <= last
    ]


def plan_claims(
    scenarios: Sequence[Scenario],
    claims: Sequence[Claim],
    worlds: int,
    seed: int | None,
    tables: Sequence[str] = tuple(TABLES),
) -> Plan:
    """Many worlds of every scenario, and each claim measured in them by its default definition.

    With the main claim, also what stands beside it.
    """
    return plan_batch(
        scenarios,
        worlds,
        seed,
        [*(claim.measurement for claim in claims), *beside(claims)],
        tables=tables,
        claims={claim.id: claim.model_dump(mode="json") for claim in claims},
    )


def claims_of(results: Results) -> list[Claim]:
    """The claims that a batch was asked to judge."""
    return [Claim.model_validate_json(json.dumps(one)) for one in results.manifest.claims.values()]


def verdicts_of(results: Results, claims: Sequence[Claim]) -> list[Verdict]:
    """What the worlds that are there say of each claim; nothing of a scenario without any."""
    there = [one.scenario for one in results.status if one.there]
    numbers = {name: results.numbers(name) for name in there}
    return [judge(claim, name, numbers[name].get(claim.id)) for claim in claims for name in there]
