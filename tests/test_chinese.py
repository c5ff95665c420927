"""Chinese of equal right: no English in Chinese output but names, units and code."""

from __future__ import annotations

import ast
import json
import re
from html import unescape
from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.cells import cell_len

import llm_market_sim.cli
from llm_market_sim.claims import chinese, load_claims
from llm_market_sim.claims.readings import told_apart
from llm_market_sim.cli.app import cli
from llm_market_sim.cli.commands.list import KINDS
from llm_market_sim.experiments import prim
from llm_market_sim.market.policies import SHIPPED
from llm_market_sim.market.roster import Population
from llm_market_sim.market.state import SHOCKS
from llm_market_sim.metrics import METRICS
from llm_market_sim.results.tables import TABLES
from llm_market_sim.scenario import SECTIONS, Scenario, json_schema, load, scenarios
from llm_market_sim.scenario.schema import _NULL
from llm_market_sim.support.chinese import chinese as texts_of

NAMES = set(
    (  # of firms, products, people, measures, papers: as Chinese readers know them
        "AGI AI AIGC API Asaba Big CEO CR CSV CTO Chat ChatGPT Elo Epoch FLOP FOMO Farrell GPT "
        "GPU HCC HHI Hoffmann Hoang Hybels JSON Klemperer Klepper Kropf Lieberman Markdown "
        "MiniMax Morris Nanda OPPO OpenAI PDF PNG Python QR ROI Rhodes SHA Sobol Stuart SuperCLUE "
        "UTC Wilson YAML UTF Schema SQL PRIM Excel Edge Dask Ctrl Chrome CART arXiv Bijmolt Bulte "
        "Tellis Van den logit llm market sim Mesa Stata"
    ).split()
)
CODE = (
    r"`[^`]*`|\S*[_/]\S*|--\S+|https?:\S+|\{\w+\}"
    r"|\w*\.(?:yaml|html|sqlite|jsonl?|[a-z]{3}|xlsx|parquet)\b"
)


def english(text: str) -> set[str]:
    """Words of two letters and more that are no names and no code."""
    return set(re.findall(r"[A-Za-z]{2,}", re.sub(CODE, " ", text))) - NAMES


def declared() -> set[str]:
    """What is declared in English once: meanings, units, sources, events."""
    found = set()
    for model in (*SECTIONS.values(), Population):
        found.add(model.__doc__.strip().split("\n")[0])
        for field in model.model_json_schema()["properties"].values():
            found |= {field["description"], field["unit"], field["source"]}
    for name in scenarios():
        for event in load(name).timeline.values():
            found |= {event.about, event.source}
    entries = Scenario.model_json_schema()
    del entries["properties"]["name"]  # no entry of a file
    found |= {_NULL, *described(entries)}
    found |= {meaning for _, meaning in SHOCKS.values()}
    return {" ".join(one.split()) for one in found} - {"1"}


def described(schema):
    """The descriptions in a JSON Schema."""
    for key, entry in schema.items() if isinstance(schema, dict) else enumerate(schema):
        if isinstance(entry, (dict, list)):
            yield from described(entry)
        elif key == "description":
            yield entry


def test_what_is_declared_has_chinese_and_nothing_else_has():
    texts = texts_of("llm_market_sim.scenario")
    assert declared() - texts.keys() == set(), "in scenario/zh.yaml"
    values = set(re.findall(r'"(\w+)"', json.dumps(load("baseline").model_dump(mode="json"))))
    other = texts.keys() - declared() - values
    assert {one for one in other if " " in one} <= set(), "Chinese for texts that are gone"
    wrong = {one: english(said) for one, said in texts.items() if english(said)}
    assert wrong.keys() <= {"disutility of a price: alpha ln(1 + p/w)"} | {
        one for one, words in wrong.items() if words <= {"exp"}
    }


def test_the_schema_is_described_in_chinese():
    told = list(described(json_schema("zh")))
    assert len(told) == len(list(described(json_schema())))
    assert {one for one in told if english(one) - FORMULAS} == set()


def test_dates_of_sources_are_the_same():
    for one, said in texts_of("llm_market_sim.scenario").items():
        assert set(re.findall(r"\b(?:19|20)\d\d\b", one)) == set(
            re.findall(r"(?:19|20)\d\d(?=年)", said)
        )


@pytest.mark.parametrize("claim", load_claims(), ids=lambda one: one.id)
def test_every_definition_of_a_claim_is_chinese_and_has_its_numbers(claim):
    for one in claim.variants_all():
        asked = one.measurement
        told = chinese.words(asked.metric, asked.params)
        assert english(told) == set() and told
        plain = re.sub(r"gpt\d+", "", asked.params.words())
        numbers = set(re.findall(r"\d+(?:\.\d+)?", plain))
        if claim.metric not in OTHERWISE:
            assert numbers <= set(re.findall(r"\d+(?:\.\d+)?", told)), told
        if asked.intervention is not None:
            act = chinese.act(asked.intervention)
            assert english(act) == set() and act != asked.intervention.words()
    for one in (claim, *claim.also_all()):
        assert english(one.defined("zh")) == set()
    assert f"第{claim.horizon_week}周" in claim.defined("zh")


def test_every_shipped_metric_has_chinese():
    shipped = {
        name for name, one in METRICS.items() if one.rule.__module__.startswith("llm_market_sim")
    }
    assert shipped == chinese._texts()["metrics"].keys()


def test_readings_of_one_sentence_can_be_told_apart():
    for language in ("en", "zh"):
        said = told_apart(load_claims(), language)
        assert len(set(said.values())) == len(said)
        assert said["three_to_five_survive"] in said["three_to_five_carry"]


def test_pages_of_the_class_say_nothing_english():
    folder = files("llm_market_sim.classroom") / "texts"
    for name in ("zh.json", "class_zh.json"):
        texts = json.loads((folder / name).read_text("utf-8"))
        wrong = {key: english(said) for key, said in texts.items() if english(said)}
        wrong.pop("other_language", None)
        assert wrong == {}


@pytest.mark.parametrize("name", ["baseline", "domestic_cards"])
def test_a_scenario_is_described_in_chinese(name):
    done = CliRunner(env={"COLUMNS": "200"}).invoke(cli, ["describe", name, "--language", "zh"])
    assert done.exit_code == 0
    lines = done.output.split("\n")
    heads = re.compile(r"^(\w+ = |\w+: |\d{4}-\d\d-\d\d|timeline\.|\w+\.\w+ )")  # names and values
    prose = [line for line in lines[2:] if not heads.match(line)]
    said = re.sub(r"`[^`]*`", " ", "\n".join(prose))
    assert english(said) - FORMULAS == set()


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """What a batch in Chinese prints, and its folder."""
    folder = tmp_path_factory.mktemp("chinese") / "batch"
    names = ["baseline", "chip_squeeze", "-n", "4", "-j", "1", "--seed", "1", "--out", str(folder)]
    done = CliRunner().invoke(cli, ["batch", *names, "--language", "zh"], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout.replace(str(folder), ""), folder


OTHERWISE = {  # whose weights are written .40; whose unit is (1)
    "n_general_platforms",
    "platforms_and_the_rest",
    "series",
}
FORMULAS = {"alpha", "ln", "exp"}
KNOWN = set(
    (
        "list stealth entrant baseline batch claims NAME FOLDER inf out world Holm Newcombe McNemar"
    ).split()
)


def test_what_a_batch_prints(printed):
    assert english(printed[0]) - KNOWN == set()


def test_what_compare_and_claims_print():
    few = ["-n", "4", "-j", "1", "--seed", "1", "--language", "zh"]
    for words in (
        ["compare", "baseline", "no_review", *few],
        ["sweep", "regulation.review_delay_weeks=6,26", "--of", "revenue", *few],
        ["claims", "baseline", "--claim", "three_to_five_survive", "--definitions", *few],
        ["claims", "baseline", "--set", "horizon_weeks=78", *few],
        ["sweep", "regulation.review_delay_weeks=6,20", *few],
    ):
        done = CliRunner().invoke(cli, words, catch_exceptions=False)
        assert done.exit_code == 0 and english(done.stdout) - KNOWN == set()


VALUES = {  # that options take
    "baseline",
    "defaults",
    "draw",
    "en",
    "entrants",
    "fast",
    "firms",
    "incumbents",
    "pdf",
    "platforms",
    "png",
    "posterior",
    "slow",
    "svg",
}
EXPERIMENTS = {
    "morris": "method: morris\ntrajectories: 2\noutcome: mean\nworlds: 2\n",
    "sobol": "method: sobol\nsamples: 8\noutcome: share\nworlds: 2\n",
    "map": "cells: 2\nworlds: 2\n",
    "discover": "points: 30\nworlds: 20\n",
}
EXPERIMENT = """\
about: Small.
claim: fifty_by_june
seed: 1
settings: [horizon_weeks=12]
parameters: {entry.intensity_per_week: [1, 10], regulation.review_delay_weeks: [13, 26]}
"""


def test_what_all_other_commands_print(printed, tmp_path, monkeypatch):
    monkeypatch.setattr(prim, "RESAMPLES", 2)
    for name, more in EXPERIMENTS.items():
        (tmp_path / f"{name}.yaml").write_text(EXPERIMENT + more)
    files = {name: str(tmp_path / f"{name}.yaml") for name in EXPERIMENTS}
    short, folder = ["--set", "horizon_weeks=30"], str(printed[1])
    for words in (
        ["run", "baseline", "--world", "3"],
        ["list"],
        *(["list", kind] for kind in KINDS),
        ["levers", "rent_x3", "-n", "4"],
        ["screen", "funding.star_weight", "-n", "4"],
        ["survival", "baseline", "no_review", "-n", "10", "-j", "1", *short],
        ["survival", "baseline", "--by", "route", "-n", "10", "-j", "1", *short],
        ["stylised-facts", "-n", "2", "-j", "1", "--uncertainty", "posterior"],
        *(["sensitivity", files[name], "-j", "1"] for name in ("morris", "sobol")),
        *([name, files[name], "-j", "1"] for name in ("map", "discover")),
        ["results", folder, "--check"],
        *(["results", folder, "--table", table] for table in (*TABLES, "parameters")),
    ):
        done = CliRunner().invoke(cli, [*words, "--language", "zh"], catch_exceptions=False)
        assert done.exit_code == 0
        told = re.sub(r"llm-market-sim .*|[A-Z]{3,}|（可选：[\w, ]+）", " ", done.stdout)
        if words[0] in ("list", "results"):  # what it is, behind names and values
            told = "\n".join(re.split(r"\s{2,}", one.strip())[-1] for one in told.split("\n"))
        assert english(told) - KNOWN - FORMULAS == set(), words


@pytest.mark.parametrize("command", ["", *cli.list_commands(None)])
def test_help_is_chinese(command):
    words = [*command.split(), "--help", "--language", "zh"]
    shown = CliRunner().invoke(cli, words, prog_name="llm-market-sim").output
    assert shown.startswith("用法：llm-market-sim ")
    assert max(cell_len(line) for line in shown.split("\n")) <= 80
    typed = r"^ +(?:llm-market-sim|student,|compute\.|#|--).*?(?:  |$)"
    told = re.sub(typed, " ", shown, flags=re.MULTILINE)
    assert english(told) - {*re.findall(r"\w+", " ".join(cli.list_commands(None)))} <= VALUES


@pytest.mark.parametrize("room", ["llm_market_sim", "llm_market_sim.cli"])
def test_what_is_put_into_a_sentence_has_its_place_in_chinese(room):
    for text, said in texts_of(room).items():
        assert {*re.findall(r"{(\w+)", said)} <= {*re.findall(r"{(\w+)", text)}


def test_every_shipped_policy_has_a_chinese_name():
    assert {*SHIPPED} <= texts_of("llm_market_sim.cli").keys()


def test_every_text_of_a_command_has_chinese():
    found, known = set(), texts_of("llm_market_sim.cli")
    for file in Path(llm_market_sim.cli.__file__).parent.rglob("*.py"):
        for one in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(one, ast.Call) and getattr(one.func, "id", "") in ("tell", "counted"):
                text = one.args[0 if one.func.id == "tell" else -1]
                ways = [text.body, text.orelse] if isinstance(text, ast.IfExp) else [text]
                found |= {way.value for way in ways if isinstance(way, ast.Constant)}
    lacking = {" ".join(one.split()) for one in found} - known.keys()
    assert {one for one in lacking if re.search("[a-z]", re.sub(r"{\w+}", "", one))} == set()


@pytest.mark.parametrize("page", ["report", "handout"])
def test_a_page_has_no_english(page, printed, tmp_path):
    _, folder = printed
    file = tmp_path / f"{page}.html"
    words = [page, str(folder), "--language", "zh", "--out", str(file)]
    assert CliRunner().invoke(cli, words, catch_exceptions=False).exit_code == 0
    for one in tmp_path.glob("*.html"):
        html = one.read_text("utf-8")
        html = re.sub(r'<section id="made".*?</section>', "", html, flags=re.DOTALL)  # versions
        html = re.sub(r"<summary><strong>\w+</strong>", "", html)  # names of mechanisms
        for code in ("style", "code", "pre", "svg"):
            html = re.sub(rf"<{code}\b.*?</{code}>", " ", html, flags=re.DOTALL)
        html = re.sub(r"llm-market-sim [\w.+-]+|<span class=\"name\">\w+", "", html)
        said = unescape(re.sub(r"<[^>]+>", " ", html.partition("<body>")[2]))
        assert english(said) - KNOWN - FORMULAS == set(), one.name
