"""A lesson in one file: its answers are those of the worlds, and a browser needs nothing else."""

import json
import re
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from llm_market_sim.classroom import bets, frozen, solver
from llm_market_sim.classroom.answer import COUNTED, picture
from llm_market_sim.classroom.question import Question, knobs
from llm_market_sim.classroom.solver import Solver
from llm_market_sim.cli.app import main
from llm_market_sim.errors import InputError
from llm_market_sim.experiments.screen import LEAST
from llm_market_sim.scenario import scenarios
from llm_market_sim.support.files import read_csv

SCREEN = Path(__file__).parents[1] / "docs" / "screen.csv"
OVER = {"mean": 0.5, "range": [0.2, 0.8], "draws": 60}


class Frozen:
    """A small lesson: three scenarios, two stops of each slider, eight worlds, three sentences."""

    def __init__(self, told):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(solver, "BLOCKS", (range(4), range(4, 8)))
            patch.setattr(bets, "WORLDS", 8)
            patch.setattr(frozen, "WORLDS", 8)
            patch.setattr(
                frozen,
                "STOPS",
                {
                    path: (values[0], knobs()[path].value)
                    if values[0] != knobs()[path].value
                    else values[:2]
                    for path, values in frozen.STOPS.items()
                },
            )
            patch.setattr(frozen, "scenarios", lambda: ("strict_review", "baseline", "price_war"))
            claims = bets.bettable()
            some = ("three_to_five_survive", "strict_rules_stifle", "most_vanish")
            patch.setattr(bets, "bettable", lambda: {name: claims[name] for name in some})
            patch.setattr(bets, "over_assumptions", self.over)
            self.asked = frozen.questions()
            self.left = frozen.worlds_of()
            self.solver = Solver(threads=1)
            self.page = frozen.freeze(self.solver, told=told)
            self.blocks = [self.solver.solve(one) for one in self.asked]
        found = re.search(r'id="data">(.*?)</script>', self.page, re.DOTALL)[1]
        self.data = json.loads(found)

    @staticmethod
    def over(name, question, solver):
        if name == "strict_rules_stifle":
            raise InputError([])
        return OVER


DONE = []


@pytest.fixture(scope="module")
def lesson():
    return Frozen(lambda scenario, worlds: DONE.append((scenario.name, worlds)))


def unpacked(packed):
    digits = {digit: k for k, digit in enumerate(frozen._DIGITS)}
    rows = [
        [64 * digits[a] + digits[b] for a, b in zip(row[::2], row[1::2], strict=True)]
        for row in packed["rows"]
    ]
    return packed["low"] + (packed["high"] - packed["low"]) * np.array(rows) / (64 * 64 - 1)


class TestAnswers:
    def test_it_holds_all_scenarios_and_the_baseline_at_all_stops(self):
        asked = frozen.questions(7)
        presets, grid = asked[: len(scenarios())], asked[len(scenarios()) :]
        assert asked[0] == Question(seed=7) and {one.preset for one in presets} == {*scenarios()}
        assert len(grid) == np.prod([len(values) for values in frozen.STOPS.values()])
        for one in grid:
            assert one.preset == "baseline" and one.scenario()
        for path, values in frozen.STOPS.items():
            knob = knobs()[path]
            assert knob.value in values and list(values) == sorted(values)
            assert knob.low <= values[0] and values[-1] <= knob.high
        place = [values.index(knobs()[path].value) for path, values in frozen.STOPS.items()]
        sizes = [len(values) for values in frozen.STOPS.values()]
        assert grid[np.ravel_multi_index(place, sizes)] == asked[0]  # as the page counts

    def test_every_slider_moves_an_outcome_that_it_can_be_seen_in(self):
        """By the screen of all parameters, whose floor is theirs."""
        rows = {row["parameter"]: row for row in read_csv(SCREEN)}
        for path in frozen.STOPS:
            row = rows[path]
            assert row["scenario"] == "baseline" and abs(float(row["size"])) >= LEAST, row
            assert row["outcome"] in frozen.OUTCOMES, row

    def test_what_stands_in_it_is_what_the_worlds_say(self, lesson):
        """The same numbers as the live page's of the same blocks."""
        for k, block in enumerate(lesson.blocks):
            for name in frozen.OUTCOMES:
                said = picture(name, block, lesson.blocks[0])
                row = lesson.data["answers"][name]["of"][k]
                live = [
                    said["paired"][part]
                    for part in ("after", "mean", "low", "high", "rose", "fell", "same")
                ]
                assert np.allclose(row["paired"], live, rtol=1e-5)
                assert sum(row["columns"]) == 8
                weekly, found = said["weekly"], unpacked(row["weekly"])
                if weekly["kind"] == "count":
                    assert np.array_equal(np.rint(found), weekly["worlds"])
                else:
                    fine = np.ptp(weekly["values"]) / 4000 + 1e-5 * np.max(np.abs(weekly["values"]))
                    assert np.allclose(found, weekly["values"], atol=fine)
            held = lesson.data["answers"][COUNTED]["of"][k]["claim"]
            assert held == picture(COUNTED, block, lesson.blocks[0])["claim"]["after"]

    def test_sentences_and_what_other_assumptions_say(self, lesson):
        first, about_one, _ = lesson.data["sentences"]
        assert first["over"] == OVER and about_one["over"] is None
        assert first["about"]["claim"] == "three_to_five_survive" and first["answer"]["worlds"] == 8

    def test_how_far_it_is_adds_up(self, lesson):
        told = {}
        for name, worlds in DONE:
            told[name] = told.get(name, 0) + worlds
        assert told == lesson.left


class TestFile:
    def test_nothing_is_loaded_from_anywhere(self, lesson):
        page = lesson.page.replace("http://www.w3.org/2000/svg", "")
        code = page[: page.index('id="data"')] + page[page.rindex("<script") :]
        assert not re.search(r"https?:|\bimport\b|@import|src=", code)
        assert set(re.findall(r"url\(\"(\w+:)", code)) == {"data:"}
        assert "default-src 'none'" in code

    def test_modules_that_share_a_scope_share_no_name(self):
        folder = files(frozen.__package__) / "static"
        names = []
        for module in frozen._MODULES:
            code = frozen._alone((folder / f"{module}.js").read_text("utf-8"))
            names += re.findall(r"^(?:async )?(?:function|const|let) \[?(\w+)", code, re.MULTILINE)
        assert len(names) == len(set(names))

    @pytest.mark.parametrize(
        ("file", "why"), [("a.htm", "must end in"), ("no/a.html", "no folder")]
    )
    def test_where_it_cannot_be_written_is_told_before(
        self, file, why, tmp_path, capsys, monkeypatch
    ):
        monkeypatch.chdir(tmp_path)
        assert main(["explore", "--freeze", file]) == 2
        assert why in capsys.readouterr().err


@pytest.fixture
def shown(lesson, opened, tmp_path):
    """shown(width, locale) -> the file in a browser without a network; nothing goes wrong."""
    file = tmp_path / "lesson.html"
    file.write_text(lesson.page, "utf-8")

    def show(width=390, height=780, locale="en-GB"):
        return opened(file.as_uri(), width, height, offline=True, locale=locale)

    yield show
    assert opened.strangers(file.as_uri()) == opened.said == opened.faults == []


@pytest.mark.browser
def test_a_bet_is_settled_and_the_sliders_wait_for_it(shown, lesson):
    page = shown()
    assert not page.locator("#turning").is_visible()  # they would tell
    assert page.locator("#sure").is_disabled()
    page.locator("#chance").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    answer = lesson.data["sentences"][0]["answer"]
    share = answer["hits"] / 8
    score = share * 0.49**2 + (1 - share) * 0.51**2
    assert f"Your score: {score:.3f}" in page.locator("#betting").text_content()
    assert "50\u00a0% on average" in page.locator("#betting").text_content()
    assert page.locator("#turning").is_visible()
    page.keyboard.press("Enter")  # the next one
    page.locator("text=sentence 2 of 3").wait_for()
    page.locator("#chance").fill("90")
    page.click("#sure")
    page.locator("text=is itself about an assumption").wait_for()
    page.locator("text=Your mean score over 2 of 3").wait_for()


@pytest.mark.browser
def test_a_direction_is_bet_on_before_a_picture_of_what_was_computed(shown, lesson):
    page = shown(1280, 720, "zh-CN")
    page.click("text=不预测，直接去转旋钮")
    assert page.locator("#picture svg").count() == 2
    page.locator("#stop-0").fill("0")
    assert page.locator("#picture svg").count() == 0
    assert page.locator(".knob output").first.inner_text() == "0%"
    way = lesson.data["answers"][COUNTED]["of"][3 + 1]["way"]  # no cards, the rest as it is
    page.locator("#stop-2").fill("1")
    assert page.locator("#picture svg").count() == 0
    assert lesson.data["links"][4].endswith("cards.deliveries=0")
    page.click(f"#{way}")
    said = page.locator("#picture")
    assert "对了。" in said.inner_text() and "cards.deliveries=0" in said.inner_text()
    page.get_by_role("button", name="English").click()
    page.locator("text=Each slider stops only where an answer was computed").wait_for()
    page.get_by_role("checkbox").uncheck()
    page.get_by_label("Scenario").select_option(label="Price war")
    assert page.locator("#picture svg").count() == 2 and page.locator("#stop-0").is_disabled()
    assert "preset=price_war" in said.inner_text()


@pytest.mark.browser
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_it_fits_a_phone_and_can_be_dark(shown, locale):
    page = shown(locale=locale)
    page.locator("#chance").fill("30")
    page.click("#sure")
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name=re.compile("Dark|深色")).click()
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", light))) < 40
