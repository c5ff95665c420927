"""The classroom: what can be asked, how it is answered, and who is let in."""

import asyncio
import csv
import json
import re
import threading
from importlib.resources import files

import numpy as np
import pytest
from asked import answered, request

from llm_market_sim.classroom import answer, live, solver
from llm_market_sim.classroom.answer import OUTCOMES, Block, picture, sizes, uncertainty
from llm_market_sim.classroom.question import PINNED, Question, events, knobs, parse
from llm_market_sim.classroom.server import LOCAL, MOST_BYTES, by_port, guarded
from llm_market_sim.classroom.solver import Solver
from llm_market_sim.errors import InputError
from llm_market_sim.experiments.posterior import Posterior
from llm_market_sim.scenario import current, load
from llm_market_sim.simulation import simulate, simulate_block
from llm_market_sim.support.chinese import mistakes
from llm_market_sim.words import LANGUAGES

QUESTIONS = [
    "",
    "preset=strict_review&seed=7",
    "regulation.review_delay_weeks=26&users.inertia=1.2",
    "preset=funding_winter&event.winter=26&event.filing_opens=off",
    "preset=funding_winter&event.winter=off&event.second_wave=3&seed=9007199254740991",
]


@pytest.fixture
def small(monkeypatch):
    """Two blocks of four worlds."""
    monkeypatch.setattr(solver, "BLOCKS", (range(4), range(4, 8)))
    return Solver(threads=1)


@pytest.fixture
def fake(small, monkeypatch):
    """The same without an engine: a block is one number, and every block that was run is noted."""
    done = []

    def run(part):
        done.append((part.question.link(), part.worlds.start))
        return part

    monkeypatch.setattr(small, "_run", run)
    series = {name: np.zeros((4, 1)) for name in OUTCOMES}
    monkeypatch.setattr(solver, "block_of", lambda run: Block(dict(series), None))
    return small, done


class TestQuestion:
    @pytest.mark.parametrize("link", QUESTIONS)
    def test_a_link_is_the_whole_question(self, link):
        question = parse(link)
        assert parse(question.link()) == question
        assert question.link().startswith("preset=") and "version=" in question.link()

    @pytest.mark.parametrize("link", QUESTIONS)
    def test_its_settings_are_those_of_the_command_line(self, link):
        question = parse(link)
        there = load(question.preset, question.settings())
        assert there.digest() == question.scenario().digest()

    def test_numbers_and_factors_and_dates_arrive_in_the_scenario(self):
        one = parse("regulation.review_delay_weeks=26&users.inertia=1.2&event.winter=26").scenario()
        base = load("baseline")
        assert one.regulation.review_delay_weeks == 26.0
        assert one.users.inertia["consumer"] == pytest.approx(1.2 * base.users.inertia["consumer"])
        old = events()["winter"]
        assert one.timeline["winter"].date.isoformat() == "2023-10-16"  # 26 weeks after 17 April
        new = one.timeline["winter"]
        assert new.until - new.date == old.until - old.date and new.scale == old.scale
        off = parse("preset=funding_winter&event.winter=off").scenario()
        assert "winter" not in off.timeline and "filing_opens" in off.timeline

    @pytest.mark.parametrize(
        ("link", "why"),
        [
            ("preset=strict_reviw", 'did you mean "strict_review"'),
            ("preset=../../etc/passwd", "no preset"),
            ("seed=-1", "whole number"),
            ("seed=1e3", "whole number"),
            ("seed=9007199254740992", "whole number"),
            ("seed=1&seed=2", "given twice"),
            ("version=<script>", "not a version"),
            ("users.inertia=nan", "from 0.5 to 1.5"),
            ("users.inertia=inf", "from 0.5 to 1.5"),
            ("users.inertia={consumer: 9}", "from 0.5 to 1.5"),
            ("regulation.review_delay_weeks=99", "from 4 to 34"),
            ("regulation.review_delay_weeks=3", "from 4 to 34"),
            ("regulation.reveiw_delay_weeks=9", 'did you mean "regulation.review_delay_weeks"'),
            ("horizon_weeks=500", "no such parameter"),
            ("players.baidu.policy=mine", "no such parameter"),
            ("extends=strict_review", "no such parameter"),
            ("event.wintr=3", 'did you mean "winter"'),
            ("event.winter=78", "a week from 0 to 77"),
            ("event.winter=off", "not an event of baseline"),
            ("x=" + 5000 * "9", "at most"),
        ],
    )
    def test_nothing_else_is_let_in(self, link, why):
        with pytest.raises(InputError, match=re.escape(why)):
            parse(link)

    @pytest.mark.parametrize(
        "link", ["seed=x", "regulation.review_delay_weeks=99", "event.winter=78", "event.nope=3"]
    )
    def test_a_mistake_is_wholly_chinese_on_a_chinese_page(self, link):
        with pytest.raises(InputError) as wrong:
            parse(link)
        [told] = mistakes(wrong.value, "zh")
        assert not re.search("must|from|number|week |no such", told)

    def test_all_mistakes_are_told_at_once(self):
        with pytest.raises(InputError) as wrong:
            parse("seed=x&preset=y&z=1")
        assert len(wrong.value.problems) == 3

    def test_every_knob_turns_over_its_whole_range(self):
        assert len(knobs()) > 80
        for path, one in knobs().items():
            assert one.low <= current(load("baseline"), path) <= one.high
            for end in (one.low, one.high):
                assert parse(f"{path}={end!r}").scenario() is not None


class TestSolver:
    def test_answers_are_those_of_simulate_to_the_last_bit(self, small):
        question = parse("regulation.review_delay_weeks=26&seed=5")
        block, run = small.solve(question), simulate(question.scenario(), 8, 5)
        for name in OUTCOMES:
            assert np.array_equal(block.series[name], run.series[name])
        for k, one in enumerate(answer.definitions()):
            assert np.array_equal(block.counts[:, k], one.measurement(run))

    def test_assumptions_without_spread_give_the_worlds_of_the_defaults(self, small, monkeypatch):
        usual = knobs()["regulation.review_delay_weeks"]
        sample = Posterior((usual.path,), np.array([[usual.value]]), np.ones(1))
        monkeypatch.setattr(solver, "posterior", lambda: sample)
        monkeypatch.setattr(solver, "_OVER", (range(5), range(5, 10)))

        async def ask():
            return [pair async for pair in small.over_assumptions(Question(seed=3), "a")]

        mine, ghost = asyncio.run(ask())[-1]
        run = simulate(load("baseline"), 10, 3)
        assert np.array_equal(mine.series["revenue"][:, 0], run.series["revenue"][:, -1])
        assert np.array_equal(mine.counts, ghost.counts)

    def test_what_the_question_sets_does_not_vary(self, small, monkeypatch):
        knob = knobs()["regulation.review_delay_weeks"]
        sample = Posterior((knob.path,), np.array([[4.0], [20.0]]), np.ones(2) / 2)
        monkeypatch.setattr(solver, "posterior", lambda: sample)
        varied = []
        monkeypatch.setattr(solver, "simulate_block", lambda *_, **more: varied.append(more))
        small._run(solver._Part(parse(f"{knob.path}=9"), range(20), True))
        small._run(solver._Part(Question(), range(20), True))
        assert varied[0]["varied"] == {}
        assert set(varied[1]["varied"][knob.path]) == {4.0}

    def test_a_block_is_simulated_once_whoever_asks(self, fake):
        one, done = fake

        async def ask():
            async def all_of(link, session):
                return [pair async for pair in one.answers(parse(link), session)]

            await asyncio.gather(*(all_of("preset=strict_review", str(k)) for k in range(30)))
            return await all_of("preset=strict_review", "late")

        assert len(asyncio.run(ask())) == 2
        assert len(done) == len(set(done)) == 4  # two blocks of the question and of the baseline

    def test_other_words_for_the_same_scenario_share_its_worlds(self, fake):
        one, done = fake
        one.solve(Question())
        one.solve(parse("regulation.review_delay_weeks=6"))  # its default
        assert len(done) == 2
        one.solve(parse("seed=2"))
        assert len(done) == 4

    def test_only_the_latest_question_of_a_session_is_answered_to_the_end(self, fake, monkeypatch):
        one, done = fake
        one.solve(Question())
        begun, go, run = threading.Event(), threading.Event(), one._run

        def slow(part):
            begun.set()
            assert go.wait(20)
            return run(part)

        monkeypatch.setattr(one, "_run", slow)

        async def ask():
            async def all_of(link, session):
                return [pair async for pair in one.answers(parse(link), session)]

            asked = [asyncio.create_task(all_of("preset=strict_review", "a"))]
            await asyncio.to_thread(begun.wait, 20)  # its first block is being simulated
            for delay in (9, 10, 11, 12):  # somebody drags a slider
                link = f"regulation.review_delay_weeks={delay}"
                asked.append(asyncio.create_task(all_of(link, "a")))
                await asyncio.sleep(0)
            other = asyncio.create_task(all_of("preset=price_war", "b"))
            await asyncio.sleep(0.05)
            go.set()
            return [len(found) for found in await asyncio.gather(*asked, other)]

        assert asyncio.run(ask()) == [0, 0, 0, 0, 2, 2]
        later = [parse(link) for link, _ in done[2:]]
        assert {q.preset for q in later} == {"strict_review", "baseline", "price_war"}
        assert [q.changes for q in later if q.changes] == 2 * [
            {"regulation.review_delay_weeks": 12}
        ]
        assert sum(q.preset == "strict_review" for q in later) == 1

    def test_a_former_question_ends_even_where_its_worlds_are_there(self, fake):
        one, _ = fake
        one.solve(Question())

        async def ask():
            former = one.answers(Question(), "a")
            await anext(former)
            await anext(one.answers(Question(), "a"))
            return [pair async for pair in former]

        assert asyncio.run(ask()) == []

    def test_a_mistake_reaches_who_asked_and_nobody_else(self, fake, monkeypatch):
        one, _ = fake
        run = one._run

        def fails(part):
            if part.question.seed == 13:
                raise ArithmeticError("a mistake")
            return run(part)

        monkeypatch.setattr(one, "_run", fails)

        async def ask():
            async def all_of(seed):
                return [pair async for pair in one.answers(Question(seed=seed), str(seed))]

            return await asyncio.gather(all_of(13), all_of(14), return_exceptions=True)

        bad, good = asyncio.run(ask())
        assert isinstance(bad, ArithmeticError) and len(good) == 2

    def test_memory_stays_flat_over_many_questions(self, fake, monkeypatch):
        one, done = fake
        for most, count in {"_KEPT": 16, "_SCENARIOS": 8, "_SESSIONS": 20}.items():
            monkeypatch.setattr(solver, most, count)

        async def ask():
            for k in range(50):
                link = f"regulation.review_delay_weeks={4 + k / 100}"
                async for _ in one.answers(parse(link), f"session{k}"):
                    pass

        asyncio.run(ask())
        assert len(done) == 102  # the baseline once
        assert len(one._kept) == solver._KEPT and len(one._scenarios) == solver._SCENARIOS
        assert one._tasks == {} and len(one._latest) <= solver._SESSIONS


class TestPicture:
    def block(self, *platforms):
        series = {name: np.zeros((len(platforms), 3)) for name in OUTCOMES}
        series["platforms"] = np.stack([np.zeros(len(platforms)), *2 * [platforms]], axis=1)
        return Block(series, None)

    def test_four_worlds_by_hand(self):
        found = picture("platforms", self.block(3, 3, 6, 1), self.block(3, 4, 5, 2))
        assert found["after"][:7] == [0, 1, 0, 2, 0, 0, 1]
        assert found["before"][:7] == [0, 0, 1, 1, 1, 1, 0]
        assert {k: found["paired"][k] for k in ("rose", "fell", "same", "mean")} == {
            "rose": 1, "fell": 2, "same": 1, "mean": -0.25,
        }  # fmt: skip
        assert found["changed"] == [[1, 4.0, 3.0], [2, 5.0, 6.0], [3, 2.0, 1.0]]
        assert found["claim"]["before"]["hits"] == 3 and found["claim"]["after"]["hits"] == 2
        assert found["weekly"]["worlds"][0] == [4, 0, 0]
        assert found["weekly"]["worlds"][3] == [0, 2, 2]
        assert json.loads(json.dumps(found)) == found

    def test_a_number_has_columns_and_quantiles(self):
        one, other = self.block(1, 2), self.block(1, 2)
        one.series["revenue"][:, -1] = (10.0, 20.0)
        found = picture("revenue", one, other)
        assert sum(found["after"]) == sum(found["before"]) == 2
        assert (found["edges"][0], found["edges"][-1]) == (0.0, 20.0)
        assert [row[-1] for row in found["weekly"]["values"]] == [10.5, 12.5, 15.0, 17.5, 19.5]

    def test_luck_and_assumptions_are_told_apart(self):
        same = self.block(*(10 * [3, 5]))  # two draws that agree
        apart = self.block(*(10 * [3] + 10 * [7]))  # two that do not, without luck
        assert uncertainty("platforms", same)["number"]["assumptions"] == [4.0, 4.0]
        assert uncertainty("platforms", same)["number"]["luck"] == [3.0, 5.0]
        assert uncertainty("platforms", apart)["number"]["luck"] == [5.0, 5.0]
        assert uncertainty("platforms", apart)["claim"]["mean"] == 0.5
        low, high = uncertainty("platforms", apart)["number"]["assumptions"]
        assert low == pytest.approx(3.2) and high == pytest.approx(6.8)


@pytest.mark.slow
def test_every_pinned_slider_moves_something():
    one = Solver()
    base = one._block(solver._Part(Question(), solver.BLOCKS[0]))
    for path in PINNED:
        most = 0.0
        for end in (knobs()[path].low, knobs()[path].high):
            other = one._block(solver._Part(Question(changes={path: end}), solver.BLOCKS[0]))
            most = max(most, *map(abs, sizes(base, other).values()))
        assert most >= 0.5, path


def get(app, path, host="127.0.0.1:8123", method="GET", headers=(), port=8123):
    """(status, headers, body) of a request without a network."""
    go, sent = request(app, path, method=method, headers=[("host", host), *headers], port=port)
    asyncio.run(go())
    return answered(sent)


class TestServer:
    @pytest.fixture
    def app(self, small):
        return live.explore_app(small)

    @pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "192.168.1.7"])
    def test_other_names_are_refused(self, app, host):
        assert get(app, "/", host=host)[0] == 421
        assert get(app, "/facts.json", host=f"{host}:8123")[0] == 421

    def test_only_short_json_is_taken(self):
        async def never(scope, receive, send):
            raise AssertionError("it got through")

        app, kind = guarded(never, LOCAL), ("content-type", "application/json")
        assert get(app, "/", method="POST")[0] == 415
        form = ("content-type", "application/x-www-form-urlencoded")
        assert get(app, "/", method="POST", headers=[form, ("content-length", "3")])[0] == 415
        assert get(app, "/", method="POST", headers=[kind])[0] == 413
        long = ("content-length", str(MOST_BYTES + 1))
        assert get(app, "/", method="POST", headers=[kind, long])[0] == 413

    def test_a_page_may_load_only_what_is_ours(self, app):
        status, headers, body = get(app, "/")
        assert status == 200 and b"explore.js" in body
        rules = headers["content-security-policy"]
        assert "default-src 'none'" in rules and "unsafe" not in rules and "http" not in rules
        assert headers["x-content-type-options"] == "nosniff"

    @pytest.mark.parametrize("name", ["../server.py", "..%2fserver.py", "__init__.py", "no.js"])
    def test_only_files_of_the_page_are_served(self, app, name):
        assert get(app, f"/static/{name}")[0] == 404

    def test_which_application_answers_is_said_by_the_port_alone(self):
        async def teacher(scope, receive, send):
            await send({"type": "http.response.start", "status": 201, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        async def phones(scope, receive, send):
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        both = by_port({8123: teacher, 8124: phones})
        assert get(both, "/", port=8123)[0] == 201
        assert get(both, "/", port=8124, host="127.0.0.1:8123")[0] == 404

    def test_an_answer_comes_block_by_block(self, app):
        status, _, body = get(app, "/answers?preset=strict_review&session=a&theta=0.03")
        lines = [json.loads(line) for line in body.splitlines()]
        assert status == 200 and [one["worlds"] for one in lines] == [4, 8]
        assert parse(lines[-1]["link"]) == parse("preset=strict_review")
        assert lines[-1]["weekly"] is None  # of another definition there are no weeks

    @pytest.mark.parametrize(
        ("query", "why"),
        [
            ("outcome=platform", 'did you mean "platforms"'),
            ("session=<b>", "letters and digits"),
            ("language=fr", "en or zh"),
            ("theta=0.5", "not one of those"),
            ("preset=x", "no preset"),
            ("event.giants_enter=9", "only firms with presence"),
        ],
    )
    def test_a_mistake_is_answered_in_words(self, app, query, why):
        status, _, body = get(app, f"/answers?{query}")
        assert status == 400 and why in " ".join(json.loads(body)["error"])

    def test_and_in_the_language_of_the_page(self, app):
        _, _, body = get(app, "/answers?preset=x", headers=[("accept-language", "zh-Hans")])
        assert "没有预设“x”" in " ".join(json.loads(body)["error"])

    def test_a_world_is_told_before_and_after(self, app):
        _, _, body = get(app, "/world?preset=strict_review&world=7&language=zh")
        found = json.loads(body)
        assert found["before"][0] == found["after"][0] and found["before"] != found["after"]
        assert "2023年4月17日" in found["before"][0]
        assert get(app, "/world?world=256")[0] == get(app, "/world?world=x")[0] == 400

    def test_worlds_are_taken_along_with_units_and_sources(self, app):
        query = "regulation.review_delay_weeks=26&outcome=users_consumer&seed=4"
        _, headers, body = get(app, f"/worlds.csv?{query}")
        notes = [line for line in body.decode().splitlines() if line.startswith("#")]
        rows = list(csv.DictReader(line for line in body.decode().splitlines() if line[0] != "#"))
        assert "# unit: accounts" in notes and "attachment" in headers["content-disposition"]
        assert any("review_delay_weeks = 26" in one and "source" in one for one in notes)
        command = next(one for one in notes if one.startswith("# command"))
        assert "--set 'regulation.review_delay_weeks=26.0' --worlds 8 --seed 4" in command
        there = simulate_block(parse(query.replace("outcome=users_consumer&", "")).scenario(),
                               range(8), 4)  # fmt: skip
        ends = there.series["users_consumer"][:, -1]
        assert [float(row["question"]) for row in rows] == ends.tolist()
        found = json.loads(get(app, f"/worlds.json?{query}")[2])
        assert np.array_equal(found["weekly"]["question"], there.series["users_consumer"])

    def test_what_a_slider_moves_is_told_for_both_its_ends(self, app):
        found = json.loads(get(app, "/moves?path=cards.deliveries")[2])
        low, high = found["sizes"]
        assert low["gpu_price"] > 1.0 and high["gpu_price"] == 0.0  # the right end is the baseline
        assert get(app, "/moves?path=no.such")[0] == 400

    def test_a_sample_that_does_not_fit_is_told(self, app, monkeypatch):
        def refuse():
            raise InputError([])

        monkeypatch.setattr(live, "posterior", refuse)
        assert get(app, "/assumptions?session=a")[0] == 400

    def test_the_page_is_small(self, app):
        packed, total = [("accept-encoding", "gzip")], 0
        for name in "explore.js live.js answer.js charts.js words.js app.css class.css".split():
            total += len(get(app, f"/static/{name}", headers=packed)[2])
        for path in ("/", "/facts.json", "/texts/zh.json"):
            total += len(get(app, path, headers=packed)[2])
        assert total < 60_000


class TestTexts:
    def texts(self, language):
        """Those of the live page and those of a class, which share no key."""
        both = [
            json.loads((files(live.__package__) / f"texts/{name}.json").read_text("utf-8"))
            for name in (language, f"class_{language}")
        ]
        assert not both[0].keys() & both[1].keys()
        return both[0] | both[1]

    def scripts(self):
        folder = files(live.__package__) / "static"
        return {one.name: one.read_text("utf-8") for one in folder.iterdir()
                if one.name.endswith(".js")}  # fmt: skip

    def test_both_languages_say_the_same_things(self):
        own = ("knob.", "unit.")  # English takes the words of the code
        keys = [{key for key in self.texts(one) if not key.startswith(own)} for one in LANGUAGES]
        assert keys[0] == keys[1]
        for key in keys[0]:
            places = [sorted(re.findall(r"\{(\w+)\}", self.texts(one)[key])) for one in LANGUAGES]
            assert places[0] == places[1], key

    def test_every_text_that_is_asked_for_is_there(self):
        for name, script in self.scripts().items():
            for key in re.findall(r'[^"]\bsay\(\s*"([^"]+)"', script):
                assert key in self.texts("en"), (name, key)

    def test_names_are_those_of_parameters_and_events(self):
        for language in LANGUAGES:
            told = self.texts(language)
            assert {k[5:] for k in told if k.startswith("knob.")} <= knobs().keys()
            assert {k[6:] for k in told if k.startswith("event.")} == events().keys()
        named = {key[5:] for key in self.texts("zh") if key.startswith("knob.")}
        assert set(PINNED) <= named and len(named) > 0.9 * len(knobs())
        units = {one.unit for one in knobs().values()} - {"1"}
        assert {f"unit.{unit}" for unit in units} <= self.texts("zh").keys()

    def test_scripts_write_no_markup_and_ask_nobody_else(self):
        for name, script in self.scripts().items():
            assert "innerHTML" not in script and "http:" not in script.replace(
                "http://www.w3.org/2000/svg", ""), name  # fmt: skip
