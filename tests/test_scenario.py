"""Scenarios: what a file may say, what its timeline does, and what a scenario can be asked."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from scenario_files import TEXTS, event, write

from llm_market_sim.scenario import (
    SECTIONS,
    Scenario,
    data_folder,
    difference,
    files,
    load,
    load_all,
    scenarios,
)

ROOT = Path(__file__).resolve().parents[1]


pytestmark = pytest.mark.usefixtures("empty_folder")


# ---- what is accepted ----


def test_a_file_with_nothing_but_its_texts_is_the_default() -> None:
    scenario = load(write(base=TEXTS))
    assert scenario.name == "base"
    assert scenario.label == {"en": "Base", "zh": "基准"}
    assert scenario.text("try") == "try"
    assert scenario.horizon_weeks == 78
    for name, section in SECTIONS.items():
        assert getattr(scenario, name) == section()
    assert "baidu" in scenario.players


def test_the_shipped_scenarios_load_by_name() -> None:
    names = scenarios()
    assert "players" not in names
    assert [scenario.name for scenario in load_all(names)] == names


def test_scalars_follow_yaml_1_2() -> None:
    text = TEXTS + "regulation: {review_delay_weeks: 1e1}\nhorizon_weeks: 52.0\n"
    scenario = load(write(x=text.replace("how: how", "how: no").replace("look", "12:30")))
    assert (scenario.text("how"), scenario.text("notice")) == ("no", "12:30")
    assert scenario.regulation.review_delay_weeks == 10.0
    assert scenario.horizon_weeks == 52


def test_a_key_is_the_text_that_was_written() -> None:
    players = (data_folder() / "players.yaml").read_text()
    assert "\n  360:" in players or '\n  "360":' in players
    assert "360" in load(write(x=TEXTS)).players


def test_a_mapping_given_in_part_keeps_the_rest() -> None:
    users = load(write(x=TEXTS + "users: {population: {public: 5}}\n")).users
    assert users.population == SECTIONS["users"]().model_dump()["population"] | {"public": 5.0}


def test_plain_aliases_are_welcome() -> None:
    users = "users:\n  population: &few {public: 5}\n  price_weight: {consumer: 1}\n"
    assert load(write(x=TEXTS + users)).users.population["public"] == 5.0


# ---- a scenario as a thing ----


def test_the_digest_changes_with_the_facts_only() -> None:
    text = event("set: {regulation.review_delay_weeks: 3}")
    digest = load(write(x=text)).digest()
    for old, new in (
        ("about: what", "# comment\nabout: else"),
        ("it happens", "else"),
        ("基准", "x"),
        ("weeks: 3", "weeks: 3.0"),
        ("extend: more", "extend: more\nhorizon_weeks: 78"),
        ("extend: more", "extend: more\nplayers: {baidu: {name: {en: B}}}"),
    ):
        assert load(write(y=text.replace(old, new))).digest() == digest
    for old, new in (
        ("weeks: 3", "weeks: 4"),
        ("06-05", "06-06"),
        ("ban:", "bann:"),
        ("extend: more", "extend: more\nhorizon_weeks: 77"),
        ("extend: more", "extend: more\nplayers: {baidu: {cash_musd: 1}}"),
        ("extend: more", "extend: more\npopulation: {pool_firms: 1}"),
    ):
        assert load(write(x=text.replace(old, new))).digest() != digest


def test_the_order_of_firms_is_a_fact() -> None:
    scenario = load(write(x=TEXTS))
    turned = scenario.model_copy(update={"players": dict(reversed(scenario.players.items()))})
    assert turned.digest() != scenario.digest()


def test_the_difference_names_what_a_child_changes() -> None:
    write(base=event("set: {regulation.review_delay_weeks: 3}"))
    child = load(
        write(
            child="extends: base\nabout: else\nhorizon_weeks: 60\n"
            "users: {population: {public: 9}}\nplayers: {baidu: {cash_musd: 3}, jd: null}\n"
            "timeline: {ban: {until: 2023-07-01}, more: {date: 2023-06-01, about: a, source: a,"
            " shock: {log_hype: 1}}}\n"
        )
    )
    rows = {path: (old, new) for path, old, new in difference(child, load("base.yaml"))}
    assert rows.pop("players.jd")[1] is None
    assert rows.pop("timeline.more")[0] is None
    assert rows.pop("players.baidu.cash_musd")[1] == 3
    assert rows == {
        "horizon_weeks": (78, 60),
        "users.population.public": (4000.0, 9.0),
        "timeline.ban.until": (None, "2023-07-01"),
    }
    assert difference(child, child) == []


def test_a_scenario_is_frozen_and_travels() -> None:
    scenario = load(write(x=event("set: {regulation.review_delay_weeks: 3}")))
    scenario.at(20)
    for other in (pickle.loads(pickle.dumps(scenario)), copy.deepcopy(scenario)):
        assert other == scenario and other.digest() == scenario.digest()
        assert isinstance(other, Scenario) and other.at(20) == scenario.at(20)
    with pytest.raises(ValueError, match="frozen"):
        scenario.horizon_weeks = 3  # type: ignore[misc]


def test_the_data_folder_of_a_checkout_and_of_an_installed_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "llm_market_sim/scenario/files.py"
    (tmp_path / "scenarios").mkdir()
    monkeypatch.setattr(files, "__file__", str(tmp_path / "src" / module))
    assert data_folder() == tmp_path / "scenarios"
    installed = tmp_path / "lib" / "llm_market_sim" / "data" / "scenarios"
    installed.mkdir(parents=True)
    monkeypatch.setattr(files, "__file__", str(tmp_path / "lib" / module))
    assert data_folder() == installed


def test_loading_and_simulating_imports_nothing_heavy() -> None:
    code = (
        "import sys, llm_market_sim.simulation.simulate, llm_market_sim.scenario as s;"
        "s.load('baseline');"
        "print({'mesa', 'matplotlib', 'pandas', 'scipy', 'rich'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
