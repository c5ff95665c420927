"""``list``: each thing that has a name, once, in a line that can be searched."""

import pytest

from llm_market_sim.claims import claims
from llm_market_sim.cli.app import main
from llm_market_sim.cli.commands.list import KINDS
from llm_market_sim.cli.show import print_table
from llm_market_sim.experiments.levers import load_levers
from llm_market_sim.figures.gallery import FIGURES
from llm_market_sim.market.observation import SERIES
from llm_market_sim.metrics import METRICS
from llm_market_sim.scenario import SECTIONS, load, scenarios

FIRMS = load("baseline").players
ALL = {
    "scenarios": scenarios(),
    "claims": claims(),
    "metrics": METRICS,
    "series": SERIES,
    "firms": FIRMS,
    "figures": FIGURES,
    "levers": load_levers(),
}


@pytest.mark.parametrize("kind", ALL)
def test_every_name_of_a_kind_has_one_line(kind, told):
    code, out, _ = told("list", kind)
    names = [line.split()[0] for line in out.splitlines()[3:]]
    assert (code, sorted(names)) == (0, sorted(ALL[kind]))


def test_a_parameter_has_its_value_its_unit_and_its_meaning(told):
    lines = told("list", "parameters")[1].splitlines()
    sections = {line.split()[0].split(".")[0] for line in lines[3:]}
    assert sections == {*SECTIONS, "population"}
    [line] = [one for one in lines if one.startswith("regulation.review_delay_weeks ")]
    delay = load("baseline").regulation.review_delay_weeks
    assert f" {delay:g} weeks " in line and "mean time of a review" in line


def test_a_series_has_its_unit(told):
    [line] = [one for one in told("list", "series")[1].splitlines() if one.startswith("revenue ")]
    assert SERIES["revenue"].unit in line and SERIES["revenue"].meaning in line


def test_a_word_is_sought_in_every_kind_and_in_whole_lines(told):
    code, out, _ = told("list", "REVIEW")
    assert code == 0
    kinds = ("2 scenarios:", "2 parameters:", "levers:")
    assert all(one in out for one in kinds) and "strict_review" in out
    assert "price" not in out
    only = told("list", "scenarios", "备案从严")[1]
    assert "strict_review" in only and "no_review" not in only


def test_all_words_must_be_there(told):
    out = told("list", "parameters", "review", "weeks")[1]
    assert "1 parameter:" in out and "review_delay_weeks" in out


def test_without_words_it_counts_the_kinds(told):
    out = told("list")[1]
    for kind, names in ALL.items():
        assert any(line.split()[:2] == [kind, str(len(names))] for line in out.splitlines())
    assert set(KINDS) == {*ALL, "parameters"}


@pytest.mark.parametrize(
    ("words", "says"),
    [(("clams",), 'did you mean "claims"?'), (("claims", "zzz"), 'no line has "zzz"')],
)
def test_what_is_nowhere_is_said(words, says, told):
    code, out, err = told("list", *words)
    assert (code, out) == (2, "") and says in err


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        (("describe", "zzz"), "35 of them: llm-market-sim list scenarios"),
        (("claims", "--claim", "zzz"), "llm-market-sim list claims"),
        (("levers", "zzz"), "llm-market-sim list levers"),
        (("batch",), "llm-market-sim list scenarios"),
    ],
)
def test_a_wrong_name_is_told_where_all_are_listed(command, kind, capsys):
    assert main([*command]) == 2
    assert kind.replace("35", str(len(scenarios()))) in capsys.readouterr().err


def test_a_series_taken_for_a_metric_is_told_how_to_be_written(tmp_path, capsys):
    text = "id: c\ntext: T\nsaid_by: a\nsource: b\nmetric: startup_share\npredicate: x < 1\n"
    (tmp_path / "c.yaml").write_text(text + "horizon_week: 9\nstatus: emergent\nreason: R.\n")
    assert main(["validate", str(tmp_path / "c.yaml")]) == 2
    err = capsys.readouterr().err
    assert "write metric: series and params: {name: startup_share}" in err


class TestTables:
    """A table of any width breaks no word and no number."""

    COLUMNS = ("name", "change", "what it is", "more")
    ROWS = (("a_rather_long_name", "+1.08 (-10.3 to +12.4)", "a few words of text", "x" * 20),)

    @pytest.mark.parametrize("width", [20, 40, 50, 60, 70, 90, 200])
    def test_no_word_is_broken(self, width, capsys, monkeypatch):
        monkeypatch.setenv("COLUMNS", str(width))
        print_table(self.COLUMNS, self.ROWS, right=("change",))
        table, _, left = capsys.readouterr().out.partition("Columns left out")
        words = {*" ".join([*self.COLUMNS, *(cell for row in self.ROWS for cell in row)]).split()}
        assert {*table.split()} <= words
        assert all(len(line.rstrip()) <= width for line in table.splitlines())
        assert ("(-10.3 to +12.4)" in table) == ("change" in table)
        assert (width >= 90) == (
            "x" * 20 in table and "+1.08 (" in table and "few words of text" in table
        )
        assert ("x" * 20 in table) or "more" in left

    def test_wide_letters_count_for_two(self, capsys, monkeypatch):
        monkeypatch.setenv("COLUMNS", "24")
        print_table(("name", "b"), [("百度百度百度百度", "twelve_chars")])
        table, _, left = capsys.readouterr().out.partition("Columns left out")
        assert "百度百度百度百度" in table and "twelve_chars" not in table and ": b." in left
