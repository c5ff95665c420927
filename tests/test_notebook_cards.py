"""What objects show in a notebook: valid HTML, all texts escaped, nothing loaded from outside."""

import re
from html.parser import HTMLParser

import numpy as np

from llm_market_sim import load, open_results, simulate
from llm_market_sim.claims import judge, load_claims, survey
from llm_market_sim.cli.app import main
from llm_market_sim.figures import Origin, fan_chart
from llm_market_sim.summary.bands import fan
from llm_market_sim.support.html_repr import MOST, card, facts, sentence, table
from llm_market_sim.words import number

EVIL = '<script>alert("1")</script> & <b>'
TAGS = {"div", "p", "strong", "table", "thead", "tbody", "tr", "th", "td"}


class Reader(HTMLParser):
    """Reads strictly: every tag known, opened and closed in turn."""

    def __init__(self):
        super().__init__()
        self.open, self.words, self.rows = [], [], []

    def handle_starttag(self, tag, attrs):
        assert tag in TAGS and {name for name, _ in attrs} <= {"scope", "style"}
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)
        if self.open[-1] in ("td", "th"):
            self.rows[-1].append(data)


def read(shown):
    text = shown if isinstance(shown, str) else shown._repr_html_()
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == [] and "None" not in "".join(reader.words)
    assert len(text) < 12_000 and not re.search(r"https?:|src=|href=|url\(", text)
    return reader


def test_all_texts_are_escaped():
    text = card(EVIL, sentence(EVIL), facts(a_fact=EVIL), table((EVIL, EVIL), [(EVIL, EVIL)]))
    assert "<script" not in text and "<b>" not in text
    assert "".join(read(text).words).count(EVIL) == 7


def test_a_long_table_says_how_much_it_leaves_out():
    reader = read(table(("n", "x"), [(k, float(k)) for k in range(MOST + 7)]))
    assert len(reader.rows) == 1 + MOST and reader.words[-1] == "… and 7 more"


def test_a_scenario_says_what_differs_from_its_parent():
    child = read(load("no_review"))
    assert child.rows[0] == ["what differs", "baseline", "here"]
    assert any("regulation." in row[0] for row in child.rows)
    own = read(load("baseline", ["funding.patience_weeks=26"]))
    assert [own.rows[1][0], own.rows[1][2]] == ["funding.patience_weeks", "26"]
    assert len(own.rows) == 2 and read(load("baseline")).rows == []


def test_a_scenario_of_ones_own_is_escaped_and_needs_no_parent():
    scenario = load("baseline").model_copy(
        update={"name": "mine", "about": EVIL, "label": {"en": EVIL, "zh": EVIL}}
    )
    assert EVIL in read(scenario).words and "mine" in read(scenario).words[0]
    assert read(scenario.model_copy(update={"extends": "nowhere"})).rows == []


def test_without_html_they_say_in_a_line_what_they_are():
    scenario = load("baseline", ["horizon_weeks=4"])
    run = simulate(scenario, 2, 9)
    found = survey([scenario], load_claims(["fifty_by_june"]), 2, 9)
    for one, parts in ((scenario, "baseline 4"), (run, "baseline 2 9"), (found, "1 2 9")):
        text = repr(one)
        assert len(text) < 100 and all(part in text for part in parts.split())


def test_a_run_shows_how_its_worlds_spread():
    run = simulate(load("baseline", ["horizon_weeks=8"]), 11, 3)
    reader = read(run)
    assert "worlds: 11 · seed: 3 · last week: 8" in reader.words
    alive = run.series["firms_alive"][:, -1]
    [row] = [row for row in reader.rows if row[0] == "firms_alive: domestic firms alive"]
    assert row[1:] == [*(number(q, 3) for q in np.quantile(alive, [0.5, 0.05, 0.95])), "firms"]


def test_claims_verdicts_and_surveys_say_what_the_library_says():
    claims = load_claims(["three_to_five_survive", "fifty_by_june"])
    for claim in claims:
        said = " ".join(read(claim).words)
        assert claim.text in said and claim.definition in said and claim.status.capitalize() in said
    verdict = judge(claims[0], "baseline", np.array([3.0, 4.0, 9.0, 5.0]))
    assert read(verdict).rows[1] == ["baseline", "4", verdict.held.estimate,
                                     verdict.held.interval, verdict.wording]  # fmt: skip
    scenario = load("baseline", ["horizon_weeks=12"])
    found = survey([scenario], claims, 6, 1)
    rows = read(found).rows
    assert [row[0] for row in rows[1:]] == [claim.text for claim in claims]
    assert rows[1][-1] == "not reached" and rows[2][2] == "6"


def test_a_figure_shows_itself_without_pyplot():
    run = simulate(load("baseline", ["horizon_weeks=8"]), 3, 1)
    money = fan("hhi", run.weeks, run.series["hhi"])
    assert fan_chart(money, Origin(3, 1))._repr_png_().startswith(b"\x89PNG")


def test_results_show_how_far_they_are_and_their_tables(tmp_path, capsys):
    out = tmp_path / "a <b> & c"
    ask = ["batch", "baseline", "-n", "3", "--seed", "1", "--set", "horizon_weeks=4", "-j", "1"]
    assert main([*ask, "--out", str(out)]) == 0
    capsys.readouterr()
    results = open_results(out)
    reader = read(results)
    assert "Results in a <b> & c" in reader.words
    assert ["baseline", "3", "3", "0"] in reader.rows
    assert ["worlds", "3"] in reader.rows
    assert {row[0] for row in reader.rows} >= set(results.tables)
