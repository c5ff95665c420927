"""Results for other programs: the values are those that were asked for, or nothing is written."""

import datetime as dt
import subprocess
import sys

import openpyxl
import pytest

from llm_market_sim.cli.app import main
from llm_market_sim.errors import InputError
from llm_market_sim.results import open_results
from llm_market_sim.results.question import answer, single

SMALL = ["--set", "horizon_weeks=6", "--set", "population.stealth_firms=4",
         "--set", "population.pool_firms=6"]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("export") / "kept"
    given = ["batch", "baseline", "-n", "3", "--seed", "5", "-j", "1", "--out", str(out), *SMALL]
    assert main(given) == 0
    return out


@pytest.fixture
def ask(told, folder):
    """ask("export", "a.csv", ...) -> exit code and all that was said, about the folder."""

    def call(command, *words):
        code, out, err = told(command, folder, *words)
        return code, out + err

    return call


def workbook(file):
    """Values and kinds of the rows below the heading of the first sheet."""
    rows = list(openpyxl.load_workbook(file).worksheets[0].iter_rows(min_row=2))
    return [[(cell.value, cell.data_type) for cell in row] for row in rows]


def test_what_is_one_question_and_what_is_none():
    whole = "SELECT ';' AS a"
    for end in ("", ";", " ; ", " -- why; so", "; -- why\n;", "/* ; */"):
        assert single(whole + end) == whole
    assert single(";; FROM range(3)") == "FROM range(3)"
    faults = {
        "": "is empty", " ": "is empty", "-- a": "is empty", "/* a */;": "is empty",
        "SELECT 1; SELECT 2": "2 statements", "DROP VIEW worlds": "DROP gives no rows",
        "COPY worlds TO 'x'": "COPY gives no rows", "SELCT 1": "syntax error",
    }  # fmt: skip
    for text, said in faults.items():
        with pytest.raises(InputError, match=f"--sql: .*{said}"):
            single(text)


def test_results_and_export_take_the_same_questions(ask, tmp_path):
    for query, code in (("", 2), ("-- a", 2), ("SELECT 1 -- a", 0), ("SELECT 1; -- a", 0),
                        ("SELECT 1; SELECT 2", 2), ("SELECT 'a'::INT", 2)):  # fmt: skip
        for ending in ("csv", "parquet", "xlsx"):
            out = tmp_path / f"a.{ending}"
            assert ask("export", out, "--sql", query, "--force")[0] == code
            assert out.exists() == (code == 0)
            out.unlink(missing_ok=True)
        assert ask("results", "--sql", query)[0] == code
    assert list(tmp_path.iterdir()) == []


def test_cells_are_values_that_every_program_knows(folder):
    query = """SELECT [1, 2], {'a': 1}, TIME '10:00', 'a'::BLOB,
        '12345678-1234-1234-1234-123456789012'::UUID, INTERVAL 1 DAY, 1.5::DECIMAL(4, 2),
        12345678901234567.5::DECIMAL(20, 1), NULL, 1 AS a, 2 AS a"""
    [row] = answer(open_results(folder), query).rows
    plain = ["[1, 2]", "{'a': 1}", "10:00:00", "a", "12345678-1234-1234-1234-123456789012", "1 day"]
    assert list(row) == [*plain, 1.5, "12345678901234567.5", None, 1, 2]
    [[zoned]] = answer(open_results(folder), "SELECT now()").rows
    assert isinstance(zoned, str)


def test_a_workbook_holds_what_was_asked_for(ask, tmp_path):
    cells = {
        "'=1+1'": ("=1+1", "s"), "'+1'": ("+1", "s"), "'-1'": ("-1", "s"), "'@a'": ("@a", "s"),
        "'#N/A'": ("#N/A", "s"), "'TRUE'": ("TRUE", "s"), "'inf'::DOUBLE": ("inf", "s"),
        "'-inf'::FLOAT": ("-inf", "s"), "'nan'::DOUBLE": ("nan", "s"), "1.5": (1.5, "n"),
        "12345678901234567": ("12345678901234567", "s"), "true": (True, "b"), "NULL": (None, "n"),
        "DATE '2023-04-17'": (dt.datetime(2023, 4, 17), "d"), "[1]": ("[1]", "s"),
        "DATE '1850-01-01'": ("1850-01-01", "s"), "'a' || chr(7)": ("a_x0007_", "s"),
        "'_x0041_'": ("_x005F_x0041_", "s"), "'中文 🚀'": ("中文 🚀", "s"), "'  a '": ("  a ", "s"),
    }  # fmt: skip
    file = tmp_path / "a.xlsx"
    assert ask("export", file, "--sql", f"SELECT {', '.join(cells)}")[0] == 0
    assert workbook(file) == [list(cells.values())]


def test_what_a_workbook_does_not_hold_is_refused_by_its_place(ask, tmp_path, monkeypatch):
    long = "SELECT repeat('x', 32766 + i::INT) AS letters FROM range(3) AS t(i)"
    wide = "PIVOT (SELECT range AS i FROM range(16385)) ON i USING count(*)"
    for query, said in ((long, "row 4, column letters: a text of 32,768 letters"),
                        (wide, "answer has 16,385 columns, and a sheet holds 16,384")):  # fmt: skip
        code, text = ask("export", tmp_path / "a.xlsx", "--sql", query)
        assert code == 2 and said in text and "Exception" not in text
    assert list(tmp_path.iterdir()) == []


def test_a_file_says_by_its_ending_what_it_is(ask, tmp_path):
    for name in ("a.xls", "a.json", "a.CSVX", "tables.v2"):
        code, text = ask("export", tmp_path / name)
        assert code == 2 and "a folder has no ending" in text
    for name in ("a.CSV", "a.Parquet", "a.XLSX"):
        assert ask("export", tmp_path / name, "--table", "worlds")[0] == 0
        assert (tmp_path / name).is_file()
    (tmp_path / "b.csv").mkdir()
    assert "is a folder" in ask("export", tmp_path / "b.csv", "--table", "worlds")[1]
    for command, *more in (("export", tmp_path / "x.csv"), ("results",)):
        code, text = ask(command, *more, "--table", "worlds", "--sql", "SELECT 1")
        assert code == 2 and "give one of them" in text


def test_what_is_large_is_told_before(ask, tmp_path, monkeypatch):
    code, text = ask("export", tmp_path / "few")
    assert code == 0 and text.strip() == f"Written to {tmp_path / 'few'}"
    size = sum(file.stat().st_size for file in (tmp_path / "few").iterdir())
    monkeypatch.setattr("llm_market_sim.cli.commands.export._LARGE", 1000)
    monkeypatch.setattr("llm_market_sim.results.workbook.EXCEL_ROWS", 21)
    code, text = ask("export", tmp_path / "many")
    assert code == 0 and "series has 21 rows; Excel shows the first 20" in text
    assert "MB of CSV" in text
    monkeypatch.setattr("llm_market_sim.cli.commands.export._LARGE", 2 * size)
    assert "MB of CSV" not in ask("export", tmp_path / "again")[1]


FULL = """\
import resource, sys
from llm_market_sim.cli.app import main
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
for command in sys.argv[1].split(";"):
    print(main(command.split()), file=sys.stderr)
"""


@pytest.mark.slow
def test_a_full_disk_is_one_sentence_and_leaves_nothing(folder, tmp_path):
    """A limit on the size of files does what a full disk does, to Python and to DuckDB."""
    made = [f"export {folder} a.{ending} --table series" for ending in ("parquet", "xlsx", "csv")]
    made += [f"export {folder} a.xlsx --sql SELECT(1)"]  # full when its sheets are packed
    made += [f"report {folder} --out a.html", "schema --out a.json"]
    made += [f"plot {folder} race --out figures"]
    done = subprocess.run([sys.executable, "-c", FULL, ";".join(made)], capture_output=True,
                          text=True, cwd=tmp_path)  # fmt: skip
    said = [line for line in done.stderr.splitlines() if "1 of 1" not in line]
    assert said[1::2] == ["1"] * len(made)
    assert all(" could not be written: File too large" in line for line in said[::2])
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []
