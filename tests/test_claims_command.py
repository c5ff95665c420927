"""``claims`` as somebody new meets it: what it prints, keeps and refuses."""

import json
import os
import re
from functools import partial

import pytest

from llm_market_sim.batch import work
from llm_market_sim.support.files import read_csv

SMALL = ["--set", "population.stealth_firms=4", "--set", "population.pool_firms=6"]
CLAIM = """\
id: {id}
text: {text}
said_by: a test
source: this file
metric: n_general_platforms
params: {{theta: 0.05}}
variants: {{theta: [0.05, 0.2], own_model: [any, required]}}
predicate: "{predicate}"
horizon_week: {week}
horizon_variants: [4, 90]
status: {status}
reason: It is a test.
"""
TEXTS = {
    "few": ("Fewer than four are left.", "x < 4", 6, "emergent"),
    "some": ("Somebody is left.", "x >= 1", 6, "emergent"),
    "three": ("Exactly three are left after so short a time, no more and no fewer than three.",
              "x == 3", 7, "calibrated"),
    "sure": ("Fewer than ninety are left.", "x < 90", 6, "emergent"),
    "given": ("The model has it so.", "x < 9", 6, "input"),
}  # fmt: skip


@pytest.fixture
def claims(told, monkeypatch):
    """claims("baseline", ...) -> exit code, stdout, stderr; as into a pipe of 100 columns."""
    monkeypatch.setenv("COLUMNS", "100")
    return partial(told, "claims")


@pytest.fixture
def ask(tmp_path):
    """ask("few", "some") -> the options that name these claims."""

    def options(*names):
        found = []
        for name in names:
            text, predicate, week, status = TEXTS[name]
            file = tmp_path / f"{name}.yaml"
            file.write_text(CLAIM.format(id=name, text=text, predicate=predicate, week=week,
                                         status=status))  # fmt: skip
            found += ["--claim", file]
        return [*found, *SMALL, "--seed", 3]

    return options


def flat(text):
    return " ".join(text.split())


ENDS = ("csv", "png", "svg")
WEEKS = ("--set", "horizon_weeks=8")


def test_one_scenario_is_a_table_of_all_claims_in_100_columns(claims, ask):
    code, out, _ = claims("no_review", "-n", 40, *ask(*TEXTS), *WEEKS)
    assert code == 0 and max(map(len, out.splitlines())) <= 100
    assert f"{len(TEXTS)} claims in 40 worlds of no_review" in out
    row = r"^few +\d+ % \(\d+ to \d+\) +(holds|fails|undecided) +\d+ to .*\n +Fewer than four are"
    assert re.search(row, out, re.M)
    assert re.search(r"^some +above 92\.5 % +holds ", out, re.M)
    assert re.search(r"^given +above 92\.5 % +assumed, not tested", out, re.M)
    assert re.search(r"^three +\S.* % .*fitted, not tested", out, re.M)
    shown = flat(out)
    for part in (
        "Wilson",
        "conditional on the scenario's parameters",
        "Of 3 claims,",
        "In all of the 40 worlds: some, sure.",
        "the model assumes them or was fitted to them: three, given.",
        "40 worlds: shares are known within",
        "160 would make it",
        "Seed 3, 40 worlds a scenario",
    ):
        assert part in shown, part
    now, more = re.search(
        r"within (\d+\.?\d*) points; 160 would make it (\d+(?:\.\d+)?)\.", shown
    ).groups()
    assert float(more) == pytest.approx(float(now) / 2, rel=0.06)


def test_several_scenarios_are_a_matrix_that_fits(claims, ask):
    code, out, _ = claims("no_review", "open_door", "-n", 20, *ask(*TEXTS), *WEEKS)
    assert code == 0 and re.search(r"claim +no_review +open_door", out)
    assert re.search(r"^some +>85 +<15 *$", out, re.M) and re.search(r"^given\* ", out, re.M)
    few = re.search(r"^few +(\d+)(\??) ", out, re.M)
    share, mark = int(few[1]), few[2]
    assert (mark == "?") == (29 <= share <= 71)  # the interval of 6 to 14 of 20 covers one half
    code, out, _ = claims("--all", "-n", 1, *ask("few", "some"), "--set", "horizon_weeks=6")
    assert code == 0 and max(map(len, out.splitlines())) <= 100
    names = re.search(r"Scenarios: (.*?)\.", flat(out))[1].split(", ")
    assert [name.split()[0] for name in names] == [str(k) for k in range(1, len(names) + 1)]
    assert len(names) >= 22 and any(one.endswith(" baseline") for one in names)
    heads = re.findall(r"^claim +([\d ]+)$", out, re.M)
    assert " ".join(heads).split() == [name.split()[0] for name in names]


def test_one_claim_is_told_in_full(claims, ask):
    code, out, _ = claims("no_review", "-n", 40, *ask("few"), *WEEKS)
    shown = flat(out)
    for part in (
        "Fewer than four are left.",
        "Said by a test (this file), paraphrased.",
        "Tested: x < 4 in week 6",
        "at least 5 % of all segments together",
        "Over 8 definitions the share runs from",
        "Not reached: 4 more, of week 90.",
        "the share is known within",
    ):
        assert part in shown, part
    assert code == 0 and "hold in one world" not in shown


def test_a_side_that_no_definition_takes_is_told_as_none(claims, ask):
    code, out, _ = claims("no_review", "-n", 10, *ask("sure"), *WEEKS)
    assert code == 0 and "8 hold, 0 fail, 0 undecided." in flat(out)


def test_definitions_are_shown_one_by_one_with_the_default_marked(claims, ask):
    code, out, _ = claims("no_review", "-n", 40, *ask("few"), *WEEKS, "--definitions")
    assert code == 0 and re.search(r"week +own model +theta 0\.05 +theta 0\.2", out)
    rows = re.findall(r"^([46]) +(any|required) +(\S+) +(\S+) *$", out, re.M)
    assert [row[:2] for row in rows] == [(w, o) for w in "46" for o in ("any", "required")]
    assert [row[2].startswith("[") for row in rows] == [False, False, True, False]
    counts = re.search(r"(\d+) hold, (\d+) fail, (\d+) undecided", out)
    cells = [cell for row in rows for cell in row[2:]]
    assert sum(map(int, counts.groups())) == len(cells) == 8
    assert sum("?" in cell for cell in cells) == int(counts[3])


def test_a_claim_beyond_the_end_lengthens_the_run_unless_the_length_was_given(
    claims, ask, tmp_path
):
    options = ask("few")
    file = tmp_path / "few.yaml"
    file.write_text(file.read_text().replace("horizon_week: 6", "horizon_week: 80"))
    code, out, _ = claims("no_review", "-n", 2, *options)
    assert code == 0 and "Run on to week 80, which a claim is about: no_review." in flat(out)
    assert "eighteen months" in out and "not reached" not in out
    code, out, _ = claims("no_review", "-n", 2, *options, *WEEKS)
    assert code == 0 and "not reached" in out and "Run on" not in out


def test_precision_says_how_many_worlds_it_took_and_why(claims, ask):
    code, out, _ = claims("no_review", "--precision", 0.1, *ask("few"), *WEEKS)
    rule = (
        "Stopped after 100 worlds by the rule that was asked for: looked after 100 and then every "
        "50, until half of every 95 % interval (Wilson) was at most 10 points, and at most 10,000"
    )
    assert code == 0 and rule in flat(out) and "Seed 3, 100 worlds" in out


def test_the_baseline_is_asked_where_no_scenario_is_named(claims, ask):
    code, out, _ = claims("-n", 1, *ask("few"), "--set", "horizon_weeks=6")
    assert code == 0 and re.search(r"^baseline +1 ", out, re.M)


def test_definitions_cost_no_second_simulation(claims, ask, monkeypatch):
    done = []
    real = work.simulate_block
    monkeypatch.setattr(work, "simulate_block", lambda *a, **k: done.append(1) or real(*a, **k))
    assert claims("no_review", "-n", 5, "-j", 1, *ask(*TEXTS), *WEEKS, "--definitions")[0] == 0
    assert done == [1]


def test_the_folder_holds_what_the_help_says(claims, ask, tmp_path):
    out = tmp_path / "kept"
    options = ("no_review", "-n", 40, *ask(*TEXTS), *WEEKS, "--definitions", "--out", out)
    assert claims(*options)[0] == 0
    tables = {"verdicts.csv", "definitions.csv", "together.csv", "worlds.csv"}
    figures = {f"definitions_{name}.{end}" for name in TEXTS for end in ("png", "svg")}
    assert tables | figures == {name for name in os.listdir(out) if name.endswith((*ENDS,))}
    worlds, verdicts = read_csv(out / "worlds.csv"), read_csv(out / "verdicts.csv")
    assert len(worlds) == len(TEXTS) * 40 and [row["claim"] for row in verdicts] == list(TEXTS)
    for verdict in verdicts:
        mine = [row for row in worlds if row["claim"] == verdict["claim"]]
        x = [float(row["x"]) for row in mine]
        held = [eval(verdict["predicate"], {"x": value}) for value in x]
        assert [int(row["holds"]) for row in mine] == held
        assert (int(verdict["hits"]), verdict["worlds"]) == (sum(held), "40")
        assert verdict["seed"] == "3" and re.fullmatch(r"\d{4}-\d\d-\d\d", verdict["date"])
    definitions = read_csv(out / "definitions.csv")
    few = [row for row in definitions if row["claim"] == "few"]
    assert len(few) == 12 and sum(int(row["default"]) for row in few) == 1
    reached = [row for row in few if row["verdict"] != "not reached"]
    shares = [float(row["share"]) for row in reached]
    [told_few] = [row for row in verdicts if row["claim"] == "few"]
    assert float(told_few["lowest_share"]) == min(shares)
    assert float(told_few["highest_share"]) == max(shares)
    assert (int(told_few["definitions"]), int(told_few["not_reached"])) == (8, 4)
    for verdict in verdicts:
        mine = [row["verdict"] for row in definitions if row["claim"] == verdict["claim"]]
        for word, column in (("holds", "hold"), ("fails", "fail"), ("undecided", "undecided")):
            assert int(verdict[column]) == mine.count(word)
    pairs = {(row["first"], row["second"]): row for row in read_csv(out / "together.csv")}
    assert all("given" not in pair and "some" not in pair for pair in pairs)
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert (manifest["seed"], manifest["worlds"]) == (3, 40)
    assert manifest["claims"]["three"]["predicate"] == "x == 3"
    assert len(manifest["scenarios"]["no_review"]["digest"]) == 64
    before = {name: (out / name).read_bytes() for name in tables | figures}
    code, printed, err = claims(*options, "--jobs", 1)
    assert code == 0 and "40 worlds are there already, 0 to go" in err
    assert "0 of them computed now" in printed
    assert before == {name: (out / name).read_bytes() for name in tables | figures}


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (("--claim", "three_to_six_survive"), 'did you mean "three_to_five_survive"?'),
        (("no_reveiw",), 'did you mean "no_review"?'),
        (("--worlds", 0), "0 must be 1 to"),
        (("--precision", 0.5), "0.5 must be 0.01 to 0.2"),
        (("--precision", 0), "0 must be 0.01 to 0.2"),
        (("--precision", "nan"), "nan must be 0.01 to 0.2"),
        (("--precision", 0.05, "--worlds", 100), "leave out --worlds"),
        (("--set", "regulation.delay=3"), "regulation.delay: no such parameter"),
        (("baseline", "baseline"), '"baseline" is given 2 times'),
    ],
)
def test_bad_input_is_told_and_returns_two(claims, options, what):
    code, out, err = claims(*options)
    assert (code, out) == (2, "") and what in err
