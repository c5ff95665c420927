"""The sentences of the article: all are there, and each can be true and can be false."""

from __future__ import annotations

import numpy as np
import pytest

from llm_market_sim.claims import MAIN, claims, load_claims
from llm_market_sim.metrics import get_metric
from llm_market_sim.scenario import load, load_all, scenarios
from llm_market_sim.simulation import simulate_block
from llm_market_sim.simulation.measuring import check, measured

SAID_BY = {  # every sentence, by a word of the role that said it, and its status
    "three_to_five_survive": ("technology head of a listed", "emergent"),
    "most_vanish": ("technology head of a listed", "emergent"),
    "two_poles": ("technology head of a listed", "emergent"),
    "fifty_by_june": ("several people", "calibrated"),
    "hundred_by_december": ("several people", "calibrated"),
    "startups_have_little_chance": ("Baidu", "emergent"),
    "startups_run_faster": ("Baichuan", "input"),
    "no_single_winner": ("Quwan", "emergent"),
    "dozens_and_hard_to_monetise": ("Mobvoi", "emergent"),
    "first_breakout_gets_moat": ("author", "emergent"),
    "two_years_behind": ("360", "emergent"),
    "barely_passing": ("author", "input"),
    "lose_10bn_win_1tn": ("technology head of a listed", "input"),
    "pause_is_premature": ("360", "emergent"),
    "rules_prolong_beta": ("Quwan", "input"),
    "strict_rules_stifle": ("Academy of Social Sciences", "emergent"),
    "faster_cluster": ("Tencent", "emergent"),
    "open_source_levels_start": ("technology head of a listed", "emergent"),
    "not_everyone_trains": ("Alibaba Cloud", "emergent"),
    "hype_for_the_stock": ("observer of the internet", "input"),
    "copying_openai_fails_here": ("Mobvoi", "emergent"),
    "cooperation_pays": ("Mobvoi", "emergent"),
    "missing_out_is_falling_behind": ("Academy of Social Sciences", "emergent"),
    "power_plants": ("QbitAI", "input"),
    "jobs_outsourced_to_models": ("BlueFocus", "input"),
}
COUNTERFACTUAL = {
    "first_breakout_gets_moat", "pause_is_premature", "rules_prolong_beta", "strict_rules_stifle",
    "faster_cluster", "open_source_levels_start", "not_everyone_trains",
    "copying_openai_fails_here", "cooperation_pays", "missing_out_is_falling_behind",
}  # fmt: skip
# Where the worlds of the baseline all agree, a world that would make them disagree.
OTHERWISE = {
    "most_vanish": ["funding.rounds_per_year=0", "accounts.burn_musd_per_year.startup=300",
                    "accounts.burn_musd_per_year.listed=500"],
    "fifty_by_june": ["population.stealth_firms=120"],
    "startups_run_faster": ["products.preparation_weeks.foundation=60",
                            "products.preparation_weeks.fine_tune=60"],
    "two_years_behind": ["training.paused=true"],
    "barely_passing": ["players.baidu.capability_oom=24.5"],
    "lose_10bn_win_1tn": ["players.tencent.burn_musd_per_year=4000",
                          "players.tencent.cash_musd=50000"],
    "pause_is_premature": ["compute.supply_start=100000", "compute.supply_end=300000",
                           "players.baidu.gpus=20000", "players.baidu.cash_musd=5000"],
    "rules_prolong_beta": ["regulation.review_required=false"],
    "faster_cluster": ["compute.cluster_speed.tencent=2.75"],
    "open_source_levels_start": ["frontier.open_releases=false"],
    "not_everyone_trains": ["accounts.burn_factor.fine_tune=10"],
    "jobs_outsourced_to_models": ["users.innovation_per_year.enterprise=0.005",
                                  "users.imitation_per_year.enterprise=0"],
}  # fmt: skip
CLAIMS = {claim.id: claim for claim in load_claims()}
WEEKS = sorted({float(claim.horizon_week) for claim in CLAIMS.values()})


def run(*sets, weeks=WEEKS):
    scenario = load("baseline", [f"horizon_weeks={max(1, int(max(weeks)))}", *sets])
    return simulate_block(scenario, range(12), 1, snapshots=weeks, events=False, series=())


@pytest.fixture(scope="module")
def base():
    return run()


def holds(claim, of):
    return claim.test.holds(measured(of, [claim.measurement])[claim.id])


def test_the_files_are_the_articles_sentences():
    assert set(claims()) == set(SAID_BY) and MAIN in SAID_BY and len(SAID_BY) == 25
    for name, (role, status) in SAID_BY.items():
        claim = CLAIMS[name]
        assert role in claim.said_by, name
        assert claim.status == status, name
        assert "April 2023" in claim.source
    assert {name for name, claim in CLAIMS.items() if claim.intervention} == COUNTERFACTUAL


def test_a_loss_that_the_rules_do_not_allow_is_no_test():
    """Nobody loses more than it was given, and the file says how little that is."""
    claim, scenario = CLAIMS["lose_10bn_win_1tn"], load("baseline")
    years = claim.horizon_week / 52
    cash = max(p.cash_musd.value for p in scenario.players.values() if p.kind == "bigtech")
    given = cash + scenario.funding.bigtech_budget_musd_per_year * years
    assert claim.predicate == "x >= -10000" and given < 5_000 and not claim.tested
    assert "less than half of ten billion" in " ".join(claim.reason.split())


@pytest.mark.parametrize("name", SAID_BY)
def test_a_claim_can_be_true_and_can_be_false(name, base):
    claim = CLAIMS[name]
    found = holds(claim, base)
    if name in OTHERWISE:
        week = float(claim.horizon_week)
        changed = holds(claim, run(*OTHERWISE[name], weeks=[week]))
        assert np.all(found == found[0]) and np.any(changed != found[0])
    else:
        assert np.any(found) and not np.all(found)


@pytest.mark.parametrize("name", SAID_BY)
def test_every_reading_is_a_measurement_with_a_name_of_its_own(name):
    claim = CLAIMS[name]
    every = claim.variants_all()
    assert 2 <= len(every) < 300
    assert every[0].default and every[0].measurement == claim.measurement
    assert not any(one.default for one in every[1:])
    assert len({one.measurement.name for one in every}) == len(every)
    choices = [tuple(sorted(one.choices.items(), key=str)) for one in every]
    assert len(set(choices)) == len(choices)
    assert all(set(one.choices) == set(every[0].choices) for one in every)
    within = get_metric(claim.metric).within(claim.measurement.params)
    assert within.low < within.high
    assert len(claim.definition) > 40


def test_every_shipped_scenario_allows_every_intervention():
    check(load_all(scenarios()), [claim.measurement for claim in CLAIMS.values()])


def test_readings_say_what_was_chosen():
    [default, *others] = CLAIMS["first_breakout_gets_moat"].variants_all()
    assert default.choices == {"share": "composite", "week": 78,
                               "intervention": "tencent is ready 8 weeks earlier"}  # fmt: skip
    assert len(others) == 4 * 4 * 3 - 1
    for one in others:
        assert one.choices["share"] == one.measurement.params.share
        assert one.choices["week"] == one.measurement.week
        assert one.choices["intervention"] == one.measurement.intervention.words()
