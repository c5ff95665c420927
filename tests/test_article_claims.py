"""The shipped claims: each can be true and can be false, however it is meant."""

from pathlib import Path

import numpy as np
import pytest

from llm_market_sim.claims import MAIN, claims, load_claims
from llm_market_sim.metrics import get_metric
from llm_market_sim.scenario import data_folder, load, load_all, scenarios
from llm_market_sim.simulation import simulate_block
from llm_market_sim.simulation.measuring import check, measured
from llm_market_sim.support.files import read_csv

# Where the worlds of the baseline all agree, a world that would make them disagree.
OTHERWISE = {
    "most_vanish": ["population.stealth_firms=0", "entry.intensity_per_week=0",
                    "regulation.batch_capacity=500"],
    "startups_run_faster": ["training.spend_share.bigtech=0"],
    "two_poles": ["players.baidu.capability_oom=28", "players.alibaba.capability_oom=28"],
    "two_years_behind": ["training.paused=true"],
    "power_plants": ["pricing.growth_motive.startup=5", "pricing.growth_motive.listed=5",
                     "pricing.growth_motive.bigtech=5", "pricing.answer=50"],
    "barely_passing": ["players.baidu.capability_oom=24.5"],
    "lose_10bn_win_1tn": ["players.tencent.burn_musd_per_year=4000",
                          "players.tencent.cash_musd=50000"],
    "rules_prolong_beta": ["regulation.review_required=false"],
    "faster_cluster": ["compute.cluster_speed.tencent=2.75"],
    "not_everyone_trains": ["accounts.burn_factor.fine_tune=10"],
    "jobs_outsourced_to_models": ["training.paused=true", "frontier.open_releases=false"],
    "copying_openai_fails_here": ["funding.pool_start_musd=1e6", "funding.rounds_per_year=20"],
    "hype_for_the_stock": ["users.population.enterprise=4e6"],
}  # fmt: skip
VERDICTS = Path(__file__).parents[1] / "docs" / "claims_baseline.csv"
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


def test_the_claim_that_is_shown_first_is_shipped():
    assert {MAIN} <= CLAIMS.keys() and len(claims()) >= 25


def test_a_loss_that_the_rules_do_not_allow_is_no_test():
    """Nobody loses more than it was given, and the file says how little that is."""
    claim, scenario = CLAIMS["lose_10bn_win_1tn"], load("baseline")
    years = claim.horizon_week / 52
    cash = max(p.cash_musd.value for p in scenario.players.values() if p.kind == "bigtech")
    given = cash * (1.0 + scenario.funding.budget_per_year * years)  # earmark and budgets
    assert claim.predicate == "x >= -10000" and given < 5_000 and not claim.tested
    assert "less than half of ten billion" in " ".join(claim.reason.split())


def test_what_bounds_an_answer_is_what_the_file_says():
    """Amdahl's law for a faster cluster, and the least mark-up of a best reply."""
    p = load("baseline")
    on_it, rest = p.training.compute_weeks, p.training.tuning_weeks
    rest += p.training.tuning_share * on_it
    bounds = on_it + rest, (on_it + rest) / (on_it / 2.75 + rest), (on_it + rest) / rest
    reason = " ".join(CLAIMS["faster_cluster"].reason.split())
    told = (
        "cycle of {:.1f} weeks",
        "cycle {:.2f} times as fast",
        "no speed makes it more than {:.2f} times",
    )
    for words, bound in zip(told, bounds, strict=True):
        assert words.format(bound) in reason
    markup = p.users.nest_scale["developer"] / p.users.price_weight["developer"]
    told = f"at least {1 / (1 - markup):.2f} times its cost"
    assert told in " ".join(CLAIMS["power_plants"].reason.split())


def test_weeks_behind_go_at_the_frontier_s_own_pace():
    pace = load("baseline").frontier.growth_oom_per_year
    assert get_metric("weeks_behind").params().pace == pace


def test_what_is_judged_beside_a_claim_is_sound_and_has_a_name_of_its_own():
    """Each differs from the claim in something, and from the others."""
    several = {name: claim.also_all() for name, claim in CLAIMS.items() if claim.also}
    assert len(several) >= 8
    for name, claims_beside in several.items():
        asked = [CLAIMS[name].measurement, *(one.measurement for one in claims_beside)]
        assert len({one.name for one in asked}) == len(asked), name
        assert len(
            {(one.metric, one.params, one.week, repr(one.intervention)) for one in asked}
        ) == len(asked), name


def test_a_claim_can_be_true_and_can_be_false(base):
    """In some worlds and not in others, or, where all agree, in worlds that are listed above."""
    rows = [row for row in read_csv(VERDICTS) if row["scenario"] == "baseline"]
    shares = {row["claim"]: int(row["hits"] or 0) / int(row["worlds"] or 1) for row in rows}
    for name, claim in CLAIMS.items():
        found = holds(claim, base)
        if name in OTHERWISE:
            week = float(claim.horizon_week)
            changed = holds(claim, run(*OTHERWISE[name], weeks=[week]))
            assert np.all(found == found[0]) and np.any(changed != found[0]), name
        elif 0.3 < shares.get(name, 0.0) < 0.7:  # a new claim is not judged yet
            assert np.any(found) and not np.all(found), name


def test_every_reading_is_a_measurement_with_a_name_of_its_own():
    for name, claim in CLAIMS.items():
        every = claim.variants_all()
        assert 1 <= len(every) < 300, name
        assert every[0].default and every[0].measurement == claim.measurement, name
        assert not any(one.default for one in every[1:]), name
        assert len({one.measurement.name for one in every}) == len(every), name
        choices = [tuple(sorted(one.choices.items(), key=str)) for one in every]
        assert len(set(choices)) == len(choices), name
        assert all(set(one.choices) == set(every[0].choices) for one in every), name
        within = get_metric(claim.metric).within(claim.measurement.params)
        assert within.low < within.high, name
        assert len(claim.definition) > 40, name


def test_every_shipped_scenario_allows_every_intervention():
    check(load_all(scenarios()), [claim.measurement for claim in CLAIMS.values()])


def test_readings_say_what_was_chosen():
    [default, *others] = CLAIMS["first_breakout_gets_moat"].variants_all()
    assert default.choices == {"share": "composite", "week": 78,
                               "intervention": "tencent is ready 8 weeks earlier"}  # fmt: skip
    assert len(others) == 4 * 4 * 4 - 1
    for one in others:
        assert one.choices["share"] == one.measurement.params.share
        assert one.choices["week"] == one.measurement.week
        assert one.choices["intervention"] == one.measurement.intervention.words()


ASIDE = [file for name in ("null", "rules") for file in (data_folder() / name).glob("*.yaml")]


def test_null_models_and_other_rules_are_found_by_their_path_and_allow_every_intervention():
    assert len(ASIDE) >= 5 and not {file.stem for file in ASIDE} & set(scenarios())
    check([load(file) for file in ASIDE], [claim.measurement for claim in CLAIMS.values()])
    changed = [load(file).digest() for file in ASIDE]
    assert len({*changed, load("baseline").digest()}) == len(ASIDE) + 1


def test_in_the_null_model_neither_quality_nor_money_nor_the_law_matters():
    """Better models, dear rent and a long review change nothing that users do."""
    null = data_folder() / "null" / "blind_market.yaml"

    def users(*sets):
        one = simulate_block(load(null, ["horizon_weeks=40", *sets]), range(6), 1, events=False)
        assert np.all(one.series["bankrupt"] == 0) and np.all(one.series["acquired"] == 0)
        return one.series["users_consumer"]

    usual = users()
    for sets in (["regulation.review_delay_weeks=34"], ["training.algorithms_oom_per_year=0.7"]):
        # a price, which goes with the size of a model, still has a thousandth of its weight
        np.testing.assert_allclose(usual, users(*sets), rtol=0.003)
