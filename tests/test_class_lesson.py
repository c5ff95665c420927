"""A class as it is taught: one command, killed in the middle, in a browser with thirty seats."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

import pytest

PORT = 8450


class Lesson:
    """The command in an empty folder, which can be killed and started again."""

    def __init__(self, folder):
        self.folder = folder
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "llm_market_sim", "class", "--no-open", "--port", str(PORT)],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            if line.startswith("Ctrl-C"):
                break
        else:
            raise AssertionError(self.said)
        self.code = re.search(r"code ([A-Z]{4})", self.said)[1]
        self.teacher, self.phones = (
            urlsplit(re.search(rf"{name} +(http://\S+)", self.said)[1]).port
            for name in ("Teacher", "Phones")
        )
        for _ in range(200):  # until it listens
            try:
                return self.ask(self.phones, "/me")
            except OSError:
                time.sleep(0.05)

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()

    def ask(self, port, path, body=None, cookie="", timeout=120.0):
        """Status, Set-Cookie, what is answered. OSError where nobody answers to the end."""
        link = HTTPConnection("127.0.0.1", port, timeout=timeout)
        try:
            headers = {"Cookie": cookie} if cookie else {}
            if body is None:
                link.request("GET", path, headers=headers)
            else:
                headers["Content-Type"] = "application/json"
                link.request("POST", path, json.dumps(body), headers)
            found = link.getresponse()
            if found.headers.get_content_type() == "text/event-stream":
                return found.status, "", json.loads(found.readline().decode().partition(" ")[2])
            return found.status, found.headers.get("Set-Cookie", ""), found.read()
        except HTTPException as error:  # killed in the middle of its answer
            raise ConnectionError("an answer that was cut off") from error
        finally:
            link.close()

    def lead(self, path, body):
        status, _, answer = self.ask(self.teacher, path, body)
        assert status == 200, answer

    def seat(self, name):
        status, cookie, answer = self.ask(self.phones, "/join", {"code": self.code, "name": name})
        assert status == 200, answer
        return cookie.partition(";")[0]


@pytest.fixture
def lesson(tmp_path):
    found = Lesson(tmp_path)
    yield found
    found.kill()


CLAIM = {"kind": "claim", "claim": "three_to_five_survive", "question": "seed=3"}


@pytest.mark.slow
def test_a_killed_class_has_lost_nothing_that_was_acknowledged(lesson):
    luck = random.Random(1)
    seats = [lesson.seat(f"Pupil {k}") for k in range(12)]
    lesson.lead("/ask", CLAIM)
    lesson.lead("/step", {"to": "bet"})
    noted = dict.fromkeys(seats)  # by seat: the last bet that was acknowledged
    sent = {seat: set() for seat in seats}  # those sent since

    def pupil(seat, until):
        own = random.Random(seat)
        while not until.is_set():
            value = own.randrange(101)
            sent[seat].add(value)
            try:
                if (
                    lesson.ask(lesson.phones, "/bet", {"round": 0, "bet": value}, seat, 5.0)[0]
                    == 200
                ):
                    noted[seat], sent[seat] = value, set()
            except OSError:
                pass
            until.wait(own.uniform(0.2, 0.6))

    for _ in range(3):
        until = threading.Event()
        crowd = [threading.Thread(target=pupil, args=(seat, until)) for seat in seats]
        for one in crowd:
            one.start()
        time.sleep(luck.uniform(0.8, 2.0))
        lesson.kill()
        until.set()
        for one in crowd:
            one.join()
        lesson.start()
        assert "Going on with class" in lesson.said
        for seat in seats:
            mine = lesson.ask(lesson.phones, "/stream", cookie=seat)[2]["round"]["mine"]
            assert mine == noted[seat] or mine in sent[seat]
            noted[seat], sent[seat] = mine, set()
    assert sum(value is not None for value in noted.values()) == 12
    lesson.seat("Late")
    lesson.lead("/reveal", {})
    lesson.kill()
    lesson.start()
    view = lesson.ask(lesson.phones, "/stream", cookie=seats[0])[2]
    assert view["step"] == "reveal" and view["of"] == 13 and view["answer"]["worlds"] == 256


@pytest.fixture
def pages(lesson, opened):
    """pages(port, path, width) -> a page; nothing is asked of anybody else, and nothing goes
    wrong in it."""
    yield lambda port, path, *size: opened(f"http://127.0.0.1:{port}{path}", *size)
    assert opened.strangers("http://127.0.0.1:") == []
    assert set(opened.faults) <= {"Failed to fetch"}  # of a server that was killed


def shot(page, name):
    """A picture to look at, where a folder for pictures is named in the environment."""
    if folder := os.environ.get("PAGE_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png")


def fits(page):
    """Nothing is wider than the screen."""
    wide, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return wide <= room


@pytest.mark.browser
def test_a_lesson_with_thirty_seats_and_a_crash(lesson, pages):
    teacher, screen = pages(lesson.teacher, "/"), pages(lesson.teacher, "/screen")
    mine = pages(lesson.phones, f"/?code={lesson.code}", 390, 780)
    hers = pages(lesson.phones, f"/?code={lesson.code}&language=zh", 390, 780)
    for page, name in ((mine, "<b>Maria</b>"), (hers, "小明")):
        page.locator("input").nth(1).fill(name)
        page.locator("button.sure").click()
        page.wait_for_selector(".foot")
    assert mine.locator("h1").text_content() == "<b>Maria</b>"  # a name is text
    seats = [lesson.seat(f"Pupil {k}") for k in range(28)]
    screen.wait_for_selector("text=30 joined")
    assert lesson.code in screen.locator("main").text_content()

    teacher.click("text=Ask this sentence")
    screen.wait_for_selector("text=three to five general")
    hers.wait_for_selector("text=大模型平台")
    teacher.click("text=2 Bet")
    mine.wait_for_selector("#chance")
    assert mine.locator("#sure").is_disabled()  # nobody is led to 50 %
    mine.locator("#chance").focus()
    for _ in range(15):
        mine.keyboard.press("ArrowLeft")
    mine.keyboard.press("Tab")
    mine.keyboard.press("Enter")
    mine.wait_for_selector("text=Noted: 35")
    hers.locator("#chance").fill("70")
    hers.click("#sure")
    for k, seat in enumerate(seats):
        body = {"round": 0, "bet": (37 * k) % 101}
        assert lesson.ask(lesson.phones, "/bet", body, seat)[0] == 200
    screen.wait_for_selector(".count strong:text-is('30')")
    assert screen.locator("svg").count() == 0  # nothing of the worlds yet

    lesson.kill()
    mine.wait_for_selector(".lost:not([hidden])")
    lesson.start()
    for page in (mine, hers, screen, teacher):
        page.wait_for_selector(".lost", state="hidden")
    mine.wait_for_selector("text=Noted: 35")
    hers.reload()
    hers.wait_for_selector("text=已记下：70%")

    teacher.click("text=3 Reveal")
    screen.wait_for_selector("main svg")
    assert "worlds" in screen.locator(".verdict").text_content()
    mine.wait_for_selector("text=Your place")
    hers.wait_for_selector("text=你的名次")
    teacher.click(".now ~ .row >> text=bets")
    screen.wait_for_selector("main circle >> nth=29")
    assert screen.locator("main circle").count() == 30
    teacher.click("text=both readings")
    screen.wait_for_selector("text=Three to five carry two thirds of all use")
    for page in (teacher, screen, mine, hers):
        assert fits(page)

    slider = teacher.locator('[data-path="regulation.review_delay_weeks"] input')
    slider.fill("30")
    teacher.click("summary:has-text('Ask which way')")
    teacher.click("button:has-text('Ask which way')")
    hers.wait_for_selector("text=增加、不变还是减少")
    teacher.click("text=2 Bet")
    hers.click("#down")
    hers.wait_for_selector("text=已记下：减少")
    teacher.click("summary:has-text('Bets on paper')")
    for typed, count in (("up 3、down 4", 8), ("", 1)):  # a list as a Chinese keyboard writes it
        teacher.get_by_label("Bets on paper").fill(typed)
        teacher.click("text=Enter")
        teacher.wait_for_selector(f".count:has-text('{count} have bet')")
    teacher.click("text=3 Reveal")
    screen.wait_for_selector("main svg")
    hers.wait_for_selector("text=你的预测：减少")
    teacher.click("text=5 Debrief")
    screen.wait_for_selector("text=When the class said 70")
    teacher.click("text=Project what I turn")
    screen.wait_for_selector(".live svg")
    assert not screen.locator(".controls").is_visible()
    late = pages(lesson.phones, f"/?code={lesson.code}", 390, 780)
    late.locator("input").nth(1).fill("Late")
    late.locator("button.sure").click()
    late.wait_for_selector("text=That was the lesson")
    table = lesson.ask(lesson.teacher, "/export/bets.csv")[2].decode("utf-8-sig").splitlines()
    assert len(table) == 1 + 30 + 1


@pytest.mark.browser
def test_teams_run_a_firm(lesson, pages):
    teacher, screen = pages(lesson.teacher, "/"), pages(lesson.teacher, "/screen?language=zh")
    mine = pages(lesson.phones, f"/?code={lesson.code}", 390, 780)
    mine.locator("input").nth(1).fill("Maria")
    mine.locator("button.sure").click()
    seat = lesson.seat("Li")
    teacher.click("summary:has-text('Let teams run a firm')")
    teacher.click("text=Begin a new game")
    mine.click(".teams button >> nth=2")
    mine.select_option("#choose-price", "free")
    mine.click("#decide")
    mine.wait_for_selector("text=Noted for your team")
    assert lesson.ask(lesson.phones, "/team", {"team": 5}, seat)[0] == 200
    screen.wait_for_selector(".sent .has:text-is('3')")
    screen.wait_for_selector(".sent span:text-is('5')")
    teacher.click("text=End the quarter")
    mine.wait_for_selector("text=Quarter 2 of 6")
    assert mine.locator("#choose-price").input_value() == "free"  # as last quarter
    assert "50" in screen.locator("svg").get_attribute("aria-label")  # who sent nothing
    mine.click("summary:has-text('Team 3')")  # the wrong one was tapped
    mine.click(".teams button >> nth=3")
    mine.wait_for_selector("summary:has-text('Team 4')")
    assert mine.locator("#choose-price").input_value() == "usual"  # not what the other one sent
    mine.click("summary:has-text('Team 4')")
    mine.click(".teams button >> nth=2")
    mine.wait_for_selector("summary:has-text('Team 3')")
    lesson.kill()
    lesson.start()
    for page in (mine, screen, teacher):
        page.wait_for_selector(".lost", state="hidden")
    teacher.click("text=5 Debrief")
    screen.wait_for_selector("text=各组居中的世界")
    assert screen.locator("main circle").count() == 3  # after one quarter a point each
    mine.wait_for_selector("text=Team 3: Baidu")
    assert fits(mine) and fits(screen)
    teacher.get_by_label("Who the teams play").select_option("regulator")
    teacher.click("text=Begin a new game")
    mine.wait_for_selector("text=You make the rules")
    assert mine.locator("#choose-review").input_value() == "usual"  # nothing of the game before
    mine.click("#decide")
    mine.wait_for_selector("text=Noted for your team")


@pytest.mark.browser
def test_teams_make_the_rules(lesson, pages):
    teacher, screen = pages(lesson.teacher, "/"), pages(lesson.teacher, "/screen")
    mine = pages(lesson.phones, f"/?code={lesson.code}&language=zh", 390, 780)
    mine.locator("input").nth(1).fill("小明")
    mine.locator("button.sure").click()
    teacher.click("summary:has-text('Let teams run a firm')")
    teacher.get_by_label("Who the teams play").select_option("regulator")
    teacher.click("text=Begin a new game")
    mine.click(".teams button >> nth=1")
    mine.select_option("#goal", "safety")
    mine.select_option("#choose-review", "very_slow")
    mine.click("#decide")
    screen.wait_for_selector(".sent .has:text-is('2')")
    teacher.click("text=End the quarter")
    mine.wait_for_selector("text=你们的目标：安全事件少")
    mine.wait_for_selector("td:has-text('标准规则')")
    screen.wait_for_selector("text=2: few incidents")
    assert fits(mine) and fits(screen)
    shot(mine, "rules_phone")
    shot(screen, "rules_screen")
