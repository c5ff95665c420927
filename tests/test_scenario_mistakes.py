"""Mistakes in scenario files: each is shown at its line and column, all at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from scenario_files import TEXTS, event, faults_in, mistakes, write

from llm_market_sim.errors import InputError, Problem
from llm_market_sim.scenario import load
from llm_market_sim.support.chinese import told as in_language

pytestmark = pytest.mark.usefixtures("empty_folder")


REFUSED = {
    "empty": ("", "x.yaml:1:1: the file is empty"),
    "only a comment": ("# nothing\n", "x.yaml:1:1: the file is empty"),
    "null": ("~\n", "x.yaml:1:1: the file is empty"),
    "a list": ("- a\n- b\n", 'x.yaml:1:1: ["a", "b"] must be entries of the form name: value'),
    "a text": ("hello\n", 'x.yaml:1:1: "hello" must be entries of the form name: value'),
    "two documents": (TEXTS + "---\na: 1\n", "x.yaml:7:1: a second document begins"),
    "not UTF-8": (b"label:\n  en: \xff\n", "x.yaml:2:7: not UTF-8 text"),
    "UTF-16": (TEXTS.encode("utf-16"), "x.yaml:1:1: not UTF-8 text"),
    "NUL": (TEXTS + "a: \0", "x.yaml:7:4: character U+0000 cannot stand"),
    "too large": ("#" * 1_000_001, "x.yaml:1:1: larger than 1,000,000 bytes"),
    "tab": (TEXTS + "regulation:\n\tbatch: 1\n", "x.yaml:8:1: not valid YAML: found character"),
    "open bracket": (TEXTS + "users: [1,\n", "x.yaml:8:1: not valid YAML: did not find expected"),
    "colon in a text": (
        TEXTS + "users: a: b\n",
        "x.yaml:7:9: not valid YAML: mapping values are not allowed in this context; put a text",
    ),
    "duplicate key": (
        TEXTS + "regulation:\n  beta_cap: {consumer: 1}\n  beta_cap: {consumer: 2}\n",
        "x.yaml:9:3: regulation.beta_cap: written twice, first on line 8",
    ),
    "duplicate section": (TEXTS + "about: again\n", "x.yaml:7:1: about: written twice"),
    "merge key": (
        TEXTS + "users: {population: &a {public: 5}, <<: *a}\n",
        'x.yaml:7:37: users: merge keys ("<<") are not allowed: use extends:',
    ),
    "list as a key": (TEXTS + "? [a]\n: 1\n", "x.yaml:7:3: a name must be a plain text"),
    "tag": (
        TEXTS + "horizon_weeks: !!python/name:os.system 3\n",
        "x.yaml:7:16: horizon_weeks: the tag 'tag:yaml.org,2002:python/name:os.system' is not",
    ),
    "string tag": (TEXTS + "extends: !!str a\n", "x.yaml:7:10: extends: the tag"),
    "unknown alias": (TEXTS + "users: *who\n", "x.yaml:7:8: "),
    "alias of itself": (TEXTS + "users: &u {a: *u}\n", "x.yaml:7:15: users.a: the alias *u"),
    "deep": (TEXTS + "users: " + "[" * 100_000, "x.yaml:7:39: nested deeper than 32 levels"),
    "nan": (
        TEXTS + "regulation: {review_delay_weeks: .nan}\n",
        "x.yaml:7:34: regulation.review_delay_weeks: .nan is not allowed: write a finite number",
    ),
    "infinity": (TEXTS + "horizon_weeks: -.inf\n", "x.yaml:7:16: horizon_weeks: -.inf is not"),
    "1e999": (
        TEXTS + "regulation: {review_delay_weeks: 1e999}\n",
        "x.yaml:7:34: regulation.review_delay_weeks: 1e999 is larger than any number",
    ),
    "400 digits": (TEXTS + "horizon_weeks: " + "9" * 400, "x.yaml:7:16: horizon_weeks: 999"),
    "hex": (TEXTS + "horizon_weeks: 0x" + "f" * 99, "x.yaml:7:16: horizon_weeks: 0xfff"),
    "control character": (TEXTS + 'horizon_weeks: "\\e[1m"', "x.yaml:7:16: horizon_weeks: a cont"),
    "below a bound": (
        TEXTS + "regulation:\n  # slower\n  review_delay_weeks:   -3\n",
        "x.yaml:9:25: regulation.review_delay_weeks: -3 must be at least 0 (weeks)",
    ),
    "above a bound": (TEXTS + "horizon_weeks: 521\n", "x.yaml:7:16: horizon_weeks: 521 must be"),
    "bound of a mapping": (
        TEXTS + "users: {population: {public: 3, consumer: -1}}\n",
        "x.yaml:7:43: users.population.consumer: -1 must be more than 0 (accounts)",
    ),
    "text for a number": (
        TEXTS + "regulation: {review_delay_weeks: soon}\n",
        'x.yaml:7:34: regulation.review_delay_weeks: "soon" must be a number (weeks)',
    ),
    "thousands": (
        TEXTS + "users: {population: {public: '4,000'}}\n",
        'x.yaml:7:30: users.population.public: "4,000" must be a number (accounts); write it with',
    ),
    "true for a number": (
        TEXTS + "regulation: {review_delay_weeks: true}\n",
        "x.yaml:7:34: regulation.review_delay_weeks: true must be a number (weeks)",
    ),
    "no for a bool": (
        TEXTS + "regulation: {review_required: no}\n",
        'x.yaml:7:31: regulation.review_required: "no" must be true or false',
    ),
    "half a week": (TEXTS + "horizon_weeks: 2.5\n", "x.yaml:7:16: horizon_weeks: 2.5 must be a"),
    "true ticks": (TEXTS + "ticks_per_week: true\n", "x.yaml:7:17: ticks_per_week: true must be"),
    "ticks": (TEXTS + "ticks_per_week: 3\n", "x.yaml:7:17: ticks_per_week: 3 must be one of 1, 2"),
    "choice": (
        TEXTS + "compute: {cluster_speed_means: throuput}\n",
        'x.yaml:7:32: compute.cluster_speed_means: "throuput" must be one of throughput, more_gpus;'
        ' did you mean "throughput"?',
    ),
    "empty section": (
        TEXTS + "regulation:\n#  review_delay_weeks: 3\n",
        "x.yaml:7:12: regulation: is empty: write a value, or take the line out",
    ),
    "number for a section": (
        TEXTS + "regulation: 3\n",
        "x.yaml:7:13: regulation: 3 must be entries of the form name: value such as",
    ),
    "number for a text": (
        TEXTS.replace("how: how", "how: 12"),
        'x.yaml:3:6: how: 12 must be a text: write "12"',
    ),
    "blank text": (TEXTS.replace("how: how", "how: ' '"), "x.yaml:3:6: how: is blank: write"),
    "missing text": (
        TEXTS.replace("notice: look\n", ""),
        "x.yaml:1:1: notice: is missing: what to look for in the results",
    ),
    "missing label": (
        TEXTS.replace(", zh: 基准", ""),
        "x.yaml:1:8: label: is incomplete: zh must be given too",
    ),
    "unknown parameter": (
        TEXTS + "regulation:\n  reveiw_delay_weeks: 3\n",
        "x.yaml:8:3: regulation.reveiw_delay_weeks: no such parameter;"
        ' did you mean "review_delay_weeks"?',
    ),
    "unknown section": (
        TEXTS + "regulaton: {}\n",
        'x.yaml:7:1: regulaton: no such entry; did you mean "regulation"?',
    ),
    "parameter outside its section": (
        TEXTS + "review_delay_weeks: 3\n",
        "x.yaml:7:1: review_delay_weeks: no such entry;"
        ' did you mean "regulation.review_delay_weeks"?',
    ),
    "name": (TEXTS + "name: y\n", "x.yaml:7:1: name: is the file's own name and cannot be given"),
    "unknown segment": (
        TEXTS + "users: {population: {consumr: 3}}\n",
        'x.yaml:7:22: users.population.consumr: no such entry; did you mean "consumer"?',
    ),
    "unknown firm in a mapping": (
        TEXTS + "compute:\n  cluster_speed: {tencnt: 2}\n",
        'x.yaml:8:19: compute.cluster_speed.tencnt: no firm "tencnt" in the roster;'
        ' did you mean "tencent"?',
    ),
    "unknown player": (
        TEXTS + "players:\n  biadu: {cash_musd: 3}\n",
        "x.yaml:8:3: players.biadu: is incomplete: name, kind, presence,",
    ),
    "bare cell": (
        TEXTS + "players:\n  baidu: {cash_musd: much}\n",
        'x.yaml:8:22: players.baidu.cash_musd: "much" must be a number',
    ),
    "full cell": (
        TEXTS + "players: {baidu: {cash_musd: {value: much, source: a, confidence: low}}}\n",
        'x.yaml:7:38: players.baidu.cash_musd.value: "much" must be a number',
    ),
    "cell of infinity": (
        TEXTS + "players: {baidu: {cash_musd: {value: .inf, source: a, confidence: low}}}\n",
        "x.yaml:7:38: players.baidu.cash_musd.value: .inf is not allowed: write a finite number",
    ),
    "cell in part": (
        TEXTS + "players: {baidu: {reach: {consumer: much}}}\n",
        'x.yaml:7:37: players.baidu.reach.consumer: "much" must be a number',
    ),
    "value without a source": (
        TEXTS + "players: {baidu: {cash_musd: {value: 3}}}\n",
        "x.yaml:7:19: players.baidu.cash_musd: is incomplete: source, confidence must be given",
    ),
    "unknown backer": (
        TEXTS + "players: {baidu: {backer: alibab}}\n",
        'x.yaml:7:27: players.baidu.backer: no firm "alibab" in the roster; did you mean "aliba',
    ),
    "amount below zero": (
        TEXTS + "players: {baidu: {gpus: -5}}\n",
        "x.yaml:7:25: players.baidu.gpus: -5 must be at least 0",
    ),
    "share above one": (
        TEXTS + "players: {baidu: {reach: {consumer: 2}}}\n",
        "x.yaml:7:37: players.baidu.reach.consumer: 2 must be at most 1",
    ),
    "own backer": (
        TEXTS + "players: {baidu: {backer: baidu}}\n",
        "x.yaml:7:27: players.baidu.backer: a firm cannot be its own backer",
    ),
    "bad id": (
        TEXTS + "players: {a.b: {}}\n",
        'x.yaml:7:11: players.a.b: "a.b" is not a valid name',
    ),
    "population": (
        TEXTS + "population: {pool_firms: -1}\n",
        "x.yaml:7:26: population.pool_firms: -1 must be at least 0 (firms)",
    ),
    "null of nothing": (
        TEXTS + "players: {baido: null}\n",
        "x.yaml:7:18: players.baido: is null, but there is nothing to remove;"
        ' did you mean "baidu"?',
    ),
}  # fmt: skip


def test_one_mistake_is_shown_at_its_place() -> None:
    assert faults_in(REFUSED) == []


def test_every_mistake_is_told_in_chinese() -> None:
    told = {}
    for name, (text, _) in REFUSED.items():
        file = Path(f"{name.replace(' ', '_')}.yaml")
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(InputError) as caught:
            load(file)
        told |= {one.message: in_language(one.message, "zh") for one in caught.value.problems}
    clauses = {clause for said in told.values() for clause in said.split("；")}
    assert [one for one in clauses if not re.search("[\u4e00-\u9fff]", one)] == []


def test_aliases_cannot_explode() -> None:
    laughs = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for k in range(1, 30):
        laughs.append(f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 10)}]")
    told = mistakes(write(x="\n".join(laughs)))
    assert told == ["x.yaml:5:45: more than 100,000 values with its aliases"]


def test_aliases_cannot_nest_deeply() -> None:
    chain = ["a0: &a0 [x]", *(f"a{k}: &a{k} [*a{k - 1}]" for k in range(1, 300))]
    assert mistakes(write(x="\n".join(chain))) == ["x.yaml:31:12: nested deeper than 32 levels"]


def test_all_mistakes_of_all_files_come_at_once() -> None:
    one = write(a=TEXTS + "horizon_weeks: .nan\nregulation: {review_delay_weeks: -1}\nusrs: {}\n")
    two = write(b=TEXTS + "users: [\n")
    three = write(c=TEXTS + "users: {population: {public: -1, consumer: -1, developer: x}}\n")
    four = write(d=event("enter: [1, 2]\n    shock: {x: 1}").replace("how: how\n", ""))
    places = [
        told.split(": ")[0] for told in mistakes(one, two, three, four, "none.yaml", "baselin")
    ]
    assert places == [
        'no scenario "baselin"; did you mean "baseline"?',
        "a.yaml:7:16", "a.yaml:8:34", "a.yaml:9:1", "b.yaml:8:1",
        "c.yaml:7:30", "c.yaml:7:44", "c.yaml:7:59",
        "d.yaml:1:1", "d.yaml:11:13", "d.yaml:11:16", "d.yaml:12:13", "none.yaml",
    ]  # fmt: skip


def test_problems_carry_place_path_and_message() -> None:
    with pytest.raises(InputError) as caught:
        load(write(x=TEXTS + "horizon_weeks: 0\n"))
    problem = Problem("x.yaml:7:16", "horizon_weeks", "0 must be at least 1 (weeks)")
    assert caught.value.problems == (problem,)


def test_what_is_no_file_is_said_to_be_none() -> None:
    Path("folder.yaml").mkdir()
    told = {name: mistakes(f"{name}.yaml") for name in ("folder", "absent", "a\0b")}
    assert told == {
        "folder": ["folder.yaml: is a folder, not a file"],
        "absent": ["absent.yaml: no such file"],
        "a\0b": ["a\0b.yaml: no such file"],
    }
