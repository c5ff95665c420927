"""What became of parameters that scenarios of an earlier form may still name."""

from __future__ import annotations

__all__ = ["renamed"]

_NOW = {
    "compute.supply_start": "compute.rental_start (cards of lessors) and each player's gpus",
    "compute.supply_end": "compute.rental_end (cards of lessors); firms buy their own (cards)",
    "compute.supply_cap": "cards.deliveries (0: no card is delivered any more)",
    "compute.own_cost_share": "compute.own_cost_usd",
    "training.market_share_cap": "training.step_up (over the largest run so far)",
    "users.marketing_per_year": "users.channel_per_year, and users.marketing_share for paid reach",
    "pricing.discount": "pricing.growth_motive",
    "pricing.price_cap": "users.price_scale",
    "funding.bigtech_budget_musd_per_year": "funding.budget_per_year (over the earmark)",
    "funding.issue_share_for_models": "funding.issue_per_year (what goes into models)",
    "alliances.reach_gain": "alliances.channel_per_year (as long as the alliance lasts)",
    "exits.pivot_runway_weeks": "exits.short_runway_weeks",
    "exits.acquisition_runway_weeks": "exits.short_runway_weeks",
}
_GONE = {
    "compute.scarcity_exponent": "one rent clears the market",
    "funding.seek_runway_weeks": "investors come whatever the runway",
    "funding.pool_share_cap": "rounds are paid from the pool in the order of their days",
    "funding.growth_weight": "traction alone counts",
    "exits.acquirer_skill_oom": "cards go with a team that is sold",
    "regulation.foreign_barred": "no product that rests on a model abroad is licensed",
    "users.sampled_below_accounts": "all users flow in expectation",
    "products.wrapper_loss_oom": "a wrapper sells what it buys",
}
_CONSTANT = (
    "accounts.smoothing_weeks alliances.cash_multiple cards.cost_per_year exits.niche_mix "
    "exits.pivot_to_fine_tune exits.shutdown_rate_per_year frontier.open_lag_transition_weeks "
    "funding.herding_musd funding.herding_weight funding.least_fill funding.reference_share "
    "funding.relevance_share hype.launch_fatigue hype.stock_noise pricing.api_margin "
    "pricing.floor_share pricing.reference_oom pricing.unit_gpu_hours products.preparation_spread "
    "regulation.suspension_weeks training.failure_loss training.lag_spread training.min_gain_oom "
    "users.flywheel_start users.open_reach_per_year users.reach_start users.taste_memory_weeks "
    "users.thin_market_share users.word_of_mouth_per_year"
).split()


def renamed(path: str) -> str:
    """What stands in the place of a parameter that is no more; empty where none is known.

    path: dotted, with or without an entry of a mapping.
    """
    known = ".".join(path.split(".")[:2])
    if known in _NOW:
        return f"it is now {_NOW[known]}"
    if known in _GONE:
        return f"it is gone: {_GONE[known]}"
    return "it is a constant of the model now" if known in _CONSTANT else ""
