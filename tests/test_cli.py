"""The command as a person meets it: what it prints, writes, refuses, and returns."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

import llm_market_sim
from llm_market_sim.batch import executor
from llm_market_sim.claims import READINGS, load_claims, on_the_way
from llm_market_sim.cli import progress as progress_of
from llm_market_sim.cli.app import cli, main
from llm_market_sim.cli.progress import progress
from llm_market_sim.market.schedule import SCHEDULE
from llm_market_sim.results import TABLES, open_results
from llm_market_sim.scenario import SECTIONS, load, load_all, scenarios
from llm_market_sim.support.files import read_csv

ROOT = Path(__file__).parents[1]
DELAY = load("baseline").regulation.review_delay_weeks
SMALL = ["--set", "horizon_weeks=6", "--set", "population.stealth_firms=4",
         "--set", "population.pool_firms=6"]  # fmt: skip
CLAIM = """\
id: early
text: Nobody is left after a month.
said_by: a test
source: this file
metric: n_general_platforms
predicate: x < 1
horizon_week: 4
status: emergent
reason: It is a test.
"""
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


@pytest.fixture
def early(tmp_path):
    (tmp_path / "early.yaml").write_text(CLAIM)
    return tmp_path / "early.yaml"


def process(*arguments, **more):
    return subprocess.Popen(
        [sys.executable, "-m", "llm_market_sim", *map(str, arguments)],
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        **more,
    )


class TestFrontDoor:
    def test_its_names_are_sorted_few_and_there(self):
        names = llm_market_sim.__all__
        assert names == sorted(names) and len(names) <= 12
        assert all(getattr(llm_market_sim, name) is not None for name in names)
        assert set(names) <= set(dir(llm_market_sim))
        with pytest.raises(AttributeError, match="no attribute 'nothing'"):
            _ = llm_market_sim.nothing

    def test_the_version_is_the_projects(self):
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        assert llm_market_sim.__version__ == project["version"]

    @pytest.mark.parametrize(
        ("arguments", "never"),
        [
            (["--help"], {"numpy", "pydantic", "rich", "yaml"}),
            (["--version"], {"numpy", "pydantic", "rich", "yaml"}),
            (["batch", "--help"], {"numpy", "pydantic", "rich", "yaml"}),
            (["validate"], {"rich", "multiprocessing.forkserver"}),
        ],
    )
    def test_nothing_heavy_is_imported_before_it_is_needed(self, arguments, never):
        code = (
            "import sys; from llm_market_sim.cli.app import main; "
            f"code = main({arguments}); print('loaded:', *sys.modules); sys.exit(code)"
        )
        found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert found.returncode == 0, found.stderr
        loaded = set(found.stdout.rpartition("loaded:")[2].split())
        assert loaded & (never | {"mesa", "pandas", "matplotlib", "scipy", "networkx"}) == set()


class TestHelp:
    @pytest.mark.parametrize("command", ["", *cli.list_commands(None)])
    def test_every_command_explains_itself(self, command):
        shown = CliRunner().invoke(cli, [*command.split(), "--help"])
        assert shown.exit_code == 0
        assert max(len(line) for line in shown.output.splitlines()) <= 80
        for name in re.findall(r"llm-market-sim ([\w-]+)", shown.output):
            assert name in cli.list_commands(None)

    def test_it_is_in_the_language_that_was_asked_for_in_any_order_or_for_good(
        self, told, monkeypatch
    ):
        code, shown, _ = told("--help", "--language", "zh")
        assert code == 0 and "用法：llm-market-sim [选项] 命令" in shown
        assert told("--language", "zh", "--help")[1] == shown
        monkeypatch.setenv("LLM_MARKET_SIM_LANGUAGE", "zh_CN.UTF-8")
        assert told("--help")[1] == shown and shown in "".join(told()[1:])
        assert "用法：" in told("batch", "-h")[1] and "情景" in told("list")[1]
        assert "Usage:" in told("batch", "-h", "--language=en")[1]
        code, _, wrong = told("describe")
        assert code == 2 and "用法：llm-market-sim describe [选项] 名称" in wrong
        assert "错误：缺少 名称。" in wrong and not re.search(r"[A-Z]", wrong)

    def test_it_names_the_exit_codes(self, told):
        code, out, _ = told("--help")
        assert code == 0
        for part in ("Exit codes: 0", "1 it went wrong", "2 a mistake", "130 interrupted"):
            assert part in out

    def test_a_wrong_word_gets_the_nearest_right_one(self, told):
        assert told("bacth")[0] == 2
        assert 'did you mean "batch"?' in told("bacth")[2]
        assert 'did you mean "baseline"?' in told("run", "basline")[2]
        assert "--worlds" in told("batch", "baseline", "--wolrds", "3")[2]
        assert told("run", "basline")[0] == told("batch", "--wolrds")[0] == 2

    def test_a_batch_of_nothing_says_where_all_are_listed(self, told):
        code, _, err = told("batch")
        assert code == 2 and "llm-market-sim list scenarios" in err and "--all" in err


class TestValidate:
    def test_all_shipped_files_are_sound(self, told):
        code, out, err = told("validate", "--all")
        assert (code, err) == (0, "")
        assert out.splitlines()[: len(scenarios())] == [f"{name}: ok" for name in scenarios()]
        assert "claim three_to_five_survive: ok" in out

    def test_a_claim_is_checked_by_name_or_file(self, told, tmp_path):
        code, out, err = told("validate", "two_poles", "baseline")
        assert (code, out, err) == (0, "baseline: ok\nclaim two_poles: ok\n", "")
        (tmp_path / "mine.yaml").write_text("id: mine\nmetric: survivals\npredicate: x < 1\n")
        code, out, err = told("validate", tmp_path / "mine.yaml")
        assert (code, out) == (2, "") and 'did you mean "survival"?' in err

    def test_all_mistakes_of_all_files_come_at_once(self, told, tmp_path):
        for name, line in (("one", "regulation: {review_delay_weeks: -1}"), ("two", "hipe: {}")):
            (tmp_path / f"{name}.yaml").write_text(f"extends: baseline\n{line}\n")
        code, out, err = told("validate", tmp_path / "one.yaml", "baseline", tmp_path / "two.yaml")
        assert (code, out) == (2, "baseline: ok\n")
        assert "one.yaml:2:34: regulation.review_delay_weeks: -1 must be at least 0 (weeks)" in err
        assert 'two.yaml:2:1: hipe: no such entry; did you mean "hype"?' in err
        assert err.endswith("2 mistakes.\n")

    def test_a_policy_must_be_known_and_can_be_brought(self, told, tmp_path):
        (tmp_path / "lazy_guest.py").write_text(
            "from llm_market_sim import policy\n\n@policy('lazy')\ndef lazy(firm):\n    return {}\n"
        )
        (tmp_path / "mine.yaml").write_text(
            "extends: baseline\nlabel: {en: a, zh: b}\nplayers: {baidu: {policy: lazy}}\n"
            "about: a\nhow: a\nnotice: a\ntry: a\nextend: a\n"
        )
        code, _, err = told("validate", tmp_path / "mine.yaml")
        assert code == 2 and 'no policy "lazy"' in err and "--with" in err
        guest = ("--with", tmp_path / "lazy_guest.py")
        assert told("validate", tmp_path / "mine.yaml", *guest)[0] == 0


class TestDescribe:
    def test_texts_difference_timeline_and_every_parameter(self, told):
        code, out, _ = told("describe", "strict_review")
        assert code == 0
        assert re.search(rf"regulation\.review_delay_weeks +{DELAY:g} +34 +weeks", out)
        assert "2023-05-22  filing_opens: regulation.filing_open = true" in out
        for section, model in SECTIONS.items():
            assert f"\n{section}: " in out
            for name in model.model_fields:
                assert f"\n{name} = " in out
        assert "review_delay_weeks = 34 weeks  [0 to 520]  (D)" in out
        assert re.search(r"mean time of a review\. Source: fitted", out)

    def test_a_section_and_a_set_value(self, told):
        code, out, _ = told("describe", "baseline", "--section", "hype", "--set", "hype.start=2")
        if code == 2:  # whatever the parameters are called, one can be set
            name = next(iter(SECTIONS["hype"].model_fields))
            code, out, _ = told("describe", "baseline", "--section", "hype")
            assert f"\n{name} = " in out
        assert code == 0 and "regulation:" not in out
        assert 'did you mean "hype"?' in told("describe", "baseline", "--section", "hypo")[2]

    def test_set_is_shown_as_a_difference(self, told):
        out = told("describe", "baseline", "--set", "regulation.review_delay_weeks=26")[1]
        assert re.search(rf"regulation\.review_delay_weeks +{DELAY:g} +26 +weeks", out)

    def test_the_roster(self, told):
        code, out, _ = told("describe", "baseline", "--players")
        assert code == 0
        assert re.search(r"baidu +Baidu +百度 +bigtech +active +foundation +shown", out)
        assert re.search(r"fourparadigm .* pool ", out)


def test_the_schedule_names_every_phase_in_order(told):
    code, out, _ = told("schedule")
    places = [out.index(phase.sentence) for phase in SCHEDULE]
    assert code == 0 and places == sorted(places)
    assert len(re.findall(r"^ +writes ", out, re.M)) == len(SCHEDULE)


def test_the_schema_is_json_and_a_file_is_not_overwritten(told, tmp_path):
    code, out, _ = told("schema")
    file = tmp_path / "schema.json"
    assert code == 0 and "regulation" in json.loads(out)["properties"]
    assert told("schema", "--out", file)[0] == 0
    assert json.loads(file.read_text()) == json.loads(out)
    file.write_text("mine")
    code, _, err = told("schema", "--out", file)
    assert (code, file.read_text()) == (2, "mine") and "--force" in err
    assert told("schema", "--out", file, "--force")[0] == 0


class TestRun:
    def test_a_world_is_told_week_by_week_with_its_end(self, told):
        code, out, err = told("run", "baseline", "--seed", 1, "--world", 2)
        assert (code, err) == (0, "")
        assert "seed 1, world 2" in out
        dates = re.findall(r"^(\d+ \w{3} 202\d)  ", out, re.MULTILINE)
        assert len(dates) > 50 and dates[0] == "17 Apr 2023"
        told_of = ("enter", "show", "licensed", "raise", "training from scratch", "sold",
                   "million consumers", "Unnamed firms", "best model at home")  # fmt: skip
        assert [part for part in told_of if part not in " ".join(out.split())] == []
        assert "[Applications for a licence are accepted.]" in out
        assert "The leaders on 14 Oct 2024" in out
        assert out == told("run", "baseline", "--seed", 1, "--world", 2)[1]
        assert out != told("run", "baseline", "--seed", 1, "--world", 3)[1]

    def test_the_end_agrees_with_the_batch(self, told, tmp_path):
        out = told("run", "baseline", "--seed", 1, "--world", 2)[1]
        ask = ("batch", "baseline", "-n", 3, "--seed", 1, "--out", tmp_path / "out")
        assert told(*ask)[0] == 0
        results = open_results(tmp_path / "out")
        world = results["worlds"].df().iloc[2]
        where = "claim = 'three_to_five_survive'"
        platforms = int(results.column("claims", "x", "baseline", where)[2])
        assert f"General platforms: {platforms}" in out
        assert out.count(" yes ") == platforms
        alive = re.search(r"Of (\d+) firms that entered: (\d+) alive, (\d+) sold", out)
        numbers = tuple(map(int, alive.groups()))
        assert numbers == (world["entered"], world["firms_alive"], world["acquired"])


class TestBatch:
    def test_a_verdict_with_everything_it_needs(self, told, early):
        code, out, err = told("batch", "baseline", "no_review", "-n", 20, "--seed", 5,
                              "--claim", early, *SMALL)  # fmt: skip
        assert code == 0
        assert "Nobody is left after a month." in out
        assert re.search(r"baseline +20 +(\d+ %|above 85 %|below 15 %) +\d+ to \d+ % +\w+", out)
        for part in ("no_review", "x < 1 in week 4", "5 %", "Wilson", "Conditional", "Seed 5"):
            assert part in out
        assert "1 of 2: baseline, 20 worlds" in err and "2 of 2: no_review" in err

    def test_what_claims_share_is_said_once(self, told):
        claims = ("three_to_five_survive", "no_single_winner", "three_to_five_carry")
        ask = [word for one in claims for word in ("--claim", one)]
        _, out, _ = told("batch", "baseline", "-n", 4, *ask)
        flat = " ".join(out.split())
        assert flat.count("Wilson interval") == flat.count("the model says, not the world") == 1
        assert out.count("Said by the technology head") == 2  # another claim stands between

    def test_a_drawn_seed_is_printed_and_gives_the_same_again(self, told, early):
        ask = ("batch", "baseline", "-n", 3, "--claim", early, *SMALL, "--seed", "draw")
        _, first, err = told(*ask)
        seed = re.search(r"Seed (\d+), 3 worlds", first).group(1)
        assert f"Seed {seed}, drawn" in err
        assert told(*ask)[2].splitlines()[0] != f"Seed {seed}, drawn"
        again = told(*ask[:-1], seed)[1]
        assert re.sub(r"[\d.]+ s\.", "", again) == re.sub(r"[\d.]+ s\.", "", first)

    def test_the_folder_holds_what_the_help_says(self, told, early, tmp_path):
        out = tmp_path / "a result"
        ask = ("batch", "baseline", "no_review", "-n", 4, "--seed", 5, "--claim", early,
               "--out", out, *SMALL)  # fmt: skip
        code, printed, _ = told(*ask)
        assert code == 0 and "Seed 5, 4 worlds a scenario, 8 of them computed now" in printed
        derived = {"verdicts.csv", "bands.csv", "survivors.png", "survivors.svg"}
        names = {"worlds", "series", "firms", "events", "claims", "parameters.parquet",
                 "manifest.json", "log.jsonl", "lock", *derived}  # fmt: skip
        assert set(os.listdir(out)) == names
        manifest = json.loads((out / "manifest.json").read_text("utf-8"))
        assert (manifest["seed"], manifest["worlds"], manifest["schema_version"]) == (5, 4, 2)
        assert manifest["scenarios"]["baseline"]["resolved"]["horizon_weeks"] == 6
        assert len(manifest["scenarios"]["baseline"]["digest"]) == 64
        assert "numpy" in manifest["made"]["packages"] and manifest["claims"].keys() == {"early"}
        results = open_results(out)
        worlds = results["worlds"].df()
        assert list(zip(worlds["scenario"], worlds["replication"], strict=True)) == [
            (name, k) for name in ("baseline", "no_review") for k in range(4)
        ]
        for verdict in read_csv(out / "verdicts.csv"):
            x = results.column("claims", "x", verdict["scenario"])
            assert (int(verdict["hits"]), verdict["worlds"]) == ((x < 1).sum(), "4")
        bands = read_csv(out / "bands.csv")
        last = [s for s in bands if s["scenario"] == "baseline" and s["series"] == "hype"][-1]
        assert (last["week"], last["date"], last["unit"]) == ("6", "2023-05-29", "1")
        assert float(last["mean"]) == pytest.approx(worlds["hype"][:4].mean(), rel=1e-5)
        before = {name: (out / name).read_bytes() for name in derived}
        code, again, err = told(*ask)
        assert code == 0 and "8 worlds are there already, 0 to go" in err
        assert "0 of them computed now" in again
        assert {name: (out / name).read_bytes() for name in derived} == before
        code, _, err = told(*ask, "--set", "funding.patience_weeks=31")
        assert code == 2 and "baseline differs in funding.patience_weeks" in err
        assert "--force" in err

    def test_the_seed_of_a_folder_is_found_again(self, told, early, tmp_path):
        ask = ("batch", "baseline", "--claim", early, "--out", tmp_path / "r", *SMALL)
        _, _, err = told(*ask, "-n", 2, "--seed", "draw")
        seed = re.search(r"Seed (\d+), drawn", err).group(1)
        _, out, err = told(*ask, "-n", 3)
        assert f"Seed {seed}, that of the folder" in err and f"Seed {seed}, 3 worlds" in out

    def test_without_a_seed_it_is_always_1(self, told, early, tmp_path):
        ask = ("batch", "baseline", "--claim", early, "-n", 2, *SMALL)
        one, other = told(*ask), told(*ask, "--seed", 1)
        assert "Seed 1, 2 worlds" in one[1] and "drawn" not in one[2]
        assert re.sub(r"[\d.]+ s\.", "", one[1]) == re.sub(r"[\d.]+ s\.", "", other[1])
        assert "seed 1, world 0" in told("run", "baseline", *SMALL)[1]

    @pytest.mark.parametrize("seed", ["drew", "-1", "1.5", str(2**64), "²"])
    def test_a_seed_is_a_number_or_draw(self, told, seed):
        code, _, err = told("batch", "baseline", "-n", 2, "--seed", seed, *SMALL)
        assert code == 2 and "must be draw, or a whole number from 0 to" in err

    def test_what_takes_long_says_so_before(self, told, early, monkeypatch):
        ask = ("batch", "baseline", "--claim", early, "-n", 3, "-j", 1, *SMALL)
        assert "This takes" not in told(*ask)[2]
        monkeypatch.setattr(progress_of, "_RATE", 1.0)
        assert "This takes about 18 s on 1 core.\n" in told(*ask)[2]  # 3 worlds of 6 weeks
        monkeypatch.setattr(progress_of, "_RATE", 0.01)
        assert "This takes about 30 min on 1 core.\n" in told(*ask)[2]

    @pytest.mark.parametrize(
        ("more", "what"),
        [
            (("--shard", "3/2"), "3/2 must be written like 3/16"),
            (("--shard", "half"), "half must be written like 3/16"),
            (("--shard", "1/2"), "--shard needs --out"),
            (("--force",), "--force needs --out"),
            (("--shard", "1/2", "--out", "r", "--seed", "draw"), "a shard needs --seed"),
            (
                ("--cluster", "nowhere", "--out", "r"),
                "nowhere is neither an address such as tcp://",
            ),
        ],
    )
    def test_what_needs_a_folder_or_a_seed_says_so(self, told, more, what, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        code, out, err = told("batch", "baseline", "-n", 2, *more, *SMALL)
        assert (code, out) == (2, "") and what in err

    def test_shards_are_merged_and_judged(self, told, early, tmp_path):
        ask = ("batch", "baseline", "no_review", "-n", 300, "--seed", 5, "--claim", early, *SMALL)
        parts = [tmp_path / f"part-{k}" for k in (1, 2)]
        for k, part in enumerate(parts, start=1):
            code, out, _ = told(*ask, "--shard", f"{k}/2", "--out", part)
            assert code == 0 and f"shard {k}/2" in out and "holds in" not in out
        code, merged, _ = told("merge", tmp_path / "r", *parts)
        assert code == 0 and re.search(r"no_review +300 ", merged)
        assert told(*ask, "--out", tmp_path / "whole")[0] == 0
        for name in ("verdicts.csv", "bands.csv", "survivors.svg"):
            assert (tmp_path / "r" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
        code, _, err = told("merge", tmp_path / "half", parts[0])
        assert code == 0 and "of 300 worlds are there" in err

    def test_one_claim_is_shown_and_thoseon_the_way_are_judged(self, told, tmp_path):
        out = tmp_path / "out"
        code, printed, _ = told("batch", "baseline", "-n", 2, "--seed", 1, *SMALL, "--out", out)
        judged = {row["claim"] for row in read_csv(out / "verdicts.csv")}
        assert code == 0
        assert judged == {*READINGS, "barely_passing"}  # the rest is later than SMALL
        assert printed.count("Tested:") == 2 and "judged in these worlds: 1," in printed
        assert "llm-market-sim claims" in printed

    def test_what_needs_runs_of_its_own_or_more_weeks_is_noton_the_way(self):
        found = on_the_way(load_claims(), load_all(["baseline", "no_review"]))
        assert tuple(one.id for one in found[:2]) == READINGS and len(found) == 12
        assert all(one.intervention is None and one.horizon_week <= 78 for one in found)

    def test_a_claim_with_an_intervention_is_judged_where_it_is_asked_for(self, told):
        ask = ("batch", "baseline", "-n", 2, "--seed", 1, "--set", "horizon_weeks=78")
        code, out, _ = told(*ask, "--claim", "first_breakout_gets_moat")
        assert code == 0 and "if tencent is ready 8 weeks earlier" in " ".join(out.split())
        assert "more claim" not in out

    def test_an_intervention_that_a_scenario_does_not_allow_is_told(self, told):
        ask = ("batch", "baseline", "-n", 2, "--set", "players.tencent=null")
        code, out, err = told(*ask, "--claim", "first_breakout_gets_moat")
        assert (code, out) == (2, "")
        assert 'first_breakout_gets_moat: intervention.firm: no firm "tencent"' in err

    def test_arithmetic_stands_beside_the_bet_and_is_called_so(self, told):
        code, out, _ = told("batch", "baseline", "-n", 2, "--claim", "lose_10bn_win_1tn")
        assert code == 0 and "Arithmetic, not simulation" in " ".join(out.split())

    def test_a_claim_beyond_the_horizon_is_not_reached(self, told):
        code, out, _ = told("batch", "baseline", "-n", 2, "--seed", 1, *SMALL)
        assert code == 0 and re.search(r"baseline +not reached", out)
        assert "Week 78 lies beyond the end: add --set horizon_weeks=78." in out

    @pytest.mark.parametrize(
        ("more", "what"),
        [
            (("--claim", "nope"), 'no claim "nope"'),
            (("--with", "nope.py"), "nope.py: no such file"),
            (("--set", "regulation.delay=3"), "regulation.delay: no such parameter"),
            (("--worlds", "0"), "0 must be 1 to"),
            (("--seed", "-1"), '"-1" must be draw, or'),
            (("baseline",), '"baseline" is given 2 times'),
        ],
    )
    def test_bad_input_is_told_and_returns_two(self, told, more, what):
        code, out, err = told("batch", "baseline", *more)
        assert (code, out) == (2, "") and what in err

    def test_a_guest_policy_works_in_worker_processes_too(self, told, early, tmp_path, monkeypatch):
        monkeypatch.setattr(executor, "WORTH_PROCESSES", 0)
        (tmp_path / "thrifty_guest.py").write_text(
            "from llm_market_sim import policy\n\n@policy('thrifty')\n"
            "def thrifty(firm):\n"
            "    return dict.fromkeys(['training_musd', 'discount', 'funding', 'filing'], 0.0)\n"
        )
        guest = ("--set", "players.baidu.policy=thrifty", "--with", tmp_path / "thrifty_guest.py")
        ask = ("batch", "baseline", "no_review", "-n", 2, "--claim", early, *SMALL, *guest)
        results = [told(*ask, "--jobs", jobs) for jobs in (1, 2)]
        assert [code for code, _, _ in results] == [0, 0]
        tables = [re.sub(r"[\d.]+ s\.", "", out) for _, out, _ in results]
        assert tables[0] == tables[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three worlds, kept."""
    out = tmp_path_factory.mktemp("results") / "r"
    words = ["batch", "baseline", "-n", "3", "--seed", "5", "--out", str(out), *SMALL]
    assert main(words) == 0
    return out


class TestResults:
    def test_a_summary_says_how_far_it_is_and_what_is_there(self, told, folder):
        code, out, _ = told("results", folder)
        assert code == 0 and "Seed 5" in out
        assert re.search(r"baseline +3 +3 ", out)
        assert re.search(r"worlds +3 +0\.\d MB ", out) and re.search(r"series +21 ", out)
        assert "All 5 files are as written." in told("results", folder, "--check")[1]
        code, out, _ = told("results", folder, "--table", "firms")
        assert re.search(r"cash +FLOAT +million USD +cash at the end", out)

    def test_questions_in_sql_and_their_mistakes(self, told, folder):
        ask = "SELECT scenario, count(*) AS n FROM series JOIN parameters USING (scenario) "
        code, out, _ = told("results", folder, "--sql", ask + "WHERE path = 'horizon_weeks' "
                            "GROUP BY ALL")  # fmt: skip
        assert code == 0 and re.search(r"baseline +21", out)
        for wrong, what in (("SELECT hypee FROM worlds", '"hype"'), ("SELCT 1", "syntax error")):
            code, out, err = told("results", folder, "--sql", wrong)
            assert (code, out) == (2, "") and what in err
        assert told("results", folder, "--table", "firm")[0] == 2

    def test_a_folder_that_is_none_is_refused(self, told, folder, tmp_path):
        (tmp_path / "empty").mkdir()
        for place in (tmp_path / "nowhere", tmp_path / "empty", folder / "worlds"):
            code, out, err = told("results", place)
            assert (code, out) == (2, "") and str(place) in err

    def test_csv_for_excel_and_for_everything_else(self, told, folder, tmp_path):
        code, _, _ = told("export", folder, tmp_path / "tables")
        assert code == 0
        assert sorted(os.listdir(tmp_path / "tables")) == [
            f"{name}.csv" for name in sorted([*TABLES, "parameters"])
        ]
        file = tmp_path / "tables" / "worlds.csv"
        assert file.read_bytes().startswith(b"\xef\xbb\xbfscenario,replication,")
        text = file.read_text(encoding="utf-8-sig")
        rows = list(csv.DictReader(text.splitlines()))
        kept = open_results(folder).column("worlds", "hype", "baseline")
        assert [float(row["hype"]) for row in rows] == kept.tolist()
        code, _, err = told("export", folder, tmp_path / "tables")
        assert code == 2 and "exists already" in err
        assert told("export", folder, tmp_path / "tables", "--force")[0] == 0

    def test_one_table_one_question_and_a_workbook(self, told, folder, tmp_path):
        import openpyxl
        import pandas

        ask = "SELECT firm, cash FROM firms WHERE kind = 'bigtech';"
        assert told("export", folder, tmp_path / "a.parquet", "--sql", ask)[0] == 0
        assert pandas.read_parquet(tmp_path / "a.parquet").columns.tolist() == ["firm", "cash"]
        code, _, err = told("export", folder, tmp_path / "a.csv")
        assert code == 2 and "name one with --table" in err
        assert 'did you mean "firms"' in told("export", folder, "x", "--table", "frims")[2]
        chosen = ("--table", "worlds", "--table", "series")
        assert told("export", folder, tmp_path / "a.xlsx", *chosen)[0] == 0
        book = openpyxl.load_workbook(tmp_path / "a.xlsx", read_only=True)
        counts = [(sheet.title, len(list(sheet.rows))) for sheet in book]
        assert counts == [("worlds", 4), ("series", 22)]
        book.close()

    def test_bands_are_the_same_however_little_is_held_at_once(self, told, folder, monkeypatch):
        before = (folder / "bands.csv").read_bytes()
        (folder / "bands.csv").unlink()
        monkeypatch.setattr("llm_market_sim.cli.write_batch._AT_ONCE", 8)
        ask = ("batch", "baseline", "-n", "3", "--seed", "5", "--out", folder, *SMALL)
        assert told(*ask)[0] == 0
        assert (folder / "bands.csv").read_bytes() == before

    def test_a_sheet_is_not_cut_off(self, told, folder, tmp_path, monkeypatch):
        monkeypatch.setattr("llm_market_sim.results.workbook.EXCEL_ROWS", 20)
        code, _, err = told("export", folder, tmp_path / "a.xlsx", "--table", "series")
        assert code == 2 and "series has 21 rows, and a sheet holds 20" in err
        assert not (tmp_path / "a.xlsx").exists()


def test_a_long_batch_says_now_and_then_how_long_it_will_take(capsys, monkeypatch):
    one, other = (load(name, ["horizon_weeks=6"]) for name in ("baseline", "no_review"))
    monkeypatch.setattr("llm_market_sim.cli.progress._EVERY", -1.0)
    monkeypatch.setattr("time.perf_counter", iter([0.0, 10.0, 20.0, 400.0]).__next__)
    with progress({"baseline": 100, "no_review": 100}) as told:
        told(one, 20)
        told(other, 100)
        told(one, 60)
    assert capsys.readouterr().err.splitlines() == [
        "20 of 200 worlds, 2/s, about 90 s left",
        "1 of 2: no_review, 100 worlds, 20.0 s",
        "180 of 200 worlds, 0.45/s, about 44 s left",
    ]


class TestEnds:
    @pytest.mark.slow
    def test_ctrl_c_in_the_middle_ends_cleanly(self):
        one = process("batch", "baseline", "--worlds", 20000, "--jobs", 2, "--seed", 1,
                      start_new_session=True)  # fmt: skip
        time.sleep(4.0)
        os.killpg(one.pid, signal.SIGINT)  # as a terminal does: to all processes
        out, err = one.communicate(timeout=120)
        assert one.returncode in (130, -signal.SIGINT)  # 130 in any shell
        assert out == "" and re.fullmatch(r"This takes about .*\.\nInterrupted\.", err.strip())

    def test_a_mistake_of_the_program_asks_for_a_report(self, told, monkeypatch):
        monkeypatch.setattr("llm_market_sim.scenario.json_schema", lambda language: 1 / 0)
        code, _, err = told("schema")
        assert code == 1 and "ZeroDivisionError" in err and "llm-market-sim --debug schema" in err
        with pytest.raises(ZeroDivisionError):
            main(["--debug", "schema"])

    def test_an_interrupt_returns_130(self, told, monkeypatch):
        def interrupt(language):
            raise KeyboardInterrupt

        monkeypatch.setattr("llm_market_sim.scenario.json_schema", interrupt)
        assert told("schema")[::2] == (130, "Interrupted.\n")

    def test_an_interrupt_while_the_command_is_imported_returns_130(self, monkeypatch):
        class Interrupted:
            @property
            def main(self):
                raise KeyboardInterrupt

        monkeypatch.setitem(sys.modules, "llm_market_sim.cli.app", Interrupted())
        assert import_module("llm_market_sim.__main__").main() == 130


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("describe basline", "没有情景“basline”；是不是“baseline”？\n1处错误。"),
        ("batch baseline -n x", "'-n' / '--worlds'：'x'不是整数。"),
        ("batch baseline --wrlds 3", "没有选项 --wrlds，是不是 --worlds？"),
        ("run baseline --set horizon_weeks=0", "horizon_weeks: 0应至少为1（周）"),
    ],
)
def test_what_went_wrong_is_told_in_chinese_where_that_was_asked_for(words, said, capsys):
    assert main([*words.split(), "--language", "zh"]) == 2
    told = capsys.readouterr().err
    assert said in told and "Error" not in told and "mistake" not in told
