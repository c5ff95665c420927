"""A class: its log, its bets, and what each page may know and do."""

import asyncio
import csv
import io
import json
import random
import re
import sqlite3
from importlib.resources import files

import numpy as np
import openpyxl
import pytest
from asked import answered, request

from llm_market_sim.claims import judge, load_claims
from llm_market_sim.classroom import bets, class_server, teacher
from llm_market_sim.classroom.bets import brier, calibration, places, scores
from llm_market_sim.classroom.class_export import TABLES, as_csv, as_workbook
from llm_market_sim.classroom.class_server import ClassRoom
from llm_market_sim.classroom.game import FIRM
from llm_market_sim.classroom.log import Keeper, Log
from llm_market_sim.classroom.question import Question, parse
from llm_market_sim.classroom.reach import Reach
from llm_market_sim.classroom.room import (
    CHOICES,
    DIRECTIONS,
    GOALS,
    RULES,
    Refused,
    Room,
    Round,
    after,
    replayed,
    tidy,
)
from llm_market_sim.classroom.server import MOST_BYTES
from llm_market_sim.classroom.solver import Solver
from llm_market_sim.classroom.students import students_app
from llm_market_sim.classroom.teacher import teacher_app
from llm_market_sim.classroom.views import for_phone, for_screen, for_teacher
from llm_market_sim.cli import app as cli
from llm_market_sim.errors import InputError, MarketSimError, Problem
from llm_market_sim.scenario import load
from llm_market_sim.simulation import simulate_block
from llm_market_sim.simulation.measuring import measured

OPEN = {"kind": "open", "code": "TKAJ", "seed": 240200, "version": "1"}
CLAIM = bets.about_claim("three_to_five_survive", Question(seed=5))
MOVE = bets.about_move("platforms", Question(), parse("regulation.review_delay_weeks=26"))
ANSWER = {"worlds": 256, "hits": 64, "low": 0.2, "high": 0.3, "kind": "count",
          "edges": [-0.5, 0.5, 1.5], "all": [192, 64], "true": [0, 64]}  # fmt: skip
WENT = {"way": "down", "worlds": 256, "picture": {"paired": {
    "rose": 1, "same": 200, "fell": 55, "before": 4.0, "after": 3.5}}}  # fmt: skip


def joins(name, number, secret="0000"):
    token = f"token {number}"
    return {"kind": "join", "token": token, "name": name, "secret": "", "new_secret": secret}


def bet(member, value, place=0):
    return {"kind": "bet", "member": member, "round": place, "bet": value}


LESSON = [
    OPEN, joins("Maria", 1, "1234"), joins("小明", 2), {"kind": "ask", "about": CLAIM},
    {"kind": "step", "to": "bet"}, bet(1, 35), bet(2, 50), joins("Late", 3), bet(1, 25),
    {"kind": "paper", "round": 0, "bets": [[10, 40.0], [1, 75]]},
    {"kind": "reveal", "answer": ANSWER}, {"kind": "show", "what": {"picture": "bets"}},
    {"kind": "ask", "about": MOVE}, {"kind": "step", "to": "bet"}, bet(2, "down", 1),
    bet(3, "up", 1), {"kind": "reveal", "answer": WENT}, {"kind": "step", "to": "debrief"},
]  # fmt: skip


def made_up(seed, count):
    """Events in any order, most of which do not fit when they come."""
    luck = random.Random(seed)
    for _ in range(count):
        kind = luck.choice(["join", "bet", "bet", "bet", "ask", "step", "reveal", "paper", "show",
                            "rename"])  # fmt: skip
        number = luck.randrange(0, 9)
        yield {
            "join": joins(luck.choice(["Li", "Wang", "", "=1+1", "x" * 30]), number),
            "bet": bet(number, luck.choice([0, 35, 100, 101, -1, 2.5, "up", True, None]),
                       luck.randrange(4)),
            "ask": {"kind": "ask", "about": luck.choice([CLAIM, MOVE])},
            "step": {"kind": "step", "to": luck.choice(["lobby", "bet", "bet", "debrief", "play"])},
            "reveal": {"kind": "reveal", "answer": ANSWER},
            "paper": {"kind": "paper", "round": 0, "bets": [[luck.choice([3, 0, 500]), 40]]},
            "show": {"kind": "show", "what": {"picture": "bets"}},
            "rename": {"kind": "rename", "member": number, "name": f"#{number}"},
        }[kind]  # fmt: skip


class TestRoom:
    def test_a_lesson(self):
        room = replayed(LESSON)
        assert room.step == "debrief" and [one.name for one in room.members] == [
            "Maria", "小明", "Late"]  # fmt: skip
        assert room.rounds[0].bets == {1: 25, 2: 50} and room.rounds[0].count == 13
        assert room.rounds[1].bets == {2: "down", 3: "up"}
        assert room.events == len(LESSON)

    @pytest.mark.parametrize("seed", range(20))
    def test_any_prefix_of_any_log_is_read_back_as_it_was(self, seed):
        room, written, seen = after(Room(), OPEN), [OPEN], []
        seen.append(room)
        refused = 0
        for event in made_up(seed, 200):
            try:
                room = after(room, event)
            except Refused:
                refused += 1
                continue
            written.append(json.loads(json.dumps(event)))
            seen.append(room)
        assert refused > 20 and len(written) > 20
        for n in range(1, len(written) + 1):
            assert replayed(written[:n]) == seen[n - 1]
        for one in room.rounds:
            assert all(one.about["kind"] == "move" or 0 <= b <= 100 for b in one.bets.values())

    @pytest.mark.parametrize(
        ("event", "why"),
        [
            (bet(1, 101), "refused.bet"),
            (bet(1, True), "refused.bet"),
            (bet(1, 2.5), "refused.bet"),
            (bet(1, "up"), "refused.bet"),
            (bet(4, 10), "refused.nobody"),
            (bet(0, 10), "refused.nobody"),
            (bet(1, 10, 1), "refused.closed"),
            (joins("maria", 9), "refused.name"),
            ({**joins("MARIA", 9), "secret": "4321"}, "refused.name"),
            (joins("", 9), "refused.no_name"),
            ({"kind": "show", "what": {}}, "refused.shown"),
            ({"kind": "step", "to": "reveal"}, "refused.step"),
            ({"kind": "paper", "round": 0, "bets": [[3, 101]]}, "refused.paper"),
            ({"kind": "paper", "round": 0, "bets": [[True, 50]]}, "refused.paper"),
            ({"kind": "paper", "round": 0, "bets": [[201, 50]]}, "refused.paper"),
        ],
    )
    def test_what_does_not_fit_while_bets_are_open(self, event, why):
        with pytest.raises(Refused, match=f"^{why}$"):
            after(replayed(LESSON[:9]), event)

    def test_no_bet_before_it_is_open_or_after_the_reveal(self):
        for n in (4, 11, 12, 13):
            with pytest.raises(Refused, match=r"refused\.closed"):
                after(replayed(LESSON[:n]), bet(1, 10))

    def test_the_same_person_comes_back_on_another_phone(self):
        room = after(replayed(LESSON[:7]), {**joins("maria", 9), "secret": "1234"})
        assert room.member("token 9") == room.member("token 1") and len(room.members) == 3 - 1
        again = after(room, bet(room.member("token 9").number, 60))
        assert again.rounds[0].bets == {1: 60, 2: 50}

    def test_names_are_one_short_line_of_letters(self):
        assert tidy("  a\u202eb\nc\x00  d ") == "abc d"
        assert tidy('=HYPERLINK("x")') == 'HYPERLINK("x")' and tidy("@+-=") == ""
        assert len(tidy("好" * 99)) == 20


class TestBets:
    def test_brier_known_answers(self):
        assert brier(50, 0, 256) == brier(50, 256, 256) == brier(50, 77, 256) == 0.25
        assert brier(100, 256, 256) == brier(0, 0, 256) == 0.0
        assert brier(100, 0, 256) == 1.0
        assert brier(25, 64, 256) == pytest.approx(0.25 * 0.75)  # the share itself
        outcomes = np.array([1.0] * 3 + [0.0] * 7)
        assert brier(60, 3, 10) == pytest.approx(np.mean((0.6 - outcomes) ** 2))

    def test_nothing_is_better_than_the_share_itself(self):
        for hits in (0, 31, 128, 200):
            found = [brier(p, hits, 256) for p in range(101)]
            assert abs(int(np.argmin(found)) - 100 * hits / 256) <= 0.5

    def test_who_did_not_bet_said_50_percent(self):
        room = replayed(LESSON)
        found = scores(room.rounds, 3)
        assert [one.brier for one in found] == [0.1875, 0.25, 0.25]
        assert [one.right for one in found] == [0, 1, 0] and found[0].moves == 1
        assert places(found) == [1, 2, 3]  # alike by Brier score, told apart by directions

        often = Round(CLAIM, {}, (), {**ANSWER, "hits": 230})
        assert scores([often], 1)[0].brier == 0.25

    def test_alike_shares_a_place(self):
        assert places(scores([Round(CLAIM, {1: 50}, (), ANSWER)], 3)) == [1, 1, 1]
        assert places(scores([], 2)) == [1, 1]

    def test_the_mean_counts_paper_and_a_calibration_counts_single_bets(self):
        one = replayed(LESSON).rounds[0]
        assert bets.class_mean(one) == pytest.approx((25 + 50 + 10 * 40 + 75) / 13)
        found = calibration([one, Round(CLAIM, {1: 20}, (), None)])
        assert [(row["bets"], row["said"], row["was"]) for row in found] == [
            (1, 0.25, 0.25), (1, 0.5, 0.25), (1, 0.75, 0.25)]  # fmt: skip

    def test_every_claim_that_can_fail_can_be_asked_in_both_languages(self):
        assert bets.bettable().keys() == {one.id for one in load_claims() if one.tested}
        assert next(iter(bets.bettable())) == "three_to_five_survive"
        assert CLAIM["said"].keys() == CLAIM["by"].keys() == {"en", "zh"}

    @pytest.mark.parametrize("name", ["three_to_five_survive", "cooperation_pays", "two_poles"])
    def test_an_answer_is_that_of_the_claims_themselves(self, name, monkeypatch):
        monkeypatch.setattr(bets, "WORLDS", 12)
        found = bets.of_claim(name, parse("preset=strict_review&seed=3"), Solver(threads=2))
        claim = bets.bettable()[name]
        scenario = load("strict_review", [f"horizon_weeks={max(78, claim.horizon_week)}"])
        run = simulate_block(scenario, range(12), 3, snapshots=[claim.horizon_week])
        verdict = judge(claim, "strict_review", measured(run, [claim.measurement])[claim.id])
        assert found["hits"] / 12 == verdict.held.share
        assert (found["low"], found["ties"]) == (verdict.held.low, verdict.held.ties)
        assert sum(found["true"]) == verdict.held.hits and (
            name != "cooperation_pays" or found["ties"]
        )
        assert sum(found["all"]) == found["worlds"] == 12

    def test_a_move_is_told_with_both_its_ends(self):
        one = parse("preset=strict_review&users.inertia=1.2&event.winter=26")
        rows = bets.about_move("platforms", Question(), one)["changes"]
        assert rows[0]["to"]["zh"] and rows[1]["path"] == "users.inertia"
        assert (rows[1]["from"], rows[1]["to"]) == (1.0, 1.2) and rows[1]["factor"]
        assert rows[2] == {**rows[2], "event": "winter", "from": None, "to": 26}
        assert bets.about_move("platforms", one, one)["changes"] == []

    def test_a_direction_is_one_where_the_interval_leaves_out_zero(self):
        pairs = [{"low": 0.1, "high": 1.0}, {"low": -0.1, "high": 1.0}, {"low": -2.0, "high": -0.1}]
        assert [bets.direction_of(one) for one in pairs] == ["up", "same", "down"]


class TestLog:
    def test_a_restart_goes_on_where_it_was(self, tmp_path):
        file = tmp_path / "class.sqlite"

        async def lesson():
            keeper = Keeper(Log(file))
            for event in LESSON:
                await keeper.tell(event)
            with pytest.raises(Refused):
                await keeper.tell(bet(1, 10))
            keeper.log.close()
            return keeper.room

        room = asyncio.run(lesson())
        again = Keeper(Log(file))
        assert again.room == room == replayed(LESSON)
        again.log.close()

    def test_what_comes_while_it_is_written_is_written_together_and_in_order(self, tmp_path):
        async def crowd():
            keeper = Keeper(Log(tmp_path / "a"))
            for event in LESSON[:5]:
                await keeper.tell(event)
            writes, add = [], keeper.log.add
            keeper.log.add = lambda rows: (writes.append(len(rows)), add(rows))
            await asyncio.gather(*(keeper.tell(bet(1 + k % 2, k)) for k in range(60)))
            return keeper, writes

        keeper, writes = asyncio.run(crowd())
        assert sum(writes) == 60 and len(writes) < 5
        assert keeper.room.rounds[0].bets == {1: 58, 2: 59}
        assert replayed(event for _, event in keeper.log.events()) == keeper.room
        keeper.log.close()

    def test_what_could_not_be_written_has_not_happened(self, tmp_path):
        async def full():
            keeper = Keeper(Log(tmp_path / "a"))
            for event in LESSON[:5]:
                await keeper.tell(event)
            room, add = keeper.room, keeper.log.add

            def fail(rows):
                raise sqlite3.OperationalError("database or disk is full")

            keeper.log.add = fail
            found = await asyncio.gather(keeper.tell(bet(1, 10)), keeper.tell(bet(2, 20)),
                                         return_exceptions=True)  # fmt: skip
            assert all("disk is full" in str(one) for one in found)
            assert all(isinstance(one, MarketSimError) for one in found)
            assert keeper.room == room
            keeper.log.add = add
            await keeper.tell(bet(1, 30))
            keeper.log.close()
            return keeper.room

        assert asyncio.run(full()).rounds[0].bets == {1: 30}

    def test_one_class_a_file(self, tmp_path):
        log = Log(tmp_path / "a")
        with pytest.raises(InputError, match="in use by another class"):
            Log(tmp_path / "a")
        log.close()
        Log(tmp_path / "a").close()

    def test_what_is_no_class_is_left_alone(self, tmp_path):
        (tmp_path / "text").write_text("scores of my own " * 99)
        with pytest.raises(InputError, match="not the file of a class"):
            Log(tmp_path / "text")
        with sqlite3.connect(tmp_path / "other") as other:
            other.execute("CREATE TABLE log (x)")
        with pytest.raises(InputError, match="something else"):
            Log(tmp_path / "other")
        with pytest.raises(MarketSimError, match="could not be opened"):
            Log(tmp_path / "no folder" / "a")

    def test_a_log_of_another_version_is_told(self, tmp_path):
        log = Log(tmp_path / "a")
        log.add([(0.0, OPEN), (0.0, {"kind": "dance"})])
        with pytest.raises(InputError, match="event 2 was written by another version"):
            Keeper(log)
        log.close()

    def test_it_is_written_through_to_the_disk(self, tmp_path):
        log = Log(tmp_path / "a")
        assert log._number("PRAGMA synchronous") == 2  # FULL
        assert log._base.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        log.close()


class TestViews:
    SECRETS = ("hits", "low", "edges", "true", "answer", "picture", "bets", "mean", "brier")

    @pytest.mark.parametrize("n", range(4, 11))
    def test_before_the_reveal_there_is_nothing_but_a_count(self, n):
        room = replayed(LESSON[:n])
        for view in (for_screen(room), for_phone(room, room.members[1])):
            text = json.dumps(view)
            assert not [word for word in self.SECRETS if f'"{word}"' in text]
        assert for_screen(room)["round"]["count"] == room.rounds[0].count
        assert for_phone(room, room.members[1])["round"].get("count") is None

    def test_a_phone_knows_its_own_bet_and_nobody_elses_name(self):
        room = replayed(LESSON[:9])
        view = for_phone(room, room.members[0])
        assert view["round"]["mine"] == 25 and "小明" not in json.dumps(view, ensure_ascii=False)

    def test_after_the_reveal(self):
        room = replayed(LESSON[:12])
        view = for_phone(room, room.members[0])
        assert view["answer"]["brier"] == 0.1875 and view["score"]["place"] == 1
        assert view["answer"]["half"] == 0.25 and view["answer"]["perfect"] == 0.1875
        screen = for_screen(room)
        assert screen["answer"]["bets"] == [25.0, 50.0, 75.0] and screen["picture"]["true"]
        assert screen["shown"] == {"picture": "bets"}
        assert "brier" not in for_phone(room, room.members[2])["answer"]  # who came late

    def test_the_next_question_hides_again(self):
        room = replayed(LESSON[:14])
        assert "answer" not in for_screen(room) and "best" not in for_screen(room)
        assert for_screen(room)["shown"] == {}

    def test_the_teacher_sees_no_answer_either_before_it_is_revealed(self):
        rows = for_teacher(replayed(LESSON[:14]))["rounds"]
        assert rows[0]["answer"]["hits"] == 64 and "answer" not in rows[1]


class TestExport:
    def test_tables(self):
        room = replayed(LESSON)
        rows = {name: list(csv.DictReader(io.StringIO(as_csv(room, name).decode("utf-8-sig"))))
                for name in TABLES}  # fmt: skip
        assert [row["name"] for row in rows["bets"]] == [
            "Maria", "小明", "(on paper)", "(on paper)", "小明", "Late"]  # fmt: skip
        assert [row["brier"] for row in rows["bets"]][:2] == ["0.1875", "0.25"]
        assert [row["right"] for row in rows["bets"]][4:] == ["True", "False"]
        assert rows["questions"][0]["share"] == "0.25" and rows["questions"][1]["way"] == "down"
        assert "review_delay_weeks: 6 -> 26" in rows["questions"][1]["changes"]
        assert parse(rows["questions"][1]["link"]) == parse(MOVE["question"])
        assert [row["place"] for row in rows["scores"]] == ["1", "2", "3"]

    def test_a_workbook_has_the_same_and_names_stay_texts(self):
        room = after(replayed(LESSON), joins("Li =1+1", 8))
        book = openpyxl.load_workbook(io.BytesIO(as_workbook(room)))
        assert book.sheetnames == list(TABLES)
        cell = book["scores"]["B5"]
        assert cell.value == "Li =1+1" and cell.data_type == "s"
        assert book["bets"]["F2"].value == 25


# HTTP


def call(app, path, body=None, *, cookie="", host="127.0.0.1:8123", headers=(), **more):
    """A request as a page makes it; of headers that are given twice the latter."""
    data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"host": host}
    if body is not None:
        given |= {"content-type": "application/json", "content-length": str(len(data))}
    given |= {"cookie": cookie} if cookie else {}
    method = "GET" if body is None else "POST"
    return request(app, path, data, method, (given | dict(headers)).items(), **more)


class Served:
    """Both applications of one class, in an event loop of its own."""

    def __init__(self, keeper, solver):
        self.loop = asyncio.new_event_loop()
        self.came = []
        self.room = ClassRoom(keeper, solver, Reach(["192.0.2.7"], 8123), self.came.append)
        self.students, self.teacher = students_app(self.room), teacher_app(self.room)

    def ask(self, app, path, body=None, **more):
        go, sent = call(app, path, body, **more)
        self.loop.run_until_complete(go())
        return answered(sent)

    def phone(self, path, body=None, **more):
        return self.ask(self.students, path, body, **more)

    def lead(self, path, body=None, **more):
        return self.ask(self.teacher, path, body, **more)

    def seat(self, name, **more):
        status, headers, _ = self.phone("/join", {"code": "tkaj ", "name": name, **more})
        assert status == 200
        return headers["set-cookie"].partition(";")[0]

    def view(self, app, path, cookie=""):
        _, _, body = self.ask(app, path, cookie=cookie, first=True)
        return json.loads(body.decode().partition("data: ")[2].partition("\n")[0])


OVER = {"mean": 0.7, "range": [0.5, 0.9], "draws": 60}
ASKED = []  # claims that were asked over other assumptions


def over_assumptions(name, question, solver):
    ASKED.append((name, question.seed))
    if name == "strict_rules_stifle":
        raise InputError([Problem("x", "", "is an assumption itself")])
    return OVER


@pytest.fixture
def served(tmp_path, monkeypatch):
    monkeypatch.setattr(bets, "WORLDS", 8)
    monkeypatch.setattr(bets, "over_assumptions", over_assumptions)
    keeper = Keeper(Log(tmp_path / "class.sqlite"))
    keeper.log.add([(0.0, OPEN)])
    keeper.room = keeper.ahead = replayed([OPEN])
    found = Served(keeper, Solver(threads=1))
    yield found
    if left := asyncio.all_tasks(found.loop):  # an answer that nobody waited for
        found.loop.run_until_complete(asyncio.wait(left))
    keeper.log.close()
    found.loop.close()


QUESTION = {"kind": "claim", "claim": "three_to_five_survive", "question": "seed=3"}


class TestServer:
    def test_a_lesson_of_two(self, served):
        maria, ming = served.seat("Maria"), served.seat("小明")
        assert served.lead("/ask", QUESTION)[0] == 200
        assert served.phone("/bet", {"round": 0, "bet": 40}, cookie=maria)[0] == 409  # not open
        assert served.lead("/step", {"to": "bet"})[0] == 200
        assert served.phone("/bet", {"round": 0, "bet": 40}, cookie=maria)[0] == 200
        assert served.phone("/bet", {"round": 0, "bet": 70}, cookie=ming)[0] == 200
        served.loop.run_until_complete(served.room.answer())  # the answer is known by now
        for app, path, cookie in ((served.teacher, "/screen/stream", ""),
                                  (served.students, "/stream", maria)):  # fmt: skip
            text = json.dumps(served.view(app, path, cookie))
            assert not [word for word in TestViews.SECRETS if f'"{word}"' in text]
        assert served.lead("/reveal", {})[0] == 200
        view = served.view(served.students, "/stream", ming)
        assert view["round"]["mine"] == 70 and view["answer"]["worlds"] == 8
        assert served.lead("/reveal", {})[0] == 409
        assert served.lead("/step", {"to": "debrief"})[0] == 200
        assert served.view(served.teacher, "/screen/stream")["best"][0]["place"] == 1

    def test_the_phones_port_has_nothing_of_the_teachers(self, served):
        seat = served.seat("Maria")
        inner = [one for one in leaves(served.teacher) if one not in leaves(served.students)]
        assert {"/ask", "/step", "/reveal", "/show", "/screen", "/answers", "/facts.json"} <= {
            *inner
        }
        for path in inner:
            for body in (None, {}):
                address = path.replace("{name}", "bets.csv")
                assert served.phone(address, body, cookie=seat)[0] == 404, path
        before = served.room.room
        for path in leaves(served.students):
            served.phone(path, {"kind": "reveal", "to": "debrief", "answer": {}}, cookie=seat)
        assert served.room.room == before

    def test_nobody_bets_without_a_seat(self, served):
        served.lead("/ask", QUESTION)
        served.lead("/step", {"to": "bet"})
        for cookie in ("", "seat=", "seat=token 1", "seat=" + "x" * 500):
            assert served.phone("/bet", {"round": 0, "bet": 40}, cookie=cookie)[0] == 403
            assert served.phone("/stream", cookie=cookie)[0] == 403
            assert json.loads(served.phone("/me", cookie=cookie)[2]) == {"joined": False}

    def test_a_seat_is_a_cookie_that_no_script_and_no_other_site_gets(self, served):
        _, headers, _ = served.phone("/join", {"code": "TKAJ", "name": "Maria"})
        cookie = headers["set-cookie"].lower()
        assert "httponly" in cookie and "samesite=strict" in cookie
        token = cookie.partition("=")[2].partition(";")[0]
        assert token not in str(served.room.keeper.log.events()).lower()  # only its digest is kept

    def test_only_the_code_and_a_name_of_ones_own_let_in(self, served):
        served.seat("Maria")
        secret = served.room.room.members[0].secret
        for given, status, why in (
            ({"code": "TKAK", "name": "Li"}, 403, "refused.code"),
            ({"code": "TKAJ", "name": "maria"}, 409, "refused.name"),
            (
                {"code": "TKAJ", "name": "maria", "secret": f"{9999 - int(secret):04}"},
                409,
                "refused.name",
            ),
            ({"code": "TKAJ", "name": "\n"}, 409, "refused.no_name"),
            ({"code": "TKAJ", "name": 7}, 400, ["body: name: must be a text of up to 200 letters"]),
            (
                {"code": "TKAJ", "name": "x" * 201},
                400,
                ["body: name: must be a text of up to 200 letters"],
            ),
        ):
            status_, _, body = served.phone("/join", given)
            assert (status_, json.loads(body)["error"]) == (status, why), given
        served.seat("maria", secret=secret)
        assert len(served.room.room.members) == 1

    def test_secrets_cannot_be_tried_out(self, served):
        served.seat("Maria")
        tried = [served.phone("/join", {"code": "TKAJ", "name": "Maria", "secret": f"x{k}"})[0]
                 for k in range(9)]  # fmt: skip
        assert tried.count(429) >= 2

    def test_bodies_are_small_and_json_and_hosts_known(self, served):
        seat = served.seat("Maria")
        long = {"round": 0, "bet": 1, "x": "y" * MOST_BYTES}
        assert served.phone("/bet", long, cookie=seat)[0] == 413
        form = [("content-type", "application/x-www-form-urlencoded")]
        assert served.phone("/bet", b"round=0", cookie=seat, headers=form)[0] == 415
        for body in (b"[1]", b"{", b"\xff", b"[" * 4000):
            assert served.phone("/bet", body, cookie=seat)[0] == 400
        assert served.phone("/", host="evil.example")[0] == 421
        assert served.phone("/", host="192.0.2.7:8123")[0] == 200
        assert served.lead("/", host="192.0.2.7:8124")[0] == 421  # the teacher's is local

    def test_who_sends_too_much_is_slowed_down_and_others_are_not(self, served):
        one, other = served.seat("Maria"), served.seat("Li")
        tried = [served.phone("/bet", {"round": 0, "bet": 1}, cookie=one)[0] for _ in range(40)]
        assert tried.count(429) > 5 and set(tried) == {409, 429}
        assert served.phone("/bet", {"round": 0, "bet": 1}, cookie=other)[0] == 409

    def test_a_bet_holds_nothing_else(self, served):
        seat = served.seat("Maria")
        served.seat("Li")
        served.lead("/ask", QUESTION)
        served.lead("/step", {"to": "bet"})
        for given in ({"round": 0, "bet": 40, "member": 2}, {"bet": 40}, {"round": 0, "bet": 400},
                      {"round": "0", "bet": 40}, {"round": 0, "bet": [40]}, {}):  # fmt: skip
            assert served.phone("/bet", given, cookie=seat)[0] in (400, 409), given
        assert served.room.room.rounds[0].bets == {}

    @pytest.mark.parametrize(
        ("given", "why"),
        [
            ({"kind": "claim", "claim": "../x", "question": ""}, "claim: must be one of"),
            ({"kind": "claim", "claim": "most_vanish", "question": "preset=/etc/passwd"}, "preset"),
            (
                {"kind": "claim", "claim": "most_vanish", "question": "users.inertia=9999"},
                "must be",
            ),
            ({"kind": "move", "outcome": "final", "question": "", "before": ""}, "outcome"),
            ({"kind": "claim", "claim": "most_vanish", "question": {}}, "must be a text"),
        ],
    )
    def test_what_is_asked_comes_from_lists_and_ranges(self, served, given, why):
        status, _, body = served.lead("/ask", given)
        assert status == 400 and why in json.loads(body)["error"][0]
        assert served.room.room.rounds == ()

    def test_a_move_that_is_none(self, served):
        given = {"kind": "move", "outcome": "platforms", "question": "seed=3", "before": "seed=3"}
        status, _, body = served.lead("/ask", given)
        assert status == 409 and json.loads(body)["error"] == "refused.nothing_moved"

    def test_paper_a_name_taken_away_and_pictures(self, served):
        served.seat("Rude word")
        assert served.lead("/rename", {"member": 1})[0] == 200
        assert served.room.room.members[0].name == "#1"
        assert served.lead("/rename", {"member": 2})[0] == 409
        served.lead("/ask", QUESTION)
        assert served.lead("/show", {"picture": "bets"})[0] == 409
        served.lead("/step", {"to": "bet"})
        assert served.lead("/paper", {"bets": [[12, 40.5]]})[0] == 200
        assert served.lead("/paper", {"bets": [[12]]})[0] == 400
        served.lead("/reveal", {})
        assert served.lead("/show", {"picture": "bets"})[0] == 200
        assert served.lead("/show", {"picture": "live", "link": "seed=3&outcome=revenue"})[0] == 200
        assert served.lead("/show", {"picture": "live", "link": "x=<b>"})[0] == 400
        assert served.lead("/show", {"picture": "cat"})[0] == 400
        assert served.view(served.teacher, "/screen/stream")["answer"]["mean"] == 40.5

    def test_both_readings_wait_ready_and_are_shown_after_the_reveal(self, served):
        ASKED.clear()
        served.lead("/ask", QUESTION)
        assert served.lead("/show", {"picture": "readings"})[0] == 409
        served.lead("/step", {"to": "bet"})
        served.loop.run_until_complete(served.room._working)
        assert ASKED == [("three_to_five_survive", 3), ("three_to_five_carry", 3)]  # before it is
        view = served.view(served.teacher, "/screen/stream")
        assert "0.7" not in json.dumps(view)
        served.lead("/reveal", {})
        assert served.lead("/show", {"picture": "readings"})[0] == 200
        first, second = served.view(served.teacher, "/screen/stream")["shown"]["readings"]
        assert first["over"] == second["over"] == OVER and len(ASKED) == 2  # not asked again
        answer = served.view(served.teacher, "/screen/stream")["answer"]
        assert first["hits"] == answer["hits"] and first["low"] == answer["low"]
        assert second["claim"] == "three_to_five_carry" and second["worlds"] == 8
        assert served.lead("/show", {"picture": "assumptions"})[0] == 200
        assert served.view(served.teacher, "/screen/stream")["shown"]["bands"] == OVER

    def test_other_sentences_have_one_reading_and_some_no_other_assumptions(self, served):
        served.lead("/ask", QUESTION | {"claim": "strict_rules_stifle"})
        served.lead("/reveal", {})
        assert served.lead("/show", {"picture": "readings"})[0] == 409
        status, _, body = served.lead("/show", {"picture": "assumptions"})
        assert status == 400 and "an assumption itself" in json.loads(body)["error"][0]
        both = [one["name"] for one in json.loads(served.lead("/claims.json")[2]) if one["reading"]]
        assert both == ["three_to_five_survive", "three_to_five_carry"]

    def test_a_game(self, served, monkeypatch):
        monkeypatch.setattr(teacher, "GAME_WORLDS", 4)
        seats = [served.seat("Maria"), served.seat("Li")]
        usual = dict.fromkeys(CHOICES, "usual")
        assert served.lead("/quarter", {})[0] == 409
        assert served.lead("/play", {"firm": "openai", "question": ""})[0] == 400
        assert served.lead("/play", {"firm": "minimax", "question": "seed=3"})[0] == 200
        assert served.lead("/quarter", {})[0] == 409  # nobody plays
        for seat, team in zip(seats, (1, 2), strict=True):
            assert served.phone("/team", {"team": team}, cookie=seat)[0] == 200
        given = {"quarter": 0, "decision": usual | {"raise": "none", "run": "none"}}
        assert served.phone("/decide", given, cookie=seats[1])[0] == 200
        assert served.phone("/decide", {"quarter": 0}, cookie=seats[1])[0] == 400
        assert served.lead("/quarter", {})[0] == 200
        assert served.phone("/decide", given, cookie=seats[1])[0] == 409  # too late
        rows = served.view(served.teacher, "/screen/stream")["game"]["results"]
        assert rows[0]["teams"]["1"] == rows[0]["standard"] != rows[0]["teams"]["2"]
        mine = served.view(served.students, "/stream", seats[1])["game"]
        assert mine["quarter"] == 1 and mine["decision"]["raise"] == "none" and not mine["noted"]
        assert replayed(event for _, event in served.room.keeper.log.events()) == served.room.room
        table = as_csv(served.room.room, "decisions").decode("utf-8-sig").splitlines()
        assert len(table) == 1 + 3 and ",none," in table[3]

    def test_the_first_phone_is_noticed_once(self, served):
        served.phone("/", client="127.0.0.1")
        assert served.came == [] and not served.view(served.teacher, "/stream")["reach"]["came"]
        for _ in range(2):
            served.phone("/", client="10.0.0.9")
            served.phone("/", client="10.0.0.8")
        assert served.came == ["10.0.0.9"]
        assert served.view(served.teacher, "/stream")["reach"]["came"] == 2

    def test_qr_and_tables_are_served(self, served):
        status, headers, body = served.lead("/qr.svg")
        assert status == 200 and headers["content-type"] == "image/svg+xml" and b"<svg" in body
        for name in TABLES:
            assert served.lead(f"/export/{name}.csv")[1]["content-disposition"].endswith('.csv"')
        first, *rest = json.loads(served.lead("/firms.json")[2])
        assert first[0] == FIRM and dict(rest)["regulator"]["zh"]
        assert served.lead("/export/class.xlsx")[2][:2] == b"PK"
        assert served.lead("/export/../room.py")[0] == served.lead("/export/x.csv")[0] == 404

    def test_with_a_key_nobody_comes_in_without_it(self, served):
        app = teacher_app(served.room, "secret", ("192.0.2.7",))
        host = "192.0.2.7:8124"
        assert served.ask(app, "/", host=host)[0] == 403
        assert served.ask(app, "/step", {"to": "lobby"}, host=host)[0] == 403
        status, headers, _ = served.ask(app, "/?key=secret&language=zh", host=host)
        assert status == 303 and headers["location"] == "/?language=zh"
        cookie = headers["set-cookie"].partition(";")[0]
        assert served.ask(app, "/", host=host, cookie=cookie)[0] == 200
        assert served.ask(app, "/step", {"to": "lobby"}, host=host, cookie="key=x")[0] == 403

    def test_a_phone_keeps_its_last_streams(self, served, monkeypatch):
        monkeypatch.setattr(class_server, "_QUIET", 0.02)
        seat = served.seat("Maria")

        async def crowd():
            going = []
            for _ in range(6):
                go, sent = call(served.students, "/stream", cookie=seat)
                going.append((asyncio.create_task(go()), sent))
                await asyncio.sleep(0.05)
            await asyncio.sleep(0.1)
            open_ = [not task.done() for task, _ in going]
            for task, _ in going:
                task.cancel()
            return open_

        assert served.loop.run_until_complete(crowd()) == [False] * 2 + [True] * 4


def leaves(app):
    """Paths of all routes of a guarded application."""
    inner = next(cell.cell_contents for cell in app.__closure__ if hasattr(cell.cell_contents,
                                                                           "routes"))  # fmt: skip
    return [route.path for route in inner.routes]


class TestCommand:
    @pytest.mark.parametrize("code", ["TKA", "TKA1", "TKAO", "TKAJX"])
    def test_a_code_that_is_none(self, code, tmp_path, capsys, monkeypatch):
        monkeypatch.chdir(tmp_path)
        assert cli.main(["class", "--code", code, "--no-open"]) == 2
        assert "must be four of the letters" in capsys.readouterr().err

    def test_another_code_than_the_files(self, tmp_path, capsys):
        log = Log(tmp_path / "a")
        log.add([(0.0, OPEN)])
        log.close()
        given = ["class", "--room", str(tmp_path / "a"), "--code", "AAAA", "--no-open"]
        assert cli.main(given) == 2
        assert "holds the class TKAJ" in capsys.readouterr().err


class TestTexts:
    def test_whatever_is_refused_has_words(self):
        folder = files(class_server.__package__)
        sources = "".join(
            (folder / f"{name}.py").read_text("utf-8")
            for name in ("room", "class_server", "students", "teacher")
        )
        for language in ("en", "zh"):
            told = json.loads((folder / f"texts/class_{language}.json").read_text("utf-8"))
            assert set(re.findall(r'"(refused\.\w+)"', sources)) == {
                key for key in told if key.startswith("refused.")
            }

    def test_every_way_and_picture_has_words(self):
        told = json.loads((files(class_server.__package__) / "texts/class_en.json").read_text())
        for key in [*(f"class.{way}" for way in DIRECTIONS),
                    *(f"class.went.{way}" for way in DIRECTIONS),
                    *(f"class.show.{name}" for name in teacher.PICTURES if name != "live"),
                    *(f"class.{name}" for name in (*CHOICES, *RULES)),
                    *(f"class.{name}.{one}" for choices in (CHOICES, RULES)
                      for name, allowed in choices.items() for one in allowed),
                    *(f"class.{kind}.{name}" for name in GOALS for kind in ("goal", "measured")),
                    *(f"class.csv.{name}" for name in TABLES)]:  # fmt: skip
            assert key in told
