"""Claims: a sentence that somebody said, a test that it can fail, and what the worlds say."""

from __future__ import annotations

from llm_market_sim.claims.claim import Claim, Measurement, Variant
from llm_market_sim.claims.files import MAIN, check_claims, claims, is_claim, load_claims
from llm_market_sim.claims.predicate import Predicate, parse
from llm_market_sim.claims.verdict import Verdict, Wording, judge

__all__ = [
    "MAIN", "Claim", "Measurement", "Predicate", "Variant", "Verdict", "Wording", "check_claims",
    "claims", "is_claim", "judge", "load_claims", "parse",
]  # fmt: skip
