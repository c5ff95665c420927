"""Homework is marked by the worlds that the student's own page showed."""

from pathlib import Path

import pytest

from llm_market_sim.classroom.answer import COUNTED, block_of, picture
from llm_market_sim.classroom.bets import direction_of
from llm_market_sim.classroom.question import Question
from llm_market_sim.cli.app import main
from llm_market_sim.experiments import homework
from llm_market_sim.experiments.homework import COLUMNS, Answer, mark, read_answers, truth
from llm_market_sim.simulation import simulate
from llm_market_sim.support.files import read_csv

HEAD = ",".join(COLUMNS)


def written(folder, *rows, head=HEAD):
    file = folder / "answers.csv"
    file.write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
    return file


def test_the_truth_is_what_the_live_page_shows():
    blocks = [
        block_of(simulate(Question(preset, seed=3).scenario(), 256, 3, snapshots=[78]))
        for preset in ("strict_review", "baseline")
    ]
    shown = picture(COUNTED, *blocks)
    found = truth("strict_review", 3)
    assert found.hits == shown["claim"]["after"]["hits"]
    assert found.direction == direction_of(shown["paired"]) != "same"


def test_the_example_of_the_teaching_package_can_be_read():
    found = read_answers(Path(__file__).parents[1] / "docs" / "teaching" / "answers.csv")
    assert [one.bet is None for one in found] == [False, False, True]


def test_a_spreadsheet_may_write_semicolons_and_begin_words_large(tmp_path):
    file = written(
        tmp_path, "Bo;open_door;4;70 %;190;Down;so, less", head=HEAD.title().replace(",", ";")
    )
    assert read_answers(file) == [Answer("Bo", "open_door", 4, 70.0, 190, "down", "so, less")]


def test_points(monkeypatch):
    told = homework.Truth(200, 190.0, 210.0, "down", -0.5)
    monkeypatch.setattr(homework, "truth", lambda scenario, seed: told)

    def points(bet=50.0, worlds=200, way="down"):
        found = mark(Answer("A", "no_review", 1, bet, worlds, way, "so"))
        return found.points_bet, found.points_rerun, found.points_direction, found.points

    assert points() == (1, 3, 2, 6)
    assert points(worlds=190) == (1, 1, 2, 4) and points(worlds=189) == (1, 0, 2, 3)
    assert points(way="same") == (1, 3, 0, 4) and points(bet=None) == (0, 3, 2, 5)
    assert points(None, None, None) == (0, 0, 0, 0)
    assert points(bet=0.0) == points(bet=100.0) == (1, 3, 2, 6)
    assert mark(Answer("A", "no_review", 1, 50.0, 1, None, "")).brier == 0.25


def test_a_class_is_marked(tmp_path, capsys):
    rows = ('李雷,open_door,4,70%,,减少,"So, less"', "Bo,open_door,4,,,,=HYPERLINK(1)")
    assert main(["mark", str(written(tmp_path, *rows))]) == 0
    first, second = read_csv(tmp_path / "answers_marks.csv")
    found = truth("open_door", 4)
    assert first["rerun"] == second["rerun"] == str(found.hits)
    assert (first["student"], first["bet"], first["direction"]) == ("李雷", "70", "down")
    assert first["points"] == str(1 + 2 * (found.direction == "down"))
    assert second["points"] == "0" and second["sentence"] == "'=HYPERLINK(1)"
    assert "李雷" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("row", "line"),
    {
        "A,strict_reviw,1,,,,": '2: scenario: no scenario "strict_reviw"; did you mean "strict',
        "A,baseline,1,,,,": "2: scenario: baseline is what all are compared with",
        "A,no_review,1.5,,,,": '2: seed: "1.5" must be a whole number from 0 to',
        "A,no_review,,,,,": '2: seed: "" must be a whole number',
        "A,no_review,1,101,,,": '2: bet: "101" must be a number from 0 to 100',
        "A,no_review,1,nan,,,": '2: bet: "nan" must be',
        "A,no_review,1,,257,,": '2: worlds_true: "257" must be a whole number from 0 to 256',
        "A,no_review,1,,,dwn,": '2: direction: "dwn" must be up, same or down',
        "A,no_review,1,,,up,a,b": "2: has 8 cells and not 7",
        ",no_review,1,,,,": "2: student: is empty",
        "A,no_review,1,,,,\nA,no_review,2,,,,": '3: student: "A" stands in line 2, too',
    }.items(),
)
def test_a_mistake_is_told_with_its_line(row, line, tmp_path, capsys):
    assert main(["mark", str(written(tmp_path, row))]) == 2
    said = capsys.readouterr().err
    assert f"answers.csv:{line}" in said and "1 mistake." in said
    assert not (tmp_path / "answers_marks.csv").exists()


def test_a_wrong_first_line_or_no_student_is_told(tmp_path, capsys):
    for head, rows, text in (
        (HEAD.replace("bet", "bets"), (), 'answers.csv:1: no column "bets"; did you mean "bet"?'),
        (HEAD + ",seed", (), "seed is there twice"),
        (HEAD, (), "holds no student"),
    ):
        assert main(["mark", str(written(tmp_path, *rows, head=head))]) == 2
        assert text in capsys.readouterr().err
    (tmp_path / "gbk.csv").write_bytes(f"{HEAD}\n李雷,no_review,1,,,,".encode("gbk"))
    assert main(["mark", str(tmp_path / "gbk.csv")]) == 2
    assert "is not UTF-8" in capsys.readouterr().err
