"""The editors' schema and the loader agree; and no file, however odd, breaks the loader."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scenario_files import TEXTS, event, write

from llm_market_sim.errors import InputError
from llm_market_sim.scenario import SECTIONS, data_folder, json_schema, load, scenarios
from llm_market_sim.scenario.tree import Node
from llm_market_sim.scenario.yaml_parser import parse

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = json_schema()
CHECKER = jsonschema.Draft202012Validator(
    SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)
many = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


pytestmark = pytest.mark.usefixtures("empty_folder")


def refused_by_schema(data: Any) -> set[str]:
    """Dotted paths of what the schema refuses; an unknown name is the end of its path."""
    paths = set()
    for error in CHECKER.iter_errors(data):
        path = [str(part) for part in error.absolute_path]
        names: list[str] = []
        if error.validator == "additionalProperties":
            names = [name for name in error.instance if name not in error.schema["properties"]]
        elif (
            error.validator in ("enum", "pattern") and "propertyNames" in error.absolute_schema_path
        ):
            names = [error.instance]
        paths |= {".".join([*path, name]) for name in names} or {".".join(path)}
    return paths


def refused_by_loader(text: str) -> set[str]:
    try:
        load(write(x=text))
    except InputError as error:
        return {problem.path for problem in error.problems}
    return set()


# ---- the schema ----

VALUES = st.one_of(
    st.sampled_from([0, 1, -1, 0.5, 1.0, 78.0, 2.5, 1e3, 1e9, 1e30, -1e-9, True, False, None, "x"]),
    st.sampled_from(["", "throughput", "multinomial", [], [1], {}, {"consumer": 1}, {"all": 0.5}]),
    st.dictionaries(
        st.sampled_from(["consumer", "public", "all", "startup", "wrapper", "who"]),
        st.sampled_from([0, 1, 0.5, -1, 1e9, True, None, "x", {}]),
        max_size=3,
    ),
)
BY_FIRM = {
    f"{section}.{name}"
    for section, model in SECTIONS.items()
    for name, field in model.model_fields.items()
    if field.annotation == dict[str, float]
}
PLACES = [(s, name) for s, model in SECTIONS.items() for name in [*model.model_fields, "unknown"]]
PLACES += [("horizon_weeks", ""), ("ticks_per_week", ""), ("users", ""), ("unknown", "")]
PLACES += [("population", "pool_firms"), ("population", "route_mix")]


@many
@given(st.dictionaries(st.sampled_from(PLACES), VALUES, max_size=8))
def test_schema_and_loader_refuse_the_same(values: dict[tuple[str, str], Any]) -> None:
    data: dict[str, Any] = {}
    for (section, name), value in values.items():
        if f"{section}.{name}" in BY_FIRM and isinstance(value, dict):
            value = {key: below for key, below in value.items() if key == "all"}
        if not name:
            data[section] = value
        elif isinstance(data.setdefault(section, {}), dict):
            data[section][name] = value
    text = json.dumps(data | {"extends": "baseline"})
    assert refused_by_loader(text) == refused_by_schema(json.loads(text))


def test_schema_and_loader_agree_on_every_parameter() -> None:
    faults = []
    for section, model in SECTIONS.items():
        names = [name for name in model.model_fields if f"{section}.{name}" not in BY_FIRM]
        for value in (None, "x", True, -1, 1e99, [], {}, {"who": 1}):
            text = json.dumps({"extends": "baseline", section: dict.fromkeys(names, value)})
            if apart := refused_by_loader(text) ^ refused_by_schema(json.loads(text)):
                faults.append((section, value, apart))
    assert faults == []


FRAGMENTS = {
    "players: {baidu: {cash_musd: 5}}": True,
    "players: {baidu: {cash_musd: x}}": False,
    "players: {baidu: {cash_musd: {value: 5, source: a, confidence: low}}}": True,
    "players: {baidu: {cash_musd: {value: x, source: a, confidence: low}}}": False,
    "players: {baidu: {cash_musd: {value: 5, source: a, confidence: lowish}}}": False,
    "players: {baidu: {cash_musd: {value: 5, source: a, confidence: low, why: 1}}}": False,
    "players: {baidu: {cash_musd: {confidence: high}}}": True,
    "players: {baidu: {gpus: -1}}": False,
    "players: {baidu: {gpus: {value: -1, source: a, confidence: low}}}": False,
    "players: {baidu: {capability_oom: 19}}": False,
    "players: {baidu: {reach: {consumer: 0.5}}}": True,
    "players: {baidu: {reach: {consumer: 1.5}}}": False,
    "players: {baidu: {reach: {consumr: 0.5}}}": False,
    "players: {baidu: {stage: 1.0}}": True,
    "players: {baidu: {stage: 1.5}}": False,
    "players: {baidu: {kind: bigtek}}": False,
    "players: {baidu: {cashh: 3}}": False,
    "players: {baidu: null}": True,
    "players: {baidu: 3}": False,
    "timeline: {ban: null}": True,
    "population: {route_mix: {wrapper: 2}}": False,
    "label: {en: x}": True,
    "label: {en: ''}": False,
    "label: {de: x}": False,
    "about: ''": False,
    "name: x": False,
}
EVENTS = {
    "set: {regulation.review_delay_weeks: 3}": True,
    "set: {regulation.review_delay_weeks: -3}": False,
    "set: {regulation.review_delay_weeks: x}": False,
    "set: {regulation.reveiw_delay_weeks: 3}": False,
    "set: {users.population: {public: 3}}": True,
    "set: {users.population: {public: -3}}": False,
    "set: {users.population.public: 3}": True,
    "set: {users.population.public: x}": False,
    "set: {users.population.pubic: 3}": False,
    "set: {compute.cluster_speed.tencent: 3}": True,
    "set: {compute.cluster_speed.tencent: -3}": False,
    "set: {compute.cluster_speed_means: more_gpus}": True,
    "set: {compute.cluster_speed_means: more}": False,
    "set: {population.pool_firms: 3}": False,
    "scale: {regulation.review_delay_weeks: 3}": True,
    "scale: {regulation.review_delay_weeks: x}": False,
    "scale: {regulation.review_required: 3}": False,
    "scale: {users.population: 3}": True,
    "scale: {users.population.public: 3}": True,
    "scale: {compute.cluster_speed.tencent: 3}": True,
    "shock: {log_hype: 1}": True,
    "shock: {log_hpe: 1}": False,
    "shock: {log_hype: true}": False,
    "enter: [fourparadigm]": True,
    "enter: [1]": False,
    "enter: bytedance": False,
    "shock: {log_hype: 1}\n    until: 2024-01-01": True,
    "shock: {log_hype: 1}\n    until: ~": True,
    "shock: {log_hype: 1}\n    until: 2024-13-01": False,
    "shock: {log_hype: 1}\n    until: 2024": False,
    "shock: {log_hype: 1}\n    untill: 2024-01-01": False,
}


def test_schema_and_loader_give_the_same_answer() -> None:
    write(base=event("shock: {log_hype: 1}"))
    faults = []
    for text, fine in (FRAGMENTS | EVENTS).items():
        whole = event(text) if text in EVENTS else f"extends: base\n{text}\n"
        tree, _ = parse(whole.encode(), "x.yaml")
        assert isinstance(tree, Node)
        answers = [refused_by_loader(whole) == set(), refused_by_schema(tree.plain()) == set()]
        if answers != [fine, fine]:
            faults.append((text, answers))
    assert faults == []


def test_the_shipped_files_please_the_schema() -> None:
    for name in [*scenarios(), "players"]:
        tree, _ = parse((data_folder() / f"{name}.yaml").read_bytes(), name)
        assert isinstance(tree, Node)
        assert refused_by_schema(tree.plain()) == set()


def test_the_schema_is_a_schema_and_the_same_every_time() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    code = (
        "import hashlib, json; from llm_market_sim.scenario import json_schema;"
        "print(hashlib.sha256(json.dumps(json_schema()).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(digests) == 1


def test_every_parameter_is_described_with_its_unit() -> None:
    regulation = SCHEMA["properties"]["regulation"]["$ref"].removeprefix("#/$defs/")
    delay = SCHEMA["$defs"][regulation]["properties"]["review_delay_weeks"]
    assert "(weeks)" in delay["description"]
    assert delay["minimum"] == 0


# ---- whatever is in a file, the loader says so ----

PIECES = [
    "&a ",
    "*a",
    "&b ",
    "*b",
    "<<: ",
    "!!str ",
    "!x ",
    "? ",
    "- ",
    ": ",
    "\t",
    "{",
    "}",
    "[",
    "]",
    "'",
    '"',
    "|",
    "> ",
    "%YAML 1.2\n",
    "@",
    "`",
    "#",
    "\n",
    "\n  ",
    "~",
    "null",
    ".nan",
    "1e999",
    "360",
    "---\n",
    "...\n",
    "\u2028",
    "\x85",
    "\x00",
    "\ufeff",
    "甲",
    '"\\x00"',
    '"\\uD83D"',
    "users",
    "population",
    "players: ",
    "baidu: ",
    "timeline:\n  e: ",
    "set: {",
    ",",
    "enter: [",
    "date: 2023-05-01",
    "extends: ",
    "horizon_weeks: ",
    "label",
    "value: ",
]
SOUP = st.lists(st.sampled_from(PIECES))


@many
@given(st.one_of(st.binary(), st.text().map(str.encode), SOUP.map("".join).map(str.encode)))
def test_no_file_breaks_the_loader(data: bytes) -> None:
    Path("x.yaml").write_bytes(data)
    with pytest.raises(InputError) as caught:
        load("x.yaml")
    assert str(caught.value)


@many
@given(st.integers(0), st.integers(0, 40), SOUP.map("".join))
def test_no_damage_to_a_good_file_breaks_the_loader(start: int, cut: int, new: str) -> None:
    good = event("set: {users.population.public: 3}\n    enter: [fourparadigm]")
    good += (
        "players: {baidu: {cash_musd: {value: 3, source: a, confidence: low}, reach: {public: 1}}}"
    )
    start %= len(good)
    try:
        load(write(x=good[:start] + new + good[start + cut :]))
    except InputError as error:
        assert str(error)


@many
@given(st.text())
def test_no_option_breaks_the_loader(text: str) -> None:
    write(x=TEXTS)
    for option in (text, f"horizon_weeks={text}", f"{text}=1", f"players.{text}=~"):
        try:
            load("x.yaml", [option])
        except InputError as error:
            assert str(error)
