"""Play: a firm run by people is the standard's where nothing is decided; decisions count."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from llm_market_sim.classroom.game import FIRM as FIRST
from llm_market_sim.classroom.game import WEEKS, Going, Governing, Running, Table, percentile, play
from llm_market_sim.classroom.room import (
    CHOICES,
    GOALS,
    QUARTERS,
    REGULATOR,
    RULES,
    USUAL,
    Game,
    Refused,
    after,
    replayed,
)
from llm_market_sim.classroom.views import for_phone, for_screen, for_teacher
from llm_market_sim.errors import InputError
from llm_market_sim.experiments.tournament import presets, value_of
from llm_market_sim.scenario import load
from llm_market_sim.simulation import simulate_block

FIRM = "minimax"
STANDARD = dict.fromkeys(CHOICES, USUAL)
NAMES = ("value", "cash", "share", "alive")


def same(one, other):
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in NAMES)


@pytest.fixture(scope="module")
def base():
    return load("baseline")


@pytest.fixture(scope="module")
def usual(base):
    return play(base, FIRM, [STANDARD] * 3, range(6), 1)


def unusual(choices):
    """Each single decision that is not the usual one."""
    return [{name: one} for name, allowed in choices.items() for one in allowed if one != USUAL]


class TestPlay:
    def test_who_decides_nothing_is_the_standard(self, base, usual):
        run = simulate_block(load("baseline", [f"horizon_weeks={3 * WEEKS}"]), range(6), 1)
        slot = run.firms.slot(FIRM)
        assert np.array_equal(usual.value[-1], value_of(run, slot))
        assert np.array_equal(usual.alive[-1], run.final.alive[:, slot])
        assert same(play(base, FIRM, [{}, {}, {}], range(6), 1), usual)

    def test_a_quarter_step_by_step_is_a_quarter_at_once(self, base, usual, monkeypatch):
        """Deciding what the standard decides, in every week, changes nothing."""
        monkeypatch.setitem(CHOICES, "run", (*CHOICES["run"], "whole"))
        monkeypatch.setitem(play.__globals__["_FACTORS"]["run"], "whole", 1.0)
        assert same(play(base, FIRM, [{"run": "whole"}] * 3, range(6), 1), usual)

    def test_numbers_do_not_depend_on_threads_or_on_other_worlds(self, base):
        plan = [{"price": "free"}, {"run": "more", "raise": "none"}]
        one = play(base, FIRM, plan, range(6), 1)
        assert same(play(base, FIRM, plan, range(6), 1, threads=4), one)
        assert np.array_equal(play(base, FIRM, plan, [4, 2], 1).value, one.value[:, [4, 2]])

    @pytest.mark.parametrize("decision", unusual(CHOICES), ids=str)
    def test_every_choice_makes_a_difference_somewhere(self, base, decision):
        found = [
            same(
                play(base, firm, [decision] * 4, range(4), 1),
                play(base, firm, [{}] * 4, range(4), 1),
            )
            for firm in (FIRM, "zhipu", "ainnovation")
        ]
        assert not all(found)

    def test_what_is_decided_later_changes_nothing_before(self, base, usual):
        found = play(base, FIRM, [{}, {"run": "none", "marketing": "none"}], range(6), 1)
        assert np.array_equal(found.value[0], usual.value[0])
        assert not np.array_equal(found.value[1], usual.value[1])

    def test_who_takes_no_money_has_less(self, base, usual):
        found = play(base, FIRM, [{"raise": "none"}] * 3, range(6), 1)
        assert np.all(found.cash[-1] <= usual.cash[-1]) and np.any(found.cash[-1] < usual.cash[-1])

    @pytest.mark.parametrize(
        ("firm", "plan", "why"),
        [
            ("minimx", [{}], 'did you mean "minimax"'),
            (FIRM, [{}] * 7, "1 to 6"),
            (FIRM, [], "1 to 6"),
            (FIRM, [{}, {"price": "gratis"}], "quarter 2"),
            (FIRM, [{"pric": "free"}], 'did you mean "price"'),
        ],
    )
    def test_a_mistake_is_told(self, base, firm, plan, why):
        with pytest.raises(InputError, match=why):
            play(base, firm, plan, range(2), 1)

    def test_percentiles(self):
        of = np.arange(4.0)
        assert percentile(of, of) == percentile(of[::-1], of) == 50.0
        assert percentile(of + 10, of) == 100.0 and percentile(of - 10, of) == 0.0
        assert percentile(np.array([1.0]), of) == 37.5  # above one of four, level with one

    def test_worlds_that_go_on_leave_those_behind_as_they_were(self, base):
        """Two futures of the same quarter, one after the other."""
        one = Running(base, FIRM, range(6), 1, threads=2).after({"price": "free"})
        ends = [one.after(decision).played for decision in ({"run": "none"}, {}, {"run": "none"})]
        assert same(ends[0], ends[2]) and not same(ends[0], ends[1])
        assert same(ends[0], play(base, FIRM, [{"price": "free"}, {"run": "none"}], range(6), 1))


@pytest.mark.slow
def test_no_choice_kept_up_is_best_in_more_than_two_thirds_of_the_scenarios():
    """As a class ranks, for the firm that it begins with: always cheap, always the largest runs."""
    plans = [
        {name: choice}
        for name in ("price", "run", "marketing", "route")
        for choice in CHOICES[name]
        if choice != USUAL
    ]
    wins: Counter[str] = Counter()
    where = presets()
    for scenario in where:
        ends = []
        for plan in ({}, *plans):
            going = Running(scenario, FIRST, range(32), 1)
            for _ in range(QUARTERS):
                going = going.after(plan)
            ends.append(going.played.value[-1])
        ranks = [percentile(end, ends[0]) for end in ends]
        wins[str(plans[int(np.argmax(ranks)) - 1]) if max(ranks) > 50.0 else USUAL] += 1
    assert max(wins.values()) <= 2 / 3 * len(where), wins


class TestTable:
    GAME = Game(
        {"firm": FIRM},
        {1: 2, 3: 5, 4: 6},
        {},
        {
            (5, 0): {**STANDARD, "raise": "none"},
            (6, 0): {**STANDARD, "raise": "none"},
            (6, 1): STANDARD,
        },
    )

    def later(self, quarters):
        return replace(self.GAME, results=({},) * quarters)

    @pytest.fixture
    def table(self, base):
        return Table(base, FIRM, 1, range(8), 2)

    def test_all_teams_and_the_standard(self, table):
        found = table.quarter(self.GAME)
        assert found["teams"].keys() == {"2", "5", "6"}
        assert found["teams"]["2"] == found["standard"]  # silence
        assert found["standard"]["percentile"] == 50.0 and found["standard"]["better"] == 0
        assert found["teams"]["5"] == found["teams"]["6"] != found["standard"]

    def test_a_quarter_after_the_other_is_all_at_once(self, base, table):
        """What is kept in between, or lost in a crash, changes no number."""
        for quarter in range(3):
            found = table.quarter(self.later(quarter))
            assert found == Table(base, FIRM, 1, range(8), 1).quarter(self.later(quarter))
        usual = play(base, FIRM, [{}] * 3, range(8), 1)
        team = play(base, FIRM, [{"raise": "none"}, {}, {}], range(8), 1)
        assert found["standard"]["value"] == float(f"{np.median(usual.value[-1]):.6g}")
        assert found["teams"]["6"]["value"] == float(f"{np.median(team.value[-1]):.6g}")

    def test_a_quarter_costs_its_own_weeks_and_who_decides_alike_costs_nothing(
        self, table, monkeypatch
    ):
        played = []
        true = Going.after
        monkeypatch.setattr(Going, "after", lambda going, d: played.append(d) or true(going, d))
        costs = []
        for quarter in range(3):
            played.clear()
            table.quarter(self.later(quarter))
            costs.append(len(played))
        assert costs == [
            2,
            3,
            3,
        ]  # the standard with team 2, teams 5 and 6, which part in the second


class TestRules:
    """Teams that are the regulator."""

    @staticmethod
    def ends(going):
        return {name: [end[k] for end in going._ends] for k, name in enumerate(GOALS)}

    def test_what_is_decided_is_an_event_of_the_scenario(self, base):
        """Two quarters of decisions are the scenario with two dated events, world by world."""
        going = Governing(base, range(6), 1, threads=2)
        for decision in ({"review": "slow"}, {"strictness": "strict", "pause": "pause"}):
            going = going.after(decision)
        dated = {
            "a": {
                "date": "2023-04-17",
                "until": "2023-07-17",
                "about": "a",
                "source": "a",
                "set": {"regulation.review_delay_weeks": 17.0},
            },
            "b": {
                "date": "2023-07-17",
                "until": "2023-10-16",
                "about": "b",
                "source": "b",
                "set": {"regulation.alignment_oom": 0.3, "training.paused": True},
            },
        }
        where = load("baseline", [f"timeline={json.dumps(dated)}", f"horizon_weeks={2 * WEEKS}"])
        run = simulate_block(where, range(6), 1)
        for name in GOALS[:-1]:
            assert np.array_equal(self.ends(going)[name][1], run.series[name][:, -1]), name
        incidents = np.sum(run.final.incidents, axis=1)
        assert np.array_equal(self.ends(going)["safety"][1], -incidents)

    def test_who_decides_nothing_has_the_standard_rules(self, base):
        usual = Governing(base, range(4), 1).after({}).after(dict.fromkeys(RULES, USUAL))
        run = simulate_block(load("baseline", [f"horizon_weeks={2 * WEEKS}"]), range(4), 1)
        assert np.array_equal(self.ends(usual)["platforms"][1], run.series["platforms"][:, -1])

    @pytest.mark.parametrize("decision", unusual(RULES), ids=str)
    def test_every_choice_makes_a_difference(self, base, decision):
        ends = []
        for one in (decision, {}):
            going = Governing(base, range(8), 1)
            for _ in range(3):
                going = going.after(one)
            ends.append(np.stack(going._ends[-1]))
        assert not np.array_equal(*ends)

    def test_a_team_is_ranked_on_the_goal_it_named(self, base):
        rules = {"review": "usual", "strictness": "usual", "pause": "pause"}
        game = Game(
            {"firm": REGULATOR},
            {1: 1, 2: 2},
            {2: "best_capability"},
            {(1, 0): rules, (2, 0): rules},
            ({}, {}),
        )
        found = Table(base, REGULATOR, 1, range(8), 2).quarter(game)
        one, two = found["teams"]["1"], found["teams"]["2"]
        assert (one["goal"], two["goal"]) == ("platforms", "best_capability")
        assert one["means"] == two["means"]  # the same worlds
        assert two["percentile"] < 50.0 and two["worse"] > 0  # no strong models by a pause
        assert found["standard"]["percentile"] == 50.0 and found["standard"]["means"]["safety"] >= 0


ABOUT = {"firm": FIRM, "name": {"en": "MiniMax", "zh": "MiniMax"}, "label": {"en": "", "zh": ""},
         "question": "", "worlds": 64}  # fmt: skip
RESULT = {"percentile": 50.0, "value": 1.0, "low": 0.0, "high": 2.0, "cash": 1.0, "share": 0.1,
          "alive": 60, "worlds": 64, "better": 0, "worse": 0}  # fmt: skip


def join(number):
    return {"kind": "join", "token": str(number), "name": f"P{number}", "secret": "",
            "new_secret": "0000"}  # fmt: skip


def decide(member, quarter, **chosen):
    return {"kind": "decide", "member": member, "quarter": quarter,
            "decision": STANDARD | chosen}  # fmt: skip


def ended(quarter, *teams):
    results = {"standard": RESULT, "teams": dict.fromkeys(map(str, teams), RESULT)}
    return [{"kind": "close", "quarter": quarter},
            {"kind": "quarter", "quarter": quarter, "results": results}]  # fmt: skip


BEGUN = [
    {"kind": "open", "code": "TKAJ", "seed": 1}, join(1), join(2), join(3),
    {"kind": "play", "about": ABOUT}, {"kind": "team", "member": 1, "team": 2},
    {"kind": "team", "member": 2, "team": 2}, {"kind": "team", "member": 3, "team": 7},
]  # fmt: skip


class TestGame:
    def test_silence_is_as_last_quarter(self):
        events = [*BEGUN, decide(1, 0, price="free"), *ended(0, 2, 7), *ended(1, 2, 7),
                  decide(2, 2, run="none")]  # fmt: skip
        game = replayed(events).game
        assert game.quarter == 2 and game.playing == (2, 7)
        assert [game.decided(2, q)["price"] for q in range(3)] == ["free", "free", USUAL]
        assert game.decided(2, 2)["run"] == "none" and game.decided(7, 2) == STANDARD

    def test_whoever_of_a_team_sends_last_is_heard(self):
        room = replayed([*BEGUN, decide(1, 0, price="free"), decide(2, 0, price="match")])
        assert room.game.decided(2, 0)["price"] == "match"

    @pytest.mark.parametrize(
        ("event", "why"),
        [
            (decide(1, 1), "refused.quarter"),
            (decide(1, 0, price="gratis"), "refused.decision"),
            (decide(1, 0, price=[]), "refused.decision"),
            (decide(1, 0, more="x"), "refused.decision"),
            (decide(9, 0), "refused.nobody"),
            ({"kind": "team", "member": 1, "team": 11}, "refused.team"),
            ({"kind": "team", "member": 1, "team": True}, "refused.team"),
            ({"kind": "quarter", "quarter": 0, "results": {}}, "refused.quarter"),
            ({"kind": "close", "quarter": 3}, "refused.quarter"),
        ],
    )
    def test_what_does_not_fit(self, event, why):
        with pytest.raises(Refused, match=f"^{why}$"):
            after(replayed(BEGUN), event)

    def test_a_goal_is_named_before_the_first_quarter_ends_and_kept(self):
        goal = {"kind": "goal", "member": 1, "goal": "safety"}
        with pytest.raises(Refused, match=r"refused\.decision"):
            after(replayed(BEGUN), goal)  # a firm has none
        begun = [
            one | {"about": ABOUT | {"firm": REGULATOR}} if one["kind"] == "play" else one
            for one in BEGUN
        ]
        game = replayed([*begun, goal]).game
        assert game.goal(2) == "safety" and game.goal(7) == GOALS[0] and game.choices == RULES
        for wrong in (goal | {"goal": "gold"}, goal | {"goal": []}):
            with pytest.raises(Refused):
                after(replayed(begun), wrong)
        with pytest.raises(Refused, match=r"refused\.quarter"):
            after(replayed([*begun, goal, *ended(0, 2, 7)]), goal)
        with pytest.raises(Refused, match=r"refused\.decision"):
            after(replayed(begun), decide(1, 0))  # of a firm

    def test_a_closed_quarter_takes_no_decision_and_can_be_closed_again(self):
        room = replayed([*BEGUN, {"kind": "close", "quarter": 0}])
        for event in (decide(1, 0), {"kind": "team", "member": 1, "team": 3}):
            with pytest.raises(Refused, match=r"refused\.quarter"):
                after(room, event)
        assert after(room, {"kind": "close", "quarter": 0}).game == room.game  # after a crash
        assert replayed([*BEGUN, *ended(0, 2, 7)]).game.closed is False

    def test_after_the_last_quarter_nothing_more(self):
        events = [*BEGUN, *(one for q in range(QUARTERS) for one in ended(q, 2, 7))]
        room = replayed(events)
        for event in (decide(1, QUARTERS), {"kind": "close", "quarter": QUARTERS}):
            with pytest.raises(Refused):
                after(room, event)
        assert for_phone(room, room.members[0])["game"]["results"][-1]["teams"].keys() == {"2", "7"}

    def test_a_team_sees_its_own_results_only_until_all_is_over(self):
        room = replayed([*BEGUN, decide(3, 0, price="free"), *ended(0, 2, 7)])
        mine = for_phone(room, room.members[0])["game"]
        assert mine["results"][0]["teams"].keys() == {"2"} and "free" not in str(mine["decision"])
        assert for_screen(room)["game"]["results"][0]["teams"].keys() == {"2", "7"}
        assert "decisions" not in for_screen(room)["game"]
        assert for_teacher(room)["game"]["sent"] == []
