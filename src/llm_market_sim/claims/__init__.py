"""Claims: a sentence that somebody said, a test that it can fail, and what the worlds say."""

from __future__ import annotations

from llm_market_sim.claims.claim import Claim, Measurement, Variant
from llm_market_sim.claims.files import check_claims, claims, load_claims
from llm_market_sim.claims.predicate import Predicate, parse
from llm_market_sim.claims.verdict import Verdict, judge

__all__ = [
    "Claim", "Measurement", "Predicate", "Variant", "Verdict", "check_claims", "claims", "judge",
    "load_claims", "parse",
]  # fmt: skip
