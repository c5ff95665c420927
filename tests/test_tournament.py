"""A tournament: what a firm is worth, who is best, and what shipped policies do."""

from __future__ import annotations

import csv
from collections import Counter

import numpy as np
import pytest
from market import market

from llm_market_sim.classroom.game import FIRM
from llm_market_sim.cli.app import main
from llm_market_sim.errors import InputError
from llm_market_sim.experiments.tournament import (
    COLUMNS,
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

FIRMS = ("baidu", "sensetime", "baichuan")  # a big tech, a listed firm, a startup


def test_a_value_by_hand():
    """10 M USD, 100 cards of 20,000, five years of half of what 1e6 users pay over cost, 3 USD, and
    a share of a billion."""
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
    assert worth[1] == pytest.approx(10 + 2 + 5 * 0.5 * 3 + 1000 * half)
    assert worth[2] == 0.0


def game(policy, *values):
    values = np.array(values, float)
    return Game("a", "b", policy, values, values / 100, values > 0)


def test_best_is_the_largest_mean_and_level_what_luck_cannot_tell_apart():
    best = game("best", 10.0, 12.0, 14.0, 16.0)
    near = game("near", 9.0, 13.0, 12.0, 17.5)
    clear = game("clear", 9.0, 11.1, 13.0, 14.9)
    assert leaders([near, best, clear], "value") == ("best", ("near",))
    assert leaders([near, best, clear], "share") == ("best", ("near",))


def test_games_are_played_on_the_same_luck_and_written_down(tmp_path):
    [where] = presets(["baseline"])
    games = list(tournament("minimax", ["standard", "theme_only"], [where], 4, 1, 8))
    again = list(tournament("minimax", ["standard"], [where], 4, 1, 8))
    assert [g.policy for g in games] == ["standard", "theme_only"]
    assert np.array_equal(games[0].value, again[0].value)
    assert not np.array_equal(games[0].value, games[1].value)
    write(tmp_path / "games.csv", games)
    rows = list(csv.DictReader((tmp_path / "games.csv").read_text().splitlines()))
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
    assert "Value (M USD)" in told and "Best in so many of 1 scenarios: " in told
    assert len(file.read_text().splitlines()) == 3


THRIFT = {"cautious", "discounter", "premium"}  # half of what is usually spent
SPENDS = {"matcher", "bold"}  # more than usual
TUNES = {"tuner", "specialist", "theme_only"}  # no model of one's own from scratch


@pytest.mark.slow
def test_what_pays_depends_on_the_firm_and_no_policy_is_best_nearly_everywhere():
    """By value, over three firms and all shipped scenarios. Firm by firm one way is best in most
    scenarios, as docs/class.md says to whoever chooses a firm for a class."""
    wins, seen, where = Counter(), set(), presets()
    ways = dict(zip(FIRMS, (SPENDS, TUNES, THRIFT), strict=True))
    for firm in FIRMS:
        games, own = list(tournament(firm, SHIPPED, where, 64, 1)), Counter()
        for place in range(0, len(games), len(SHIPPED)):
            best, level = leaders(games[place : place + len(SHIPPED)], "value")
            own[best] += 1
            seen |= {best, *level}
        assert sum(own[name] for name in ways[firm]) > 2 / 3 * len(where), (firm, own)
        if firm == FIRM:  # which a class and homework begin with
            assert max(own.values()) <= 2 / 3 * len(where), own
        wins += own
    assert max(wins.values()) <= 2 / 3 * len(FIRMS) * len(where), wins
    assert seen == set(SHIPPED), set(SHIPPED) - seen
