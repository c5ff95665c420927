"""The evidence: facts as they were published, targets that can be measured, mistakes in place."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from llm_market_sim.errors import InputError
from llm_market_sim.experiments.evidence import LAST_DAY, TOPICS, load_evidence
from llm_market_sim.metrics import METRICS
from llm_market_sim.scenario import SECTIONS, scenarios

ROOT = Path(__file__).parents[1]
SOUND = """\
facts:
  left:
    topic: entry
    about: Two platforms are left.
    value: 2
    unit: platforms
    date: 2023-12-31
    source: a page
    url: https://example.org/page
    grade: B
    informs: [users.inertia.consumer, claims]
    target:
      metric: n_general_platforms
      params: {theta: 0.1}
      week: 37
      value: 2
      observation: 0.5
      discrepancy: 1
      why: it was counted
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_shipped_facts_are_as_published():
    facts = load_evidence()
    assert facts["models_may"].value == 79 and facts["models_may"].date == dt.date(2023, 5, 28)
    assert facts["first_batch_firms"].value == 11
    assert facts["approved_by_year_end"].value == 64
    assert facts["makers_funding"].value == 10
    assert facts["makers_funding"].unit == "billion CNY"
    assert facts["platform_share_baidu"].value == 19.9
    assert facts["rules_in_force"].value == "2023-08-15" and facts["rules_in_force"].grade == "A"
    assert facts["algorithmic_progress"].informs == ["training.algorithms_oom_per_year"]


def test_the_shipped_facts_are_sound_as_a_whole():
    facts = load_evidence()
    assert [one.id for one in facts.values()] == list(facts)
    assert list(dict.fromkeys(one.topic for one in facts.values())) == list(TOPICS)
    assert all(one.informs for one in facts.values())
    late = [one for one in facts.values() if one.date > LAST_DAY]
    assert late and all(one.technology for one in late)
    for one in facts.values():
        if one.unit == "date":
            assert dt.date.fromisoformat(one.value) <= LAST_DAY
        assert isinstance(one.value, str) == (one.unit in ("date", "text")), one.id


def test_what_is_later_than_2023_is_told_where_it_is_used():
    """Rates of technology only, and each parameter that rests on one names its year."""
    facts = load_evidence()
    late = {path for one in facts.values() if one.date > LAST_DAY for path in one.informs}
    later = re.compile(r"report is of 2024|later (report|total)")
    reports = {one.id for one in facts.values() if later.search(one.note.lower())}
    reports |= {one.id for one in facts.values() if re.search(r"/202[4-9]/", one.url)}
    assert late == {
        "frontier.growth_oom_per_year", "training.algorithms_oom_per_year",
        "compute.price_decline_per_year", "pricing.decline_per_year",
    }  # fmt: skip
    reports -= {one.id for one in facts.values() if one.date > LAST_DAY}
    assert len(reports) == 6
    of_2023 = {"compute.price_usd_per_gpu_hour"}
    named = {
        f"{section}.{name}"
        for section, model in SECTIONS.items()
        for name, schema in model.model_json_schema()["properties"].items()
        if re.search(r"\b20(2[4-9]|[3-9]\d)\b", schema["source"])
    }
    assert named == late | of_2023
    page = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    told = page[page.index("## Later than 2023") : page.index("## Regulation")]
    assert [name for name in late | reports if f"`{name}`" not in told] == []
    assert "docs/evidence.md#later-than-2023" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_evidence_is_no_scenario():
    assert "evidence" not in scenarios()


def test_a_target_names_its_number_as_the_fact_is_named():
    targets = {name: one.target for name, one in load_evidence().items() if one.target}
    assert {"first_batch_firms", "approved_by_year_end"} <= set(targets)
    for name, target in targets.items():
        measured = target.measurement
        assert (measured.name, measured.week) == (name, target.week)
        assert isinstance(measured.params, METRICS[target.metric].params)
        assert target.observation + target.discrepancy > 0


def test_facts_of_ones_own_are_read_from_a_file(tmp_path):
    [fact] = load_evidence(written(tmp_path, SOUND)).values()
    assert (fact.id, fact.value, fact.note, fact.technology) == ("left", 2.0, "", False)
    assert fact.informs == ["users.inertia.consumer", "claims"]
    assert fact.target.measurement.params.theta == 0.1
    assert (fact.target.value, fact.target.observation, fact.target.log) == (2.0, 0.5, False)


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ("facts:", "fact:", "1:1: fact", 'did you mean "facts"?'),
        ("  left:", "  le.ft:", "2:3: facts.le.ft", "not a valid name"),
        ("topic: entry", "topic: entries", "3:12: facts.left.topic", 'did you mean "entry"?'),
        ("about: Two platforms are left.", "about: ' '", "4:12: facts.left.about", "is blank"),
        (
            "value: 2\n    unit",
            "value: true\n    unit",
            "5:12: facts.left.value",
            "true must be a number, a list of numbers or a text",
        ),
        ("value: 2\n    unit", "value: [1, x]\n    unit", "5:12: facts.left.value", "must be a"),
        ("date: 2023-12-31", "date: 2023-12", "7:11: facts.left.date", "must be a day"),
        (
            "date: 2023-12-31",
            "date: 2024-01-01",
            "7:11: facts.left.date",
            "2024-01-01 is later than 2023-12-31",
        ),
        ("source: a page", "sources: a page", "8:5: facts.left.sources", 'mean "source"?'),
        ("    source: a page\n", "", "3:5: facts.left.source", "is missing"),
        (
            "url: https:",
            "url: file:",
            "9:10: facts.left.url",
            '"file://example.org/page" must be a web address',
        ),
        ("grade: B", "grade: D", "10:12: facts.left.grade", "must be one of A, B, C"),
        (
            "[users.inertia.",
            "[user.inertia.",
            "11:15: facts.left.informs[0]",
            'did you mean "users.inertia"?',
        ),
        (
            "inertia.consumer",
            "inertia.consumers",
            "11:15: facts.left.informs[0]",
            'users.inertia has no entry "consumers"; did you mean "consumer"?',
        ),
        ("inertia.consumer", "flywheel.consumer", "11:15: facts.left.informs[0]", "one value"),
        ("claims]", "claim]", "11:39: facts.left.informs[1]", 'did you mean "claims"?'),
        (
            "n_general_platforms",
            "n_platforms",
            "13:15: facts.left.target.metric",
            'did you mean "n_general_platforms"?',
        ),
        (
            "theta: 0.1",
            "tetha: 0.1",
            "14:16: facts.left.target.params.tetha",
            'did you mean "theta"?',
        ),
        ("theta: 0.1", "theta: 2", "14:23: facts.left.target.params.theta", "less than 1"),
        ("week: 37", "week: 38", "15:13: facts.left.target.week", "38 must be at most 37"),
        (
            "      value: 2\n",
            "      log: true\n      value: 0\n",
            "17:14: facts.left.target.value",
            "0 must be more than 0",
        ),
        ("discrepancy: 1", "discrepancy: -1", "18:20: facts.left.target.discrepancy", "at least"),
        ("      why:", "      because:", "19:7: facts.left.target.because", "no such entry"),
        ("    target:\n", "    target: 5\n    rest:\n", "12:13: facts.left.target", "entries"),
    ],
)
def test_a_mistake_is_shown_with_its_place(tmp_path, old, new, where, what):
    assert old in SOUND
    with pytest.raises(InputError) as caught:
        load_evidence(written(tmp_path, SOUND.replace(old, new)))
    found = [str(one) for one in caught.value.problems]
    assert [one for one in found if f"mine.yaml:{where}: " in one and what in one], found


def test_technology_may_be_later(tmp_path):
    text = SOUND.replace("date: 2023-12-31", "technology: true\n    date: 2025-03-12")
    assert load_evidence(written(tmp_path, text))["left"].date.year == 2025


def test_what_a_metric_needs_is_missed_even_without_params(tmp_path):
    text = SOUND.replace("n_general_platforms", "series").replace(
        "      params: {theta: 0.1}\n", ""
    )
    with pytest.raises(InputError, match=r"mine\.yaml:13:7: facts\.left\.target\.params\.name: is"):
        load_evidence(written(tmp_path, text))


def test_all_mistakes_come_at_once(tmp_path):
    text = SOUND.replace("grade: B", "grade: D").replace("week: 37", "week: 38")
    with pytest.raises(InputError) as caught:
        load_evidence(written(tmp_path, text.replace("n_general", "n")))
    assert len(caught.value.problems) == 3
    with pytest.raises(InputError, match="no such file"):
        load_evidence(tmp_path / "none.yaml")
