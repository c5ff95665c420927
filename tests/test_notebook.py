"""The shipped notebook runs from top to bottom, and says what the library says."""

import ast
import json
from pathlib import Path

import pytest

from llm_market_sim import load
from llm_market_sim.claims import load_claims, survey
from llm_market_sim.experiments.comparison import compare
from llm_market_sim.market.observation import SERIES

BOOK = Path(__file__).parents[1] / "experiments" / "three_to_five.ipynb"
WORLDS = 24
ASK = """
import json
print(json.dumps({
    "worlds": WORLDS, "seed": SEED, "x": x.tolist(), "hits": verdict.held.hits,
    "low": verdict.held.low, "high": verdict.held.high, "wording": verdict.wording,
    "readings": [a.verdict.held.hits for a in meanings.reached],
    "true": pairs.became_true, "false": pairs.became_false,
}))
"""


def source():
    return json.loads(BOOK.read_text("utf-8"))


def test_it_is_kept_without_outputs_and_as_valid_python():
    book = source()
    assert book["nbformat"] == 4 and len(book["cells"]) > 20
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [] and cell["execution_count"] is None
            ast.parse("".join(cell["source"]))
    assert len({cell["id"] for cell in book["cells"]}) == len(book["cells"])


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """The notebook, run by a kernel of its own, and what it found."""
    import nbformat
    from nbclient import NotebookClient

    book = nbformat.reads(BOOK.read_text("utf-8"), as_version=4)
    book.cells.append(nbformat.v4.new_code_cell(ASK))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LLM_MARKET_SIM_WORLDS", str(WORLDS))
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        NotebookClient(book, timeout=300, kernel_name="python3").execute()
    last = book.cells.pop()
    return book, json.loads(last.outputs[0].text)


def shown(book):
    """What the code cells show, by kind."""
    outputs = [one for cell in book.cells if cell.cell_type == "code" for one in cell.outputs]
    return {
        kind: [one for one in outputs if kind in one.get("data", {})]
        for kind in ("image/png", "text/html")
    } | {"print": "".join(one.text for one in outputs if one.output_type == "stream"
                          and one.name == "stdout")}  # fmt: skip


@pytest.mark.slow
def test_every_cell_runs_and_shows_something(done):
    book, _ = done
    cells = [cell for cell in book.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert all(cell.outputs for cell in cells[1:])
    output = shown(book)
    assert len(output["image/png"]) == 4 and len(output["text/html"]) == 4
    assert "Week 0: " in output["print"] and "Week 20: " in output["print"]


@pytest.mark.slow
def test_its_numbers_are_those_of_the_library(done):
    _, said = done
    assert (said["worlds"], said["seed"]) == (WORLDS, 1)
    claims = load_claims(["three_to_five_survive"])
    found = survey([load("baseline")], claims, WORLDS, 1)
    verdict = found.verdict(claims[0], "baseline")
    assert said["x"] == found.x(claims[0], "baseline").tolist()
    held = verdict.held
    wanted = {"hits": held.hits, "low": held.low, "high": held.high, "wording": verdict.wording}
    assert {name: said[name] for name in wanted} == wanted
    answers = found.multiverse(claims[0], "baseline").reached
    assert said["readings"] == [one.verdict.held.hits for one in answers]
    assert len(answers) == 128


@pytest.mark.slow
def test_its_comparison_is_that_of_the_library(done):
    from llm_market_sim.batch import run_batch

    _, said = done
    [claim] = load_claims(["three_to_five_survive"])
    both = run_batch([load("baseline"), load("strict_review")], WORLDS, 1,
                     measures=[claim.measurement], keep_series=SERIES)  # fmt: skip
    [answer] = compare(*both.scenarios, [claim]).answers
    assert said["true"] == answer.pairs.became_true
    assert said["false"] == answer.pairs.became_false
