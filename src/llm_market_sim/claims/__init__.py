"""Claims: a sentence that somebody said, a test that it can fail, and what the worlds say."""

from llm_market_sim.claims.claim import Claim, Measurement, Variant
from llm_market_sim.claims.files import (
    MAIN,
    OWN,
    add_claim,
    check_claims,
    claims,
    is_claim,
    load_claims,
)
from llm_market_sim.claims.headline import READINGS
from llm_market_sim.claims.joint import Together, together
from llm_market_sim.claims.multiverse import Answer, Multiverse, multiverse
from llm_market_sim.claims.predicate import Predicate, parse
from llm_market_sim.claims.sequential import decided_by_more, half_width
from llm_market_sim.claims.stored import claims_of, on_the_way, plan_claims, verdicts_of
from llm_market_sim.claims.survey import Survey, long_enough, plan_survey, survey, survey_of
from llm_market_sim.claims.verdict import UNTESTED, Verdict, Wording, judge, worded

__all__ = [
    "MAIN", "OWN", "READINGS", "UNTESTED", "Answer", "Claim", "Measurement", "Multiverse",
    "Predicate", "Survey", "Together", "Variant", "Verdict", "Wording", "add_claim", "check_claims",
    "claims", "claims_of", "decided_by_more", "half_width", "is_claim", "judge", "load_claims",
    "long_enough", "multiverse", "on_the_way", "parse", "plan_claims", "plan_survey", "survey",
    "survey_of", "together", "verdicts_of", "worded",
]  # fmt: skip
