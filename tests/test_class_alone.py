"""Homework: one person and fixed policies run a firm on the same luck, and the link has it all."""

import json
from importlib.resources import files
from urllib.parse import parse_qsl

import numpy as np
import pytest

from llm_market_sim.classroom import alone
from llm_market_sim.classroom.alone import MINE, RIVALS, Alone, read
from llm_market_sim.classroom.game import Running, play
from llm_market_sim.classroom.room import CHOICES
from llm_market_sim.errors import InputError
from llm_market_sim.experiments.tournament import tournament
from llm_market_sim.scenario import load

LINK = "preset=price_war&seed=3&firm=zhipu&q1=price.free,run.none&q2="


def homework(link):
    return read(parse_qsl(link, keep_blank_values=True))


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(alone, "GAME_WORLDS", 4)
    monkeypatch.setattr(alone, "RIVALS", ("bold", "discounter"))
    return Alone(threads=2)


def test_a_link_is_all_that_was_decided():
    found = homework(LINK)
    assert found.question.preset == "price_war" and found.question.seed == 3
    assert found.decisions[0]["price"] == "free" and found.decisions[0]["raise"] == "usual"
    assert found.decisions[1] == dict.fromkeys(CHOICES, "usual") and len(found.decisions) == 2
    again = homework(found.link())
    assert (again.firm, again.decisions) == ("zhipu", found.decisions)
    assert again.question == found.question


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("firm=zhipo", 'did you mean "zhipu"'),
        ("firm=openai", "no firm"),
        ("firm=zhipu&q2=", "without a gap"),
        ("firm=zhipu&q1=price.fre", 'did you mean "free"'),
        ("firm=zhipu&q1=price.nope", 'no choice "price.nope"; allowed: at_cost, free, match'),
        ("firm=zhipu&q1=prices.free", 'did you mean "price"'),
        ("firm=zhipu&q1=../x", "no choice"),
        ("firm=zhipu&q7=", "q7"),
        ("preset=x&firm=zhipu", "no preset"),
    ],
)
def test_a_mistake_in_a_link_is_told(link, why):
    with pytest.raises(InputError, match=why):
        homework(link)


def test_the_person_and_the_policies_are_what_they_are_elsewhere(small):
    """Decisions as in a class, rivals as in a tournament."""
    rows = small.results(homework(LINK))
    assert len(rows) == 2 and rows[1]["teams"].keys() == {MINE, "bold", "discounter"}
    where = load("price_war")
    mine = play(where, "zhipu", [{"price": "free", "run": "none"}, {}], range(4), 3)
    for quarter in range(2):
        value = float(f"{np.median(mine.value[quarter]):.6g}")
        assert rows[quarter]["teams"][MINE]["value"] == value
    for game in tournament("zhipu", ["standard", "bold", "discounter"], [where], 4, 3, week=26):
        row = rows[1]["standard"] if game.policy == "standard" else rows[1]["teams"][game.policy]
        assert row["value"] == float(f"{np.median(game.value):.6g}")


def test_a_quarter_costs_its_own_weeks(small, monkeypatch):
    played, true = [], Running.after
    monkeypatch.setattr(Running, "after", lambda going, d: played.append(d) or true(going, d))
    costs = []
    for link in (LINK, LINK + "&q3=run.half", LINK + "&q3=run.half", LINK):
        played.clear()
        rows = small.results(homework(link))
        costs.append(len(played))
    assert costs == [8, 4, 0, 8]  # the last: a quarter is taken back
    assert rows == Alone(threads=1).results(homework(LINK))


def test_rivals_are_shipped_policies_with_words():
    texts = json.loads((files(alone.__package__) / "texts/zh.json").read_text("utf-8"))
    assert "standard" not in RIVALS and len(RIVALS) >= 4
    assert {f"alone.policy.{name}" for name in RIVALS} <= texts.keys()
