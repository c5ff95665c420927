"""The report and the handout: whole, true to the folder, safe, and readable without a network."""

import json
import re
import shutil
import sys
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from llm_market_sim.claims import claims_of, load_claims
from llm_market_sim.cli.app import main
from llm_market_sim.errors import MarketSimError
from llm_market_sim.experiments.headline import headline_in
from llm_market_sim.pages import printing
from llm_market_sim.pages.differences import differences
from llm_market_sim.pages.handout import _changes, _situation, shortened
from llm_market_sim.pages.stories import chosen, stories, story_of
from llm_market_sim.pages.words import texts
from llm_market_sim.results import open_results
from llm_market_sim.results.manifest import about
from llm_market_sim.scenario import load
from llm_market_sim.simulation import simulate_block
from llm_market_sim.summary.said import estimate
from llm_market_sim.support.files import read_csv
from llm_market_sim.words import LANGUAGES, date, percent

BOTH = pytest.mark.parametrize("language", LANGUAGES)
SMALL = ("--set", "population.stealth_firms=12", "--set", "population.pool_firms=20")
LONG = "It is said <b>at length</b> that all of this takes its time. " * 60
EVIL = f"""\
extends: baseline
label: {{en: '<script>alert("en")</script> & co', zh: '<script>坏</script>场景'}}
about: '{LONG}'
how: 'A <img src="http://example.com/x.png"> is a text, and so is `a < b`.'
notice: '{LONG}'
try: 'Nothing.{"x" * 900}'
extend: Nothing.
regulation: {{review_delay_weeks: 31}}
players: {{baidu: {{name: {{en: "<i>Bai&du</i>", zh: "<i>百度</i>"}}}}}}
timeline:
  gift: {{date: 2023-10-02, about: "<u>A gift</u>", source: assumption,
    shock: {{open_weights: 0.5}}}}
"""


SHORT_TEXTS = """\
extends: baseline
label: {en: "A slow regulator", zh: "缓慢的审批"}
about: A review takes half a year.
how: One number differs.
notice: Who waits longest?
try: Nothing.
extend: Nothing.
regulation: {review_delay_weeks: 26}
"""


class Reader(HTMLParser):
    """Elements with attributes and text, and what is wrong with their nesting."""

    VOID = frozenset({"meta", "link", "br", "rect", "path", "use"})

    def __init__(self, html):
        super().__init__()
        self.elements, self.open, self.wrong = [], [], []
        self.feed(html)
        assert self.open == [] and self.wrong == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), []))
        if tag not in self.VOID:
            self.open.append(self.elements[-1])

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), []))

    def handle_endtag(self, tag):
        if tag in self.VOID:
            return
        if not self.open or self.open.pop()[0] != tag:
            self.wrong.append(tag)

    def handle_data(self, data):
        for _, _, text in self.open:
            text.append(data)

    def of(self, tag):
        return [(attrs, " ".join("".join(text).split())) for t, attrs, text in self.elements
                if t == tag]  # fmt: skip


def call(*arguments):
    """As from a shell: a batch notes its command."""
    given = [str(one) for one in arguments]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["/somewhere/bin/llm-market-sim", *given])
        return main(given)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A batch whose first scenario is full of signs that HTML knows."""
    place = tmp_path_factory.mktemp("report")
    (place / "evil.yaml").write_text(EVIL, encoding="utf-8")
    out = place / "out"
    assert call("batch", place / "evil.yaml", "baseline", "-n", 12, "--seed", 4, "-j", 1,
                "--out", out, *SMALL) == 0  # fmt: skip
    return out


@pytest.fixture(scope="module")
def pages(folder, tmp_path_factory):
    """The reports and handouts in both languages, by name."""
    place = tmp_path_factory.mktemp("pages")
    for language in LANGUAGES:
        for command in ("report", "handout"):
            file = place / f"{command}_{language}.html"
            assert call(command, folder, "--language", language, "--out", file) == 0
    return {file.stem: file for file in place.glob("*.html")}


def rows(folder):
    return read_csv(folder / "verdicts.csv")


class TestPage:
    @BOTH
    @pytest.mark.parametrize("name", ["report", "handout"])
    def test_it_is_whole_in_order_and_fetches_nothing(self, pages, name, language):
        html = pages[f"{name}_{language}"].read_text("utf-8")
        read = Reader(html)
        ((page, _),) = read.of("html")
        assert page["lang"] == {"en": "en", "zh": "zh-CN"}[language]
        policy = [attrs["content"] for attrs, _ in read.of("meta") if "http-equiv" in attrs]
        assert policy[0].startswith("default-src 'none'")
        levels = [int(tag[1]) for tag, _, _ in read.elements if re.fullmatch(r"h[1-6]", tag)]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(b - a <= 1 for a, b in pairwise(levels))
        ids = [attrs["id"] for _, attrs, _ in read.elements if "id" in attrs]
        assert len(set(ids)) == len(ids)
        for _, attrs, _ in read.elements:
            assert "src" not in attrs and "srcset" not in attrs
            assert attrs.get("href", "#").startswith(("#", "data:"))
            target = attrs.get("xlink:href", "#")  # of a letter, or of a colour bar's pixels
            assert target[1:] in {"", *ids} or target.startswith("data:image/png")
            for value in attrs.values():
                assert set(re.findall(r"url\(#([^)]+)\)", value or "")) <= set(ids)
        assert not re.search(r"url\((?![\"']?(#|data:))", html)
        pictures = [attrs for attrs, _ in read.of("svg") if attrs.get("role") == "img"]
        captions = {attrs["id"]: text for attrs, text in read.of("figcaption")}
        assert len(pictures) == len(captions) > 1
        assert all(len(captions[one["aria-labelledby"]]) > 40 for one in pictures)

    @BOTH
    def test_what_a_scenario_says_is_never_markup(self, pages, language):
        for name in ("report", "handout"):
            html = pages[f"{name}_{language}"].read_text("utf-8")
            read = Reader(html)
            tags = {tag for tag, _, _ in read.elements}
            assert not tags & {"script", "img", "b", "u"}
            ((_, title),) = read.of("h1")
            assert "<script>" in title
        assert "<i>" in Reader(pages[f"report_{language}"].read_text("utf-8")).of("main")[0][1]

    @BOTH
    def test_texts_are_in_the_language_of_the_page_where_they_have_it(self, pages, language):
        read = Reader(pages[f"report_{language}"].read_text("utf-8"))
        told = {attrs["lang"]: [] for attrs, _ in read.of("div") if "lang" in attrs}
        for attrs, text in read.of("div"):
            told.get(attrs.get("lang"), []).append(" ".join(text.split()))
        about = load("baseline").text("about", language)
        assert any(about in text for text in told[language])
        assert any(text.startswith("It is said") for text in told["en"])  # has English only

    @BOTH
    def test_its_verdicts_are_those_of_the_folder(self, folder, pages, language):
        read = Reader(pages[f"report_{language}"].read_text("utf-8"))
        shown, claim = {}, None
        for tag, attrs, _ in read.elements:
            claim = attrs.get("data-claim", claim)
            if tag == "tr" and "data-scenario" in attrs:
                cells = shown.setdefault((claim, attrs["data-scenario"]), [attrs["data-verdict"]])
            if tag == "data":
                cells += map(float, attrs["value"].split())
        kept = {
            (row["claim"], row["scenario"]):
            [row["verdict"], *(float(row[n]) for n in ("share", "low", "high", "worlds"))]
            for row in rows(folder)
        }  # fmt: skip
        assert len(kept) > 10 and shown == kept
        definitions = {
            text for attrs, text in read.of("span") if attrs.get("class") == "definition"
        }
        claims = load_claims(sorted({row["claim"] for row in rows(folder)}))
        told = {one.defined(language) for one in claims}
        assert language != "en" or told == {row["definition"] for row in rows(folder)}
        said = {text.replace("<=", "≤").replace(">=", "≥") for text in told}
        assert definitions == {" ".join(text.split()) for text in said}

    def test_parameters_differences_and_origin_are_there(self, folder, pages):
        read = Reader(pages["report_en"].read_text("utf-8"))
        marked = [text for attrs, text in read.of("tr") if attrs.get("class") == "changed"]
        delay = load("baseline").regulation.review_delay_weeks
        (mine,) = [text for text in marked if text.startswith("regulation.review_delay_weeks")]
        assert "31" in mine and f"default {delay:g}" in mine and "4 – 34" in mine
        assert {text.split("_firms")[0] for text in marked} >= {
            "population.stealth", "population.pool"
        }  # fmt: skip
        paths = [text for _, text in read.of("code")]
        section = load("baseline").users
        assert {f"users.{name}" for name in type(section).model_fields} <= set(paths)
        origin = " ".join(text for _, text in read.of("dd"))
        made = open_results(folder).manifest
        for one in made.scenarios.values():
            assert one["digest"] in origin
        assert made.code in origin and "UTC" in origin
        ((_, main_text),) = read.of("main")
        assert re.search(r"llm-market-sim batch \S+evil.yaml baseline -n 12 --seed 4 ", main_text)


class TestFirstPage:
    @BOTH
    def test_it_stands_first_and_the_long_tables_last(self, pages, language):
        read = Reader(pages[f"report_{language}"].read_text("utf-8"))
        order = [attrs["id"] for attrs, _ in read.of("section")]
        assert order[0] == "first" and order[-3:] == ["differences", "assumptions", "made"]

    @BOTH
    def test_it_has_the_question_both_uncertainties_a_picture_and_what_moves_it(
        self, folder, pages, language
    ):
        html = pages[f"report_{language}"].read_text("utf-8")
        first = html[html.index('<section id="first"') : html.index('<section id="verdicts"')]
        [claim] = load_claims(["three_to_five_survive"])
        read = Reader(first[: first.rindex("</section>") + len("</section>")])
        assert claim.said[language] in read.of("blockquote")[0][1]
        found = headline_in(open_results(folder), claims_of(open_results(folder)))
        assert found.draws and len(found.readings) == 2
        cells = " ".join(text for _, text in read.of("td"))
        for one in found.readings:
            assert estimate(one.verdict.held, language) in cells
            assert percent(one.over.share.mean, language) in cells
        assert len(read.of("figure")) == 1
        [row] = [r for r in rows(folder) if (r["claim"], r["scenario"]) == (claim.id, "baseline")]
        moves = [text for _, text in read.of("li")]
        assert load("baseline").label[language] in moves[-1]
        assert f"{100 * float(row['share']):.0f}" in moves[-1]


class TestDifferences:
    def test_a_value_an_event_and_a_firm(self):
        batch = about([load("strict_review"), load("late_giants"), load("baseline")])
        strict, late, base = differences(batch, "en")
        change = next(c for c in strict.changes if c.path == "regulation.review_delay_weeks")
        assert (strict.parent, change.new, change.unit) == ("The article's baseline", "34", "weeks")
        assert change.meaning == "mean time of a review"
        (event,) = [one for one in late.changes if one.path.startswith("timeline")]
        assert event.old == "" and event.new.startswith("from 2 Oct 2023: ByteDance enters; ")
        assert base.parent == "" and base.changes == []

    def test_from_the_shipped_parent_or_from_none(self, tmp_path):
        lone = about([load("strict_review")])
        assert differences(lone, "zh")[0].parent == "基准情景"
        lone["strict_review"]["extends"] = "somebody_elses"
        (one,) = differences(lone, "en")
        assert (one.parent, one.known) == ("somebody_elses", False)
        changed = about([load("baseline", ["hype.memory_weeks=9"])])
        (one,) = differences(changed, "en")
        assert [(c.path, c.new) for c in one.changes] == [("hype.memory_weeks", "9")]

    def test_an_event_before_the_first_week_keeps_its_date(self):
        (one,) = differences(about([load("faster_cluster_all")]), "en")
        assert one.changes[0].new.startswith("from 14 Apr 2023: ")
        assert date(-3 / 7, "en") == "14 Apr 2023"


class TestStories:
    def test_which_worlds(self):
        assert chosen([0.3]) == {"only": 0}
        assert chosen([0.3, 0.4]) == {"luckiest": 1, "unluckiest": 0}
        assert chosen([0.2, 0.9, 0.5, 0.1, 0.5]) == {"luckiest": 1, "median": 4, "unluckiest": 3}
        assert chosen([0.0, 0.0, 0.0]) == {"luckiest": 0, "median": 1, "unluckiest": 2}

    @BOTH
    def test_their_numbers_are_those_of_the_tables(self, folder, language):
        results = open_results(folder)
        told = stories(results, "evil", language)
        assert [one.which for one in told] == ["luckiest", "median", "unluckiest"]
        ends = results["worlds"].df().query("scenario == 'evil'").set_index("replication")
        order = ends.startup_share.sort_values(ascending=False, kind="stable").index
        assert [one.world for one in told] == [order[0], order[6], order[11]]
        for one in told:
            self.check(results, one, language)

    @BOTH
    def test_a_world_that_is_run_anew_is_told_in_the_same_words(self, folder, language):
        evil = load(folder.parent / "evil.yaml", SMALL[1::2])
        for one in stories(open_results(folder), "evil", language):
            assert story_of(simulate_block(evil, [one.world], 4), language) == one.sentences

    def check(self, results, one, language):
        tables = {
            name: results[name].df().query(f"scenario == 'evil' and replication == {one.world}")
            for name in ("events", "firms", "series")
        }
        firms = tables["firms"].set_index("firm")
        events = tables["events"]
        events = events[events.firm.map(firms.kind) != "foreign"]
        whole = "\n".join(one.sentences)
        assert 8 <= len(one.sentences) <= 13 and "nan" not in whole

        def sentence(key):
            pattern = re.escape(texts()[key][language])
            day = r"\d+ \w{3} \d{4}|\d{4}年\d+月\d+日"
            pattern = pattern.replace(r"\{date\}", f"(?P<date>{day})")
            pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", pattern)
            found = [m for text in one.sentences if (m := re.fullmatch(pattern, text))]
            return found[0].groupdict() if found else None

        def check_kind(kind, key, count="count"):
            mine = events[events.kind == kind].sort_values(["week", "firm"])
            said = sentence(key)
            assert (said is not None) == (len(mine) > 0)
            if said:
                assert int(said[count]) == len(mine)
                assert said["date"] in {date(week, language) for week in mine.week}
            return mine, said

        for kind in ("suspended", "pivoted", "acquired", "bankrupt", "closed"):
            check_kind(kind, f"story.{kind}")
        granted, said = check_kind("licensed", "story.licensed", "total")
        if said:
            first = [date(week, language) for week in granted.week]
            assert said["date"] == first[0] and int(said["count"]) == first.count(first[0])
        rounds = events[events.kind == "raised"]
        said = sentence("story.round_led") or sentence("story.round")
        if len(rounds):
            assert said and int(said["rounds"]) == len(rounds)
            assert said["date"] == date(rounds.loc[rounds.amount.idxmax()].week, language)
        best = events[events.kind == "trained"]
        if len(best):
            assert float(sentence("story.best")["level"]) == round(best.amount.max(), 1)
        last = tables["series"].set_index("week").iloc[-1]
        end = sentence("story.end")
        assert (int(end["alive"]), int(end["entered"])) == (last.firms_alive, last.entered)


def without(folder, place, *scenarios):
    """A copy of a folder from whose log the blocks of some scenarios are missing."""
    copy = shutil.copytree(folder, place / "copy")
    kept = [
        line for line in (copy / "log.jsonl").read_text().splitlines(keepends=True)
        if json.loads(line).get("scenario") not in scenarios
    ]  # fmt: skip
    (copy / "log.jsonl").write_text("".join(kept))
    return copy


class TestUnusualBatches:
    @pytest.mark.slow
    @pytest.mark.parametrize("gone", [("evil",), ("baseline",), ("evil", "baseline")])
    @BOTH
    def test_one_that_is_not_finished_says_so(self, folder, tmp_path, gone, language, capsys):
        half = without(folder, tmp_path, *gone)
        assert call("report", half, "--language", language) == 0
        read = Reader((half / "report.html").read_text("utf-8"))
        (note,) = [text for attrs, text in read.of("div") if attrs.get("id") == "unfinished"]
        assert "12" in note and "0" in note
        assert len(read.of("figure")) == 0 if len(gone) == 2 else len(read.of("figure")) > 0
        verdicts = [attrs for attrs, _ in read.of("tr") if "data-scenario" in attrs]
        assert {one["data-scenario"] for one in verdicts} == {"evil", "baseline"} - set(gone)
        code = call("handout", half, "--scenario", gone[0])
        assert code == 2 and f"holds no worlds of {gone[0]} yet" in capsys.readouterr().err

    @pytest.mark.slow
    def test_one_world(self, tmp_path):
        out = tmp_path / "one"
        assert call("batch", "baseline", "-n", 1, "--seed", 1, "-j", 1, "--out", out, *SMALL) == 0
        assert call("report", out) == call("handout", out) == 0
        read = Reader((out / "report.html").read_text("utf-8"))
        assert [attrs["data-world"] for attrs, _ in read.of("article")
                if "data-world" in attrs] == ["0"]  # fmt: skip
        assert any(attrs.get("id") == "few" for attrs, _ in read.of("div"))

    @pytest.mark.slow
    def test_all_scenarios_and_a_claim_that_is_not_reached(self, tmp_path, capsys):
        out = tmp_path / "all"
        assert call("batch", "--all", "-n", 2, "--seed", 1, "-j", 1, "--out", out, *SMALL,
                    "--set", "horizon_weeks=6") == 0  # fmt: skip
        assert call("report", out) == 0
        read = Reader((out / "report.html").read_text("utf-8"))
        main_claim = [attrs for attrs, _ in read.of("tr") if "data-scenario" in attrs][:22]
        assert {one["data-verdict"] for one in main_claim} == {"not reached"}
        assert len({one["data-scenario"] for one in main_claim}) == 22
        assert call("handout", out) == 2
        assert "nothing to bet on" in capsys.readouterr().err

    @pytest.mark.slow
    def test_an_older_folder_has_no_texts(self, folder, tmp_path):
        old = shutil.copytree(folder, tmp_path / "old")
        facts = json.loads((old / "manifest.json").read_text("utf-8"))
        for one in facts["scenarios"].values():
            del one["words"]
        (old / "manifest.json").write_text(json.dumps(facts), encoding="utf-8")
        assert call("report", old) == call("handout", old) == 0
        assert "not kept" in (old / "report.html").read_text("utf-8")


class TestHandout:
    @BOTH
    def test_bets_first_and_answers_in_the_notes(self, folder, pages, language):
        sheets = Reader(pages[f"handout_{language}"].read_text("utf-8"))
        notes = Reader(pages[f"handout_{language}_notes"].read_text("utf-8"))
        bets = [attrs["data-claim"] for attrs, _ in sheets.of("tr") if "data-claim" in attrs]
        status = {row["claim"]: row["status"] for row in rows(folder)}
        assert len(bets) == 5 and bets[0] == "three_to_five_survive"
        assert {status[one] for one in bets} == {"emergent"}
        assert sheets.of("data") == []
        shares = {r["claim"]: float(r["share"]) for r in rows(folder) if r["scenario"] == "evil"}
        answers, claim = {}, None
        for tag, attrs, _ in notes.elements:
            if tag == "tr":
                claim = attrs.get("data-claim")
            if tag == "data" and claim:
                answers[claim] = float(attrs["value"])
        assert answers == {one: shares[one] for one in bets}
        minutes = [int(text) for attrs, text in notes.of("td") if attrs.get("class") == "n"
                   and text.isdigit()]  # fmt: skip
        assert sum(minutes[:6]) == 45

    @BOTH
    def test_a_class_can_do_it_with_what_is_on_it(self, folder, pages, language):
        html = pages[f"handout_{language}"].read_text("utf-8")
        first, second = html.split('aria-labelledby="reveal"')
        sheets = Reader(html)
        bets = [text for attrs, text in sheets.of("tr") if "data-claim" in attrs]
        assert len(set(bets)) == 5 and not any("…" in text for text in bets)
        shares = {r["claim"]: r for r in rows(folder) if r["scenario"] == "evil"}
        ids = [attrs["data-claim"] for attrs, _ in sheets.of("tr") if "data-claim" in attrs]
        answers = re.findall(r"<td><strong>(.*?)</strong></td>", second)
        assert len(answers) == 5 and "<td><strong>" not in first
        for claim, told in zip(ids, answers, strict=True):
            share = float(shares[claim]["share"])
            if 0.01 < share < 0.99:
                assert f"{100 * share:.0f}" in told
        assert "llm-market-sim batch" not in second  # nothing that needs a computer

    @BOTH
    def test_however_short_the_texts_are_the_situation_is_whole(self, tmp_path, language):
        (tmp_path / "slow.yaml").write_text(SHORT_TEXTS, encoding="utf-8")
        batch = about([load(tmp_path / "slow.yaml")])
        (before, _), (own, _) = _situation(batch, "slow", language)
        assert before.text == load("baseline").text("about", language)
        assert own.text == "A review takes half a year."
        (change,) = _changes(batch, "slow", language)
        assert (change.path, change.new) == ("regulation.review_delay_weeks", "26")
        ((alone, _),) = _situation(about([load("open_coalition")]), "open_coalition", "en")
        assert alone.text == load("open_coalition").text("about", "en")

    @pytest.mark.slow
    def test_a_scenario_is_played_first(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        assert call("handout", "no_review", "-n", 2, "--seed", 1) == 0
        assert {file.name for file in tmp_path.iterdir()} == {
            "handout_no_review.html", "handout_no_review_notes.html"
        }  # fmt: skip
        assert "No review" in (tmp_path / "handout_no_review.html").read_text("utf-8")

    @pytest.mark.parametrize("more", [("--seed", 1), ("-n", 3)])
    def test_a_folder_is_not_played_and_a_scenario_is_no_folder(self, folder, more, capsys):
        assert call("handout", folder, *more) == 2
        assert "is a folder" in capsys.readouterr().err
        assert call("handout", "baseline", "--scenario", "baseline") == 2
        assert "--scenario picks one from a folder" in capsys.readouterr().err

    def test_an_unknown_scenario_gets_the_nearest(self, folder, capsys):
        assert call("handout", folder, "--scenario", "evli") == 2
        assert 'did you mean "evil"?' in capsys.readouterr().err
        assert call("handout", "basline") == 2
        assert 'did you mean "baseline"?' in capsys.readouterr().err

    def test_a_text_is_cut_between_sentences(self):
        assert shortened("One two. Three four. Five.", 21) == "One two. Three four."
        assert shortened("One  two.", 99) == "One two."
        assert shortened("One two three four", 10) == "One two …"
        assert shortened("一二三。四五六。", 5) == "一二三。"


class TestFiles:
    @pytest.mark.slow
    def test_a_file_of_somebody_else_stays(self, folder, tmp_path, capsys):
        mine = tmp_path / "page.html"
        mine.write_text("my own page")
        assert call("report", folder, "--out", mine) == 2
        assert "--force" in capsys.readouterr().err and mine.read_text() == "my own page"
        assert call("report", folder, "--out", mine, "--force") == 0
        assert call("report", folder, "--out", mine) == 0
        assert not list(tmp_path.glob("*.part"))
        (tmp_path / "new.pdf").write_text("my own pdf")
        assert call("report", folder, "--out", tmp_path / "new.html", "--pdf") == 2
        assert call("report", folder, "--out", tmp_path / "new.pdf") == 2
        assert call("report", folder, "--out", tmp_path) == 2

    def test_without_a_browser_it_says_what_was_looked_for(self, folder, monkeypatch, capsys):
        monkeypatch.setattr(printing.shutil, "which", lambda name: None)
        monkeypatch.delenv("CHROME_PATH", raising=False)
        assert call("report", folder, "--pdf") == 1
        said = capsys.readouterr().err
        for name in ("chromium", "google-chrome", "msedge", "CHROME_PATH"):
            assert name in said
        monkeypatch.setenv("CHROME_PATH", "/no/such/chrome")
        with pytest.raises(MarketSimError, match="/no/such/chrome"):
            printing.browser()

    def test_a_folder_that_is_none_is_refused(self, tmp_path, capsys):
        assert call("report", tmp_path) == 2
        assert "manifest.json" in capsys.readouterr().err
