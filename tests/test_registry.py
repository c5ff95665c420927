"""What is known by a name: registries, texts in both languages, and what a person adds."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from llm_market_sim.claims import OWN, add_claim, claims, load_claims
from llm_market_sim.cli import commands
from llm_market_sim.cli.app import cli
from llm_market_sim.errors import InputError
from llm_market_sim.market.observation import SERIES
from llm_market_sim.market.policies import get_policy
from llm_market_sim.metrics import METRICS
from llm_market_sim.stylised_facts import STATISTICS
from llm_market_sim.summary import said as words
from llm_market_sim.support.registry import Registry

ENTRIES = {
    "id": "of_a_test", "text": "Few  are\nleft.", "said_by": {"en": "a test", "zh": "测试"},
    "source": "here", "metric": "series", "params": {"name": "hhi"}, "predicate": "x > 0.5",
    "horizon_week": 8, "status": "emergent", "reason": "none",
}  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_stays():
    yield
    OWN._things.clear()


def test_a_name_is_given_once_and_an_unknown_one_is_told_the_nearest():
    known: Registry[int] = Registry("number", " (or write one)")
    known.register("three", 3)
    rule = known.registering("four", lambda rule: rule() + 1)(lambda: 3)
    assert rule() == 3 and dict(known) == {"three": 3, "four": 4}
    with pytest.raises(ValueError, match="a number named 'three' is already registered"):
        known.register("three", 4)
    with pytest.raises(InputError, match=r'no number "thre"; did you mean "three"\? \(or write'):
        known.find("thre")
    for ask in (METRICS.find, STATISTICS.find, SERIES.find, get_policy):
        with pytest.raises(
            InputError, match=r'no (metric|statistic|series|policy) "zzzz"; allowed'
        ):
            ask("zzzz")


def test_a_claim_of_ones_own_is_found_as_a_shipped_one_and_judged_with_them():
    mine = add_claim(**ENTRIES)
    assert load_claims(["of_a_test"]) == [mine]
    assert [one.id for one in load_claims()] == [*claims(), "of_a_test"]
    assert mine.text == "Few are left." and mine.said["zh"] == mine.text
    assert (mine.said_by, mine.speaker["zh"]) == ("a test", "测试")
    kept = mine.model_dump(mode="json")
    assert type(mine).model_validate(kept) == mine and set(kept) >= {"text", "said_by", "source"}
    with pytest.raises(ValueError, match="already registered"):
        add_claim(**ENTRIES)
    with pytest.raises(ValueError, match="shipped already"):
        add_claim(**ENTRIES | {"id": claims()[0]})
    with pytest.raises(InputError, match='did you mean "of_a_test"'):
        load_claims(["of_a_tst"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"metric": "hhhi"}, "claim of_a_test: metric: no metric"),
        ({"params": {"name": "hi"}}, 'claim of_a_test: params.name: no series "hi"'),
        ({"text": {"en": "Few."}}, "text: is incomplete: zh must be given too"),
        ({"text": 3}, "text: 3 must be a text"),
        ({"source": " "}, "source: is blank"),
        ({"sorce": "here"}, r'sorce: no such entry; did you mean "source"\?'),
        ({"predicate": "x >"}, "claim of_a_test: predicate"),
    ],
)
def test_a_mistake_in_it_is_told_as_in_a_file(change, message):
    with pytest.raises(InputError, match=message):
        add_claim(**ENTRIES | change)
    assert not OWN


def test_a_stored_claim_of_something_that_is_not_here_is_told_so():
    claim = add_claim(**ENTRIES).model_copy(update={"params": {"name": "gone"}})
    with pytest.raises(InputError, match=r'params\.name: no series "gone"'):
        _ = claim.measurement


def test_two_files_of_words_cannot_have_the_same_key(tmp_path, monkeypatch):
    (tmp_path / "room" / "texts").mkdir(parents=True)
    for name in ("one", "two"):
        (tmp_path / "room" / "texts" / f"{name}.yaml").write_text("a.b: {en: x, zh: y}\n")
    with (
        monkeypatch.context() as patch,
        pytest.raises(ValueError, match=r"\.yaml: a\.b stand in another file, too"),
    ):
        patch.setattr(words, "files", lambda package: tmp_path)
        words.load_texts("room")
    assert words.say_or("as it is", "unit.of_a_test", "zh") == "as it is"
    assert words.say_or("as it is", "unit.firms", "en") == "firms"


def test_every_command_that_runs_or_judges_takes_a_file_of_ones_own():
    names = (
        "validate run batch claims compare survival report handout plot merge sensitivity discover "
        "map stylised-facts"
    )
    for name in names.split():
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        options = [text for one in command.params for text in one.opts]
        assert "--with" in options, name


def test_the_commands_are_the_files_that_are_there():
    listed = cli.list_commands(click.Context(cli))
    assert (listed[0], listed[-1]) == ("validate", "schema") and "stylised-facts" in listed
    assert sorted(listed) == [
        file.stem.strip("_").replace("_", "-")
        for file in sorted(Path(commands.__file__).parent.glob("*.py"))
        if file.stem != "__init__"
    ]
