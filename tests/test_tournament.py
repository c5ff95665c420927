"""A tournament: what a firm is worth, who is best, and what shipped policies do."""

from collections import Counter

import numpy as np
import pytest
from market import market

from llm_market_sim.cli.app import main
from llm_market_sim.errors import InputError
from llm_market_sim.experiments.evidence import load_evidence
from llm_market_sim.experiments.tournament import (
    COLUMNS,
    WEEK,
    Game,
    leaders,
    presets,
    shares_of,
    tournament,
    value_of,
    write,
)
from llm_market_sim.market.observation import COMPOSITE
from llm_market_sim.market.policies import SHIPPED
from llm_market_sim.market.state import Status
from llm_market_sim.scenario import load
from llm_market_sim.simulation import simulate
from llm_market_sim.support.files import read_csv
from llm_market_sim.words import WEEK_0

FIRMS = ("baidu", "sensetime", "zhipu", "minimax", "baichuan")


def test_a_value_by_hand():
    """10 M USD, 100 cards of 20,000, and of half of 1e6 users eight times the 4 USD that they pay
    and fifteen times what they pay over cost, 3 USD."""
    users = np.zeros((4, 3))
    users[0] = [1e6, 1e6, 0.0]
    users[1] = [3e6, 0.0, 1e6]
    now = market(
        3,
        sets=["cards.price_usd=20000", "compute.price_decline_per_year=0"],
        users=users,
        price=4.0,
        cost_per_account=1.0,
        compute_share=0.5,
        cards=100.0,
        cash=10.0,
        status=[Status.OPEN, Status.OPEN, Status.BANKRUPT],
    )
    worth = [value_of(now.run(), slot)[0] for slot in range(3)]
    half = 0.5 * COMPOSITE[0]  # of consumers, and nobody uses anything else of it
    assert shares_of(now.run(), 1)[0] == pytest.approx(half)
    assert worth[1] == pytest.approx(10 + 2 + 0.5 * (8 * 4 + 15 * 3))
    assert worth[2] == 0.0


def test_a_firm_is_worth_what_investors_of_2023_paid_for_it():
    """Beside its cash: Zhipu in September and MiniMax in June 2023. What goes on is counted at the
    defaults in week 78, when the market has begun."""
    facts = load_evidence()
    paid, worth = [], []
    for firm, fact in (("zhipu", "zhipu_value"), ("minimax", "minimax_round")):
        week = (facts[fact].date - WEEK_0).days // 7
        then, late = (
            simulate(load("baseline", [f"horizon_weeks={end}"]), 64, 1) for end in (week, WEEK)
        )
        slot = then.firms.slot(firm)
        paid.append(facts[fact].value[-1] - np.mean(then.final.cash[:, slot]))
        worth.append(np.mean(value_of(late, slot) - late.final.cash[:, slot]))
        assert 2 / 3 < worth[-1] / paid[-1] < 3 / 2, (firm, worth, paid)
    assert sum(worth) == pytest.approx(sum(paid), rel=0.2)


def game(policy, *values):
    values = np.array(values, float)
    return Game("a", "b", policy, values, values / 100, values > 0)


def test_best_stands_highest_and_level_is_what_luck_cannot_tell_apart():
    best = game("best", *4 * [10.0, 12.0, 14.0, 16.0])
    near = game("near", *4 * [9.0, 13.0, 12.0, 17.5])
    lucky = game("lucky", *15 * [1.0], 1000.0)  # has the largest mean, by one world
    assert leaders([near, best, lucky], "value") == ("best", ("near",))
    assert leaders([lucky, near, best], "share") == ("best", ("near",))


def test_games_are_played_on_the_same_luck_and_written_down(tmp_path):
    [where] = presets(["baseline"])
    games = list(tournament("minimax", ["standard", "theme_only"], [where], 4, 1, 8))
    again = list(tournament("minimax", ["standard"], [where], 4, 1, 8))
    assert [g.policy for g in games] == ["standard", "theme_only"]
    assert np.array_equal(games[0].value, again[0].value)
    assert not np.array_equal(games[0].value, games[1].value)
    write(tmp_path / "games.csv", games)
    rows = read_csv(tmp_path / "games.csv")
    assert list(rows[0]) == list(COLUMNS) and len(rows) == 2
    assert float(rows[0]["value_musd"]) == pytest.approx(np.mean(games[0].value), rel=1e-3)
    assert {row["value_rank"] for row in rows} <= {"best", "level", "behind"}


def test_what_there_is_not_is_told_before_anything_is_computed():
    where = presets(["baseline", "price_war"])
    for firm, policies, told in (
        ("baido", ["standard"], 'no firm "baido"; did you mean "baidu"?'),
        ("baidu", ["standrd"], 'no policy "standrd"; did you mean "standard"?'),
    ):
        with pytest.raises(InputError, match=told.replace("?", r"\?")) as caught:
            next(tournament(firm, policies, where))
        assert len(caught.value.problems) == 1


def test_the_command_names_the_best_and_writes_a_table(tmp_path, capsys):
    file = tmp_path / "games.csv"
    given = ["tournament", "--firm", "baichuan", "--policies", "standard, tuner", "--scenarios",
             "baseline", "--worlds", "4", "--out", str(file)]  # fmt: skip
    assert main(given) == 0
    told = capsys.readouterr().out
    assert "baichuan plays 2 policies in 1 scenarios of 4 worlds" in told
    assert "Value (M USD)" in told and "How often each was best, of 1 scenarios: " in told
    assert len(file.read_text().splitlines()) == 3


@pytest.mark.slow
def test_no_policy_is_best_for_a_firm_in_more_than_two_thirds_of_the_scenarios():
    """By value, in all shipped scenarios: none alone, none that departs from the standard rules,
    and these for Zhipu only, where others are level; and each is best or level somewhere, but for
    the explorer, of which a claim says that it fails here."""
    seen, where = set(), presets()
    for firm in FIRMS:
        games = list(tournament(firm, SHIPPED, where, 64, 1))
        wins, alone = Counter(), Counter()
        for place in range(0, len(games), len(SHIPPED)):
            best, level = leaders(games[place : place + len(SHIPPED)], "value")
            wins[best] += 1
            alone[best] += not level
            seen |= {best, *level}
        if firm == "zhipu":
            del wins["standard"]
        assert max(wins.values()) <= 2 / 3 * len(where), (firm, wins)
        assert max(alone.values()) <= 1 / 3 * len(where), (firm, alone)
    assert seen == set(SHIPPED) - {"explorer"}
