"""The number of the rules stands for numbers: where these move, the changelog says so."""

import copy
import json

import numbers_kept as kept_numbers
import pytest

import llm_market_sim


@pytest.fixture(scope="module")
def kept():
    return json.loads(kept_numbers.FILE.read_text("utf-8"))


@pytest.fixture(scope="module")
def now():
    return kept_numbers.computed()


def test_numbers_are_those_that_the_rules_number_stands_for(kept, now):
    found = kept_numbers.moved(kept["numbers"], now)
    todo = "name the change in CHANGELOG.md (docs/testing.md tells how) and run: make numbers"
    assert found == [], f"{len(found)} numbers moved; {todo}"
    assert kept["rules"] == llm_market_sim.__rules__, todo


def test_they_speak_of_claims_bands_and_firms(kept):
    for scenario, kinds in kept["numbers"].items():
        sizes = {kind: len(names) for kind, names in kinds.items()}
        assert sizes.keys() == {"claim", "band", "firm"} and min(sizes.values()) > 10, scenario
    firm = kept["numbers"]["baseline"]["firm"]["minimax"]
    assert 0 <= firm[0] <= kept["worlds"] == kept_numbers.WORLDS


@pytest.fixture
def other(kept):
    """Numbers of which one is another."""
    numbers = copy.deepcopy(kept["numbers"])
    numbers["baseline"]["band"]["firms_alive"][0] += 0.01
    return numbers


def test_one_number_that_moves_is_named(kept, other):
    [line] = kept_numbers.moved(kept["numbers"], other)
    assert line.startswith("baseline, band firms_alive: ")
    del other["baseline"]["firm"]["minimax"]
    assert any("firm minimax" in one for one in kept_numbers.moved(kept["numbers"], other))


def test_they_are_not_written_before_the_changelog_names_the_change(kept, other):
    entries, new = kept["named"], [*kept["named"], "One rule is another."]
    why = kept_numbers.refusal(kept, other, entries, False)
    assert "Numbers." in why
    assert kept_numbers.refusal(kept, other, new, False) == ""
    assert kept_numbers.refusal(kept, kept["numbers"], entries, True) == ""


def test_released_rules_keep_their_numbers(kept, other, monkeypatch):
    entries = [*kept["named"], "One rule is another."]
    assert "raise __rules__" in kept_numbers.refusal(kept, other, entries, True)
    monkeypatch.setattr(llm_market_sim, "__rules__", llm_market_sim.__rules__ + 1)
    assert kept_numbers.refusal(kept, other, entries, True) == ""
